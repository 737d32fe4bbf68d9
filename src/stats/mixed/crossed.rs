//! Several grouping factors: block elimination.
//!
//! The system is A = Λᵀ Zᵀ Z Λ + I. The factor with the most levels ("inner") has a block-diagonal part, which is
//! eliminated level by level; what remains of the other factors ("outer") falls apart into connected components, each
//! dense. Nested factors give small components, crossed ones a single one of the order of the smaller factors' levels
//! (Bates et al 2015, §5, use sparse Cholesky factors with a permutation to the same end).

use super::dense;
use super::kr_sums::DenseColumns;
use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// One grouping factor's columns.
pub(super) struct FactorColumns<'a> {
    /// Its columns of Z.
    pub z: Vec<Vec<f64>>,
    /// The level of each row.
    pub codes: &'a [usize],
    /// The number of levels.
    pub levels: usize,
}

/// A level of the inner factor.
struct Inner {
    /// Zᵀ Z of its rows.
    zz: DMatrix<f64>,
    /// Zᵀ [X y].
    zw: DMatrix<f64>,
    /// The outer blocks that share rows with it.
    links: Vec<usize>,
    /// Zᵀ times the columns of Z of all of these, side by side.
    cross: DMatrix<f64>,
}

/// A level of an outer factor.
struct Outer {
    factor: usize,
    zz: DMatrix<f64>,
    zw: DMatrix<f64>,
    /// Earlier outer blocks that share rows, with the product of this block's columns and theirs.
    links: Vec<(usize, DMatrix<f64>)>,
    /// Where it stands in its component.
    offset: usize,
}

/// Outer blocks that are connected, and the inner levels that connect them.
#[derive(Default)]
struct Component {
    inner: Vec<usize>,
    outer: Vec<usize>,
    order: usize,
}

/// The products of all columns, by levels.
pub(super) struct Crossed {
    w: usize,
    /// The index of the inner factor.
    inner_factor: usize,
    sizes: Vec<usize>,
    inner: Vec<Inner>,
    outer: Vec<Outer>,
    components: Vec<Component>,
    /// [X y]ᵀ [X y].
    base: DMatrix<f64>,
}

/// The factorisation at one Λ.
pub(super) struct CrossedState {
    lambda: Vec<DMatrix<f64>>,
    inner: Vec<InnerFactor>,
    components: Vec<ComponentFactor>,
}

struct InnerFactor {
    /// The Cholesky factor C of Λᵀ Zᵀ Z Λ + I.
    factor: DMatrix<f64>,
    /// `C⁻¹ Λᵀ Zᵀ Z_outer Λ_outer`.
    coupling: DMatrix<f64>,
    /// C⁻¹ Λᵀ Zᵀ [X y].
    right: DMatrix<f64>,
}

struct ComponentFactor {
    factor: DMatrix<f64>,
    right: DMatrix<f64>,
}

/// What derivatives need of a state.
pub(super) struct Projected {
    /// Zᵀ V⁻¹ [X y] for each level of each factor.
    pub levels: Vec<Vec<DMatrix<f64>>>,
}

impl Crossed {
    /// The order of the largest dense part, to be judged before it is built.
    pub fn largest_component(&self) -> usize {
        self.components
            .iter()
            .map(|component| component.order)
            .max()
            .unwrap_or(0)
    }

    /// Gathers the products.
    pub fn new(factors: &[FactorColumns], xy: &[Vec<f64>]) -> Self {
        let counts: Vec<usize> = factors.iter().map(|factor| factor.levels).collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        let inner_factor = counts.iter().position(|&count| count == most).unwrap_or(0);
        let mut products = Crossed {
            w: xy.len(),
            inner_factor,
            sizes: factors.iter().map(|factor| factor.z.len()).collect(),
            inner: Vec::new(),
            outer: Vec::new(),
            components: Vec::new(),
            base: DMatrix::from_fn(xy.len(), xy.len(), |a, b| {
                xy[a].iter().zip(&xy[b]).map(|(a, b)| a * b).sum()
            }),
        };
        products.fill_outer(factors, xy);
        products.fill_inner(factors, xy);
        products.connect();
        products
    }

    fn fill_outer(&mut self, factors: &[FactorColumns], xy: &[Vec<f64>]) {
        let outer: Vec<usize> = (0..factors.len())
            .filter(|&f| f != self.inner_factor)
            .collect();
        let starts = outer_starts(factors, self.inner_factor);
        for &f in &outer {
            let factor = &factors[f];
            let (zz, zw) = level_products(factor, xy);
            for (zz, zw) in zz.into_iter().zip(zw) {
                self.outer.push(Outer {
                    factor: f,
                    zz,
                    zw,
                    links: Vec::new(),
                    offset: 0,
                });
            }
        }
        for (place, &f) in outer.iter().enumerate() {
            for &g in &outer[..place] {
                for ((a, b), product) in pair_products(&factors[f], &factors[g]) {
                    self.outer[starts[f] + a]
                        .links
                        .push((starts[g] + b, product));
                }
            }
        }
    }

    fn fill_inner(&mut self, factors: &[FactorColumns], xy: &[Vec<f64>]) {
        let starts = outer_starts(factors, self.inner_factor);
        let inner = &factors[self.inner_factor];
        let q = inner.z.len();
        let mut links: Vec<Vec<(usize, DMatrix<f64>)>> = vec![Vec::new(); inner.levels];
        for (f, factor) in factors.iter().enumerate() {
            if f != self.inner_factor {
                for ((a, b), product) in pair_products(inner, factor) {
                    links[a].push((starts[f] + b, product));
                }
            }
        }
        let (zz, zw) = level_products(inner, xy);
        for ((zz, zw), links) in zz.into_iter().zip(zw).zip(links) {
            let width = links.iter().map(|(_, product)| product.ncols()).sum();
            let mut cross = DMatrix::zeros(q, width);
            let mut at = 0;
            for (_, product) in &links {
                cross.columns_mut(at, product.ncols()).copy_from(product);
                at += product.ncols();
            }
            let links = links.into_iter().map(|(block, _)| block).collect();
            self.inner.push(Inner {
                zz,
                zw,
                links,
                cross,
            });
        }
    }

    /// Finds the components of the outer blocks.
    fn connect(&mut self) {
        let mut parent: Vec<usize> = (0..self.outer.len()).collect();
        for inner in &self.inner {
            for pair in inner.links.windows(2) {
                let (a, b) = (root(&mut parent, pair[0]), root(&mut parent, pair[1]));
                parent[a.max(b)] = a.min(b);
            }
        }
        let mut components: BTreeMap<usize, Component> = BTreeMap::new();
        for block in 0..self.outer.len() {
            let component = components.entry(root(&mut parent, block)).or_default();
            self.outer[block].offset = component.order;
            component.order += self.outer[block].zz.nrows();
            component.outer.push(block);
        }
        for (index, inner) in self.inner.iter().enumerate() {
            if let Some(&first) = inner.links.first() {
                let component = components.entry(root(&mut parent, first)).or_default();
                component.inner.push(index);
            }
        }
        self.components = components.into_values().collect();
    }

    /// The products of all columns as dense matrices.
    pub fn dense(&self) -> DenseColumns {
        let mut levels = vec![0; self.sizes.len()];
        levels[self.inner_factor] = self.inner.len();
        for block in &self.outer {
            levels[block.factor] += 1;
        }
        let mut starts = vec![0; self.sizes.len()];
        for factor in 1..starts.len() {
            starts[factor] = starts[factor - 1] + levels[factor - 1] * self.sizes[factor - 1];
        }
        let order = levels
            .iter()
            .zip(&self.sizes)
            .map(|(levels, size)| levels * size)
            .sum();
        let firsts = self.starts();
        let place = |block: usize| {
            let factor = self.outer[block].factor;
            starts[factor] + (block - firsts[factor]) * self.sizes[factor]
        };
        let mut zz = DMatrix::zeros(order, order);
        let mut zx = DMatrix::zeros(order, self.w);
        let mut put = |row: usize, column: usize, product: &DMatrix<f64>| {
            zz.view_mut((row, column), product.shape())
                .copy_from(product);
            zz.view_mut((column, row), (product.ncols(), product.nrows()))
                .copy_from(&product.transpose());
        };
        for (index, block) in self.outer.iter().enumerate() {
            put(place(index), place(index), &block.zz);
            for (other, product) in &block.links {
                put(place(index), place(*other), product);
            }
            zx.rows_mut(place(index), block.zz.nrows())
                .copy_from(&block.zw);
        }
        let (start, size) = (starts[self.inner_factor], self.sizes[self.inner_factor]);
        for (index, level) in self.inner.iter().enumerate() {
            let row = start + index * size;
            put(row, row, &level.zz);
            let mut at = 0;
            for &block in &level.links {
                let q = self.outer[block].zz.nrows();
                put(row, place(block), &level.cross.columns(at, q).into_owned());
                at += q;
            }
            zx.rows_mut(row, size).copy_from(&level.zw);
        }
        DenseColumns {
            zz,
            zx,
            starts,
            sizes: self.sizes.clone(),
            levels,
        }
    }

    /// The number of random effects.
    pub fn effects(&self) -> usize {
        let outer: usize = self.outer.iter().map(|block| block.zz.nrows()).sum();
        outer + self.inner.len() * self.sizes[self.inner_factor]
    }

    /// log|V|, [X y]ᵀ V⁻¹ [X y], and the factorisation.
    pub fn evaluate(&self, lambda: &[DMatrix<f64>]) -> Option<(f64, DMatrix<f64>, CrossedState)> {
        let mut cross = self.base.clone();
        let mut log_det = 0.0;
        let mut inner = Vec::with_capacity(self.inner.len());
        for level in &self.inner {
            let level = self.eliminate(level, lambda)?;
            log_det += dense::log_determinant(&level.factor);
            cross -= level.right.transpose() * &level.right;
            inner.push(level);
        }
        let mut components = Vec::with_capacity(self.components.len());
        for component in &self.components {
            let (system, right) = self.system(component, lambda, &inner);
            let factor = dense::cholesky(&system)?;
            let right = dense::solve_lower(&factor, &right);
            log_det += dense::log_determinant(&factor);
            cross.gemm(-1.0, &right.transpose(), &right, 1.0);
            components.push(ComponentFactor { factor, right });
        }
        let state = CrossedState {
            lambda: lambda.to_vec(),
            inner,
            components,
        };
        Some((log_det, cross, state))
    }

    fn eliminate(&self, level: &Inner, lambda: &[DMatrix<f64>]) -> Option<InnerFactor> {
        let own = &lambda[self.inner_factor];
        let mut system = own.transpose() * &level.zz * own;
        for i in 0..system.nrows() {
            system[(i, i)] += 1.0;
        }
        let factor = dense::cholesky(&system)?;
        let mut coupling = level.cross.clone();
        let mut at = 0;
        for &block in &level.links {
            let other = &lambda[self.outer[block].factor];
            let part = level.cross.columns(at, other.nrows()) * other;
            coupling.columns_mut(at, other.nrows()).copy_from(&part);
            at += other.nrows();
        }
        let coupling = dense::solve_lower(&factor, &(own.transpose() * coupling));
        let right = dense::solve_lower(&factor, &(own.transpose() * &level.zw));
        Some(InnerFactor {
            factor,
            coupling,
            right,
        })
    }

    /// The component's part of A after elimination, and its right-hand side.
    fn system(
        &self,
        component: &Component,
        lambda: &[DMatrix<f64>],
        inner: &[InnerFactor],
    ) -> (DMatrix<f64>, DMatrix<f64>) {
        let mut system = DMatrix::identity(component.order, component.order);
        let mut right = DMatrix::zeros(component.order, self.w);
        for &index in &component.outer {
            let block = &self.outer[index];
            let own = &lambda[block.factor];
            let (at, q) = (block.offset, own.nrows());
            let mut diagonal = system.view_mut((at, at), (q, q));
            diagonal += own.transpose() * &block.zz * own;
            right
                .rows_mut(at, q)
                .copy_from(&(own.transpose() * &block.zw));
            for (other, product) in &block.links {
                let other = &self.outer[*other];
                let scaled = own.transpose() * product * &lambda[other.factor];
                // Only the lower triangle is read.
                if at > other.offset {
                    let mut view = system.view_mut((at, other.offset), scaled.shape());
                    view += &scaled;
                } else {
                    let mut view =
                        system.view_mut((other.offset, at), (scaled.ncols(), scaled.nrows()));
                    view += scaled.transpose();
                }
            }
        }
        for &index in &component.inner {
            let places = self.places(&self.inner[index]);
            let InnerFactor {
                coupling,
                right: own,
                ..
            } = &inner[index];
            for (b, &column) in places.iter().enumerate() {
                for (a, &row) in places.iter().enumerate() {
                    if row >= column {
                        system[(row, column)] -= coupling.column(a).dot(&coupling.column(b));
                    }
                }
                for k in 0..self.w {
                    right[(column, k)] -= coupling.column(b).dot(&own.column(k));
                }
            }
        }
        (system, right)
    }

    /// Where the columns linked to an inner level stand in their component.
    fn places(&self, level: &Inner) -> Vec<usize> {
        let blocks = level.links.iter().map(|&block| &self.outer[block]);
        blocks
            .flat_map(|block| block.offset..block.offset + block.zz.nrows())
            .collect()
    }

    /// A⁻¹ Λᵀ Zᵀ [X y] by levels: of the inner factor, and of the outer blocks.
    fn solved(&self, state: &CrossedState) -> (Vec<DMatrix<f64>>, Vec<DMatrix<f64>>) {
        let mut outer = vec![DMatrix::zeros(0, 0); self.outer.len()];
        let mut inner: Vec<DMatrix<f64>> = state
            .inner
            .iter()
            .map(|level| dense::solve_upper(&level.factor, &level.right))
            .collect();
        for (component, factor) in self.components.iter().zip(&state.components) {
            let solution = dense::solve_upper(&factor.factor, &factor.right);
            for &index in &component.outer {
                let block = &self.outer[index];
                outer[index] = solution.rows(block.offset, block.zz.nrows()).into_owned();
            }
            for &index in &component.inner {
                let places = self.places(&self.inner[index]);
                let level = &state.inner[index];
                let right = &level.right - &level.coupling * solution.select_rows(&places);
                inner[index] = dense::solve_upper(&level.factor, &right);
            }
        }
        (inner, outer)
    }

    /// The conditional modes of all columns of [X y], times Λ: for each level of each factor.
    pub fn modes(&self, state: &CrossedState) -> Vec<Vec<DMatrix<f64>>> {
        let (inner, outer) = self.solved(state);
        let mut modes = vec![Vec::new(); self.sizes.len()];
        let own = &state.lambda[self.inner_factor];
        modes[self.inner_factor] = inner.iter().map(|values| own * values).collect();
        for (block, values) in self.outer.iter().zip(&outer) {
            modes[block.factor].push(&state.lambda[block.factor] * values);
        }
        modes
    }

    /// Zᵀ V⁻¹ [X y] for each level of each factor.
    pub fn projected(&self, state: &CrossedState) -> Projected {
        let modes = self.modes(state);
        let starts = self.starts();
        let mode = |block: usize| {
            let factor = self.outer[block].factor;
            &modes[factor][block - starts[factor]]
        };
        let mut outer: Vec<DMatrix<f64>> = self
            .outer
            .iter()
            .enumerate()
            .map(|(index, block)| &block.zw - &block.zz * mode(index))
            .collect();
        for (index, block) in self.outer.iter().enumerate() {
            for (other, product) in &block.links {
                outer[index] -= product * mode(*other);
                outer[*other] -= product.transpose() * mode(index);
            }
        }
        let mut inner = Vec::with_capacity(self.inner.len());
        for (level, own) in self.inner.iter().zip(&modes[self.inner_factor]) {
            let mut values = &level.zw - &level.zz * own;
            let mut at = 0;
            for &block in &level.links {
                let q = self.outer[block].zz.nrows();
                let part = level.cross.columns(at, q);
                values -= part * mode(block);
                outer[block] -= part.transpose() * own;
                at += q;
            }
            inner.push(values);
        }
        let mut levels = vec![Vec::new(); self.sizes.len()];
        levels[self.inner_factor] = inner;
        for (block, values) in self.outer.iter().zip(outer) {
            levels[block.factor].push(values);
        }
        Projected { levels }
    }

    /// The index of the first outer block of each factor.
    fn starts(&self) -> Vec<usize> {
        let first = |factor| self.outer.iter().position(|block| block.factor == factor);
        (0..self.sizes.len())
            .map(|factor| first(factor).unwrap_or(0))
            .collect()
    }

    /// For each factor Σ over its levels of Zᵀ V⁻¹ Z Λ, of which Λᵀ Zᵀ V⁻¹ Z Λ = I − A⁻¹ makes Zᵀ Z Λ A⁻¹.
    pub fn trace_lambda(&self, state: &CrossedState) -> Vec<DMatrix<f64>> {
        let mut totals: Vec<DMatrix<f64>> = self
            .sizes
            .iter()
            .map(|&size| DMatrix::zeros(size, size))
            .collect();
        let lambda = &state.lambda;
        let own = &lambda[self.inner_factor];
        for (component, factor) in self.components.iter().zip(&state.components) {
            let inverse = dense::inverse(&factor.factor);
            for &index in &component.outer {
                let block = &self.outer[index];
                let q = block.zz.nrows();
                let part = inverse.view((block.offset, block.offset), (q, q));
                totals[block.factor] += &block.zz * &lambda[block.factor] * part;
                for (other, product) in &block.links {
                    let other = &self.outer[*other];
                    let size = other.zz.nrows();
                    let part = inverse.view((other.offset, block.offset), (size, q));
                    totals[block.factor] += product * &lambda[other.factor] * part;
                    totals[other.factor] +=
                        product.transpose() * &lambda[block.factor] * part.transpose();
                }
            }
            for &index in &component.inner {
                let level = &self.inner[index];
                let places = self.places(level);
                let InnerFactor {
                    factor, coupling, ..
                } = &state.inner[index];
                let near = DMatrix::from_fn(places.len(), places.len(), |a, b| {
                    inverse[(places[a], places[b])]
                });
                let coupled = coupling * near;
                // (A⁻¹) of this level with the linked columns, and with itself.
                let aside = -dense::solve_upper(factor, &coupled);
                let mut middle = &coupled * coupling.transpose();
                for i in 0..middle.nrows() {
                    middle[(i, i)] += 1.0;
                }
                let half = dense::solve_upper(factor, &middle);
                let itself = dense::solve_upper(factor, &half.transpose());
                totals[self.inner_factor] += &level.zz * own * itself;
                let mut at = 0;
                for &block in &level.links {
                    let outer = &self.outer[block];
                    let q = outer.zz.nrows();
                    let (part, aside) = (level.cross.columns(at, q), aside.columns(at, q));
                    totals[self.inner_factor] += part * &lambda[outer.factor] * aside.transpose();
                    totals[outer.factor] += part.transpose() * own * aside;
                    at += q;
                }
            }
        }
        totals
    }
}

/// The representative of a block's component.
fn root(parent: &mut [usize], mut block: usize) -> usize {
    while parent[block] != block {
        parent[block] = parent[parent[block]];
        block = parent[block];
    }
    block
}

fn outer_starts(factors: &[FactorColumns], inner: usize) -> Vec<usize> {
    let mut starts = Vec::with_capacity(factors.len());
    let mut at = 0;
    for (index, factor) in factors.iter().enumerate() {
        starts.push(at);
        if index != inner {
            at += factor.levels;
        }
    }
    starts
}

type Products = (Vec<DMatrix<f64>>, Vec<DMatrix<f64>>);

/// Zᵀ Z and Zᵀ [X y] of each level.
fn level_products(factor: &FactorColumns, xy: &[Vec<f64>]) -> Products {
    let (q, w) = (factor.z.len(), xy.len());
    let mut zz = vec![DMatrix::zeros(q, q); factor.levels];
    let mut zw = vec![DMatrix::zeros(q, w); factor.levels];
    for (row, &level) in factor.codes.iter().enumerate() {
        for (a, left) in factor.z.iter().enumerate() {
            for (b, right) in factor.z.iter().enumerate() {
                zz[level][(a, b)] += left[row] * right[row];
            }
            for (b, right) in xy.iter().enumerate() {
                zw[level][(a, b)] += left[row] * right[row];
            }
        }
    }
    (zz, zw)
}

/// `Z_fᵀ Z_g` for all pairs of levels that share rows.
fn pair_products(f: &FactorColumns, g: &FactorColumns) -> BTreeMap<(usize, usize), DMatrix<f64>> {
    let mut products = BTreeMap::new();
    for (row, (&a, &b)) in f.codes.iter().zip(g.codes).enumerate() {
        let product = products
            .entry((a, b))
            .or_insert_with(|| DMatrix::zeros(f.z.len(), g.z.len()));
        for (i, left) in f.z.iter().enumerate() {
            for (j, right) in g.z.iter().enumerate() {
                product[(i, j)] += left[row] * right[row];
            }
        }
    }
    products
}
