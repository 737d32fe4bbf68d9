//! Finding the optimum and judging it.

use super::super::StatsError;
use super::super::model_error::ModelError;
use super::covariance::Template;
use super::criterion::Target;
use super::dense;
use super::optimise::{Minimum, Objective, central_hessian, hessian, minimise, rough_hessian};
use super::problem::Problem;
use nalgebra::{DMatrix, DVector};

/// A variance whose relative standard deviation lies below this counts as zero, as in lme4's `isSingular`; here in
/// units in which the random effect's column has a root mean square near 1.
pub(super) const SINGULAR: f64 = 1e-4;
/// A diagonal entry of Λ below this is tried at zero, and a zero one is tried away from it.
const NEAR_ZERO: f64 = 1e-4;
/// The scaled gradient above which lme4 warns (its `check.conv.grad`).
const STEEP: f64 = 2e-3;
/// The gain, in units of the deviance, for which no further quasi-Newton step is made: before Newton's steps, which
/// bring all digits, and where the Hessian does not allow them.
const COARSE: f64 = 1e-8;
const FINE: f64 = 1e-12;
/// Relative standard deviations of this size, or a residual sum of squares this small, say that the residual variance
/// goes to zero.
const RUNAWAY: f64 = 1e8;
const NOTHING_LEFT: f64 = 1e-22;

/// How an optimum was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Convergence {
    /// The largest entry of the gradient at the optimum, or of the gradient in units of the curvature (the solution
    /// of Lx = g for the Hessian L Lᵀ) where that is smaller: what lme4 compares with 0.002. The gradient is that by θ.
    pub gradient: f64,
    /// Whether the Hessian is positive definite. On the boundary of a singular fit it may not be.
    pub hessian_definite: bool,
    /// Evaluations of the criterion.
    pub evaluations: usize,
}

/// An optimum.
pub(super) struct Found {
    /// Scaled θ, no diagonal entry negative.
    pub theta: Vec<f64>,
    pub convergence: Convergence,
}

/// Minimises a target over θ.
pub(super) fn search(
    problem: &Problem,
    target: &Target,
    start: Option<&[f64]>,
) -> Result<Found, ModelError> {
    let lost = || ModelError::Numerical("the criterion of the mixed model");
    let mut evaluations = 0;
    let mut inner = problem.objective(target);
    let mut objective = |theta: &DVector<f64>| {
        evaluations += 1;
        inner(theta)
    };
    let start = start.map_or_else(|| problem.template.start(), <[f64]>::to_vec);
    let mut at =
        minimise(&mut objective, DVector::from_vec(start), None, COARSE).ok_or_else(lost)?;
    leave_saddles(&problem.template, &mut objective, &mut at);
    check_runaway(problem, target, &at)?;
    let hessian = polish(&mut objective, &mut at).ok_or_else(lost)?;
    problem.template.normalise(at.x.as_mut_slice());
    to_boundary(&problem.template, &mut objective, &mut at);
    let convergence = judge(&at, &hessian, evaluations);
    // A gradient that is no number is no optimum either.
    if convergence.gradient.is_nan() || convergence.gradient > STEEP {
        return Err(StatsError::NoConvergence {
            what: "the mixed model",
        }
        .into());
    }
    Ok(Found {
        theta: at.x.as_slice().to_vec(),
        convergence,
    })
}

/// Where the residual variance vanishes there is no optimum.
fn check_runaway(problem: &Problem, target: &Target, at: &Minimum) -> Result<(), ModelError> {
    let profiled = problem.evaluate(at.x.as_slice(), target);
    let nothing = profiled.is_none_or(|profiled| profiled.rss < NOTHING_LEFT);
    if nothing || at.x.amax() > RUNAWAY {
        return Err(ModelError::PerfectFit);
    }
    Ok(())
}

/// Wherever a column of Λ is zero the gradient is, too: steps away from it to see whether that is a minimum.
fn leave_saddles(template: &Template, objective: &mut Objective, at: &mut Minimum) {
    for index in template.diagonal() {
        if at.x[index].abs() >= NEAR_ZERO {
            continue;
        }
        for away in [0.03, 0.3] {
            let mut x = at.x.clone();
            x[index] = away;
            let Some((value, _)) = objective(&x) else {
                continue;
            };
            if value < at.value - 1e-9
                && let Some(better) = minimise(objective, x, None, COARSE)
                && better.value < at.value
            {
                *at = better;
                break;
            }
        }
    }
}

/// Newton steps, as long as they make the gradient smaller; the Hessian at the end.
fn polish(objective: &mut Objective, at: &mut Minimum) -> Option<DMatrix<f64>> {
    let mut hessian = rough_hessian(objective, &at.x, &at.gradient)?;
    if dense::cholesky(&hessian).is_none() {
        *at = minimise(objective, at.x.clone(), None, FINE)?;
        hessian = rough_hessian(objective, &at.x, &at.gradient)?;
    }
    for _ in 0..2 {
        let Some(factor) = dense::cholesky(&hessian) else {
            break;
        };
        let right = DMatrix::from_column_slice(at.x.len(), 1, at.gradient.as_slice());
        let step = dense::solve_upper(&factor, &dense::solve_lower(&factor, &right));
        let x = &at.x - step.column(0);
        let Some((value, gradient)) = objective(&x) else {
            break;
        };
        let rounding = 1e-13 * (1.0 + value.abs());
        if gradient.norm() >= 0.5 * at.gradient.norm() || value > at.value + rounding {
            break;
        }
        let moved = (&x - &at.x).norm();
        (at.x, at.value, at.gradient) = (x, value, gradient);
        if moved > 1e-4 * at.x.norm() {
            hessian = rough_hessian(objective, &at.x, &at.gradient)?;
        }
    }
    Some(hessian)
}

/// Sets entries that are zero but for rounding to zero.
fn to_boundary(template: &Template, objective: &mut Objective, at: &mut Minimum) {
    for index in template.diagonal() {
        if at.x[index] == 0.0 || at.x[index] >= NEAR_ZERO {
            continue;
        }
        let mut x = at.x.clone();
        x[index] = 0.0;
        if let Some((value, gradient)) = objective(&x)
            && value <= at.value + 1e-9
        {
            (at.x, at.value, at.gradient) = (x, value, gradient);
        }
    }
}

fn judge(at: &Minimum, hessian: &DMatrix<f64>, evaluations: usize) -> Convergence {
    let factor = dense::cholesky(hessian);
    let gradient = match &factor {
        Some(factor) => {
            let right = DMatrix::from_column_slice(at.x.len(), 1, at.gradient.as_slice());
            let scaled = dense::solve_lower(factor, &right);
            let smaller = scaled
                .iter()
                .zip(&at.gradient)
                .map(|(a, b)| a.abs().min(b.abs()));
            smaller.fold(0.0, f64::max)
        }
        None => at.gradient.amax(),
    };
    Convergence {
        gradient,
        hessian_definite: factor.is_some(),
        evaluations,
    }
}

/// How the derivatives of a deviance are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Differences {
    /// The gradient is exact; the Hessian is of its differences.
    OfGradients,
    /// The gradient is of differences of values already.
    OfValues,
}

impl Differences {
    fn hessian(self, objective: &mut Objective, at: &DVector<f64>) -> Option<DMatrix<f64>> {
        match self {
            Self::OfGradients => central_hessian(objective, at),
            Self::OfValues => hessian(objective, at),
        }
    }
}

/// An optimum over θ and coefficients together.
pub(super) struct FoundJointly {
    /// Scaled θ, no diagonal entry negative, then β.
    pub x: DVector<f64>,
    pub value: f64,
    pub hessian: DMatrix<f64>,
}

/// The value and the gradient, of which the entries before a given one may be missing.
type PartialObjective<'a> = dyn Fn(&DVector<f64>, usize) -> Option<(f64, DVector<f64>)> + 'a;

/// Minimises a deviance over θ and the coefficients: first over those from `beta`, without random effects, for a start.
pub(super) fn search_jointly(
    template: &Template,
    deviance: &PartialObjective,
    beta: DVector<f64>,
    differences: Differences,
) -> Result<FoundJointly, ModelError> {
    let lost = || ModelError::Numerical("the likelihood of the mixed model");
    let (k, p) = (template.len(), beta.len());
    let whole =
        |beta: &DVector<f64>| DVector::from_fn(k + p, |i, _| if i < k { 0.0 } else { beta[i - k] });
    let mut first = |beta: &DVector<f64>| {
        let (value, gradient) = deviance(&whole(beta), k)?;
        Some((value, gradient.rows(k, p).into_owned()))
    };
    let start = minimise(&mut first, beta, None, 1e-4).ok_or_else(lost)?;
    let mut x = whole(&start.x);
    for index in template.diagonal() {
        x[index] = 0.5;
    }
    let mut objective = |x: &DVector<f64>| deviance(x, 0);
    let mut at = minimise(&mut objective, x, None, COARSE).ok_or_else(lost)?;
    leave_saddles(template, &mut objective, &mut at);
    // One step of Newton's takes the last digits that the differences can tell.
    let mut curvature = differences
        .hessian(&mut objective, &at.x)
        .ok_or_else(lost)?;
    if let Some(factor) = dense::cholesky(&curvature) {
        let right = DMatrix::from_column_slice(at.x.len(), 1, at.gradient.as_slice());
        let step = dense::solve_upper(&factor, &dense::solve_lower(&factor, &right));
        let x = &at.x - step.column(0);
        if let Some((moved, gradient)) = objective(&x)
            && moved <= at.value + 1e-9
        {
            let far = (&x - &at.x).norm() > 1e-3;
            (at.x, at.value, at.gradient) = (x, moved, gradient);
            if far {
                curvature = differences
                    .hessian(&mut objective, &at.x)
                    .ok_or_else(lost)?;
            }
        }
    }
    let mut theta = at.x.as_slice()[..k].to_vec();
    template.normalise(&mut theta);
    if at.x.as_slice()[..k] != theta {
        at.x.as_mut_slice()[..k].copy_from_slice(&theta);
        curvature = differences
            .hessian(&mut objective, &at.x)
            .ok_or_else(lost)?;
    }
    to_boundary(template, &mut objective, &mut at);
    let convergence = judge(&at, &curvature, 0);
    if convergence.gradient.is_nan() || convergence.gradient > STEEP {
        return Err(StatsError::NoConvergence {
            what: "the mixed model",
        }
        .into());
    }
    Ok(FoundJointly {
        x: at.x,
        value: at.value,
        hessian: curvature,
    })
}
