//! `McNemar`'s test of paired proportions and its generalisation to more categories.

use super::super::StatsError;
use super::super::distribution::{Binomial, ChiSquared, Distribution};
use super::super::summary::compensated;
use super::ContingencyTable;

const WHAT: &str = "McNemar test";

/// A test of symmetry by chi-squared.
#[derive(Debug, Clone, PartialEq)]
pub struct McNemarTest {
    /// X².
    pub statistic: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// P(χ² > statistic).
    pub p_value: f64,
}

/// Tests a square table of paired categories for symmetry (`McNemar` 1947; Bowker 1948). `continuity` takes 1 off the
/// difference of the discordant counts of a table of two rows; it changes nothing in larger ones, as in R.
pub fn mcnemar(table: &ContingencyTable, continuity: bool) -> Result<McNemarTest, StatsError> {
    let counts = table.counts();
    let size = counts.len();
    if table.column_totals().len() != size {
        return Err(StatsError::SizeMismatch {
            what: "a row of the table",
            have: table.column_totals().len(),
            need: size,
        });
    }
    let mut terms = Vec::new();
    for (i, row) in counts.iter().enumerate() {
        for (j, above) in row.iter().enumerate().skip(i + 1) {
            let below = counts.get(j).and_then(|row| row.get(i)).copied();
            let (above, below) = (*above as f64, below.unwrap_or(0) as f64);
            if above + below == 0.0 {
                let reason = format!("no pair is discordant between {} and {}", i + 1, j + 1);
                return Err(StatsError::degenerate(WHAT, reason));
            }
            let mut distance = (above - below).abs();
            if continuity && size == 2 && distance > 0.0 {
                distance -= 1.0;
            }
            terms.push(distance * distance / (above + below));
        }
    }
    let (df, statistic) = (terms.len() as f64, compensated(terms));
    Ok(McNemarTest {
        statistic,
        df,
        p_value: ChiSquared::new(df)?.upper(statistic),
    })
}

/// The exact two-sided P value of `McNemar`'s test from the two discordant counts: the binomial test against ½.
pub fn mcnemar_exact(above: u64, below: u64) -> Result<f64, StatsError> {
    let discordant = above.checked_add(below).filter(|n| *n <= 1 << 52);
    let discordant = discordant.ok_or_else(|| StatsError::TooLarge {
        what: WHAT,
        reason: "there are more than 2^52 pairs".to_owned(),
    })?;
    if discordant == 0 {
        return Err(StatsError::degenerate(WHAT, "no pair is discordant"));
    }
    let one_sided = Binomial::new(discordant, 0.5)?.cdf(above.min(below));
    Ok((2.0 * one_sided).min(1.0))
}
