//! How a number came about: from what is printed back to the rows.
//!
//! A [`Trace`] says of one statistic its value, every place where it is shown and the style's rule that printed it
//! there, the rows that it comes from and those that were left out, the model, and its step with all that the step
//! builds on. It is made of what a build holds anyway: document, results, provenance record, outcomes.
//!
//! ```text
//! Document ─ where it is shown ┐
//! ResultSet ─ the value        ├─► Material ─► Trace ─► text, JSON, rows as CSV, the PDF's appendix
//! Provenance ─ steps and data  │
//! Outcomes ─ rows, models      ┘
//! ```

mod appendix;
mod find;
mod json;
mod rows;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::analysis::{self, InputSpec, LeftOut, ModelUse, Outcome, RowSet, RowUse};
use crate::document::{Document, Showing, showings};
use crate::plan::fingerprint::{Component, Fingerprint, components};
use crate::provenance::{DatasetRecord, FileRecord, Provenance, StepRecord};
use crate::statistic::{ResultSet, StatId, Statistic};

pub use appendix::appendix;
pub use find::{Found, Names, by_name, by_text, label_of};
pub use json::{list_json, traces_json};
pub use rows::rows_csv;
pub use text::{list_text, text};

/// What traces are made of.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// Where numbers are shown.
    pub document: &'a Document,
    /// The numbers.
    pub results: &'a ResultSet,
    /// What they were made of.
    pub record: &'a Provenance,
    /// What each step gave, by label.
    pub outcomes: &'a BTreeMap<String, Arc<Outcome>>,
}

/// How one statistic came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The report's name.
    pub report: String,
    /// The statistic.
    pub statistic: Statistic,
    /// Where it is shown, in reading order.
    pub shown: Vec<Showing>,
    /// The rows that it comes from. Empty where it comes from none, such as a number quoted in a flow diagram.
    pub rows: Vec<RowTrace>,
    /// The model that it was estimated in.
    pub model: Option<ModelUse>,
    /// What is remarkable about its step.
    pub remarks: Vec<String>,
    /// Its step, then those that this one builds on, each once, nearest first.
    pub steps: Vec<StepTrace>,
    /// trialbook's version.
    pub version: String,
    /// The digest of trialbook's own source.
    pub source_digest: String,
}

/// Rows of a dataset that a statistic comes from, and all others of that dataset with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowTrace {
    /// The label of the step that read them.
    pub step: String,
    /// Which of the step's inputs they are of.
    pub input: usize,
    /// The dataset, as `name@version`.
    pub dataset: String,
    /// The rows that were used.
    pub used: RowSet,
    /// The others, by reason; those outside the population come last.
    pub left_out: Vec<LeftOut>,
    /// Whether the rows were given to a query, whose SQL decides which of them count.
    pub queried: bool,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepTrace {
    /// The directive's label.
    pub label: String,
    /// The directive's name.
    pub directive: String,
    /// The version of its method.
    pub method: u32,
    /// The report's file.
    pub file: String,
    /// The line of it at which the directive begins, from 1.
    pub line: usize,
    /// The directive as written.
    pub text: String,
    /// The labels of the steps it builds on.
    pub builds_on: Vec<String>,
    /// What it reads.
    pub inputs: Vec<InputTrace>,
    /// Its seed.
    pub seed: u64,
    /// Whether it draws random numbers from it.
    pub random: bool,
    /// The digest of all that its result depends on.
    pub fingerprint: Fingerprint,
    /// All that its result depends on.
    pub components: Vec<Component>,
}

/// What a step reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputTrace {
    /// The dataset, as `name@version`.
    pub dataset: String,
    /// Its title.
    pub title: String,
    /// The file, whose digest was verified.
    pub file: FileRecord,
    /// The codebook.
    pub codebook: Option<FileRecord>,
    /// How many rows the dataset has.
    pub rows: u64,
    /// What of it is read.
    pub reads: Reads,
}

/// What is read of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Reads {
    /// Rows of a population.
    Rows {
        /// The population's name; none for all rows.
        population: Option<String>,
        /// Its condition in SQL.
        condition: Option<String>,
        /// Derived columns with their SQL expressions.
        derived: Vec<(String, String)>,
        /// The columns.
        columns: Vec<String>,
    },
    /// The answer to a query.
    Query {
        /// The SQL.
        sql: String,
    },
}

impl Material<'_> {
    /// How a statistic came about; none if there is no such statistic.
    pub fn trace(&self, id: &StatId) -> Option<Trace> {
        let statistic = self.results.get(id)?.clone();
        let label = &statistic.key.label;
        let outcome = self.outcomes.get(label);
        let shown = showings(self.document);
        Some(Trace {
            report: self.record.report.clone(),
            shown: shown.into_iter().filter(|s| s.stats.contains(id)).collect(),
            rows: outcome.map_or_else(Vec::new, |o| self.rows(o, &statistic)),
            model: outcome.and_then(|o| model_of(o, id)).cloned(),
            remarks: outcome.map_or_else(Vec::new, |outcome| remarks(outcome)),
            steps: self.steps(label),
            version: self.record.version.clone(),
            source_digest: self.record.source_digest.clone(),
            statistic,
        })
    }

    fn rows(&self, outcome: &Outcome, statistic: &Statistic) -> Vec<RowTrace> {
        let uses = row_uses(outcome, statistic).into_iter();
        uses.filter_map(|used| self.row_trace(&statistic.key.label, used))
            .collect()
    }

    /// A row use with the rows outside its population.
    pub(crate) fn row_trace(&self, label: &str, used: &RowUse) -> Option<RowTrace> {
        let record = self.step(label)?;
        let input = record.step.inputs.get(used.input)?;
        let dataset = self.dataset(input)?;
        let mut left_out = used.left_out.clone();
        let inside = used.used.iter();
        let inside: RowSet = inside
            .chain(left_out.iter().flat_map(|l| l.rows.iter()))
            .collect();
        let outside: RowSet = (1..=dataset.rows)
            .filter(|row| !inside.contains(*row))
            .collect();
        if !outside.is_empty() {
            let reason = match input.population() {
                Some(name) => format!("outside the population {name}"),
                None => "not read".to_owned(),
            };
            let rows = outside;
            left_out.push(LeftOut { reason, rows });
        }
        Some(RowTrace {
            step: label.to_owned(),
            input: used.input,
            dataset: input.dataset().to_string(),
            used: used.used.clone(),
            left_out,
            queried: matches!(input, InputSpec::Query { .. }),
        })
    }

    fn step(&self, label: &str) -> Option<&StepRecord> {
        self.record.steps.iter().find(|s| s.step.label == label)
    }

    fn dataset(&self, input: &InputSpec) -> Option<&DatasetRecord> {
        let all = &self.record.datasets;
        all.iter().find(|d| d.id == *input.dataset())
    }

    /// The step of that label and all that it builds on.
    fn steps(&self, label: &str) -> Vec<StepTrace> {
        let mut found: Vec<StepTrace> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open = std::collections::VecDeque::from([label.to_owned()]);
        while let Some(label) = open.pop_front() {
            if !seen.insert(label.clone()) {
                continue;
            }
            if let Some(record) = self.step(&label) {
                open.extend(record.step.upstream.iter().cloned());
                found.push(self.step_trace(record));
            }
        }
        found
    }

    /// What there is to say of a step.
    pub(crate) fn step_trace(&self, record: &StepRecord) -> StepTrace {
        let step = &record.step;
        let upstream: Vec<(String, Fingerprint)> = step
            .upstream
            .iter()
            .filter_map(|label| Some((label.clone(), self.step(label)?.fingerprint.clone())))
            .collect();
        StepTrace {
            label: step.label.clone(),
            directive: step.directive.clone(),
            method: step.version,
            file: self
                .record
                .sources
                .first()
                .map_or_else(String::new, |f| f.path.clone()),
            line: record.line,
            text: record.text.clone(),
            builds_on: step.upstream.clone(),
            inputs: step.inputs.iter().filter_map(|i| self.input(i)).collect(),
            seed: step.seed,
            random: analysis::find(&step.directive).is_some_and(|e| e.random),
            fingerprint: record.fingerprint.clone(),
            components: components(step, &upstream),
        }
    }

    fn input(&self, input: &InputSpec) -> Option<InputTrace> {
        let dataset = self.dataset(input)?;
        Some(InputTrace {
            dataset: dataset.id.to_string(),
            title: dataset.title.clone(),
            file: dataset.file.clone(),
            codebook: dataset.codebook.clone(),
            rows: dataset.rows,
            reads: match input {
                InputSpec::Frame {
                    population,
                    condition,
                    derive,
                    columns,
                    ..
                } => Reads::Rows {
                    population: population.clone(),
                    condition: condition.clone(),
                    derived: derive.clone(),
                    columns: columns.clone(),
                },
                InputSpec::Query { sql, .. } => Reads::Query { sql: sql.clone() },
            },
        })
    }
}

impl Trace {
    /// The statistic's id.
    pub fn id(&self) -> StatId {
        self.statistic.id()
    }
}

/// The row uses that hold for a statistic: those that speak of it most exactly.
fn row_uses<'o>(outcome: &'o Outcome, statistic: &Statistic) -> Vec<&'o RowUse> {
    let id = statistic.id();
    let speaks = |used: &&RowUse| {
        let inside = used.groups.iter().all(|g| statistic.key.groups.contains(g));
        inside && used.stats.begins(&id)
    };
    let rank = |used: &RowUse| (used.stats.as_str().len(), used.groups.len());
    let best = outcome.rows.iter().filter(speaks).map(rank).max();
    let speaking = outcome.rows.iter().filter(speaks);
    speaking.filter(|u| Some(rank(u)) == best).collect()
}

/// What a step's findings say.
fn remarks(outcome: &Outcome) -> Vec<String> {
    let messages = outcome.findings.iter().map(|f| f.message.clone());
    messages.collect()
}

/// The model that a statistic was estimated in.
fn model_of<'o>(outcome: &'o Outcome, id: &StatId) -> Option<&'o ModelUse> {
    let speaking = outcome.models.iter().filter(|m| m.stats.begins(id));
    speaking.max_by_key(|m| m.stats.as_str().len())
}
