//! A fitted model as a whole.

use super::super::model_error::ModelError;
use super::FTest;
use super::qr::dot;
use super::rows::WeightedRows;
use super::solution::Solution;

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

/// Describes a fit; refuses one that leaves nothing to estimate the error from.
pub(super) fn summarise(
    rows: &WeightedRows,
    solution: &Solution,
    fitted: &[f64],
    residuals: &[f64],
    intercept: bool,
) -> Result<FitSummary, ModelError> {
    let (nobs, rank) = (rows.len(), solution.qr.rank);
    if nobs <= rank {
        return Err(ModelError::NoResidualDf { rows: nobs, rank });
    }
    let df_residual = nobs - rank;
    let (n, df) = (nobs as f64, df_residual as f64);
    let weighted = |values: &[f64]| -> Vec<(f64, f64)> {
        let kept = rows
            .places
            .iter()
            .filter_map(|&row| values.get(row).copied());
        rows.weights.iter().copied().zip(kept).collect()
    };
    // From the residuals, as R's summary; the orthogonal effects give the same up to rounding.
    let rss: f64 = weighted(residuals)
        .iter()
        .map(|(w, residual)| w * residual * residual)
        .sum();
    let variance = rss / df;
    if !(rss.is_finite() && solution.rss.is_finite()) {
        return Err(ModelError::Numerical("the residual sum of squares"));
    }
    if rss <= PERFECT * dot(&rows.y, &rows.y) {
        return Err(ModelError::PerfectFit);
    }
    let fitted = weighted(fitted);
    let total_weight: f64 = rows.weights.iter().sum();
    let mean = fitted.iter().map(|(w, fitted)| w * fitted).sum::<f64>() / total_weight;
    let centre = if intercept { mean } else { 0.0 };
    let model_ss: f64 = fitted
        .iter()
        .map(|(w, fitted)| w * (fitted - centre) * (fitted - centre))
        .sum();
    let df_intercept = usize::from(intercept);
    let has_terms = rank > df_intercept;
    let r_squared = model_ss / (model_ss + rss);
    let log_weights: f64 = rows.weights.iter().map(|w| w.ln()).sum();
    let log_lik =
        0.5 * (log_weights - n * ((2.0 * std::f64::consts::PI).ln() + 1.0 - n.ln() + rss.ln()));
    let parameters = (rank + 1) as f64;
    let df_model = (rank - df_intercept) as f64;
    Ok(FitSummary {
        nobs,
        rank,
        df_residual,
        rss,
        sigma: variance.sqrt(),
        r_squared: has_terms.then_some(r_squared),
        adj_r_squared: has_terms
            .then(|| 1.0 - (1.0 - r_squared) * ((n - df_intercept as f64) / df)),
        f_test: has_terms
            .then(|| FTest::new(model_ss / df_model / variance, df_model, df))
            .transpose()?,
        log_lik,
        aic: -2.0 * log_lik + 2.0 * parameters,
        bic: -2.0 * log_lik + n.ln() * parameters,
    })
}
