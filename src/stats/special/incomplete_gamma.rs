//! The regularised incomplete gamma function.

use super::{Tails, poisson_mass};

/// P(a, x) and Q(a, x) for a > 0 and x ≥ 0: a power series below a + 1, a continued fraction above (Abramowitz and
/// Stegun 6.5.29, 6.5.31).
pub fn incomplete_gamma(a: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails::from_lower(0.0);
    }
    if x.is_infinite() {
        return Tails::from_lower(1.0);
    }
    if x < a + 1.0 {
        Tails::from_lower(poisson_mass(a, x) * series(a, x))
    } else {
        Tails::from_lower(a * poisson_mass(a, x) * fraction(a, x)).swapped()
    }
}

/// 1 + x/(a + 1) + x²/((a + 1)(a + 2)) + …
fn series(a: f64, x: f64) -> f64 {
    let (mut sum, mut term, mut at) = (1.0, 1.0, a);
    // The terms fall once at > x, and from there on by a growing factor: about 10 √a of them matter.
    while term > sum * 1e-17 {
        at += 1.0;
        term *= x / at;
        sum += term;
    }
    sum
}

/// 1/(x + 1 − a − 1(1 − a)/(x + 3 − a − 2(2 − a)/(x + 5 − a − …))), by the modified Lentz method.
fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::INFINITY;
    let mut d = b.recip();
    let mut value = d;
    for i in 1..10_000_000_u32 {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = (b + numerator * d).recip();
        c = b + numerator / c;
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}
