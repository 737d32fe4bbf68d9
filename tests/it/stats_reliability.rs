//! Reliability, reliable change and Little's test against R.

use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::missingness::{CovarianceKind, little_mcar};
use trialbook::stats::reliability::{cronbach_alpha, mcdonald_omega};
use trialbook::stats::reliable_change::{
    Change, ChangeScale, Criteria, CutOffs, Population, Start, Worsening,
};

use super::support::expected::{Data, Expected};

fn items(expected: &Expected, case: &str) -> Vec<Vec<f64>> {
    let all = expected.list(&format!("alpha.{case}.items"));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let count = expected.get(&format!("alpha.{case}.count")) as usize;
    all.chunks(all.len() / count).map(<[f64]>::to_vec).collect()
}

fn columns(case: &str) -> Vec<Vec<Option<f64>>> {
    let data = Data::load(case);
    let names = data.names();
    let wanted = names
        .iter()
        .filter(|name| case != "btheb" || name.starts_with("bdi"));
    wanted.map(|name| data.numbers(name)).collect()
}

#[test]
fn reliability_is_that_of_psych() {
    let expected = Expected::load("reliability");
    for case in expected.keys("alpha") {
        let key = |name: &str| format!("alpha.{case}.{name}");
        let found = cronbach_alpha(&items(&expected, &case), 0.95).unwrap();
        expected.number(&key("alpha"), found.alpha);
        expected.numbers(&key("feldt"), &[found.feldt.low, found.feldt.high]);
        expected.number(&key("se"), found.std_error);
        let width = (found.duhachek.high - found.alpha) / found.std_error;
        assert!((width - 1.959_963_984_540_054).abs() < 1e-12);
    }
    for case in expected.keys("omega") {
        let key = |name: &str| format!("omega.{case}.{name}");
        let found = mcdonald_omega(&items(&expected, &case)).unwrap();
        expected.number(&key("psych"), found.omega);
        expected.number(&key("omega"), found.omega);
        expected.numbers(&key("loadings"), &found.loadings);
        expected.number(&key("residual"), found.residual);
    }
    for case in expected.keys("mcar") {
        let key = |name: &str| format!("mcar.{case}.{name}");
        let columns = columns(&case);
        let found = little_mcar(&columns, CovarianceKind::MaximumLikelihood).unwrap();
        expected.number(&key("statistic"), found.statistic);
        expected.number(&key("df"), found.df);
        expected.number(&key("p"), found.p_value);
        expected.number(&key("patterns"), found.patterns as f64);
        expected.number(&key("rows"), found.rows as f64);
        expected.numbers(&key("means"), &found.means);
        expected.numbers(&key("covariance"), found.covariance.as_slice());
        let unbiased = little_mcar(&columns, CovarianceKind::Unbiased).unwrap();
        expected.number(&key("unbiased"), unbiased.statistic);
    }
    let (sd, reliability) = (
        expected.get("change.sd"),
        expected.get("change.reliability"),
    );
    let scale = ChangeScale::new(sd, reliability, false).unwrap();
    let pairs = expected
        .list("change.before")
        .into_iter()
        .zip(expected.list("change.after"));
    let found: Vec<f64> = pairs.map(|(a, b)| scale.index(a, b).unwrap()).collect();
    expected.numbers("change.index", &found);
    let dysfunctional = Population { mean: 28.0, sd };
    let functional = Population { mean: 9.0, sd: 6.0 };
    let cut_offs = CutOffs::new(dysfunctional, functional).unwrap();
    expected.numbers("change.cut_offs", &[cut_offs.a, cut_offs.b, cut_offs.c]);
    expected.finish();
}

#[test]
fn changes_fall_into_four_categories() {
    // The standard error of a difference is 7.5 √(2 · 0.2) = 4.74, the critical difference 9.30.
    let scale = ChangeScale::new(7.5, 0.8, false).unwrap();
    let usual = Criteria::new(17.0, 1.96);
    let classify = |before, after| scale.classify(before, after, &usual).unwrap();
    assert_eq!(classify(30.0, 12.0), Change::Recovered);
    assert_eq!(classify(30.0, 17.0), Change::Improved);
    assert_eq!(classify(30.0, 20.0), Change::Improved);
    assert_eq!(classify(16.0, 2.0), Change::Improved);
    assert_eq!(classify(30.0, 21.0), Change::Unchanged);
    assert_eq!(classify(18.0, 16.0), Change::Unchanged);
    assert_eq!(classify(30.0, 39.2), Change::Unchanged);
    assert_eq!(classify(30.0, 39.4), Change::Deteriorated);
    let reversed = ChangeScale::new(7.5, 0.8, true).unwrap();
    let turned = Criteria::new(-17.0, 1.96);
    let found = reversed.classify(-30.0, -12.0, &turned).unwrap();
    assert_eq!(found, Change::Recovered);
    // Whoever began on the functional side can recover only where the criteria say so, but needs a reliable change.
    let from_anywhere = Criteria {
        start: Start::Any,
        ..usual
    };
    let classify = |before, after| scale.classify(before, after, &from_anywhere).unwrap();
    assert_eq!(classify(16.0, 2.0), Change::Recovered);
    assert_eq!(classify(18.0, 16.0), Change::Unchanged);
    assert_eq!(classify(30.0, 17.0), Change::Improved);
    // A point more is a deterioration where any worsening is; no change is none.
    let any_worse = Criteria {
        deteriorated: Worsening::Any,
        ..usual
    };
    let classify = |before, after| scale.classify(before, after, &any_worse).unwrap();
    assert_eq!(classify(30.0, 31.0), Change::Deteriorated);
    assert_eq!(classify(30.0, 30.0), Change::Unchanged);
    assert_eq!(classify(30.0, 29.0), Change::Unchanged);
    assert_eq!(classify(30.0, 12.0), Change::Recovered);
    let turned = Criteria {
        deteriorated: Worsening::Any,
        ..turned
    };
    let found = reversed.classify(-30.0, -31.0, &turned).unwrap();
    assert_eq!(found, Change::Deteriorated);
    assert!((scale.error_of_measurement() - 7.5 * 0.2_f64.sqrt()).abs() < 1e-14);
}

#[test]
fn bad_scales_and_scores_are_errors() {
    for (sd, reliability) in [
        (0.0, 0.8),
        (-1.0, 0.8),
        (f64::NAN, 0.8),
        (f64::INFINITY, 0.8),
        (1.0, 1.0),
        (1.0, -0.1),
        (1.0, f64::NAN),
    ] {
        assert!(matches!(
            ChangeScale::new(sd, reliability, true),
            Err(StatsError::OutOfRange { .. })
        ));
    }
    let scale = ChangeScale::new(1.0, 0.5, true).unwrap();
    assert!(scale.index(f64::NAN, 1.0).is_err());
    let usual = Criteria::new(0.0, 1.96);
    assert!(scale.classify(1.0, f64::INFINITY, &usual).is_err());
    assert!(
        scale
            .classify(1.0, 2.0, &Criteria::new(f64::NAN, 1.96))
            .is_err()
    );
    assert!(scale.classify(1.0, 2.0, &Criteria::new(0.0, 0.0)).is_err());
    let same = Population { mean: 1.0, sd: 1.0 };
    assert!(CutOffs::new(same, same).is_err());
    assert!(
        CutOffs::new(
            same,
            Population {
                mean: f64::NAN,
                sd: 1.0
            }
        )
        .is_err()
    );
    assert!(CutOffs::without_norms(Population { mean: 1.0, sd: 0.0 }, true).is_err());
}

#[test]
fn items_that_make_no_scale_are_errors() {
    let good = vec![1.0, 2.0, 4.0, 3.0];
    let alpha = |items: &[Vec<f64>]| cronbach_alpha(items, 0.95);
    assert!(alpha(&[]).is_err());
    assert!(alpha(std::slice::from_ref(&good)).is_err());
    assert!(alpha(&[vec![], vec![]]).is_err());
    assert!(alpha(&[vec![1.0], vec![2.0]]).is_err());
    assert!(alpha(&[good.clone(), vec![1.0; 4]]).is_err());
    assert!(alpha(&[good.clone(), vec![1.0, f64::NAN, 0.0, 1.0]]).is_err());
    assert!(alpha(&[good.clone(), vec![1.0, 2.0]]).is_err());
    let opposite: Vec<f64> = good.iter().map(|value| -value).collect();
    assert!(alpha(&[good.clone(), opposite]).is_err());
    assert!(cronbach_alpha(&[good.clone(), good.clone()], 1.0).is_err());
    // The same item twice: perfectly reliable.
    let found = alpha(&[good.clone(), good.clone()]).unwrap();
    assert!((found.alpha - 1.0).abs() < 1e-14 && found.std_error.abs() < 1e-7);
    assert!(mcdonald_omega(&[good.clone(), good.clone()]).is_err());
    assert!(mcdonald_omega(&[good.clone(), good.clone(), good.clone()]).is_err());
    // Uncorrelated items have no factor.
    let none = [
        vec![1.0, -1.0, 1.0, -1.0],
        vec![1.0, 1.0, -1.0, -1.0],
        vec![1.0, -1.0, -1.0, 1.0],
    ];
    assert!(mcdonald_omega(&none).is_err());
}

#[test]
fn data_without_a_test_are_errors() {
    let test = |columns: &[Vec<Option<f64>>]| little_mcar(columns, CovarianceKind::default());
    let full: Vec<Option<f64>> = (0..12).map(|i| Some(f64::from(i * i % 7))).collect();
    let other: Vec<Option<f64>> = (0..12).map(|i| Some(f64::from(i * 5 % 11))).collect();
    let mut gaps = other.clone();
    (gaps[2], gaps[7]) = (None, None);
    assert!(test(&[full.clone(), gaps.clone()]).is_ok());
    assert!(matches!(
        test(&[full.clone(), other.clone()]),
        Err(StatsError::Degenerate { .. })
    ));
    assert!(test(&[]).is_err() && test(&[gaps.clone()]).is_err());
    assert!(test(&[full.clone(), vec![None; 12]]).is_err());
    assert!(test(&[full.clone(), gaps[..5].to_vec()]).is_err());
    let mut constant = vec![Some(3.0); 12];
    constant[1] = None;
    assert!(test(&[full.clone(), constant]).is_err());
    let mut broken = gaps.clone();
    broken[0] = Some(f64::NAN);
    assert!(test(&[full.clone(), broken]).is_err());
    // A column twice has a singular covariance.
    assert!(test(&[gaps.clone(), gaps.clone(), full.clone()]).is_err());
    // Columns that never meet don't tell their covariance; no panic.
    let half = |keep: bool| -> Vec<Option<f64>> {
        full.iter()
            .enumerate()
            .map(|(i, v)| v.filter(|_| (i < 6) == keep))
            .collect()
    };
    let _ = test(&[half(true), half(false)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn littles_test_does_not_depend_on_units(
        values in prop::collection::vec(-3.0..3.0_f64, 90), holes in prop::collection::vec(0..6_u8, 90),
        scale in 1e-6..1e6_f64, shift in -1e3..1e3_f64
    ) {
        let column = |k: usize, unit: f64, shift: f64| -> Vec<Option<f64>> {
            (0..30).map(|i| {
                let shared = values[i];
                (holes[30 * k + i] > 0).then(|| (shared + values[30 * k + i]) * unit + shift)
            }).collect()
        };
        let plain = [column(0, 1.0, 0.0), column(1, 1.0, 0.0), column(2, 1.0, 0.0)];
        let moved = [column(0, scale, shift * scale), column(1, 1.0, shift), column(2, -1.0, 0.0)];
        let kind = CovarianceKind::MaximumLikelihood;
        if let (Ok(a), Ok(b)) = (little_mcar(&plain, kind), little_mcar(&moved, kind)) {
            prop_assert!((a.statistic / b.statistic - 1.0).abs() < 1e-5);
            prop_assert!((0.0..=1.0).contains(&a.p_value) && a.df >= 1.0);
        }
    }

    #[test]
    fn alpha_stays_within_feldts_interval_and_below_one(
        values in prop::collection::vec(-2.0..2.0_f64, 60), weight in 0.5..3.0_f64
    ) {
        let items: Vec<Vec<f64>> = (1..4)
            .map(|k| (0..15).map(|i| weight * values[i] + values[15 * k + i]).collect())
            .collect();
        if let Ok(found) = cronbach_alpha(&items, 0.9) {
            prop_assert!(found.alpha <= 1.0);
            prop_assert!(found.feldt.low < found.alpha && found.alpha < found.feldt.high);
        }
        if let Ok(found) = mcdonald_omega(&items) {
            prop_assert!(found.omega < 1.0 && found.loadings.iter().all(|l| l.abs() < 1.0));
        }
    }
}
