//! The parametric bootstrap: fits to data simulated from the fit.

use super::super::StatsError;
use super::super::distribution::{Distribution, Normal};
use super::super::linear::rows::WeightedRows;
use super::super::model_error::ModelError;
use super::components::{TermComponents, components};
use super::criterion::Target;
use super::fit::MixedFit;
use super::philox::Draw;
use super::problem::Problem;
use super::random::Random;
use super::search::search;
use nalgebra::{DMatrix, DVector};
use std::ops::Range;

/// The estimates from one simulated data set.
#[derive(Debug, Clone, PartialEq)]
pub struct BootstrapDraw {
    /// The estimable fixed effects.
    pub coefficients: Vec<f64>,
    /// The standard deviations and correlations of the random effects.
    pub components: Vec<TermComponents>,
    /// The residual standard deviation.
    pub sigma: f64,
}

/// What simulated data are made of, and fitted with.
struct Simulation {
    rows: WeightedRows,
    random: Random,
    columns: usize,
    /// √w X β.
    mean: Vec<f64>,
    /// The Cholesky factor of each term's covariance.
    roots: Vec<DMatrix<f64>>,
}

impl MixedFit {
    /// Simulates the outcome from the fit (new random effects and new residuals, as `bootMer` of lme4 does) and refits,
    /// once for each number of `draws`. The result of a draw depends on the seed and its number alone, so that blocks
    /// of draws can be computed anywhere and joined. A draw whose fit does not succeed is an error in its place.
    pub fn bootstrap(
        &self,
        seed: u64,
        draws: Range<u64>,
    ) -> Result<Vec<Result<BootstrapDraw, ModelError>>, ModelError> {
        let mut simulation = self.simulation()?;
        let mut results = Vec::new();
        for number in draws {
            simulation.simulate(self.sigma, Draw::new(seed, number));
            results.push(self.refit(&simulation));
        }
        Ok(results)
    }

    fn simulation(&self) -> Result<Simulation, ModelError> {
        let first = |mut errors: Vec<ModelError>| errors.pop().unwrap_or(ModelError::NoRows);
        let rows = WeightedRows::new(&self.frame, &self.design.matrix, &self.fitted);
        let random = Random::build(&self.formula, &self.frame, &rows.places).map_err(first)?;
        let beta = self.problem.units.coefficients(&self.at.beta);
        let mean = weighted_mean(&rows, &self.estimable, &beta);
        let terms = 0..random.effects.len();
        let factor = |term| self.problem.template.term_factor(term, &self.scaled) * self.sigma;
        Ok(Simulation {
            columns: self.design.matrix.ncols(),
            roots: terms.map(factor).collect(),
            rows,
            random,
            mean,
        })
    }

    fn refit(&self, simulation: &Simulation) -> Result<BootstrapDraw, ModelError> {
        let problem = Problem::new(&simulation.rows, simulation.columns, &simulation.random)?;
        let target = Target::of(self.options.estimation);
        let found = search(&problem, &target, None)?;
        let at = problem
            .evaluate(&found.theta, &target)
            .ok_or(ModelError::Numerical("the criterion at its optimum"))?;
        let sigma = problem.units.length * at.variance().sqrt();
        Ok(BootstrapDraw {
            coefficients: problem.units.coefficients(&at.beta).as_slice().to_vec(),
            components: components(&problem.template, &simulation.random, &found.theta, sigma),
            sigma,
        })
    }
}

impl Simulation {
    /// Replaces the outcome: random effects term by term and level by level, then residuals row by row.
    fn simulate(&mut self, sigma: f64, mut draw: Draw) {
        let mut y = self.mean.clone();
        for (effects, root) in self.random.effects.iter().zip(&self.roots) {
            let Some(grouping) = self.random.groupings.get(effects.grouping) else {
                continue;
            };
            let levels: Vec<DVector<f64>> = grouping
                .levels
                .iter()
                .map(|_| root * DVector::from_fn(root.ncols(), |_, _| draw.normal()))
                .collect();
            for (row, (y, &level)) in y.iter_mut().zip(&grouping.codes).enumerate() {
                let weight = self.rows.weights[row].sqrt();
                let each = effects.columns.iter().zip(levels[level].iter());
                *y += weight * each.map(|(column, b)| column[row] * b).sum::<f64>();
            }
        }
        for y in &mut y {
            *y += sigma * draw.normal();
        }
        self.rows.y = y;
    }
}

/// √w X β for the rows that count.
fn weighted_mean(rows: &WeightedRows, estimable: &[usize], beta: &DVector<f64>) -> Vec<f64> {
    let mut mean = vec![0.0; rows.len()];
    for (&column, &beta) in estimable.iter().zip(beta.iter()) {
        if let Some(values) = rows.columns.get(column) {
            for (mean, value) in mean.iter_mut().zip(values) {
                *mean += beta * value;
            }
        }
    }
    mean
}

/// The percentile interval of a statistic's bootstrap values at confidence `level`, order statistics interpolated on
/// the normal scale (Davison & Hinkley 1997, eq. 5.8, as `boot.ci`). An error where the draws are too few for the level.
pub fn percentile_interval(values: &[f64], level: f64) -> Result<(f64, f64), StatsError> {
    StatsError::check_level(level)?;
    StatsError::check_finite("bootstrap values", values)?;
    let tail = (1.0 - level) / 2.0;
    let n = values.len() as f64;
    if (n + 1.0) * tail < 1.0 {
        let need = (1.0 / tail).ceil();
        return Err(StatsError::degenerate(
            "percentile interval",
            format!("{n} draws are fewer than the {need} that its level needs"),
        ));
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |share: f64| -> Result<f64, StatsError> {
        let place = (n + 1.0) * share;
        let below = place.floor();
        let at = |rank: f64| {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rank"
            )]
            let index = (rank as usize).clamp(1, sorted.len()) - 1;
            sorted[index]
        };
        if place == below || below >= n {
            return Ok(at(place));
        }
        let z = Normal.quantile(share)?;
        let low = Normal.quantile(below / (n + 1.0))?;
        let high = Normal.quantile((below + 1.0) / (n + 1.0))?;
        Ok(at(below) + (z - low) / (high - low) * (at(below + 1.0) - at(below)))
    };
    Ok((quantile(tail)?, quantile(1.0 - tail)?))
}
