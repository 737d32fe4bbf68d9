//! What a model for repeated measures can be asked for.

use super::super::design::Coding;
use super::super::mixed::Estimation;
use super::structure::CovarianceKind;

/// Where degrees of freedom come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RepeatedDf {
    /// None: the normal distribution, and χ².
    Asymptotic,
    /// Satterthwaite (1941), several degrees of freedom as Fai & Cornelius (1996); with an empirical covariance as Bell
    /// & `McCaffrey` (2002).
    #[default]
    Satterthwaite,
    /// Kenward & Roger (1997) with second derivatives of the covariance matrix, which depend on its parameters: those
    /// of the R package mmrm.
    KenwardRoger,
    /// Kenward & Roger without second derivatives: the same whatever the parameters, and what SAS gives for
    /// structures that are linear in theirs (unstructured, compound symmetry, Toeplitz).
    KenwardRogerLinear,
    /// Subjects or rows less coefficients, by whether a coefficient's column varies within subjects (Schluchter &
    /// Elashoff 1990, in the form of mmrm); for a contrast the least of the coefficients involved.
    BetweenWithin,
    /// Rows less coefficients.
    Residual,
}

/// Where the covariance of the parameters of the covariance matrix comes from, which Satterthwaite's and Kenward and
/// Roger's methods need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Information {
    /// The Hessian of the likelihood, as in mmrm and SAS.
    #[default]
    Observed,
    /// Its expectation, as in the article of Kenward & Roger (1997) and in pbkrtest.
    Expected,
}

/// The covariance of the coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CoefficientCovariance {
    /// That of the model, `(Xᵀ Σ⁻¹ X)⁻¹`, or Kenward and Roger's correction of it.
    #[default]
    Model,
    /// From the subjects' residuals (Liang & Zeger 1986), CR0.
    Empirical,
    /// The same corrected for the bias of residuals (Bell & `McCaffrey` 2002), CR2.
    BiasReduced,
    /// The same as if each subject were left out once (Mancl & `DeRouen` 2001), CR3.
    Jackknife,
}

/// What a fit needs besides its formula.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatedOptions {
    /// The column of visits: a factor whose levels are in the order of time, or times for a spatial structure.
    pub visit: String,
    /// The column of subjects.
    pub subject: String,
    /// A factor, constant within subjects, for each level of which the covariance matrix is estimated by itself.
    pub group: Option<String>,
    /// The covariance structure.
    pub covariance: CovarianceKind,
    /// REML or ML.
    pub estimation: Estimation,
    /// The method of the tests and intervals of the coefficients.
    pub df: RepeatedDf,
    /// Which information that method uses.
    pub information: Information,
    /// Which covariance of the coefficients it uses.
    pub coefficient_covariance: CoefficientCovariance,
    /// The column of weights: a row's variance is divided by its weight. A weight of 0 leaves the row out.
    pub weights: Option<String>,
    /// How factors become columns.
    pub coding: Coding,
    /// The confidence level of intervals.
    pub level: f64,
}

impl RepeatedOptions {
    /// The defaults: unstructured, REML, Satterthwaite.
    pub fn new(visit: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            visit: visit.into(),
            subject: subject.into(),
            group: None,
            covariance: CovarianceKind::Unstructured,
            estimation: Estimation::Reml,
            df: RepeatedDf::Satterthwaite,
            information: Information::Observed,
            coefficient_covariance: CoefficientCovariance::Model,
            weights: None,
            coding: Coding::Treatment,
            level: 0.95,
        }
    }
}
