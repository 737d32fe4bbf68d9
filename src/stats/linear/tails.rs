//! The tails of the t and F distributions that tests need.

use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};

/// P(|T| ≥ |t|).
pub(super) fn t_two_sided(t: f64, df: f64) -> f64 {
    StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |distribution| {
        (2.0 * distribution.sf(t.abs())).min(1.0)
    })
}

/// The quantile of the t distribution.
pub(super) fn t_quantile(probability: f64, df: f64) -> f64 {
    StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |distribution| {
        distribution.inverse_cdf(probability)
    })
}

/// P(F ≥ f).
pub(super) fn f_upper(f: f64, df1: f64, df2: f64) -> f64 {
    FisherSnedecor::new(df1, df2).map_or(f64::NAN, |distribution| distribution.sf(f))
}
