//! The distribution of the range of independent standard normal values.

use super::normal_tail::{narrow, normal_between, normal_density, normal_upper};

/// Nothing of φ is left beyond.
const REACH: f64 = 9.5;
/// Nothing of φ(z) φ(z − w) is left beyond this distance from w/2, for a wide w.
const SHORT_REACH: f64 = 6.8;
/// The natural logarithm of a probability that is as good as 0 beside 1.
const NOTHING: f64 = -45.0;

/// The range of k values. P(range ≤ w) = k ∫ φ(z) D^(k−1) dz with D = Φ(z) − Φ(z − w), where z is the largest value.
/// Every result is a tail probability and the size of its derivative with respect to ln w.
///
/// The integrals are trapezoidal sums, whose error falls like exp(−c/step²) for integrands like these (Trefethen and
/// Weideman 2014); the integrand is no wider than 1/√k.
pub struct NormalRange {
    /// k − 1.
    others: f64,
    step: f64,
    nodes: Vec<Node>,
}

/// What depends on z alone.
struct Node {
    z: f64,
    density: f64,
    lower: f64,
    upper: f64,
    /// ln Φ(z).
    log_lower: f64,
    /// φ(z) Φ(z)^(k−1).
    largest: f64,
}

/// What depends on z and w.
struct Cut {
    /// φ(z − w).
    density: f64,
    /// Φ(z − w) < z ≤ Φ(z).
    inside: f64,
    /// ln (D/Φ(z)).
    log_ratio: f64,
}

impl NormalRange {
    /// Of k ≥ 2 values.
    pub fn new(k: u32) -> Self {
        let others = f64::from(k) - 1.0;
        let step = (0.55 / f64::from(k).sqrt()).min(0.28);
        let mut nodes = Vec::new();
        let mut z = -REACH;
        // Beyond 28, where φ is 1e-171, ranges are over 43 and their tail is below 1e-200.
        while z < 28.0 + REACH {
            nodes.push(Node::at(z, others));
            z += step;
        }
        Self {
            others,
            step,
            nodes,
        }
    }

    /// The frequency in ln w beyond which the distribution has no power: it is steeper for more values.
    pub fn band(&self) -> f64 {
        55.0 * (self.others + 1.0).ln()
    }

    /// P(range ≤ w).
    pub fn lower(&self, w: f64) -> [f64; 2] {
        let (mut sum, mut slope) = (0.0, 0.0);
        for node in self.between(-REACH, REACH) {
            let cut = node.cut(w);
            if cut.inside <= 0.0 {
                continue;
            }
            let power = ((self.others - 1.0) * cut.inside.ln()).exp();
            sum += node.density * power * cut.inside;
            slope += node.density * power * cut.density;
        }
        self.scaled(sum, w * slope)
    }

    /// P(range > w), by an integrand without cancellation: k ∫ φ(z) (Φ(z)^(k−1) − D^(k−1)) dz.
    pub fn upper(&self, w: f64) -> [f64; 2] {
        // D is nowhere larger than around 0.
        let largest = self.others * normal_between(-0.5 * w, 0.5 * w).ln();
        if largest + (self.others + 1.0).ln() < NOTHING {
            return [1.0, 0.0];
        }
        let (mut sum, mut slope) = (0.0, 0.0);
        for node in self.around(w) {
            let cut = node.cut(w);
            sum -= node.largest * (self.others * cut.log_ratio).exp_m1();
            let power = (self.others - 1.0) * (node.log_lower + cut.log_ratio);
            // 0 times an infinite logarithm has no part in it.
            if cut.inside > 0.0 {
                slope += node.density * power.exp() * cut.density;
            }
        }
        self.scaled(sum, w * slope)
    }

    fn scaled(&self, sum: f64, slope: f64) -> [f64; 2] {
        let scale = (self.others + 1.0) * self.step;
        [scale * sum, scale * self.others * slope]
    }

    /// The nodes where φ(z) Φ(z − w) may be other than 0.
    fn around(&self, w: f64) -> &[Node] {
        let centre = 0.5 * w;
        let reach = if centre > REACH { SHORT_REACH } else { REACH };
        self.between(centre - reach, centre + reach)
    }

    fn between(&self, low: f64, high: f64) -> &[Node] {
        let low = self.nodes.partition_point(|node| node.z < low);
        let high = self.nodes.partition_point(|node| node.z < high);
        self.nodes.get(low..high).unwrap_or(&[])
    }
}

impl Node {
    fn at(z: f64, others: f64) -> Self {
        let density = normal_density(z);
        let (lower, upper) = (normal_upper(-z), normal_upper(z));
        let log_lower = if z > 0.0 {
            (-upper).ln_1p()
        } else {
            lower.ln()
        };
        Self {
            z,
            density,
            lower,
            upper,
            log_lower,
            largest: density * (others * log_lower).exp(),
        }
    }

    fn cut(&self, w: f64) -> Cut {
        let below = self.z - w;
        let density = normal_density(below);
        // Each difference of the two smaller tails, so that little cancels; a very narrow one by its series.
        let (inside, outside) = if w < 0.01 {
            let inside = narrow(self.z - 0.5 * w, 0.5 * w);
            (inside, self.lower - inside)
        } else if below > 0.0 {
            let upper = normal_upper(below);
            (upper - self.upper, 1.0 - upper)
        } else if self.z < 0.0 {
            let lower = normal_upper(-below);
            (self.lower - lower, lower)
        } else {
            let lower = normal_upper(-below);
            (1.0 - lower - self.upper, lower)
        };
        let share = outside / self.lower;
        let log_ratio = if share < 0.5 {
            (-share).ln_1p()
        } else {
            (inside / self.lower).ln()
        };
        Cut {
            density,
            inside,
            log_ratio,
        }
    }
}
