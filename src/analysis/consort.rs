//! `consort`: the flow of participants, counted from their rows.

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::people::Long;
use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::reader::TableReader;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Consort;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    arms: Arms,
    /// How participants are told apart where they have several rows.
    long: Option<Long>,
    enrollment: Option<Enrollment>,
    randomised: String,
    allocated: String,
    withdrawn: Vec<Withdrawn>,
    received: Option<Part>,
    visits: Vec<Part>,
    analysis: Option<Analysed>,
}

/// What comes before the rows begin, quoted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Enrollment {
    label: String,
    assessed: u32,
    source: String,
    excluded_label: String,
    excluded: Vec<(String, u32)>,
}

/// Participants of an arm who were randomised and of whom there are no rows, quoted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Withdrawn {
    /// The place of the arm.
    arm: usize,
    label: String,
    n: u32,
    source: String,
    reason: Option<String>,
}

/// Participants who have something, and those who have not with their reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Part {
    column: String,
    label: String,
    missing: String,
    reason: Option<String>,
    /// The visit of long data.
    at: Option<String>,
}

/// Who is analysed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Analysed {
    columns: Vec<String>,
    /// Whether one of the columns is enough.
    any: bool,
    label: String,
    excluded: String,
    reason: Option<String>,
    /// The visit of long data; any if not said.
    at: Option<String>,
}

impl Analysis for Consort {
    type Spec = Spec;
    const NAME: &'static str = "consort";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Figure;
    const DOC: &'static str = include_str!("consort/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
