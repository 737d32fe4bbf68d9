//! The studentised range against exact values and R, and its invariants.

// Reference files hold counts as floats.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::distribution::{Distribution, Normal, StudentT, StudentizedRange};

use super::support::expected::Expected;

/// Compares the tails of a grid.
fn compare(expected: &Expected, case: &str, tails: &[&str]) {
    let list = |name: &str| expected.list(&format!("{case}.{name}"));
    let points = list("q").into_iter().zip(list("k")).zip(list("df"));
    let found: Vec<_> = points
        .map(|((q, k), df)| StudentizedRange::new(k as u32, df).unwrap().tails(q))
        .collect();
    for tail in tails {
        let values: Vec<f64> = found
            .iter()
            .map(|tails| {
                if *tail == "lower" {
                    tails.lower
                } else {
                    tails.upper
                }
            })
            .collect();
        expected.numbers(&format!("{case}.{tail}"), &values);
    }
}

#[test]
fn both_tails_are_exact() {
    let expected = Expected::load("studentized_range_exact");
    compare(&expected, "range", &["lower", "upper"]);
    expected.finish();
    // 200 means, 2 degrees of freedom, by mpmath's adaptive quadrature in 18 digits; R: 0.435300649.
    let many = StudentizedRange::new(200, 2.0).unwrap().tails(6.0);
    assert!((many.lower / 0.435_300_742_947_397_2 - 1.0).abs() < 1e-13);
    assert!((many.upper / 0.564_699_257_052_602_8 - 1.0).abs() < 1e-13);
}

#[test]
fn r_agrees_where_it_is_right() {
    let expected = Expected::load("studentized_range");
    compare(&expected, "few", &["lower", "upper"]);
    compare(&expected, "many", &["lower", "upper"]);
    compare(&expected, "two", &["upper"]);
    let list = |name: &str| expected.list(&format!("quantile.{name}"));
    let points = list("p").into_iter().zip(list("k")).zip(list("df"));
    let found: Vec<f64> = points
        .map(|((p, k), df)| {
            let range = StudentizedRange::new(k as u32, df).unwrap();
            range.upper_quantile(p).unwrap()
        })
        .collect();
    expected.numbers("quantile.upper", &found);
    expected.finish();
}

#[test]
fn quantiles_of_exact_probabilities_are_exact() {
    let expected = Expected::load("studentized_range_exact");
    let list = |name: &str| expected.list(&format!("range.{name}"));
    let (q, k, df, upper) = (list("q"), list("k"), list("df"), list("upper"));
    // A few of them, for time.
    for row in (0..q.len()).step_by(7) {
        let range = StudentizedRange::new(k[row] as u32, df[row]).unwrap();
        let found = range.upper_quantile(upper[row]).unwrap();
        assert!((found / q[row] - 1.0).abs() < 1e-12, "{row}: {found}");
    }
    std::mem::forget(expected);
}

fn student(df: f64) -> StudentT {
    StudentT::new(df.min(1e15)).unwrap()
}

#[test]
fn far_tails_and_ends_hold() {
    for df in [1.0, 7.5, 1e5, 1e12, f64::INFINITY] {
        let two = StudentizedRange::new(2, df).unwrap();
        assert_eq!((two.cdf(0.0), two.upper(f64::INFINITY)), (0.0, 0.0));
        assert_eq!((two.cdf(-1.0), two.cdf(f64::INFINITY)), (0.0, 1.0));
        assert!(two.cdf(f64::NAN).is_nan());
        // The density of |T| near 0.
        let tiny = two.cdf(1e-9) / (2.0_f64.sqrt() * 1e-9 * student(df).density(0.0));
        assert!((tiny - 1.0).abs() < 1e-9, "{df}: {tiny}");
        // √2 times Student's t, far out.
        for t in [8.0, 20.0] {
            let exact = if df.is_infinite() {
                Normal.two_sided(t)
            } else {
                student(df).two_sided(t)
            };
            let ratio = two.upper(t * 2.0_f64.sqrt()) / exact;
            assert!((ratio - 1.0).abs() < 1e-11, "{df} {t}: {ratio}");
        }
    }
    let many = StudentizedRange::new(1000, 0.1).unwrap();
    for q in [1e-300, 1e-3, 1.0, 1e3, 1e300] {
        let tails = many.tails(q);
        assert!((tails.lower + tails.upper - 1.0).abs() < 1e-14, "{q}");
    }
    let three = StudentizedRange::new(3, 4.0).unwrap();
    assert_eq!(three.quantile(0.0), Ok(0.0));
    assert_eq!(three.upper_quantile(0.0), Ok(f64::INFINITY));
    assert_eq!(three.density(-1.0), 0.0);
    let difference = (three.cdf(2.001) - three.cdf(1.999)) / 0.002;
    assert!((three.density(2.0) - difference).abs() < 1e-6);
}

#[test]
fn what_is_no_range_is_an_error() {
    for (groups, df) in [(0, 5.0), (1, 5.0), (1001, 5.0)] {
        let found = StudentizedRange::new(groups, df);
        assert!(matches!(found, Err(StatsError::OutOfRange { .. })));
    }
    for df in [f64::NAN, 0.0, -1.0, 0.05, f64::NEG_INFINITY] {
        assert!(StudentizedRange::new(3, df).is_err());
    }
    let three = StudentizedRange::new(3, 5.0).unwrap();
    for p in [f64::NAN, -0.1, 1.1] {
        assert!(three.quantile(p).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_quantile_inverts(k in 2..60_u32, df in 1.0..300.0_f64, p in 1e-8..0.99_f64) {
        let range = StudentizedRange::new(k, df).unwrap();
        let q = range.upper_quantile(p).unwrap();
        prop_assert!((range.upper(q) / p - 1.0).abs() < 1e-11);
    }

    #[test]
    fn more_means_or_fewer_df_widen_the_range(k in 2..150_u32, df in 1.0..500.0_f64, q in 0.5..12.0_f64) {
        let range = StudentizedRange::new(k, df).unwrap();
        let wider = StudentizedRange::new(k + 1, df).unwrap();
        prop_assert!(wider.upper(q) >= range.upper(q) * (1.0 - 1e-13));
        prop_assert!(range.upper(q * 1.01) <= range.upper(q));
        // Bonferroni's bound over all pairs.
        let pairs = f64::from(k * (k - 1)) / 2.0;
        let each = StudentT::new(df).unwrap().two_sided(q / 2.0_f64.sqrt());
        prop_assert!(range.upper(q) <= pairs * each * (1.0 + 1e-12));
    }
}
