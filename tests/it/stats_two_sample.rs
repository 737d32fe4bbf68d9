//! Tests of two samples against R, and their invariants.

use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::effect_size::{cohen_d, hedges_g, smd_continuous};
use trialbook::stats::rank_test::{
    RankMethod, RankMethodUsed, mann_whitney, paired_signed_rank, signed_rank,
};
use trialbook::stats::t_test::{TTest, one_sample, paired, student, welch};

use super::support::expected::{Data, Expected};

const PLAIN: RankMethod = RankMethod::Normal { continuity: false };
const CORRECTED: RankMethod = RankMethod::Normal { continuity: true };

fn formula(n: u64, a: u64, b: u64) -> Vec<f64> {
    (1..=n).map(|i| (i * a % b) as f64 / 8.0).collect()
}

fn samples(expected: &Expected) -> Vec<(&'static str, Vec<f64>, Vec<f64>)> {
    let btheb = Data::load("btheb");
    let arm = |column, arm| btheb.present_where(column, "treatment", arm);
    let of = |name, column| (name, arm(column, "BtheB"), arm(column, "TAU"));
    let mut samples = vec![of("bdi3m", "bdi_3m"), of("bdi8m", "bdi_8m")];
    for name in ["normal", "apart", "skewed", "ties", "smallest", "offset"] {
        let part = |part| expected.list(&format!("data.{name}.{part}"));
        samples.push((name, part("x"), part("y")));
    }
    let large = (formula(1500, 7919, 10007), formula(1200, 104_729, 10009));
    samples.push(("large", large.0, large.1));
    samples
}

fn compare_t(expected: &Expected, key: &str, test: &TTest) {
    expected.number(&format!("{key}.estimate"), test.estimate);
    expected.number(&format!("{key}.std_error"), test.std_error);
    expected.number(&format!("{key}.df"), test.df);
    expected.number(&format!("{key}.statistic"), test.statistic);
    expected.number(&format!("{key}.p"), test.p_value);
    let interval = [test.interval.low, test.interval.high];
    expected.numbers(&format!("{key}.interval"), &interval);
}

#[test]
fn agrees_with_r() {
    let expected = Expected::load("two_sample");
    for (name, x, y) in samples(&expected) {
        let key = |test: &str| format!("{name}.{test}");
        let k = x.len().min(y.len());
        compare_t(&expected, &key("student"), &student(&x, &y, 0.95).unwrap());
        compare_t(&expected, &key("welch"), &welch(&x, &y, 0.9).unwrap());
        let test = paired(&x[..k], &y[..k], 0.99).unwrap();
        compare_t(&expected, &key("paired"), &test);
        compare_t(
            &expected,
            &key("one_sample"),
            &one_sample(&x, 2.0, 0.95).unwrap(),
        );
        expected.number(&key("effect.smd"), smd_continuous(&x, &y).unwrap());
        expected.number(&key("effect.cohen"), cohen_d(&x, &y).unwrap());
        expected.number(&key("effect.hedges"), hedges_g(&x, &y).unwrap());
        for (kind, method) in [
            ("normal", CORRECTED),
            ("plain", PLAIN),
            ("exact", RankMethod::Exact),
        ] {
            rank_sum(&expected, &key(&format!("rank_{kind}")), (&x, &y), method);
            let sides = (&x[..k], &y[..k]);
            signed(&expected, &key(&format!("signed_{kind}")), sides, method);
        }
    }
    expected.finish();
}

fn rank_sum(expected: &Expected, key: &str, (x, y): (&[f64], &[f64]), method: RankMethod) {
    if !expected.has(key) {
        return;
    }
    let test = mann_whitney(x, y, method, 0.95).unwrap();
    expected.number(&format!("{key}.statistic"), test.statistic);
    expected.number(&format!("{key}.p"), test.p_value);
    expected.number(&format!("{key}.estimate"), test.estimate);
    let interval = test.interval.unwrap();
    expected.numbers(&format!("{key}.interval"), &[interval.low, interval.high]);
}

fn signed(expected: &Expected, key: &str, (x, y): (&[f64], &[f64]), method: RankMethod) {
    if !expected.has(key) {
        return;
    }
    let test = paired_signed_rank(x, y, method, 0.95).unwrap();
    expected.number(&format!("{key}.statistic"), test.statistic);
    expected.number(&format!("{key}.p"), test.p_value);
    expected.number(&format!("{key}.estimate"), test.estimate);
    let interval = test.interval.unwrap();
    expected.numbers(&format!("{key}.interval"), &[interval.low, interval.high]);
}

#[test]
fn the_method_is_chosen_as_r_does() {
    let method = |x: &[f64], y: &[f64]| {
        let test = mann_whitney(x, y, RankMethod::Auto, 0.95).unwrap();
        test.method
    };
    let normal = RankMethodUsed::Normal { continuity: true };
    assert_eq!(method(&[1.0, 2.0], &[3.0, 4.0]), RankMethodUsed::Exact);
    assert_eq!(method(&[1.0, 2.0], &[2.0, 4.0]), normal);
    let long: Vec<f64> = (0..50_u32).map(f64::from).collect();
    assert_eq!(method(&long, &[0.5]), normal);
    assert_eq!(method(&long[..49], &[0.5]), RankMethodUsed::Exact);
    let ties = mann_whitney(&[1.0, 2.0], &[2.0], RankMethod::Exact, 0.95);
    assert!(matches!(ties, Err(StatsError::Degenerate { .. })));
    let zero = signed_rank(&[0.0, 1.0, 2.0], RankMethod::Auto, 0.5).unwrap();
    assert_eq!((zero.method, zero.n), (normal, 2));
}

#[test]
fn what_cannot_be_tested_says_why() {
    let text = |error: StatsError| error.to_string();
    assert_eq!(
        text(welch(&[1.0], &[1.0, 2.0], 0.95).unwrap_err()),
        "Welch t-test needs at least 2 values in each group; there is 1"
    );
    assert_eq!(
        text(student(&[], &[1.0, 2.0], 0.95).unwrap_err()),
        "Student t-test needs at least 1 value in each group; there are 0"
    );
    assert!(student(&[1.0], &[2.0, 4.0], 0.95).is_ok());
    assert_eq!(
        text(student(&[3.0; 4], &[3.0; 5], 0.95).unwrap_err()),
        "t-test is undefined: the values do not vary"
    );
    assert!(welch(&[3.0; 4], &[5.0; 5], 0.95).is_err());
    assert!(paired(&[1.0, 2.0], &[2.0, 3.0], 0.95).is_err());
    assert!(matches!(
        paired(&[1.0, 2.0], &[2.0], 0.95),
        Err(StatsError::SizeMismatch { .. })
    ));
    for level in [0.0, 1.0, -3.0, f64::NAN] {
        assert!(welch(&[1.0, 2.0], &[3.0, 5.0], level).is_err());
        assert!(mann_whitney(&[1.0], &[3.0], RankMethod::Auto, level).is_err());
    }
    let equal = mann_whitney(&[1.0; 5], &[1.0; 4], RankMethod::Auto, 0.95);
    assert_eq!(
        text(equal.unwrap_err()),
        "Mann–Whitney test is undefined: all values are equal"
    );
    let few = mann_whitney(&[1.0, 2.0], &[4.0, 8.0], RankMethod::Auto, 0.95).unwrap();
    assert_eq!(few.estimate, -4.5);
    assert!(few.interval.is_err(), "two and two never reach 95%");
    assert!(signed_rank(&[0.0, 0.0], RankMethod::Auto, 0.95).is_err());
    let huge = [1e308, -1e308, 1e308];
    for result in [student(&huge, &[0.0, 1.0], 0.95), welch(&huge, &huge, 0.95)] {
        assert!(matches!(result, Err(StatsError::Degenerate { .. })));
    }
    assert!(mann_whitney(&[1e308; 3], &[-1e308; 4], CORRECTED, 0.95).is_err());
    let tiny = student(&[1e-200, 2e-200], &[3e-200, 4e-200], 0.95);
    assert!(matches!(tiny, Err(StatsError::Degenerate { .. })));
    assert!(welch(&[1.0, f64::NAN], &[3.0, 5.0], 0.95).is_err());
    assert!(mann_whitney(&[1.0, f64::INFINITY], &[3.0, 5.0], RankMethod::Auto, 0.95).is_err());
}

#[test]
fn constant_groups_differ_by_nothing_or_beyond_measure() {
    assert_eq!(smd_continuous(&[2.0; 3], &[2.0; 4]), Ok(0.0));
    assert_eq!(
        smd_continuous(&[2.0; 3], &[3.0; 4])
            .unwrap_err()
            .to_string(),
        "standardised mean difference is undefined: the groups differ, but the values within them do not vary"
    );
    assert!(matches!(
        smd_continuous(&[2.0], &[3.0, 4.0]),
        Err(StatsError::TooFew { .. })
    ));
}

/// Values on a grid, so that ties occur.
fn grid(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-40..40_i32).prop_map(|v| f64::from(v) / 4.0), size)
}

proptest! {
    #[test]
    fn p_values_are_probabilities_and_order_does_not_matter(mut x in grid(3..30), mut y in grid(3..30)) {
        let tests = |x: &[f64], y: &[f64]| {
            let t = [student(x, y, 0.95), welch(x, y, 0.95)].map(|t| t.ok().map(|t| t.p_value));
            let rank = [RankMethod::Auto, CORRECTED, PLAIN].map(|method| mann_whitney(x, y, method, 0.95).ok().map(|t| t.p_value));
            let signed = [signed_rank(x, RankMethod::Auto, 0.95).ok().map(|t| t.p_value)];
            [t.to_vec(), rank.to_vec(), signed.to_vec()].concat()
        };
        let before = tests(&x, &y);
        x.reverse();
        y.rotate_left(1);
        for (before, after) in before.iter().zip(tests(&x, &y)) {
            prop_assert_eq!(before.is_some(), after.is_some());
            if let (Some(before), Some(after)) = (before, after) {
                prop_assert!((0.0..=1.0).contains(before));
                prop_assert!((before - after).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn exchanging_the_samples_mirrors_the_result(x in grid(4..25), y in grid(4..25)) {
        if let (Ok(one), Ok(other)) = (
            mann_whitney(&x, &y, RankMethod::Auto, 0.8),
            mann_whitney(&y, &x, RankMethod::Auto, 0.8),
        ) {
            prop_assert_eq!(one.p_value, other.p_value);
            prop_assert_eq!(one.estimate, -other.estimate);
            if let (Ok(one), Ok(other)) = (one.interval, other.interval) {
                prop_assert_eq!((one.low, one.high), (-other.high, -other.low));
            }
        }
    }

    #[test]
    fn the_shift_is_the_median_of_all_differences(x in grid(1..20), y in grid(1..20)) {
        let mut all: Vec<f64> = x.iter().flat_map(|x| y.iter().map(move |y| x - y)).collect();
        all.sort_by(f64::total_cmp);
        let (below, above) = (all[(all.len() - 1) / 2], all[all.len() / 2]);
        if let Ok(test) = mann_whitney(&x, &y, RankMethod::Auto, 0.95) {
            prop_assert_eq!(test.estimate, f64::midpoint(below, above));
            if let Ok(interval) = test.interval {
                prop_assert!(interval.low <= test.estimate && test.estimate <= interval.high);
            }
        }
    }
}
