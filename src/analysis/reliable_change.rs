//! `reliable_change`: who recovered, improved, did not change or deteriorated (Jacobson and Truax 1991).

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::proportion_test::ProportionTest;
use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Level;
use crate::reader::TableReader;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReliableChange;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    arms: Arms,
    /// The column that holds the participant.
    id: String,
    /// The column that holds the visit.
    visit: String,
    before: Level,
    after: Vec<Level>,
    critical: f64,
    test: ProportionTest,
    measures: Vec<Scale>,
    /// Whether a table is shown.
    shown: bool,
}

/// A measure with what the index needs of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Scale {
    variable: String,
    label: String,
    decimals: Option<u8>,
    reliability: f64,
    higher_is_better: bool,
    /// None: that of all participants before.
    sd: Option<f64>,
    cut_off: CutOff,
}

/// Where the functional range begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CutOff {
    /// Beyond this score.
    Score(f64),
    /// Jacobson and Truax's a, from the participants before.
    A,
    /// b or c, from the functional population's mean and standard deviation.
    Norm { between: bool, mean: f64, sd: f64 },
}

impl Analysis for ReliableChange {
    type Spec = Spec;
    const NAME: &'static str = "reliable_change";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = include_str!("reliable_change/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
