//! What is made of the factorisation of several grouping factors (see `crossed`): modes, and sums for derivatives.

use super::crossed::{Crossed, Outer};
use super::crossed_factor::CrossedState;
use super::{dense, small};
use nalgebra::{DMatrix, DVector};

/// For each factor, its levels' q × w matrices by rows, one after the other.
type ByFactor = Vec<Vec<f64>>;

impl Crossed {
    fn zeros(&self) -> ByFactor {
        let mut levels = vec![0; self.sizes.len()];
        levels[self.inner_factor] = self.inner.levels();
        for block in &self.outer {
            levels[block.factor] += 1;
        }
        let sizes = levels.iter().zip(&self.sizes);
        sizes
            .map(|(levels, size)| vec![0.0; levels * size * self.w])
            .collect()
    }

    /// Where an outer block's rows are among those of its factor.
    fn rows(&self, index: usize, block: &Outer) -> std::ops::Range<usize> {
        let width = self.sizes[block.factor] * self.w;
        let level = index - self.starts[block.factor];
        level * width..(level + 1) * width
    }

    /// The conditional modes of all columns of [X y] times Λ: Λ A⁻¹ Λᵀ Zᵀ [X y].
    fn modes(&self, state: &CrossedState) -> ByFactor {
        let (q, w) = (self.inner.q, self.w);
        let mut modes = self.zeros();
        let mut own = std::mem::take(&mut modes[self.inner_factor]);
        own.copy_from_slice(&state.rights);
        for (component, factor) in self.components.iter().zip(&state.components) {
            let solution = dense::solve_upper(&factor.factor, &factor.right);
            for &index in &component.outer {
                let block = &self.outer[index];
                let lambda = &state.lambda[block.factor];
                let rows = self.rows(index, block);
                let target = &mut modes[block.factor][rows];
                for (i, target) in target.chunks_exact_mut(w).enumerate() {
                    for (k, target) in target.iter_mut().enumerate() {
                        let values = solution.column(k);
                        *target = (0..lambda.ncols())
                            .map(|l| lambda[(i, l)] * values[block.offset + l])
                            .sum();
                    }
                }
            }
            for &level in &component.inner {
                let columns = self.inner.columns(level);
                let places = &self.inner.places[columns.clone()];
                let coupling = &state.coupling[columns.start * q..columns.end * q];
                let own = &mut own[level * q * w..(level + 1) * q * w];
                for (&place, coupling) in places.iter().zip(coupling.chunks_exact(q)) {
                    for (coupling, own) in coupling.iter().zip(own.chunks_exact_mut(w)) {
                        for (k, own) in own.iter_mut().enumerate() {
                            *own -= coupling * solution[(place, k)];
                        }
                    }
                }
            }
        }
        let lambda = &state.lambda[self.inner_factor];
        let mut solved = vec![0.0; q * w];
        for (own, factor) in own
            .chunks_exact_mut(q * w)
            .zip(state.factors.chunks_exact(q * q))
        {
            small::solve_upper(factor, q, own, w);
            solved.copy_from_slice(own);
            for (i, own) in own.chunks_exact_mut(w).enumerate() {
                own.fill(0.0);
                for (l, solved) in solved.chunks_exact(w).enumerate() {
                    for (own, solved) in own.iter_mut().zip(solved) {
                        *own += lambda[(i, l)] * solved;
                    }
                }
            }
        }
        modes[self.inner_factor] = own;
        modes
    }

    /// The conditional modes of a combination of the columns of [X y], times Λ: for each factor level by level.
    pub fn combined_modes(&self, state: &CrossedState, weights: &DVector<f64>) -> Vec<Vec<f64>> {
        let combined = |values: &[f64]| values.iter().zip(weights.iter()).map(|(v, w)| v * w).sum();
        let modes = self.modes(state).into_iter();
        modes
            .map(|values| values.chunks_exact(self.w).map(combined).collect())
            .collect()
    }

    /// Zᵀ V⁻¹ [X y].
    pub fn projected(&self, state: &CrossedState) -> ByFactor {
        let (q, w) = (self.inner.q, self.w);
        let modes = self.modes(state);
        let mut all = self.zeros();
        let mode = |index: usize| {
            let block = &self.outer[index];
            &modes[block.factor][self.rows(index, block)]
        };
        for (index, block) in self.outer.iter().enumerate() {
            let rows = self.rows(index, block);
            let target = &mut all[block.factor][rows.clone()];
            for (target, zw) in target.iter_mut().zip(&block.zw) {
                *target += zw;
            }
            small::subtract_product(&block.zz, mode(index), w, target);
            for (other, product) in &block.links {
                let target = &mut all[block.factor][rows.clone()];
                small::subtract_product(product, mode(*other), w, target);
                let theirs = &self.outer[*other];
                let target = &mut all[theirs.factor][self.rows(*other, theirs)];
                small::subtract_transposed(product, mode(index), w, target);
            }
        }
        let mut inner = std::mem::take(&mut all[self.inner_factor]);
        inner.copy_from_slice(&self.inner.zw);
        let own_modes = modes[self.inner_factor].chunks_exact(q * w);
        for (level, (own, target)) in own_modes.zip(inner.chunks_exact_mut(q * w)).enumerate() {
            let zz = &self.inner.zz[level * q * q..(level + 1) * q * q];
            small::subtract_product(zz, own, w, target);
            for (index, columns) in self.inner.links(level) {
                // By columns, so its transpose by rows.
                let cross = &self.inner.cross[columns.start * q..columns.end * q];
                small::subtract_transposed(cross, mode(index), w, target);
                let block = &self.outer[index];
                let outer = &mut all[block.factor][self.rows(index, block)];
                small::subtract_product(cross, own, w, outer);
            }
        }
        all[self.inner_factor] = inner;
        all
    }

    /// For each factor Σ over its levels of Zᵀ V⁻¹ Z Λ, of which Λᵀ Zᵀ V⁻¹ Z Λ = I − A⁻¹ makes Zᵀ Z Λ A⁻¹.
    pub fn trace_lambda(&self, state: &CrossedState) -> Vec<DMatrix<f64>> {
        let sizes = self.sizes.iter();
        let mut totals: Vec<DMatrix<f64>> = sizes.map(|&q| DMatrix::zeros(q, q)).collect();
        for (component, factor) in self.components.iter().zip(&state.components) {
            let inverse = dense::inverse(&factor.factor);
            for &index in &component.outer {
                self.add_outer_trace(index, &state.lambda, &inverse, &mut totals);
            }
            let mut room = Room::default();
            for &level in &component.inner {
                self.add_inner_trace(level, state, &inverse, &mut totals, &mut room);
            }
        }
        totals
    }

    fn add_outer_trace(
        &self,
        index: usize,
        lambda: &[DMatrix<f64>],
        inverse: &DMatrix<f64>,
        totals: &mut [DMatrix<f64>],
    ) {
        let block = &self.outer[index];
        let own = &lambda[block.factor];
        let q = own.nrows();
        let mut add = |other: usize, product: &[f64], both: bool| {
            let other = &self.outer[other];
            let theirs = &lambda[other.factor];
            let size = theirs.nrows();
            let part = |i: usize, j: usize| inverse[(other.offset + i, block.offset + j)];
            for (a, products) in product.chunks_exact(size).enumerate() {
                for (b, product) in products.iter().enumerate() {
                    for j in 0..q {
                        let image: f64 = (0..size).map(|l| theirs[(b, l)] * part(l, j)).sum();
                        totals[block.factor][(a, j)] += product * image;
                    }
                    for i in (0..size).filter(|_| both) {
                        let image: f64 = (0..q).map(|l| own[(a, l)] * part(i, l)).sum();
                        totals[other.factor][(b, i)] += product * image;
                    }
                }
            }
        };
        add(index, &block.zz, false);
        for (other, product) in &block.links {
            add(*other, product, true);
        }
    }

    fn add_inner_trace(
        &self,
        level: usize,
        state: &CrossedState,
        inverse: &DMatrix<f64>,
        totals: &mut [DMatrix<f64>],
        room: &mut Room,
    ) {
        let q = self.inner.q;
        let own = &state.lambda[self.inner_factor];
        let columns = self.inner.columns(level);
        let places = &self.inner.places[columns.clone()];
        let coupling = &state.coupling[columns.start * q..columns.end * q];
        let factor = &state.factors[level * q * q..(level + 1) * q * q];
        room.clear(q, coupling.len());
        for (&place, target) in places.iter().zip(room.coupled.chunks_exact_mut(q)) {
            let order = inverse.nrows();
            let near = &inverse.as_slice()[place * order..(place + 1) * order];
            if let [target] = target {
                let products = places.iter().zip(coupling);
                *target = products.map(|(&place, c)| near[place] * c).sum();
                continue;
            }
            for (&place, coupling) in places.iter().zip(coupling.chunks_exact(q)) {
                for (target, coupling) in target.iter_mut().zip(coupling) {
                    *target += near[place] * coupling;
                }
            }
        }
        // (A⁻¹) of this level with itself: C⁻ᵀ (I + coupled couplingᵀ) C⁻¹.
        for (coupled, coupling) in room.coupled.chunks_exact(q).zip(coupling.chunks_exact(q)) {
            for (middle, left) in room.middle.chunks_exact_mut(q).zip(coupled) {
                for (middle, right) in middle.iter_mut().zip(coupling) {
                    *middle += left * right;
                }
            }
        }
        small::solve_upper(factor, q, &mut room.middle, q);
        small::transpose(&mut room.middle, q);
        small::solve_upper(factor, q, &mut room.middle, q);
        // And with the linked columns.
        for coupled in room.coupled.chunks_exact_mut(q) {
            small::solve_upper(factor, q, coupled, 1);
            for value in coupled {
                *value = -*value;
            }
        }
        let total = &mut totals[self.inner_factor];
        let zz = &self.inner.zz[level * q * q..(level + 1) * q * q];
        for (a, zz) in zz.chunks_exact(q).enumerate() {
            for (l, zz) in zz.iter().enumerate() {
                for m in 0..q {
                    for b in 0..q {
                        total[(a, b)] += zz * own[(l, m)] * room.middle[m * q + b];
                    }
                }
            }
        }
        for (block, columns) in self.inner.links(level) {
            let outer = &self.outer[block];
            let theirs = &state.lambda[outer.factor];
            let start = columns.start - self.inner.columns(level).start;
            let cross = &self.inner.cross[columns.start * q..columns.end * q];
            let aside = &room.coupled[start * q..(start + columns.len()) * q];
            for (l, cross) in cross.chunks_exact(q).enumerate() {
                for (m, aside) in aside.chunks_exact(q).enumerate() {
                    for (a, cross) in cross.iter().enumerate() {
                        for (b, aside) in aside.iter().enumerate() {
                            let product = cross * aside;
                            totals[self.inner_factor][(a, b)] += product * theirs[(l, m)];
                            totals[outer.factor][(l, m)] += product * own[(a, b)];
                        }
                    }
                }
            }
        }
    }
}

/// Room for one inner level.
#[derive(Default)]
struct Room {
    coupled: Vec<f64>,
    middle: Vec<f64>,
}

impl Room {
    /// No coupling, and an identity in the middle.
    fn clear(&mut self, q: usize, coupled: usize) {
        self.coupled.clear();
        self.coupled.resize(coupled, 0.0);
        self.middle.clear();
        self.middle.resize(q * q, 0.0);
        for i in 0..q {
            self.middle[i * q + i] = 1.0;
        }
    }
}
