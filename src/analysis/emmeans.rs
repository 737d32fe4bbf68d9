//! `emmeans`: estimated marginal means of mixed models and of models for repeated measures, and their comparisons.

mod prepare;
mod response;
mod run;
mod table;

use serde::{Deserialize, Serialize};

use super::glmm::{Family, GlmmFits};
use super::lmm::LmmFits;
use super::mmrm::MmrmFits;
use super::modelled::{Fitting, Models};
use super::{Analysis, Inputs, Outcome, Prepared, Scope, Shows};
use crate::reader::TableReader;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Emmeans;

/// What the author wrote, resolved. It holds the models themselves, which are fitted again: a step is a function of its
/// own spec and rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    fits: Fits,
    of: Vec<String>,
    by: Vec<String>,
    at: Vec<(String, Vec<Value>)>,
    weights: Weights,
    contrasts: Option<Contrasts>,
    adjust: Adjust,
    /// The means or contrasts that the table shows; all if not said.
    terms: Option<Vec<String>>,
    /// Whether the table has them side by side.
    wide: bool,
    /// Whether means are on the scale of the outcome, and contrasts ratios.
    response: bool,
    shown: bool,
}

/// The models whose means are asked for, of whichever directive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Fits {
    Lmm(LmmFits),
    Mmrm(MmrmFits),
    Glmm(GlmmFits),
}

/// A value of the reference grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Value {
    Level(String),
    Number(f64),
}

/// How the cells that a mean is averaged over are weighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Weights {
    Equal,
    Proportional,
    Cells,
}

/// Which contrasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Contrasts {
    Pairwise,
    ReversePairwise,
    /// Against that level, or the first mean.
    Reference(Option<String>),
    Consecutive,
    Average,
    Others,
    /// Up to that degree, or as far as the means allow.
    Polynomial(Option<usize>),
    Custom(Vec<(String, Vec<f64>)>),
}

/// How a family of contrasts is adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Adjust {
    None,
    Tukey,
    Scheffe,
    /// By the joint distribution of the contrasts; Dunnett's where all are compared with one.
    Mvt,
    Sidak,
    Holm,
    Hochberg,
    Hommel,
    Bonferroni,
    Bh,
    By,
}

impl Adjust {
    /// Its name in a sentence.
    fn words(self, contrasts: Option<&Contrasts>) -> &'static str {
        match self {
            Self::None => "no adjustment",
            Self::Tukey => "Tukey's method",
            Self::Scheffe => "Scheffé's method",
            Self::Mvt if matches!(contrasts, Some(Contrasts::Reference(_))) => "Dunnett's method",
            Self::Mvt => "their joint t distribution",
            Self::Sidak => "Šidák's method",
            Self::Holm => "Holm's method",
            Self::Hochberg => "Hochberg's method",
            Self::Hommel => "Hommel's method",
            Self::Bonferroni => "Bonferroni's method",
            Self::Bh => "Benjamini and Hochberg's method",
            Self::By => "Benjamini and Yekutieli's method",
        }
    }
}

impl Fits {
    fn models(&self) -> &Models {
        match self {
            Self::Lmm(fits) => &fits.models,
            Self::Mmrm(fits) => &fits.models,
            Self::Glmm(fits) => &fits.models,
        }
    }

    fn models_mut(&mut self) -> &mut Models {
        match self {
            Self::Lmm(fits) => &mut fits.models,
            Self::Mmrm(fits) => &mut fits.models,
            Self::Glmm(fits) => &mut fits.models,
        }
    }

    /// How the models are fitted and judged, in words.
    fn method(&self) -> String {
        match self {
            Self::Lmm(fits) => fits.method(),
            Self::Mmrm(fits) => fits.method(),
            Self::Glmm(fits) => fits.method(),
        }
    }
}

impl Spec {
    fn models(&self) -> &Models {
        self.fits.models()
    }

    /// The distribution whose link is undone; none where means stay as the model has them.
    fn undone(&self) -> Option<Family> {
        match &self.fits {
            Fits::Glmm(fits) if self.response => Some(fits.family),
            _ => None,
        }
    }
}

impl Analysis for Emmeans {
    type Spec = Spec;
    const NAME: &'static str = "emmeans";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = include_str!("emmeans/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}
