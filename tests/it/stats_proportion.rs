//! Intervals, ratios, standardised differences of categories and adjusted P values against R.

// Reference files hold counts as floats.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::adjust::{Adjustment, adjust};
use trialbook::stats::effect_size::{smd_binary, smd_categorical};
use trialbook::stats::interval::{
    Estimate, Proportion, clopper_pearson, difference_of_proportions, mean_interval, odds_ratio,
    risk_ratio, wilson,
};

use super::support::expected::{Data, Expected};

const METHODS: [(&str, Adjustment); 7] = [
    ("none", Adjustment::None),
    ("bonferroni", Adjustment::Bonferroni),
    ("holm", Adjustment::Holm),
    ("hochberg", Adjustment::Hochberg),
    ("hommel", Adjustment::Hommel),
    ("BH", Adjustment::BenjaminiHochberg),
    ("BY", Adjustment::BenjaminiYekutieli),
];

fn of(events: u64, total: u64) -> Proportion {
    Proportion::new(events, total).unwrap()
}

fn column(expected: &Expected, key: &str) -> Vec<u64> {
    let values = expected.list(key);
    values.iter().map(|value| *value as u64).collect()
}

fn pairs(expected: &Expected, case: &str) -> Vec<(Proportion, Proportion)> {
    let [x, n, y, m] = ["x", "n", "y", "m"].map(|name| column(expected, &format!("{case}.{name}")));
    let row = |i: usize| (of(x[i], n[i]), of(y[i], m[i]));
    (0..x.len()).map(row).collect()
}

#[test]
fn agrees_with_r() {
    let expected = Expected::load("proportion");
    single(&expected);
    compared(&expected);
    categories(&expected);
    means(&expected);
    adjusted(&expected);
    expected.finish();
}

fn single(expected: &Expected) {
    let (x, n) = (column(expected, "single.x"), column(expected, "single.n"));
    let levels = expected.list("single.level");
    let mut found = [const { Vec::new() }; 4];
    for ((x, n), level) in x.iter().zip(&n).zip(&levels) {
        let score = wilson(of(*x, *n), *level).unwrap();
        let exact = clopper_pearson(of(*x, *n), *level).unwrap();
        let limits = [score.low, score.high, exact.low, exact.high];
        for (values, limit) in found.iter_mut().zip(limits) {
            values.push(limit);
        }
    }
    let names = ["wilson_low", "wilson_high", "exact_low", "exact_high"];
    for (name, values) in names.iter().zip(&found) {
        expected.numbers(&format!("single.{name}"), values);
    }
}

fn compared(expected: &Expected) {
    let mut found = [const { Vec::new() }; 3];
    for (first, second) in pairs(expected, "pairs") {
        let difference = difference_of_proportions(first, second, 0.95).unwrap();
        found[0].push(difference.value);
        found[1].push(difference.interval.low);
        found[2].push(difference.interval.high);
    }
    for (name, values) in ["difference", "low", "high"].iter().zip(&found) {
        expected.numbers(&format!("pairs.{name}"), values);
    }
    let pairs = pairs(expected, "ratios");
    for (name, ratio) in [
        ("risk", risk_ratio as fn(_, _, _) -> Result<_, _>),
        ("odds", odds_ratio),
    ] {
        let ratios = pairs
            .iter()
            .map(|(first, second)| ratio(*first, *second, 0.95));
        let ratios: Vec<Estimate> = ratios.map(Result::unwrap).collect();
        let part = |part: fn(&Estimate) -> f64| ratios.iter().map(part).collect::<Vec<_>>();
        expected.numbers(&format!("ratios.{name}"), &part(|ratio| ratio.value));
        expected.numbers(
            &format!("ratios.{name}_low"),
            &part(|ratio| ratio.interval.low),
        );
        expected.numbers(
            &format!("ratios.{name}_high"),
            &part(|ratio| ratio.interval.high),
        );
    }
    let smd = pairs
        .iter()
        .map(|(first, second)| smd_binary(*first, *second));
    let smd: Vec<_> = smd.map(Result::unwrap).collect();
    expected.numbers("smd.binary", &smd);
}

fn categories(expected: &Expected) {
    for name in expected.keys("categorical") {
        let [a, b] = ["a", "b"].map(|part| column(expected, &format!("categorical.{name}.{part}")));
        let smd = smd_categorical(&a, &b).unwrap();
        expected.number(&format!("categorical.{name}.smd"), smd);
    }
}

fn means(expected: &Expected) {
    let btheb = Data::load("btheb");
    for (key, values, level) in [
        ("bdi_pre", btheb.present("bdi_pre"), 0.95),
        ("bdi_8m", btheb.present("bdi_8m"), 0.99),
        ("two", vec![1.0, 4.0], 0.95),
    ] {
        let mean = mean_interval(&values, level).unwrap();
        let found = [mean.value, mean.interval.low, mean.interval.high];
        expected.numbers(&format!("mean.{key}"), &found);
    }
}

fn adjusted(expected: &Expected) {
    for name in expected.keys("adjust") {
        let p_values = expected.list(&format!("adjust.{name}.p"));
        let p_values: Vec<_> = p_values
            .iter()
            .map(|p| (!p.is_nan()).then_some(*p))
            .collect();
        for (method, adjustment) in METHODS {
            let found = adjust(&p_values, adjustment).unwrap();
            let found: Vec<_> = found.iter().map(|p| p.unwrap_or(f64::NAN)).collect();
            expected.numbers(&format!("adjust.{name}.{method}"), &found);
        }
    }
}

/// Newcombe 1998 (Statistics in Medicine 17:873–890), table II, method 10, to the four digits printed there.
#[test]
fn agrees_with_newcombe() {
    for ((a, m, b, n), low, high) in [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ] {
        let found = difference_of_proportions(of(a, m), of(b, n), 0.95).unwrap();
        assert!(
            (found.interval.low - low).abs() < 5.1e-5,
            "{a}/{m} {b}/{n} {found:?}"
        );
        assert!(
            (found.interval.high - high).abs() < 5.1e-5,
            "{a}/{m} {b}/{n} {found:?}"
        );
    }
}

#[test]
fn what_is_undefined_says_why() {
    let text = |error: StatsError| error.to_string();
    assert_eq!(
        text(Proportion::new(0, 0).unwrap_err()),
        "proportion needs at least 1 observation; there are 0"
    );
    assert!(matches!(
        Proportion::new(3, 2),
        Err(StatsError::OutOfRange { .. })
    ));
    assert_eq!(
        text(risk_ratio(of(0, 5), of(2, 5), 0.95).unwrap_err()),
        "risk ratio is undefined: the first group has no events"
    );
    assert_eq!(
        text(risk_ratio(of(1, 5), of(0, 5), 0.95).unwrap_err()),
        "risk ratio is undefined: the second group has no events"
    );
    assert_eq!(
        text(odds_ratio(of(1, 5), of(5, 5), 0.95).unwrap_err()),
        "odds ratio is undefined: the second group has nobody without the event"
    );
    assert!(risk_ratio(of(5, 5), of(4, 4), 0.95).is_ok());
    assert!(wilson(of(1, 2), 1.0).is_err() && clopper_pearson(of(1, 2), f64::NAN).is_err());
    assert!(mean_interval(&[1.0], 0.95).is_err());
    assert_eq!(smd_binary(of(0, 3), of(0, 9)), Ok(0.0));
    assert_eq!(smd_binary(of(3, 3), of(9, 9)), Ok(0.0));
    assert!(smd_binary(of(3, 3), of(0, 9)).is_err());
    assert_eq!(smd_categorical(&[3, 0], &[7, 0]), Ok(0.0));
    assert_eq!(
        text(smd_categorical(&[3, 4, 0, 0], &[0, 0, 5, 6]).unwrap_err()),
        "standardised mean difference is undefined: no category occurs in both groups"
    );
    assert_eq!(
        text(smd_categorical(&[0, 0], &[5, 6]).unwrap_err()),
        "standardised mean difference needs at least 1 observation in each group; there are 0"
    );
    assert!(smd_categorical(&[1], &[5, 6]).is_err() && smd_categorical(&[], &[]).is_err());
    for bad in [-0.1, 1.1, f64::NAN] {
        assert!(adjust(&[Some(0.1), Some(bad)], Adjustment::Holm).is_err());
    }
    for (_, method) in METHODS {
        assert_eq!(adjust(&[], method), Ok(vec![]));
        assert_eq!(adjust(&[None, None], method), Ok(vec![None, None]));
    }
}

#[test]
fn two_categories_are_a_proportion() {
    let categorical = smd_categorical(&[12, 88], &[25, 65]).unwrap();
    let binary = smd_binary(of(12, 100), of(25, 90)).unwrap();
    assert!((categorical - binary.abs()).abs() < 1e-14);
}

proptest! {
    #[test]
    fn adjusted_p_values_keep_order_and_are_never_smaller(p in prop::collection::vec(prop::option::weighted(0.9, 0.0..=1.0_f64), 0..30)) {
        for (_, method) in METHODS {
            let adjusted = adjust(&p, method).unwrap();
            prop_assert_eq!(adjusted.len(), p.len());
            for (one, after) in p.iter().zip(&adjusted) {
                prop_assert_eq!(one.is_some(), after.is_some());
                prop_assert!(after >= one && after.is_none_or(|p| p <= 1.0));
            }
            for (one, one_after) in p.iter().zip(&adjusted) {
                for (other, other_after) in p.iter().zip(&adjusted) {
                    if one.is_some() && other.is_some() && one <= other {
                        prop_assert!(one_after <= other_after);
                    }
                }
            }
        }
    }

    #[test]
    fn stronger_methods_are_never_weaker(p in prop::collection::vec((0.0..=1.0_f64).prop_map(Some), 1..25)) {
        let of = |method| adjust(&p, method).unwrap();
        let [bonferroni, holm, hochberg, hommel] = [Adjustment::Bonferroni, Adjustment::Holm, Adjustment::Hochberg, Adjustment::Hommel].map(of);
        for i in 0..p.len() {
            let [a, b, c, d] = [&bonferroni, &holm, &hochberg, &hommel].map(|p| p[i].unwrap());
            prop_assert!(a >= b - 1e-15 && b >= c - 1e-15 && c >= d - 1e-15);
        }
    }

    #[test]
    fn intervals_hold_their_estimates(events in 0..60_u64, others in 0..60_u64, other_events in 0..60_u64, level in 0.5..0.999_f64) {
        prop_assume!(events + others > 0);
        let first = of(events, events + others);
        let second = of(other_events, 60);
        for interval in [wilson(first, level).unwrap(), clopper_pearson(first, level).unwrap()] {
            prop_assert!(0.0 <= interval.low && interval.low <= first.value() + 1e-15);
            prop_assert!(first.value() - 1e-15 <= interval.high && interval.high <= 1.0);
        }
        let estimates = [difference_of_proportions(first, second, level), risk_ratio(first, second, level), odds_ratio(first, second, level)];
        for estimate in estimates.into_iter().flatten() {
            prop_assert!(estimate.interval.low <= estimate.value && estimate.value <= estimate.interval.high);
        }
    }
}
