//! The factorisation of the system of several grouping factors (see `crossed`) at one Λ.

use super::crossed::{Component, Crossed};
use super::{dense, small};
use nalgebra::DMatrix;

/// The factorisation.
pub(super) struct CrossedState {
    pub lambda: Vec<DMatrix<f64>>,
    /// The Cholesky factor C of Λᵀ Zᵀ Z Λ + I of each inner level: q × q.
    pub factors: Vec<f64>,
    /// `C⁻¹ Λᵀ Zᵀ Z_outer Λ_outer`: q numbers for each column of the links.
    pub coupling: Vec<f64>,
    /// C⁻¹ Λᵀ Zᵀ [X y]: q × w.
    pub rights: Vec<f64>,
    pub components: Vec<ComponentFactor>,
}

/// What remains of a component's system after elimination.
pub(super) struct ComponentFactor {
    pub factor: DMatrix<f64>,
    /// The factor's inverse times the right-hand side.
    pub right: DMatrix<f64>,
}

impl Crossed {
    /// log|V|, [X y]ᵀ V⁻¹ [X y], and the factorisation.
    pub fn evaluate(&self, lambda: &[DMatrix<f64>]) -> Option<(f64, DMatrix<f64>, CrossedState)> {
        let (q, w, levels) = (self.inner.q, self.w, self.inner.levels());
        let mut state = CrossedState {
            lambda: lambda.to_vec(),
            factors: vec![0.0; levels * q * q],
            coupling: vec![0.0; self.inner.cross.len()],
            rights: vec![0.0; levels * q * w],
            components: Vec::with_capacity(self.components.len()),
        };
        let mut explained = vec![0.0; w * (w + 1) / 2];
        let mut log_det = 0.0;
        let mut room = vec![0.0; q * q];
        for level in 0..levels {
            log_det += self.eliminate(level, &mut state, &mut room)?;
            let right = &state.rights[level * q * w..(level + 1) * q * w];
            small::add_cross(right, w, &mut explained);
        }
        let mut cross = &self.base - dense::unpacked(&explained, w);
        for component in &self.components {
            let (system, right) = self.system(component, &state);
            let factor = dense::cholesky_in_place(system)?;
            let right = dense::solve_lower(&factor, &right);
            log_det += dense::log_determinant(&factor);
            cross.gemm(-1.0, &right.transpose(), &right, 1.0);
            state.components.push(ComponentFactor { factor, right });
        }
        Some((log_det, cross, state))
    }

    /// Fills in an inner level's part; its log determinant.
    fn eliminate(&self, level: usize, state: &mut CrossedState, room: &mut [f64]) -> Option<f64> {
        let (q, w) = (self.inner.q, self.w);
        let own = &state.lambda[self.inner_factor];
        let factor = &mut state.factors[level * q * q..(level + 1) * q * q];
        let zz = &self.inner.zz[level * q * q..(level + 1) * q * q];
        small::times(zz, own, room);
        small::transposed_times(own, room, factor, q);
        for i in 0..q {
            factor[i * q + i] += 1.0;
        }
        if !small::cholesky(factor, q) {
            return None;
        }
        let zw = &self.inner.zw[level * q * w..(level + 1) * q * w];
        let right = &mut state.rights[level * q * w..(level + 1) * q * w];
        small::transposed_times(own, zw, right, w);
        small::solve_lower(factor, q, right, w);
        for (block, columns) in self.inner.links(level) {
            let other = &state.lambda[self.outer[block].factor];
            let cross = &self.inner.cross[columns.start * q..columns.end * q];
            let coupling = &mut state.coupling[columns.start * q..columns.end * q];
            for (target, weights) in coupling.chunks_exact_mut(q).zip(other.column_iter()) {
                let image = &mut room[..q];
                image.fill(0.0);
                for (cross, weight) in cross.chunks_exact(q).zip(weights.iter()) {
                    for (image, cross) in image.iter_mut().zip(cross) {
                        *image += cross * weight;
                    }
                }
                small::transposed_times(own, image, target, 1);
                small::solve_lower(factor, q, target, 1);
            }
        }
        Some(2.0 * (0..q).map(|i| factor[i * q + i].ln()).sum::<f64>())
    }

    /// The component's part of A after elimination, of which the lower triangle counts, and its right-hand side.
    fn system(&self, component: &Component, state: &CrossedState) -> (DMatrix<f64>, DMatrix<f64>) {
        let mut system = DMatrix::identity(component.order, component.order);
        let mut right = DMatrix::zeros(component.order, self.w);
        for &index in &component.outer {
            self.add_outer(index, &state.lambda, &mut system, &mut right);
        }
        let (q, w, order) = (self.inner.q, self.w, component.order);
        for &level in &component.inner {
            let columns = self.inner.columns(level);
            let places = &self.inner.places[columns.clone()];
            let coupling = &state.coupling[columns.start * q..columns.end * q];
            let own = &state.rights[level * q * w..(level + 1) * q * w];
            for (b, &place) in places.iter().enumerate() {
                let pull = &coupling[b * q..(b + 1) * q];
                let column = &mut system.as_mut_slice()[place * order..(place + 1) * order];
                // Places ascend: this is the lower triangle.
                if let [pull] = pull {
                    for (&row, other) in places[b..].iter().zip(&coupling[b..]) {
                        column[row] -= pull * other;
                    }
                } else {
                    for (&row, other) in places[b..].iter().zip(coupling[b * q..].chunks_exact(q)) {
                        column[row] -= pull.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
                    }
                }
                for (pull, own) in pull.iter().zip(own.chunks_exact(w)) {
                    for (k, own) in own.iter().enumerate() {
                        right[(place, k)] -= pull * own;
                    }
                }
            }
        }
        (system, right)
    }

    /// Adds an outer block's own products, and those with earlier blocks.
    fn add_outer(
        &self,
        index: usize,
        lambda: &[DMatrix<f64>],
        system: &mut DMatrix<f64>,
        right: &mut DMatrix<f64>,
    ) {
        let block = &self.outer[index];
        let own = &lambda[block.factor];
        let (at, q) = (block.offset, own.nrows());
        for i in 0..q {
            for k in 0..self.w {
                let values = (0..q).map(|l| own[(l, i)] * block.zw[l * self.w + k]);
                right[(at + i, k)] = values.sum();
            }
        }
        let mut add = |other: usize, product: &[f64]| {
            let other = &self.outer[other];
            let theirs = &lambda[other.factor];
            let size = theirs.nrows();
            for i in 0..q {
                for j in 0..size {
                    let mut value = 0.0;
                    for (a, products) in product.chunks_exact(size).enumerate() {
                        let products = products.iter().enumerate();
                        let image: f64 = products.map(|(b, p)| p * theirs[(b, j)]).sum();
                        value += own[(a, i)] * image;
                    }
                    let (row, column) = (at + i, other.offset + j);
                    // Of a diagonal block both triangles are given, of others one.
                    if row >= column {
                        system[(row, column)] += value;
                    } else if at != other.offset {
                        system[(column, row)] += value;
                    }
                }
            }
        };
        add(index, &block.zz);
        for (other, product) in &block.links {
            add(*other, product);
        }
    }
}
