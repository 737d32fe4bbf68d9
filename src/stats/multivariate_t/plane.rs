//! The largest |t| where the statistics lie in a plane.

use std::f64::consts::PI;

use super::super::special::legendre::gauss_legendre;

/// Points of the rule on each piece.
const POINTS: usize = 40;

/// P(max |Tᵢ| > c) for Tᵢ = aᵢ·Z/S, where the aᵢ are vectors of the plane.
///
/// In the direction u, max |aᵢ·Z| = |Z| m(u) with m(u) = max |aᵢ·u|, and |Z|²/2S² has the F distribution with 2 and
/// `df` degrees of freedom, whose tail is (1 + 2x/df)^(−df/2). The rest is an integral over half a circle, which is
/// smooth between the directions where another statistic becomes the largest.
pub(super) fn upper(vectors: &[[f64; 2]], df: f64, c: f64) -> f64 {
    let tail = |angle: f64| {
        let (sin, cos) = angle.sin_cos();
        let projected = vectors.iter().map(|[x, y]| (x * cos + y * sin).abs());
        let distance = c / projected.fold(0.0, f64::max);
        tail_beyond(distance, df)
    };
    let rule = gauss_legendre(POINTS);
    let edges = edges(vectors);
    let pieces = edges.iter().zip(edges.iter().skip(1));
    let integral: f64 = pieces
        .map(|(low, high)| {
            let half = 0.5 * (high - low);
            let nodes = rule.iter();
            half * nodes
                .map(|(x, weight)| weight * tail(low + half * (1.0 + x)))
                .sum::<f64>()
        })
        .sum();
    integral / PI
}

/// P(|Z|/S > distance) for Z standard normal in the plane.
fn tail_beyond(distance: f64, df: f64) -> f64 {
    let square = distance * distance;
    if df.is_infinite() {
        (-0.5 * square).exp()
    } else {
        (-0.5 * df * (square / df).ln_1p()).exp()
    }
}

/// The directions from 0 to π between which the same statistic is the largest: those where |aᵢ·u| = |aⱼ·u|.
fn edges(vectors: &[[f64; 2]]) -> Vec<f64> {
    let mut edges = vec![0.0, PI];
    for (index, [x, y]) in vectors.iter().enumerate() {
        for [v, w] in vectors.iter().skip(index + 1) {
            for (across, along) in [(x - v, y - w), (x + v, y + w)] {
                // Orthogonal to the difference or the sum.
                edges.push((-across).atan2(along).rem_euclid(PI));
            }
        }
    }
    edges.sort_by(f64::total_cmp);
    edges.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
    edges
}
