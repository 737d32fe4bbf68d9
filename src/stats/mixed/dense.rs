//! Dense factorisations whose cost is that of matrix products.
//!
//! All of them go by halves, down to a size below which a triangle is dealt with column by column.

use nalgebra::DMatrix;

/// Below this order columns are cheaper than products.
const SMALL: usize = 24;
/// So few right-hand sides are solved for column by column: the triangle is read once for each.
const FEW: usize = 8;
/// The side of the squares in which matrices are transposed: both of two such squares fit into the nearest cache.
const TILE: usize = 16;

/// The lower Cholesky factor of a symmetric matrix, of which the lower triangle is read; none if it is not positive
/// definite.
pub(in super::super) fn cholesky(matrix: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    cholesky_in_place(matrix.clone())
}

/// The same in the matrix' own place.
pub(super) fn cholesky_in_place(mut matrix: DMatrix<f64>) -> Option<DMatrix<f64>> {
    let order = matrix.ncols();
    factor_columns(&mut matrix, 0, order)?;
    matrix.fill_upper_triangle(0.0, 1);
    Some(matrix)
}

/// Factors the columns from `first` to `end`, with all rows below, from which the earlier columns' part is already
/// taken.
fn factor_columns(a: &mut DMatrix<f64>, first: usize, end: usize) -> Option<()> {
    let n = a.nrows();
    if end - first <= SMALL {
        return factor_few(a, first, end);
    }
    let middle = usize::midpoint(first, end);
    factor_columns(a, first, middle)?;
    let (height, width, depth) = (n - middle, end - middle, middle - first);
    let turned = transposed(&a.view((middle, first), (width, depth)).into_owned());
    let (left, mut right) = a.columns_range_pair_mut(first..middle, middle..end);
    right
        .rows_mut(middle, height)
        .gemm(-1.0, &left.rows(middle, height), &turned, 1.0);
    factor_columns(a, middle, end)
}

fn factor_few(a: &mut DMatrix<f64>, first: usize, end: usize) -> Option<()> {
    let n = a.nrows();
    for column in first..end {
        let (done, rest) = a.as_mut_slice().split_at_mut(column * n);
        let own = &mut rest[column..n];
        for earlier in done[first * n..].chunks_exact(n) {
            let weight = earlier[column];
            for (value, earlier) in own.iter_mut().zip(&earlier[column..]) {
                *value -= earlier * weight;
            }
        }
        let pivot = own[0];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        let root = pivot.sqrt();
        own[0] = root;
        for value in &mut own[1..] {
            *value /= root;
        }
    }
    Some(())
}

/// `L⁻¹ B` for a lower triangle with a positive diagonal.
pub(in super::super) fn solve_lower(lower: &DMatrix<f64>, right: &DMatrix<f64>) -> DMatrix<f64> {
    let n = lower.nrows();
    let columns = right.ncols();
    let mut solution = right.clone();
    if n <= SMALL || columns <= FEW {
        for column in solution.as_mut_slice().chunks_exact_mut(n.max(1)) {
            for (row, lower) in lower.as_slice().chunks_exact(n).enumerate() {
                let value = column[row] / lower[row];
                column[row] = value;
                for (below, lower) in column[row + 1..].iter_mut().zip(&lower[row + 1..]) {
                    *below -= value * lower;
                }
            }
        }
        return solution;
    }
    let (half, rest) = (n / 2, n - n / 2);
    let corner = |at: usize, size: usize| lower.view((at, at), (size, size)).into_owned();
    let top = solve_lower(&corner(0, half), &right.rows(0, half).into_owned());
    let mut bottom = right.rows(half, rest).into_owned();
    bottom.gemm(-1.0, &lower.view((half, 0), (rest, half)), &top, 1.0);
    let bottom = solve_lower(&corner(half, rest), &bottom);
    solution.view_mut((0, 0), (half, columns)).copy_from(&top);
    solution
        .view_mut((half, 0), (rest, columns))
        .copy_from(&bottom);
    solution
}

/// `L⁻ᵀ B`.
pub(in super::super) fn solve_upper(lower: &DMatrix<f64>, right: &DMatrix<f64>) -> DMatrix<f64> {
    let n = lower.nrows();
    let columns = right.ncols();
    let mut solution = right.clone();
    if n <= SMALL || columns <= FEW {
        for column in solution.as_mut_slice().chunks_exact_mut(n.max(1)) {
            for (row, lower) in lower.as_slice().chunks_exact(n).enumerate().rev() {
                let below = column[row + 1..].iter().zip(&lower[row + 1..]);
                let known: f64 = below.map(|(value, lower)| lower * value).sum();
                column[row] = (column[row] - known) / lower[row];
            }
        }
        return solution;
    }
    let (half, rest) = (n / 2, n - n / 2);
    let corner = |at: usize, size: usize| lower.view((at, at), (size, size)).into_owned();
    let bottom = solve_upper(&corner(half, rest), &right.rows(half, rest).into_owned());
    let mut top = right.rows(0, half).into_owned();
    let turned = transposed(&lower.view((half, 0), (rest, half)).into_owned());
    top.gemm(-1.0, &turned, &bottom, 1.0);
    let top = solve_upper(&corner(0, half), &top);
    solution.view_mut((0, 0), (half, columns)).copy_from(&top);
    solution
        .view_mut((half, 0), (rest, columns))
        .copy_from(&bottom);
    solution
}

/// `(L Lᵀ)⁻¹`.
pub(in super::super) fn inverse(lower: &DMatrix<f64>) -> DMatrix<f64> {
    let n = lower.nrows();
    let mut root = lower.clone();
    invert(&mut root, 0, n);
    let mut product = DMatrix::zeros(n, n);
    own_product(&root, &mut product, 0, n);
    drop(root);
    mirror(&mut product);
    product
}

/// Copies the upper triangle to the lower one.
fn mirror(matrix: &mut DMatrix<f64>) {
    let n = matrix.nrows();
    let entries = matrix.as_mut_slice();
    for left in (0..n).step_by(TILE) {
        for top in (left..n).step_by(TILE) {
            for column in left..n.min(left + TILE) {
                for row in top.max(column + 1)..n.min(top + TILE) {
                    entries[column * n + row] = entries[row * n + column];
                }
            }
        }
    }
}

/// Replaces the triangle in the rows and columns from `first` to `end` by its inverse.
fn invert(a: &mut DMatrix<f64>, first: usize, end: usize) {
    let size = end - first;
    if size <= SMALL {
        let own = a.view((first, first), (size, size)).into_owned();
        let own = solve_lower(&own, &DMatrix::identity(size, size));
        a.view_mut((first, first), (size, size)).copy_from(&own);
        return;
    }
    let middle = usize::midpoint(first, end);
    invert(a, first, middle);
    invert(a, middle, end);
    let (half, rest) = (middle - first, end - middle);
    let mut inner = DMatrix::zeros(rest, half);
    inner.gemm(
        1.0,
        &a.view((middle, first), (rest, half)),
        &a.view((first, first), (half, half)),
        0.0,
    );
    let (mut left, right) = a.columns_range_pair_mut(first..middle, middle..end);
    left.rows_mut(middle, rest)
        .gemm(-1.0, &right.rows(middle, rest), &inner, 0.0);
}

/// Writes `Lᵀ L` of the triangle in the rows and columns from `first` to `end`, its upper triangle.
fn own_product(lower: &DMatrix<f64>, product: &mut DMatrix<f64>, first: usize, end: usize) {
    let (n, size) = (lower.nrows(), end - first);
    if size <= SMALL {
        for column in 0..size {
            for row in 0..=column {
                let of = |column: usize| {
                    let start = (first + column) * n;
                    &lower.as_slice()[start..start + n]
                };
                let rows = first + column..end;
                let entries = of(row)[rows.clone()].iter().zip(&of(column)[rows]);
                product[(first + row, first + column)] = entries.map(|(a, b)| a * b).sum();
            }
        }
        return;
    }
    let middle = usize::midpoint(first, end);
    own_product(lower, product, first, middle);
    own_product(lower, product, middle, end);
    let (half, rest) = (middle - first, end - middle);
    let below = lower.view((middle, first), (rest, half)).into_owned();
    let turned = transposed(&below);
    product
        .view_mut((first, first), (half, half))
        .gemm(1.0, &turned, &below, 1.0);
    let last = lower.view((middle, middle), (rest, rest));
    product
        .view_mut((first, middle), (half, rest))
        .gemm(1.0, &turned, &last, 0.0);
}

/// The transpose, by tiles: column by column, every entry would come from another line of the cache.
fn transposed(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let (rows, columns) = matrix.shape();
    let mut turned = DMatrix::zeros(columns, rows);
    let (from, to) = (matrix.as_slice(), turned.as_mut_slice());
    for top in (0..rows).step_by(TILE) {
        for left in (0..columns).step_by(TILE) {
            for row in top..rows.min(top + TILE) {
                for column in left..columns.min(left + TILE) {
                    to[row * columns + column] = from[column * rows + row];
                }
            }
        }
    }
    turned
}

/// Twice the sum of the logarithms of a factor's diagonal: the log determinant of the matrix.
pub(in super::super) fn log_determinant(lower: &DMatrix<f64>) -> f64 {
    lower.diagonal().iter().map(|value| value.ln()).sum::<f64>() * 2.0
}

/// The symmetric matrix from a lower triangle's packed rows.
pub(in super::super) fn unpacked(packed: &[f64], order: usize) -> DMatrix<f64> {
    DMatrix::from_fn(order, order, |i, j| {
        let (i, j) = (i.max(j), i.min(j));
        packed.get(i * (i + 1) / 2 + j).copied().unwrap_or(0.0)
    })
}

/// A symmetric matrix' lower triangle by rows, off-diagonal entries doubled: its product with a packed symmetric
/// matrix is the trace of theirs.
pub(in super::super) fn packed_for_trace(matrix: &DMatrix<f64>) -> Vec<f64> {
    let mut packed = Vec::new();
    for i in 0..matrix.nrows() {
        for j in 0..=i {
            let twice = if i == j { 1.0 } else { 2.0 };
            packed.push(twice * matrix[(i, j)]);
        }
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::{cholesky, inverse, solve_lower, solve_upper};
    use nalgebra::DMatrix;

    /// A positive definite matrix whose upper triangle is no part of it.
    fn matrix(order: usize) -> DMatrix<f64> {
        let root = DMatrix::from_fn(order, order, |i, j| {
            f64::from(u8::try_from((i * 7 + j * j * 13 + i * j * 5) % 101).unwrap()) / 101.0 - 0.5
        });
        &root * root.transpose() + DMatrix::identity(order, order)
    }

    #[test]
    fn halves_give_what_the_definition_says() {
        for order in [1, 2, 23, 24, 25, 49, 100, 131] {
            let whole = matrix(order);
            let mut lower = whole.clone();
            lower.fill_upper_triangle(f64::NAN, 1);
            let factor = cholesky(&lower).unwrap();
            let scale = whole.amax();
            assert!(
                (&factor * factor.transpose() - &whole).amax() < 1e-13 * scale,
                "{order}"
            );
            let inverse = inverse(&factor);
            assert_eq!(inverse, inverse.transpose());
            let one = DMatrix::<f64>::identity(order, order);
            assert!((&inverse * &whole - &one).amax() < 1e-11, "{order}");
            for columns in [1, 30] {
                let right = DMatrix::from_fn(order, columns, |i, j| 1.0 + (i + 2 * j) as f64);
                let below = solve_lower(&factor, &right);
                let above = solve_upper(&factor, &right);
                assert!((&factor * below - &right).amax() < 1e-9 * right.amax());
                assert!((factor.transpose() * above - &right).amax() < 1e-9 * right.amax());
            }
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_no_factor() {
        for order in [3, 60] {
            let mut indefinite = matrix(order);
            indefinite[(order - 1, order - 1)] = -1.0;
            assert!(cholesky(&indefinite).is_none());
            indefinite[(order - 1, order - 1)] = f64::NAN;
            assert!(cholesky(&indefinite).is_none());
        }
    }
}
