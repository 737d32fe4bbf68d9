//! What a mixed model can be asked for besides its formula.

use super::super::design::Coding;

/// What is maximised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Estimation {
    /// The restricted likelihood (Patterson & Thompson 1971): that of the residuals' contrasts.
    #[default]
    Reml,
    /// The likelihood; needed to compare models that differ in their fixed terms.
    Ml,
}

/// Where the degrees of freedom of a test of fixed effects come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DfMethod {
    /// None: the normal distribution (Wald z, χ²/df).
    Wald,
    /// Satterthwaite (1941), as Fai & Cornelius (1996) and Kuznetsova et al (2017) have it.
    #[default]
    Satterthwaite,
    /// Kenward & Roger (1997), with their covariance; needs REML.
    KenwardRoger,
}

/// What a fit can be asked for besides its formula.
#[derive(Debug, Clone, PartialEq)]
pub struct MixedOptions {
    /// REML or ML.
    pub estimation: Estimation,
    /// The method of the tests and intervals of fixed effects.
    pub df: DfMethod,
    /// The column of weights: the residual variance of a row is σ² / weight. A weight of 0 leaves the row out.
    pub weights: Option<String>,
    /// How factors among the fixed effects become columns.
    pub coding: Coding,
    /// The confidence level of intervals.
    pub level: f64,
}

impl Default for MixedOptions {
    fn default() -> Self {
        Self {
            estimation: Estimation::Reml,
            df: DfMethod::Satterthwaite,
            weights: None,
            coding: Coding::Treatment,
            level: 0.95,
        }
    }
}
