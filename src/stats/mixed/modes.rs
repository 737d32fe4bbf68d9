//! Conditional modes of the random effects, and fitted values.

use super::super::design::{CoefficientName, Design};
use super::super::model_frame::ModelFrame;
use super::criterion::Profiled;
use super::kernel::{Kernel, KernelState};
use super::problem::Problem;
use super::random::Random;
use super::small;
use nalgebra::{DMatrix, DVector};

/// The random effects of one term given the data: their conditional means.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionalModes {
    /// The grouping factor.
    pub group: String,
    /// Its levels.
    pub levels: Vec<String>,
    /// The effects.
    pub names: Vec<CoefficientName>,
    /// A row for each level, a column for each effect.
    pub values: DMatrix<f64>,
}

/// The conditional modes at an optimum.
pub(super) fn conditional_modes(
    problem: &Problem,
    random: &Random,
    frame: &ModelFrame,
    design: &Design,
    y: &[f64],
    at: &Profiled,
) -> Vec<ConditionalModes> {
    let by_factor: Vec<Vec<Vec<f64>>> = match (&problem.kernel, &at.at.state) {
        (Kernel::Crossed(crossed), KernelState::Crossed(state)) => {
            let p = at.beta.len();
            let weights = DVector::from_fn(p + 1, |i, _| {
                problem.length * if i == p { 1.0 } else { -at.beta[i] }
            });
            let modes = crossed.modes(state);
            let of_level = |values: &DMatrix<f64>| (values * &weights).as_slice().to_vec();
            modes
                .iter()
                .map(|levels| levels.iter().map(of_level).collect())
                .collect()
        }
        _ => vec![single_modes(problem, random, frame, design, y, at)],
    };
    let terms = random
        .effects
        .iter()
        .zip(&problem.template.terms)
        .zip(&problem.template.divisors);
    let mut modes = Vec::new();
    for ((effects, &(factor, offset, size)), divisors) in terms {
        let Some(grouping) = random.groupings.get(factor) else {
            continue;
        };
        let levels = by_factor.get(factor).map_or(&[][..], Vec::as_slice);
        let values = DMatrix::from_fn(levels.len(), size, |level, column| {
            levels[level][offset + column] / divisors[column]
        });
        modes.push(ConditionalModes {
            group: grouping.label.clone(),
            levels: grouping.levels.clone(),
            names: effects.names.clone(),
            values,
        });
    }
    modes
}

/// Λ (Λᵀ Zᵀ Z Λ + I)⁻¹ Λᵀ Zᵀ (y − X β), group by group.
fn single_modes(
    problem: &Problem,
    random: &Random,
    frame: &ModelFrame,
    design: &Design,
    y: &[f64],
    at: &Profiled,
) -> Vec<Vec<f64>> {
    let (Some(grouping), Some(lambda)) = (random.groupings.first(), at.at.lambda.first()) else {
        return Vec::new();
    };
    let q = lambda.nrows();
    let beta = problem.coefficients(&at.beta);
    let fixed = fixed_part(design, &problem.estimable, &beta);
    let mut sums = vec![vec![0.0; q * q + q]; grouping.levels.len()];
    let divided: Vec<(&Vec<f64>, f64)> = random
        .effects
        .iter()
        .zip(&problem.template.divisors)
        .flat_map(|(effects, divisors)| effects.columns.iter().zip(divisors.iter().copied()))
        .collect();
    let mut z = vec![0.0; q];
    for (position, (row, weight)) in counting_rows(frame).enumerate() {
        for (z, (column, divisor)) in z.iter_mut().zip(&divided) {
            *z = column[position] / divisor;
        }
        let residual = y[row] - fixed[row];
        let sums = &mut sums[grouping.codes[position]];
        for a in 0..q {
            for b in 0..q {
                sums[a * q + b] += weight * z[a] * z[b];
            }
            sums[q * q + a] += weight * z[a] * residual;
        }
    }
    sums.iter().map(|sums| mode(lambda, sums)).collect()
}

fn mode(lambda: &DMatrix<f64>, sums: &[f64]) -> Vec<f64> {
    let q = lambda.nrows();
    let zz = DMatrix::from_row_slice(q, q, &sums[..q * q]);
    let right = lambda.tr_mul(&DVector::from_column_slice(&sums[q * q..]));
    let system = lambda.transpose() * zz * lambda + DMatrix::identity(q, q);
    let mut factor = system.as_slice().to_vec();
    if !small::cholesky(&mut factor, q) {
        return vec![0.0; q];
    }
    let mut inverse = vec![0.0; q * q];
    small::inverse(&factor, q, &mut inverse);
    (lambda * (DMatrix::from_row_slice(q, q, &inverse) * right))
        .as_slice()
        .to_vec()
}

/// The rows with positive weight, with it.
fn counting_rows(frame: &ModelFrame) -> impl Iterator<Item = (usize, f64)> + '_ {
    let weight = |row: usize| match &frame.weights {
        Some(weights) => weights.get(row).copied().unwrap_or(0.0),
        None => 1.0,
    };
    (0..frame.len())
        .map(move |row| (row, weight(row)))
        .filter(|(_, weight)| *weight > 0.0)
}

/// X β for all rows.
fn fixed_part(design: &Design, estimable: &[usize], beta: &DVector<f64>) -> Vec<f64> {
    let mut total = DVector::zeros(design.matrix.nrows());
    for (&column, &beta) in estimable.iter().zip(beta.iter()) {
        total.axpy(beta, &design.matrix.column(column), 1.0);
    }
    total.as_slice().to_vec()
}

/// X β + Z b for all rows; without the random part where the weight is 0, since such a row's group may have no other.
pub(super) fn fitted_values(
    design: &Design,
    estimable: &[usize],
    beta: &DVector<f64>,
    random: &Random,
    modes: &[ConditionalModes],
    frame: &ModelFrame,
) -> Vec<f64> {
    let mut fitted = fixed_part(design, estimable, beta);
    for (effects, modes) in random.effects.iter().zip(modes) {
        let Some(grouping) = random.groupings.get(effects.grouping) else {
            continue;
        };
        for (position, (row, _)) in counting_rows(frame).enumerate() {
            let level = grouping.codes[position];
            for (index, column) in effects.columns.iter().enumerate() {
                fitted[row] += column[position] * modes.values[(level, index)];
            }
        }
    }
    fitted
}
