//! The functions that the distributions are made of, accurate to about 1e-14 relative in the far tails too.
//!
//! Densities are taken apart into a saddle-point term and small corrections (Loader 2000, "Fast and accurate
//! computation of binomial probabilities"), so that no large logarithms of gamma functions cancel.

pub mod incomplete_beta;
pub mod incomplete_gamma;
pub mod legendre;
pub mod normal_range;
pub mod normal_tail;
pub mod scale_average;

use std::f64::consts::PI;

/// The two tail probabilities of a point, each computed without subtracting from 1 where it is the smaller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tails {
    /// P(X ≤ x).
    pub lower: f64,
    /// P(X > x).
    pub upper: f64,
}

impl Tails {
    /// Both tails from the lower.
    pub(super) fn from_lower(lower: f64) -> Self {
        let lower = lower.clamp(0.0, 1.0);
        Self {
            lower,
            upper: 1.0 - lower,
        }
    }

    /// The same point seen from the other side.
    pub(super) fn swapped(self) -> Self {
        Self {
            lower: self.upper,
            upper: self.lower,
        }
    }
}

/// ln Γ(n + 1) − (n + ½) ln n + n − ½ ln 2π for n > 0: what Stirling's formula leaves out.
pub(super) fn stirling_error(n: f64) -> f64 {
    // Below 16 the asymptotic series is too coarse: climb by S(n) = S(n + 1) + (n + ½) ln(1 + 1/n) − 1.
    let mut climbed = 0.0;
    let mut at = n;
    while at < 16.0 {
        climbed += (at + 0.5) * at.recip().ln_1p() - 1.0;
        at += 1.0;
    }
    let square = (at * at).recip();
    let series = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
    ];
    let sum = series.iter().rev().fold(0.0, |sum, c| sum * square + c);
    climbed + sum / at
}

/// x ln(x/m) + m − x for x, m > 0: half the Poisson deviance of x at mean m, without cancellation for x near m.
pub(super) fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() - difference;
    }
    let v = difference / (x + mean);
    let mut sum = difference * v;
    let mut term = 2.0 * x * v;
    for odd in (3..2000).step_by(2) {
        term *= v * v;
        let next = sum + term / f64::from(odd);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// `x^a e^−x / Γ(a + 1)` for a > 0 and x ≥ 0.
pub(super) fn poisson_mass(a: f64, x: f64) -> f64 {
    if x == 0.0 || x.is_infinite() {
        return 0.0;
    }
    (-stirling_error(a) - deviance(a, x)).exp() / (2.0 * PI * a).sqrt()
}

/// `x^a y^b / B(a, b)` for a, b > 0 and x + y = 1, both given so that neither loses digits.
pub(super) fn beta_front(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 {
        return 0.0;
    }
    let n = a + b;
    let corrections = stirling_error(n) - stirling_error(a) - stirling_error(b);
    let exponent = corrections - deviance(a, n * x) - deviance(b, n * y);
    // √(ab / 2πn), the smaller factor first so that nothing overflows.
    ((a.min(b) / (2.0 * PI)) * (a.max(b) / n)).sqrt() * exponent.exp()
}

/// The probability of k successes in n trials, for whole numbers, with p + q = 1.
pub(super) fn binomial_mass(k: f64, n: f64, p: f64, q: f64) -> f64 {
    if k < 0.0 || k > n {
        return 0.0;
    }
    let power = |base: f64, complement: f64| {
        if complement < 0.1 {
            (n * (-complement).ln_1p()).exp()
        } else {
            base.powf(n)
        }
    };
    if k == 0.0 {
        return power(q, p);
    }
    if k == n {
        return power(p, q);
    }
    let rest = n - k;
    // C(n, k) p^k q^rest is the front of the beta distribution but for n/(k rest).
    beta_front(k, rest, p, q) * (n / k / rest)
}
