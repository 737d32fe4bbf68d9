//! Several grouping factors: block elimination.
//!
//! The system is A = Λᵀ Zᵀ Z Λ + I. The factor with the most levels ("inner") has a block-diagonal part, which is
//! eliminated level by level; what remains of the other factors ("outer") falls apart into connected components, each
//! dense. Nested factors give small components, crossed ones a single one of the order of the smaller factors' levels
//! (Bates et al 2015, §5, use sparse Cholesky factors with a permutation to the same end).
//!
//! Here are the products of columns; `crossed_factor` has the factorisation, `crossed_sums` what is made of it. Small
//! matrices are stored by rows in one vector for all levels.

use super::kr_sums::DenseColumns;
use nalgebra::DMatrix;
use std::collections::BTreeMap;
use std::ops::Range;

/// One grouping factor's columns.
pub(super) struct FactorColumns<'a> {
    /// Its columns of Z.
    pub z: Vec<Vec<f64>>,
    /// The level of each row.
    pub codes: &'a [usize],
    /// The number of levels.
    pub levels: usize,
}

/// The levels of the inner factor.
pub(super) struct Inner {
    /// Columns of Z.
    pub q: usize,
    /// Zᵀ Z of each level's rows: q × q.
    pub zz: Vec<f64>,
    /// Zᵀ [X y]: q × w.
    pub zw: Vec<f64>,
    /// Where each level's `links` begin, and the last ends.
    link_starts: Vec<usize>,
    /// The outer blocks that share rows with a level, ascending.
    links: Vec<usize>,
    /// Where each link's columns begin, and the last ends.
    column_starts: Vec<usize>,
    /// Where each column of the links stands in its component, ascending within a level.
    pub places: Vec<usize>,
    /// Zᵀ times each of these columns: q numbers.
    pub cross: Vec<f64>,
}

/// A level of an outer factor.
pub(super) struct Outer {
    pub factor: usize,
    /// Zᵀ Z: q × q.
    pub zz: Vec<f64>,
    /// Zᵀ [X y]: q × w.
    pub zw: Vec<f64>,
    /// Earlier outer blocks that share rows, with the product of this block's columns and theirs.
    pub links: Vec<(usize, Vec<f64>)>,
    /// Where it stands in its component.
    pub offset: usize,
}

/// Outer blocks that are connected, and the inner levels that connect them.
#[derive(Default)]
pub(super) struct Component {
    pub inner: Vec<usize>,
    pub outer: Vec<usize>,
    pub order: usize,
}

/// The products of all columns, by levels.
pub(super) struct Crossed {
    pub w: usize,
    /// The index of the inner factor.
    pub inner_factor: usize,
    pub sizes: Vec<usize>,
    pub inner: Inner,
    pub outer: Vec<Outer>,
    /// The first outer block of each factor.
    pub starts: Vec<usize>,
    pub components: Vec<Component>,
    /// [X y]ᵀ [X y].
    pub base: DMatrix<f64>,
}

impl Inner {
    fn new(
        factors: &[FactorColumns],
        inner_factor: usize,
        starts: &[usize],
        xy: &[Vec<f64>],
    ) -> Self {
        let own = &factors[inner_factor];
        let (zz, zw) = level_products(own, xy);
        let q = own.z.len();
        let mut inner = Self {
            q,
            zz,
            zw,
            link_starts: vec![0],
            links: Vec::new(),
            column_starts: vec![0],
            places: Vec::new(),
            cross: Vec::new(),
        };
        let others = factors
            .iter()
            .enumerate()
            .filter(|(f, _)| *f != inner_factor);
        let mut pairs: Vec<_> = others
            .map(|(f, factor)| (starts[f], pair_products(factor, own, true)))
            .collect();
        for (_, pairs) in &mut pairs {
            pairs.reverse();
        }
        for level in 0..own.levels {
            for (start, pairs) in &mut pairs {
                while let Some(((_, other), product)) =
                    pairs.pop_if(|((inner, _), _)| *inner == level)
                {
                    inner.links.push(*start + other);
                    inner.cross.extend(product);
                    inner.column_starts.push(inner.cross.len() / q);
                }
            }
            inner.link_starts.push(inner.links.len());
        }
        inner
    }

    /// The number of levels.
    pub fn levels(&self) -> usize {
        self.link_starts.len() - 1
    }

    /// The outer blocks linked to a level, each with its columns.
    pub fn links(&self, level: usize) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
        let links = self.link_starts[level]..self.link_starts[level + 1];
        links.map(|link| {
            let columns = self.column_starts[link]..self.column_starts[link + 1];
            (self.links[link], columns)
        })
    }

    /// The columns of all links of a level.
    pub fn columns(&self, level: usize) -> Range<usize> {
        let (first, end) = (self.link_starts[level], self.link_starts[level + 1]);
        self.column_starts[first]..self.column_starts[end]
    }
}

impl Crossed {
    /// The order of the largest dense part, to be judged before it is built.
    pub fn largest_component(&self) -> usize {
        let orders = self.components.iter().map(|component| component.order);
        orders.max().unwrap_or(0)
    }

    /// Gathers the products.
    pub fn new(factors: &[FactorColumns], xy: &[Vec<f64>]) -> Self {
        let counts: Vec<usize> = factors.iter().map(|factor| factor.levels).collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        let inner_factor = counts.iter().position(|&count| count == most).unwrap_or(0);
        let starts = outer_starts(factors, inner_factor);
        let mut products = Crossed {
            w: xy.len(),
            inner_factor,
            sizes: factors.iter().map(|factor| factor.z.len()).collect(),
            inner: Inner::new(factors, inner_factor, &starts, xy),
            outer: outer_blocks(factors, inner_factor, &starts, xy),
            starts,
            components: Vec::new(),
            base: DMatrix::from_fn(xy.len(), xy.len(), |a, b| {
                xy[a].iter().zip(&xy[b]).map(|(a, b)| a * b).sum()
            }),
        };
        products.connect();
        products
    }

    /// Finds the components of the outer blocks.
    fn connect(&mut self) {
        let mut parent: Vec<usize> = (0..self.outer.len()).collect();
        for level in 0..self.inner.levels() {
            let mut links = self.inner.links(level).map(|(block, _)| block);
            let Some(first) = links.next() else { continue };
            for block in links {
                let (a, b) = (root(&mut parent, first), root(&mut parent, block));
                parent[a.max(b)] = a.min(b);
            }
        }
        let mut components: BTreeMap<usize, Component> = BTreeMap::new();
        for block in 0..self.outer.len() {
            let component = components.entry(root(&mut parent, block)).or_default();
            self.outer[block].offset = component.order;
            component.order += self.sizes[self.outer[block].factor];
            component.outer.push(block);
        }
        let mut places = Vec::with_capacity(self.inner.cross.len() / self.inner.q);
        for level in 0..self.inner.levels() {
            for (position, (block, columns)) in self.inner.links(level).enumerate() {
                if position == 0 {
                    let component = components.entry(root(&mut parent, block)).or_default();
                    component.inner.push(level);
                }
                let offset = self.outer[block].offset;
                places.extend(offset..offset + columns.len());
            }
        }
        self.inner.places = places;
        self.components = components.into_values().collect();
    }

    /// The products of all columns as dense matrices.
    pub fn dense(&self) -> DenseColumns {
        let mut levels = vec![0; self.sizes.len()];
        levels[self.inner_factor] = self.inner.levels();
        for block in &self.outer {
            levels[block.factor] += 1;
        }
        let mut starts = vec![0; self.sizes.len()];
        for factor in 1..starts.len() {
            starts[factor] = starts[factor - 1] + levels[factor - 1] * self.sizes[factor - 1];
        }
        let counts = levels.iter().zip(&self.sizes);
        let order = counts.map(|(levels, size)| levels * size).sum();
        let place = |block: usize| {
            let factor = self.outer[block].factor;
            starts[factor] + (block - self.starts[factor]) * self.sizes[factor]
        };
        let size = |block: usize| self.sizes[self.outer[block].factor];
        let mut zz = DMatrix::zeros(order, order);
        let mut zx = DMatrix::zeros(order, self.w);
        // A product by rows, and its transpose across the diagonal.
        let mut put = |row: usize, column: usize, product: &[f64], width: usize| {
            for (i, values) in product.chunks_exact(width).enumerate() {
                for (j, &value) in values.iter().enumerate() {
                    zz[(row + i, column + j)] = value;
                    zz[(column + j, row + i)] = value;
                }
            }
        };
        let mut put_right = |row: usize, product: &[f64]| {
            for (i, values) in product.chunks_exact(self.w).enumerate() {
                for (j, &value) in values.iter().enumerate() {
                    zx[(row + i, j)] = value;
                }
            }
        };
        for (index, block) in self.outer.iter().enumerate() {
            put(place(index), place(index), &block.zz, size(index));
            for (other, product) in &block.links {
                put(place(index), place(*other), product, size(*other));
            }
            put_right(place(index), &block.zw);
        }
        let (start, q) = (starts[self.inner_factor], self.inner.q);
        for level in 0..self.inner.levels() {
            let row = start + level * q;
            put(
                row,
                row,
                &self.inner.zz[level * q * q..(level + 1) * q * q],
                q,
            );
            for (block, columns) in self.inner.links(level) {
                let cross = &self.inner.cross[columns.start * q..columns.end * q];
                // By columns: the transpose by rows.
                put(place(block), row, cross, q);
            }
            let width = q * self.w;
            put_right(row, &self.inner.zw[level * width..(level + 1) * width]);
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
        let outer = self.outer.iter().map(|block| self.sizes[block.factor]);
        outer.sum::<usize>() + self.inner.levels() * self.inner.q
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

fn outer_blocks(
    factors: &[FactorColumns],
    inner_factor: usize,
    starts: &[usize],
    xy: &[Vec<f64>],
) -> Vec<Outer> {
    let mut blocks = Vec::new();
    let outer: Vec<usize> = (0..factors.len()).filter(|&f| f != inner_factor).collect();
    for &f in &outer {
        let (q, w) = (factors[f].z.len(), xy.len());
        let (zz, zw) = level_products(&factors[f], xy);
        let each = zz.chunks_exact(q * q).zip(zw.chunks_exact(q * w));
        blocks.extend(each.map(|(zz, zw)| Outer {
            factor: f,
            zz: zz.to_vec(),
            zw: zw.to_vec(),
            links: Vec::new(),
            offset: 0,
        }));
    }
    for (place, &f) in outer.iter().enumerate() {
        for &g in &outer[..place] {
            for ((a, b), product) in pair_products(&factors[f], &factors[g], false) {
                blocks[starts[f] + a].links.push((starts[g] + b, product));
            }
        }
    }
    blocks
}

/// Zᵀ Z and Zᵀ [X y] of each level, one after the other.
fn level_products(factor: &FactorColumns, xy: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let (q, w) = (factor.z.len(), xy.len());
    let mut zz = vec![0.0; factor.levels * q * q];
    let mut zw = vec![0.0; factor.levels * q * w];
    for (row, &level) in factor.codes.iter().enumerate() {
        for (a, left) in factor.z.iter().enumerate() {
            let own = &mut zz[(level * q + a) * q..][..q];
            for (sum, right) in own.iter_mut().zip(&factor.z) {
                *sum += left[row] * right[row];
            }
            let others = &mut zw[(level * q + a) * w..][..w];
            for (sum, right) in others.iter_mut().zip(xy) {
                *sum += left[row] * right[row];
            }
        }
    }
    (zz, zw)
}

type Pair = ((usize, usize), Vec<f64>);

/// `Z_fᵀ Z_g` for all pairs of levels that share rows; `turned`: pairs of (g, f), ordered by g first.
fn pair_products(f: &FactorColumns, g: &FactorColumns, turned: bool) -> Vec<Pair> {
    let pair = |row: usize| {
        let (a, b) = (f.codes[row], g.codes[row]);
        if turned { (b, a) } else { (a, b) }
    };
    let mut rows: Vec<usize> = (0..f.codes.len()).collect();
    rows.sort_by_key(|&row| pair(row));
    let product = |rows: &[usize]| {
        let mut product = Vec::with_capacity(f.z.len() * g.z.len());
        for left in &f.z {
            for right in &g.z {
                product.push(rows.iter().map(|&row| left[row] * right[row]).sum());
            }
        }
        (pair(rows[0]), product)
    };
    let same = |a: &usize, b: &usize| pair(*a) == pair(*b);
    rows.chunk_by(same).map(product).collect()
}
