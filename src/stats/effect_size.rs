//! Standardised differences between two groups.

use nalgebra::{DMatrix, DVector};

use super::StatsError;
use super::interval::Proportion;
use super::special::stirling_error;
use super::summary::{mean, sum_of_squares, variance};

const SMD: &str = "standardised mean difference";

/// The standardised mean difference of a numeric variable, (mean x − mean y)/√((s²x + s²y)/2) (Austin 2009). Two
/// constant groups differ by 0 if they are equal; otherwise it is undefined.
pub fn smd_continuous(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    check(SMD, x, y)?;
    let spread = f64::midpoint(variance(x)?, variance(y)?).sqrt();
    ratio(SMD, mean(x)? - mean(y)?, spread)
}

/// The standardised difference of a proportion, (p − q)/√((p(1 − p) + q(1 − q))/2) (Austin 2009). Groups that are both
/// all or both none differ by 0; all against none is undefined.
pub fn smd_binary(first: Proportion, second: Proportion) -> Result<f64, StatsError> {
    let (p, q) = (first.value(), second.value());
    let spread = p.mul_add(1.0 - p, q * (1.0 - q)) / 2.0;
    ratio(SMD, p - q, spread.sqrt())
}

/// The standardised difference of a variable of k categories, whose counts are given in the same order: the
/// Mahalanobis distance √((p − q)ᵀ S⁻¹ (p − q)) over all categories but the first, where S is the mean of the two
/// multinomial covariances (Yang and Dalton 2012). It is not negative, and for two categories the absolute value of
/// [`smd_binary`].
///
/// A category that occurs in neither group is left out. Then S is singular only if no category occurs in both groups:
/// undefined, unless there is one category in all, where the groups are equal and differ by 0.
pub fn smd_categorical(first: &[u64], second: &[u64]) -> Result<f64, StatsError> {
    if first.len() != second.len() {
        return Err(StatsError::SizeMismatch {
            what: "counts of the second group",
            have: second.len(),
            need: first.len(),
        });
    }
    let (n, m) = (total(first), total(second));
    let enough = usize::from(n > 0.0 && m > 0.0);
    StatsError::check_count(SMD, "observation in each group", 1, enough)?;
    let pairs = first.iter().zip(second);
    let occurring: Vec<(f64, f64)> = pairs
        .filter(|(a, b)| **a + **b > 0)
        .map(|(a, b)| (*a as f64 / n, *b as f64 / m))
        .collect();
    let Some((_, rest)) = occurring.split_first() else {
        return Ok(0.0);
    };
    if rest.is_empty() {
        return Ok(0.0);
    }
    if !occurring.iter().any(|(p, q)| *p > 0.0 && *q > 0.0) {
        return Err(StatsError::degenerate(
            SMD,
            "no category occurs in both groups",
        ));
    }
    mahalanobis(rest)
}

/// The distance between two multinomial proportions, one category left out.
fn mahalanobis(proportions: &[(f64, f64)]) -> Result<f64, StatsError> {
    let k = proportions.len();
    let difference = DVector::from_iterator(k, proportions.iter().map(|(p, q)| p - q));
    let covariance = DMatrix::from_fn(k, k, |i, j| {
        let ((p, q), (r, s)) = (proportions[i], proportions[j]);
        let own = if i == j { p + q } else { 0.0 };
        (own - p * r - q * s) / 2.0
    });
    let singular = || StatsError::degenerate(SMD, "the covariance of the categories is singular");
    let root = covariance.cholesky().ok_or_else(singular)?;
    let scaled = root.l().solve_lower_triangular(&difference);
    scaled.map(|scaled| scaled.norm()).ok_or_else(singular)
}

/// Cohen's d: the difference of means over the pooled standard deviation (Cohen 1988).
pub fn cohen_d(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    let what = "Cohen's d";
    check(what, x, y)?;
    let pooled = (sum_of_squares(x)? + sum_of_squares(y)?) / (x.len() + y.len() - 2) as f64;
    ratio(what, mean(x)? - mean(y)?, pooled.sqrt())
}

/// Hedges' g: Cohen's d times Γ(f/2)/(√(f/2) Γ((f − 1)/2)) with f = n + m − 2, which removes its bias exactly for
/// normal values (Hedges 1981); not the approximation 1 − 3/(4f − 1).
pub fn hedges_g(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    let d = cohen_d(x, y)?;
    Ok(d * bias_factor((x.len() + y.len() - 2) as f64)?)
}

/// Γ(f/2)/(√(f/2) Γ((f − 1)/2)) for f > 1; with 1 degree of freedom it is 0: no unbiased estimate.
pub(super) fn bias_factor(df: f64) -> Result<f64, StatsError> {
    if df <= 1.0 {
        return Err(StatsError::degenerate(
            "Hedges' g",
            "one degree of freedom is too few",
        ));
    }
    let a = df / 2.0;
    let b = a - 0.5;
    // The ratio of gamma functions by Stirling's formula with its error term: nothing large cancels.
    let log = stirling_error(a) - stirling_error(b) + (a - 1.0) * (0.5 / b).ln_1p() - 0.5;
    Ok(log.exp())
}

fn check(what: &'static str, x: &[f64], y: &[f64]) -> Result<(), StatsError> {
    StatsError::check_count(what, "values in each group", 2, x.len().min(y.len()))?;
    StatsError::check_finite("x", x)?;
    StatsError::check_finite("y", y)
}

fn ratio(what: &'static str, difference: f64, spread: f64) -> Result<f64, StatsError> {
    if spread > 0.0 {
        return Ok(difference / spread);
    }
    if difference == 0.0 {
        return Ok(0.0);
    }
    Err(StatsError::degenerate(
        what,
        "the groups differ, but the values within them do not vary",
    ))
}

fn total(counts: &[u64]) -> f64 {
    counts.iter().map(|count| *count as f64).sum()
}
