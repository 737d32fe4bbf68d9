//! Covariances of the coefficients from the subjects' residuals, and their degrees of freedom.
//!
//! With whitened rows `X̃_i` of a subject and residuals `ẽ_i`, the covariance is
//! `Φ (Σ X̃_iᵀ A_i ẽ_i ẽ_iᵀ A_i X̃_i) Φ`, where `A_i` is a power of `I − H_ii`, H = X̃ Φ X̃ᵀ: 0 (CR0), −½ (CR2) or −1
//! (CR3) (Bell & `McCaffrey` 2002; Pustejovsky & Tipton 2018).

use super::super::mixed::dense::{cholesky, solve_lower};
use super::super::model_error::ModelError;
use super::fit::Problem;
use super::likelihood::Point;
use super::options::CoefficientCovariance;
use nalgebra::{DMatrix, DVector};

/// Leverage leaves nothing of a residual below this.
const NOTHING: f64 = 1e-10;

/// An empirical covariance.
pub(super) struct Empirical {
    /// Of the coefficients of Q, in computing units.
    pub covariance: DMatrix<f64>,
    phi: DMatrix<f64>,
    /// Each subject's `A_i X̃_i` and `X̃_i`.
    parts: Vec<(DMatrix<f64>, DMatrix<f64>)>,
}

impl Empirical {
    pub fn new(
        problem: &Problem,
        point: &Point,
        kind: CoefficientCovariance,
    ) -> Result<Self, ModelError> {
        let lost = ModelError::Numerical("the covariance of a subject's visits");
        let p = problem.likelihood.p;
        let phi = &point.phi;
        let mut middle = DMatrix::zeros(p, p);
        let mut parts = Vec::with_capacity(problem.subjects.members.len());
        for subject in &problem.subjects.members {
            let sigma = &point.jets[subject.group].sigma;
            let n = subject.rows.len();
            let own = DMatrix::from_fn(n, n, |i, j| sigma[(subject.rows[i].0, subject.rows[j].0)]);
            let factor = cholesky(&own).ok_or(lost.clone())?;
            let places: Vec<usize> = subject.rows.iter().map(|row| row.1).collect();
            let white = solve_lower(&factor, &problem.rows.select_rows(&places));
            let x = white.columns(0, p).into_owned();
            let residual = white.column(p) - &x * &point.beta;
            let adjusted = adjustment(&x, phi, kind) * &x;
            let score = adjusted.tr_mul(&residual);
            middle += &score * score.transpose();
            parts.push((adjusted, x));
        }
        Ok(Self {
            covariance: phi * middle * phi,
            phi: phi.clone(),
            parts,
        })
    }

    /// The degrees of freedom of a combination: those of a multiple of χ² with the mean and variance that the
    /// estimated variance has if the model's covariance is right.
    pub fn df(&self, combination: &DVector<f64>) -> f64 {
        let direction = &self.phi * combination;
        let p = direction.len();
        let (mut trace, mut squares) = (0.0, 0.0);
        let mut spread = DMatrix::zeros(p, p);
        for (adjusted, x) in &self.parts {
            let own = adjusted * &direction;
            let length = own.norm_squared();
            let pull = x.tr_mul(&own);
            let lost = pull.dot(&(&self.phi * &pull));
            trace += length - lost;
            squares += length * length - 2.0 * length * lost;
            spread += &pull * pull.transpose();
        }
        let inner = &self.phi * spread;
        squares += inner.dot(&inner.transpose());
        trace * trace / squares
    }
}

/// A power of I − H of a subject; of directions of which nothing is left, none.
fn adjustment(x: &DMatrix<f64>, phi: &DMatrix<f64>, kind: CoefficientCovariance) -> DMatrix<f64> {
    let n = x.nrows();
    let power = match kind {
        CoefficientCovariance::BiasReduced => -0.5,
        CoefficientCovariance::Jackknife => -1.0,
        CoefficientCovariance::Model | CoefficientCovariance::Empirical => {
            return DMatrix::identity(n, n);
        }
    };
    let eigen = (DMatrix::identity(n, n) - x * phi * x.transpose()).symmetric_eigen();
    let mut result = DMatrix::zeros(n, n);
    for (&value, vector) in eigen
        .eigenvalues
        .iter()
        .zip(eigen.eigenvectors.column_iter())
    {
        if value > NOTHING {
            result += vector * vector.transpose() * value.powf(power);
        }
    }
    result
}
