//! The null distribution of the Wilcoxon signed-rank statistic.

use super::super::StatsError;
use super::rank_sum::{cumulative, smallest};

/// The sum V of the ranks of the positive differences among n without ties or zeros, counted exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedRank {
    cumulative: Vec<f64>,
}

impl SignedRank {
    /// For `n` differences, at most 125.
    pub fn new(n: usize) -> Result<Self, StatsError> {
        if n > 125 {
            return Err(StatsError::TooLarge {
                what: "exact signed-rank distribution",
                reason: format!("{n} differences are more than 125"),
            });
        }
        let mut counts = vec![0_i128; n * (n + 1) / 2 + 1];
        if let Some(first) = counts.first_mut() {
            *first = 1;
        }
        for rank in 1..=n {
            for v in (rank..counts.len()).rev() {
                counts[v] += counts[v - rank];
            }
        }
        Ok(Self {
            cumulative: cumulative(&counts, 1 << n),
        })
    }

    /// P(V ≤ v).
    pub fn cdf(&self, v: usize) -> f64 {
        self.cumulative.get(v).copied().unwrap_or(1.0)
    }

    /// P(V ≥ v), by symmetry a lower tail.
    pub fn at_least(&self, v: usize) -> f64 {
        let largest = self.cumulative.len().saturating_sub(1);
        largest
            .checked_sub(v)
            .map_or(0.0, |mirror| self.cdf(mirror))
    }

    /// The smallest v with P(V ≤ v) ≥ p, allowing for rounding as R does.
    pub fn quantile(&self, p: f64) -> usize {
        smallest(&self.cumulative, p)
    }
}
