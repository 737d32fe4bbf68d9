//! Gauss–Legendre quadrature.

use std::f64::consts::PI;

/// Nodes and weights of the rule with n points on −1 to 1: the zeros of the Legendre polynomial by Newton's iteration.
pub fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let degree = n as f64;
    (1..=n)
        .map(|index| {
            let mut x = (PI * (index as f64 - 0.25) / (degree + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let value;
                (value, slope) = legendre(n, x);
                let step = value / slope;
                x -= step;
                if step.abs() <= 1e-15 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

/// The polynomial of degree n and its derivative at −1 < x < 1.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut here) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (before, here) = (here, ((2.0 * k - 1.0) * x * here - (k - 1.0) * before) / k);
    }
    (here, n as f64 * (x * here - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        for n in [2, 5, 20, 40, 41] {
            let rule = gauss_legendre(n);
            for power in 0..i32::try_from(2 * n).unwrap() {
                let sum: f64 = rule.iter().map(|(x, w)| w * x.powi(power)).sum();
                let exact = if power % 2 == 0 {
                    2.0 / f64::from(power + 1)
                } else {
                    0.0
                };
                assert!((sum - exact).abs() < 1e-13, "{n} {power}: {sum}");
            }
        }
    }
}
