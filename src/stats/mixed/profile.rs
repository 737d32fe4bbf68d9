//! Profile-likelihood intervals.
//!
//! A parameter is held at a value and the likelihood maximised over all others; the interval holds the values whose
//! signed root deviance lies within the normal quantiles (Bates et al 2015, §5.1). It is always the full likelihood
//! that is profiled, also of a fit by REML, as lme4 does. lme4 interpolates between values of the root; here its
//! equation is solved.

use super::super::StatsError;
use super::super::design::CoefficientName;
use super::super::distribution::{Distribution, Normal};
use super::super::model_error::ModelError;
use super::covariance::Template;
use super::criterion::{Profiled, Target};
use super::fit::MixedFit;
use super::held::{Held, HeldKind};
use super::optimise::{Minimum, minimise};
use super::options::Estimation;
use super::search::search;
use nalgebra::{DMatrix, DVector};

/// How near the root deviance has to come to the quantile.
const EXACT: f64 = 1e-8;
const MAX_STEPS: usize = 100;
/// How near to the maximum, in units of the deviance, the other parameters have to bring it.
const ENOUGH: f64 = 1e-9;

/// A parameter with an interval.
#[derive(Debug, Clone, PartialEq)]
pub enum ProfileParameter {
    /// The standard deviation of a random effect.
    Sd {
        /// The term, as in [`MixedFit::components`].
        term: usize,
        /// The effect within the term.
        effect: usize,
    },
    /// The correlation of two random effects.
    Correlation {
        /// The term.
        term: usize,
        /// The first effect.
        first: usize,
        /// The second.
        second: usize,
    },
    /// The residual standard deviation.
    Sigma,
    /// A fixed effect.
    Coefficient(CoefficientName),
}

/// A parameter's interval.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileInterval {
    /// The parameter.
    pub parameter: ProfileParameter,
    /// Its maximum-likelihood estimate.
    pub estimate: f64,
    /// The lower limit; the least possible value where the likelihood does not exclude that.
    pub low: f64,
    /// The upper limit; the greatest possible value where the likelihood does not exclude that.
    pub high: f64,
}

/// The likelihood's maximum, and what is sought.
pub(super) struct Profiler<'a> {
    fit: &'a MixedFit,
    theta: Vec<f64>,
    at: Profiled,
    critical: f64,
}

/// A parameter in computing units.
struct Axis<'a> {
    best: f64,
    /// A first guess of the distance of a limit.
    step: f64,
    bounds: (f64, f64),
    held: Box<dyn Fn(f64) -> Held + 'a>,
    template: Template,
    start: DVector<f64>,
}

impl MixedFit {
    /// Profile intervals of all parameters at confidence `level`: standard deviations and correlations in the order of
    /// lme4 (by term and column of the lower triangle), σ, then the estimable fixed effects.
    pub fn profile_intervals(&self, level: f64) -> Result<Vec<ProfileInterval>, ModelError> {
        let profiler = Profiler::new(self, level)?;
        let mut intervals = Vec::new();
        for (term, components) in self.components.iter().enumerate() {
            for first in 0..components.sd.len() {
                intervals.push(profiler.sd(term, first)?);
                for second in first + 1..components.sd.len() {
                    intervals.push(profiler.correlation(term, first, second)?);
                }
            }
        }
        intervals.push(profiler.sigma()?);
        intervals.extend(self.profile_coefficients(level)?);
        Ok(intervals)
    }

    /// Profile intervals of the estimable fixed effects alone.
    pub fn profile_coefficients(&self, level: f64) -> Result<Vec<ProfileInterval>, ModelError> {
        let profiler = Profiler::new(self, level)?;
        let mut intervals = Vec::new();
        for (position, &column) in self.estimable.iter().enumerate() {
            let mut weights = vec![0.0; self.estimable.len()];
            weights[position] = 1.0;
            let (estimate, low, high) = profiler.combination(&weights)?;
            let Some(name) = self.design.names.get(column).cloned() else {
                continue;
            };
            let parameter = ProfileParameter::Coefficient(name);
            intervals.push(ProfileInterval {
                parameter,
                estimate,
                low,
                high,
            });
        }
        Ok(intervals)
    }

    /// The profile interval of a combination of coefficients with the given weights, one for each coefficient: its
    /// maximum-likelihood estimate and the two limits.
    pub fn profile_contrast(
        &self,
        weights: &[f64],
        level: f64,
    ) -> Result<(f64, f64, f64), ModelError> {
        let weights = self.estimable_part(weights)?;
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(ModelError::EmptyContrast);
        }
        Profiler::new(self, level)?.combination(&weights)
    }
}

impl<'a> Profiler<'a> {
    pub fn new(fit: &'a MixedFit, level: f64) -> Result<Self, ModelError> {
        if !(level > 0.0 && level < 1.0) {
            return Err(ModelError::ConfidenceLevel(level));
        }
        let target = Target::of(Estimation::Ml);
        let theta = match fit.options.estimation {
            Estimation::Ml => fit.scaled.clone(),
            Estimation::Reml => search(&fit.problem, &target, None)?.theta,
        };
        let at = fit.problem.evaluate(&theta, &target);
        let at = at.ok_or(ModelError::Numerical("the likelihood at its maximum"))?;
        let critical = Normal.upper_quantile((1.0 - level) / 2.0)?;
        Ok(Self {
            fit,
            theta,
            at,
            critical,
        })
    }

    /// A combination of the estimable coefficients: estimate and limits.
    fn combination(&self, weights: &[f64]) -> Result<(f64, f64, f64), ModelError> {
        let problem = &self.fit.problem;
        let (weights, fixed) = problem.units.combination(weights);
        let best = weights.dot(&self.at.beta);
        let variance = weights.dot(&(&self.at.inverse * &weights)) * self.at.variance();
        let axis = Axis {
            best,
            step: self.critical * variance.sqrt(),
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            held: Box::new(|value| Held::of(HeldKind::Combination(weights.clone(), value))),
            template: problem.template.clone(),
            start: DVector::from_column_slice(&self.theta),
        };
        let (low, high) = self.limits(&axis)?;
        let back = |value: f64| fixed + problem.units.length * value;
        Ok((back(best), back(low), back(high)))
    }

    fn sigma(&self) -> Result<ProfileInterval, ModelError> {
        let problem = &self.fit.problem;
        let best = self.at.variance().sqrt();
        let axis = Axis {
            best,
            step: self.critical * best / (2.0 * self.at.dof).sqrt(),
            bounds: (0.0, f64::INFINITY),
            held: Box::new(|value| Held::of(HeldKind::Sigma(value))),
            template: problem.template.clone(),
            start: DVector::from_column_slice(&self.theta),
        };
        let (low, high) = self.limits(&axis)?;
        let unit = problem.units.length;
        let parameter = ProfileParameter::Sigma;
        Ok(ProfileInterval {
            parameter,
            estimate: best * unit,
            low: low * unit,
            high: high * unit,
        })
    }

    fn sd(&self, term: usize, effect: usize) -> Result<ProfileInterval, ModelError> {
        let problem = &self.fit.problem;
        let (template, theta) = problem.template.reordered(&self.theta, term, &[effect]);
        let entry = template.first_of(term);
        let sigma = self.at.variance().sqrt();
        let best = theta[entry] * sigma;
        // σ stands in the place of the entry that is held.
        let mut start = theta;
        start[entry] = sigma.ln();
        let axis = Axis {
            best,
            step: self.critical * best.max(0.1 * sigma) / 4.0,
            bounds: (0.0, f64::INFINITY),
            held: Box::new(move |value| Held::of(HeldKind::Sd { entry, value })),
            template,
            start: DVector::from_vec(start),
        };
        let (low, high) = self.limits(&axis)?;
        let divisor = problem.template.divisors[term][effect];
        let unit = problem.units.length / divisor;
        let parameter = ProfileParameter::Sd { term, effect };
        Ok(ProfileInterval {
            parameter,
            estimate: best * unit,
            low: low * unit,
            high: high * unit,
        })
    }

    fn correlation(
        &self,
        term: usize,
        first: usize,
        second: usize,
    ) -> Result<ProfileInterval, ModelError> {
        let problem = &self.fit.problem;
        let (template, theta) = problem
            .template
            .reordered(&self.theta, term, &[first, second]);
        let entries = template.second_of(term);
        let (covariance, own) = (theta[entries.0], theta[entries.1]);
        let length = covariance.hypot(own);
        let best = if length > 0.0 {
            (covariance / length).clamp(-1.0, 1.0)
        } else {
            0.0
        };
        // The second effect's standard deviation stands in the place of the first of its two entries, the other one
        // has no influence.
        let mut start = theta;
        start[entries.0] = length;
        start[entries.1] = 0.0;
        let axis = Axis {
            best,
            step: 0.2,
            bounds: (-1.0, 1.0),
            held: Box::new(move |value| Held::of(HeldKind::Correlation { entries, value })),
            template,
            start: DVector::from_vec(start),
        };
        let (low, high) = self.limits(&axis)?;
        let parameter = ProfileParameter::Correlation {
            term,
            first,
            second,
        };
        Ok(ProfileInterval {
            parameter,
            estimate: best,
            low,
            high,
        })
    }

    fn limits(&self, axis: &Axis) -> Result<(f64, f64), ModelError> {
        let mut curvature = None;
        let low = self.limit(axis, -1.0, &mut curvature)?;
        Ok((low, self.limit(axis, 1.0, &mut curvature)?))
    }

    /// The value on one side of the best at which the root deviance is the quantile, or the bound on that side.
    fn limit(
        &self,
        axis: &Axis,
        side: f64,
        curvature: &mut Option<DMatrix<f64>>,
    ) -> Result<f64, ModelError> {
        let bound = if side < 0.0 {
            axis.bounds.0
        } else {
            axis.bounds.1
        };
        let room = (bound - axis.best).abs();
        let mut last: Option<Minimum> = None;
        // The distance from the best that is too short, and one that is long enough, with their roots.
        let mut short = (0.0, 0.0);
        let mut long: Option<(f64, f64)> = None;
        let mut distance = axis.step.min(room);
        for _ in 0..MAX_STEPS {
            if room == 0.0 {
                return Ok(bound);
            }
            let value = if distance >= room {
                bound
            } else {
                axis.best + side * distance
            };
            let root = self.root(axis, value, &mut last, curvature);
            let miss = root - self.critical;
            if miss.abs() < EXACT {
                return Ok(value);
            }
            if miss < 0.0 {
                if distance >= room {
                    return Ok(bound);
                }
                short = (distance, root);
            } else {
                long = Some((distance, root));
            }
            distance = self.next(short, long, room);
            if let Some((far, _)) = long
                && far - short.0 <= 1e-13 * far
            {
                return Ok(axis.best + side * far);
            }
        }
        Err(StatsError::NoConvergence {
            what: "the profile likelihood",
        }
        .into())
    }

    /// The next distance to try: where the root would be on a straight line, kept inside the bracket.
    fn next(&self, short: (f64, f64), long: Option<(f64, f64)>, room: f64) -> f64 {
        match long {
            None => {
                let factor = if short.1 > 0.0 {
                    1.02 * self.critical / short.1
                } else {
                    4.0
                };
                (short.0 * factor.clamp(1.1, 4.0)).min(room)
            }
            Some(long) if long.1.is_infinite() => f64::midpoint(short.0, long.0),
            Some(long) => {
                let share = (self.critical - short.1) / (long.1 - short.1);
                let width = long.0 - short.0;
                // Away from the ends, or one of them would stay for ever; on both sides of the root in turn.
                let straight = short.0 + share * width;
                let nudge = 1e-7 * width;
                straight.clamp(short.0 + nudge, long.0 - nudge)
            }
        }
    }

    /// The root of the deviance with a parameter held at a value.
    fn root(
        &self,
        axis: &Axis,
        value: f64,
        last: &mut Option<Minimum>,
        curvature: &mut Option<DMatrix<f64>>,
    ) -> f64 {
        let held = (axis.held)(value);
        let mut objective = held.objective(&self.fit.problem, &axis.template);
        // Away from zero, where the gradient says nothing.
        let lift = |x: &DVector<f64>| {
            let mut x = x.clone();
            for index in held.variances(&axis.template) {
                if x[index].abs() < 1e-3 {
                    x[index] = 0.05;
                }
            }
            x
        };
        let start = lift(last.as_ref().map_or(&axis.start, |minimum| &minimum.x));
        let hessian = curvature.take();
        let Some(minimum) = minimise(&mut *objective, start, hessian, ENOUGH) else {
            return f64::INFINITY;
        };
        let root = (minimum.value - self.at.value).max(0.0).sqrt();
        *curvature = Some(minimum.inverse_hessian.clone());
        *last = Some(minimum);
        root
    }
}
