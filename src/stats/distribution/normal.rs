//! The standard normal distribution.

use std::f64::consts::PI;

use super::super::StatsError;
use super::super::root::{Point, invert};
use super::super::special::Tails;
use super::super::special::incomplete_gamma::incomplete_gamma;
use super::{Distribution, Tail, UNKNOWN};

/// The standard normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal;

impl Normal {
    /// P(|X| > |z|).
    pub fn two_sided(self, z: f64) -> f64 {
        squared(z).upper
    }
}

impl Distribution for Normal {
    fn density(&self, x: f64) -> f64 {
        (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
    }

    fn tails(&self, x: f64) -> Tails {
        if x.is_nan() {
            return UNKNOWN;
        }
        let outside = 0.5 * squared(x).upper;
        let beyond = Tails {
            lower: 0.5 + (0.5 - outside),
            upper: outside,
        };
        if x > 0.0 { beyond } else { beyond.swapped() }
    }

    fn support(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    fn smaller_quantile(&self, tail: Tail, p: f64) -> Result<f64, StatsError> {
        let distance = if p > 0.25 {
            central_quantile(0.5 - p)?
        } else {
            invert(Tail::Upper, p, start(p), |z| Point {
                probability: self.upper(z),
                slope: self.density(z),
            })?
        };
        Ok(match tail {
            Tail::Lower => -distance,
            Tail::Upper => distance,
        })
    }
}

/// P(|X| ≤ |z|) and P(|X| > |z|): X² is chi-squared with one degree of freedom.
fn squared(z: f64) -> Tails {
    incomplete_gamma(0.5, 0.5 * z * z)
}

/// The z with P(0 < X < z) = mass, which keeps the digits of a z near 0.
fn central_quantile(mass: f64) -> Result<f64, StatsError> {
    if mass == 0.0 {
        return Ok(0.0);
    }
    let density_at_0 = Normal.density(0.0);
    let log = invert(Tail::Lower, mass, (mass / density_at_0).ln(), |log| {
        let z = log.exp();
        Point {
            probability: 0.5 * squared(z).lower,
            slope: z * Normal.density(z),
        }
    })?;
    Ok(log.exp())
}

/// The upper quantile to 4.5e-4 (Hastings; Abramowitz and Stegun 26.2.23), for p ≤ ½.
fn start(p: f64) -> f64 {
    let t = (-2.0 * p.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    t - above / below
}
