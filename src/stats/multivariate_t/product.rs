//! The largest |t| where one shared component makes all correlations.

use super::super::root::Point;
use super::super::special::normal_tail::{normal_between, normal_density, normal_upper};
use super::super::special::scale_average::{scale_average, scale_step};

/// Nothing of φ is left beyond.
const REACH: f64 = 9.5;
/// The natural logarithm of a probability that is as good as 0 beside 1.
const NOTHING: f64 = -45.0;

/// P(max |Tᵢ| > c) and the size of its derivative with respect to ln c, for Tᵢ = (λᵢZ + √(1 − λᵢ²) Eᵢ)/S with
/// independent standard normal Z and Eᵢ (Dunnett 1955).
pub(super) fn upper(loadings: &[f64], df: f64, c: f64) -> Point {
    let tests: Vec<Test> = loadings.iter().map(|&loading| Test::new(loading)).collect();
    let count = tests.len() as f64 + 1.0;
    // Each factor goes from 1 to 0 over τ/λ, and their product more steeply.
    let narrowest = tests.iter().map(Test::width).fold(1.0, f64::min);
    let step = (0.55 / count.sqrt()).min(0.28) * narrowest;
    let start = -0.5 * (c * c / df).ln_1p();
    let band = 55.0 * (count + 1.0).ln();
    let [probability, slope] = scale_average(df, start, scale_step(df, band), |s| {
        given_scale(&tests, step, c * s)
    });
    Point { probability, slope }
}

/// One of the statistics.
struct Test {
    loading: f64,
    /// √(1 − λ²).
    own: f64,
}

impl Test {
    fn new(loading: f64) -> Self {
        let loading = loading.abs();
        Self {
            loading,
            own: ((1.0 - loading) * (1.0 + loading)).sqrt(),
        }
    }

    fn width(&self) -> f64 {
        self.own / self.loading
    }

    /// ln P(|λz + τE| ≤ w), and the derivative of that with respect to w.
    fn inside(&self, z: f64, w: f64) -> (f64, f64) {
        let (low, high) = (
            (-w - self.loading * z) / self.own,
            (w - self.loading * z) / self.own,
        );
        let outside = normal_upper(-low) + normal_upper(high);
        let inside = normal_between(low, high);
        let density = (normal_density(low) + normal_density(high)) / self.own;
        let log = if outside < 0.5 {
            (-outside).ln_1p()
        } else {
            inside.ln()
        };
        (log, density / inside)
    }
}

/// P(max |λᵢZ + τᵢEᵢ| > w) and the size of its derivative with respect to ln w.
fn given_scale(tests: &[Test], step: f64, w: f64) -> [f64; 2] {
    let at_zero: f64 = tests.iter().map(|test| test.inside(0.0, w).0).sum();
    if at_zero < NOTHING {
        // The product is largest at z = 0.
        return [1.0, 0.0];
    }
    let shared = tests.iter().map(|test| test.loading).fold(0.0, f64::max);
    let reach = REACH.max((shared * w).min(30.0) + 7.0);
    let (mut sum, mut slope) = (0.0, 0.0);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and bounded by the largest loading"
    )]
    let nodes = (reach / step).ceil() as u32;
    // The integrand is the same for z and −z.
    for index in 0..=nodes {
        let z = step * f64::from(index);
        let twice = if index == 0 { 1.0 } else { 2.0 };
        let weight = twice * normal_density(z);
        let (mut log, mut change) = (0.0, 0.0);
        for test in tests {
            let (part, derivative) = test.inside(z, w);
            log += part;
            change += derivative;
        }
        sum -= weight * log.exp_m1();
        if log > -700.0 {
            slope += weight * log.exp() * change;
        }
    }
    [step * sum, step * slope * w]
}
