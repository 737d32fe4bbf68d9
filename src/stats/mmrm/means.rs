//! Estimated marginal means and their contrasts, by the fit's method of inference.

use super::super::linear::means::offer_means;
use super::fit::RepeatedFit;

offer_means!(RepeatedFit, "in the outcome's units");
