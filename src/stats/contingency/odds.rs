//! The conditional odds ratio of a table of two by two.

use super::super::StatsError;
use super::super::distribution::{Hypergeometric, Tail};
use super::super::interval::{Estimate, Interval};
use super::super::root::{Point, from_log, invert};
use super::ContingencyTable;
use super::fisher::MAXIMUM;

const WHAT: &str = "conditional odds ratio";

/// The odds ratio by conditional maximum likelihood with its exact interval.
pub type ConditionalOddsRatio = Estimate;

/// The odds ratio of the first row against the second given the margins, by maximum likelihood, and the interval that
/// inverts two one-sided exact tests (Cornfield 1956), as R's `fisher.test` gives them. The estimate is 0 or infinite at the
/// end of its support, and so is the limit on that side.
pub fn conditional_odds_ratio(
    table: &ContingencyTable,
    level: f64,
) -> Result<ConditionalOddsRatio, StatsError> {
    StatsError::check_level(level)?;
    table.check_margins(WHAT)?;
    let cells = table.two_by_two();
    let [a, b, c, d] = cells.ok_or_else(|| {
        StatsError::degenerate(WHAT, "the table has not two rows and two columns")
    })?;
    let family = Noncentral::new(Hypergeometric::new(a + c, b + d, a + b)?)?;
    let side = (1.0 - level) / 2.0;
    let start = ((a as f64 + 0.5) * (d as f64 + 0.5) / ((b as f64 + 0.5) * (c as f64 + 0.5))).ln();
    Ok(Estimate {
        value: family.most_likely(a, start)?,
        interval: Interval {
            low: family.limit(a, Tail::Upper, side, start)?,
            high: family.limit(a, Tail::Lower, side, start)?,
            level,
        },
    })
}

/// Fisher's noncentral hypergeometric distributions with the same margins, by log odds ratio.
struct Noncentral {
    low: u64,
    high: u64,
    /// ln P(X = low + i) where the odds ratio is 1.
    log_masses: Vec<f64>,
}

impl Noncentral {
    fn new(central: Hypergeometric) -> Result<Self, StatsError> {
        let (low, high) = central.support();
        if high - low > MAXIMUM {
            return Err(StatsError::TooLarge {
                what: WHAT,
                reason: format!("more than {MAXIMUM} tables have these margins"),
            });
        }
        // By ratios of neighbours: the masses themselves underflow in large tables.
        let mut log_mass = 0.0;
        let steps = (low + 1..=high).map(|count| {
            log_mass += central.ratio(count).ln();
            log_mass
        });
        let log_masses = std::iter::once(0.0).chain(steps).collect();
        Ok(Self {
            low,
            high,
            log_masses,
        })
    }

    /// The probabilities of the counts from `low` on.
    fn masses(&self, log_odds: f64) -> Vec<f64> {
        let tilted = self.log_masses.iter().enumerate();
        let mut masses: Vec<f64> = tilted
            .map(|(index, log)| log + index as f64 * log_odds)
            .collect();
        let largest = masses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for mass in &mut masses {
            *mass = (*mass - largest).exp();
            sum += *mass;
        }
        for mass in &mut masses {
            *mass /= sum;
        }
        masses
    }

    /// The mean and the variance of the count, above `low`.
    fn moments(masses: &[f64]) -> (f64, f64) {
        let indexed = || masses.iter().enumerate();
        let mean: f64 = indexed().map(|(i, mass)| i as f64 * mass).sum();
        let spread = indexed().map(|(i, mass)| (i as f64 - mean).powi(2) * mass);
        (mean, spread.sum())
    }

    /// The odds ratio at which `count` is expected, which is the most likely one.
    fn most_likely(&self, count: u64, start: f64) -> Result<f64, StatsError> {
        if count == self.low {
            return Ok(0.0);
        }
        if count == self.high {
            return Ok(f64::INFINITY);
        }
        let log_odds = invert(Tail::Lower, (count - self.low) as f64, start, |log_odds| {
            let (probability, slope) = Self::moments(&self.masses(log_odds));
            Point { probability, slope }
        })?;
        Ok(from_log(log_odds))
    }

    /// The odds ratio at which the tail that contains `count` has probability `side`.
    fn limit(&self, count: u64, tail: Tail, side: f64, start: f64) -> Result<f64, StatsError> {
        match tail {
            Tail::Upper if count == self.low => return Ok(0.0),
            Tail::Lower if count == self.high => return Ok(f64::INFINITY),
            _ => {}
        }
        // P(X ≥ count) rises with the odds ratio, P(X ≤ count) falls.
        let log_odds = invert(tail.other(), side, start, |log_odds| {
            let masses = self.masses(log_odds);
            let (mean, _) = Self::moments(&masses);
            let inside = masses.iter().enumerate().filter(|(index, _)| {
                let at = self.low + *index as u64;
                if tail == Tail::Upper {
                    at >= count
                } else {
                    at <= count
                }
            });
            let (mut probability, mut slope) = (0.0, 0.0);
            for (index, mass) in inside {
                probability += mass;
                slope += mass * (index as f64 - mean);
            }
            Point {
                probability,
                slope: slope.abs(),
            }
        })?;
        Ok(from_log(log_odds))
    }
}
