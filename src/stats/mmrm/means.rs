//! Estimated marginal means and their contrasts, by the fit's method of inference.

use nalgebra::DMatrix;

use super::super::contrast::ContrastKind;
use super::super::design::Design;
use super::super::formula::Formula;
use super::super::linear::mean_contrasts::mean_contrasts;
use super::super::linear::means::{self, FixedEffects};
use super::super::linear::{Comparison, Estimate, MarginalMean, MeanDifference, MeansRequest};
use super::super::linear::{MeanFamily, MeansAdjustment};
use super::super::model_error::ModelError;
use super::super::model_frame::ModelFrame;
use super::fit::RepeatedFit;

impl FixedEffects for RepeatedFit {
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

    fn contrast_covariance(&self, rows: &[Vec<f64>]) -> Result<DMatrix<f64>, ModelError> {
        self.contrast_covariance(rows)
    }

    fn level(&self) -> f64 {
        self.options.level
    }
}

impl RepeatedFit {
    /// Contrasts of the marginal means of a request, a family for each combination of `by`.
    pub fn mean_contrasts(
        &self,
        request: &MeansRequest,
        kind: &ContrastKind,
        adjustment: MeansAdjustment,
    ) -> Result<Vec<MeanFamily>, ModelError> {
        mean_contrasts(self, request, kind, adjustment)
    }

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
