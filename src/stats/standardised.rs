//! Standardised effects with exact or approximate intervals: two groups, paired and repeated measures, growth.

use super::StatsError;
use super::distribution::{NoncentralT, Tail};
use super::effect_size::bias_factor;
use super::interval::Interval;
use super::summary::{mean, variance};

/// A standardised difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandardisedDifference {
    /// The difference in units of the standardiser.
    pub d: f64,
    /// d without its small-sample bias: times Γ(f/2)/(√(f/2) Γ((f − 1)/2)) (Hedges 1981).
    pub g: f64,
    /// The degrees of freedom f of the standardiser, which the correction takes.
    pub df: f64,
    /// The interval of the population's d.
    pub interval: Interval,
}

/// Standardised differences of paired measures, after less before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedDifferences {
    /// By the standard deviation of the differences. Its interval is exact for normal differences (Cumming and Finch
    /// 2001).
    pub d_z: StandardisedDifference,
    /// By the root mean square of both standard deviations, as for two groups. Its interval is approximate: the limits of
    /// the noncentrality times the standard error of the mean difference over the standardiser (Algina and Keselman
    /// 2003). The correction for g takes n − 1 degrees of freedom.
    pub d_av: StandardisedDifference,
}

/// Cohen's d of two independent groups (mean x − mean y over the pooled standard deviation) with its exact interval for
/// normal values of equal variance (Cumming and Finch 2001).
pub fn independent(x: &[f64], y: &[f64], level: f64) -> Result<StandardisedDifference, StatsError> {
    let what = "Cohen's d";
    StatsError::check_count(what, "values in each group", 2, x.len().min(y.len()))?;
    let (n, m) = (x.len() as f64, y.len() as f64);
    let df = n + m - 2.0;
    let pooled = ((n - 1.0) * variance(x)? + (m - 1.0) * variance(y)?) / df;
    let d = ratio(what, mean(x)? - mean(y)?, pooled.sqrt())?;
    standardised(d, (n.recip() + m.recip()).sqrt(), df, level)
}

/// Standardised mean changes of pairs.
pub fn paired(before: &[f64], after: &[f64], level: f64) -> Result<PairedDifferences, StatsError> {
    let what = "a standardised mean change";
    if before.len() != after.len() {
        return Err(StatsError::SizeMismatch {
            what: "the second of paired measures",
            have: after.len(),
            need: before.len(),
        });
    }
    StatsError::check_count(what, "pairs", 2, before.len())?;
    StatsError::check_finite("the first measure", before)?;
    StatsError::check_finite("the second measure", after)?;
    let differences: Vec<f64> = after.iter().zip(before).map(|(a, b)| a - b).collect();
    let n = before.len() as f64;
    let df = n - 1.0;
    let change = mean(&differences)?;
    let spread = variance(&differences)?.sqrt();
    let d_z = ratio(what, change, spread)?;
    let average = f64::midpoint(variance(before)?, variance(after)?).sqrt();
    let d_av = ratio(what, change, average)?;
    Ok(PairedDifferences {
        d_z: standardised(d_z, n.sqrt().recip(), df, level)?,
        d_av: standardised(d_av, spread / average / n.sqrt(), df, level)?,
    })
}

/// An effect in a growth model in units of a standard deviation: the difference of the arms' slopes times the duration,
/// over the standard deviation of the raw scores, usually at baseline (Feingold 2009). Its interval is that of the slope,
/// so scaled, as if the standard deviation were known.
pub fn growth_effect(
    slope: f64,
    slope_interval: Interval,
    duration: f64,
    sd: f64,
) -> Result<(f64, Interval), StatsError> {
    let ends = [slope, slope_interval.low, slope_interval.high];
    StatsError::check_finite("the slope and its limits", &ends)?;
    for (what, value) in [("the duration", duration), ("the standard deviation", sd)] {
        if !(value > 0.0 && value.is_finite()) {
            return Err(StatsError::OutOfRange {
                what,
                value,
                allowed: "positive and finite",
            });
        }
    }
    let scaled = |value: f64| value * duration / sd;
    let interval = Interval {
        low: scaled(slope_interval.low),
        high: scaled(slope_interval.high),
        level: slope_interval.level,
    };
    Ok((scaled(slope), interval))
}

/// With its interval: d over `unit` is a noncentral t statistic.
fn standardised(
    d: f64,
    unit: f64,
    df: f64,
    level: f64,
) -> Result<StandardisedDifference, StatsError> {
    StatsError::check_level(level)?;
    let tail = 0.5 * (1.0 - level);
    let limit = |side| NoncentralT::noncentrality_limit(df, d / unit, side, tail);
    Ok(StandardisedDifference {
        d,
        g: d * bias_factor(df)?,
        df,
        interval: Interval {
            low: unit * limit(Tail::Upper)?,
            high: unit * limit(Tail::Lower)?,
            level,
        },
    })
}

fn ratio(what: &'static str, difference: f64, spread: f64) -> Result<f64, StatsError> {
    let ratio = difference / spread;
    if ratio.is_finite() {
        return Ok(ratio);
    }
    Err(StatsError::degenerate(what, "the values do not vary"))
}
