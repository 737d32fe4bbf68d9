//! `mmrm`: models for repeated measures of one or many outcomes with the same right-hand side.

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::modelled::{Fitting, Layout, Modelled, Models, criterion_words};
use super::{Analysis, Finding, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Frame;
use crate::reader::TableReader;
use crate::stats::mmrm::{CovarianceKind, RepeatedFit};
pub(super) use prepare::fits;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mmrm;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    fits: MmrmFits,
    type3: bool,
    layout: Layout,
}

/// Models for repeated measures of one or more outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct MmrmFits {
    pub models: Models,
    /// The column of visits.
    visit: String,
    /// The column of subjects.
    subject: String,
    /// The short name of the covariance structure.
    covariance: String,
    /// A column for each level of which the covariance is estimated by itself.
    covariance_by: Option<String>,
    weights: Option<String>,
    reml: bool,
    df: Df,
    /// Whether the information on the covariance is its expectation.
    expected: bool,
    vcov: Vcov,
}

/// Where degrees of freedom come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Df {
    Satterthwaite,
    KenwardRoger,
    KenwardRogerLinear,
    BetweenWithin,
    Residual,
    Z,
}

/// Where the covariance of the coefficients comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Vcov {
    Model,
    Empirical,
    BiasReduced,
    Jackknife,
}

impl Df {
    /// The method in a sentence.
    fn words(self) -> &'static str {
        match self {
            Self::Satterthwaite => "degrees of freedom by Satterthwaite's method",
            Self::KenwardRoger => "covariance and degrees of freedom by Kenward and Roger's method",
            Self::KenwardRogerLinear => {
                "covariance and degrees of freedom by Kenward and Roger's method without second derivatives"
            }
            Self::BetweenWithin => "between-within degrees of freedom",
            Self::Residual => "residual degrees of freedom",
            Self::Z => "Wald tests by the normal distribution",
        }
    }

    /// Whether it needs the covariance of the covariance's parameters.
    fn needs_information(self) -> bool {
        !matches!(self, Self::BetweenWithin | Self::Residual | Self::Z)
    }

    fn is_kenward_roger(self) -> bool {
        matches!(self, Self::KenwardRoger | Self::KenwardRogerLinear)
    }
}

impl Vcov {
    /// The estimator in a sentence.
    fn words(self) -> &'static str {
        match self {
            Self::Model => "",
            Self::Empirical => ", empirical covariance of the coefficients",
            Self::BiasReduced => ", empirical covariance of the coefficients, bias-reduced",
            Self::Jackknife => ", empirical covariance of the coefficients, jackknife",
        }
    }
}

impl Fitting for MmrmFits {
    type Fit = RepeatedFit;
    const CONTEXT: &'static str = "mmrm";

    fn models(&self) -> &Models {
        &self.models
    }

    fn method(&self) -> String {
        let criterion = criterion_words(self.reml, self.weights.as_deref());
        let title = CovarianceKind::from_name(&self.covariance).map_or("", CovarianceKind::title);
        let each = match &self.covariance_by {
            Some(column) => {
                let column = self.models.column_words(column);
                format!(", one for each level of {column}")
            }
            None => String::new(),
        };
        let expected = if self.expected {
            " with expected information"
        } else {
            ""
        };
        format!(
            "mixed model for repeated measures, {criterion}, {title} covariance of the visits{each}, {}{expected}{}",
            self.df.words(),
            self.vcov.words()
        )
    }

    fn fit(&self, modelled: &Modelled, frame: &Frame) -> Result<RepeatedFit, Finding> {
        run::fit(self, modelled, frame)
    }

    fn remarks(
        &self,
        modelled: &Modelled,
        fit: &RepeatedFit,
        frame: &Frame,
    ) -> Result<Vec<Finding>, Finding> {
        run::remarks(self, modelled, fit, frame)
    }
}

impl Analysis for Mmrm {
    type Spec = Spec;
    const NAME: &'static str = "mmrm";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = include_str!("mmrm/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
