//! `table1`: characteristics at baseline by arm.

mod balance;
mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::describe::{Denominator, Missing, NumberSummary};
use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Level;
use crate::reader::TableReader;

/// The directive.
pub(super) struct Table1;

/// A resolved table of characteristics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    arms: Arms,
    rows: Vec<RowSpec>,
    overall: bool,
    smd: bool,
    missing: Missing,
    denominator: Denominator,
    /// Number of the quantile type.
    quantile: u8,
}

/// A variable of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct RowSpec {
    variable: String,
    label: String,
    unit: Option<String>,
    digits: Option<u8>,
    content: Content,
}

/// What is shown of a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "content")]
enum Content {
    /// Summaries of numbers.
    Numbers {
        summaries: Vec<NumberSummary>,
        decimals: Option<u8>,
    },
    /// Counts of categories.
    Categories {
        levels: Vec<Level>,
        /// The one that is shown, in the variable's own row.
        only: Option<usize>,
    },
}

impl Analysis for Table1 {
    type Spec = Spec;
    const NAME: &'static str = "table1";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Table;
    const DOC: &'static str = include_str!("table1/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
