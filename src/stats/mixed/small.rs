//! Cholesky and products of the few by few matrices of one group, stored by rows in slices.

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
