//! Fisher's F distribution.

use super::super::StatsError;
use super::super::root::from_log;
use super::super::special::incomplete_beta::incomplete_beta;
use super::super::special::{Tails, beta_front};
use super::beta::Beta;
use super::{Distribution, Tail, UNKNOWN, positive};

/// Fisher's F distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FisherF {
    numerator: f64,
    denominator: f64,
}

impl FisherF {
    /// With the degrees of freedom > 0 of the numerator and of the denominator.
    pub fn new(numerator: f64, denominator: f64) -> Result<Self, StatsError> {
        Ok(Self {
            numerator: positive("numerator degrees of freedom", numerator)?,
            denominator: positive("denominator degrees of freedom", denominator)?,
        })
    }

    /// `d1 f / (d1 f + d2)` and its complement.
    fn split(self, f: f64) -> (f64, f64) {
        let odds = f * (self.numerator / self.denominator);
        ((1.0 + odds.recip()).recip(), (1.0 + odds).recip())
    }
}

impl Distribution for FisherF {
    fn density(&self, f: f64) -> f64 {
        if f < 0.0 || f.is_infinite() {
            return 0.0;
        }
        if f == 0.0 {
            return match self.numerator.total_cmp(&2.0) {
                std::cmp::Ordering::Less => f64::INFINITY,
                std::cmp::Ordering::Equal => 1.0,
                std::cmp::Ordering::Greater => 0.0,
            };
        }
        let (x, y) = self.split(f);
        beta_front(self.numerator / 2.0, self.denominator / 2.0, x, y) / f
    }

    fn tails(&self, f: f64) -> Tails {
        if f.is_nan() {
            return UNKNOWN;
        }
        if f <= 0.0 {
            return Tails::from_lower(0.0);
        }
        let (x, y) = self.split(f);
        incomplete_beta(self.numerator / 2.0, self.denominator / 2.0, x, y)
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn smaller_quantile(&self, tail: Tail, p: f64) -> Result<f64, StatsError> {
        let beta = Beta::new(self.numerator / 2.0, self.denominator / 2.0)?;
        let odds = from_log(beta.log_odds_quantile(tail, p)?);
        Ok(odds * (self.denominator / self.numerator))
    }
}
