//! `results.json` read back: what a build said its numbers are.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::name::quoted;
use crate::diagnostic::Diagnostic;
use crate::statistic::{Group, StatId};

/// The schema that this program writes and reads.
const SCHEMA: &str = "trialbook-results/1";

#[derive(Deserialize)]
struct File {
    schema: String,
    report: String,
    statistics: Vec<Number>,
}

/// A number with what it is of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Number {
    pub(super) id: StatId,
    pub(super) value: Option<f64>,
    label: String,
    context: String,
    population: Option<String>,
    groups: Vec<Group>,
    variable: Option<String>,
    level: Option<String>,
    stat: String,
    warnings: Vec<String>,
}

impl Number {
    /// Whether two numbers of the same id are said to be of the same thing, whatever they are.
    pub(super) fn described_as(&self, other: &Self) -> bool {
        let mut other = other.clone();
        other.value = self.value;
        *self == other
    }
}

/// Numbers by id.
pub(super) type Numbers = BTreeMap<StatId, Number>;

/// Reads the numbers of a report.
pub(super) fn read(report: &str, bytes: &[u8]) -> Result<Numbers, Diagnostic> {
    let bad = |why: &str| {
        Diagnostic::error(
            "bad-results",
            format!("`results.json` can't be compared: {why}"),
        )
    };
    let file: File = serde_json::from_slice(bytes).map_err(|e| bad(&e.to_string()))?;
    if file.schema != SCHEMA {
        let why = format!("its schema is {}, not `{SCHEMA}`", quoted(&file.schema));
        return Err(bad(&why));
    }
    if file.report != report {
        let why = format!("it is of the report {}", quoted(&file.report));
        return Err(bad(&why));
    }
    let mut numbers = Numbers::new();
    for number in file.statistics {
        let id = number.id.clone();
        if numbers.insert(id.clone(), number).is_some() {
            return Err(bad(&format!("{} is there twice", quoted(id.as_str()))));
        }
    }
    Ok(numbers)
}
