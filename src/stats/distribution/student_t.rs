//! Student's t distribution.

use super::super::StatsError;
use super::super::root::{Point, from_log, invert};
use super::super::special::incomplete_beta::incomplete_beta;
use super::super::special::{Tails, beta_front};
use super::{Distribution, Tail, UNKNOWN, positive};

/// Beyond this t its square is not representable with ease; the tail is a pure power there.
const FAR: f64 = 1e100;

/// Student's t distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudentT {
    df: f64,
}

impl StudentT {
    /// With `df` > 0 degrees of freedom, which need not be whole.
    pub fn new(df: f64) -> Result<Self, StatsError> {
        positive("degrees of freedom", df).map(|df| Self { df })
    }

    /// P(|T| > |t|).
    pub fn two_sided(self, t: f64) -> f64 {
        if t.is_nan() {
            return f64::NAN;
        }
        let t = t.abs();
        if t > FAR {
            return self.two_sided(FAR) * (FAR / t).powf(self.df);
        }
        self.squared(t).lower
    }

    /// The half-width factor of a two-sided interval of level `level`: the t exceeded with probability (1 − level)/2.
    pub fn critical(self, level: f64) -> Result<f64, StatsError> {
        StatsError::check_level(level)?;
        self.upper_quantile((1.0 - level) / 2.0)
    }

    /// The density of ln T at ln t, for t > 0.
    fn density_of_log(self, t: f64) -> f64 {
        if t > FAR {
            return 0.5 * self.df * self.two_sided(t);
        }
        let (x, y) = self.split(t);
        beta_front(self.df / 2.0, 0.5, x, y)
    }

    /// P(|T| > t) as lower and P(|T| ≤ t) as upper tail of df/(df + t²).
    fn squared(self, t: f64) -> Tails {
        let (x, y) = self.split(t);
        incomplete_beta(self.df / 2.0, 0.5, x, y)
    }

    /// df/(df + t²) and t²/(df + t²).
    fn split(self, t: f64) -> (f64, f64) {
        let square = t * t;
        let total = self.df + square;
        (self.df / total, square / total)
    }
}

impl Distribution for StudentT {
    fn density(&self, t: f64) -> f64 {
        let t = t.abs();
        // The density does not change any more this near the centre, but t/t would.
        let t = t.max(1e-100);
        self.density_of_log(t) / t
    }

    fn tails(&self, t: f64) -> Tails {
        if t.is_nan() {
            return UNKNOWN;
        }
        let outside = 0.5 * self.two_sided(t);
        let beyond = Tails {
            lower: 0.5 + (0.5 - outside),
            upper: outside,
        };
        if t > 0.0 { beyond } else { beyond.swapped() }
    }

    fn support(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    fn smaller_quantile(&self, tail: Tail, p: f64) -> Result<f64, StatsError> {
        if p == 0.5 {
            return Ok(0.0);
        }
        // Near the centre the mass between 0 and t is matched, which keeps the digits of a t near 0.
        let log = if p > 0.25 {
            let mass = 0.5 - p;
            invert(Tail::Lower, mass, mass.ln(), |log| Point {
                probability: 0.5 * self.squared(log.exp()).upper,
                slope: self.density_of_log(log.exp()),
            })?
        } else {
            invert(Tail::Upper, p, 0.0, |log| Point {
                probability: 0.5 * self.two_sided(log.exp()),
                slope: self.density_of_log(log.exp()),
            })?
        };
        Ok(match tail {
            Tail::Lower => -from_log(log),
            Tail::Upper => from_log(log),
        })
    }
}
