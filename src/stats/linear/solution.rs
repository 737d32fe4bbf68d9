//! Least squares solved, with what the data can't tell.

use super::super::design::Design;
use super::super::model_error::ModelError;
use super::qr::{PivotedQr, TOLERANCE};
use super::rows::WeightedRows;
use nalgebra::DMatrix;

/// Sizes whose squares, and sums of them, neither overflow nor vanish.
const SQUARABLE: std::ops::RangeInclusive<f64> = 1e-150..=1e150;

/// The solved least-squares problem.
pub(super) struct Solution {
    pub qr: PivotedQr,
    pub estimable: Vec<usize>,
    pub beta: Vec<f64>,
    pub unscaled_factor: DMatrix<f64>,
    pub null_space: Vec<Vec<f64>>,
}

impl Solution {
    /// Solves for the coefficients of `p` columns; refuses values whose squares can't be represented, and a model that
    /// leaves no residual degrees of freedom.
    pub fn new(rows: &WeightedRows, p: usize) -> Result<Self, ModelError> {
        check_sizes(rows)?;
        let qr = PivotedQr::new(rows.len(), rows.columns.clone(), TOLERANCE);
        let rank = qr.rank;
        if rank == 0 {
            return Err(ModelError::NoCoefficients);
        }
        if rows.len() <= rank {
            return Err(ModelError::NoResidualDf {
                rows: rows.len(),
                rank,
            });
        }
        let independent: Vec<usize> = qr.pivot.iter().copied().take(rank).collect();
        let mut estimable = independent.clone();
        estimable.sort_unstable();
        // From the order of the pivots to the order of the columns.
        let places: Vec<usize> = independent
            .iter()
            .map(|column| estimable.binary_search(column).unwrap_or(0))
            .collect();
        let effects = qr.q_transposed(&rows.y);
        let beta = scattered(&qr.solve_upper(&effects), &places, rank);
        let inverse: Vec<f64> = qr
            .inverse_columns()
            .iter()
            .flat_map(|column| scattered(column, &places, rank))
            .collect();
        if !beta.iter().chain(&inverse).all(|value| value.is_finite()) {
            return Err(ModelError::Numerical(
                "the solution of the least-squares problem",
            ));
        }
        let null_space = (rank..p)
            .map(|position| null_vector(&qr, position, &independent, p))
            .collect();
        Ok(Self {
            qr,
            estimable,
            beta,
            unscaled_factor: DMatrix::from_vec(rank, rank, inverse),
            null_space,
        })
    }

    /// β with zeros for the coefficients that are not estimable.
    pub fn full_beta(&self, design: &Design) -> Vec<f64> {
        scattered(&self.beta, &self.estimable, design.names.len())
    }
}

/// Refuses columns that can't be squared.
fn check_sizes(rows: &WeightedRows) -> Result<(), ModelError> {
    let largest = |values: &Vec<f64>| {
        let sizes = values.iter().map(|value| value.abs());
        sizes.fold(0.0, f64::max)
    };
    let fits = |largest: f64| largest == 0.0 || SQUARABLE.contains(&largest);
    let mut columns = rows.columns.iter().chain([&rows.y]);
    if columns.all(|values| fits(largest(values))) {
        return Ok(());
    }
    Err(ModelError::Numerical(
        "a column with values beyond 1e150 or all below 1e-150",
    ))
}

/// Values put to their places among `length`.
fn scattered(values: &[f64], places: &[usize], length: usize) -> Vec<f64> {
    let mut all = vec![0.0; length];
    for (&place, &value) in places.iter().zip(values) {
        if let Some(slot) = all.get_mut(place) {
            *slot = value;
        }
    }
    all
}

/// The combination of columns, with the dependent one at pivoted position `position`, that is zero.
fn null_vector(qr: &PivotedQr, position: usize, independent: &[usize], p: usize) -> Vec<f64> {
    let mut vector = scattered(&qr.dependence(position), independent, p);
    let dependent = qr.pivot.get(position).copied();
    if let Some(slot) = dependent.and_then(|column| vector.get_mut(column)) {
        *slot = -1.0;
    }
    vector
}
