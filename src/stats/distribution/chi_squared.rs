//! The chi-squared distribution.

use super::super::StatsError;
use super::super::root::{Point, from_log, invert};
use super::super::special::incomplete_gamma::incomplete_gamma;
use super::super::special::{Tails, poisson_mass};
use super::{Distribution, Tail, UNKNOWN, positive};

/// The chi-squared distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquared {
    df: f64,
}

impl ChiSquared {
    /// With `df` > 0 degrees of freedom, which need not be whole.
    pub fn new(df: f64) -> Result<Self, StatsError> {
        positive("degrees of freedom", df).map(|df| Self { df })
    }
}

impl Distribution for ChiSquared {
    fn density(&self, x: f64) -> f64 {
        if x < 0.0 {
            return 0.0;
        }
        let shape = self.df / 2.0;
        if x == 0.0 {
            return match shape.total_cmp(&1.0) {
                std::cmp::Ordering::Less => f64::INFINITY,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 0.0,
            };
        }
        shape * poisson_mass(shape, x / 2.0) / x
    }

    fn tails(&self, x: f64) -> Tails {
        if x.is_nan() {
            return UNKNOWN;
        }
        incomplete_gamma(self.df / 2.0, x / 2.0)
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn smaller_quantile(&self, tail: Tail, p: f64) -> Result<f64, StatsError> {
        let log = invert(tail, p, self.df.ln(), |log| {
            let x = log.exp();
            let slope = self.df / 2.0 * poisson_mass(self.df / 2.0, x / 2.0);
            Point {
                probability: tail.of(self.tails(x)),
                slope,
            }
        })?;
        Ok(from_log(log))
    }
}
