//! The data of a mixed model, made independent of units and ready for evaluations.
//!
//! X is replaced by an orthonormal basis Q of its columns, the outcome by its least-squares residual divided by that
//! residual's length s, and columns of Z by themselves divided by powers of two. The criterion differs by a constant;
//! coefficients and variances are carried back.

use super::super::linear::rows::WeightedRows;
use super::super::linear::solution::Solution;
use super::super::model_error::ModelError;
use super::covariance::Template;
use super::criterion::{Profiled, Target};
use super::crossed::FactorColumns;
use super::kernel::Kernel;
use super::optimise::Objective;
use super::options::Estimation;
use super::random::Random;
use nalgebra::{DMatrix, DVector};

/// A dense system of this order takes 0.8 GB.
const MAX_DENSE: usize = 10_000;
/// Residuals that are this small, as squares relative to the outcome's, are rounding errors.
const PERFECT: f64 = 1e-26;

/// The data of a mixed model.
pub(super) struct Problem {
    /// Rows that count.
    pub n: usize,
    /// Columns of Q.
    pub p: usize,
    pub kernel: Kernel,
    pub template: Template,
    /// Which columns of X can be estimated.
    pub estimable: Vec<usize>,
    /// For every other column, the combination of columns that is zero.
    pub null_space: Vec<Vec<f64>>,
    /// β = U (effects + s β̃), β̃ being the coefficients of Q.
    pub back: DMatrix<f64>,
    /// Qᵀ y.
    pub effects: DVector<f64>,
    /// s, the length of the least-squares residual.
    pub length: f64,
    /// log|Xᵀ X| of the estimable columns.
    pub log_det_x: f64,
    /// Σ log weight.
    pub log_weights: f64,
}

impl Problem {
    /// Prepares the rows, to which `random` belongs.
    pub fn new(rows: &WeightedRows, columns: usize, random: &Random) -> Result<Self, ModelError> {
        let solution = Solution::new(rows, columns)?;
        let (n, p) = (rows.len(), solution.qr.rank);
        if n <= p {
            return Err(ModelError::NoResidualDf { rows: n, rank: p });
        }
        let all = solution.qr.q_transposed(&rows.y);
        let mut effects = all.clone();
        effects.truncate(p);
        let mut outside = all;
        outside.iter_mut().take(p).for_each(|effect| *effect = 0.0);
        let squares: f64 = outside.iter().map(|value| value * value).sum();
        let total: f64 = rows.y.iter().map(|value| value * value).sum();
        if !(squares.is_finite() && total.is_finite()) {
            return Err(ModelError::Numerical("the residual sum of squares"));
        }
        if squares <= PERFECT * total {
            return Err(ModelError::PerfectFit);
        }
        let length = squares.sqrt();
        let mut xy: Vec<Vec<f64>> = Vec::with_capacity(p + 1);
        xy.extend((0..p).map(|column| solution.qr.q_column(column)));
        let mut residual = solution.qr.q(&outside);
        for value in &mut residual {
            *value /= length;
        }
        xy.push(residual);
        let template = Template::new(random);
        let kernel = kernel(rows, random, &template, &xy)?;
        let factor = &solution.unscaled_factor;
        // U is a triangle with its rows permuted, so |det U|² is the product of squared column pivots of a QR.
        let log_det_x = -2.0
            * factor
                .clone()
                .qr()
                .r()
                .diagonal()
                .iter()
                .map(|value| value.abs().ln())
                .sum::<f64>();
        Ok(Self {
            n,
            p,
            kernel,
            template,
            estimable: solution.estimable,
            null_space: solution.null_space,
            back: solution.unscaled_factor,
            effects: DVector::from_vec(effects),
            length,
            log_det_x,
            log_weights: rows.weights.iter().map(|weight| weight.ln()).sum(),
        })
    }

    /// The model at scaled θ.
    pub fn evaluate(&self, theta: &[f64], target: &Target) -> Option<Profiled> {
        Profiled::new(&self.kernel, self.n, self.template.factors(theta), target)
    }

    /// The target as a function of scaled θ, with its gradient.
    pub fn objective<'a>(&'a self, target: &'a Target) -> Box<Objective<'a>> {
        Box::new(move |theta: &DVector<f64>| {
            let profiled = self.evaluate(theta.as_slice(), target)?;
            let gradient = self.template.gather(&profiled.gradient(&self.kernel));
            Some((profiled.value, DVector::from_vec(gradient)))
        })
    }

    /// What is added to the criterion in computing units to have it in those of the model.
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

    /// A combination of the estimable coefficients of X as one of those of Q: its weights, and the part that
    /// does not depend on the latter; the combination is that part plus `length` times the weighted sum.
    pub fn combination(&self, weights: &[f64]) -> (DVector<f64>, f64) {
        let weights = self.back.tr_mul(&DVector::from_column_slice(weights));
        let fixed = weights.dot(&self.effects);
        (weights, fixed)
    }
}

fn kernel(
    rows: &WeightedRows,
    random: &Random,
    template: &Template,
    xy: &[Vec<f64>],
) -> Result<Kernel, ModelError> {
    let factors: Vec<FactorColumns> = random
        .groupings
        .iter()
        .enumerate()
        .map(|(index, grouping)| FactorColumns {
            z: scaled_columns(rows, random, template, index),
            codes: &grouping.codes,
            levels: grouping.levels.len(),
        })
        .collect();
    // What all but the inner factor need is bounded before anything of that size is made.
    let kernel = Kernel::new(&factors, xy);
    if let Kernel::Crossed(crossed) = &kernel {
        let order = crossed.largest_component();
        if order > MAX_DENSE {
            return Err(ModelError::TooManyCrossed { order });
        }
    }
    Ok(kernel)
}

/// The columns of Z of one grouping factor, times the square root of the weight, in computing units.
pub(super) fn scaled_columns(
    rows: &WeightedRows,
    random: &Random,
    template: &Template,
    grouping: usize,
) -> Vec<Vec<f64>> {
    let mut columns = Vec::new();
    for (effects, divisors) in random.effects.iter().zip(&template.divisors) {
        if effects.grouping != grouping {
            continue;
        }
        for (column, divisor) in effects.columns.iter().zip(divisors) {
            let weighted = column.iter().zip(&rows.weights);
            columns.push(
                weighted
                    .map(|(value, weight)| value / divisor * weight.sqrt())
                    .collect(),
            );
        }
    }
    columns
}
