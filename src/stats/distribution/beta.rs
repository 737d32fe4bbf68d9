//! The beta distribution.

use super::super::StatsError;
use super::super::root::{Point, invert};
use super::super::special::incomplete_beta::incomplete_beta;
use super::super::special::{Tails, beta_front};
use super::{Distribution, Tail, UNKNOWN, positive};

/// The beta distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beta {
    a: f64,
    b: f64,
}

impl Beta {
    /// With shapes `a`, `b` > 0.
    pub fn new(a: f64, b: f64) -> Result<Self, StatsError> {
        let a = positive("first shape", a)?;
        let b = positive("second shape", b)?;
        Ok(Self { a, b })
    }

    /// The odds x/(1 − x), as their logarithm, at which `tail` has probability p ≤ ½.
    pub(super) fn log_odds_quantile(self, tail: Tail, p: f64) -> Result<f64, StatsError> {
        invert(tail, p, (self.a / self.b).ln(), |log_odds| {
            let (x, y) = expit(log_odds);
            let slope = beta_front(self.a, self.b, x, y);
            Point {
                probability: tail.of(incomplete_beta(self.a, self.b, x, y)),
                slope,
            }
        })
    }
}

impl Distribution for Beta {
    fn density(&self, x: f64) -> f64 {
        let (a, b) = (self.a, self.b);
        if !(0.0..=1.0).contains(&x) {
            return 0.0;
        }
        if x == 0.0 || x == 1.0 {
            let (shape, other) = if x == 0.0 { (a, b) } else { (b, a) };
            return match shape.total_cmp(&1.0) {
                std::cmp::Ordering::Less => f64::INFINITY,
                std::cmp::Ordering::Equal => other,
                std::cmp::Ordering::Greater => 0.0,
            };
        }
        beta_front(a, b, x, 1.0 - x) / x / (1.0 - x)
    }

    fn tails(&self, x: f64) -> Tails {
        if x.is_nan() {
            return UNKNOWN;
        }
        incomplete_beta(self.a, self.b, x, 1.0 - x)
    }

    fn support(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn smaller_quantile(&self, tail: Tail, p: f64) -> Result<f64, StatsError> {
        let (x, _) = expit(self.log_odds_quantile(tail, p)?);
        Ok(x)
    }
}

/// The proportion whose log odds are given, and its complement.
fn expit(log_odds: f64) -> (f64, f64) {
    let odds = log_odds.abs().exp();
    let (smaller, larger) = ((1.0 + odds).recip(), (1.0 + odds.recip()).recip());
    if log_odds < 0.0 {
        (smaller, larger)
    } else {
        (larger, smaller)
    }
}
