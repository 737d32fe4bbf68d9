//! Mixed models for repeated measures (MMRM): no random effects, but a covariance matrix over the visits of a subject,
//! of any of ten structures, the same for all or one for each group; by restricted or full maximum likelihood.
//!
//! The numbers are those of the R package mmrm (Sabanés Bové, Li, Dedic et al 2022–2024) and, where that says so, of SAS
//! PROC MIXED; the code is our own. The method is that of Mallinckrodt, Lane, Schnell, Peng & Mancuso (2008, Drug Inf J
//! 42:303); degrees of freedom are Satterthwaite's (Fai & Cornelius 1996; Christensen 2018) or Kenward & Roger's (1997,
//! Biometrics 53:983), counted ones, or none.
//!
//! The likelihood's first and second derivatives are known in closed form and cost as much as the patterns of visits,
//! not as the subjects. A fit whose covariance is singular, or whose parameters the data don't tell, is an error
//! ([`RepeatedError::Singular`]); coefficients that can't be told from others are reported
//! ([`RepeatedFit::aliased`]).

mod empirical;
mod error;
mod fit;
mod inference;
mod likelihood;
mod means;
mod options;
mod parameters;
mod pattern;
mod search;
mod start;
mod structure;
mod subjects;

pub use error::RepeatedError;
pub use fit::{RepeatedFit, VisitCovariance};
pub use options::{CoefficientCovariance, Information, RepeatedDf, RepeatedOptions};
pub use structure::CovarianceKind;
