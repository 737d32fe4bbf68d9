//! The hypergeometric distribution.

use super::super::StatsError;
use super::super::special::{Tails, binomial_mass};

/// The number of marked items among `drawn`, drawn without replacement from `marked` and `unmarked` ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hypergeometric {
    marked: u64,
    unmarked: u64,
    drawn: u64,
}

impl Hypergeometric {
    /// With the numbers of marked, unmarked and drawn items.
    pub fn new(marked: u64, unmarked: u64, drawn: u64) -> Result<Self, StatsError> {
        match marked.checked_add(unmarked) {
            Some(total) if drawn <= total && total <= 1 << 52 => Ok(Self {
                marked,
                unmarked,
                drawn,
            }),
            _ => Err(StatsError::OutOfRange {
                what: "number of items drawn",
                value: drawn as f64,
                allowed: "at most the number of items, and that at most 2^52",
            }),
        }
    }

    /// The smallest and the largest possible number.
    pub fn support(self) -> (u64, u64) {
        (
            self.drawn.saturating_sub(self.unmarked),
            self.drawn.min(self.marked),
        )
    }

    /// P(X = k), from three binomial probabilities (Loader 2000).
    pub fn mass(self, k: u64) -> f64 {
        let (low, high) = self.support();
        if k < low || k > high {
            return 0.0;
        }
        let total = (self.marked + self.unmarked) as f64;
        if total == 0.0 {
            return 1.0;
        }
        let p = self.drawn as f64 / total;
        let q = (self.marked + self.unmarked - self.drawn) as f64 / total;
        let (marked, unmarked, drawn) =
            (self.marked as f64, self.unmarked as f64, self.drawn as f64);
        let k = k as f64;
        binomial_mass(k, marked, p, q) * binomial_mass(drawn - k, unmarked, p, q)
            / binomial_mass(drawn, total, p, q)
    }

    /// P(X ≤ k).
    pub fn cdf(self, k: u64) -> f64 {
        self.tails(k).lower
    }

    /// P(X > k).
    pub fn upper(self, k: u64) -> f64 {
        self.tails(k).upper
    }

    /// The smallest k with P(X ≤ k) ≥ p, allowing for rounding as R does.
    pub fn quantile(self, p: f64) -> Result<u64, StatsError> {
        if !(0.0..=1.0).contains(&p) {
            return Err(StatsError::OutOfRange {
                what: "probability",
                value: p,
                allowed: "from 0 to 1",
            });
        }
        let enough = p * (1.0 - 1000.0 * f64::EPSILON);
        let (mut low, mut high) = self.support();
        while low < high {
            let middle = low + (high - low) / 2;
            if self.cdf(middle) >= enough {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low)
    }

    fn tails(self, k: u64) -> Tails {
        let (low, high) = self.support();
        if k < low {
            return Tails::from_lower(0.0);
        }
        if k >= high {
            return Tails::from_lower(1.0);
        }
        let total = (self.marked + self.unmarked) as f64;
        let mean = self.drawn as f64 * (self.marked as f64 / total);
        if (k as f64) < mean {
            Tails::from_lower(self.sum_down(k))
        } else {
            Tails::from_lower(self.sum_up(k + 1)).swapped()
        }
    }

    /// P(X ≤ k) for k below the mean: the terms fall towards the end.
    fn sum_down(self, k: u64) -> f64 {
        let (low, _) = self.support();
        let (mut sum, mut term) = (1.0, 1.0);
        for at in (low + 1..=k).rev() {
            term /= self.ratio(at);
            sum += term;
            if term < 1e-18 * sum {
                break;
            }
        }
        sum * self.mass(k)
    }

    /// P(X ≥ k) for k above the mean.
    fn sum_up(self, k: u64) -> f64 {
        let (_, high) = self.support();
        let (mut sum, mut term) = (1.0, 1.0);
        for at in k + 1..=high {
            term *= self.ratio(at);
            sum += term;
            if term < 1e-18 * sum {
                break;
            }
        }
        sum * self.mass(k)
    }

    /// P(X = k)/P(X = k − 1) for k above the smallest number.
    pub(in super::super) fn ratio(self, k: u64) -> f64 {
        let above = (self.marked - k + 1) as f64 * (self.drawn - k + 1) as f64;
        let below = k as f64 * (self.unmarked + k - self.drawn) as f64;
        above / below
    }
}
