//! The studentised range distribution.

use super::super::StatsError;
use super::super::root::{Point, from_log, invert_within};
use super::super::special::Tails;
use super::super::special::normal_range::NormalRange;
use super::super::special::scale_average::{scale_average, scale_step};
use super::{Distribution, StudentT, Tail, UNKNOWN};

/// The most values that the range may be of.
const MAX_GROUPS: u32 = 1000;
/// Below this many degrees of freedom the tail is too long to be summed.
const MIN_DF: f64 = 0.1;
/// Quantiles are sought to this step in ln q: the probabilities' last digits are noise.
const TOLERANCE: f64 = 4e-15;

/// The distribution of the range of k independent standard normal values over an independent estimate of their
/// standard deviation with `df` degrees of freedom: Tukey's q.
///
/// With R(w) the distribution of the range itself and S the estimate, P(Q ≤ q) is the mean of R(qS). Both integrals are
/// trapezoidal sums of analytic integrands, exact to about 1e-14 relative in both tails; the algorithm in R (Copenhaver
/// and Holland 1988) is of another kind and right to about 1e-12 absolute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudentizedRange {
    groups: u32,
    df: f64,
}

impl StudentizedRange {
    /// Of 2 to 1000 values, with at least 0.1 degrees of freedom, which need not be whole; infinitely many for a known
    /// standard deviation.
    pub fn new(groups: u32, df: f64) -> Result<Self, StatsError> {
        if !(2..=MAX_GROUPS).contains(&groups) {
            return Err(StatsError::OutOfRange {
                what: "the number of means compared",
                value: f64::from(groups),
                allowed: "from 2 to 1000",
            });
        }
        if df.is_nan() || df < MIN_DF {
            return Err(StatsError::OutOfRange {
                what: "degrees of freedom",
                value: df,
                allowed: "at least 0.1",
            });
        }
        Ok(Self { groups, df })
    }

    /// A tail probability and its derivative with respect to ln q, both positive.
    fn point(self, tail: Tail, q: f64) -> Point {
        let range = NormalRange::new(self.groups);
        // Where the integrand peaks, roughly: for a large q at small estimates.
        let start = match tail {
            Tail::Upper => -0.5 * (q * q / (2.0 * self.df)).ln_1p(),
            Tail::Lower => 0.0,
        };
        let step = scale_step(self.df, range.band());
        let [probability, slope] = scale_average(self.df, start, step, |s| match tail {
            Tail::Upper => range.upper(q * s),
            Tail::Lower => range.lower(q * s),
        });
        Point { probability, slope }
    }

    fn tail(self, tail: Tail, q: f64) -> f64 {
        self.point(tail, q).probability.min(1.0)
    }
}

impl Distribution for StudentizedRange {
    fn density(&self, q: f64) -> f64 {
        if q > 0.0 && q.is_finite() {
            self.point(Tail::Upper, q).slope / q
        } else {
            0.0
        }
    }

    fn tails(&self, q: f64) -> Tails {
        if q.is_nan() {
            return UNKNOWN;
        }
        if q <= 0.0 {
            return Tails::from_lower(0.0);
        }
        if q.is_infinite() {
            return Tails::from_lower(1.0);
        }
        let upper = self.tail(Tail::Upper, q);
        if upper < 0.5 {
            return Tails::from_lower(upper).swapped();
        }
        Tails::from_lower(self.tail(Tail::Lower, q))
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn smaller_quantile(&self, tail: Tail, p: f64) -> Result<f64, StatsError> {
        let above = match tail {
            Tail::Upper => p,
            Tail::Lower => 0.5,
        };
        let start = bonferroni(self.groups, self.df, above)?.ln();
        let point = |log: f64| self.point(tail, log.exp());
        invert_within(TOLERANCE, tail, p, start, point).map(from_log)
    }
}

/// An upper bound of the quantile: every pair tested at its share of p.
fn bonferroni(groups: u32, df: f64, p: f64) -> Result<f64, StatsError> {
    let pairs = f64::from(groups) * f64::from(groups - 1) / 2.0;
    let student = StudentT::new(df.min(1e10))?;
    let t = student.upper_quantile(0.5 * p / pairs)?;
    Ok((2.0_f64.sqrt() * t).clamp(1e-3, 1e300))
}
