//! The regularised incomplete beta function.

use super::{Tails, beta_front};

/// `I_x(a, b)` and its complement for a, b > 0 and x + y = 1. Both x and y are given, so that a point near 1 keeps its
/// digits. A continued fraction (Didonato and Morris 1992, equation 9) on the side of the mean where it is quick.
pub fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> Tails {
    if x <= 0.0 {
        return Tails::from_lower(0.0);
    }
    if y <= 0.0 {
        return Tails::from_lower(1.0);
    }
    let beyond = a * y - b * x;
    if beyond >= 0.0 {
        Tails::from_lower(beta_front(a, b, x, y) / fraction(a, b, x, beyond))
    } else {
        Tails::from_lower(beta_front(b, a, y, x) / fraction(b, a, y, -beyond)).swapped()
    }
}

/// β₀ + α₁/(β₁ + α₂/(β₂ + …)) by the modified Lentz method; `beyond` is a − (a + b) x ≥ 0.
fn fraction(a: f64, b: f64, x: f64, beyond: f64) -> f64 {
    let mut value = a * (beyond + 1.0) / (a + 1.0);
    let mut c = value;
    let mut d = 0.0;
    for m in 1..10_000_000_u32 {
        let m = f64::from(m);
        let odd = a + 2.0 * m - 1.0;
        let alpha = (a + m - 1.0) / odd * ((a + b + m - 1.0) / odd) * m * (b - m) * x * x;
        let beta = m
            + m * (b - m) * x / odd
            + (a + m) / (a + 2.0 * m + 1.0) * (beyond + 1.0 + m * (2.0 - x));
        d = (beta + alpha * d).recip();
        c = beta + alpha / c;
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}
