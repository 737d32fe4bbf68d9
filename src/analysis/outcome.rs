//! What a step gives.

use serde::{Deserialize, Serialize};

use crate::artefact::Artefact;
use crate::diagnostic::Severity;
use crate::reader::{KeyPath, KeyStep};
use crate::statistic::{Group, StatId, Statistic};

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
    /// Which models they were estimated in.
    #[serde(default)]
    pub models: Vec<ModelUse>,
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

    /// Whether it holds that row.
    pub fn contains(&self, row: u64) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= row);
        let range = after.checked_sub(1).and_then(|i| self.0.get(i));
        range.is_some_and(|(_, last)| row <= *last)
    }

    /// Its rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
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
///
/// It speaks of the numbers whose ids begin with `stats` and that are within all of `groups`. Where several of a step
/// speak of one number, the one with the longest beginning holds, and among those the one with the most groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowUse {
    /// The beginning of the ids of the numbers it speaks of, such as `tbl-outcomes/bdi.2m`; whole parts only.
    pub stats: StatId,
    /// What the numbers are within, such as an arm; all numbers of those ids if empty.
    #[serde(default)]
    pub groups: Vec<Group>,
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

/// The model that some of a step's numbers were estimated in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// The beginning of the ids of the numbers it speaks of; whole parts only. The longest one holds.
    pub stats: StatId,
    /// What kind of model it is and how it was fitted, such as `linear model, least squares`.
    pub method: String,
    /// Its formula, as R writes it.
    pub formula: String,
}

impl RowUse {
    /// The same for the numbers within a level of a grouping variable, whose rows are `members`: the others are left
    /// out, too. Rows that have no value of that variable keep their reason.
    #[must_use]
    pub fn within(&self, group: &Group, members: &RowSet) -> Self {
        let no_value = format!("{} is missing", group.variable);
        let inside = |rows: &RowSet| rows.iter().filter(|r| members.contains(*r)).collect();
        let mut others: Vec<u64> = self.used.iter().collect();
        let mut left_out = Vec::with_capacity(self.left_out.len() + 1);
        for LeftOut { reason, rows } in &self.left_out {
            let rows = if *reason == no_value {
                rows.clone()
            } else {
                others.extend(rows.iter());
                inside(rows)
            };
            let reason = reason.clone();
            left_out.push(LeftOut { reason, rows });
        }
        others.retain(|row| !members.contains(*row));
        let reason = format!("{} is not {}", group.variable, group.level);
        let rows = others.into_iter().collect();
        left_out.insert(0, LeftOut { reason, rows });
        left_out.retain(|l| !l.rows.is_empty());
        let mut groups = self.groups.clone();
        groups.push(group.clone());
        Self {
            stats: self.stats.clone(),
            groups,
            input: self.input,
            used: inside(&self.used),
            left_out,
        }
    }
}
