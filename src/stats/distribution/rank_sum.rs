//! The null distribution of the Wilcoxon rank-sum statistic.

use super::super::StatsError;

/// The Mann–Whitney U of two samples without ties: the number of pairs in which the first sample's value is larger.
/// Counted exactly in whole numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct RankSum {
    /// Σ counts up to each u, as probabilities.
    cumulative: Vec<f64>,
}

impl RankSum {
    /// For samples of sizes `m` and `n`. Too large once the number of arrangements exceeds 2^125 (about 65 in each).
    pub fn new(m: usize, n: usize) -> Result<Self, StatsError> {
        let too_large = || StatsError::TooLarge {
            what: "exact rank-sum distribution",
            reason: format!("samples of {m} and {n} have more than 2^125 arrangements"),
        };
        let (small, large) = (m.min(n), m.max(n));
        let arrangements = choose(small, large).ok_or_else(too_large)?;
        let pairs = m.checked_mul(n).filter(|pairs| *pairs <= 1 << 20);
        let size = pairs.ok_or_else(too_large)? + 1;
        Ok(Self {
            cumulative: cumulative(&gaussian_binomial(small, large, size), arrangements),
        })
    }

    /// P(U ≤ u).
    pub fn cdf(&self, u: usize) -> f64 {
        self.cumulative.get(u).copied().unwrap_or(1.0)
    }

    /// P(U ≥ u), by symmetry a lower tail.
    pub fn at_least(&self, u: usize) -> f64 {
        let largest = self.cumulative.len().saturating_sub(1);
        largest
            .checked_sub(u)
            .map_or(0.0, |mirror| self.cdf(mirror))
    }

    /// The smallest u with P(U ≤ u) ≥ p, allowing for rounding as R does.
    pub fn quantile(&self, p: f64) -> usize {
        smallest(&self.cumulative, p)
    }
}

/// The smallest index whose cumulative probability reaches p but for rounding.
pub(super) fn smallest(cumulative: &[f64], p: f64) -> usize {
    let enough = p - 10.0 * f64::EPSILON;
    let reached = cumulative.partition_point(|c| *c < enough);
    reached.min(cumulative.len().saturating_sub(1))
}

/// Running sums of whole counts, divided once each.
pub(super) fn cumulative(counts: &[i128], total: i128) -> Vec<f64> {
    let mut sum = 0_i128;
    let running = counts.iter().map(|count| {
        sum += count;
        sum as f64 / total as f64
    });
    running.collect()
}

/// The number of ways to choose the places of the smaller sample, if at most 2^125.
fn choose(small: usize, large: usize) -> Option<i128> {
    let mut ways = 1_i128;
    for i in 1..=small {
        let factor = i128::try_from(large + i).ok()?;
        ways = ways.checked_mul(factor)? / i128::try_from(i).ok()?;
        if ways > 1 << 125 {
            return None;
        }
    }
    Some(ways)
}

/// The coefficients of Π (1 − q^(large + i)) / (1 − q^i), i from 1 to `small`: the numbers of arrangements by u.
fn gaussian_binomial(small: usize, large: usize, size: usize) -> Vec<i128> {
    let mut counts = vec![0_i128; size];
    if let Some(first) = counts.first_mut() {
        *first = 1;
    }
    for i in 1..=small {
        // Division first keeps every coefficient a count of partitions; the product is a polynomial again.
        for u in i..size {
            counts[u] += counts[u - i];
        }
        for u in (large + i..size).rev() {
            counts[u] -= counts[u - large - i];
        }
    }
    counts
}
