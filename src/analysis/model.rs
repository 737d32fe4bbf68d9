//! `model`: a linear model by its formula.

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Field;
use crate::reader::TableReader;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Model;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    formula: String,
    /// The columns of the formula, described.
    fields: Vec<Field>,
    /// The arms, where the formula names their column: their order and reference.
    arms: Option<Arms>,
    weights: Option<String>,
    robust: Option<Robust>,
    conf_level: f64,
    type3: bool,
    digits: Option<u8>,
    labels: Vec<(String, String)>,
    /// Whether a table is shown.
    shown: bool,
}

/// Estimators of the covariance that hold without equal variances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Robust {
    Hc0,
    Hc1,
    Hc2,
    Hc3,
}

impl Analysis for Model {
    type Spec = Spec;
    const NAME: &'static str = "model";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = include_str!("model/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
