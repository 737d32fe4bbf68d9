//! θ, the free entries of the relative Cholesky factors, and the factors themselves.

use super::random::Random;
use nalgebra::DMatrix;

/// One entry of θ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    /// The random-effects term, in the model's order.
    pub term: usize,
    /// Its grouping factor.
    pub grouping: usize,
    /// The row within the term.
    pub row: usize,
    /// The column within the term.
    pub column: usize,
    /// The first row of the term in its factor's Λ.
    pub offset: usize,
    /// Whether it is a diagonal entry: the part of an effect's standard deviation that no earlier effect explains.
    pub diagonal: bool,
    /// What an entry in the model's units is multiplied by to belong to the scaled columns of Z.
    pub scale: f64,
}

/// Where θ stands in the Λ of each grouping factor.
///
/// The computations use columns of Z divided by a power of two near their root mean square, so that no unit of
/// measurement decides on a step or a tolerance; their θ ("scaled") is that of the model times the row's divisor.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// In lme4's order: by term, within a term by columns of the lower triangle.
    pub entries: Vec<Entry>,
    /// The number of columns of each factor.
    pub sizes: Vec<usize>,
    /// For each term: factor, offset, size.
    pub terms: Vec<(usize, usize, usize)>,
    /// The divisor of each column of Z, by term.
    pub divisors: Vec<Vec<f64>>,
}

/// The power of two nearest to the root mean square.
fn divisor(column: &[f64]) -> f64 {
    let largest = column
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest == 0.0 {
        return 1.0;
    }
    let squares: f64 = column
        .iter()
        .map(|value| (value / largest) * (value / largest))
        .sum();
    let root = largest * (squares / column.len() as f64).sqrt();
    root.log2().round().exp2()
}

impl Template {
    pub fn new(random: &Random) -> Self {
        let mut sizes = vec![0; random.groupings.len()];
        let mut template = Self {
            entries: Vec::new(),
            sizes: Vec::new(),
            terms: Vec::new(),
            divisors: Vec::new(),
        };
        for (term, effects) in random.effects.iter().enumerate() {
            let Some(filled) = sizes.get_mut(effects.grouping) else {
                continue;
            };
            let (offset, size) = (*filled, effects.columns.len());
            *filled += size;
            let divisors: Vec<f64> = effects
                .columns
                .iter()
                .map(|column| divisor(column))
                .collect();
            for column in 0..size {
                for (row, &scale) in divisors.iter().enumerate().skip(column) {
                    template.entries.push(Entry {
                        term,
                        grouping: effects.grouping,
                        row,
                        column,
                        offset,
                        diagonal: row == column,
                        scale,
                    });
                }
            }
            template.terms.push((effects.grouping, offset, size));
            template.divisors.push(divisors);
        }
        template.sizes = sizes;
        template
    }

    /// The number of entries of θ.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Identity factors: every variance that of the residuals.
    pub fn start(&self) -> Vec<f64> {
        self.entries
            .iter()
            .map(|entry| if entry.diagonal { 1.0 } else { 0.0 })
            .collect()
    }

    /// The Λ of each grouping factor from scaled θ.
    pub fn factors(&self, theta: &[f64]) -> Vec<DMatrix<f64>> {
        let mut factors: Vec<DMatrix<f64>> = self
            .sizes
            .iter()
            .map(|&size| DMatrix::zeros(size, size))
            .collect();
        for (entry, &value) in self.entries.iter().zip(theta) {
            if let Some(factor) = factors.get_mut(entry.grouping) {
                factor[(entry.offset + entry.row, entry.offset + entry.column)] = value;
            }
        }
        factors
    }

    /// What matrices of the shape of the factors hold at the places of θ.
    pub fn gather(&self, factors: &[DMatrix<f64>]) -> Vec<f64> {
        let value = |entry: &Entry| {
            let place = (entry.offset + entry.row, entry.offset + entry.column);
            factors
                .get(entry.grouping)
                .map_or(0.0, |factor| factor[place])
        };
        self.entries.iter().map(value).collect()
    }

    /// θ of the model from scaled θ.
    pub fn unscaled(&self, theta: &[f64]) -> Vec<f64> {
        self.entries
            .iter()
            .zip(theta)
            .map(|(entry, value)| value / entry.scale)
            .collect()
    }

    /// Scaled θ from that of the model.
    pub fn scaled(&self, theta: &[f64]) -> Vec<f64> {
        self.entries
            .iter()
            .zip(theta)
            .map(|(entry, value)| value * entry.scale)
            .collect()
    }

    /// Turns the signs of columns of Λ so that no diagonal entry is negative, which changes no covariance.
    pub fn normalise(&self, theta: &mut [f64]) {
        let negative: Vec<(usize, usize)> = self
            .entries
            .iter()
            .zip(theta.iter())
            .filter(|(entry, value)| entry.diagonal && **value < 0.0)
            .map(|(entry, _)| (entry.term, entry.column))
            .collect();
        for (entry, value) in self.entries.iter().zip(theta.iter_mut()) {
            if negative.contains(&(entry.term, entry.column)) {
                *value = -*value;
            }
            // No negative zeros.
            *value += 0.0;
        }
    }

    /// The places of θ that are diagonal entries.
    pub fn diagonal(&self) -> Vec<usize> {
        let entries = self.entries.iter().enumerate();
        entries
            .filter(|(_, entry)| entry.diagonal)
            .map(|(index, _)| index)
            .collect()
    }

    /// The relative Cholesky factor of one term, in the model's units, from scaled θ.
    pub fn term_factor(&self, term: usize, theta: &[f64]) -> DMatrix<f64> {
        let size = self.terms.get(term).map_or(0, |&(_, _, size)| size);
        let mut factor = DMatrix::zeros(size, size);
        for (entry, value) in self.entries.iter().zip(theta) {
            if entry.term == term {
                factor[(entry.row, entry.column)] = value / entry.scale;
            }
        }
        factor
    }

    /// The same covariances with some effects of a term first: a template whose Λ of that term is a triangle with its
    /// rows permuted, and its θ.
    pub fn reordered(&self, theta: &[f64], term: usize, first: &[usize]) -> (Self, Vec<f64>) {
        let size = self.terms.get(term).map_or(0, |&(_, _, size)| size);
        let rest = (0..size).filter(|effect| !first.contains(effect));
        let order: Vec<usize> = first.iter().copied().chain(rest).collect();
        let mut factor = DMatrix::zeros(size, size);
        for (entry, &value) in self.entries.iter().zip(theta) {
            if entry.term == term {
                factor[(entry.row, entry.column)] = value;
            }
        }
        let covariance = &factor * factor.transpose();
        let covariance = covariance.select_rows(&order).select_columns(&order);
        let factor = semidefinite_factor(&covariance);
        let mut template = self.clone();
        let mut reordered = theta.to_vec();
        for (entry, value) in template.entries.iter_mut().zip(&mut reordered) {
            if entry.term == term {
                *value = factor[(entry.row, entry.column)];
                entry.diagonal = entry.row == entry.column;
                entry.row = order[entry.row];
            }
        }
        (template, reordered)
    }

    /// The first entry of a term.
    pub fn first_of(&self, term: usize) -> usize {
        self.entries
            .iter()
            .position(|entry| entry.term == term)
            .unwrap_or(0)
    }

    /// The second row's two entries of a term: they follow each other's columns.
    pub fn second_of(&self, term: usize) -> (usize, usize) {
        let first = self.first_of(term);
        let size = self.terms.get(term).map_or(0, |&(_, _, size)| size);
        (first + 1, first + size)
    }
}

/// A triangle whose product with its transpose is a matrix without negative eigenvalues but for rounding.
fn semidefinite_factor(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let n = matrix.nrows();
    let mut factor = DMatrix::zeros(n, n);
    for column in 0..n {
        let mut pivot: f64 = matrix[(column, column)];
        for k in 0..column {
            pivot -= factor[(column, k)] * factor[(column, k)];
        }
        // What is left of a variance that others explain.
        if pivot <= 1e-14 * matrix[(column, column)] {
            continue;
        }
        let root = pivot.sqrt();
        factor[(column, column)] = root;
        for row in column + 1..n {
            let mut value = matrix[(row, column)];
            for k in 0..column {
                value -= factor[(row, k)] * factor[(column, k)];
            }
            factor[(row, column)] = value / root;
        }
    }
    factor
}
