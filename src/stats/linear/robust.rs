//! Standard errors that hold when the residual variance differs between rows.

use super::super::model_error::ModelError;
use super::fit::LinearFit;
use nalgebra::DMatrix;

/// Heteroscedasticity-consistent estimators of the covariance (White 1980; `MacKinnon` & White 1985).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RobustKind {
    /// Squared residuals.
    Hc0,
    /// Times n / (n − p).
    Hc1,
    /// Divided by 1 − leverage.
    Hc2,
    /// Divided by (1 − leverage)².
    Hc3,
}

impl LinearFit {
    /// The same fit with a robust covariance; all that is asked of it later, contrasts and marginal means too, uses
    /// that, with the residual degrees of freedom of the model. An error where a row
    /// determines a coefficient alone: its residual is zero and says nothing of its variance. `summary` and [`LinearFit::type2`] stay classical.
    pub fn with_robust_covariance(&self, kind: RobustKind) -> Result<Self, ModelError> {
        let scores = self.scores(kind)?;
        // Covariance = U Uᵀ Sᵀ S U Uᵀ; a factor of it is the transpose of the triangle of the QR of S U Uᵀ.
        let spread = scores * &self.unscaled_factor * self.unscaled_factor.transpose();
        let factor = spread.qr().r().transpose();
        let mut fit = Self {
            robust: Some(kind),
            factor,
            ..self.clone()
        };
        fit.coefficients = fit.infer_coefficients()?;
        Ok(fit)
    }

    /// The rows of X for the estimable columns, each times weight and corrected residual.
    fn scores(&self, kind: RobustKind) -> Result<DMatrix<f64>, ModelError> {
        let (n, p) = (self.summary.nobs as f64, self.summary.rank as f64);
        let mut scores = self.design.matrix.select_columns(&self.estimable);
        for (row, mut values) in scores.row_iter_mut().enumerate() {
            let residual = self.residuals.get(row).copied().unwrap_or(0.0);
            let free = 1.0 - self.leverage.get(row).copied().unwrap_or(0.0);
            if free <= 0.0 {
                return Err(ModelError::Numerical(
                    "the robust covariance: a row determines a coefficient alone, and its residual",
                ));
            }
            let correction = match kind {
                RobustKind::Hc0 => 1.0,
                RobustKind::Hc1 => (n / (n - p)).sqrt(),
                RobustKind::Hc2 => 1.0 / free.sqrt(),
                RobustKind::Hc3 => 1.0 / free,
            };
            values *= self.weight(row) * residual * correction;
        }
        Ok(scores)
    }
}
