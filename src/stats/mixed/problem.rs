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
use super::random::Random;
use super::units::{Unit, Units};
use nalgebra::DVector;

/// A dense system of this order takes 0.8 GB.
const MAX_DENSE: usize = 10_000;

/// The data of a mixed model.
pub(super) struct Problem {
    /// Rows that count.
    pub n: usize,
    /// Columns of Q.
    pub p: usize,
    pub kernel: Kernel,
    pub template: Template,
    /// How coefficients and the likelihood are carried back; the residual's length is 1 here.
    pub units: Units,
}

impl Problem {
    /// Prepares the rows, to which `random` belongs.
    pub fn new(rows: &WeightedRows, columns: usize, random: &Random) -> Result<Self, ModelError> {
        let solution = Solution::new(rows, columns)?;
        let (n, p) = (rows.len(), solution.qr.rank);
        let (units, xy) = Units::new(rows, solution, Unit::Length)?;
        let template = Template::new(random);
        let kernel = kernel(rows, random, &template, &xy)?;
        Ok(Self {
            n,
            p,
            kernel,
            template,
            units,
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
