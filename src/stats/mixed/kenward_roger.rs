//! Kenward and Roger's small-sample inference.
//!
//! The covariance of the coefficients is corrected for what the estimation of the variances adds to it, and F is
//! scaled, with denominator degrees of freedom, so that its first two moments are those of an F distribution (Kenward
//! & Roger 1997; in the form of Halekoh & Højsgaard 2014). With Σ = σ² V = `Σ_i γ_i G_i` over all variances and
//! covariances γ of random effects and the residual variance,
//!
//! ```text
//! P_i = −Xᵀ Σ⁻¹ G_i Σ⁻¹ X,   Q_ij = Xᵀ Σ⁻¹ G_i Σ⁻¹ G_j Σ⁻¹ X,   Φ = (Xᵀ Σ⁻¹ X)⁻¹
//! W = 2 (tr(Σ⁻¹ G_i Σ⁻¹ G_j) − 2 tr(Φ Q_ij) + tr(Φ P_i Φ P_j))⁻¹
//! Φ_A = Φ + 2 Φ Σ_ij W_ij (Q_ij − P_i Φ P_j) Φ
//! ```
//!
//! All of it is in computing units (see `problem`), to which the degrees of freedom are indifferent.

use super::super::model_error::ModelError;
use super::criterion::Profiled;
use super::kr_sums::KrSums;
use super::problem::Problem;
use nalgebra::{DMatrix, DVector};

/// Directions of the information that are this flat, relative to the steepest, count as flat.
const FLAT: f64 = 1e-10;

/// The corrected covariance and what degrees of freedom need.
#[derive(Debug, Clone)]
pub(in super::super) struct KenwardRoger {
    /// `Φ_A`, of the coefficients of Q.
    pub covariance: DMatrix<f64>,
    /// Φ.
    pub phi: DMatrix<f64>,
    /// `Φ P_i Φ`.
    pub turned: Vec<DMatrix<f64>>,
    /// W.
    pub weights: DMatrix<f64>,
}

impl KenwardRoger {
    /// Prepares the correction at an optimum.
    pub(super) fn new(problem: &Problem, at: &Profiled) -> Result<Self, ModelError> {
        let variance = at.variance();
        let sums = KrSums::new(problem, at)?;
        let k = sums.first.len();
        let phi = &at.inverse * variance;
        let turned: Vec<DMatrix<f64>> = sums
            .first
            .iter()
            .map(|p| &phi * p * &phi * (-1.0 / (variance * variance)))
            .collect();
        let cubed = variance * variance * variance;
        let second = |i: usize, j: usize| &sums.second[i.max(j)][i.min(j)] / cubed;
        let mut information = DMatrix::zeros(k, k);
        for i in 0..k {
            for j in 0..=i {
                // tr(Φ P_i Φ P_j) with one Φ P Φ at hand.
                let crossed = turned[i].dot(&sums.first[j]) * (-1.0 / (variance * variance));
                let value = sums.trace[(i, j)] / (variance * variance)
                    - 2.0 * phi.dot(&second(i, j))
                    + crossed;
                information[(i, j)] = value;
                information[(j, i)] = value;
            }
        }
        let weights = twice_inverse(&information)?;
        let mut correction = DMatrix::zeros(phi.nrows(), phi.ncols());
        for i in 0..k {
            for j in 0..k {
                let p = &sums.first[j] * (-1.0 / (variance * variance));
                // Φ Q Φ − Φ P_i Φ P_j Φ
                let part = &phi * second(i, j) * &phi - &turned[i] * p * &phi;
                correction += part * weights[(i, j)];
            }
        }
        let covariance = &phi + (&correction + correction.transpose());
        if covariance.iter().any(|value| !value.is_finite()) {
            return Err(ModelError::Numerical("the Kenward–Roger covariance"));
        }
        Ok(Self {
            covariance,
            phi,
            turned,
            weights,
        })
    }

    /// The denominator degrees of freedom and the scale of F for contrasts of the coefficients of Q, which must not
    /// depend on each other.
    pub fn df_and_scale(&self, contrasts: &[DVector<f64>]) -> Result<(f64, f64), ModelError> {
        let lost = ModelError::Numerical("the Kenward–Roger degrees of freedom");
        let l = DMatrix::from_columns(contrasts);
        let q = contrasts.len() as f64;
        let middle = (l.transpose() * &self.phi * &l)
            .try_inverse()
            .ok_or(lost.clone())?;
        let theta = &l * middle * l.transpose();
        let parts: Vec<DMatrix<f64>> = self.turned.iter().map(|turned| &theta * turned).collect();
        let (mut a1, mut a2) = (0.0, 0.0);
        for (i, first) in parts.iter().enumerate() {
            for (j, second) in parts.iter().enumerate() {
                let weight = self.weights[(i, j)];
                a1 += weight * first.trace() * second.trace();
                a2 += weight * first.dot(&second.transpose());
            }
        }
        let b = (a1 + 6.0 * a2) / (2.0 * q);
        let g = ((q + 1.0) * a1 - (q + 4.0) * a2) / ((q + 2.0) * a2);
        let denominator = 3.0 * q + 2.0 * (1.0 - g);
        let (c1, c2, c3) = (
            g / denominator,
            (q - g) / denominator,
            (q + 2.0 - g) / denominator,
        );
        let v0 = 1.0 + c1 * b;
        let v0 = if v0.abs() < 1e-10 { 0.0 } else { v0 };
        let (v1, v2) = (1.0 - c2 * b, 1.0 - c3 * b);
        let shrunk = 1.0 - a2 / q;
        let ratio = if shrunk.abs() < 1e-14 && v1.abs() < 1e-14 {
            1.0
        } else {
            shrunk / v1
        };
        let rho = ratio * ratio * v0 / v2 / q;
        let df = 4.0 + (q + 2.0) / (q * rho - 1.0);
        let scale = if (df - 2.0).abs() < 0.01 {
            1.0
        } else {
            df * shrunk / (df - 2.0)
        };
        if df.is_finite() && df > 0.0 && scale.is_finite() {
            Ok((df, scale))
        } else {
            Err(lost)
        }
    }
}

/// Twice the inverse of the information on the variances, or its pseudo-inverse where some of them are not to be told
/// from each other.
fn twice_inverse(information: &DMatrix<f64>) -> Result<DMatrix<f64>, ModelError> {
    let lost = ModelError::Numerical("the information on the variances");
    if information.iter().any(|value| !value.is_finite()) {
        return Err(lost);
    }
    let k = information.nrows();
    // In units of the diagonal, so that what counts as flat depends on no unit.
    let lengths: Vec<f64> = information
        .diagonal()
        .iter()
        .map(|value| if *value > 0.0 { value.sqrt() } else { 1.0 })
        .collect();
    let scaled = DMatrix::from_fn(k, k, |i, j| information[(i, j)] / (lengths[i] * lengths[j]));
    let eigen = scaled.symmetric_eigen();
    let steepest = eigen.eigenvalues.amax();
    if steepest == 0.0 {
        return Err(lost);
    }
    let mut inverse = DMatrix::zeros(k, k);
    for (value, vector) in eigen
        .eigenvalues
        .iter()
        .zip(eigen.eigenvectors.column_iter())
    {
        if value.abs() > FLAT * steepest {
            inverse += vector * vector.transpose() * (2.0 / value);
        }
    }
    Ok(DMatrix::from_fn(k, k, |i, j| {
        inverse[(i, j)] / (lengths[i] * lengths[j])
    }))
}
