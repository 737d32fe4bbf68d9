//! Summaries against R, and their invariants.

use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::summary::{
    QuantileType, Summary, max, mean, median, min, quantile, quantiles, sd, standard_error, sum,
    variance,
};

use super::support::expected::{Data, Expected};

fn samples(expected: &Expected) -> Vec<(&'static str, Vec<f64>)> {
    let listed = |name| (name, expected.list(&format!("data.{name}")));
    let mut samples: Vec<_> = [
        "one",
        "two",
        "constant",
        "ties",
        "wide",
        "cancelling",
        "offset",
    ]
    .map(listed)
    .into();
    let btheb = Data::load("btheb");
    samples.push(("bdi", btheb.present("bdi_pre")));
    samples.push(("bdi8m", btheb.present("bdi_8m")));
    let large = (1..=100_000_u64).map(|i| (i * 7919 % 100_003) as f64 / 8.0);
    samples.push(("large", large.collect()));
    samples
}

#[test]
fn agrees_with_r() {
    let expected = Expected::load("summary");
    let probabilities = expected.list("data.probabilities");
    for (name, values) in samples(&expected) {
        let key = |stat: &str| format!("{name}.{stat}");
        expected.number(&key("n"), values.len() as f64);
        expected.number(&key("sum"), sum(&values).unwrap());
        expected.number(&key("mean"), mean(&values).unwrap());
        expected.number(&key("min"), min(&values).unwrap());
        expected.number(&key("max"), max(&values).unwrap());
        expected.number(&key("median"), median(&values).unwrap());
        if name != "one" && name != "wide" {
            expected.number(&key("sd"), sd(&values).unwrap());
        }
        for number in 1..=9 {
            let kind = QuantileType::from_number(number).unwrap();
            assert_eq!(kind.number(), number);
            let found = quantiles(&values, &probabilities, kind).unwrap();
            expected.numbers(&key(&format!("type{number}")), &found);
        }
    }
    expected.finish();
}

#[test]
fn what_is_undefined_says_why() {
    assert_eq!(
        sd(&[1.0]).unwrap_err().to_string(),
        "sd needs at least 2 values; there is 1"
    );
    assert_eq!(
        standard_error(&[]).unwrap_err().to_string(),
        "standard error needs at least 2 values; there are 0"
    );
    assert_eq!(
        mean(&[]).unwrap_err().to_string(),
        "mean needs at least 1 value; there are 0"
    );
    assert_eq!(
        mean(&[1.0, f64::NAN]).unwrap_err().to_string(),
        "value 2 of values is not a finite number"
    );
    assert_eq!(
        quantile(&[1.0], 1.5, QuantileType::Linear)
            .unwrap_err()
            .to_string(),
        "probability is 1.5, but must be from 0 to 1"
    );
    assert!(quantile(&[1.0], f64::NAN, QuantileType::Linear).is_err());
    assert_eq!(sum(&[]), Ok(0.0));
    assert!(matches!(
        sum(&[f64::MAX, f64::MAX]),
        Err(StatsError::Degenerate { .. })
    ));
    assert!(matches!(
        variance(&[1e300, -1e300]),
        Err(StatsError::Degenerate { .. })
    ));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for statistic in [sum, mean, sd, min, max, median] {
            assert_eq!(
                statistic(&[0.0, 1.0, bad]),
                Err(StatsError::NotFinite {
                    what: "values",
                    index: 2
                })
            );
        }
    }
}

#[test]
fn a_summary_counts_what_is_missing() {
    let summary = Summary::of(&[Some(1.0), None, None], QuantileType::default()).unwrap();
    assert_eq!((summary.n, summary.n_missing), (1, 2));
    assert_eq!(summary.mean, Ok(1.0));
    assert!(matches!(summary.sd, Err(StatsError::TooFew { .. })));
    let empty = Summary::of(&[None], QuantileType::default()).unwrap();
    assert!(empty.mean.is_err() && empty.median.is_err() && empty.min.is_err());
    let bad = Summary::of(&[None, Some(f64::INFINITY)], QuantileType::default());
    assert_eq!(
        bad,
        Err(StatsError::NotFinite {
            what: "values",
            index: 1
        })
    );
}

#[test]
fn a_constant_column_has_no_spread() {
    for n in [2_usize, 3, 7, 10, 1000] {
        let values = vec![0.1; n];
        assert_eq!(mean(&values), Ok(0.1));
        assert_eq!(sd(&values), Ok(0.0));
    }
}

proptest! {
    #[test]
    fn order_does_not_matter(mut values in prop::collection::vec(-1e6..1e6_f64, 2..60), p in 0.0..=1.0_f64) {
        let (before_mean, before_sd) = (mean(&values).unwrap(), sd(&values).unwrap());
        let before = quantile(&values, p, QuantileType::Linear).unwrap();
        values.reverse();
        prop_assert!((mean(&values).unwrap() - before_mean).abs() <= 1e-9);
        prop_assert!((sd(&values).unwrap() - before_sd).abs() <= 1e-9 * before_sd.max(1.0));
        prop_assert_eq!(quantile(&values, p, QuantileType::Linear).unwrap(), before);
    }

    #[test]
    fn quantiles_rise_and_stay_within_the_sample(
        values in prop::collection::vec(-1e3..1e3_f64, 1..40),
        p in 0.0..=1.0_f64, q in 0.0..=1.0_f64, number in 1..=9_u8,
    ) {
        let kind = QuantileType::from_number(number).unwrap();
        let found = quantiles(&values, &[p.min(q), p.max(q)], kind).unwrap();
        prop_assert!(found[0] <= found[1] + 1e-12 * found[1].abs());
        prop_assert!(found[0] >= min(&values).unwrap() && found[1] <= max(&values).unwrap());
    }
}
