//! `frequencies`: counts and percentages of categories.

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::describe::{Denominator, Missing};
use super::proportion_test::ProportionTest;
use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Level;
use crate::reader::TableReader;

/// The directive.
pub(super) struct Frequencies;

/// A resolved table of frequencies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    groups: Option<Arms>,
    rows: Vec<RowSpec>,
    overall: bool,
    /// The level of the intervals, if they are shown.
    interval: Option<f64>,
    test: Option<ProportionTest>,
    missing: Missing,
    denominator: Denominator,
}

/// A variable of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct RowSpec {
    variable: String,
    label: String,
    levels: Vec<Level>,
    /// The level that is shown alone, in the variable's own row.
    only: Option<usize>,
    digits: Option<u8>,
}

impl Analysis for Frequencies {
    type Spec = Spec;
    const NAME: &'static str = "frequencies";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Table;
    const DOC: &'static str = include_str!("frequencies/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
