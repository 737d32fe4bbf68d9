//! The data of a generalised mixed model as its likelihoods take them: X replaced by √n times an orthonormal basis of its
//! columns, Z divided (see `covariance`).

use super::super::linear::solution::Solution;
use super::covariance::Template;
use super::family::Family;
use super::glmm_crossed::{CrossedLikelihood, CrossedRows};
use super::glmm_likelihood::GlmmRows;
use super::random::Random;
use super::single::rows_of_levels;

/// √n times an orthonormal basis of the columns of X.
pub(super) fn basis(solution: &Solution, n: usize) -> Vec<Vec<f64>> {
    let scale = (n as f64).sqrt();
    let column = |column: usize| {
        let mut column = solution.qr.q_column(column);
        for value in &mut column {
            *value *= scale;
        }
        column
    };
    (0..solution.qr.rank).map(column).collect()
}

/// The likelihood of several grouping factors.
pub(super) fn several(
    random: &Random,
    template: &Template,
    basis: &[Vec<f64>],
    (y, weights): (&[f64], &[f64]),
    family: Family,
    constant: f64,
) -> CrossedLikelihood {
    let rows = 0..y.len();
    let x: Vec<Vec<f64>> = rows
        .map(|row| basis.iter().map(|column| column[row]).collect())
        .collect();
    let mut z: Vec<Vec<Vec<f64>>> = vec![Vec::new(); random.groupings.len()];
    for (effects, divisors) in random.effects.iter().zip(&template.divisors) {
        for (column, divisor) in effects.columns.iter().zip(divisors) {
            z[effects.grouping].push(column.iter().map(|value| value / divisor).collect());
        }
    }
    let groupings = random.groupings.iter();
    let rows = CrossedRows {
        y,
        weights,
        x: &x,
        z: &z,
        codes: groupings
            .map(|g| (g.codes.as_slice(), g.levels.len()))
            .collect(),
    };
    CrossedLikelihood::new(&rows, family, constant)
}

/// The rows group by group, X replaced by the basis of its columns and Z divided.
pub(super) fn rows_by_group(
    random: &Random,
    template: &Template,
    basis: &[Vec<f64>],
    y: &[f64],
    weights: &[f64],
) -> GlmmRows {
    let z: Vec<(&Vec<f64>, f64)> = random
        .effects
        .iter()
        .zip(&template.divisors)
        .flat_map(|(effects, divisors)| effects.columns.iter().zip(divisors.iter().copied()))
        .collect();
    let (order, bounds) = random
        .groupings
        .first()
        .map(|grouping| rows_of_levels(&grouping.codes, grouping.levels.len()))
        .unwrap_or_default();
    let mut rows = GlmmRows {
        y: order.iter().map(|&row| y[row]).collect(),
        weights: order.iter().map(|&row| weights[row]).collect(),
        z: Vec::with_capacity(z.len() * order.len()),
        x: Vec::with_capacity(basis.len() * order.len()),
        bounds,
    };
    for row in order {
        rows.z
            .extend(z.iter().map(|(column, divisor)| column[row] / divisor));
        rows.x.extend(basis.iter().map(|column| column[row]));
    }
    rows
}
