//! `measures`: the scales of a trial with their quoted reliability, and their scores by arm and visit.

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Level;
use crate::reader::TableReader;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measures;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    arms: Arms,
    /// The column of visits and those that are shown, of data with a row for each participant and visit.
    visit: Option<(String, Vec<Level>)>,
    /// The column that tells participants apart.
    id: Option<String>,
    scales: Vec<Scale>,
    digits: Option<u8>,
    stub: String,
}

/// A scale: its scores, and what is quoted of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Scale {
    label: String,
    reliability: Option<Quoted>,
    scores: Vec<Score>,
}

/// A number from elsewhere, and from where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Quoted {
    value: f64,
    source: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Score {
    variable: String,
    label: String,
    decimals: Option<u8>,
}

impl Analysis for Measures {
    type Spec = Spec;
    const NAME: &'static str = "measures";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Table;
    const DOC: &'static str = include_str!("measures/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
