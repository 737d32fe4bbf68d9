//! The Kruskal–Wallis test.

use super::super::StatsError;
use super::super::distribution::{ChiSquared, Distribution};
use super::super::summary::compensated;
use super::ranks;

const WHAT: &str = "Kruskal–Wallis test";

/// A Kruskal–Wallis test by the chi-squared approximation.
#[derive(Debug, Clone, PartialEq)]
pub struct KruskalWallis {
    /// H, corrected for ties.
    pub statistic: f64,
    /// Degrees of freedom, one less than the groups.
    pub df: f64,
    /// P(χ² > statistic).
    pub p_value: f64,
}

/// Tests whether some group's values tend to be larger than another's (Kruskal and Wallis 1952). No group may be
/// empty.
pub fn kruskal_wallis(groups: &[&[f64]]) -> Result<KruskalWallis, StatsError> {
    StatsError::check_count(WHAT, "groups", 2, groups.len())?;
    for group in groups {
        StatsError::check_count(WHAT, "value in each group", 1, group.len())?;
        StatsError::check_finite("group", group)?;
    }
    let values = groups.concat();
    let n = values.len() as f64;
    let (ranks, ties) = ranks(&values);
    let untied = 1.0 - ties / (n * n * n - n);
    if untied <= f64::EPSILON {
        return Err(StatsError::degenerate(WHAT, "all values are equal"));
    }
    let centre = f64::midpoint(n, 1.0);
    let mut rest = ranks.as_slice();
    let mut terms = Vec::new();
    for group in groups {
        let (own, others) = rest.split_at(group.len());
        rest = others;
        let size = group.len() as f64;
        let mean = compensated(own.iter().copied()) / size;
        terms.push(size * (mean - centre).powi(2));
    }
    let statistic = 12.0 / (n * (n + 1.0)) * compensated(terms) / untied;
    let df = (groups.len() - 1) as f64;
    Ok(KruskalWallis {
        statistic,
        df,
        p_value: ChiSquared::new(df)?.upper(statistic),
    })
}
