//! The provenance appendix: where the numbers of a document come from, for whoever reads it.

use serde::{Deserialize, Serialize};

use super::Inline;
use crate::statistic::StatId;

/// The appendix.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Appendix {
    /// What it is and what it was made of, in sentences.
    pub about: Vec<Inline>,
    /// The steps in the order of the report.
    pub steps: Vec<AppendixStep>,
    /// The numbers of the text in the order in which they are first met.
    pub values: Vec<AppendixValue>,
}

/// An entry of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppendixStep {
    /// The directive's label, such as `tbl-baseline`.
    pub label: String,
    /// The directive's name.
    pub directive: String,
    /// The line of the report at which it begins, from 1.
    pub line: usize,
    /// Whether a table or figure of that label is shown.
    pub drawn: bool,
    /// What it reads: datasets with their digests, population, derived columns or query.
    pub data: Vec<Vec<Inline>>,
    /// Which rows its numbers come from, and the models.
    pub rows: Vec<Vec<Inline>>,
    /// What came of it: how many numbers are shown, what it builds on, its fingerprint.
    pub result: Vec<Vec<Inline>>,
}

/// An entry of a number in the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppendixValue {
    /// The text as printed.
    pub content: Vec<Inline>,
    /// That text without faces. With the statistics it tells one entry from others.
    pub text: String,
    /// The statistics that it is made of, the main one first.
    pub stats: Vec<StatId>,
    /// Their values at full precision, as `results.json` has them.
    pub numbers: Vec<String>,
    /// The label of their step.
    pub step: String,
}
