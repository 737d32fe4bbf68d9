//! Contrasts of means, and the adjustment of a family of them.
//!
//! Nothing here knows a model: [`generate`] gives weights of means, a model gives each weighted sum its standard error and
//! degrees of freedom, and [`adjust_family`] takes those. The numbers are those of the R package emmeans.

mod family;
mod weights;

pub use family::{
    AdjustedContrast, AdjustedFamily, ContrastEstimate, FamilyAdjustment, IntervalMethod,
    adjust_family,
};
pub use weights::{Contrast, ContrastKind, ContrastName, generate, rank};
