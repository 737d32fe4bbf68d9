//! Student's, Welch's, paired and one-sample t-tests.

use super::StatsError;
use super::distribution::StudentT;
use super::interval::Interval;
use super::summary::{mean, sum_of_squares};

/// A two-sided t-test.
#[derive(Debug, Clone, PartialEq)]
pub struct TTest {
    /// The mean, or the difference of means `x − y`.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// t.
    pub statistic: f64,
    /// Two-sided P value.
    pub p_value: f64,
    /// Confidence interval of the estimate.
    pub interval: Interval,
}

impl TTest {
    /// From the estimate, its standard error and what it is compared with; `scale` is the size of the values, below
    /// whose rounding a standard error means that they are all equal.
    fn new(
        (estimate, null): (f64, f64),
        std_error: f64,
        df: f64,
        scale: f64,
        level: f64,
    ) -> Result<Self, StatsError> {
        if !(estimate.is_finite() && std_error.is_finite()) {
            return Err(StatsError::degenerate(
                "t-test",
                "the values exceed what can be represented",
            ));
        }
        if std_error <= 10.0 * f64::EPSILON * scale {
            return Err(StatsError::degenerate("t-test", "the values do not vary"));
        }
        let distribution = StudentT::new(df)?;
        let statistic = (estimate - null) / std_error;
        Ok(Self {
            estimate,
            std_error,
            df,
            statistic,
            p_value: distribution.two_sided(statistic),
            interval: Interval::around(estimate, distribution.critical(level)? * std_error, level),
        })
    }
}

/// Student's t-test of the difference mean(x) − mean(y), with pooled variance. One of the samples may be a single
/// value.
pub fn student(x: &[f64], y: &[f64], level: f64) -> Result<TTest, StatsError> {
    let what = "Student t-test";
    check(what, x, y, 1, level)?;
    StatsError::check_count(what, "values in all", 3, x.len() + y.len())?;
    let (nx, ny) = (x.len() as f64, y.len() as f64);
    let df = nx + ny - 2.0;
    let pooled = (sum_of_squares(x)? + sum_of_squares(y)?) / df;
    let (mx, my) = (mean(x)?, mean(y)?);
    let std_error = (pooled * (nx.recip() + ny.recip())).sqrt();
    TTest::new((mx - my, 0.0), std_error, df, mx.abs().max(my.abs()), level)
}

/// Welch's t-test of the difference mean(x) − mean(y), without assuming equal variances; degrees of freedom by
/// Satterthwaite (Welch 1947).
pub fn welch(x: &[f64], y: &[f64], level: f64) -> Result<TTest, StatsError> {
    check("Welch t-test", x, y, 2, level)?;
    let (fx, fy) = ((x.len() - 1) as f64, (y.len() - 1) as f64);
    let vx = sum_of_squares(x)? / fx / x.len() as f64;
    let vy = sum_of_squares(y)? / fy / y.len() as f64;
    let (mx, my) = (mean(x)?, mean(y)?);
    // In shares of the variance, so that no fourth power overflows.
    let (share_x, share_y) = (vx / (vx + vy), vy / (vx + vy));
    let df = (share_x * share_x / fx + share_y * share_y / fy).recip();
    let scale = mx.abs().max(my.abs());
    TTest::new((mx - my, 0.0), (vx + vy).sqrt(), df, scale, level)
}

/// The paired t-test of the mean of the differences x − y.
pub fn paired(x: &[f64], y: &[f64], level: f64) -> Result<TTest, StatsError> {
    StatsError::check_finite("x", x)?;
    StatsError::check_finite("y", y)?;
    if x.len() != y.len() {
        return Err(StatsError::SizeMismatch {
            what: "y",
            have: y.len(),
            need: x.len(),
        });
    }
    let differences: Vec<f64> = x.iter().zip(y).map(|(x, y)| x - y).collect();
    one_sample(&differences, 0.0, level)
}

/// The t-test of mean(x) against `null`.
pub fn one_sample(x: &[f64], null: f64, level: f64) -> Result<TTest, StatsError> {
    StatsError::check_level(level)?;
    StatsError::check_count("t-test", "values", 2, x.len())?;
    StatsError::check_finite("x", x)?;
    StatsError::check_finite("null value", &[null])?;
    let (n, centre) = (x.len() as f64, mean(x)?);
    let std_error = (sum_of_squares(x)? / (n - 1.0) / n).sqrt();
    TTest::new((centre, null), std_error, n - 1.0, centre.abs(), level)
}

fn check(
    what: &'static str,
    x: &[f64],
    y: &[f64],
    need: usize,
    level: f64,
) -> Result<(), StatsError> {
    StatsError::check_level(level)?;
    let of = if need == 1 {
        "value in each group"
    } else {
        "values in each group"
    };
    StatsError::check_count(what, of, need, x.len().min(y.len()))?;
    StatsError::check_finite("x", x)?;
    StatsError::check_finite("y", y)
}
