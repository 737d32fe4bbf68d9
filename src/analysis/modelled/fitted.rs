//! Fitted models as directives see them, whichever they are.

use super::{Modelled, Models};
use crate::analysis::Finding;
use crate::dataset::Frame;
use crate::stats::contrast::ContrastKind;
use crate::stats::formula::Formula;
use crate::stats::linear::{MarginalMean, MeanFamily, MeansAdjustment, MeansRequest};
use crate::stats::mixed::{GlmmFit, MixedFit, MixedTermTest};
use crate::stats::mmrm::RepeatedFit;
use crate::stats::model_error::ModelError;
use crate::stats::model_frame::ModelFrame;

/// A kind of model, with all that says how it is fitted.
pub(in crate::analysis) trait Fitting {
    /// What a fit gives.
    type Fit: Fitted + 'static;
    /// The context of its statistics.
    const CONTEXT: &'static str;

    /// What is modelled.
    fn models(&self) -> &Models;

    /// How it is fitted and judged, in words.
    fn method(&self) -> String;

    /// Fits the model of an outcome.
    fn fit(&self, modelled: &Modelled, frame: &Frame) -> Result<Self::Fit, Finding>;

    /// What to know of a fit beside what any fit has.
    fn remarks(&self, _: &Modelled, _: &Self::Fit, _: &Frame) -> Result<Vec<Finding>, Finding> {
        Ok(Vec::new())
    }
}

/// A fitted model of an outcome.
pub(in crate::analysis) trait Fitted {
    fn formula(&self) -> &Formula;
    fn frame(&self) -> &ModelFrame;
    /// The names of the coefficients that depend on others.
    fn aliased(&self) -> Vec<String>;
    /// Whether random effects are estimated as nothing, or as functions of each other.
    fn singular(&self) -> bool;
    fn type3(&self) -> Result<Vec<MixedTermTest>, ModelError>;
    fn marginal_means(&self, request: &MeansRequest) -> Result<Vec<MarginalMean>, ModelError>;
    fn mean_contrasts(
        &self,
        request: &MeansRequest,
        kind: &ContrastKind,
        adjustment: MeansAdjustment,
    ) -> Result<Vec<MeanFamily>, ModelError>;
}

/// Each fit has all this by the same names.
macro_rules! fitted {
    ($fit:ty, $singular:expr) => {
        impl Fitted for $fit {
            fn formula(&self) -> &Formula {
                &self.formula
            }

            fn frame(&self) -> &ModelFrame {
                &self.frame
            }

            fn aliased(&self) -> Vec<String> {
                <$fit>::aliased(self)
            }

            fn singular(&self) -> bool {
                let singular: fn(&$fit) -> bool = $singular;
                singular(self)
            }

            fn type3(&self) -> Result<Vec<MixedTermTest>, ModelError> {
                <$fit>::type3(self)
            }

            fn marginal_means(
                &self,
                request: &MeansRequest,
            ) -> Result<Vec<MarginalMean>, ModelError> {
                <$fit>::marginal_means(self, request)
            }

            fn mean_contrasts(
                &self,
                request: &MeansRequest,
                kind: &ContrastKind,
                adjustment: MeansAdjustment,
            ) -> Result<Vec<MeanFamily>, ModelError> {
                <$fit>::mean_contrasts(self, request, kind, adjustment)
            }
        }
    };
}

fitted!(MixedFit, |fit| fit.singular);
fitted!(GlmmFit, |fit| fit.singular);
// A singular covariance of the visits is an error.
fitted!(RepeatedFit, |_| false);
