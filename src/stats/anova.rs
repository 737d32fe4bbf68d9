//! One-way comparisons of the means and of the spread of several groups.

use super::StatsError;
use super::distribution::{Distribution, FisherF};
use super::summary::{compensated, mean, median, sum_of_squares};

/// A one-way analysis of variance.
#[derive(Debug, Clone, PartialEq)]
pub struct OneWay {
    /// F.
    pub statistic: f64,
    /// Degrees of freedom between groups.
    pub df_between: f64,
    /// Degrees of freedom within groups.
    pub df_within: f64,
    /// P(F > statistic).
    pub p_value: f64,
}

impl OneWay {
    fn new(statistic: f64, df_between: f64, df_within: f64) -> Result<Self, StatsError> {
        Ok(Self {
            statistic,
            df_between,
            df_within,
            p_value: FisherF::new(df_between, df_within)?.upper(statistic),
        })
    }
}

/// The classic analysis of variance with its sums of squares.
#[derive(Debug, Clone, PartialEq)]
pub struct Anova {
    /// The test.
    pub test: OneWay,
    /// Sum of squares between groups.
    pub between: f64,
    /// Sum of squares within groups.
    pub within: f64,
}

/// The classic one-way analysis of variance (Fisher 1925), which assumes equal variances. No group may be empty.
pub fn one_way(groups: &[&[f64]]) -> Result<Anova, StatsError> {
    let what = "one-way ANOVA";
    check(what, groups, 1)?;
    let total: usize = groups.iter().map(|group| group.len()).sum();
    StatsError::check_count(what, "values in all", groups.len() + 1, total)?;
    let grand = mean(&groups.concat())?;
    let (mut between, mut within) = (Vec::new(), Vec::new());
    for group in groups {
        between.push(group.len() as f64 * (mean(group)? - grand).powi(2));
        within.push(sum_of_squares(group)?);
    }
    let (between, within) = (compensated(between), compensated(within));
    if within == 0.0 {
        return Err(StatsError::degenerate(
            what,
            "the values do not vary within any group",
        ));
    }
    let df_between = (groups.len() - 1) as f64;
    let df_within = (total - groups.len()) as f64;
    Ok(Anova {
        test: OneWay::new(
            between / df_between / (within / df_within),
            df_between,
            df_within,
        )?,
        between,
        within,
    })
}

/// Welch's analysis of variance, which does not assume equal variances (Welch 1951).
pub fn welch_one_way(groups: &[&[f64]]) -> Result<OneWay, StatsError> {
    let what = "Welch ANOVA";
    check(what, groups, 2)?;
    let mut parts = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let n = group.len() as f64;
        let variance = sum_of_squares(group)? / (n - 1.0);
        if variance == 0.0 {
            return Err(StatsError::degenerate(
                what,
                format!("the values of group {} do not vary", index + 1),
            ));
        }
        parts.push((n / variance, mean(group)?, n - 1.0));
    }
    let k = groups.len() as f64;
    let total = compensated(parts.iter().map(|(weight, ..)| *weight));
    let centre = compensated(parts.iter().map(|(weight, mean, _)| weight / total * mean));
    let spread = parts
        .iter()
        .map(|(weight, mean, _)| weight * (mean - centre).powi(2));
    let imbalance = parts
        .iter()
        .map(|(weight, _, df)| (1.0 - weight / total).powi(2) / df);
    let imbalance = compensated(imbalance) / (k * k - 1.0);
    let statistic = compensated(spread) / ((k - 1.0) * (1.0 + 2.0 * (k - 2.0) * imbalance));
    OneWay::new(statistic, k - 1.0, (3.0 * imbalance).recip())
}

/// The centre from which deviations are measured in a test of equal spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Centre {
    /// The mean (Levene 1960).
    Mean,
    /// The median, which is robust against skewed values (Brown and Forsythe 1974).
    Median,
}

/// Tests equal spread by an analysis of variance of the absolute deviations from each group's centre.
pub fn levene(groups: &[&[f64]], centre: Centre) -> Result<Anova, StatsError> {
    check("test of equal spread", groups, 1)?;
    let mut deviations: Vec<Vec<f64>> = Vec::new();
    for group in groups {
        let middle = match centre {
            Centre::Mean => mean(group)?,
            Centre::Median => median(group)?,
        };
        deviations.push(group.iter().map(|value| (value - middle).abs()).collect());
    }
    let slices: Vec<&[f64]> = deviations.iter().map(Vec::as_slice).collect();
    one_way(&slices)
}

fn check(what: &'static str, groups: &[&[f64]], need: usize) -> Result<(), StatsError> {
    StatsError::check_count(what, "groups", 2, groups.len())?;
    let of = if need == 1 {
        "value in each group"
    } else {
        "values in each group"
    };
    for group in groups {
        StatsError::check_count(what, of, need, group.len())?;
        StatsError::check_finite("group", group)?;
    }
    Ok(())
}
