//! Means over the distribution of an estimated standard deviation, which studentised statistics need.

use super::stirling_error;

/// No more nodes to either side than this: a bound on time, never reached with the steps used here.
const MAX_NODES: i32 = 100_000;
/// A term this small beside the sum ends it: the terms fall at least like a geometric series.
const NEGLIGIBLE: f64 = 1e-18;
/// More degrees of freedom than this are as good as infinitely many.
const AS_GOOD_AS_INFINITE: f64 = 1e18;

/// The mean of f(S) for S = √(χ²/df) with `df` degrees of freedom, which may be infinite (S = 1). No part of f may be
/// negative.
///
/// The trapezoidal rule in ln S, whose error falls exponentially with 1/step for analytic integrands (Trefethen and
/// Weideman 2014). It sums outwards from `start`, a value of ln S near the integrand's peak, until the terms vanish;
/// the first part of f decides when.
pub fn scale_average<const N: usize>(
    df: f64,
    start: f64,
    step: f64,
    mut f: impl FnMut(f64) -> [f64; N],
) -> [f64; N] {
    if df > AS_GOOD_AS_INFINITE {
        return f(1.0);
    }
    let largest = (df / std::f64::consts::PI).sqrt() * (-stirling_error(0.5 * df)).exp();
    let mut node = |index: i32| -> [f64; N] {
        let log = start + step * f64::from(index);
        // The density of ln S, in ln S itself: S is 1 but for rounding if df is large.
        let weight = largest * (-0.5 * df * beyond_linear(2.0 * log)).exp();
        if weight == 0.0 {
            return [0.0; N];
        }
        f(log.exp()).map(|part| weight * part)
    };
    let mut sums = node(0);
    for direction in [-1, 1] {
        let mut before = first(&sums);
        for index in 1..MAX_NODES {
            let terms = node(direction * index);
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
            let term = first(&terms);
            if term.is_nan() || (term <= NEGLIGIBLE * first(&sums) && term <= before) {
                break;
            }
            before = term;
        }
    }
    sums.map(|sum| sum * step)
}

/// The largest step that resolves the density of ln S with `df` degrees of freedom to 1e-16, where the function that
/// is averaged has no power beyond the frequency `band`.
///
/// The Fourier transform of the density is |Γ((df + it)/2)/Γ(df/2)|, which falls like exp(−π t/4) or exp(−t²/(4 df)).
pub fn scale_step(df: f64, band: f64) -> f64 {
    let own = 12.2 * df.min(AS_GOOD_AS_INFINITE).sqrt() + 50.0 / (1.0 + df / 16.0).sqrt();
    2.0 * std::f64::consts::PI / (own + band)
}

/// e^x − 1 − x, without cancellation for a small x.
fn beyond_linear(x: f64) -> f64 {
    if x.abs() > 0.5 {
        return x.exp_m1() - x;
    }
    // Σ xⁿ/n! from n = 2 on.
    (2..20_u32)
        .rev()
        .fold(0.0, |sum, n| (1.0 + sum) * x / f64::from(n))
        * x
}

fn first<const N: usize>(parts: &[f64; N]) -> f64 {
    parts.first().copied().unwrap_or(0.0)
}
