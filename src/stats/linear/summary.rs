//! A fitted model as a whole.

use super::super::model_error::ModelError;
use super::FTest;
use super::qr::dot;
use super::rows::WeightedRows;

/// Residuals that are this small, as squares relative to the outcome's, are rounding errors: nothing to test against.
const PERFECT: f64 = 1e-26;

/// What describes a fitted model as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct FitSummary {
    /// Rows with positive weight.
    pub nobs: usize,
    /// Estimable coefficients.
    pub rank: usize,
    /// Residual degrees of freedom.
    pub df_residual: usize,
    /// The residual sum of squares, weighted.
    pub rss: f64,
    /// The residual standard deviation.
    pub sigma: f64,
    /// R²; about zero, not about the mean, where there is no intercept. None where nothing but the intercept is
    /// estimated.
    pub r_squared: Option<f64>,
    /// R² adjusted for the number of coefficients.
    pub adj_r_squared: Option<f64>,
    /// The test of all coefficients but the intercept.
    pub f_test: Option<FTest>,
    /// The log-likelihood at the maximum-likelihood σ.
    pub log_lik: f64,
    /// −2 log-likelihood + 2 (rank + 1).
    pub aic: f64,
    /// −2 log-likelihood + log(nobs) (rank + 1).
    pub bic: f64,
}

/// Describes a fit; refuses one whose residuals are rounding errors.
pub(super) fn summarise(
    rows: &WeightedRows,
    rank: usize,
    fitted: &[f64],
    residuals: &[f64],
    intercept: bool,
) -> Result<FitSummary, ModelError> {
    let (nobs, df_intercept) = (rows.len(), usize::from(intercept));
    let df_residual = nobs.saturating_sub(rank);
    let (n, df) = (nobs as f64, df_residual as f64);
    let rss = residual_squares(rows, residuals)?;
    let model_ss = model_squares(rows, fitted, intercept);
    let variance = rss / df;
    let r_squared = model_ss / (model_ss + rss);
    let free_rows = n - df_intercept as f64;
    let df_model = rank.saturating_sub(df_intercept) as f64;
    let has_terms = df_model > 0.0;
    let test = || FTest::new(model_ss / df_model / variance, df_model, df);
    let log_lik = log_likelihood(rows, rss);
    let parameters = (rank + 1) as f64;
    Ok(FitSummary {
        nobs,
        rank,
        df_residual,
        rss,
        sigma: variance.sqrt(),
        r_squared: has_terms.then_some(r_squared),
        adj_r_squared: has_terms.then(|| 1.0 - (1.0 - r_squared) * (free_rows / df)),
        f_test: has_terms.then(test).transpose()?,
        log_lik,
        aic: -2.0 * log_lik + 2.0 * parameters,
        bic: -2.0 * log_lik + n.ln() * parameters,
    })
}

/// The weighted sum of squared residuals, if it is more than rounding errors.
fn residual_squares(rows: &WeightedRows, residuals: &[f64]) -> Result<f64, ModelError> {
    let weighted = rows.with_weights(residuals);
    let rss: f64 = weighted.map(|(w, residual)| w * residual * residual).sum();
    if !rss.is_finite() {
        return Err(ModelError::Numerical("the residual sum of squares"));
    }
    if rss <= PERFECT * dot(&rows.y, &rows.y) {
        return Err(ModelError::PerfectFit);
    }
    Ok(rss)
}

/// The weighted sum of squares of the fitted values about their mean, or about zero without an intercept.
fn model_squares(rows: &WeightedRows, fitted: &[f64], intercept: bool) -> f64 {
    let total_weight: f64 = rows.weights.iter().sum();
    let sum: f64 = rows
        .with_weights(fitted)
        .map(|(w, fitted)| w * fitted)
        .sum();
    let centre = if intercept { sum / total_weight } else { 0.0 };
    rows.with_weights(fitted)
        .map(|(w, fitted)| w * (fitted - centre) * (fitted - centre))
        .sum()
}

/// The normal log-likelihood at the maximum-likelihood variance, rss / n.
fn log_likelihood(rows: &WeightedRows, rss: f64) -> f64 {
    let n = rows.len() as f64;
    let log_weights: f64 = rows.weights.iter().map(|w| w.ln()).sum();
    0.5 * (log_weights - n * ((2.0 * std::f64::consts::PI).ln() + 1.0 - n.ln() + rss.ln()))
}
