//! The binomial distribution.

use super::super::StatsError;
use super::super::special::incomplete_beta::incomplete_beta;
use super::super::special::{Tails, binomial_mass};

/// The binomial distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Binomial {
    trials: u64,
    probability: f64,
}

impl Binomial {
    /// With a number of trials and the probability of a success.
    pub fn new(trials: u64, probability: f64) -> Result<Self, StatsError> {
        if !(0.0..=1.0).contains(&probability) {
            return Err(StatsError::OutOfRange {
                what: "probability",
                value: probability,
                allowed: "from 0 to 1",
            });
        }
        Ok(Self {
            trials,
            probability,
        })
    }

    /// P(X = k).
    pub fn mass(self, k: u64) -> f64 {
        let (p, q) = (self.probability, 1.0 - self.probability);
        binomial_mass(k as f64, self.trials as f64, p, q)
    }

    /// P(X ≤ k).
    pub fn cdf(self, k: u64) -> f64 {
        self.tails(k).lower
    }

    /// P(X > k).
    pub fn upper(self, k: u64) -> f64 {
        self.tails(k).upper
    }

    /// The smallest k with P(X ≤ k) ≥ p, allowing for rounding as R does.
    pub fn quantile(self, p: f64) -> Result<u64, StatsError> {
        if !(0.0..=1.0).contains(&p) {
            return Err(StatsError::OutOfRange {
                what: "probability",
                value: p,
                allowed: "from 0 to 1",
            });
        }
        if p == 1.0 {
            return Ok(self.trials);
        }
        let enough = p * (1.0 - 64.0 * f64::EPSILON);
        let (mut low, mut high) = (0, self.trials);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.cdf(middle) >= enough {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low)
    }

    fn tails(self, k: u64) -> Tails {
        if k >= self.trials {
            return Tails::from_lower(1.0);
        }
        let (p, q) = (self.probability, 1.0 - self.probability);
        // P(X > k) is the beta distribution's mass below p.
        incomplete_beta((k + 1) as f64, (self.trials - k) as f64, p, q).swapped()
    }
}
