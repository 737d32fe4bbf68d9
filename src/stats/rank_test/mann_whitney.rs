//! The Mann–Whitney U test, which is the Wilcoxon rank-sum test.

use super::super::StatsError;
use super::super::distribution::RankSum;
use super::super::interval::Interval;
use super::super::summary::sorted;
use super::{
    Approximation, RankMethod, RankMethodUsed, interval_at, limit_rank, order_statistic,
    pairwise_median, rank_total, ranks, unattainable,
};

const WHAT: &str = "Mann–Whitney test";

/// A two-sided Mann–Whitney test.
#[derive(Debug, Clone, PartialEq)]
pub struct MannWhitney {
    /// U of the first sample: the number of pairs in which its value is the larger, ties counting half (R's W).
    pub statistic: f64,
    /// Two-sided P value.
    pub p_value: f64,
    /// How the P value and the interval were had.
    pub method: RankMethodUsed,
    /// The Hodges–Lehmann estimate of the shift: the median of all differences x − y.
    pub estimate: f64,
    /// The confidence interval of the shift, or why there is none.
    pub interval: Result<Interval, StatsError>,
}

/// Tests whether values of x tend to be larger or smaller than those of y (Mann and Whitney 1947), with the
/// Hodges–Lehmann (1963) estimate of the shift and the interval that inverts the test. By the normal approximation
/// the limits are the differences at which the corrected statistic changes its verdict; R searches for them with a
/// tolerance of 1e-4. R's estimate then solves for a zero of the statistic; this one is the median in every case.
pub fn mann_whitney(
    x: &[f64],
    y: &[f64],
    method: RankMethod,
    level: f64,
) -> Result<MannWhitney, StatsError> {
    StatsError::check_level(level)?;
    StatsError::check_count(WHAT, "value in each group", 1, x.len().min(y.len()))?;
    StatsError::check_finite("x", x)?;
    StatsError::check_finite("y", y)?;
    let (ranked, ties) = ranks(&[x, y].concat());
    let (n, m) = (x.len() as f64, y.len() as f64);
    let statistic = rank_total(&ranked, |index| index < x.len()) - n * (n + 1.0) / 2.0;
    let small = x.len() < 50 && y.len() < 50;
    let used = method.choose(WHAT, small, ties > 0.0)?;
    let pairs = x.len() as u64 * y.len() as u64;
    let (ascending_x, ascending_y) = (sorted(x), sorted(y));
    let at = |k| order_statistic::difference(&ascending_x, &ascending_y, k);
    if !(at(1).is_finite() && at(pairs).is_finite()) {
        return Err(StatsError::degenerate(
            WHAT,
            "the values are too far apart to subtract",
        ));
    }
    let (p_value, rank) = match used {
        RankMethodUsed::Exact => {
            let distribution = RankSum::new(x.len(), y.len())?;
            let side = (1.0 - level) / 2.0;
            (
                exact_p(&distribution, statistic, pairs),
                match distribution.quantile(side) {
                    0 => Err(unattainable(level)),
                    rank => Ok(rank as u64),
                },
            )
        }
        RankMethodUsed::Normal { continuity } => {
            let correction = if continuity { 0.5 } else { 0.0 };
            let test = Approximation {
                distance: statistic - n * m / 2.0,
                deviation: deviation(n, m, ties)?,
                correction,
            };
            // Off the observed shift only ties within a sample remain.
            let within = ranks(x).1 + ranks(y).1;
            let apart = deviation(n, m, within);
            let rank = apart.and_then(|apart| limit_rank(n * m, apart, correction, level));
            (test.p_value(), rank)
        }
    };
    Ok(MannWhitney {
        statistic,
        p_value,
        method: used,
        estimate: pairwise_median(pairs, at),
        interval: rank.map(|rank| interval_at(rank, pairs, level, at)),
    })
}

/// Twice the smaller tail, at most 1.
fn exact_p(distribution: &RankSum, statistic: f64, pairs: u64) -> f64 {
    // Without ties U is a whole number, at most the number of pairs.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let u = statistic.round().max(0.0) as usize;
    let tail = if u as f64 > pairs as f64 / 2.0 {
        distribution.at_least(u)
    } else {
        distribution.cdf(u)
    };
    (2.0 * tail).min(1.0)
}

/// The standard deviation of U given the ties.
fn deviation(n: f64, m: f64, ties: f64) -> Result<f64, StatsError> {
    let total = n + m;
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance > 1e-12 * n * m * total {
        return Ok(variance.sqrt());
    }
    Err(StatsError::degenerate(WHAT, "all values are equal"))
}
