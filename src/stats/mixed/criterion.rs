//! The deviance with fixed effects and residual variance profiled out (Bates et al 2015, §3), and its gradient.
//!
//! With V = I + Z Λ Λᵀ Zᵀ, e = y − X β, r² = eᵀ V⁻¹ e at the best β:
//!
//! ```text
//! ML:   log|V| + n (1 + log(2π r²/n))
//! REML: log|V| + log|Xᵀ V⁻¹ X| + (n − p) (1 + log(2π r²/(n − p)))
//! ```
//!
//! The derivative by Λ is 2 (Zᵀ V⁻¹ Z − Zᵀ V⁻¹ [X y] D [X y]ᵀ V⁻¹ Z) Λ, summed over the levels of a factor, with
//! D = (Xᵀ V⁻¹ X)⁻¹ (REML only) + (b bᵀ) / σ², b = (−β, 1).

use super::dense;
use super::kernel::{Evaluation, Kernel};
use super::options::Estimation;
use nalgebra::{DMatrix, DVector};

/// What is minimised over θ.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    /// REML or ML.
    pub estimation: Estimation,
    /// The residual standard deviation where it is not profiled out.
    pub sigma: Option<f64>,
    /// A combination of coefficients held at a value.
    pub held: Option<(DVector<f64>, f64)>,
}

impl Target {
    /// The criterion of a fit.
    pub fn of(estimation: Estimation) -> Self {
        Self {
            estimation,
            sigma: None,
            held: None,
        }
    }
}

/// The model at one θ.
pub(super) struct Profiled {
    pub at: Evaluation,
    /// The coefficients, those that satisfy the target's constraint if it has one.
    pub beta: DVector<f64>,
    /// (Xᵀ V⁻¹ X)⁻¹.
    pub inverse: DMatrix<f64>,
    /// r².
    pub rss: f64,
    /// n − p or n.
    pub dof: f64,
    /// The criterion.
    pub value: f64,
    target: Target,
}

impl Profiled {
    /// Evaluates a target; none where it has no finite value.
    pub fn new(
        kernel: &Kernel,
        n: usize,
        lambda: Vec<DMatrix<f64>>,
        target: &Target,
    ) -> Option<Self> {
        let at = kernel.evaluate(lambda)?;
        let p = at.cross.nrows() - 1;
        let xx = at.cross.view((0, 0), (p, p)).into_owned();
        let xy: DVector<f64> = at.cross.view((0, p), (p, 1)).column(0).into_owned();
        let factor = dense::cholesky(&xx)?;
        let inverse = dense::inverse(&factor);
        let half = dense::solve_lower(&factor, &DMatrix::from_column_slice(p, 1, xy.as_slice()));
        let mut beta: DVector<f64> = dense::solve_upper(&factor, &half).column(0).into_owned();
        let mut rss = at.cross[(p, p)] - half.norm_squared();
        if let Some((weights, value)) = &target.held {
            let direction = &inverse * weights;
            let variance = weights.dot(&direction);
            let miss = value - weights.dot(&beta);
            beta += direction * (miss / variance);
            rss += miss * miss / variance;
        }
        let reml = target.estimation == Estimation::Reml;
        let dof = if reml { n - p } else { n } as f64;
        let log_det_x = if reml {
            dense::log_determinant(&factor)
        } else {
            0.0
        };
        let error = match target.sigma {
            None => dof * (1.0 + (std::f64::consts::TAU * rss / dof).ln()),
            Some(sigma) => {
                let variance = sigma * sigma;
                dof * (std::f64::consts::TAU * variance).ln() + rss / variance
            }
        };
        let value = at.log_det + log_det_x + error;
        let target = target.clone();
        (rss > 0.0 && value.is_finite()).then_some(Self {
            at,
            beta,
            inverse,
            rss,
            dof,
            value,
            target,
        })
    }

    /// The residual variance: the target's, or the best.
    pub fn variance(&self) -> f64 {
        self.target
            .sigma
            .map_or(self.rss / self.dof, |sigma| sigma * sigma)
    }

    /// (−β, 1).
    fn residual_weights(&self) -> DVector<f64> {
        let p = self.beta.len();
        DVector::from_fn(p + 1, |i, _| if i == p { 1.0 } else { -self.beta[i] })
    }

    /// b bᵀ.
    pub fn residual_products(&self) -> DMatrix<f64> {
        let weights = self.residual_weights();
        &weights * weights.transpose()
    }

    /// The derivative of the criterion by each factor's Λ.
    pub fn gradient(&self, kernel: &Kernel) -> Vec<DMatrix<f64>> {
        let mut d = self.residual_products() / self.variance();
        if self.target.estimation == Estimation::Reml {
            let p = self.beta.len();
            let mut corner = d.view_mut((0, 0), (p, p));
            corner += &self.inverse;
        }
        let trace = kernel.trace_lambda(&self.at);
        let quadratic = kernel
            .quadratic_lambda(&self.at, &[d])
            .pop()
            .unwrap_or_default();
        trace
            .into_iter()
            .zip(quadratic)
            .map(|(trace, q)| (trace - q) * 2.0)
            .collect()
    }
}
