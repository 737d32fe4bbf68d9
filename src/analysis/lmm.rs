//! `lmm`: linear mixed models of one or many outcomes with the same right-hand side.

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::modelled::{Fitting, Layout, Modelled, Models, criterion_words};
use super::{Analysis, Finding, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Frame;
use crate::reader::TableReader;
use crate::stats::mixed::MixedFit;
pub(super) use prepare::fits;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lmm;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    fits: LmmFits,
    interval: Interval,
    type3: bool,
    layout: Layout,
}

/// Linear mixed models of one or more outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LmmFits {
    pub models: Models,
    weights: Option<String>,
    reml: bool,
    df: Df,
}

/// Where degrees of freedom come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Df {
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

impl Fitting for LmmFits {
    type Fit = MixedFit;
    const CONTEXT: &'static str = "lmm";

    fn models(&self) -> &Models {
        &self.models
    }

    fn method(&self) -> String {
        let criterion = criterion_words(self.reml, self.weights.as_deref());
        format!("linear mixed model, {criterion}, {}", self.df.words())
    }

    fn fit(&self, modelled: &Modelled, frame: &Frame) -> Result<MixedFit, Finding> {
        run::fit(self, modelled, frame)
    }
}

impl Df {
    /// The method in a sentence.
    fn words(self) -> &'static str {
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
