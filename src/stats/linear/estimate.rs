//! An estimate with its t inference.

use super::tails::{t_quantile, t_two_sided};

/// An estimate with what a reader needs to judge it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate, in the outcome's units.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: f64,
    /// The degrees of freedom of the t distribution.
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
    /// Tests an estimate against zero and gives its interval at confidence `level`.
    pub(super) fn new(estimate: f64, std_error: f64, df: f64, level: f64) -> Self {
        let statistic = estimate / std_error;
        let half_width = t_quantile(f64::midpoint(1.0, level), df) * std_error;
        Self {
            estimate,
            std_error,
            df,
            statistic,
            p_value: t_two_sided(statistic, df),
            conf_low: estimate - half_width,
            conf_high: estimate + half_width,
        }
    }
}
