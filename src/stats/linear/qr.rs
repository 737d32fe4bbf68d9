//! Householder QR with the limited column pivoting of R's `lm`.
//!
//! A column whose part orthogonal to the columns before it is shorter than a tolerance times its own length counts as
//! dependent and moves to the end; all others keep their order. This is the rule of R's modification of LINPACK's
//! DQRDC (Dongarra et al 1979); the arithmetic is that of Golub & Van Loan (2013), §5.2.

/// R's tolerance for `lm`.
pub(in super::super) const TOLERANCE: f64 = 1e-7;
/// Where an updated norm has lost more than half its digits, it is computed afresh.
const CANCELLATION: f64 = 1e-6;

/// The decomposition of an n × p matrix.
#[derive(Debug, Clone)]
pub(in super::super) struct PivotedQr {
    rows: usize,
    /// Above the diagonal, R; from the diagonal on, the reflector.
    columns: Vec<Vec<f64>>,
    /// The diagonal of R, as far as the rank.
    diagonal: Vec<f64>,
    /// The original index of each column.
    pub pivot: Vec<usize>,
    /// The number of independent columns: the first so many of `pivot`.
    pub rank: usize,
}

/// The Euclidean norm without overflow.
fn norm(values: &[f64]) -> f64 {
    let largest = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    let squares: f64 = values
        .iter()
        .map(|value| (value / largest) * (value / largest))
        .sum();
    largest * squares.sqrt()
}

/// Sums that do not wait for each other: one would take a long column four times as long.
const LANES: usize = 8;

pub(in super::super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (wide_a, rest_a) = a.as_chunks::<LANES>();
    let (wide_b, rest_b) = b.as_chunks::<LANES>();
    if wide_a.len() != wide_b.len() {
        return a.iter().zip(b).map(|(a, b)| a * b).sum();
    }
    let mut sums = [0.0; LANES];
    for (a, b) in wide_a.iter().zip(wide_b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// The part of a slice from `start`, empty beyond its end.
fn tail(values: &[f64], start: usize) -> &[f64] {
    values.get(start..).unwrap_or(&[])
}

/// Applies the reflection `I - u uᵀ / u₀` to the part of `target` from `start`.
fn reflect(reflector: &[f64], target: &mut [f64], start: usize) {
    let Some(&first) = reflector.first().filter(|&&first| first != 0.0) else {
        return;
    };
    let Some(target) = target.get_mut(start..) else {
        return;
    };
    let factor = dot(reflector, target) / first;
    for (value, u) in target.iter_mut().zip(reflector) {
        *value -= factor * u;
    }
}

/// How long a column was, and how long what is left of it is.
#[derive(Clone, Copy)]
struct Lengths {
    original: f64,
    remaining: f64,
    /// `remaining` when it was last computed and not updated.
    computed: f64,
}

impl Lengths {
    fn of(column: &[f64]) -> Self {
        let length = norm(column);
        Self {
            original: if length == 0.0 { 1.0 } else { length },
            remaining: length,
            computed: length,
        }
    }

    /// The remaining length once `entry`, the column's entry in the row just finished, is taken off.
    fn update(&mut self, entry: f64, rest: &[f64]) {
        if self.remaining == 0.0 {
            return;
        }
        let ratio = entry.abs() / self.remaining;
        let left = (1.0 - ratio * ratio).max(0.0);
        if left < CANCELLATION || self.remaining * left.sqrt() < self.computed * CANCELLATION {
            self.remaining = norm(rest);
            self.computed = self.remaining;
        } else {
            self.remaining *= left.sqrt();
        }
    }
}

impl PivotedQr {
    /// Decomposes a matrix given by its columns, each of `rows` finite numbers.
    pub fn new(rows: usize, columns: Vec<Vec<f64>>, tolerance: f64) -> Self {
        let mut lengths: Vec<Lengths> = columns.iter().map(|column| Lengths::of(column)).collect();
        let mut qr = Self {
            rows,
            pivot: (0..columns.len()).collect(),
            diagonal: Vec::new(),
            rank: columns.len(),
            columns,
        };
        let mut step = 0;
        while step < qr.rank.min(rows) {
            let negligible = |lengths: &Lengths| {
                lengths.remaining < lengths.original * tolerance || lengths.remaining == 0.0
            };
            while step < qr.rank && lengths.get(step).is_some_and(negligible) {
                rotate(&mut qr.columns, step);
                rotate(&mut qr.pivot, step);
                rotate(&mut lengths, step);
                qr.rank -= 1;
            }
            if step < qr.rank {
                qr.eliminate(step, &mut lengths);
            }
            step += 1;
        }
        qr.rank = qr.rank.min(rows);
        qr.diagonal.truncate(qr.rank);
        qr
    }

    /// Turns column `step` into its reflector and applies that to the columns after it.
    fn eliminate(&mut self, step: usize, lengths: &mut [Lengths]) {
        let split = (step + 1).min(self.columns.len());
        let (done, after) = self.columns.split_at_mut(split);
        let Some(part) = done.last_mut().and_then(|column| column.get_mut(step..)) else {
            return;
        };
        let mut length = norm(part);
        if let Some(first) = part.first() {
            length = length.copysign(*first);
        }
        if length != 0.0 && part.len() > 1 {
            for value in part.iter_mut() {
                *value /= length;
            }
            if let Some(first) = part.first_mut() {
                *first += 1.0;
            }
            self.diagonal.push(-length);
        } else {
            // The last row: nothing to eliminate, and a zero reflector leaves everything as it is.
            self.diagonal.push(length);
            part.fill(0.0);
        }
        for (column, lengths) in after.iter_mut().zip(lengths.iter_mut().skip(step + 1)) {
            reflect(part, column, step);
            if let Some(&entry) = column.get(step) {
                lengths.update(entry, tail(column, step + 1));
            }
        }
    }

    fn reflector(&self, step: usize) -> &[f64] {
        self.columns
            .get(step)
            .map_or(&[], |column| tail(column, step))
    }

    /// `Qᵀ y`.
    pub fn q_transposed(&self, y: &[f64]) -> Vec<f64> {
        let mut result = y.to_vec();
        for step in 0..self.rank {
            reflect(self.reflector(step), &mut result, step);
        }
        result
    }

    /// A column of `Q`.
    pub fn q_column(&self, column: usize) -> Vec<f64> {
        let mut result = vec![0.0; self.rows];
        if let Some(one) = result.get_mut(column) {
            *one = 1.0;
        }
        // Later reflections leave a unit vector's leading part, and the zeros after it, as they are.
        for step in (0..self.rank.min(column + 1)).rev() {
            reflect(self.reflector(step), &mut result, step);
        }
        result
    }

    /// `Q z`.
    pub fn q(&self, z: &[f64]) -> Vec<f64> {
        let mut result = z.to_vec();
        for step in (0..self.rank).rev() {
            reflect(self.reflector(step), &mut result, step);
        }
        result
    }

    /// The diagonal of `Q₁ Q₁ᵀ`, the projection on the independent columns.
    pub fn leverages(&self) -> Vec<f64> {
        let mut leverages = vec![0.0; self.rows];
        for step in 0..self.rank {
            let mut unit = vec![0.0; self.rows];
            if let Some(one) = unit.get_mut(step) {
                *one = 1.0;
            }
            for (leverage, q) in leverages.iter_mut().zip(self.q(&unit)) {
                *leverage += q * q;
            }
        }
        // R's rule: what rounding keeps below 1 is 1.
        for leverage in &mut leverages {
            if *leverage > 1.0 - 10.0 * f64::EPSILON {
                *leverage = 1.0;
            }
        }
        leverages
    }

    fn entry(&self, row: usize, column: usize) -> f64 {
        if row == column && column < self.rank {
            return self.diagonal.get(row).copied().unwrap_or(0.0);
        }
        self.columns
            .get(column)
            .and_then(|column| column.get(row))
            .copied()
            .unwrap_or(0.0)
    }

    /// Solves `R₁ x = z` for the independent columns, in pivoted order.
    pub fn solve_upper(&self, z: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = z.iter().copied().take(self.rank).collect();
        for row in (0..self.rank).rev() {
            let later: f64 = (row + 1..self.rank)
                .map(|column| self.entry(row, column) * x.get(column).copied().unwrap_or(0.0))
                .sum();
            if let Some(value) = x.get_mut(row) {
                *value = (*value - later) / self.entry(row, row);
            }
        }
        x
    }

    /// Solves `R₁ᵀ x = z`.
    pub fn solve_lower(&self, z: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(self.rank);
        for (row, &value) in z.iter().take(self.rank).enumerate() {
            let earlier: f64 = x
                .iter()
                .enumerate()
                .map(|(column, x)| self.entry(column, row) * x)
                .sum();
            x.push((value - earlier) / self.entry(row, row));
        }
        x
    }

    /// The columns of `R₁⁻¹`; its rows are in pivoted order.
    pub fn inverse_columns(&self) -> Vec<Vec<f64>> {
        let unit = |index: usize| {
            let mut unit = vec![0.0; self.rank];
            if let Some(one) = unit.get_mut(index) {
                *one = 1.0;
            }
            unit
        };
        (0..self.rank)
            .map(|index| self.solve_upper(&unit(index)))
            .collect()
    }

    /// The dependent column at pivoted position `position` as a combination of the independent ones.
    pub fn dependence(&self, position: usize) -> Vec<f64> {
        let above: Vec<f64> = (0..self.rank)
            .map(|row| self.entry(row, position))
            .collect();
        self.solve_upper(&above)
    }
}

/// Moves the element at `from` to the end.
fn rotate<T>(items: &mut [T], from: usize) {
    if let Some(part) = items.get_mut(from..)
        && !part.is_empty()
    {
        part.rotate_left(1);
    }
}
