//! `forest`: effects with their intervals along an axis, of other directives and by subgroup.

mod labels;
mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::artefact::Scale;
use crate::dataset::Level;
use crate::reader::TableReader;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forest;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    axis: String,
    effect: String,
    favors: (Option<String>, Option<String>),
    limits: Option<(f64, f64)>,
    digits: Option<u8>,
    conf_level: f64,
    scale: Scale,
    sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Section {
    label: Option<String>,
    rows: SectionRows,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "rows")]
enum SectionRows {
    /// Effects of another directive: those of its statistics named `estimate` whose level is one of these.
    Of {
        from: String,
        levels: Vec<String>,
        /// Of these outcomes; of all if empty.
        outcomes: Vec<String>,
        labels: Vec<(String, String)>,
    },
    /// Effects of the arm within the levels of factors.
    Subgroups(Subgroups),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Subgroups {
    /// Which of the step's inputs.
    input: usize,
    arms: Arms,
    /// Index of the arm that is compared with the reference.
    arm: usize,
    outcome: String,
    decimals: Option<u8>,
    adjust: Vec<String>,
    factors: Vec<Factor>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Factor {
    column: String,
    title: String,
    levels: Vec<Level>,
}

impl Analysis for Forest {
    type Spec = Spec;
    const NAME: &'static str = "forest";
    const VERSION: u32 = 2;
    const SHOWS: Shows = Shows::Figure;
    const DOC: &'static str = include_str!("forest/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
