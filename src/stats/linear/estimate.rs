//! An estimate with its t inference.

use super::super::distribution::{Distribution, Normal, StudentT};
use super::super::model_error::ModelError;

/// An estimate with what a reader needs to judge it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate, in the outcome's units.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: f64,
    /// The degrees of freedom of the t distribution; infinite where it is the normal one.
    pub df: f64,
    /// The estimate over its standard error.
    pub statistic: f64,
    /// Two-sided.
    pub p_value: f64,
    /// The lower confidence limit.
    pub conf_low: f64,
    /// The upper confidence limit.
    pub conf_high: f64,
}

impl Estimate {
    /// Tests an estimate against zero and gives its interval at confidence `level`; with infinite `df` by the normal
    /// distribution. Without a positive standard error
    /// there is neither.
    pub(in super::super) fn new(
        estimate: f64,
        std_error: f64,
        df: f64,
        level: f64,
    ) -> Result<Self, ModelError> {
        if !(estimate.is_finite() && std_error.is_finite() && std_error > 0.0) {
            return Err(ModelError::Numerical("the standard error of an estimate"));
        }
        let statistic = estimate / std_error;
        let (p_value, critical) = if df.is_infinite() {
            let tail = (1.0 - level) / 2.0;
            (Normal.two_sided(statistic), Normal.upper_quantile(tail)?)
        } else {
            let distribution = StudentT::new(df)?;
            (
                distribution.two_sided(statistic),
                distribution.critical(level)?,
            )
        };
        let half_width = critical * std_error;
        Ok(Self {
            estimate,
            std_error,
            df,
            statistic,
            p_value,
            conf_low: estimate - half_width,
            conf_high: estimate + half_width,
        })
    }
}
