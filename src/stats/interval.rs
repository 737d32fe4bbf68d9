//! Confidence intervals of means, proportions, and of what compares two proportions.

use super::StatsError;
use super::distribution::{Beta, Distribution, Normal, StudentT};
use super::summary::{mean, standard_error};

/// A two-sided confidence interval. An end may be infinite where the method says so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// Confidence level, between 0 and 1.
    pub level: f64,
}

impl Interval {
    /// estimate ± `half_width`.
    pub(super) fn around(estimate: f64, half_width: f64, level: f64) -> Self {
        Self {
            low: estimate - half_width,
            high: estimate + half_width,
            level,
        }
    }
}

/// An estimate with its confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its confidence interval.
    pub interval: Interval,
}

/// How many of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    events: u64,
    total: u64,
}

impl Proportion {
    /// `events` of `total`, which is at least 1.
    pub fn new(events: u64, total: u64) -> Result<Self, StatsError> {
        StatsError::check_count("proportion", "observation", 1, usize::from(total > 0))?;
        if events > total {
            return Err(StatsError::OutOfRange {
                what: "number of events",
                value: events as f64,
                allowed: "at most the number of observations",
            });
        }
        Ok(Self { events, total })
    }

    /// How many.
    pub fn events(self) -> u64 {
        self.events
    }

    /// Of how many.
    pub fn total(self) -> u64 {
        self.total
    }

    /// The proportion, 0 to 1.
    pub fn value(self) -> f64 {
        self.events as f64 / self.total as f64
    }

    /// The number without the event.
    fn others(self) -> f64 {
        (self.total - self.events) as f64
    }
}

/// The normal quantile of a two-sided interval.
fn critical_z(level: f64) -> Result<f64, StatsError> {
    StatsError::check_level(level)?;
    Normal.upper_quantile((1.0 - level) / 2.0)
}

/// The mean with its t interval.
pub fn mean_interval(values: &[f64], level: f64) -> Result<Estimate, StatsError> {
    StatsError::check_level(level)?;
    StatsError::check_count("confidence interval of a mean", "values", 2, values.len())?;
    let (centre, error) = (mean(values)?, standard_error(values)?);
    let factor = StudentT::new((values.len() - 1) as f64)?.critical(level)?;
    Ok(Estimate {
        value: centre,
        interval: Interval::around(centre, factor * error, level),
    })
}

/// The score interval of a proportion, without continuity correction (Wilson 1927).
pub fn wilson(proportion: Proportion, level: f64) -> Result<Interval, StatsError> {
    let z = critical_z(level)?;
    let (n, p) = (proportion.total as f64, proportion.value());
    let square = z * z;
    let centre = p + square / (2.0 * n);
    let spread = z * (p * (proportion.others() / n) / n + square / (4.0 * n * n)).sqrt();
    let scale = 1.0 + square / n;
    // At the ends the limits are exactly 0 and 1, which the formula misses by rounding.
    let low = match proportion.events {
        0 => 0.0,
        _ => (centre - spread) / scale,
    };
    let high = match proportion.total - proportion.events {
        0 => 1.0,
        _ => (centre + spread) / scale,
    };
    Ok(Interval { low, high, level })
}

/// The exact interval of a proportion (Clopper and Pearson 1934).
pub fn clopper_pearson(proportion: Proportion, level: f64) -> Result<Interval, StatsError> {
    StatsError::check_level(level)?;
    let side = (1.0 - level) / 2.0;
    let (events, others) = (proportion.events as f64, proportion.others());
    let low = match proportion.events {
        0 => 0.0,
        _ => Beta::new(events, others + 1.0)?.quantile(side)?,
    };
    let high = match proportion.total - proportion.events {
        0 => 1.0,
        _ => Beta::new(events + 1.0, others)?.upper_quantile(side)?,
    };
    Ok(Interval { low, high, level })
}

/// The difference `first − second` with the hybrid score interval, which squares and adds the Wilson limits' distances
/// (Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10).
pub fn difference_of_proportions(
    first: Proportion,
    second: Proportion,
    level: f64,
) -> Result<Estimate, StatsError> {
    let (p, q) = (first.value(), second.value());
    let (around_p, around_q) = (wilson(first, level)?, wilson(second, level)?);
    let difference = p - q;
    Ok(Estimate {
        value: difference,
        interval: Interval {
            low: difference - (p - around_p.low).hypot(around_q.high - q),
            high: difference + (around_p.high - p).hypot(q - around_q.low),
            level,
        },
    })
}

/// The risk ratio first/second with its interval on the log scale (Katz et al 1978). Without events in a group it is
/// undefined: no half is added to any cell.
pub fn risk_ratio(
    first: Proportion,
    second: Proportion,
    level: f64,
) -> Result<Estimate, StatsError> {
    for (group, name) in [(first, "first"), (second, "second")] {
        if group.events == 0 {
            return Err(StatsError::degenerate(
                "risk ratio",
                format!("the {name} group has no events"),
            ));
        }
    }
    // 1/a − 1/n = (n − a)/(a n), which does not cancel.
    let part = |group: Proportion| group.others() / (group.events as f64) / group.total as f64;
    let ratio = first.value() / second.value();
    log_interval(ratio, (part(first) + part(second)).sqrt(), level)
}

/// The odds ratio first/second with its interval on the log scale (Woolf 1955). It is undefined where a cell is empty:
/// no half is added to any cell.
pub fn odds_ratio(
    first: Proportion,
    second: Proportion,
    level: f64,
) -> Result<Estimate, StatsError> {
    for (group, name) in [(first, "first"), (second, "second")] {
        let what = match (group.events, group.total - group.events) {
            (0, _) => "no events",
            (_, 0) => "nobody without the event",
            _ => continue,
        };
        return Err(StatsError::degenerate(
            "odds ratio",
            format!("the {name} group has {what}"),
        ));
    }
    let odds = |group: Proportion| group.events as f64 / group.others();
    let part = |group: Proportion| (group.events as f64).recip() + group.others().recip();
    let ratio = odds(first) / odds(second);
    log_interval(ratio, (part(first) + part(second)).sqrt(), level)
}

/// A ratio whose logarithm has the given standard error.
fn log_interval(ratio: f64, log_error: f64, level: f64) -> Result<Estimate, StatsError> {
    let width = (critical_z(level)? * log_error).exp();
    Ok(Estimate {
        value: ratio,
        interval: Interval {
            low: ratio / width,
            high: ratio * width,
            level,
        },
    })
}
