//! Satterthwaite's degrees of freedom.
//!
//! For a contrast with variance v(θ, σ) they are 2 v² / (gᵀ A g), g the gradient of v and A the asymptotic covariance
//! of (θ, σ), twice the inverse Hessian of the deviance (Giesbrecht & Burns 1985; Kuznetsova et al 2017). Several
//! contrasts are rotated to independent ones and the denominator's degrees of freedom chosen so that F has the
//! expectation that its parts have (Fai & Cornelius 1996).

use super::super::model_error::ModelError;
use super::criterion::{Profiled, Target};
use super::optimise::hessian;
use super::options::Estimation;
use super::problem::Problem;
use nalgebra::{DMatrix, DVector};

/// Directions in which the deviance is this flat, relative to the steepest, are left out of A.
const FLAT: f64 = 1e-11;
/// Where the parts' degrees of freedom are as close as this, they are those of F.
const EQUAL: f64 = 1e-8;

/// The asymptotic covariance of (θ, σ), in computing units.
#[derive(Debug, Clone)]
pub(super) struct Satterthwaite {
    covariance: DMatrix<f64>,
}

impl Satterthwaite {
    /// From the Hessian at the optimum `at`, whose scaled θ is given.
    pub fn new(
        problem: &Problem,
        estimation: Estimation,
        theta: &[f64],
        at: &Profiled,
    ) -> Result<Self, ModelError> {
        let lost = ModelError::Numerical("the Hessian of the mixed model");
        let k = theta.len();
        let sigma = at.variance().sqrt();
        let target = Target {
            sigma: Some(sigma),
            ..Target::of(estimation)
        };
        let theta = DVector::from_column_slice(theta);
        let by_theta = hessian(&mut *problem.objective(&target), &theta).ok_or(lost.clone())?;
        let mut full = DMatrix::zeros(k + 1, k + 1);
        full.view_mut((0, 0), (k, k)).copy_from(&by_theta);
        full[(k, k)] = (6.0 * at.rss / (sigma * sigma) - 2.0 * at.dof) / (sigma * sigma);
        let quadratic = problem
            .kernel
            .quadratic_lambda(&at.at, &[at.residual_products()]);
        let by_rss = problem
            .template
            .gather(quadratic.first().map_or(&[], Vec::as_slice));
        for (i, half) in by_rss.iter().enumerate() {
            let mixed = 4.0 * half / (sigma * sigma * sigma);
            full[(i, k)] = mixed;
            full[(k, i)] = mixed;
        }
        if full.iter().any(|value| !value.is_finite()) {
            return Err(lost);
        }
        // In units of the curvatures, so that what counts as flat depends on no unit.
        let lengths: Vec<f64> = full
            .diagonal()
            .iter()
            .map(|d| if *d > 0.0 { d.sqrt() } else { 1.0 })
            .collect();
        let eigen = DMatrix::from_fn(k + 1, k + 1, |i, j| full[(i, j)] / lengths[i] / lengths[j])
            .symmetric_eigen();
        let steepest = eigen.eigenvalues.amax();
        let mut covariance = DMatrix::zeros(k + 1, k + 1);
        for (value, vector) in eigen
            .eigenvalues
            .iter()
            .zip(eigen.eigenvectors.column_iter())
        {
            if *value > FLAT * steepest {
                covariance += vector * vector.transpose() * (2.0 / value);
            }
        }
        for i in 0..=k {
            for j in 0..=k {
                covariance[(i, j)] /= lengths[i] * lengths[j];
            }
        }
        Ok(Self { covariance })
    }

    /// The degrees of freedom of combinations of the coefficients of Q.
    pub fn df(&self, problem: &Problem, at: &Profiled, combinations: &[DVector<f64>]) -> Vec<f64> {
        let sigma = at.variance().sqrt();
        let p = at.beta.len();
        let directions: Vec<DVector<f64>> = combinations.iter().map(|l| &at.inverse * l).collect();
        let weights: Vec<DMatrix<f64>> = directions
            .iter()
            .map(|direction| {
                let mut d = DMatrix::zeros(p + 1, p + 1);
                d.view_mut((0, 0), (p, p))
                    .copy_from(&(direction * direction.transpose()));
                d
            })
            .collect();
        let quadratics = problem.kernel.quadratic_lambda(&at.at, &weights);
        let each = combinations.iter().zip(&directions).zip(&quadratics);
        each.map(|((combination, direction), quadratic)| {
            let unscaled = combination.dot(direction);
            let mut gradient: Vec<f64> = problem
                .template
                .gather(quadratic)
                .iter()
                .map(|half| 2.0 * half * sigma * sigma)
                .collect();
            gradient.push(2.0 * sigma * unscaled);
            let gradient = DVector::from_vec(gradient);
            let variance = sigma * sigma * unscaled;
            2.0 * variance * variance / gradient.dot(&(&self.covariance * &gradient))
        })
        .collect()
    }
}

/// The denominator degrees of freedom of F from those of its independent parts (Fai & Cornelius 1996, as lmerTest).
pub(in super::super) fn joint_df(parts: &[f64]) -> f64 {
    let q = parts.len() as f64;
    let [first, rest @ ..] = parts else {
        return f64::NAN;
    };
    if rest.iter().all(|df| (df - first).abs() < EQUAL) {
        return parts.iter().sum::<f64>() / q;
    }
    if parts.iter().any(|&df| df <= 2.0) {
        return 2.0;
    }
    let expected: f64 = parts.iter().map(|df| df / (df - 2.0)).sum();
    2.0 * expected / (expected - q)
}
