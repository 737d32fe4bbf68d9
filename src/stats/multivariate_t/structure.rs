//! What kind of correlation matrix there is.

use nalgebra::DMatrix;

use super::super::StatsError;

/// More tests than this are not adjusted together.
const MAX_TESTS: usize = 1000;
/// More dimensions than this are too many for the lattices.
const MAX_RANK: usize = 100;
/// How far from 1 a diagonal, or from each other two mirrored entries, may be.
const ROUNDING: f64 = 1e-8;
/// A residual variance below this is none: the variable is a combination of the others.
const NO_VARIANCE: f64 = 1e-9;
/// How well products must give the correlations.
const SAME: f64 = 1e-10;
/// The largest loading: beyond it the shared component is all there is, and an integrand has a step.
const MAX_LOADING: f64 = 1.0 - 1e-6;

/// A correlation matrix taken apart: R = L Lᵀ, with as many columns as its rank.
#[derive(Debug, Clone)]
pub(super) struct Structure {
    /// The rows of L. The first `rank` are lower triangular with a positive diagonal; their order is that of `order`.
    pub rows: Vec<Vec<f64>>,
    /// The original place of each row.
    pub order: Vec<usize>,
    /// The number of columns.
    pub rank: usize,
    /// λ with ρᵢⱼ = λᵢλⱼ, in the original order, if there is such.
    pub loadings: Option<Vec<f64>>,
}

impl Structure {
    /// Of a correlation matrix, which may be singular but not indefinite.
    pub fn of(correlation: &DMatrix<f64>) -> Result<Self, StatsError> {
        check(correlation)?;
        let (rows, order, rank) = pivoted_cholesky(correlation)?;
        Ok(Self {
            rows,
            order,
            rank,
            loadings: loadings(correlation),
        })
    }

    /// Accepts a rank that a lattice rule can take.
    pub fn check_rank(&self) -> Result<(), StatsError> {
        if self.rank <= MAX_RANK {
            return Ok(());
        }
        Err(StatsError::TooLarge {
            what: "the joint distribution of the statistics",
            reason: format!("it has {} dimensions, more than {MAX_RANK}", self.rank),
        })
    }
}

/// The correlation matrix of a covariance matrix.
pub(super) fn correlation(covariance: &DMatrix<f64>) -> Result<DMatrix<f64>, StatsError> {
    let what = "the correlation of the estimates";
    if covariance.nrows() != covariance.ncols() {
        return Err(StatsError::SizeMismatch {
            what: "a covariance matrix's row",
            have: covariance.ncols(),
            need: covariance.nrows(),
        });
    }
    let variances = covariance.diagonal();
    if let Some(index) = variances.iter().position(|v| !v.is_finite()) {
        return Err(StatsError::NotFinite {
            what: "the variances",
            index,
        });
    }
    if variances.iter().any(|v| *v <= 0.0) {
        return Err(StatsError::degenerate(what, "an estimate has no variance"));
    }
    let errors = variances.map(f64::sqrt);
    Ok(DMatrix::from_fn(errors.len(), errors.len(), |i, j| {
        if i == j {
            1.0
        } else {
            covariance[(i, j)] / errors[i] / errors[j]
        }
    }))
}

/// Accepts a matrix that looks like a correlation matrix.
fn check(correlation: &DMatrix<f64>) -> Result<(), StatsError> {
    let size = correlation.nrows();
    StatsError::check_count("a joint test", "statistic", 1, size)?;
    if correlation.ncols() != size {
        return Err(StatsError::SizeMismatch {
            what: "a correlation matrix's row",
            have: correlation.ncols(),
            need: size,
        });
    }
    if size > MAX_TESTS {
        return Err(StatsError::TooLarge {
            what: "the joint distribution of the statistics",
            reason: format!("there are {size}, more than {MAX_TESTS}"),
        });
    }
    StatsError::check_finite("a correlation matrix", correlation.as_slice())?;
    let wrong = |reason: &str| StatsError::degenerate("a joint probability", reason.to_owned());
    if correlation
        .diagonal()
        .iter()
        .any(|v| (v - 1.0).abs() > ROUNDING)
    {
        return Err(wrong("the correlation matrix has a diagonal other than 1"));
    }
    if (correlation - correlation.transpose()).amax() > ROUNDING {
        return Err(wrong("the correlation matrix is not symmetric"));
    }
    if correlation.amax() > 1.0 + ROUNDING {
        return Err(wrong("a correlation is beyond 1"));
    }
    Ok(())
}

type Factor = (Vec<Vec<f64>>, Vec<usize>, usize);

/// The Cholesky factor with the largest remaining variance first: what is left in the end is rounding, or the matrix is
/// indefinite. That order also puts the narrowest constraints of a rectangle first (Gibson, Glasbey and Elston 1994).
fn pivoted_cholesky(correlation: &DMatrix<f64>) -> Result<Factor, StatsError> {
    let size = correlation.nrows();
    let mut left: Vec<f64> = vec![1.0; size];
    let mut rows: Vec<Vec<f64>> = vec![Vec::new(); size];
    let mut order: Vec<usize> = Vec::new();
    let mut rest: Vec<usize> = (0..size).collect();
    // The first of equals, so that the order does not hang on rounding.
    while let Some(place) = (0..rest.len()).reduce(|best, place| {
        if left[rest[place]] > left[rest[best]] + NO_VARIANCE {
            place
        } else {
            best
        }
    }) {
        let pivot = rest[place];
        if left[pivot] <= NO_VARIANCE {
            break;
        }
        rest.remove(place);
        let diagonal = left[pivot].sqrt();
        let own = rows[pivot].clone();
        rows[pivot].push(diagonal);
        for &row in &rest {
            let explained: f64 = own.iter().zip(&rows[row]).map(|(a, b)| a * b).sum();
            let loading = (correlation[(row, pivot)] - explained) / diagonal;
            left[row] -= loading * loading;
            rows[row].push(loading);
        }
        order.push(pivot);
    }
    if rest.iter().any(|&row| left[row] < -1e3 * NO_VARIANCE) {
        return Err(StatsError::degenerate(
            "a joint probability",
            "the correlation matrix is not positive semidefinite",
        ));
    }
    let rank = order.len();
    order.extend(rest);
    let rows = order.iter().map(|&row| rows[row].clone()).collect();
    Ok((rows, order, rank))
}

/// λ with ρᵢⱼ = λᵢλⱼ for i ≠ j and |λ| < 1, if there is such. Tests that are correlated with none have λ = 0.
fn loadings(correlation: &DMatrix<f64>) -> Option<Vec<f64>> {
    let size = correlation.nrows();
    let related = |i: usize| (0..size).any(|j| j != i && correlation[(i, j)].abs() > SAME);
    let connected: Vec<usize> = (0..size).filter(|&i| related(i)).collect();
    let mut loadings = vec![0.0; size];
    match connected[..] {
        [] => {}
        [a, b] => {
            let rho = correlation[(a, b)];
            loadings[a] = rho.abs().sqrt();
            loadings[b] = rho.abs().sqrt().copysign(rho);
        }
        [first, ..] => {
            for &i in &connected {
                loadings[i] = loading(correlation, &connected, i)?.copysign(if i == first {
                    1.0
                } else {
                    correlation[(first, i)]
                });
            }
        }
    }
    let fits = |i: usize, j: usize| {
        i == j || (loadings[i] * loadings[j] - correlation[(i, j)]).abs() <= SAME
    };
    let all = (0..size).all(|i| (0..size).all(|j| fits(i, j)));
    let inside = loadings.iter().all(|loading| loading.abs() <= MAX_LOADING);
    (all && inside).then_some(loadings)
}

/// |λᵢ| = √(ρᵢⱼρᵢₖ/ρⱼₖ) by any two others.
fn loading(correlation: &DMatrix<f64>, connected: &[usize], i: usize) -> Option<f64> {
    let mut others = connected.iter().copied().filter(|&j| j != i);
    let (j, k) = (others.next()?, others.next()?);
    let square = correlation[(i, j)] * correlation[(i, k)] / correlation[(j, k)];
    (square.is_finite() && square >= 0.0).then(|| square.sqrt())
}
