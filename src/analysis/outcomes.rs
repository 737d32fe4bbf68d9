//! `outcomes`: the arms compared at every visit (a trial's second table).

mod effect;
mod layout;
mod prepare;
mod run;
mod visits;

use serde::{Deserialize, Serialize};

use super::describe::NumberSummary;
use super::proportion_test::ProportionTest;
use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::artefact::Measure;
use crate::reader::TableReader;
use crate::stats::adjust::Adjustment;

/// The directive.
pub(super) struct Outcomes;

/// A resolved table of outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    arms: Arms,
    shape: Shape,
    kind: OutcomeKind,
    covariates: Vec<Covariate>,
    p_adjust: PAdjust,
    conf_level: f64,
    unadjusted_p: bool,
    observed: Observed,
    /// The head of the rows' labels, where it is the author's.
    stub: Option<String>,
}

/// How the visits stand in the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "shape")]
enum Shape {
    /// A column for each.
    Wide { visits: Vec<Measured> },
    /// Rows for each.
    Long {
        outcome: Measured,
        visit: VisitColumn,
        id: String,
    },
}

/// A column that holds an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Measured {
    variable: String,
    label: String,
    unit: Option<String>,
    decimals: Option<u8>,
    digits: Option<u8>,
}

/// The column that holds the visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct VisitColumn {
    variable: String,
    title: String,
    unit: Option<String>,
    /// The visits in order, as in the data; of a column of numbers all that occur, if empty.
    levels: Vec<String>,
    /// What is printed for a visit, where it is not the value.
    labels: Vec<(String, String)>,
}

/// What is compared, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
enum OutcomeKind {
    /// Means of numbers.
    Continuous {
        summary: NumberSummary,
        quantile: u8,
        test: TTestKind,
    },
    /// Proportions of an event.
    Binary {
        /// The level that is counted, as in the data.
        event: String,
        /// What is printed for it.
        event_label: String,
        effect: Effect,
        test: ProportionTest,
    },
}

/// Which t-test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TTestKind {
    Welch,
    Student,
}

/// How proportions are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Effect {
    RiskDifference,
    RiskRatio,
    OddsRatio,
}

/// A covariate of the adjusted difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Covariate {
    variable: String,
    title: String,
}

/// Adjustment of P values over the comparisons of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum PAdjust {
    None,
    #[serde(rename = "bonferroni")]
    Bonferroni,
    #[serde(rename = "holm")]
    Holm,
    #[serde(rename = "hochberg")]
    Hochberg,
    #[serde(rename = "hommel")]
    Hommel,
    #[serde(rename = "BH")]
    BenjaminiHochberg,
    #[serde(rename = "BY")]
    BenjaminiYekutieli,
}

impl PAdjust {
    const CHOICES: [(&'static str, Self); 7] = [
        ("none", Self::None),
        ("bonferroni", Self::Bonferroni),
        ("holm", Self::Holm),
        ("hochberg", Self::Hochberg),
        ("hommel", Self::Hommel),
        ("BH", Self::BenjaminiHochberg),
        ("BY", Self::BenjaminiYekutieli),
    ];

    /// The method, with its name in a sentence and its name in R.
    fn method(self) -> Option<(Adjustment, &'static str, &'static str)> {
        Some(match self {
            Self::None => return None,
            Self::Bonferroni => (Adjustment::Bonferroni, "Bonferroni", "bonferroni"),
            Self::Holm => (Adjustment::Holm, "Holm", "holm"),
            Self::Hochberg => (Adjustment::Hochberg, "Hochberg", "hochberg"),
            Self::Hommel => (Adjustment::Hommel, "Hommel", "hommel"),
            Self::BenjaminiHochberg => (
                Adjustment::BenjaminiHochberg,
                "Benjamini and Hochberg",
                "BH",
            ),
            Self::BenjaminiYekutieli => (
                Adjustment::BenjaminiYekutieli,
                "Benjamini and Yekutieli",
                "BY",
            ),
        })
    }
}

/// How the numbers of participants with the outcome are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Observed {
    CountOfPercent,
    CountOf,
    Count,
    None,
}

impl Observed {
    /// What its column holds, if it has one.
    fn measure(self) -> Option<Measure> {
        match self {
            Self::CountOfPercent => Some(Measure::CountOfPercent),
            Self::CountOf => Some(Measure::CountOf),
            Self::Count => Some(Measure::Count),
            Self::None => None,
        }
    }
}

impl Analysis for Outcomes {
    type Spec = Spec;
    const NAME: &'static str = "outcomes";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Table;
    const DOC: &'static str = include_str!("outcomes/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
