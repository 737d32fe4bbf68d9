//! Subjects of one group with the same visits, who share a covariance matrix.

use nalgebra::DMatrix;

/// The subjects of a pattern. With Z a subject's rows of (Q, y), all that a likelihood needs of them are weighted
/// sums of the products of rows a and b of Z, so that many subjects cost no more than one.
pub(super) struct Pattern {
    pub group: usize,
    /// The visits, ascending.
    pub visits: Vec<usize>,
    pub subjects: usize,
    moments: Moments,
}

enum Moments {
    /// For b ≤ a by rows of the triangle: the sum over subjects of `z_a z_bᵀ`, off the diagonal plus its transpose.
    Summed(Vec<DMatrix<f64>>),
    /// Each subject's Z: less where subjects are few.
    Each(Vec<DMatrix<f64>>),
}

impl Pattern {
    /// From the subjects' Z.
    pub fn new(group: usize, visits: Vec<usize>, rows: Vec<DMatrix<f64>>) -> Self {
        let subjects = rows.len();
        let moments = if 2 * subjects <= visits.len() + 1 {
            Moments::Each(rows)
        } else {
            Moments::Summed(summed(visits.len(), &rows))
        };
        Self {
            group,
            visits,
            subjects,
            moments,
        }
    }

    /// `Σ Zᵀ A Z` over subjects, for a symmetric A over all visits.
    pub fn add_weighted(&self, a: &DMatrix<f64>, sum: &mut DMatrix<f64>) {
        match &self.moments {
            Moments::Each(rows) => {
                let a = self.part(a);
                for z in rows {
                    sum.gemm(1.0, &z.transpose(), &(&a * z), 1.0);
                }
            }
            Moments::Summed(products) => {
                for (product, (i, j)) in products.iter().zip(pairs(self.visits.len())) {
                    let weight = a[(self.visits[i], self.visits[j])];
                    sum.zip_apply(product, |value, other| *value += weight * other);
                }
            }
        }
    }

    /// `Σ Z C Zᵀ` over subjects, for a symmetric C, over all `visits` visits.
    pub fn contracted(&self, c: &DMatrix<f64>, visits: usize) -> DMatrix<f64> {
        let mut result = DMatrix::zeros(visits, visits);
        match &self.moments {
            Moments::Each(rows) => {
                let n = self.visits.len();
                let mut part = DMatrix::zeros(n, n);
                for z in rows {
                    part.gemm(1.0, &(z * c), &z.transpose(), 1.0);
                }
                for (i, &a) in self.visits.iter().enumerate() {
                    for (j, &b) in self.visits.iter().enumerate() {
                        result[(a, b)] = part[(i, j)];
                    }
                }
            }
            Moments::Summed(products) => {
                for (product, (i, j)) in products.iter().zip(pairs(self.visits.len())) {
                    let share = if i == j { 1.0 } else { 0.5 };
                    let value = share * product.dot(c);
                    result[(self.visits[i], self.visits[j])] = value;
                    result[(self.visits[j], self.visits[i])] = value;
                }
            }
        }
        result
    }

    /// The rows and columns of the pattern's visits.
    pub fn part(&self, full: &DMatrix<f64>) -> DMatrix<f64> {
        let n = self.visits.len();
        DMatrix::from_fn(n, n, |i, j| full[(self.visits[i], self.visits[j])])
    }

    /// A matrix over the pattern's visits as one over all, with zeros.
    pub fn embedded(&self, part: &DMatrix<f64>, visits: usize) -> DMatrix<f64> {
        let mut full = DMatrix::zeros(visits, visits);
        for (i, &a) in self.visits.iter().enumerate() {
            for (j, &b) in self.visits.iter().enumerate() {
                full[(a, b)] = part[(i, j)];
            }
        }
        full
    }
}

fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(|i| (0..=i).map(move |j| (i, j)))
}

fn summed(n: usize, rows: &[DMatrix<f64>]) -> Vec<DMatrix<f64>> {
    let columns = rows.first().map_or(0, DMatrix::ncols);
    pairs(n)
        .map(|(i, j)| {
            let stacked = |visit: usize| {
                DMatrix::from_fn(rows.len(), columns, |subject, column| {
                    rows[subject][(visit, column)]
                })
            };
            let mut product = DMatrix::zeros(columns, columns);
            product.gemm(1.0, &stacked(i).transpose(), &stacked(j), 0.0);
            if i != j {
                product += product.transpose();
            }
            product
        })
        .collect()
}
