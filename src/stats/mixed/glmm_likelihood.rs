//! The likelihood of a generalised linear mixed model with one grouping factor.
//!
//! Given β and Λ, a group's random effects b = Λ u have their mode at the minimum of g(u) = −2 log f(y | u) + uᵀu,
//! found by Newton's method. With H = I + Λᵀ Zᵀ W Z Λ there, Laplace's approximation of −2 log ∫ is g + log|H|; for one
//! effect Gauss–Hermite quadrature around the mode in units of H^−½ has it as its case of one point (Pinheiro & Chao
//! 2006; Bates et al 2015).

use super::family::Family;
use super::small;
use nalgebra::{DMatrix, DVector};

const MAX_STEPS: usize = 100;
/// The expected decrease of g that ends Newton's steps. log|H| changes with its square root, and the likelihood's
/// derivatives are differences.
const EXACT: f64 = 1e-20;

/// A group's rows.
pub(super) struct GlmmGroup {
    pub y: Vec<f64>,
    pub weights: Vec<f64>,
    /// By rows: q numbers each.
    pub z: Vec<f64>,
    /// By rows: p numbers each.
    pub x: Vec<f64>,
}

/// The data of the likelihood.
pub(super) struct GlmmLikelihood {
    pub family: Family,
    pub groups: Vec<GlmmGroup>,
    pub q: usize,
    pub p: usize,
    /// Nodes and weights of the quadrature.
    pub quadrature: Vec<(f64, f64)>,
    /// The part of −2 log likelihood that depends on no parameter.
    pub constant: f64,
}

/// A group's mode.
pub(super) struct Mode {
    /// u.
    pub u: Vec<f64>,
    value: f64,
    log_det: f64,
}

impl GlmmLikelihood {
    /// −2 log likelihood; none where it is not finite.
    pub fn deviance(&self, lambda: &DMatrix<f64>, beta: &[f64]) -> Option<f64> {
        let mut total = self.constant;
        for group in &self.groups {
            let offset = self.fixed(group, beta);
            let zl = self.scaled(group, lambda);
            let mode = self.mode(group, &offset, &zl)?;
            total += if self.quadrature.len() > 1 {
                self.integrated(group, &offset, &zl, &mode)
            } else {
                mode.value + mode.log_det
            };
        }
        total.is_finite().then_some(total)
    }

    /// The mode of each group.
    pub fn modes(&self, lambda: &DMatrix<f64>, beta: &[f64]) -> Option<Vec<Mode>> {
        let mode = |group| {
            let offset = self.fixed(group, beta);
            self.mode(group, &offset, &self.scaled(group, lambda))
        };
        self.groups.iter().map(mode).collect()
    }

    fn fixed(&self, group: &GlmmGroup, beta: &[f64]) -> Vec<f64> {
        let row = |x: &[f64]| x.iter().zip(beta).map(|(x, beta)| x * beta).sum();
        if self.p == 0 {
            return vec![0.0; group.y.len()];
        }
        group.x.chunks_exact(self.p).map(row).collect()
    }

    /// Z Λ, by rows.
    fn scaled(&self, group: &GlmmGroup, lambda: &DMatrix<f64>) -> Vec<f64> {
        let mut scaled = Vec::with_capacity(group.z.len());
        for z in group.z.chunks_exact(self.q) {
            for column in lambda.column_iter() {
                scaled.push(z.iter().zip(column.iter()).map(|(z, l)| z * l).sum());
            }
        }
        scaled
    }

    /// g, and its half gradient and half Hessian if there is room for them.
    fn penalised(
        &self,
        group: &GlmmGroup,
        offset: &[f64],
        zl: &[f64],
        u: &[f64],
        mut derivatives: Option<(&mut Vec<f64>, &mut Vec<f64>)>,
    ) -> f64 {
        let q = self.q;
        let mut total: f64 = u.iter().map(|u| u * u).sum();
        if let Some((score, hessian)) = &mut derivatives {
            score.clear();
            score.extend(u.iter().map(|u| -u));
            hessian.clear();
            hessian.extend((0..q * q).map(|i| if i / q == i % q { 1.0 } else { 0.0 }));
        }
        for (row, z) in zl.chunks_exact(q).enumerate() {
            let eta = offset[row] + z.iter().zip(u).map(|(z, u)| z * u).sum::<f64>();
            let part = self.family.row(group.y[row], group.weights[row], eta);
            total += part.value;
            if let Some((score, hessian)) = &mut derivatives {
                for (a, za) in z.iter().enumerate() {
                    score[a] += za * part.score;
                    for (b, zb) in z.iter().enumerate() {
                        hessian[a * q + b] += za * zb * part.information;
                    }
                }
            }
        }
        total
    }

    /// Newton's method from zero; g is convex.
    fn mode(&self, group: &GlmmGroup, offset: &[f64], zl: &[f64]) -> Option<Mode> {
        let q = self.q;
        let mut u = vec![0.0; q];
        let (mut score, mut hessian) = (Vec::new(), Vec::new());
        for _ in 0..MAX_STEPS {
            let room = Some((&mut score, &mut hessian));
            let value = self.penalised(group, offset, zl, &u, room);
            if !value.is_finite() || !small::cholesky(&mut hessian, q) {
                return None;
            }
            let mut step = score.clone();
            small::solve_lower(&hessian, q, &mut step, 1);
            let decrease: f64 = step.iter().map(|step| step * step).sum();
            if decrease <= EXACT {
                let logs: f64 = (0..q).map(|i| hessian[i * q + i].ln()).sum();
                let log_det = 2.0 * logs;
                return Some(Mode { u, value, log_det });
            }
            solve_transposed(&hessian, q, &mut step);
            let mut share = 1.0;
            for _ in 0..60 {
                let tried: Vec<f64> = u.iter().zip(&step).map(|(u, s)| u + share * s).collect();
                let next = self.penalised(group, offset, zl, &tried, None);
                if next <= value + 1e-13 * value.abs() {
                    u = tried;
                    break;
                }
                share /= 2.0;
            }
        }
        None
    }

    /// −2 log of the integral over one effect.
    fn integrated(&self, group: &GlmmGroup, offset: &[f64], zl: &[f64], mode: &Mode) -> f64 {
        let spread = (2.0_f64).sqrt() * (-0.5 * mode.log_det).exp();
        let mut sum = 0.0;
        for &(node, weight) in &self.quadrature {
            let u = mode.u[0] + spread * node;
            let value = self.penalised(group, offset, zl, &[u], None);
            sum += weight * (node * node - 0.5 * (value - mode.value)).exp();
        }
        mode.value + mode.log_det - 2.0 * (sum / std::f64::consts::PI.sqrt()).ln()
    }

    /// The deviance as a function of scaled θ and β together, by `unpack`, with a gradient by central differences.
    pub fn gradient(
        value: &dyn Fn(&DVector<f64>) -> Option<f64>,
        at: &DVector<f64>,
    ) -> Option<(f64, DVector<f64>)> {
        let here = value(at)?;
        let mut gradient = DVector::zeros(at.len());
        for i in 0..at.len() {
            let step = 1e-4 * at[i].abs().max(1.0);
            let moved = |times: f64| {
                let mut x = at.clone();
                x[i] += times * step;
                value(&x)
            };
            gradient[i] = (moved(1.0)? - moved(-1.0)?) / (2.0 * step);
        }
        Some((here, gradient))
    }
}

/// Overwrites `right` with L⁻ᵀ `right`.
fn solve_transposed(factor: &[f64], n: usize, right: &mut [f64]) {
    for i in (0..n).rev() {
        let mut value = right[i];
        for k in i + 1..n {
            value -= factor[k * n + i] * right[k];
        }
        right[i] = value / factor[i * n + i];
    }
}
