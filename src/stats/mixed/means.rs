//! Estimated marginal means of a mixed model: those of its fixed effects, by the fit's method of inference.

use super::super::design::Design;
use super::super::formula::Formula;
use super::super::linear::means::{self, FixedEffects};
use super::super::linear::{Comparison, Estimate, MarginalMean, MeanDifference, MeansRequest};
use super::super::model_error::ModelError;
use super::super::model_frame::ModelFrame;
use super::fit::MixedFit;

impl FixedEffects for MixedFit {
    fn formula(&self) -> &Formula {
        &self.formula
    }

    fn frame(&self) -> &ModelFrame {
        &self.frame
    }

    fn design(&self) -> &Design {
        &self.design
    }

    fn contrast(&self, weights: &[f64]) -> Result<Estimate, ModelError> {
        self.contrast(weights)
    }
}

impl MixedFit {
    /// The marginal means of a request; those of one combination of `by` stand together, the first column of `of`
    /// varying fastest.
    pub fn marginal_means(&self, request: &MeansRequest) -> Result<Vec<MarginalMean>, ModelError> {
        means::marginal_means(self, request)
    }

    /// Differences of the marginal means of a request.
    pub fn mean_differences(
        &self,
        request: &MeansRequest,
        comparison: &Comparison,
    ) -> Result<Vec<MeanDifference>, ModelError> {
        means::mean_differences(self, request, comparison)
    }

    /// The adjusted difference between two arms: the marginal mean of `level` less that of `reference`.
    pub fn adjusted_difference(
        &self,
        arm: &str,
        level: &str,
        reference: &str,
    ) -> Result<Estimate, ModelError> {
        means::adjusted_difference(self, arm, level, reference)
    }
}
