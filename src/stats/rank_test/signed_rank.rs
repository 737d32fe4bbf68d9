//! The Wilcoxon signed-rank test.

use super::super::StatsError;
use super::super::distribution::SignedRank;
use super::super::interval::Interval;
use super::super::summary::sorted;
use super::{
    Approximation, RankMethod, RankMethodUsed, interval_at, limit_rank, order_statistic,
    pairwise_median, rank_total, ranks, unattainable,
};

const WHAT: &str = "Wilcoxon signed-rank test";

/// A two-sided Wilcoxon signed-rank test.
#[derive(Debug, Clone, PartialEq)]
pub struct WilcoxonSignedRank {
    /// V: the sum of the ranks of the positive values.
    pub statistic: f64,
    /// The number of values that are not zero, on which the test rests.
    pub n: usize,
    /// Two-sided P value.
    pub p_value: f64,
    /// How the P value and the interval were had.
    pub method: RankMethodUsed,
    /// The pseudomedian: the median of the means of all pairs of nonzero values (Hodges and Lehmann 1963).
    pub estimate: f64,
    /// The confidence interval of the pseudomedian, or why there is none.
    pub interval: Result<Interval, StatsError>,
}

/// Tests whether the differences x − y are symmetric about zero.
pub fn paired_signed_rank(
    x: &[f64],
    y: &[f64],
    method: RankMethod,
    level: f64,
) -> Result<WilcoxonSignedRank, StatsError> {
    StatsError::check_finite("x", x)?;
    StatsError::check_finite("y", y)?;
    if x.len() != y.len() {
        return Err(StatsError::SizeMismatch {
            what: "y",
            have: y.len(),
            need: x.len(),
        });
    }
    let differences: Vec<f64> = x.iter().zip(y).map(|(x, y)| x - y).collect();
    signed_rank(&differences, method, level)
}

/// Tests whether values are symmetric about zero (Wilcoxon 1945); zeros are dropped. The interval inverts the test, as
/// in [`super::mann_whitney`].
pub fn signed_rank(
    values: &[f64],
    method: RankMethod,
    level: f64,
) -> Result<WilcoxonSignedRank, StatsError> {
    StatsError::check_level(level)?;
    StatsError::check_finite("values", values)?;
    let nonzero: Vec<f64> = values.iter().copied().filter(|v| *v != 0.0).collect();
    StatsError::check_count(WHAT, "value other than zero", 1, nonzero.len())?;
    let sizes: Vec<f64> = nonzero.iter().map(|value| value.abs()).collect();
    let (ranked, ties) = ranks(&sizes);
    let statistic = rank_total(&ranked, |index| nonzero[index] > 0.0);
    let untidy = ties > 0.0 || nonzero.len() < values.len();
    let used = method.choose(WHAT, values.len() < 50, untidy)?;
    let n = nonzero.len() as u64;
    let pairs = n * (n + 1) / 2;
    let ascending = sorted(&nonzero);
    let at = |k| order_statistic::walsh_average(&ascending, k);
    let (p_value, rank) = match used {
        RankMethodUsed::Exact => {
            let distribution = SignedRank::new(nonzero.len())?;
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
                distance: statistic - pairs as f64 / 2.0,
                deviation: deviation(n as f64, ties),
                correction,
            };
            // Off zero only equal values are tied, not opposite ones.
            let apart = deviation(n as f64, ranks(&nonzero).1);
            let rank = limit_rank(pairs as f64, apart, correction, level);
            (test.p_value(), rank)
        }
    };
    Ok(WilcoxonSignedRank {
        statistic,
        n: nonzero.len(),
        p_value,
        method: used,
        estimate: pairwise_median(pairs, at),
        interval: rank.map(|rank| interval_at(rank, pairs, level, at)),
    })
}

/// Twice the smaller tail, at most 1.
fn exact_p(distribution: &SignedRank, statistic: f64, pairs: u64) -> f64 {
    // Without ties V is a whole number, at most the number of pairs.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let v = statistic.round().max(0.0) as usize;
    let tail = if v as f64 > pairs as f64 / 2.0 {
        distribution.at_least(v)
    } else {
        distribution.cdf(v)
    };
    (2.0 * tail).min(1.0)
}

/// The standard deviation of V given the ties; even if all are tied it is positive.
fn deviation(n: f64, ties: f64) -> f64 {
    (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0).sqrt()
}
