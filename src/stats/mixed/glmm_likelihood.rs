//! The likelihood of a generalised linear mixed model with one grouping factor.
//!
//! Given β and Λ, a group's random effects b = Λ u have their mode at the minimum of g(u) = −2 log f(y | u) + uᵀu,
//! found by Newton's method. With H = I + Λᵀ Zᵀ W Z Λ there, Laplace's approximation of −2 log ∫ is g + log|H|; for one
//! effect Gauss–Hermite quadrature around the mode in units of H^−½ has it as its case of one point (Pinheiro & Chao
//! 2006; Bates et al 2015). The gradient is exact: the mode and H move with the parameters as the implicit function
//! theorem says.

use super::family::{Family, RowDeviance};
use super::small;
use nalgebra::DMatrix;
use std::cell::RefCell;

const MAX_STEPS: usize = 100;
/// The expected decrease of g that ends Newton's steps. log|H| changes with its square root.
const EXACT: f64 = 1e-20;

/// The rows of all groups, one group after the other.
pub(super) struct GlmmRows {
    pub y: Vec<f64>,
    pub weights: Vec<f64>,
    /// By rows: q numbers each.
    pub z: Vec<f64>,
    /// By rows: p numbers each.
    pub x: Vec<f64>,
    /// Where each group begins, and the last ends.
    pub bounds: Vec<usize>,
}

/// The data of the likelihood.
pub(super) struct GlmmLikelihood {
    family: Family,
    rows: GlmmRows,
    q: usize,
    p: usize,
    /// Nodes and weights of the quadrature.
    quadrature: Vec<(f64, f64)>,
    /// The part of −2 log likelihood that depends on no parameter.
    constant: f64,
    /// Where each group's mode was last: g is convex, so it decides on nothing but how many steps are needed.
    last: RefCell<Vec<f64>>,
}

/// −2 log likelihood with its derivatives by Λ and β.
pub(super) struct GlmmGradient {
    pub value: f64,
    pub lambda: DMatrix<f64>,
    pub beta: Vec<f64>,
}

/// Room for a group: its rows at a value of u, and Newton's method.
struct Room {
    /// X β of each row.
    offset: Vec<f64>,
    /// Z Λ by rows.
    zl: Vec<f64>,
    parts: Vec<RowDeviance>,
    u: Vec<f64>,
    /// Where a step begins, and where it goes.
    from: Vec<f64>,
    direction: Vec<f64>,
    /// Half the negative gradient of g, then Newton's step.
    step: Vec<f64>,
    /// Half the Hessian of g, then its Cholesky factor.
    hessian: Vec<f64>,
    /// H⁻¹ Λᵀ z of each row.
    turned: Vec<f64>,
    /// The scores at a node.
    scores: Vec<f64>,
}

impl Room {
    fn new(likelihood: &GlmmLikelihood) -> Self {
        let q = likelihood.q;
        Self {
            offset: Vec::new(),
            zl: Vec::new(),
            parts: Vec::new(),
            u: vec![0.0; q],
            from: vec![0.0; q],
            direction: vec![0.0; q],
            step: vec![0.0; q],
            hessian: vec![0.0; q * q],
            turned: Vec::new(),
            scores: Vec::new(),
        }
    }

    /// log|H|, once the Hessian is factored.
    fn log_det(&self) -> f64 {
        let diagonal = self.hessian.iter().step_by(self.u.len() + 1);
        2.0 * diagonal.map(|value| value.ln()).sum::<f64>()
    }
}

/// What quadrature leaves for the gradient.
struct Quadrature {
    value: f64,
    /// The mean derivative of g at the nodes, and that times the nodes' distances from the mode.
    slope: f64,
    stretch: f64,
    /// For each row the mean of −2 score at the nodes, and that times u.
    scores: Vec<(f64, f64)>,
}

impl GlmmLikelihood {
    /// The data; `quadrature` of one node is Laplace's approximation, `constant` depends on no parameter.
    pub fn new(
        family: Family,
        rows: GlmmRows,
        (q, p): (usize, usize),
        quadrature: Vec<(f64, f64)>,
        constant: f64,
    ) -> Self {
        let groups = rows.bounds.len().saturating_sub(1);
        Self {
            family,
            rows,
            q,
            p,
            quadrature,
            constant,
            last: RefCell::new(vec![0.0; groups * q]),
        }
    }

    /// −2 log likelihood and its gradient; none where it is not finite.
    pub fn gradient(&self, lambda: &DMatrix<f64>, beta: &[f64]) -> Option<GlmmGradient> {
        let mut total = GlmmGradient {
            value: self.constant,
            lambda: DMatrix::zeros(self.q, self.q),
            beta: vec![0.0; self.p],
        };
        let mut room = Room::new(self);
        for group in 0..self.rows.bounds.len() - 1 {
            let mode = self.mode(group, lambda, beta, &mut room)?;
            let log_det = room.log_det();
            if self.quadrature.len() > 1 {
                let integral = self.integrated(group, &mut room, mode, log_det);
                total.value += integral.value;
                self.add_gradient(group, &mut room, Some(&integral), &mut total);
            } else {
                total.value += mode + log_det;
                self.add_gradient(group, &mut room, None, &mut total);
            }
        }
        let slopes = total.lambda.iter().chain(&total.beta);
        let finite = total.value.is_finite() && slopes.copied().all(f64::is_finite);
        finite.then_some(total)
    }

    /// u at the mode of each group, q numbers each.
    pub fn modes(&self, lambda: &DMatrix<f64>, beta: &[f64]) -> Option<Vec<f64>> {
        let mut room = Room::new(self);
        for group in 0..self.rows.bounds.len() - 1 {
            self.mode(group, lambda, beta, &mut room)?;
        }
        Some(self.last.borrow().clone())
    }

    /// Finds a group's mode by Newton's method: the value of g there. The room then holds its rows there, u, and the
    /// Cholesky factor of the Hessian.
    fn mode(
        &self,
        group: usize,
        lambda: &DMatrix<f64>,
        beta: &[f64],
        room: &mut Room,
    ) -> Option<f64> {
        let q = self.q;
        self.place(group, lambda, beta, room);
        let mut last = self.last.borrow_mut();
        let last = &mut last[group * q..(group + 1) * q];
        room.u.copy_from_slice(last);
        let mut value = self.penalised(group, room);
        if !value.is_finite() {
            room.u.fill(0.0);
            value = self.penalised(group, room);
        }
        for _ in 0..MAX_STEPS {
            if !value.is_finite() || !small::cholesky(&mut room.hessian, q) {
                return None;
            }
            small::solve_lower(&room.hessian, q, &mut room.step, 1);
            let decrease: f64 = room.step.iter().map(|step| step * step).sum();
            if decrease <= EXACT {
                last.copy_from_slice(&room.u);
                return Some(value);
            }
            small::solve_upper(&room.hessian, q, &mut room.step, 1);
            value = self.moved(group, room, value)?;
        }
        None
    }

    /// Goes along Newton's step, or a part of it, to a value of g that is no greater.
    fn moved(&self, group: usize, room: &mut Room, value: f64) -> Option<f64> {
        std::mem::swap(&mut room.u, &mut room.from);
        std::mem::swap(&mut room.step, &mut room.direction);
        let mut share = 1.0;
        for _ in 0..60 {
            let line = room.from.iter().zip(&room.direction);
            for (u, (from, direction)) in room.u.iter_mut().zip(line) {
                *u = from + share * direction;
            }
            let next = self.penalised(group, room);
            if next <= value + 1e-13 * value.abs() {
                return Some(next);
            }
            share /= 2.0;
        }
        None
    }

    /// Fills in X β and Z Λ of a group.
    fn place(&self, group: usize, lambda: &DMatrix<f64>, beta: &[f64], room: &mut Room) {
        let range = self.range(group);
        room.offset.clear();
        for row in range.clone() {
            let x = &self.rows.x[row * self.p..(row + 1) * self.p];
            room.offset
                .push(x.iter().zip(beta).map(|(x, beta)| x * beta).sum());
        }
        room.zl.clear();
        let z = &self.rows.z[range.start * self.q..range.end * self.q];
        for z in z.chunks_exact(self.q) {
            for column in lambda.column_iter() {
                room.zl
                    .push(z.iter().zip(column.iter()).map(|(z, l)| z * l).sum());
            }
        }
    }

    fn range(&self, group: usize) -> std::ops::Range<usize> {
        self.rows.bounds[group]..self.rows.bounds[group + 1]
    }

    /// g at the room's u, with its rows, half its negative gradient and half its Hessian.
    fn penalised(&self, group: usize, room: &mut Room) -> f64 {
        let q = self.q;
        let mut total: f64 = room.u.iter().map(|u| u * u).sum();
        for (i, (step, u)) in room.step.iter_mut().zip(&room.u).enumerate() {
            *step = -u;
            let row = &mut room.hessian[i * q..(i + 1) * q];
            row.fill(0.0);
            row[i] = 1.0;
        }
        room.parts.clear();
        let range = self.range(group);
        let outcomes = self.rows.y[range.clone()]
            .iter()
            .zip(&self.rows.weights[range]);
        let rows = outcomes.zip(room.zl.chunks_exact(q)).zip(&room.offset);
        for (((&y, &weight), z), offset) in rows {
            let eta = offset + z.iter().zip(&room.u).map(|(z, u)| z * u).sum::<f64>();
            let part = self.family.row(y, weight, eta);
            total += part.value;
            for (a, za) in z.iter().enumerate() {
                room.step[a] += za * part.score;
                let pull = za * part.information;
                for (hessian, zb) in room.hessian[a * q..].iter_mut().zip(z) {
                    *hessian += pull * zb;
                }
            }
            room.parts.push(part);
        }
        total
    }

    /// −2 log of the integral over one effect.
    fn integrated(&self, group: usize, room: &mut Room, mode: f64, log_det: f64) -> Quadrature {
        let spread = (2.0_f64).sqrt() * (-0.5 * log_det).exp();
        let range = self.range(group);
        let mut sum = 0.0;
        let mut found = Quadrature {
            value: 0.0,
            slope: 0.0,
            stretch: 0.0,
            scores: vec![(0.0, 0.0); range.len()],
        };
        for &(node, weight) in &self.quadrature {
            let away = spread * node;
            let u = room.u[0] + away;
            let (mut value, mut half_slope) = (u * u, u);
            // The scores wait: their weight is known when all rows have been seen.
            room.scores.clear();
            for (index, row) in range.clone().enumerate() {
                let z = room.zl[index];
                let eta = room.offset[index] + z * u;
                let part = self
                    .family
                    .row(self.rows.y[row], self.rows.weights[row], eta);
                value += part.value;
                half_slope -= z * part.score;
                room.scores.push(part.score);
            }
            let share = weight * (node * node - 0.5 * (value - mode)).exp();
            sum += share;
            found.slope += share * 2.0 * half_slope;
            found.stretch += share * 2.0 * half_slope * away;
            for (mean, score) in found.scores.iter_mut().zip(&room.scores) {
                mean.0 -= share * 2.0 * score;
                mean.1 -= share * 2.0 * score * u;
            }
        }
        found.value = mode + log_det - 2.0 * (sum / std::f64::consts::PI.sqrt()).ln();
        found.slope /= sum;
        found.stretch /= sum;
        for mean in &mut found.scores {
            mean.0 /= sum;
            mean.1 /= sum;
        }
        found
    }

    /// Adds a group's derivatives, given its rows at the mode.
    ///
    /// With r the scores, w the informations, z̃ = Λᵀ z, t = H⁻¹ z̃ and v = H⁻¹ Σ z̃ ẇ z̃ᵀt (and of quadrature its mean
    /// slope), a change dη of a row's predictor changes the value by (−2 r + ẇ z̃ᵀt − w z̃ᵀv) dη; Λ enters the mode's
    /// equation and H besides.
    fn add_gradient(
        &self,
        group: usize,
        room: &mut Room,
        integral: Option<&Quadrature>,
        total: &mut GlmmGradient,
    ) {
        let (q, p) = (self.q, self.p);
        let share = integral.map_or(1.0, |integral| 1.0 - 0.5 * integral.stretch);
        // t for each row, and v.
        let turned = &mut room.turned;
        turned.clear();
        turned.extend_from_slice(&room.zl);
        let pull = &mut room.step;
        pull.fill(integral.map_or(0.0, |integral| integral.slope));
        for ((z, t), part) in room
            .zl
            .chunks_exact(q)
            .zip(turned.chunks_exact_mut(q))
            .zip(&mut room.parts)
        {
            small::solve_lower(&room.hessian, q, t, 1);
            small::solve_upper(&room.hessian, q, t, 1);
            let lever: f64 = z.iter().zip(t.iter()).map(|(z, t)| z * t).sum();
            part.third *= share * lever;
            for (pull, z) in pull.iter_mut().zip(z) {
                *pull += part.third * z;
            }
        }
        small::solve_lower(&room.hessian, q, pull, 1);
        small::solve_upper(&room.hessian, q, pull, 1);
        for (index, row) in self.range(group).enumerate() {
            let part = &room.parts[index];
            let z = &room.zl[index * q..(index + 1) * q];
            let along: f64 = z.iter().zip(pull.iter()).map(|(z, v)| z * v).sum();
            let implicit = part.third - part.information * along;
            let direct = integral.map_or(-2.0 * part.score, |integral| integral.scores[index].0);
            let x = &self.rows.x[row * p..(row + 1) * p];
            for (slope, x) in total.beta.iter_mut().zip(x) {
                *slope += (direct + implicit) * x;
            }
            let z = &self.rows.z[row * q..(row + 1) * q];
            for b in 0..q {
                let u = room.u[b];
                let explicit =
                    integral.map_or(-2.0 * part.score * u, |integral| integral.scores[index].1);
                let each = explicit
                    + implicit * u
                    + part.score * pull[b]
                    + 2.0 * share * part.information * turned[index * q + b];
                for (a, z) in z.iter().enumerate() {
                    total.lambda[(a, b)] += z * each;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hermite::gauss_hermite;
    use super::{Family, GlmmLikelihood, GlmmRows};
    use nalgebra::DMatrix;

    /// Five groups of four rows with two coefficients.
    fn likelihood(family: Family, q: usize, points: usize) -> GlmmLikelihood {
        let number = |i: usize, k: usize| ((i * k + i * i * 3) % 17) as f64 / 8.5 - 1.0;
        let counts = [0.0, 1.0, 1.0, 0.0, 2.0, 1.0, 3.0];
        let y = (0..20).map(|i| match family {
            Family::Binomial => f64::from(u8::from(number(i, 5) > 0.1)),
            Family::Poisson => counts[i % 7],
        });
        let rows = GlmmRows {
            y: y.collect(),
            weights: vec![1.0; 20],
            z: (0..20 * q)
                .map(|i| if i % q == 0 { 1.0 } else { number(i, 3) })
                .collect(),
            x: (0..40)
                .map(|i| if i % 2 == 0 { 1.0 } else { number(i, 7) })
                .collect(),
            bounds: (0..=5).map(|group| group * 4).collect(),
        };
        GlmmLikelihood::new(family, rows, (q, 2), gauss_hermite(points), 0.0)
    }

    #[test]
    fn the_gradient_is_that_of_the_value() {
        for family in [Family::Binomial, Family::Poisson] {
            for (q, points) in [(1, 1), (1, 7), (2, 1)] {
                let likelihood = likelihood(family, q, points);
                let lambda = DMatrix::from_fn(q, q, |i, j| match (i, j) {
                    (0, 0) => 0.8,
                    (1, 0) => -0.3,
                    (1, 1) => 0.6,
                    _ => 0.0,
                });
                let beta = [0.2, -0.4];
                let found = likelihood.gradient(&lambda, &beta).unwrap();
                let value = |lambda: &DMatrix<f64>, beta: &[f64]| {
                    likelihood.gradient(lambda, beta).unwrap().value
                };
                // The modes are known to ten digits or more: so is the value.
                let step = 1e-4;
                let close = |exact: f64, difference: f64| {
                    let error = (exact - difference / (2.0 * step)).abs();
                    let enough = 1e-6 * exact.abs().max(1.0);
                    assert!(
                        error < enough,
                        "{error} of {exact}: {family:?} {q} {points}"
                    );
                };
                for place in 0..2 {
                    let moved = |by: f64| {
                        let mut beta = beta;
                        beta[place] += by;
                        value(&lambda, &beta)
                    };
                    close(found.beta[place], moved(step) - moved(-step));
                }
                for place in (0..q).flat_map(|a| (0..q).map(move |b| (a, b))) {
                    let moved = |by: f64| {
                        let mut lambda = lambda.clone();
                        lambda[place] += by;
                        value(&lambda, &beta)
                    };
                    close(found.lambda[place], moved(step) - moved(-step));
                }
            }
        }
    }
}
