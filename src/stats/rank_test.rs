//! Tests on ranks.

mod kruskal_wallis;
mod mann_whitney;
mod order_statistic;
mod signed_rank;

pub use kruskal_wallis::{KruskalWallis, kruskal_wallis};
pub use mann_whitney::{MannWhitney, mann_whitney};
pub use signed_rank::{WilcoxonSignedRank, paired_signed_rank, signed_rank};

use super::StatsError;
use super::distribution::{Distribution, Normal};
use super::interval::Interval;
use super::summary::compensated;

/// How the P value and the interval of a rank test are had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RankMethod {
    /// Exact for fewer than 50 values (in each sample) without ties (or zeros), as R chooses; else the normal
    /// approximation with continuity correction.
    #[default]
    Auto,
    /// Exact; an error with ties or zeros, or for samples beyond what can be counted.
    Exact,
    /// The normal approximation, corrected for ties.
    Normal {
        /// Whether ½ is taken off the distance of the statistic from its mean.
        continuity: bool,
    },
}

/// What a rank test in fact used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RankMethodUsed {
    /// The exact distribution.
    Exact,
    /// The normal approximation.
    Normal {
        /// Whether it had a continuity correction.
        continuity: bool,
    },
}

impl RankMethod {
    /// What to use for data that are small or not, and have ties (or zeros) or not.
    fn choose(
        self,
        what: &'static str,
        small: bool,
        ties: bool,
    ) -> Result<RankMethodUsed, StatsError> {
        match self {
            Self::Auto if small && !ties => Ok(RankMethodUsed::Exact),
            Self::Auto => Ok(RankMethodUsed::Normal { continuity: true }),
            Self::Exact if ties => Err(StatsError::degenerate(
                what,
                "an exact P value needs values without ties or zeros",
            )),
            Self::Exact => Ok(RankMethodUsed::Exact),
            Self::Normal { continuity } => Ok(RankMethodUsed::Normal { continuity }),
        }
    }
}

/// The normal approximation of a rank statistic.
struct Approximation {
    /// Statistic minus its mean.
    distance: f64,
    /// Its standard deviation.
    deviation: f64,
    /// ½ or 0.
    correction: f64,
}

impl Approximation {
    fn p_value(&self) -> f64 {
        let corrected = (self.distance.abs() - self.correction).max(0.0);
        Normal.two_sided(corrected / self.deviation)
    }
}

/// Midranks from 1, in the order of the values, and Σ(t³ − t) over the groups of tied values.
fn ranks(values: &[f64]) -> (Vec<f64>, f64) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut ties = 0.0;
    let mut start = 0;
    // −0 and 0 are one value.
    for group in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let size = group.len() as f64;
        let rank = start as f64 + f64::midpoint(size, 1.0);
        for &place in group {
            ranks[place] = rank;
        }
        ties += size * size * size - size;
        start += group.len();
    }
    (ranks, ties)
}

/// The rank from 1 of the pairwise value (of `pairs` in ascending order) that is the lower limit of the interval by
/// the normal approximation: the first beyond which the corrected statistic is no longer significantly high. The
/// upper limit has the mirrored rank.
fn limit_rank(pairs: f64, deviation: f64, correction: f64, level: f64) -> Result<u64, StatsError> {
    let z = Normal.upper_quantile((1.0 - level) / 2.0)?;
    let rank = (pairs / 2.0 - correction - z * deviation).ceil();
    if rank < 1.0 || deviation <= 0.0 {
        return Err(unattainable(level));
    }
    // Positive and at most the number of pairs.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok(rank as u64)
}

fn unattainable(level: f64) -> StatsError {
    StatsError::degenerate(
        "confidence interval of the shift",
        format!("there are too few values, or too many ties, for level {level}"),
    )
}

/// The median of pairwise values of which the one of any rank can be had.
fn pairwise_median(pairs: u64, at: impl Fn(u64) -> f64) -> f64 {
    let (below, above) = (at(pairs.div_ceil(2)), at(pairs / 2 + 1));
    if below == above {
        below
    } else {
        f64::midpoint(below, above)
    }
}

/// The interval between the pairwise values of a rank and of its mirror image.
fn interval_at(rank: u64, pairs: u64, level: f64, at: impl Fn(u64) -> f64) -> Interval {
    Interval {
        low: at(rank),
        high: at(pairs + 1 - rank),
        level,
    }
}

/// The sum of the ranks of the values for which `chosen` holds.
fn rank_total(ranks: &[f64], chosen: impl Fn(usize) -> bool) -> f64 {
    let indexed = ranks.iter().enumerate();
    compensated(indexed.filter(|(i, _)| chosen(*i)).map(|(_, rank)| *rank))
}
