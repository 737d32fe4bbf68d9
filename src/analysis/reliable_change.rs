//! `reliable_change`: who recovered, improved, did not change or deteriorated (Jacobson and Truax 1991).

mod chart;
mod counted;
mod prepare;
mod run;
mod table;

use serde::{Deserialize, Serialize};

use super::proportion_test::ProportionTest;
use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Level;
use crate::reader::TableReader;
use crate::stats::reliable_change::{Start, Worsening};

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
    start: StartKey,
    deteriorated: WorseningKey,
    shown: Shown,
    /// What a figure prints in its bars.
    values: Values,
}

/// What the directive shows; its label says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Shown {
    Nothing,
    Table,
    Figure,
}

/// What is printed in bars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Values {
    #[default]
    Percent,
    Count,
}

/// [`Start`], as authors write it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StartKey {
    #[default]
    Dysfunctional,
    Any,
}

impl From<StartKey> for Start {
    fn from(key: StartKey) -> Self {
        match key {
            StartKey::Dysfunctional => Self::Dysfunctional,
            StartKey::Any => Self::Any,
        }
    }
}

/// [`Worsening`], as authors write it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WorseningKey {
    #[default]
    Reliable,
    Any,
}

impl From<WorseningKey> for Worsening {
    fn from(key: WorseningKey) -> Self {
        match key {
            WorseningKey::Reliable => Self::Reliable,
            WorseningKey::Any => Self::Any,
        }
    }
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
    const VERSION: u32 = 2;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = include_str!("reliable_change/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
