//! The noncentral t distribution and standardised effects against R.

use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::distribution::{Distribution, NoncentralT, StudentT, Tail};
use trialbook::stats::interval::Interval;
use trialbook::stats::standardised::{StandardisedDifference, growth_effect, independent, paired};

use super::support::expected::Expected;

fn compare(expected: &Expected, key: &str, found: &StandardisedDifference) {
    expected.number(&format!("{key}.d"), found.d);
    expected.number(&format!("{key}.g"), found.g);
    expected.number(&format!("{key}.low"), found.interval.low);
    expected.number(&format!("{key}.high"), found.interval.high);
}

#[test]
fn noncentral_t_and_effect_sizes_agree_with_r() {
    let expected = Expected::load("standardised");
    let points = |case: &str, first: &str| -> Vec<(f64, NoncentralT)> {
        let list = |name: &str| expected.list(&format!("{case}.{name}"));
        let parameters = list("df").into_iter().zip(list("delta"));
        let of = |(df, delta)| NoncentralT::new(df, delta).unwrap();
        list(first).into_iter().zip(parameters.map(of)).collect()
    };
    let tails: Vec<_> = points("both", "t")
        .iter()
        .map(|(t, d)| d.tails(*t))
        .collect();
    expected.numbers(
        "both.lower",
        &tails.iter().map(|t| t.lower).collect::<Vec<_>>(),
    );
    expected.numbers(
        "both.upper",
        &tails.iter().map(|t| t.upper).collect::<Vec<_>>(),
    );
    let lower: Vec<f64> = points("r", "t").iter().map(|(t, d)| d.cdf(*t)).collect();
    expected.numbers("r.lower", &lower);
    let quantiles = points("quantile", "p").into_iter();
    let found: Vec<f64> = quantiles.map(|(p, d)| d.quantile(p).unwrap()).collect();
    expected.numbers("quantile.t", &found);
    for case in expected.keys("independent") {
        let key = format!("independent.{case}");
        let list = |name: &str| expected.list(&format!("{key}.{name}"));
        compare(
            &expected,
            &key,
            &independent(&list("x"), &list("y"), 0.95).unwrap(),
        );
    }
    for case in expected.keys("paired") {
        let key = format!("paired.{case}");
        let list = |name: &str| expected.list(&format!("{key}.{name}"));
        let found = paired(&list("before"), &list("after"), 0.95).unwrap();
        compare(&expected, &format!("{key}.z"), &found.d_z);
        compare(&expected, &format!("{key}.av"), &found.d_av);
    }
    expected.finish();
}

#[test]
fn without_noncentrality_it_is_students() {
    for df in [1.0, 4.5, 1e6] {
        let (ours, student) = (
            NoncentralT::new(df, 0.0).unwrap(),
            StudentT::new(df).unwrap(),
        );
        for t in [-30.0, -1.0, 0.0, 0.4, 2.0, 12.0] {
            let ratio = ours.tails(t).upper / student.tails(t).upper;
            assert!((ratio - 1.0).abs() < 1e-12, "{df} {t}");
            assert!(
                (ours.density(t) / student.density(t) - 1.0).abs() < 1e-11,
                "{df} {t}"
            );
        }
    }
    let normal = NoncentralT::new(f64::INFINITY, 2.0).unwrap();
    assert!((normal.cdf(2.0) - 0.5).abs() < 1e-15);
    assert_eq!(
        (normal.cdf(f64::NEG_INFINITY), normal.upper(f64::INFINITY)),
        (0.0, 0.0)
    );
    assert!(normal.cdf(f64::NAN).is_nan());
}

#[test]
fn what_is_out_of_range_is_an_error() {
    for (df, delta) in [
        (0.0, 1.0),
        (f64::NAN, 1.0),
        (-1.0, 1.0),
        (3.0, 1001.0),
        (3.0, f64::NAN),
    ] {
        let found = NoncentralT::new(df, delta);
        assert!(matches!(found, Err(StatsError::OutOfRange { .. })));
    }
    let limit = |t, p| NoncentralT::noncentrality_limit(5.0, t, Tail::Upper, p);
    assert!(
        limit(f64::NAN, 0.025).is_err() && limit(1.0, 0.0).is_err() && limit(1.0, 1.0).is_err()
    );
    assert!(limit(1e6, 0.025).is_err());
    let (x, y) = ([1.0, 2.0, 4.0], [2.0, 2.5, 7.0]);
    assert!(independent(&x, &[1.0], 0.95).is_err() && paired(&x, &y[..2], 0.95).is_err());
    assert!(independent(&x, &y, 0.0).is_err() && paired(&x, &y, f64::NAN).is_err());
    assert!(paired(&[], &[], 0.95).is_err() && paired(&x, &[f64::NAN; 3], 0.95).is_err());
    // Everyone changes by the same: no spread to measure in.
    assert!(paired(&x, &[2.0, 3.0, 5.0], 0.95).is_err());
    assert!(independent(&[1.0, 1.0], &[1.0, 1.0], 0.95).is_err());
    let interval = Interval {
        low: 0.1,
        high: 0.3,
        level: 0.95,
    };
    let (d, scaled) = growth_effect(0.2, interval, 8.0, 4.0).unwrap();
    assert!((d - 0.4).abs() < 1e-15 && (scaled.low - 0.2).abs() < 1e-15);
    for (duration, sd) in [
        (0.0, 1.0),
        (1.0, 0.0),
        (f64::NAN, 1.0),
        (1.0, f64::INFINITY),
    ] {
        assert!(growth_effect(0.2, interval, duration, sd).is_err());
    }
    assert!(growth_effect(f64::NAN, interval, 1.0, 1.0).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn limits_and_quantiles_invert(t in -20.0..20.0_f64, df in 1.0..200.0_f64, p in 0.001..0.999_f64) {
        let delta = NoncentralT::noncentrality_limit(df, t, Tail::Upper, p).unwrap();
        let distribution = NoncentralT::new(df, delta).unwrap();
        prop_assert!((distribution.upper(t) / p - 1.0).abs() < 1e-9);
        let quantile = distribution.upper_quantile(p).unwrap();
        prop_assert!((quantile - t).abs() < 1e-8 * t.abs().max(1.0));
        let mirrored = NoncentralT::new(df, -delta).unwrap();
        prop_assert!((mirrored.cdf(-t) / distribution.upper(t) - 1.0).abs() < 1e-12);
    }
}
