//! log|V| and products with V⁻¹, by whichever way the grouping factors allow.

use super::crossed::{Crossed, FactorColumns};
use super::crossed_factor::CrossedState;
use super::single::{SingleFactor, SingleState};
use super::small;
use nalgebra::DMatrix;

/// The data as sums over levels.
pub(super) enum Kernel {
    /// One grouping factor.
    Single(SingleFactor),
    /// Several.
    Crossed(Box<Crossed>),
}

/// What an evaluation leaves for derivatives.
pub(super) enum KernelState {
    Single(SingleState),
    Crossed(CrossedState),
}

/// V = I + Z Λ Λᵀ Zᵀ seen through the data.
pub(super) struct Evaluation {
    /// log|V|.
    pub log_det: f64,
    /// [X y]ᵀ V⁻¹ [X y].
    pub cross: DMatrix<f64>,
    /// The Λ of each grouping factor.
    pub lambda: Vec<DMatrix<f64>>,
    pub state: KernelState,
}

impl Kernel {
    /// Gathers the sums.
    pub fn new(factors: &[FactorColumns], xy: &[Vec<f64>]) -> Self {
        match factors {
            [only] => Self::Single(SingleFactor::new(&only.z, xy, only.codes, only.levels)),
            _ => Self::Crossed(Box::new(Crossed::new(factors, xy))),
        }
    }

    /// Evaluates at one Λ for each factor; none where V is beyond what numbers hold.
    pub fn evaluate(&self, lambda: Vec<DMatrix<f64>>) -> Option<Evaluation> {
        let (log_det, cross, state) = match self {
            Self::Single(single) => {
                let (log_det, cross, state) = single.evaluate(lambda.first()?)?;
                (log_det, cross, KernelState::Single(state))
            }
            Self::Crossed(crossed) => {
                let (log_det, cross, state) = crossed.evaluate(&lambda)?;
                (log_det, cross, KernelState::Crossed(state))
            }
        };
        let finite = log_det.is_finite() && cross.iter().all(|value| value.is_finite());
        finite.then_some(Evaluation {
            log_det,
            cross,
            lambda,
            state,
        })
    }

    /// Half the derivative of log|V| by Λ: Σ Zᵀ V⁻¹ Z Λ for each factor.
    pub fn trace_lambda(&self, at: &Evaluation) -> Vec<DMatrix<f64>> {
        match (self, &at.state) {
            (Self::Single(single), KernelState::Single(state)) => {
                let trace = single.trace(state);
                at.lambda.iter().map(|lambda| &trace * lambda).collect()
            }
            (Self::Crossed(crossed), KernelState::Crossed(state)) => crossed.trace_lambda(state),
            _ => Vec::new(),
        }
    }

    /// Half the derivative of −tr(D [X y]ᵀ V⁻¹ [X y]) by Λ: Σ (Zᵀ V⁻¹ [X y]) D (Zᵀ V⁻¹ [X y])ᵀ Λ for each factor
    /// and each of several symmetric D.
    pub fn quadratic_lambda(
        &self,
        at: &Evaluation,
        weights: &[DMatrix<f64>],
    ) -> Vec<Vec<DMatrix<f64>>> {
        let scaled = |sums: Vec<DMatrix<f64>>| -> Vec<DMatrix<f64>> {
            sums.into_iter()
                .zip(&at.lambda)
                .map(|(sum, lambda)| sum * lambda)
                .collect()
        };
        match (self, &at.state) {
            (Self::Single(single), KernelState::Single(state)) => weights
                .iter()
                .map(|d| scaled(vec![single.quadratic(state, d)]))
                .collect(),
            (Self::Crossed(crossed), KernelState::Crossed(state)) => {
                let projected = crossed.projected(state);
                let sums = |d: &DMatrix<f64>| {
                    let factors = projected.iter().zip(&crossed.sizes);
                    factors
                        .map(|(levels, &q)| sandwiches(levels, q, d))
                        .collect()
                };
                weights.iter().map(|d| scaled(sums(d))).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Σ M D Mᵀ over matrices of q rows, one after the other, for a symmetric D.
fn sandwiches(levels: &[f64], q: usize, d: &DMatrix<f64>) -> DMatrix<f64> {
    let w = d.nrows();
    let mut total = DMatrix::zeros(q, q);
    let mut image = vec![0.0; q * w];
    for values in levels.chunks_exact(q * w) {
        for (row, image) in values.chunks_exact(w).zip(image.chunks_exact_mut(w)) {
            small::times_symmetric(row, d, image);
        }
        for (a, image) in image.chunks_exact(w).enumerate() {
            for (b, row) in values.chunks_exact(w).enumerate() {
                total[(a, b)] += image.iter().zip(row).map(|(i, v)| i * v).sum::<f64>();
            }
        }
    }
    total
}
