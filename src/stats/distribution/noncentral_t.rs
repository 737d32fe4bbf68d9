//! The noncentral t distribution.

use super::super::StatsError;
use super::super::root::{Point, invert_within};
use super::super::special::Tails;
use super::super::special::normal_tail::{normal_density, normal_upper};
use super::super::special::scale_average::{scale_average, scale_step};
use super::{Distribution, Tail, UNKNOWN};

/// Below this many degrees of freedom the tail is too long to be summed.
const MIN_DF: f64 = 0.1;
/// A larger noncentrality takes too many nodes.
const MAX_NONCENTRALITY: f64 = 1000.0;
/// Quantiles are sought to this relative step: the probabilities' last digits are noise.
const TOLERANCE: f64 = 1e-14;

/// The distribution of (Z + δ)/S for a standard normal Z, a noncentrality δ and an independent estimate S of the standard
/// deviation with `df` degrees of freedom.
///
/// P(T ≤ t) is the mean of Φ(tS − δ) over S, a trapezoidal sum of an analytic integrand without cancellation: right to
/// about 1e-12 relative in both tails. (R's `pt(ncp = )` is right to about 1e-12 absolute, and has its own far tail only
/// to one side and only for |δ| < 37.62.)
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoncentralT {
    df: f64,
    noncentrality: f64,
}

impl NoncentralT {
    /// With at least 0.1 degrees of freedom, which may be infinite, and a noncentrality from −1000 to 1000.
    pub fn new(df: f64, noncentrality: f64) -> Result<Self, StatsError> {
        if df.is_nan() || df < MIN_DF {
            return Err(StatsError::OutOfRange {
                what: "degrees of freedom",
                value: df,
                allowed: "at least 0.1",
            });
        }
        if noncentrality.is_nan() || noncentrality.abs() > MAX_NONCENTRALITY {
            return Err(StatsError::OutOfRange {
                what: "the noncentrality",
                value: noncentrality,
                allowed: "from -1000 to 1000",
            });
        }
        Ok(Self { df, noncentrality })
    }

    /// The δ with which `tail` beyond the statistic t has probability p: an exact limit of the noncentrality.
    pub fn noncentrality_limit(df: f64, t: f64, tail: Tail, p: f64) -> Result<f64, StatsError> {
        Self::new(df, 0.0)?;
        StatsError::check_finite("the t statistic", &[t])?;
        if !(p > 0.0 && p < 1.0) {
            return Err(StatsError::OutOfRange {
                what: "probability",
                value: p,
                allowed: "between 0 and 1",
            });
        }
        // The lower tail falls with δ, the upper rises.
        let rises = tail == Tail::Upper;
        let beyond = |delta: f64| -> Result<bool, StatsError> {
            let tails = Self::new(df, delta)?.tails(t);
            Ok((tail.of(tails) > p) == rises)
        };
        let (mut low, mut high) = (-MAX_NONCENTRALITY, MAX_NONCENTRALITY);
        if beyond(low)? || !beyond(high)? {
            return Err(StatsError::OutOfRange {
                what: "the t statistic",
                value: t,
                allowed: "small enough for a noncentrality from -1000 to 1000",
            });
        }
        // Near the statistic first, then by halves.
        for reach in [2.0, 8.0, 32.0] {
            let (left, right) = ((t - reach).max(low), (t + reach).min(high));
            if left < right && !beyond(left)? && beyond(right)? {
                (low, high) = (left, right);
                break;
            }
        }
        for _ in 0..200 {
            let middle = low + 0.5 * (high - low);
            if middle <= low || middle >= high || high - low <= TOLERANCE * middle.abs() {
                break;
            }
            if beyond(middle)? {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok(low + 0.5 * (high - low))
    }

    /// A tail and the density times s-free scale: its derivative with respect to t.
    fn point(self, tail: Tail, t: f64) -> Point {
        let delta = self.noncentrality;
        let step = scale_step(self.df, 55.0 + 9.0 * delta.abs());
        let [probability, slope] = scale_average(self.df, self.peak(tail, t), step, |s| {
            let z = t * s - delta;
            let part = match tail {
                Tail::Lower => normal_upper(-z),
                Tail::Upper => normal_upper(z),
            };
            [part, s * normal_density(z)]
        });
        Point { probability, slope }
    }

    /// Where the integrand of a tail peaks, in ln S: at the maximum of ln density − (ts − δ)²/2 if that lies on the side
    /// where the tail is small, else at 0.
    fn peak(self, tail: Tail, t: f64) -> f64 {
        if self.df.is_infinite() {
            return 0.0;
        }
        let (nu, delta) = (self.df, self.noncentrality);
        let half = 0.5 * t * delta;
        let root = (half * half + nu * (nu + t * t)).sqrt();
        let s = if half >= 0.0 {
            (half + root) / (nu + t * t)
        } else {
            nu / (root - half)
        };
        let small = match tail {
            Tail::Lower => t * s < delta,
            Tail::Upper => t * s > delta,
        };
        if small && s > 0.0 { s.ln() } else { 0.0 }
    }

    fn tail(self, tail: Tail, t: f64) -> f64 {
        self.point(tail, t).probability.min(1.0)
    }
}

impl Distribution for NoncentralT {
    fn density(&self, t: f64) -> f64 {
        if t.is_finite() {
            self.point(Tail::Lower, t).slope
        } else {
            0.0
        }
    }

    fn tails(&self, t: f64) -> Tails {
        if t.is_nan() {
            return UNKNOWN;
        }
        if t.is_infinite() {
            return Tails::from_lower(if t > 0.0 { 1.0 } else { 0.0 });
        }
        let upper = self.tail(Tail::Upper, t);
        if upper < 0.5 {
            return Tails::from_lower(upper).swapped();
        }
        Tails::from_lower(self.tail(Tail::Lower, t))
    }

    fn support(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    fn smaller_quantile(&self, tail: Tail, p: f64) -> Result<f64, StatsError> {
        invert_within(TOLERANCE, tail, p, self.noncentrality, |t| {
            self.point(tail, t)
        })
    }
}
