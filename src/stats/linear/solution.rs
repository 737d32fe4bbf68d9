//! Least squares solved, with what the data can't tell.

use super::super::design::Design;
use super::super::model_error::ModelError;
use super::qr::{PivotedQr, TOLERANCE};
use super::rows::WeightedRows;
use nalgebra::DMatrix;

/// Sizes whose squares, and sums of them, neither overflow nor vanish.
const SQUARABLE: std::ops::RangeInclusive<f64> = 1e-150..=1e150;

/// The solved least-squares problem.
pub(in super::super) struct Solution {
    pub qr: PivotedQr,
    pub estimable: Vec<usize>,
    pub beta: Vec<f64>,
    pub unscaled_factor: DMatrix<f64>,
    pub null_space: Vec<Vec<f64>>,
    pub rss: f64,
}

impl Solution {
    pub fn new(rows: &WeightedRows, p: usize) -> Result<Self, ModelError> {
        for values in rows.columns.iter().chain([&rows.y]) {
            let largest = values
                .iter()
                .fold(0.0_f64, |largest, value| largest.max(value.abs()));
            if largest != 0.0 && !SQUARABLE.contains(&largest) {
                return Err(ModelError::Numerical(
                    "a column with values beyond 1e150 or all below 1e-150",
                ));
            }
        }
        let qr = PivotedQr::new(rows.len(), rows.columns.clone(), TOLERANCE);
        if qr.rank == 0 {
            return Err(ModelError::NoCoefficients);
        }
        let independent: Vec<usize> = qr.pivot.iter().copied().take(qr.rank).collect();
        let mut estimable = independent.clone();
        estimable.sort_unstable();
        let position = |column: &usize| estimable.binary_search(column).unwrap_or(0);
        let positions: Vec<usize> = independent.iter().map(position).collect();

        let effects = qr.q_transposed(&rows.y);
        let mut beta = vec![0.0; qr.rank];
        for (&position, value) in positions.iter().zip(qr.solve_upper(&effects)) {
            if let Some(slot) = beta.get_mut(position) {
                *slot = value;
            }
        }
        let mut unscaled_factor = DMatrix::zeros(qr.rank, qr.rank);
        for (column, values) in qr.inverse_columns().iter().enumerate() {
            for (&row, &value) in positions.iter().zip(values) {
                unscaled_factor[(row, column)] = value;
            }
        }
        if !beta
            .iter()
            .chain(unscaled_factor.iter())
            .all(|value| value.is_finite())
        {
            return Err(ModelError::Numerical(
                "the solution of the least-squares problem",
            ));
        }
        let rss = effects
            .iter()
            .skip(qr.rank)
            .map(|effect| effect * effect)
            .sum();
        let null_space = (qr.rank..p)
            .map(|aliased| null_vector(&qr, aliased, &independent, p))
            .collect();
        Ok(Self {
            qr,
            estimable,
            beta,
            unscaled_factor,
            null_space,
            rss,
        })
    }

    /// β with zeros for the coefficients that are not estimable.
    pub fn full_beta(&self, design: &Design) -> Vec<f64> {
        let mut full = vec![0.0; design.names.len()];
        for (&column, &value) in self.estimable.iter().zip(&self.beta) {
            if let Some(slot) = full.get_mut(column) {
                *slot = value;
            }
        }
        full
    }
}

/// The combination of columns, with the dependent one at pivoted position `position`, that is zero.
fn null_vector(qr: &PivotedQr, position: usize, independent: &[usize], p: usize) -> Vec<f64> {
    let mut vector = vec![0.0; p];
    for (&column, value) in independent.iter().zip(qr.dependence(position)) {
        if let Some(slot) = vector.get_mut(column) {
            *slot = value;
        }
    }
    if let Some(slot) = qr
        .pivot
        .get(position)
        .and_then(|&column| vector.get_mut(column))
    {
        *slot = -1.0;
    }
    vector
}
