//! The estimated standard deviation as a function of a normal value.

use super::super::StatsError;
use super::super::distribution::{ChiSquared, Distribution, Normal};

/// The table's reach and its points per unit.
const REACH: f64 = 8.5;
const PER_UNIT: f64 = 32.0;

/// S = √(χ²/df) as a function of a standard normal value x with the same probability below: a cubic between points,
/// where the slope is known too.
pub(super) struct ScaleTable {
    /// Value and slope per interval.
    points: Vec<(f64, f64)>,
}

impl ScaleTable {
    pub fn new(df: f64) -> Result<Self, StatsError> {
        let chi = ChiSquared::new(df)?;
        let mut points = Vec::new();
        let mut index = 0.0;
        while index <= 2.0 * REACH * PER_UNIT {
            let x = index / PER_UNIT - REACH;
            let square = if x < 0.0 {
                chi.quantile(Normal.cdf(x))?
            } else {
                chi.upper_quantile(Normal.upper(x))?
            };
            let scale = (square / df).sqrt();
            let slope = Normal.density(x) / (2.0 * scale * df * chi.density(square));
            points.push((scale, slope / PER_UNIT));
            index += 1.0;
        }
        Ok(Self { points })
    }

    pub fn at(&self, x: f64) -> f64 {
        let place = (x.clamp(-REACH, REACH) + REACH) * PER_UNIT;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the table"
        )]
        let index = (place as usize).min(self.points.len().saturating_sub(2));
        let (Some(&(a, da)), Some(&(b, db))) = (self.points.get(index), self.points.get(index + 1))
        else {
            return 1.0;
        };
        let t = place - index as f64;
        let rest = 1.0 - t;
        // Hermite's cubic.
        rest * rest * ((1.0 + 2.0 * t) * a + t * da) + t * t * ((1.0 + 2.0 * rest) * b - rest * db)
    }
}
