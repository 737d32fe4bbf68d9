//! Cholesky and products of the few by few matrices of one group, stored by rows in slices.

use nalgebra::DMatrix;

/// Replaces the lower triangle of an n × n matrix by its Cholesky factor; false if it is not positive definite.
pub(super) fn cholesky(a: &mut [f64], n: usize) -> bool {
    for i in 0..n {
        for j in 0..=i {
            let mut value = a[i * n + j];
            for k in 0..j {
                value -= a[i * n + k] * a[j * n + k];
            }
            a[i * n + j] = if i == j {
                if !(value > 0.0 && value.is_finite()) {
                    return false;
                }
                value.sqrt()
            } else {
                value / a[j * n + j]
            };
        }
    }
    true
}

/// Writes the inverse of a matrix, given its Cholesky factor, into `inverse`; `column` has room for n numbers.
pub(super) fn inverse(factor: &[f64], n: usize, inverse: &mut [f64]) {
    for unit in 0..n {
        for i in 0..n {
            let mut value = if i == unit { 1.0 } else { 0.0 };
            for k in 0..i {
                value -= factor[i * n + k] * inverse[k * n + unit];
            }
            inverse[i * n + unit] = value / factor[i * n + i];
        }
        for i in (0..n).rev() {
            let mut value = inverse[i * n + unit];
            for k in i + 1..n {
                value -= factor[k * n + i] * inverse[k * n + unit];
            }
            inverse[i * n + unit] = value / factor[i * n + i];
        }
    }
}

/// Overwrites the n × w matrix `right` with L⁻¹ `right`.
pub(super) fn solve_lower(factor: &[f64], n: usize, right: &mut [f64], w: usize) {
    for i in 0..n {
        let (done, rest) = right.split_at_mut(i * w);
        let row = &mut rest[..w];
        for (k, above) in done.chunks_exact(w).enumerate() {
            let weight = factor[i * n + k];
            for (value, above) in row.iter_mut().zip(above) {
                *value -= weight * above;
            }
        }
        for value in row {
            *value /= factor[i * n + i];
        }
    }
}

/// Overwrites the n × w matrix `right` with L⁻ᵀ `right`.
pub(super) fn solve_upper(factor: &[f64], n: usize, right: &mut [f64], w: usize) {
    for i in (0..n).rev() {
        let (rest, done) = right.split_at_mut((i + 1) * w);
        let row = &mut rest[i * w..];
        for (k, below) in done.chunks_exact(w).enumerate() {
            let weight = factor[(i + 1 + k) * n + i];
            for (value, below) in row.iter_mut().zip(below) {
                *value -= weight * below;
            }
        }
        for value in row {
            *value /= factor[i * n + i];
        }
    }
}

/// Writes A Λ for a square A.
pub(super) fn times(a: &[f64], lambda: &DMatrix<f64>, out: &mut [f64]) {
    let q = lambda.nrows();
    for (a, out) in a.chunks_exact(q).zip(out.chunks_exact_mut(q)) {
        for (out, column) in out.iter_mut().zip(lambda.column_iter()) {
            *out = a.iter().zip(column.iter()).map(|(a, l)| a * l).sum();
        }
    }
}

/// Writes Λᵀ A for a matrix of rows of length w.
pub(super) fn transposed_times(lambda: &DMatrix<f64>, a: &[f64], out: &mut [f64], w: usize) {
    for (column, out) in lambda.column_iter().zip(out.chunks_exact_mut(w)) {
        out.fill(0.0);
        for (weight, a) in column.iter().zip(a.chunks_exact(w)) {
            for (out, a) in out.iter_mut().zip(a) {
                *out += weight * a;
            }
        }
    }
}

/// Subtracts A B from `out`, rows of B having length w.
pub(super) fn subtract_product(a: &[f64], b: &[f64], w: usize, out: &mut [f64]) {
    let inner = b.len() / w;
    for (a, out) in a.chunks_exact(inner).zip(out.chunks_exact_mut(w)) {
        for (a, b) in a.iter().zip(b.chunks_exact(w)) {
            for (out, b) in out.iter_mut().zip(b) {
                *out -= a * b;
            }
        }
    }
}

/// Subtracts Aᵀ B from `out`, rows of B having length w.
pub(super) fn subtract_transposed(a: &[f64], b: &[f64], w: usize, out: &mut [f64]) {
    let width = out.len() / w;
    for (a, b) in a.chunks_exact(width).zip(b.chunks_exact(w)) {
        for (a, out) in a.iter().zip(out.chunks_exact_mut(w)) {
            for (out, b) in out.iter_mut().zip(b) {
                *out -= a * b;
            }
        }
    }
}

/// Writes D a for a symmetric D.
pub(super) fn times_symmetric(a: &[f64], d: &DMatrix<f64>, out: &mut [f64]) {
    out.fill(0.0);
    for (value, column) in a.iter().zip(d.as_slice().chunks_exact(a.len())) {
        for (out, d) in out.iter_mut().zip(column) {
            *out += value * d;
        }
    }
}

/// Transposes an n × n matrix.
pub(super) fn transpose(a: &mut [f64], n: usize) {
    for i in 0..n {
        for j in 0..i {
            a.swap(i * n + j, j * n + i);
        }
    }
}

/// Adds the packed lower triangle of Aᵀ A for a matrix of rows of length w.
pub(super) fn add_cross(a: &[f64], w: usize, packed: &mut [f64]) {
    for row in a.chunks_exact(w) {
        let mut at = 0;
        for i in 0..w {
            let left = row[i];
            let target = &mut packed[at..=at + i];
            for (target, right) in target.iter_mut().zip(row) {
                *target += left * right;
            }
            at += i + 1;
        }
    }
}
