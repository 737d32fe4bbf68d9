//! Fisher's exact test.

use super::super::StatsError;
use super::super::distribution::Hypergeometric;
use super::super::summary::compensated;
use super::ContingencyTable;
use super::fisher_network::network;

const WHAT: &str = "Fisher exact test";

/// Tables up to this much more probable than the observed one count as no more probable, as in R: a margin for
/// rounding.
pub(super) const TIE: f64 = 1e-7;

/// Fisher's exact test of association.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FisherTest {
    /// The probability, given the margins, of the tables that are no more probable than the observed one.
    pub p_value: f64,
}

/// Fisher's (1935) exact test, two-sided: the sum over all tables with these margins whose probability is at most the
/// observed one's. Larger tables than two by two by the network algorithm (Freeman and Halton 1951; Mehta and Patel
/// 1983). Empty rows and columns are left out; if fewer than two remain, the test is undefined. Too large is an error,
/// after a bounded amount of work.
pub fn fisher_exact(table: &ContingencyTable) -> Result<FisherTest, StatsError> {
    let table = table.without_empty().ok_or_else(|| {
        StatsError::degenerate(WHAT, "fewer than two rows or columns have observations")
    })?;
    let p_value = match table.two_by_two() {
        Some(cells) => two_by_two(cells)?,
        None => network(&table)?,
    };
    Ok(FisherTest {
        p_value: p_value.min(1.0),
    })
}

/// The P value from the hypergeometric distribution of the first count.
fn two_by_two([a, b, c, d]: [u64; 4]) -> Result<f64, StatsError> {
    let distribution = Hypergeometric::new(a + c, b + d, a + b)?;
    let (low, high) = distribution.support();
    if high - low > MAXIMUM {
        return Err(StatsError::TooLarge {
            what: WHAT,
            reason: format!("more than {MAXIMUM} tables have these margins"),
        });
    }
    let limit = distribution.mass(a) * (1.0 + TIE);
    let masses = (low..=high).map(|count| distribution.mass(count));
    Ok(compensated(masses.filter(|mass| *mass <= limit)))
}

/// The most tables of two by two that are summed.
pub(super) const MAXIMUM: u64 = 10_000_000;
