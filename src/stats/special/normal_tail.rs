//! The normal tail, fast and to the last digits, for integrands that need it thousands of times.
//!
//! P(X > x) = φ(x) M(x) with Mills' ratio M, which varies slowly. M is expanded into Taylor series around the points
//! x = 0, ¼, ½, …; the coefficients are the repeated integrals of the tail,
//! a\[n\] = ∫ tⁿ e^(−xt − t²/2) dt / n!, which are all positive and obey a\[n − 1\] = (n + 1) a\[n + 1\] + x a\[n\] with
//! a\[−1\] = 1. That recurrence is stable downwards (Miller's algorithm; Gautschi 1967).

use std::f64::consts::PI;
use std::sync::OnceLock;

/// Series per unit of x.
const PER_UNIT: f64 = 4.0;
/// The last point: a double holds no tail beyond 38.6.
const LAST: f64 = 39.0;
/// Terms of each series: the distance is at most 1/8, and a\[n\] falls like 1/√n!.
const TERMS: usize = 14;

/// φ(x).
pub fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() * (2.0 * PI).sqrt().recip()
}

/// P(X > x), with full relative precision in the far tail too.
pub fn normal_upper(x: f64) -> f64 {
    if x >= 0.0 {
        normal_density(x) * mills_ratio(x)
    } else {
        1.0 - normal_density(x) * mills_ratio(-x)
    }
}

/// P(X ≤ x).
pub fn normal_lower(x: f64) -> f64 {
    normal_upper(-x)
}

/// P(low < X ≤ high), without subtracting nearly equal numbers where the interval lies in a tail.
pub fn normal_between(low: f64, high: f64) -> f64 {
    if low >= high {
        return 0.0;
    }
    let half = 0.5 * (high - low);
    let middle = low + half;
    if half < 0.005 && middle.abs() < 40.0 {
        return narrow(middle, half);
    }
    if low > 0.0 {
        normal_upper(low) - normal_upper(high)
    } else if high < 0.0 {
        normal_lower(high) - normal_lower(low)
    } else {
        1.0 - normal_lower(low) - normal_upper(high)
    }
}

/// P(middle − half < X ≤ middle + half) for half < 0.01, by the Taylor series of φ around the middle:
/// Σ h²ⁿ He₂ₙ(m)/(2n + 1)! times 2h φ(m).
pub fn narrow(middle: f64, half: f64) -> f64 {
    let (mut before, mut hermite) = (1.0, middle);
    let (mut sum, mut factor) = (1.0, 1.0);
    for n in 1..12_u32 {
        let n = f64::from(n);
        let even = middle * hermite - (2.0 * n - 1.0) * before;
        let odd = middle * even - 2.0 * n * hermite;
        (before, hermite) = (even, odd);
        factor *= half * half / (2.0 * n * (2.0 * n + 1.0));
        sum += factor * even;
    }
    2.0 * half * normal_density(middle) * sum
}

/// P(X > x)/φ(x) for x ≥ 0; NaN stays NaN.
fn mills_ratio(x: f64) -> f64 {
    if x >= LAST {
        // The asymptotic series: 1/x (1 − 1/x² + 3/x⁴ − …), here for tails below any double.
        let square = (x * x).recip();
        return (1.0 - square * (1.0 - 3.0 * square)) / x;
    }
    let at = (x * PER_UNIT).round();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 156"
    )]
    let Some(series) = table().get(at as usize) else {
        return f64::NAN;
    };
    let distance = at / PER_UNIT - x;
    series.iter().rev().fold(0.0, |sum, a| sum * distance + a)
}

/// The series, made once.
fn table() -> &'static [[f64; TERMS]] {
    static TABLE: OnceLock<Vec<[f64; TERMS]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let points = (0..).map(|index| f64::from(index) / PER_UNIT);
        points
            .take_while(|x| *x <= LAST)
            .map(|x| if x == 0.0 { at_zero() } else { at(x) })
            .collect()
    })
}

/// a\[n\] at 0, where the recurrence steps over one.
fn at_zero() -> [f64; TERMS] {
    let mut series = [0.0; TERMS];
    let (mut before, mut next) = (1.0, (PI / 2.0).sqrt());
    for (n, slot) in series.iter_mut().enumerate() {
        *slot = next;
        (before, next) = (next, before / (n + 1) as f64);
    }
    series
}

/// a\[n\] at x > 0 by Miller's algorithm; 4,000 steps forget the start for x ≥ ¼.
fn at(x: f64) -> [f64; TERMS] {
    let mut series = [0.0; TERMS];
    let (mut above, mut here) = (0.0, f64::MIN_POSITIVE);
    for n in (0..4_000_u32).rev() {
        // here = a[n], above = a[n + 1]
        if let Some(slot) = series.get_mut(n as usize) {
            *slot = here;
        }
        let below = f64::from(n + 1) * above + x * here;
        (above, here) = (here, below);
        if here > 1e250 {
            here *= 1e-300;
            above *= 1e-300;
            for slot in &mut series {
                *slot *= 1e-300;
            }
        }
    }
    // here = a[−1] = 1
    series.map(|a| a / here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_that_of_the_incomplete_gamma_function() {
        use super::super::incomplete_gamma::incomplete_gamma;
        for step in 0..3700 {
            let x = f64::from(step) / 100.0 + 0.003_7;
            let other = 0.5 * incomplete_gamma(0.5, 0.5 * x * x).upper;
            let found = normal_upper(x);
            assert!((found / other - 1.0).abs() < 1e-13, "{x} {found} {other}");
            assert!((normal_lower(x) + found - 1.0).abs() < 2e-16);
        }
    }

    #[test]
    fn an_interval_is_the_difference_of_tails() {
        for step in -80..80 {
            let low = f64::from(step) / 10.0;
            for width in [0.009_999, 0.010_001, 0.3, 2.0, 30.0] {
                let parts = 64;
                let edge = |k: i32| low + width * f64::from(k) / f64::from(parts);
                let sum: f64 = (0..parts)
                    .map(|k| normal_between(edge(k), edge(k + 1)))
                    .sum();
                let whole = normal_between(low, low + width);
                assert!((sum / whole - 1.0).abs() < 1e-12, "{low} {width}");
            }
        }
        assert_eq!(normal_between(1.0, 1.0), 0.0);
        assert_eq!(normal_between(f64::NEG_INFINITY, f64::INFINITY), 1.0);
        assert!(normal_upper(f64::NAN).is_nan());
    }
}
