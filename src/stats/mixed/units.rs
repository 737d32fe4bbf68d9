//! Computing units of models with covariances: orthonormal columns for X, and an outcome whose residuals have length or
//! variance 1.

use super::super::linear::rows::WeightedRows;
use super::super::linear::solution::Solution;
use super::super::model_error::ModelError;
use super::options::Estimation;
use nalgebra::{DMatrix, DVector};

/// Residuals that are this small, as squares relative to the outcome's, are rounding errors.
const PERFECT: f64 = 1e-26;

/// What residuals are measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Unit {
    /// Their length.
    Length,
    /// Their standard deviation.
    Deviation,
}

/// How coefficients and likelihood are carried back from an orthonormal basis Q of X's columns and an outcome that is
/// replaced by its least-squares residual over a unit s.
pub(in super::super) struct Units {
    /// Which columns of X can be estimated.
    pub estimable: Vec<usize>,
    /// For every other column, the combination of columns that is zero.
    pub null_space: Vec<Vec<f64>>,
    /// β = U (effects + s β̃), β̃ being the coefficients of Q.
    pub back: DMatrix<f64>,
    /// Qᵀ y.
    effects: DVector<f64>,
    /// s.
    pub length: f64,
    /// log|Xᵀ X| of the estimable columns.
    log_det_x: f64,
    /// Σ log weight.
    log_weights: f64,
    n: usize,
    p: usize,
}

impl Units {
    /// From the rows that count; also the columns of [Q y] in computing units.
    pub fn new(
        rows: &WeightedRows,
        solution: Solution,
        unit: Unit,
    ) -> Result<(Self, Vec<Vec<f64>>), ModelError> {
        let (n, p) = (rows.len(), solution.qr.rank);
        if n <= p {
            return Err(ModelError::NoResidualDf { rows: n, rank: p });
        }
        let all = solution.qr.q_transposed(&rows.y);
        let effects = DVector::from_column_slice(&all[..p]);
        let mut outside = all;
        outside[..p].fill(0.0);
        let squares: f64 = outside.iter().map(|value| value * value).sum();
        let total: f64 = rows.y.iter().map(|value| value * value).sum();
        if !(squares.is_finite() && total.is_finite()) {
            return Err(ModelError::Numerical("the residual sum of squares"));
        }
        if squares <= PERFECT * total {
            return Err(ModelError::PerfectFit);
        }
        let length = match unit {
            Unit::Length => squares.sqrt(),
            Unit::Deviation => (squares / (n - p) as f64).sqrt(),
        };
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(p + 1);
        columns.extend((0..p).map(|column| solution.qr.q_column(column)));
        let mut residual = solution.qr.q(&outside);
        for value in &mut residual {
            *value /= length;
        }
        columns.push(residual);
        // U is a triangle with its rows permuted, so |det U|² is the product of squared column pivots of a QR.
        let diagonal = solution.unscaled_factor.clone().qr().r();
        let log_det: f64 = diagonal
            .diagonal()
            .iter()
            .map(|value| value.abs().ln())
            .sum();
        let units = Self {
            estimable: solution.estimable,
            null_space: solution.null_space,
            back: solution.unscaled_factor,
            effects,
            length,
            log_det_x: -2.0 * log_det,
            log_weights: rows.weights.iter().map(|weight| weight.ln()).sum(),
            n,
            p,
        };
        Ok((units, columns))
    }

    /// What is added to −2 log likelihood in computing units to have it in those of the model.
    pub fn constant(&self, estimation: Estimation) -> f64 {
        let units = 2.0 * self.length.ln();
        let (n, p) = (self.n as f64, self.p as f64);
        match estimation {
            Estimation::Reml => (n - p) * units + self.log_det_x - self.log_weights,
            Estimation::Ml => n * units - self.log_weights,
        }
    }

    /// The estimable coefficients of X from those of Q.
    pub fn coefficients(&self, beta: &DVector<f64>) -> DVector<f64> {
        &self.back * (&self.effects + beta * self.length)
    }

    /// A combination of the estimable coefficients of X as one of those of Q: its weights, and the part that does not
    /// depend on the latter; the combination is that part plus `length` times the weighted sum.
    pub fn combination(&self, weights: &[f64]) -> (DVector<f64>, f64) {
        let weights = self.back.tr_mul(&DVector::from_column_slice(weights));
        let fixed = weights.dot(&self.effects);
        (weights, fixed)
    }
}
