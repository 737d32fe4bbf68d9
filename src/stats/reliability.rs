//! Reliability of a scale that adds up items: Cronbach's α and McDonald's ω.

#![allow(clippy::doc_markdown, reason = "McDonald is a name")]

use nalgebra::DMatrix;

use super::StatsError;
use super::distribution::{Distribution, FisherF, Normal};
use super::interval::Interval;

const ALPHA: &str = "Cronbach's alpha";
const OMEGA: &str = "McDonald's omega";
/// More items than this are no scale.
const MAX_ITEMS: usize = 1000;
/// The loadings' iteration ends when none moves by more.
const SETTLED: f64 = 1e-13;
const MAX_STEPS: usize = 100_000;

/// Cronbach's α with two intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CronbachAlpha {
    /// α = k/(k − 1) (1 − Σ variances/variance of the sum), of k items as they are scored ("raw").
    pub alpha: f64,
    /// Rows.
    pub rows: usize,
    /// Items.
    pub items: usize,
    /// Feldt's (1965) interval by the F distribution: exact for normal items with equal variances and covariances.
    pub feldt: Interval,
    /// The asymptotic standard error, for any covariance matrix of normal items (van Zyl, Neudecker and Nel 2000;
    /// Duhachek and Iacobucci 2004).
    pub std_error: f64,
    /// α ± z times that.
    pub duhachek: Interval,
}

/// Cronbach's (1951) α of items, columns of equal length without missing values. Items must be scored in one direction;
/// this reverses none.
pub fn cronbach_alpha(items: &[Vec<f64>], level: f64) -> Result<CronbachAlpha, StatsError> {
    StatsError::check_level(level)?;
    let covariance = covariance(ALPHA, items)?;
    let (k, n) = (items.len() as f64, rows(items) as f64);
    let (total, trace) = (covariance.sum(), covariance.trace());
    let alpha = k / (k - 1.0) * (1.0 - trace / total);
    let f = FisherF::new(n - 1.0, (n - 1.0) * (k - 1.0))?;
    let tail = 0.5 * (1.0 - level);
    let feldt = Interval {
        low: 1.0 - (1.0 - alpha) * f.upper_quantile(tail)?,
        high: 1.0 - (1.0 - alpha) * f.quantile(tail)?,
        level,
    };
    let square = &covariance * &covariance;
    let inner = total * (square.trace() + trace * trace) - 2.0 * trace * square.sum();
    let q = 2.0 * k * k / ((k - 1.0) * (k - 1.0) * total.powi(3)) * inner;
    let std_error = (q.max(0.0) / n).sqrt();
    let half_width = Normal.upper_quantile(tail)? * std_error;
    Ok(CronbachAlpha {
        alpha,
        rows: rows(items),
        items: items.len(),
        feldt,
        std_error,
        duhachek: Interval::around(alpha, half_width, level),
    })
}

/// McDonald's ω of one factor.
#[derive(Debug, Clone, PartialEq)]
pub struct McDonaldOmega {
    /// ω total of the standardised items: 1 − Σ (1 − λ²)/Σ r.
    pub omega: f64,
    /// The loadings λ of the items on the factor, the sum of which is positive.
    pub loadings: Vec<f64>,
    /// The sum of the squared residual correlations that the loadings leave, each pair once.
    pub residual: f64,
}

/// McDonald's (1999) ω total with a single factor, fitted to the correlations by least squares of the residuals off the
/// diagonal (minres; Harman and Jones 1966), as `psych::omega(nfactors = 1)` defines it: the share of the standardised
/// sum's variance that is not unique to items. The factor needs three items; a Heywood case, where it would explain more
/// than all of an item, is an error.
pub fn mcdonald_omega(items: &[Vec<f64>]) -> Result<McDonaldOmega, StatsError> {
    StatsError::check_count(OMEGA, "items", 3, items.len())?;
    let covariance = covariance(OMEGA, items)?;
    let spread = covariance.diagonal().map(f64::sqrt);
    let size = items.len();
    let correlation = DMatrix::from_fn(size, size, |i, j| {
        covariance[(i, j)] / spread[i] / spread[j]
    });
    let mut loadings = minres(&correlation)?;
    if loadings.iter().sum::<f64>() < 0.0 {
        for loading in &mut loadings {
            *loading = -*loading;
        }
    }
    if loadings.iter().any(|loading| loading.abs() >= 1.0) {
        return Err(StatsError::degenerate(
            OMEGA,
            "one factor would explain more than all of an item",
        ));
    }
    let unique: f64 = loadings.iter().map(|loading| 1.0 - loading * loading).sum();
    let mut residual = 0.0;
    for (i, a) in loadings.iter().enumerate() {
        for (j, b) in loadings.iter().enumerate().take(i) {
            residual += (correlation[(i, j)] - a * b).powi(2);
        }
    }
    Ok(McDonaldOmega {
        omega: 1.0 - unique / correlation.sum(),
        loadings,
        residual,
    })
}

/// Loadings of one factor: each in turn is the least-squares solution given the others (Comrey 1962), until none moves.
fn minres(correlation: &DMatrix<f64>) -> Result<Vec<f64>, StatsError> {
    let size = correlation.nrows();
    let first = correlation.clone().symmetric_eigen();
    let place = first.eigenvalues.imax();
    let root = first.eigenvalues[place].max(0.0).sqrt();
    let start = first.eigenvectors.column(place);
    let mut loadings: Vec<f64> = start.iter().map(|v| 0.8 * root * v).collect();
    for _ in 0..MAX_STEPS {
        let mut moved = 0.0_f64;
        for i in 0..size {
            let others = || loadings.iter().enumerate().filter(|(j, _)| *j != i);
            let squares: f64 = others().map(|(_, b)| b * b).sum();
            let product: f64 = others().map(|(j, b)| b * correlation[(i, j)]).sum();
            let next = product / squares;
            if !next.is_finite() {
                return Err(StatsError::degenerate(
                    OMEGA,
                    "the items have no common factor",
                ));
            }
            moved = moved.max((next - loadings[i]).abs());
            loadings[i] = next;
        }
        if moved <= SETTLED {
            return Ok(loadings);
        }
    }
    Err(StatsError::NoConvergence {
        what: "the factor of McDonald's omega",
    })
}

fn rows(items: &[Vec<f64>]) -> usize {
    items.first().map_or(0, Vec::len)
}

/// The covariance matrix of items that can make up a scale.
fn covariance(what: &'static str, items: &[Vec<f64>]) -> Result<DMatrix<f64>, StatsError> {
    StatsError::check_count(what, "items", 2, items.len())?;
    if items.len() > MAX_ITEMS {
        return Err(StatsError::TooLarge {
            what,
            reason: format!("there are {} items, more than {MAX_ITEMS}", items.len()),
        });
    }
    let n = rows(items);
    StatsError::check_count(what, "rows", 2, n)?;
    let mut centred = Vec::with_capacity(items.len());
    for item in items {
        if item.len() != n {
            return Err(StatsError::SizeMismatch {
                what: "an item",
                have: item.len(),
                need: n,
            });
        }
        StatsError::check_finite("an item", item)?;
        let mean = item.iter().sum::<f64>() / n as f64;
        centred.push(item.iter().map(|value| value - mean).collect::<Vec<f64>>());
    }
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let divisor = n as f64 - 1.0;
    let covariance = DMatrix::from_fn(items.len(), items.len(), |i, j| {
        product(&centred[i], &centred[j]) / divisor
    });
    let usable = covariance.iter().all(|value| value.is_finite())
        && covariance.diagonal().iter().all(|variance| *variance > 0.0);
    if !usable {
        return Err(StatsError::degenerate(what, "an item does not vary"));
    }
    if covariance.sum() <= 1e-12 * covariance.trace() {
        return Err(StatsError::degenerate(
            what,
            "the sum of the items does not vary",
        ));
    }
    Ok(covariance)
}
