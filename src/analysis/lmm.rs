//! `lmm`: linear mixed models of one or many outcomes with the same right-hand side.

mod data;
mod prepare;
mod run;
mod table;

use serde::{Deserialize, Serialize};

use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::{Field, Level};
use crate::reader::TableReader;
pub(super) use data::words;
pub(super) use prepare::{Family, all_columns, family, level_place};
pub(super) use run::{fit, no_df, refusal, rows_used};

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lmm;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    pub models: Models,
    interval: Interval,
    type3: bool,
    terms: Option<Vec<String>>,
    show: Vec<Show>,
    stub: Option<String>,
    /// Whether what is shown of a coefficient stands one below the other.
    stacked: bool,
    /// Whether a table is shown.
    shown: bool,
}

/// The same model of one or more outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Models {
    /// What stands right of the tilde.
    pub right: String,
    pub outcomes: Vec<Modelled>,
    /// The heads of groups of outcomes.
    pub groups: Vec<String>,
    /// The columns of the right-hand side, described.
    pub fields: Vec<Field>,
    /// The arms, where the formula names their column: their order and reference.
    pub arms: Option<Arms>,
    /// Columns whose reference the author says, with their levels, the reference first.
    pub levels: Vec<(String, Vec<Level>)>,
    pub weights: Option<String>,
    pub reml: bool,
    pub df: Df,
    pub conf_level: f64,
    pub digits: Option<u8>,
    pub labels: Vec<(String, String)>,
}

/// An outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Modelled {
    /// What stands left of the tilde; also the variable of its statistics.
    pub name: String,
    /// The outcome as the formula writes it.
    pub left: String,
    /// The columns that it is made of.
    pub columns: Vec<String>,
    pub title: String,
    pub decimals: Option<u8>,
    /// Which of the groups it is in.
    pub group: Option<usize>,
    /// The path of keys to its name.
    pub key: crate::reader::KeyPath,
}

/// Where degrees of freedom come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Df {
    Satterthwaite,
    KenwardRoger,
    Z,
}

/// How the limits of coefficients are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "interval")]
enum Interval {
    Wald,
    Profile,
    Bootstrap { draws: u64 },
}

/// What a table's columns hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Show {
    Estimate,
    Se,
    Ci,
    EstimateSe,
    EstimateCi,
    P,
}

impl Models {
    /// The formula of an outcome.
    pub fn formula(&self, outcome: &Modelled) -> String {
        format!("{} ~ {}", outcome.left, self.right)
    }

    /// How the models are fitted and judged, in words.
    pub fn method(&self) -> String {
        let criterion = if self.reml {
            "restricted maximum likelihood"
        } else {
            "maximum likelihood"
        };
        let weighted = match &self.weights {
            Some(column) => format!(" weighted by {column}"),
            None => String::new(),
        };
        format!(
            "linear mixed model, {criterion}{weighted}, {}",
            self.df.words()
        )
    }
}

impl Df {
    /// The method in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Satterthwaite => "degrees of freedom by Satterthwaite's method",
            Self::KenwardRoger => "covariance and degrees of freedom by Kenward and Roger's method",
            Self::Z => "Wald tests by the normal distribution",
        }
    }
}

impl Analysis for Lmm {
    type Spec = Spec;
    const NAME: &'static str = "lmm";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = include_str!("lmm/doc.md");
    const RANDOM: bool = true;

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
