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
    // For each factor level by level, the effects of all its terms.
    let by_factor: Vec<Vec<f64>> = match (&problem.kernel, &at.at.state) {
        (Kernel::Crossed(crossed), KernelState::Crossed(state)) => {
            let p = at.beta.len();
            let weights = DVector::from_fn(p + 1, |i, _| {
                problem.units.length * if i == p { 1.0 } else { -at.beta[i] }
            });
            crossed.combined_modes(state, &weights)
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
        let all = by_factor.get(factor).map_or(&[][..], Vec::as_slice);
        let width = problem.template.sizes.get(factor).copied().unwrap_or(1);
        let values = DMatrix::from_fn(all.len() / width, size, |level, column| {
            all[level * width + offset + column] / divisors[column]
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
) -> Vec<f64> {
    let (Some(grouping), Some(lambda)) = (random.groupings.first(), at.at.lambda.first()) else {
        return Vec::new();
    };
    let q = lambda.nrows();
    let beta = problem.units.coefficients(&at.beta);
    let fixed = fixed_part(design, &problem.units.estimable, &beta);
    let width = q * q + q;
    let mut sums = vec![0.0; grouping.levels.len() * width];
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
        let start = grouping.codes[position] * width;
        let sums = &mut sums[start..start + width];
        for a in 0..q {
            for b in 0..q {
                sums[a * q + b] += weight * z[a] * z[b];
            }
            sums[q * q + a] += weight * z[a] * residual;
        }
    }
    let mut modes = vec![0.0; grouping.levels.len() * q];
    let mut room = vec![0.0; q * q];
    for (mode, sums) in modes.chunks_exact_mut(q).zip(sums.chunks_exact_mut(width)) {
        solve_mode(lambda, sums, mode, &mut room);
    }
    modes
}

/// One group's mode from its Zᵀ Z and Zᵀ (y − X β), which it overwrites.
fn solve_mode(lambda: &DMatrix<f64>, sums: &mut [f64], mode: &mut [f64], product: &mut [f64]) {
    let q = lambda.nrows();
    let (system, right) = sums.split_at_mut(q * q);
    for i in 0..q {
        for j in 0..q {
            product[i * q + j] = (0..q).map(|l| system[i * q + l] * lambda[(l, j)]).sum();
        }
    }
    for i in 0..q {
        for j in 0..q {
            let own: f64 = (0..q).map(|l| lambda[(l, i)] * product[l * q + j]).sum();
            system[i * q + j] = own + if i == j { 1.0 } else { 0.0 };
        }
        mode[i] = (0..q).map(|l| lambda[(l, i)] * right[l]).sum();
    }
    if !small::cholesky(system, q) {
        mode.fill(0.0);
        return;
    }
    small::solve_lower(system, q, mode, 1);
    small::solve_upper(system, q, mode, 1);
    right.copy_from_slice(mode);
    for (i, mode) in mode.iter_mut().enumerate() {
        *mode = (0..q).map(|l| lambda[(i, l)] * right[l]).sum();
    }
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
