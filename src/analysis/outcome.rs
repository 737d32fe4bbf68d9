//! What a step gives.

use serde::{Deserialize, Serialize};

use crate::artefact::Artefact;
use crate::diagnostic::Severity;
use crate::reader::{KeyPath, KeyStep};
use crate::statistic::{StatId, Statistic};

/// What a step gives: kept in the store under the step's fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The numbers, in the order in which they are shown.
    pub statistics: Vec<Statistic>,
    /// What is shown, if anything.
    pub artefact: Option<Artefact>,
    /// What is wrong or remarkable. An error among them keeps the report from being written.
    pub findings: Vec<Finding>,
    /// Which rows the numbers come from.
    pub rows: Vec<RowUse>,
}

impl Outcome {
    /// An outcome that is nothing but an error.
    pub fn failed(finding: Finding) -> Self {
        Self {
            findings: vec![finding],
            ..Self::default()
        }
    }

    /// Whether an error is among the findings.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|f| f.severity == Severity::Error)
    }
}

/// A diagnostic of an analysis: its place is told relative to the directive, so that it can be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// A stable name for the kind of finding, in kebab case.
    pub code: String,
    /// What is wrong, in one sentence without a full stop at its end.
    pub message: String,
    /// Which key of the directive it is about; the whole directive if empty.
    pub key: KeyPath,
    /// What to do; each a line of its own.
    pub help: Vec<String>,
}

impl Finding {
    /// An error.
    pub fn error(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: code.into(),
            message: message.into(),
            key: KeyPath::default(),
            help: Vec::new(),
        }
    }

    /// A warning.
    pub fn warning(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Says which key it is about, such as `["row", 2, "variable"]` (lists from 0).
    #[must_use]
    pub fn at(mut self, key: impl IntoIterator<Item = KeyStep>) -> Self {
        self.key = KeyPath(key.into_iter().collect());
        self
    }

    /// Adds a line of help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

/// Numbers of rows of a dataset, as ascending, disjoint ranges with both ends included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowSet(pub Vec<(u64, u64)>);

impl RowSet {
    /// How many rows it holds.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<u64> for RowSet {
    /// Collects row numbers in any order; repeats count once.
    fn from_iter<I: IntoIterator<Item = u64>>(rows: I) -> Self {
        let mut rows: Vec<u64> = rows.into_iter().collect();
        rows.sort_unstable();
        rows.dedup();
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for row in rows {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == row => *last = row,
                _ => ranges.push((row, row)),
            }
        }
        Self(ranges)
    }
}

/// Which rows some of a step's numbers come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowUse {
    /// The beginning of the ids of the numbers it speaks of, such as `tbl-outcomes/bdi.2m`; whole parts only.
    pub stats: StatId,
    /// Which of the step's inputs the rows are of.
    pub input: usize,
    /// The rows that were used.
    pub used: RowSet,
    /// The rows of the input that were not, by reason.
    pub left_out: Vec<LeftOut>,
}

/// Rows that were not used, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Why, such as `bdi.2m is missing`.
    pub reason: String,
    /// Which.
    pub rows: RowSet,
}
