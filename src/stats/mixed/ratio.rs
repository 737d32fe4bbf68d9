//! Likelihood-ratio tests of nested models.

use super::super::distribution::{ChiSquared, Distribution};
use super::super::model_error::ModelError;
use super::fit::MixedFit;
use super::options::{Estimation, MixedOptions};

/// A likelihood-ratio test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioTest {
    /// Twice the difference of the log-likelihoods, at least 0.
    pub statistic: f64,
    /// The difference in the number of parameters.
    pub df: f64,
    /// P(χ² ≥ statistic). Where the smaller model sets variances to zero it is too large: they lie on the boundary
    /// (Self & Liang 1987).
    pub p_value: f64,
}

impl RatioTest {
    pub(in super::super) fn new(statistic: f64, df: f64) -> Result<Self, ModelError> {
        Ok(Self {
            statistic,
            df,
            p_value: ChiSquared::new(df)?.upper(statistic),
        })
    }
}

impl MixedFit {
    /// The same model fitted by the other criterion, or this fit if it is by that one.
    pub fn with_estimation(&self, estimation: Estimation) -> Result<Self, Vec<ModelError>> {
        if self.options.estimation == estimation {
            return Ok(self.clone());
        }
        let options = MixedOptions {
            estimation,
            ..self.options.clone()
        };
        Self::of_frame(&self.formula, self.frame.clone(), &options)
    }

    /// The test of this model against a larger one that contains it, which the caller has to see to. Both must be
    /// fitted to the same values of the same outcome, by ML unless their fixed effects are the same.
    pub fn likelihood_ratio(&self, larger: &Self) -> Result<RatioTest, ModelError> {
        let refuse = |why| Err(ModelError::NotComparable(why));
        let outcome = |fit: &Self| {
            fit.frame
                .variables
                .first()
                .map(|v| (v.label.clone(), v.values.clone()))
        };
        if outcome(self) != outcome(larger) || self.frame.rows != larger.frame.rows {
            return refuse("they are of different outcomes or rows");
        }
        if self.frame.weights != larger.frame.weights {
            return refuse("their weights differ");
        }
        if self.options.estimation != larger.options.estimation {
            return refuse("one is by REML and one by ML");
        }
        if self.options.estimation == Estimation::Reml && self.design.matrix != larger.design.matrix
        {
            return refuse("by REML, models whose fixed effects differ have different likelihoods");
        }
        if larger.parameters <= self.parameters {
            return refuse("the second has no more parameters than the first");
        }
        let df = (larger.parameters - self.parameters) as f64;
        let statistic = (self.criterion - larger.criterion).max(0.0);
        RatioTest::new(statistic, df)
    }
}
