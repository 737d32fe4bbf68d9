//! Dense factorisations whose cost is that of matrix products.

use nalgebra::DMatrix;

/// Below this order a factorisation is done column by column; above, by halves, so that products do the work.
const SMALL: usize = 48;

/// The lower Cholesky factor of a symmetric matrix, of which the lower triangle is read; none if it is not positive
/// definite.
pub(in super::super) fn cholesky(matrix: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let n = matrix.nrows();
    if n <= SMALL {
        return small_cholesky(matrix);
    }
    let half = n / 2;
    let rest = n - half;
    let top = cholesky(&matrix.view((0, 0), (half, half)).into_owned())?;
    let below = matrix.view((half, 0), (rest, half)).transpose();
    let below = solve_lower(&top, &below).transpose();
    let mut corner = matrix.view((half, half), (rest, rest)).into_owned();
    corner.gemm(-1.0, &below, &below.transpose(), 1.0);
    let corner = cholesky(&corner)?;
    Some(assembled(&top, &below, &corner))
}

fn small_cholesky(matrix: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let n = matrix.nrows();
    let mut factor = DMatrix::zeros(n, n);
    for column in 0..n {
        for row in column..n {
            let mut value = matrix[(row, column)];
            for k in 0..column {
                value -= factor[(row, k)] * factor[(column, k)];
            }
            factor[(row, column)] = if row == column {
                if !(value > 0.0 && value.is_finite()) {
                    return None;
                }
                value.sqrt()
            } else {
                value / factor[(column, column)]
            };
        }
    }
    Some(factor)
}

fn assembled(top: &DMatrix<f64>, below: &DMatrix<f64>, corner: &DMatrix<f64>) -> DMatrix<f64> {
    let (half, rest) = (top.nrows(), corner.nrows());
    let mut whole = DMatrix::zeros(half + rest, half + rest);
    whole.view_mut((0, 0), (half, half)).copy_from(top);
    whole.view_mut((half, 0), (rest, half)).copy_from(below);
    whole.view_mut((half, half), (rest, rest)).copy_from(corner);
    whole
}

/// `L⁻¹ B` for a lower triangle with a positive diagonal.
pub(in super::super) fn solve_lower(lower: &DMatrix<f64>, right: &DMatrix<f64>) -> DMatrix<f64> {
    let n = lower.nrows();
    let mut solution = right.clone();
    if n <= SMALL {
        for mut column in solution.column_iter_mut() {
            for row in 0..n {
                let value = column[row] / lower[(row, row)];
                column[row] = value;
                for below in row + 1..n {
                    column[below] -= value * lower[(below, row)];
                }
            }
        }
        return solution;
    }
    let (half, rest) = (n / 2, n - n / 2);
    let columns = right.ncols();
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
    let mut solution = right.clone();
    if n <= SMALL {
        for mut column in solution.column_iter_mut() {
            for row in (0..n).rev() {
                let mut value = column[row];
                for below in row + 1..n {
                    value -= lower[(below, row)] * column[below];
                }
                column[row] = value / lower[(row, row)];
            }
        }
        return solution;
    }
    let (half, rest) = (n / 2, n - n / 2);
    let columns = right.ncols();
    let corner = |at: usize, size: usize| lower.view((at, at), (size, size)).into_owned();
    let bottom = solve_upper(&corner(half, rest), &right.rows(half, rest).into_owned());
    let mut top = right.rows(0, half).into_owned();
    top.gemm(
        -1.0,
        &lower.view((half, 0), (rest, half)).transpose(),
        &bottom,
        1.0,
    );
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
    let root = inverse_lower(lower);
    let mut inverse = DMatrix::zeros(n, n);
    inverse.gemm(1.0, &root.transpose(), &root, 0.0);
    inverse
}

/// `L⁻¹`.
fn inverse_lower(lower: &DMatrix<f64>) -> DMatrix<f64> {
    let n = lower.nrows();
    if n <= SMALL {
        return solve_lower(lower, &DMatrix::identity(n, n));
    }
    let (half, rest) = (n / 2, n - n / 2);
    let corner = |at: usize, size: usize| lower.view((at, at), (size, size)).into_owned();
    let top = inverse_lower(&corner(0, half));
    let bottom = inverse_lower(&corner(half, rest));
    let mut inner = DMatrix::zeros(rest, half);
    inner.gemm(1.0, &lower.view((half, 0), (rest, half)), &top, 0.0);
    let mut below = DMatrix::zeros(rest, half);
    below.gemm(-1.0, &bottom, &inner, 0.0);
    assembled(&top, &below, &bottom)
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
