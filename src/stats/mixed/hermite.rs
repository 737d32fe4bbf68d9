//! Gauss–Hermite quadrature.

use nalgebra::DMatrix;

/// Nodes and weights for the weight e^(−x²), ascending, by the eigenvalues of the Jacobi matrix (Golub & Welsch 1969),
/// each node then improved by Newton's method.
pub(super) fn gauss_hermite(points: usize) -> Vec<(f64, f64)> {
    let jacobi = DMatrix::from_fn(points, points, |i, j| {
        if i.abs_diff(j) == 1 {
            (i.max(j) as f64 / 2.0).sqrt()
        } else {
            0.0
        }
    });
    let mut nodes: Vec<f64> = jacobi.symmetric_eigenvalues().iter().copied().collect();
    nodes.sort_by(f64::total_cmp);
    nodes
        .into_iter()
        .map(|start| {
            let mut x = start;
            for _ in 0..3 {
                let (value, below) = hermite(points, x);
                x -= value / ((2.0 * points as f64).sqrt() * below);
            }
            let (_, below) = hermite(points, x);
            (x, 1.0 / (points as f64 * below * below))
        })
        .collect()
}

/// The orthonormal Hermite polynomials of degree `points` and one less.
fn hermite(points: usize, x: f64) -> (f64, f64) {
    let mut below = 0.0;
    let mut value = std::f64::consts::PI.powf(-0.25);
    for degree in 0..points {
        let n = degree as f64;
        let next = (x * (2.0 / (n + 1.0)).sqrt()) * value - (n / (n + 1.0)).sqrt() * below;
        below = value;
        value = next;
    }
    (value, below)
}

#[cfg(test)]
mod tests {
    use super::gauss_hermite;

    #[test]
    fn moments_of_the_normal_distribution_are_exact() {
        for points in 1..=25 {
            let nodes = gauss_hermite(points);
            let moment =
                |power: i32| -> f64 { nodes.iter().map(|(x, w)| w * x.powi(power)).sum::<f64>() };
            let root = std::f64::consts::PI.sqrt();
            assert!((moment(0) / root - 1.0).abs() < 1e-13, "{points}");
            if points > 1 {
                assert!((moment(2) / (root / 2.0) - 1.0).abs() < 1e-13, "{points}");
            }
            if points > 2 {
                assert!((moment(4) / (root * 0.75) - 1.0).abs() < 1e-13, "{points}");
            }
            assert!(moment(1).abs() < 1e-13 && moment(3).abs() < 1e-12);
        }
    }
}
