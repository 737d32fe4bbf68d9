//! `glmm`: logistic and Poisson mixed models of one or many outcomes with the same right-hand side.

mod data;
mod prepare;
mod ratio_tests;
mod run;

use serde::{Deserialize, Serialize};

use super::modelled::{Fitting, Layout, Modelled, Models};
use super::{Analysis, Finding, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Frame;
use crate::reader::TableReader;
use crate::stats::mixed::GlmmFit;
pub(super) use prepare::fits;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glmm;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    fits: GlmmFits,
    tests: Tests,
    /// Whether estimates and limits are ratios instead of their logarithms.
    exponentiate: bool,
    layout: Layout,
}

/// Generalised mixed models of one or more outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct GlmmFits {
    pub models: Models,
    pub family: Family,
    /// Outcomes that are categories, with the level that is the event.
    events: Vec<(String, String)>,
    /// A column of numbers of trials; the outcome is then the number of events among them.
    trials: Option<String>,
    /// A column of times or sizes that counts are in proportion to.
    exposure: Option<String>,
    /// Points of the quadrature; 1 is Laplace's approximation.
    points: usize,
}

/// The distribution of the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Family {
    Binomial,
    Poisson,
}

/// Tests of whole terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Tests {
    None,
    Type3,
    LikelihoodRatio,
}

impl Family {
    /// What the exponential of a coefficient is.
    pub fn ratio(self) -> &'static str {
        match self {
            Self::Binomial => "Odds ratio",
            Self::Poisson => "Rate ratio",
        }
    }

    /// What the inverse of the link gives.
    pub fn response(self) -> &'static str {
        match self {
            Self::Binomial => "Probability",
            Self::Poisson => "Rate",
        }
    }
}

impl Fitting for GlmmFits {
    type Fit = GlmmFit;
    const CONTEXT: &'static str = "glmm";

    fn models(&self) -> &Models {
        &self.models
    }

    fn method(&self) -> String {
        let family = match self.family {
            Family::Binomial => "logistic",
            Family::Poisson => "Poisson",
        };
        let exposure = match &self.exposure {
            Some(column) => format!(" with exposure {column}"),
            None => String::new(),
        };
        let approximation = match self.points {
            1 => "Laplace's approximation".to_owned(),
            points => format!("adaptive Gauss–Hermite quadrature with {points} points"),
        };
        format!(
            "{family} mixed model{exposure}, maximum likelihood by {approximation}, Wald tests by the normal distribution"
        )
    }

    fn fit(&self, modelled: &Modelled, frame: &Frame) -> Result<GlmmFit, Finding> {
        run::fit(self, modelled, frame)
    }
}

impl Analysis for Glmm {
    type Spec = Spec;
    const NAME: &'static str = "glmm";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = include_str!("glmm/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
