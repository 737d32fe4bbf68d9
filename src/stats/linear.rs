//! Linear models: least squares by Householder QR, tests of terms, contrasts, estimated marginal means.
//!
//! The numbers are those of R's `lm` (with `contr.treatment`, or `contr.sum` where a test needs it), `car::Anova` and
//! `emmeans`. A coefficient that the data can't tell from others is reported as such, never estimated by a
//! pseudo-inverse; a contrast that involves it is an error unless it is estimable all the same.

mod anova;
pub(super) mod contrast;
pub(super) mod estimate;
pub(super) mod fit;
pub(super) mod mean_contrasts;
mod mean_weights;
pub(super) mod means;
pub(super) mod qr;
mod robust;
pub(super) mod rows;
pub(super) mod solution;
mod subgroup;
mod summary;

pub use anova::TermTest;
pub use contrast::FTest;
pub use estimate::Estimate;
pub use fit::{Coefficient, LinearFit, LinearOptions};
pub use mean_contrasts::{MeanContrast, MeanFamily, MeansAdjustment};
pub use mean_weights::MeanWeights;
pub use means::{AtValues, Comparison, GridValue, MarginalMean, MeanDifference, MeansRequest};
pub use robust::RobustKind;
pub use subgroup::{SubgroupAnalysis, SubgroupEffect};
pub use summary::FitSummary;
