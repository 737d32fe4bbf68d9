//! Estimated marginal means of mixed models: those of the fixed effects, by the fit's method of inference.

use super::super::linear::means::offer_means;
use super::fit::MixedFit;
use super::glmm::GlmmFit;

offer_means!(MixedFit, "in the outcome's units");
offer_means!(GlmmFit, "on the scale of the link");
