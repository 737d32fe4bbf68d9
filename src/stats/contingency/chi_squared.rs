//! Pearson's chi-squared test.

use super::super::StatsError;
use super::super::distribution::{ChiSquared, Distribution};
use super::super::summary::compensated;
use super::ContingencyTable;

/// Pearson's chi-squared test of association.
#[derive(Debug, Clone, PartialEq)]
pub struct ChiSquaredTest {
    /// X².
    pub statistic: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// P(χ² > statistic).
    pub p_value: f64,
    /// The counts expected without association, row by row.
    pub expected: Vec<Vec<f64>>,
    /// What Yates' correction took off each |observed − expected|: at most ½, 0 without correction.
    pub correction: f64,
}

impl ChiSquaredTest {
    /// The smallest expected count; below 5 the approximation is usually doubted (Cochran 1954).
    pub fn smallest_expected(&self) -> f64 {
        let cells = self.expected.iter().flatten().copied();
        cells.fold(f64::INFINITY, f64::min)
    }
}

/// Tests association in a table without empty rows or columns. `yates` applies Yates' (1934) continuity correction, as
/// in R limited to |observed − expected|; it is defined for two rows and two columns, an error for others.
pub fn chi_squared_test(
    table: &ContingencyTable,
    yates: bool,
) -> Result<ChiSquaredTest, StatsError> {
    let what = "chi-squared test";
    table.check_margins(what)?;
    if yates && table.two_by_two().is_none() {
        return Err(StatsError::degenerate(
            what,
            "Yates' correction needs two rows and two columns",
        ));
    }
    let expected = table.expected()?;
    let cells = || {
        let observed = table.counts().iter().flatten();
        let pairs = observed.zip(expected.iter().flatten());
        pairs.map(|(count, expected)| ((*count as f64 - expected).abs(), *expected))
    };
    let correction = if yates {
        cells().fold(0.5, |least: f64, (distance, _)| least.min(distance))
    } else {
        0.0
    };
    let terms = cells().map(|(distance, expected)| (distance - correction).powi(2) / expected);
    let statistic = compensated(terms);
    let df = (table.row_totals().len() - 1) * (table.column_totals().len() - 1);
    Ok(ChiSquaredTest {
        statistic,
        df: df as f64,
        p_value: ChiSquared::new(df as f64)?.upper(statistic),
        expected,
        correction,
    })
}
