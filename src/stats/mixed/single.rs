//! One grouping factor: everything from sufficient statistics of the groups.
//!
//! For the rows of a group let Z = Q R (Householder) and T = Qᵀ [X y]. With N = (I + R Σ Rᵀ)⁻¹, Σ = Λ Λᵀ, the
//! group's V = I + Z Σ Zᵀ has log|V| = −log|N| and V⁻ᵏ = (I − Q Qᵀ) + Q Nᵏ Qᵀ, so R, T and the cross products of what
//! lies outside Q's columns say all about it, and no difference of large numbers is ever formed. Groups with the same
//! R (balanced visits, or equally many rows of a random intercept) are one pattern; of a pattern with many groups only
//! the sums `Σ t_a t_bᵀ` over the rows t of their T are kept. The cost of one evaluation is independent of the
//! number of rows, and for a random intercept of the number of groups.

use super::dense::{packed_for_trace, unpacked};
use super::small;
use nalgebra::DMatrix;
use std::collections::BTreeMap;
use std::ops::Range;

/// The groups that share R.
struct Pattern {
    /// Rows of R: the rank of Z as far as shape goes.
    rank: usize,
    /// R, by rows: rank × q.
    r: Vec<f64>,
    groups: usize,
    data: Data,
}

/// T of a pattern's groups.
enum Data {
    /// rank × w matrices by rows, one after the other.
    Groups(Vec<f64>),
    /// For a ≥ b in packed order the packed lower triangle of `Σ t_a t_bᵀ`, plus its transpose where a ≠ b.
    Moments(Vec<f64>),
}

/// The sufficient statistics.
pub(super) struct SingleFactor {
    q: usize,
    w: usize,
    patterns: Vec<Pattern>,
    /// Cross products outside the columns of all Q, packed.
    outside: Vec<f64>,
}

/// What an evaluation leaves for derivatives: each pattern's N, one after the other.
pub(super) struct SingleState {
    inverses: Vec<f64>,
}

impl SingleState {
    /// Each pattern with its N.
    fn pairs<'a>(
        &'a self,
        patterns: &'a [Pattern],
    ) -> impl Iterator<Item = (&'a Pattern, &'a [f64])> {
        patterns.iter().scan(&self.inverses[..], |rest, pattern| {
            let (own, after) = rest.split_at(pattern.rank * pattern.rank);
            *rest = after;
            Some((pattern, own))
        })
    }
}

/// The rows of one group, Z before [X y], by columns of height `height`.
#[derive(Default)]
struct GroupRows {
    height: usize,
    values: Vec<f64>,
}

impl GroupRows {
    /// Takes a group's rows in the order of Z's values, so that equal sets of rows give equal bits.
    fn fill(&mut self, rows: &mut [usize], z: &[Vec<f64>], xy: &[Vec<f64>]) {
        let earlier = |a: usize, b: usize| {
            let values = z.iter().map(|column| column[a].total_cmp(&column[b]));
            values.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        };
        if !rows.is_sorted_by(|&a, &b| earlier(a, b).is_le()) {
            rows.sort_by(|&a, &b| earlier(a, b));
        }
        self.height = rows.len();
        self.values.clear();
        for column in z.iter().chain(xy) {
            self.values.extend(rows.iter().map(|&row| column[row]));
        }
    }

    /// Householder reflections that make the first `q` columns a triangle with a diagonal that is not negative.
    fn reduce(&mut self, q: usize) {
        let h = self.height;
        for step in 0..q.min(h) {
            let (done, rest) = self.values.split_at_mut((step + 1) * h);
            let column = &mut done[step * h + step..];
            let largest = column
                .iter()
                .fold(0.0_f64, |largest, value| largest.max(value.abs()));
            if largest == 0.0 {
                continue;
            }
            let square: f64 = column.iter().map(|v| (v / largest) * (v / largest)).sum();
            let norm = largest * square.sqrt();
            let alpha = if column[0] > 0.0 { -norm } else { norm };
            // u = x − α e₁, H = I − u uᵀ / (−α u₁)
            column[0] -= alpha;
            let factor = -alpha * column[0];
            for other in rest.chunks_exact_mut(h) {
                let part = &mut other[step..];
                let dot: f64 = column.iter().zip(part.iter()).map(|(a, b)| a * b).sum();
                for (value, u) in part.iter_mut().zip(column.iter()) {
                    *value -= dot / factor * u;
                }
                // The reflected row's sign goes with the diagonal's.
                if alpha < 0.0 {
                    part[0] = -part[0];
                }
            }
            column.fill(0.0);
            column[0] = norm;
        }
    }
}

impl GroupRows {
    /// The first `rank` rows of some columns, by rows.
    fn head(&self, rank: usize, columns: Range<usize>, out: &mut Vec<f64>) {
        out.clear();
        self.append_head(rank, columns, out);
    }

    fn append_head(&self, rank: usize, columns: Range<usize>, out: &mut Vec<f64>) {
        for row in 0..rank {
            let own = columns.clone();
            out.extend(own.map(|column| self.values[column * self.height + row]));
        }
    }

    /// Adds the products of the rows below `rank` of the columns from `first` to a packed lower triangle.
    fn add_tail_products(&self, rank: usize, first: usize, packed: &mut [f64]) {
        if rank == self.height {
            return;
        }
        let columns = &self.values[first * self.height..];
        let mut slots = packed.iter_mut();
        for (i, left) in columns.chunks_exact(self.height).enumerate() {
            let others = columns.chunks_exact(self.height).take(i + 1);
            for (right, slot) in others.zip(&mut slots) {
                let products = left[rank..].iter().zip(&right[rank..]);
                *slot += products.map(|(a, b)| a * b).sum::<f64>();
            }
        }
    }
}

impl SingleFactor {
    /// Gathers the statistics from the columns of Z and of [X y] and the groups' codes.
    pub fn new(z: &[Vec<f64>], xy: &[Vec<f64>], codes: &[usize], groups: usize) -> Self {
        let (q, w) = (z.len(), xy.len());
        let mut outside = vec![0.0; w * (w + 1) / 2];
        let mut found: BTreeMap<Vec<u64>, (usize, Vec<f64>, Vec<f64>)> = BTreeMap::new();
        let (mut order, bounds) = rows_of_levels(codes, groups);
        let mut group = GroupRows::default();
        let (mut r, mut key) = (Vec::new(), Vec::new());
        for bounds in bounds.windows(2) {
            let rows = &mut order[bounds[0]..bounds[1]];
            if rows.is_empty() {
                continue;
            }
            group.fill(rows, z, xy);
            group.reduce(q);
            let rank = q.min(rows.len());
            group.head(rank, 0..q, &mut r);
            key.clear();
            key.extend(r.iter().map(|value| value.to_bits()));
            if !found.contains_key(&key[..]) {
                found.insert(key.clone(), (rank, r.clone(), Vec::new()));
            }
            if let Some((_, _, t)) = found.get_mut(&key[..]) {
                group.append_head(rank, q..q + w, t);
            }
            group.add_tail_products(rank, q, &mut outside);
        }
        let pattern = |(rank, r, t): (usize, Vec<f64>, Vec<f64>)| {
            let groups = t.len() / (rank * w);
            let data = Data::of(t, rank, w, groups);
            Pattern {
                rank,
                r,
                groups,
                data,
            }
        };
        let patterns = found.into_values().map(pattern).collect();
        Self {
            q,
            w,
            patterns,
            outside,
        }
    }

    /// log|V|, the cross products [X y]ᵀ V⁻¹ [X y], and what derivatives need.
    pub fn evaluate(&self, lambda: &DMatrix<f64>) -> Option<(f64, DMatrix<f64>, SingleState)> {
        let mut cross = self.outside.clone();
        let mut log_det = 0.0;
        let ranks = self.patterns.iter().map(|pattern| pattern.rank);
        let mut inverses = vec![0.0; ranks.map(|rank| rank * rank).sum()];
        let mut free = &mut inverses[..];
        let (mut product, mut whole, mut room) = (
            vec![0.0; self.q * self.q],
            vec![0.0; self.q * self.q],
            vec![0.0; self.q * self.w],
        );
        for pattern in &self.patterns {
            let k = pattern.rank;
            let factor = &mut whole[..k * k];
            pattern.covariance_factor(lambda, self.q, &mut product, factor)?;
            let logs: f64 = (0..k).map(|i| factor[i * k + i].ln()).sum();
            log_det += 2.0 * logs * pattern.groups as f64;
            let (inverse, rest) = std::mem::take(&mut free).split_at_mut(k * k);
            free = rest;
            small::inverse(factor, k, inverse);
            match &pattern.data {
                Data::Groups(groups) => {
                    let room = &mut room[..k * self.w];
                    for t in groups.chunks_exact(k * self.w) {
                        room.copy_from_slice(t);
                        small::solve_lower(factor, k, room, self.w);
                        small::add_cross(room, self.w, &mut cross);
                    }
                }
                Data::Moments(moments) => {
                    let each = moments.chunks_exact(cross.len());
                    for (moment, (a, b)) in each.zip(lower_places(k)) {
                        let weight = inverse[a * k + b];
                        for (value, moment) in cross.iter_mut().zip(moment) {
                            *value += weight * moment;
                        }
                    }
                }
            }
        }
        Some((log_det, unpacked(&cross, self.w), SingleState { inverses }))
    }

    /// Σ over groups of Zᵀ V⁻¹ Z.
    pub fn trace(&self, state: &SingleState) -> DMatrix<f64> {
        let q = self.q;
        let mut total = DMatrix::zeros(q, q);
        let mut nr = vec![0.0; q * q];
        for (pattern, inverse) in state.pairs(&self.patterns) {
            pattern.inverse_times_r(inverse, q, &mut nr);
            let groups = pattern.groups as f64;
            for (r, nr) in pattern.r.chunks_exact(q).zip(nr.chunks_exact(q)) {
                for (a, left) in r.iter().enumerate() {
                    for (b, right) in nr.iter().enumerate() {
                        total[(a, b)] += left * right * groups;
                    }
                }
            }
        }
        total
    }

    /// Σ over groups of (Zᵀ V⁻¹ [X y]) D (Zᵀ V⁻¹ [X y])ᵀ for a symmetric D.
    pub fn quadratic(&self, state: &SingleState, d: &DMatrix<f64>) -> DMatrix<f64> {
        let (q, w) = (self.q, self.w);
        let packed = packed_for_trace(d);
        let mut total = DMatrix::zeros(q, q);
        let (mut nr, mut whole, mut image) = (vec![0.0; q * q], vec![0.0; q * q], vec![0.0; w]);
        for (pattern, inverse) in state.pairs(&self.patterns) {
            let k = pattern.rank;
            pattern.inverse_times_r(inverse, q, &mut nr);
            let moments = &mut whole[..k * k];
            pattern.weighted_moments(d, &packed, &mut image, moments);
            for (i, left) in nr.chunks_exact(q).take(k).enumerate() {
                for (j, right) in nr.chunks_exact(q).take(k).enumerate() {
                    let moment = moments[i * k + j];
                    for (a, left) in left.iter().enumerate() {
                        for (b, right) in right.iter().enumerate() {
                            total[(a, b)] += left * moment * right;
                        }
                    }
                }
            }
        }
        total
    }

    /// R, N and the groups of every pattern, for sums that this file does not know.
    pub fn for_each_pattern(&self, state: &SingleState, visit: &mut dyn FnMut(&PatternView<'_>)) {
        for (pattern, inverse) in state.pairs(&self.patterns) {
            let (r, n) = pattern.matrices(inverse, self.q);
            visit(&PatternView {
                r,
                n,
                pattern,
                w: self.w,
            });
        }
    }

    /// The cross products outside the columns of all Q.
    pub fn outside(&self) -> DMatrix<f64> {
        unpacked(&self.outside, self.w)
    }
}

/// A pattern seen from outside.
pub(super) struct PatternView<'a> {
    /// R.
    pub r: DMatrix<f64>,
    /// N = (I + R Σ Rᵀ)⁻¹.
    pub n: DMatrix<f64>,
    pattern: &'a Pattern,
    w: usize,
}

impl PatternView<'_> {
    /// The number of groups.
    pub fn groups(&self) -> f64 {
        self.pattern.groups as f64
    }

    /// Σ Tᵀ A T over the groups for a symmetric A.
    pub fn sandwich(&self, a: &DMatrix<f64>) -> DMatrix<f64> {
        let (k, w) = (self.pattern.rank, self.w);
        match &self.pattern.data {
            Data::Groups(groups) => {
                let mut total = DMatrix::zeros(w, w);
                for t in groups.chunks_exact(k * w) {
                    let t = DMatrix::from_row_slice(k, w, t);
                    total += t.transpose() * a * t;
                }
                total
            }
            Data::Moments(moments) => {
                let size = w * (w + 1) / 2;
                let mut packed = vec![0.0; size];
                for (moment, (i, j)) in moments.chunks_exact(size).zip(lower_places(k)) {
                    for (value, moment) in packed.iter_mut().zip(moment) {
                        *value += a[(i, j)] * moment;
                    }
                }
                unpacked(&packed, w)
            }
        }
    }
}

/// All rows, those of a group together, and where each group begins and the last ends.
pub(super) fn rows_of_levels(codes: &[usize], groups: usize) -> (Vec<usize>, Vec<usize>) {
    let mut bounds = vec![0; groups + 1];
    for &code in codes {
        bounds[code + 1] += 1;
    }
    for group in 0..groups {
        bounds[group + 1] += bounds[group];
    }
    let mut next = bounds.clone();
    let mut order = vec![0; codes.len()];
    for (row, &code) in codes.iter().enumerate() {
        order[next[code]] = row;
        next[code] += 1;
    }
    (order, bounds)
}

/// The places of a packed lower triangle, in its order.
fn lower_places(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(|a| (0..=a).map(move |b| (a, b)))
}

impl Data {
    /// Chooses the form that takes fewer operations.
    fn of(t: Vec<f64>, k: usize, w: usize, groups: usize) -> Self {
        if groups * 6 <= (k + 1) * (w + 1) {
            return Self::Groups(t);
        }
        let size = w * (w + 1) / 2;
        let mut moments = vec![0.0; size * k * (k + 1) / 2];
        for group in t.chunks_exact(k * w) {
            for (moment, (a, b)) in moments.chunks_exact_mut(size).zip(lower_places(k)) {
                let (left, right) = (&group[a * w..(a + 1) * w], &group[b * w..(b + 1) * w]);
                for (value, (i, j)) in moment.iter_mut().zip(lower_places(w)) {
                    *value += left[i] * right[j];
                    if a != b {
                        *value += left[j] * right[i];
                    }
                }
            }
        }
        Self::Moments(moments)
    }
}

impl Pattern {
    /// The Cholesky factor of I + R Λ Λᵀ Rᵀ, by rows, into `factor`. Λ may be any square matrix; R is a triangle.
    fn covariance_factor(
        &self,
        lambda: &DMatrix<f64>,
        q: usize,
        product: &mut [f64],
        factor: &mut [f64],
    ) -> Option<()> {
        let k = self.rank;
        for i in 0..k {
            for j in 0..q {
                product[i * q + j] = (i..q).map(|l| self.r[i * q + l] * lambda[(l, j)]).sum();
            }
        }
        for i in 0..k {
            for j in 0..=i {
                let dot: f64 = (0..q)
                    .map(|l| product[i * q + l] * product[j * q + l])
                    .sum();
                factor[i * k + j] = dot + if i == j { 1.0 } else { 0.0 };
            }
        }
        small::cholesky(factor, k).then_some(())
    }

    /// N R, by rows; `out` has room for q × q numbers.
    fn inverse_times_r(&self, inverse: &[f64], q: usize, out: &mut [f64]) {
        out.fill(0.0);
        for (n, out) in inverse.chunks_exact(self.rank).zip(out.chunks_exact_mut(q)) {
            for (n, r) in n.iter().zip(self.r.chunks_exact(q)) {
                for (out, r) in out.iter_mut().zip(r) {
                    *out += n * r;
                }
            }
        }
    }

    fn matrices(&self, inverse: &[f64], q: usize) -> (DMatrix<f64>, DMatrix<f64>) {
        let r = DMatrix::from_row_slice(self.rank, q, &self.r);
        (r, DMatrix::from_row_slice(self.rank, self.rank, inverse))
    }

    /// Σ T D Tᵀ over the groups into `total`, by rows; `packed` is D for traces, `image` has room for a row of T.
    fn weighted_moments(
        &self,
        d: &DMatrix<f64>,
        packed: &[f64],
        image: &mut [f64],
        total: &mut [f64],
    ) {
        let (k, w) = (self.rank, image.len());
        total.fill(0.0);
        match &self.data {
            Data::Groups(groups) => {
                for t in groups.chunks_exact(k * w) {
                    for a in 0..k {
                        small::times_symmetric(&t[a * w..(a + 1) * w], d, image);
                        for (b, row) in t.chunks_exact(w).enumerate().take(a + 1) {
                            total[a * k + b] +=
                                image.iter().zip(row).map(|(i, t)| i * t).sum::<f64>();
                        }
                    }
                }
            }
            Data::Moments(moments) => {
                for (moment, (a, b)) in moments.chunks_exact(packed.len()).zip(lower_places(k)) {
                    let trace: f64 = moment.iter().zip(packed).map(|(m, d)| m * d).sum();
                    total[a * k + b] = if a == b { trace } else { trace / 2.0 };
                }
            }
        }
        for (a, b) in lower_places(k) {
            total[b * k + a] = total[a * k + b];
        }
    }
}
