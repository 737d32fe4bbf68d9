//! Distributions of outcomes that are not normal, with their canonical links.

use super::super::special::{binomial_mass, stirling_error};

/// The distribution of the outcome given the random effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// A number of successes in a number of trials, logit link: the outcome is the share of successes (0 or 1 for one
    /// trial), the weight the number of trials.
    Binomial,
    /// A count, log link.
    Poisson,
}

/// What a row adds to −2 log likelihood, with its derivatives by the linear predictor.
pub(super) struct RowDeviance {
    /// −2 log likelihood but for what does not depend on the predictor.
    pub value: f64,
    /// Half its negative first derivative.
    pub score: f64,
    /// Half its second derivative.
    pub information: f64,
    /// Half its third derivative.
    pub third: f64,
}

impl Family {
    /// Whether an outcome with a weight is possible.
    pub(super) fn admits(self, y: f64, weight: f64) -> bool {
        let whole = |value: f64| (value - value.round()).abs() <= 1e-7 * value.abs().max(1.0);
        match self {
            Self::Binomial => (0.0..=1.0).contains(&y) && whole(weight) && whole(weight * y),
            Self::Poisson => (0.0..1e15).contains(&y) && whole(y) && weight == 1.0,
        }
    }

    /// The mean at a linear predictor.
    pub(super) fn mean(self, eta: f64) -> f64 {
        match self {
            Self::Binomial if eta >= 0.0 => 1.0 / (1.0 + (-eta).exp()),
            Self::Binomial => eta.exp() / (1.0 + eta.exp()),
            Self::Poisson => eta.exp(),
        }
    }

    /// A row's deviance at a linear predictor.
    pub(super) fn row(self, y: f64, weight: f64, eta: f64) -> RowDeviance {
        match self {
            Self::Binomial => {
                let tail = (-eta.abs()).exp();
                let log_sum = eta.max(0.0) + tail.ln_1p();
                let near = 1.0 / (1.0 + tail);
                let far = tail * near;
                let (mean, other) = if eta >= 0.0 { (near, far) } else { (far, near) };
                let information = weight * mean * other;
                RowDeviance {
                    value: 2.0 * weight * (log_sum - y * eta),
                    score: weight * (y - mean),
                    information,
                    third: information * (other - mean),
                }
            }
            Self::Poisson => {
                let mean = self.mean(eta);
                RowDeviance {
                    value: 2.0 * (mean - y * eta),
                    score: y - mean,
                    information: mean,
                    third: mean,
                }
            }
        }
    }

    /// What does not depend on the predictor.
    pub(super) fn constant(self, y: f64, weight: f64) -> f64 {
        // From the deviance of a model whose mean is the outcome.
        let entropy = |share: f64| if share > 0.0 { share * share.ln() } else { 0.0 };
        match self {
            Self::Binomial => {
                let trials = weight.round();
                let successes = (weight * y).round();
                let mass = binomial_mass(successes, trials, y, 1.0 - y);
                2.0 * weight * (entropy(y) + entropy(1.0 - y)) - 2.0 * mass.ln()
            }
            Self::Poisson if y == 0.0 => 0.0,
            Self::Poisson => {
                2.0 * (entropy(y) - y) + 2.0 * stirling_error(y) + (std::f64::consts::TAU * y).ln()
            }
        }
    }
}
