//! Contrasts rotated to independent ones.

use super::super::model_error::ModelError;
use nalgebra::{DMatrix, DVector};

/// Contrasts of which one has a variance this small, relative to the greatest, depend on each other.
const DEPENDENT: f64 = 1e-10;

/// Combinations of coefficients whose estimates are independent, each with its variance.
pub(in super::super) struct Rotated {
    /// In terms of the coefficients of Q.
    pub combinations: Vec<DVector<f64>>,
    pub estimates: Vec<f64>,
    pub variances: Vec<f64>,
}

/// Rotates combinations (weights of the coefficients of Q, and a fixed part) of `beta`, in units of `length`. If they
/// are first divided by their standard errors, their scale does not decide which of them count as dependent; it is
/// only Satterthwaite's method to which the scale matters.
pub(in super::super) fn rotate(
    mut combined: Vec<(DVector<f64>, f64)>,
    covariance: &DMatrix<f64>,
    beta: &DVector<f64>,
    length: f64,
    standardise: bool,
) -> Result<Rotated, ModelError> {
    if combined.is_empty() {
        return Err(ModelError::EmptyContrast);
    }
    for (weights, fixed) in &mut combined {
        let size = weights.dot(&(covariance * &*weights)).sqrt();
        if !(size > 0.0 && size.is_finite()) {
            return Err(ModelError::Numerical("the standard error of a contrast"));
        }
        if standardise {
            *weights /= size;
            *fixed /= size;
        }
    }
    let k = combined.len();
    let squared = length * length;
    let of_combined = DMatrix::from_fn(k, k, |a, b| {
        combined[a].0.dot(&(covariance * &combined[b].0)) * squared
    });
    let eigen = of_combined.symmetric_eigen();
    let greatest = eigen.eigenvalues.iter().copied().fold(0.0, f64::max);
    let mut rotated = Rotated {
        combinations: Vec::new(),
        estimates: Vec::new(),
        variances: Vec::new(),
    };
    for (&value, vector) in eigen
        .eigenvalues
        .iter()
        .zip(eigen.eigenvectors.column_iter())
    {
        if value <= DEPENDENT * greatest {
            continue;
        }
        let mut weights = DVector::zeros(beta.len());
        let mut fixed = 0.0;
        for ((part, own), &share) in combined.iter().zip(vector.iter()) {
            weights += part * share;
            fixed += own * share;
        }
        rotated.estimates.push(fixed + length * weights.dot(beta));
        rotated.combinations.push(weights);
        rotated.variances.push(value);
    }
    if rotated.estimates.is_empty() {
        return Err(ModelError::EmptyContrast);
    }
    Ok(rotated)
}
