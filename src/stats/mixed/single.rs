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

/// What an evaluation leaves for derivatives: each pattern's N.
pub(super) struct SingleState {
    inverses: Vec<Vec<f64>>,
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
        rows.sort_by(|&a, &b| earlier(a, b));
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

impl SingleFactor {
    /// Gathers the statistics from the columns of Z and of [X y] and the groups' codes.
    pub fn new(z: &[Vec<f64>], xy: &[Vec<f64>], codes: &[usize], groups: usize) -> Self {
        let (q, w) = (z.len(), xy.len());
        let mut outside = vec![0.0; w * (w + 1) / 2];
        let mut found: BTreeMap<Vec<u64>, (usize, Vec<f64>, Vec<f64>)> = BTreeMap::new();
        let (mut order, bounds) = rows_by_group(codes, groups);
        let mut group = GroupRows::default();
        let (mut r, mut key, mut beyond) = (Vec::new(), Vec::new(), Vec::new());
        for bounds in bounds.windows(2) {
            let rows = &mut order[bounds[0]..bounds[1]];
            if rows.is_empty() {
                continue;
            }
            group.fill(rows, z, xy);
            group.reduce(q);
            let (h, rank) = (rows.len(), q.min(rows.len()));
            let at = |row: usize, column: usize| group.values[column * h + row];
            r.clear();
            r.extend((0..rank * q).map(|i| at(i / q, i % q)));
            key.clear();
            key.extend(r.iter().map(|value| value.to_bits()));
            if !found.contains_key(&key) {
                found.insert(key.clone(), (rank, r.clone(), Vec::new()));
            }
            if let Some((_, _, t)) = found.get_mut(&key) {
                t.extend((0..rank * w).map(|i| at(i / w, q + i % w)));
            }
            beyond.clear();
            beyond.extend((rank * w..h * w).map(|i| at(i / w, q + i % w)));
            small::add_cross(&beyond, w, &mut outside);
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
        let mut inverses = Vec::with_capacity(self.patterns.len());
        let mut room = Vec::new();
        for pattern in &self.patterns {
            let k = pattern.rank;
            let factor = pattern.covariance_factor(lambda, self.q)?;
            let logs: f64 = (0..k).map(|i| factor[i * k + i].ln()).sum();
            log_det += 2.0 * logs * pattern.groups as f64;
            let mut inverse = vec![0.0; k * k];
            small::inverse(&factor, k, &mut inverse);
            match &pattern.data {
                Data::Groups(groups) => {
                    for t in groups.chunks_exact(k * self.w) {
                        room.clear();
                        room.extend_from_slice(t);
                        small::solve_lower(&factor, k, &mut room, self.w);
                        small::add_cross(&room, self.w, &mut cross);
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
            inverses.push(inverse);
        }
        Some((log_det, unpacked(&cross, self.w), SingleState { inverses }))
    }

    /// Σ over groups of Zᵀ V⁻¹ Z.
    pub fn trace(&self, state: &SingleState) -> DMatrix<f64> {
        let mut total = DMatrix::zeros(self.q, self.q);
        for (pattern, inverse) in self.patterns.iter().zip(&state.inverses) {
            let (r, n) = pattern.matrices(inverse, self.q);
            total += r.transpose() * n * r * pattern.groups as f64;
        }
        total
    }

    /// Σ over groups of (Zᵀ V⁻¹ [X y]) D (Zᵀ V⁻¹ [X y])ᵀ for a symmetric D.
    pub fn quadratic(&self, state: &SingleState, d: &DMatrix<f64>) -> DMatrix<f64> {
        let packed = packed_for_trace(d);
        let mut total = DMatrix::zeros(self.q, self.q);
        for (pattern, inverse) in self.patterns.iter().zip(&state.inverses) {
            let (r, n) = pattern.matrices(inverse, self.q);
            let nr = n * r;
            total += nr.transpose() * pattern.weighted_moments(d, &packed, self.w) * nr;
        }
        total
    }

    /// R, N and the groups of every pattern, for sums that this file does not know.
    pub fn for_each_pattern(&self, state: &SingleState, visit: &mut dyn FnMut(&PatternView<'_>)) {
        for (pattern, inverse) in self.patterns.iter().zip(&state.inverses) {
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
fn rows_by_group(codes: &[usize], groups: usize) -> (Vec<usize>, Vec<usize>) {
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
    /// The Cholesky factor of I + R Λ Λᵀ Rᵀ, by rows. Λ may be any square matrix; R is a triangle.
    fn covariance_factor(&self, lambda: &DMatrix<f64>, q: usize) -> Option<Vec<f64>> {
        let k = self.rank;
        let mut product = vec![0.0; k * q];
        for i in 0..k {
            for j in 0..q {
                product[i * q + j] = (i..q).map(|l| self.r[i * q + l] * lambda[(l, j)]).sum();
            }
        }
        let mut factor = vec![0.0; k * k];
        for i in 0..k {
            for j in 0..=i {
                let dot: f64 = (0..q)
                    .map(|l| product[i * q + l] * product[j * q + l])
                    .sum();
                factor[i * k + j] = dot + if i == j { 1.0 } else { 0.0 };
            }
        }
        small::cholesky(&mut factor, k).then_some(factor)
    }

    fn matrices(&self, inverse: &[f64], q: usize) -> (DMatrix<f64>, DMatrix<f64>) {
        let r = DMatrix::from_row_slice(self.rank, q, &self.r);
        (r, DMatrix::from_row_slice(self.rank, self.rank, inverse))
    }

    /// Σ T D Tᵀ over the groups; `packed` is D for traces.
    fn weighted_moments(&self, d: &DMatrix<f64>, packed: &[f64], w: usize) -> DMatrix<f64> {
        let k = self.rank;
        let mut total = DMatrix::zeros(k, k);
        match &self.data {
            Data::Groups(groups) => {
                for t in groups.chunks_exact(k * w) {
                    let t = DMatrix::from_row_slice(k, w, t);
                    total += &t * d * t.transpose();
                }
            }
            Data::Moments(moments) => {
                let size = packed.len();
                for (moment, (a, b)) in moments.chunks_exact(size).zip(lower_places(k)) {
                    let trace: f64 = moment.iter().zip(packed).map(|(m, d)| m * d).sum();
                    if a == b {
                        total[(a, a)] = trace;
                    } else {
                        total[(a, b)] = trace / 2.0;
                        total[(b, a)] = trace / 2.0;
                    }
                }
            }
        }
        total
    }
}
