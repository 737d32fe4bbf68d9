//! Quantiles by a safeguarded Newton iteration on the logarithm of the tail probability.

use super::StatsError;
use super::distribution::Tail;

/// What the iteration sees at a point u of the transformed scale.
pub(super) struct Point {
    /// The tail probability whose target is sought.
    pub(super) probability: f64,
    /// The magnitude of its derivative with respect to u.
    pub(super) slope: f64,
}

/// Finds u such that the probability is `target`. On the logarithm of the probability the tails of the distributions
/// are nearly straight in the scales used here (logarithm, logit), so Newton's steps are good from afar; what they
/// visit brackets the root, and a step out of the bracket is replaced by bisection. `side` is the tail whose
/// probability is sought: the lower rises with u, the upper falls.
pub(super) fn invert(
    side: Tail,
    target: f64,
    start: f64,
    point: impl Fn(f64) -> Point,
) -> Result<f64, StatsError> {
    invert_within(2.0 * f64::EPSILON, side, target, start, point)
}

/// The same to a step of `tolerance`, relative to u or absolute for |u| < 1: for probabilities whose last digits are
/// noise.
pub(super) fn invert_within(
    tolerance: f64,
    side: Tail,
    target: f64,
    start: f64,
    point: impl Fn(f64) -> Point,
) -> Result<f64, StatsError> {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let rising = side == Tail::Lower;
    let sign = if rising { 1.0 } else { -1.0 };
    let mut u = start;
    let mut stride = 1.0;
    for _ in 0..2_000 {
        let Point { probability, slope } = point(u);
        let miss = (probability / target).ln();
        if miss == 0.0 {
            return Ok(u);
        }
        if (miss > 0.0) == rising {
            high = u;
        } else {
            low = u;
        }
        let newton = u - sign * miss * probability / slope;
        let next = if newton > low && newton < high {
            newton
        } else if low.is_infinite() {
            stride *= 2.0;
            high - stride
        } else if high.is_infinite() {
            stride *= 2.0;
            low + stride
        } else {
            low + (high - low) / 2.0
        };
        let step = (next - u).abs();
        u = next;
        if step <= tolerance * u.abs().max(1.0) {
            return Ok(u);
        }
    }
    Err(StatsError::NoConvergence { what: "quantile" })
}

/// e^u, 0 or infinite where the iteration has run to the end of what a double holds with full precision.
pub(super) fn from_log(u: f64) -> f64 {
    if u > 709.7 {
        f64::INFINITY
    } else if u < -708.3 {
        0.0
    } else {
        u.exp()
    }
}
