//! The likelihood as a function of all parameters but one.

use super::covariance::Template;
use super::criterion::{Profiled, Target};
use super::optimise::Objective;
use super::options::Estimation;
use super::problem::Problem;
use nalgebra::{DMatrix, DVector};

/// What is held, in computing units.
#[derive(Debug, Clone)]
pub(super) enum HeldKind {
    /// A combination of the coefficients of Q.
    Combination(DVector<f64>, f64),
    /// The residual standard deviation.
    Sigma(f64),
    /// The standard deviation of the first effect of a term, whose entry of θ is then that over σ; in that entry's
    /// place the parameters hold log σ.
    Sd {
        /// The entry.
        entry: usize,
        /// The standard deviation.
        value: f64,
    },
    /// The correlation of the first two effects of a term. In the place of the second's first entry the parameters
    /// hold its relative standard deviation; its second entry is no parameter.
    Correlation {
        /// The second effect's entries.
        entries: (usize, usize),
        /// The correlation.
        value: f64,
    },
}

/// The likelihood with one parameter held.
pub(super) struct Held {
    kind: HeldKind,
    target: Target,
}

impl Held {
    pub fn of(kind: HeldKind) -> Self {
        let mut target = Target::of(Estimation::Ml);
        match &kind {
            HeldKind::Combination(weights, value) => target.held = Some((weights.clone(), *value)),
            HeldKind::Sigma(value) => target.sigma = Some(*value),
            HeldKind::Sd { .. } | HeldKind::Correlation { .. } => {}
        }
        Self { kind, target }
    }

    /// The parameters that are relative standard deviations: where one is zero, so is the derivative by its column.
    pub fn variances(&self, template: &Template) -> Vec<usize> {
        let mut variances = template.diagonal();
        match &self.kind {
            HeldKind::Sd { entry, .. } => variances.retain(|index| index != entry),
            HeldKind::Correlation { entries, .. } => {
                variances.retain(|index| *index != entries.1);
                variances.push(entries.0);
            }
            HeldKind::Combination(..) | HeldKind::Sigma(_) => {}
        }
        variances
    }

    /// The deviance as a function of the free parameters.
    pub fn objective<'a>(
        &'a self,
        problem: &'a Problem,
        template: &'a Template,
    ) -> Box<Objective<'a>> {
        Box::new(move |x: &DVector<f64>| self.value(problem, template, x))
    }

    fn value(
        &self,
        problem: &Problem,
        template: &Template,
        x: &DVector<f64>,
    ) -> Option<(f64, DVector<f64>)> {
        let mut theta = x.clone();
        let mut target = self.target.clone();
        match &self.kind {
            HeldKind::Sd { entry, value } => {
                let sigma = x[*entry].exp();
                theta[*entry] = value / sigma;
                target.sigma = Some(sigma);
            }
            HeldKind::Correlation { entries, value } => {
                theta[entries.0] = x[entries.0] * value;
                theta[entries.1] = x[entries.0] * across(*value);
            }
            HeldKind::Combination(..) | HeldKind::Sigma(_) => {}
        }
        let factors: Vec<DMatrix<f64>> = template.factors(theta.as_slice());
        let at = Profiled::new(&problem.kernel, problem.n, factors, &target)?;
        let mut gradient = DVector::from_vec(template.gather(&at.gradient(&problem.kernel)));
        match &self.kind {
            HeldKind::Sd { entry, .. } => {
                // d θ / d log σ = −θ, and σ stands in the likelihood itself.
                gradient[*entry] =
                    2.0 * (at.dof - at.rss / at.variance()) - gradient[*entry] * theta[*entry];
            }
            HeldKind::Correlation { entries, value } => {
                gradient[entries.0] =
                    gradient[entries.0] * value + gradient[entries.1] * across(*value);
                gradient[entries.1] = 0.0;
            }
            HeldKind::Combination(..) | HeldKind::Sigma(_) => {}
        }
        Some((at.value, gradient))
    }
}

/// √(1 − ρ²), without loss near ±1.
fn across(correlation: f64) -> f64 {
    ((1.0 - correlation) * (1.0 + correlation)).max(0.0).sqrt()
}
