//! Tests of association in a table of counts, as directives name them.

use serde::{Deserialize, Serialize};

use super::record::Number;
use crate::stats::StatsError;
use crate::stats::contingency::{ContingencyTable, chi_squared_test, fisher_exact};

/// Which test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ProportionTest {
    /// Pearson's χ² as it is.
    ChiSquared,
    /// χ² with the continuity correction of Yates.
    Corrected,
    /// Fisher's exact test.
    Fisher,
}

/// The result of a test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tested {
    /// X² with its degrees of freedom; none of an exact test.
    pub statistic: Option<(f64, f64)>,
    /// The P value.
    pub p_value: f64,
    /// Whether expected counts below 5 make the approximation doubtful.
    pub sparse: bool,
}

impl Tested {
    /// The P value, with a warning where the approximation is doubtful.
    pub fn number(self) -> Number {
        if self.sparse {
            let warning = "expected counts below 5 make the approximation doubtful";
            return Number::Noted(self.p_value, warning.to_owned());
        }
        self.p_value.into()
    }
}

impl ProportionTest {
    /// The words that authors write for them.
    pub const CHOICES: [(&'static str, Self); 3] = [
        ("chisq", Self::ChiSquared),
        ("chisq-corrected", Self::Corrected),
        ("fisher", Self::Fisher),
    ];

    /// Its name in a sentence, and of the results' context.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChiSquared => "χ² test",
            Self::Corrected => "χ² test with continuity correction",
            Self::Fisher => "Fisher exact test",
        }
    }

    /// Whether it has a statistic with degrees of freedom; an exact test has none.
    pub fn has_statistic(self) -> bool {
        self != Self::Fisher
    }

    /// Tests the counts, one row for each group. Rows and columns without counts are left out, as they hold no
    /// information on the association.
    pub fn run(self, counts: &[Vec<u64>]) -> Result<Tested, StatsError> {
        if self == Self::Fisher {
            let test = fisher_exact(&ContingencyTable::new(counts)?)?;
            return Ok(Tested {
                statistic: None,
                p_value: test.p_value,
                sparse: false,
            });
        }
        let table = ContingencyTable::new(&without_empty(counts))?;
        let test = chi_squared_test(&table, self == Self::Corrected)?;
        Ok(Tested {
            statistic: Some((test.statistic, test.df)),
            p_value: test.p_value,
            sparse: test.smallest_expected() < 5.0,
        })
    }
}

fn without_empty(counts: &[Vec<u64>]) -> Vec<Vec<u64>> {
    let width = counts.iter().map(Vec::len).max().unwrap_or(0);
    let occurs = |j: &usize| counts.iter().any(|row| row.get(*j).is_some_and(|n| *n > 0));
    let columns: Vec<usize> = (0..width).filter(occurs).collect();
    let kept = counts.iter().filter(|row| row.iter().any(|n| *n > 0));
    kept.map(|row| {
        columns
            .iter()
            .filter_map(|j| row.get(*j).copied())
            .collect()
    })
    .collect()
}
