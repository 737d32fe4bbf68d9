//! Finding the parameters and judging what was found.
//!
//! Newton's steps with the Hessian in closed form, damped as Levenberg and Marquardt do, from two starts; where they
//! lead nowhere, quasi-Newton steps.

use super::super::StatsError;
use super::super::mixed::dense::{cholesky, solve_lower, solve_upper};
use super::super::mixed::optimise::minimise;
use super::super::mixed::{Convergence, Estimation};
use super::super::model_error::ModelError;
use super::error::RepeatedError;
use super::likelihood::{Derivatives, Likelihood, Point};
use super::start::starts;
use nalgebra::{DMatrix, DVector};

const MAX_ITERATIONS: usize = 150;
/// The gain that a further step promises, in units of the deviance, below which there is none.
const ENOUGH: f64 = 1e-16;
/// The share of the deviance that is rounding error.
const ROUNDING: f64 = 1e-13;
/// The scaled gradient beyond which an optimum is none, besides what rounding leaves of it.
const STEEP: f64 = 1e-5;
/// More parameters than this are searched for from one start if that leads to an optimum.
const MANY: usize = 20;
/// No parameter moves further in a step, relative to its size plus 1: a factor of e in a standard deviation, and few
/// steps to where a correlation is 1.
const LONGEST: f64 = 1.0;
/// Correlation matrices with an eigenvalue below this are singular.
const SINGULAR: f64 = 1e-8;
/// Where there is no optimum, one below this is why.
const NEARLY: f64 = 1e-5;
/// So are variances below this share of the residual variance.
const VANISHED: f64 = 1e-14;
/// The Hessian, in units of its diagonal, counts as flat below this.
const FLAT: f64 = 1e-9;

/// An optimum.
pub(super) struct Found {
    pub theta: DVector<f64>,
    pub point: Point,
    pub derivatives: Derivatives,
    pub convergence: Convergence,
    converged: bool,
}

struct State {
    theta: DVector<f64>,
    point: Point,
    /// Whether no further step promises anything.
    converged: bool,
}

/// Finds the parameters that minimise −2 log likelihood.
pub(super) fn search(likelihood: &Likelihood, estimation: Estimation) -> Result<Found, ModelError> {
    let mut evaluations = 0;
    let mut best: Option<State> = None;
    let starts = starts(likelihood);
    for start in &starts {
        if let Some(state) = newton(likelihood, estimation, start, &mut evaluations) {
            keep(&mut best, state);
        }
        // Where a second search would be long, it is made only if the first has failed.
        let enough = |state: &State| {
            likelihood.parameters() > MANY
                && judge(likelihood, estimation, state, 0).is_some_and(|found| good(&found))
        };
        if best.as_ref().is_some_and(enough) {
            break;
        }
    }
    let degenerate = |best: &Option<State>| {
        let reason = singular(likelihood, best.as_ref()?, SINGULAR)?;
        Some(ModelError::Repeated(RepeatedError::Singular { reason }))
    };
    if let Some(error) = degenerate(&best) {
        return Err(error);
    }
    let settled = |best: &Option<State>| {
        let state = best.as_ref()?;
        judge(likelihood, estimation, state, evaluations).filter(good)
    };
    let mut found = settled(&best);
    if found.is_none() {
        for start in &starts {
            if let Some(state) = quasi_newton(likelihood, estimation, start) {
                keep(&mut best, state);
            }
        }
        found = settled(&best);
    }
    let lost = || {
        ModelError::from(StatsError::NoConvergence {
            what: "the model for repeated measures",
        })
    };
    if let Some(error) = degenerate(&best) {
        return Err(error);
    }
    let state = best.ok_or_else(lost)?;
    found.ok_or_else(|| {
        let flat = judge(likelihood, estimation, &state, evaluations)
            .is_some_and(|found| !found.convergence.hessian_definite);
        if let Some(reason) = singular(likelihood, &state, NEARLY) {
            ModelError::Repeated(RepeatedError::Singular { reason })
        } else if flat {
            let reason =
                "at the best parameters the likelihood is flat in some direction".to_owned();
            ModelError::Repeated(RepeatedError::Singular { reason })
        } else {
            lost()
        }
    })
}

fn good(found: &Found) -> bool {
    let steep = STEEP + (ROUNDING * (1.0 + found.point.value.abs())).sqrt();
    found.converged && found.convergence.hessian_definite && found.convergence.gradient <= steep
}

fn keep(best: &mut Option<State>, state: State) {
    // Of equal optima the first that was reached.
    let better = best.as_ref().is_none_or(|best| {
        let gain = best.point.value - state.point.value;
        gain > 1e-9 || (gain > -1e-9 && state.converged && !best.converged)
    });
    if better {
        *best = Some(state);
    }
}

fn newton(
    likelihood: &Likelihood,
    estimation: Estimation,
    start: &DVector<f64>,
    evaluations: &mut usize,
) -> Option<State> {
    let mut at = State {
        point: likelihood.at(start.as_slice(), estimation)?,
        theta: start.clone(),
        converged: false,
    };
    let mut damping = 0.0;
    for _ in 0..MAX_ITERATIONS {
        let derivatives = likelihood.derivatives(&at.point, estimation);
        *evaluations += 1;
        let mut moved = false;
        for _ in 0..40 {
            let Some(step) = step(&derivatives, &at.theta, damping) else {
                damping = raised(damping);
                continue;
            };
            let gain = -derivatives.gradient.dot(&step);
            let rounding = ROUNDING * (1.0 + at.point.value.abs());
            at.converged = damping == 0.0 && gain <= ENOUGH.max(rounding * rounding);
            if at.converged {
                return Some(at);
            }
            let theta = &at.theta + &step;
            *evaluations += 1;
            let next = likelihood.at(theta.as_slice(), estimation);
            match next {
                // Rounding hides the last steps' gains; they are short.
                Some(point) if point.value < at.point.value + rounding.min(gain.max(0.0)) => {
                    at = State {
                        theta,
                        point,
                        converged: false,
                    };
                    damping = if damping < 1e-6 { 0.0 } else { damping / 10.0 };
                    moved = true;
                    break;
                }
                _ => damping = raised(damping),
            }
            if gain <= rounding {
                at.converged = true;
                return Some(at);
            }
        }
        if !moved || singular(likelihood, &at, SINGULAR).is_some() {
            break;
        }
    }
    Some(at)
}

fn raised(damping: f64) -> f64 {
    if damping == 0.0 { 1e-4 } else { damping * 10.0 }
}

/// Newton's step with the damped Hessian, shortened; none if that is not positive definite.
fn step(derivatives: &Derivatives, theta: &DVector<f64>, damping: f64) -> Option<DVector<f64>> {
    let mut hessian = derivatives.observed.clone();
    for i in 0..hessian.nrows() {
        let size = derivatives.expected[(i, i)]
            .abs()
            .max(hessian[(i, i)].abs());
        hessian[(i, i)] += damping * size.max(1e-8);
    }
    let factor = cholesky(&hessian)?;
    let right = DMatrix::from_column_slice(hessian.nrows(), 1, derivatives.gradient.as_slice());
    let step = -solve_upper(&factor, &solve_lower(&factor, &right)).column(0);
    let relative = step
        .iter()
        .zip(theta)
        .map(|(s, t)| s.abs() / (1.0 + t.abs()));
    let longest = relative.fold(0.0, f64::max);
    longest.is_finite().then(|| {
        if longest > LONGEST {
            step * (LONGEST / longest)
        } else {
            step
        }
    })
}

fn quasi_newton(
    likelihood: &Likelihood,
    estimation: Estimation,
    start: &DVector<f64>,
) -> Option<State> {
    let mut objective = |theta: &DVector<f64>| {
        let point = likelihood.at(theta.as_slice(), estimation)?;
        let gradient = likelihood.gradient(&point, estimation);
        Some((point.value, gradient))
    };
    let minimum = minimise(&mut objective, start.clone(), None, 1e-12)?;
    newton(likelihood, estimation, &minimum.x, &mut 0)
}

fn judge(
    likelihood: &Likelihood,
    estimation: Estimation,
    state: &State,
    evaluations: usize,
) -> Option<Found> {
    let derivatives = likelihood.derivatives(&state.point, estimation);
    let hessian = &derivatives.observed;
    let k = hessian.nrows();
    let size = |i: usize| hessian[(i, i)].abs().max(f64::MIN_POSITIVE).sqrt();
    let scaled = DMatrix::from_fn(k, k, |i, j| hessian[(i, j)] / (size(i) * size(j)));
    if scaled.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let definite = scaled.symmetric_eigenvalues().min() > FLAT;
    let gradient = match cholesky(hessian).filter(|_| definite) {
        Some(factor) => {
            let right = DMatrix::from_column_slice(k, 1, derivatives.gradient.as_slice());
            let scaled = solve_lower(&factor, &right);
            let both = scaled.iter().zip(&derivatives.gradient);
            both.map(|(a, b)| a.abs().min(b.abs())).fold(0.0, f64::max)
        }
        None => derivatives.gradient.amax(),
    };
    Some(Found {
        theta: state.theta.clone(),
        point: state.point.clone(),
        converged: state.converged,
        derivatives,
        convergence: Convergence {
            gradient,
            hessian_definite: definite,
            evaluations,
        },
    })
}

/// Why the covariance matrices are no ordinary ones, if they aren't.
fn singular(likelihood: &Likelihood, state: &State, least: f64) -> Option<String> {
    for jet in &state.point.jets {
        let sigma = &jet.sigma;
        let n = likelihood.structure.visits;
        if sigma.diagonal().iter().any(|&variance| variance < VANISHED) {
            return Some(
                "a visit's variance goes to zero, as the coefficients fit it without error"
                    .to_owned(),
            );
        }
        let correlation = DMatrix::from_fn(n, n, |a, b| {
            sigma[(a, b)] / (sigma[(a, a)] * sigma[(b, b)]).sqrt()
        });
        if correlation.iter().any(|value| !value.is_finite())
            || correlation.symmetric_eigenvalues().min() < least
        {
            return Some("visits depend on each other linearly".to_owned());
        }
    }
    None
}
