//! Multivariate t probabilities against R and against each other.

use nalgebra::DMatrix;
use proptest::prelude::*;
use trialbook::stats::distribution::{Distribution, StudentT, StudentizedRange};
use trialbook::stats::multivariate_t::{MaxT, rectangle};

use super::support::expected::Expected;

fn product(loadings: &[f64]) -> DMatrix<f64> {
    let size = loadings.len();
    DMatrix::from_fn(size, size, |i, j| {
        if i == j {
            1.0
        } else {
            loadings[i] * loadings[j]
        }
    })
}

/// The covariance of all pairwise differences of independent means with these variances.
fn pairwise(variances: &[f64]) -> DMatrix<f64> {
    let size = variances.len();
    let pairs: Vec<_> = (0..size)
        .flat_map(|i| (i + 1..size).map(move |j| (i, j)))
        .collect();
    let weight = |(i, j): (usize, usize), k: usize| {
        f64::from(u8::from(k == i)) - f64::from(u8::from(k == j))
    };
    DMatrix::from_fn(pairs.len(), pairs.len(), |a, b| {
        (0..size)
            .map(|k| weight(pairs[a], k) * weight(pairs[b], k) * variances[k])
            .sum()
    })
}

#[test]
fn dunnetts_probabilities_are_those_of_nested_integrals() {
    let expected = Expected::load("multivariate_t");
    for case in expected.keys("dunnett") {
        let key = |name: &str| format!("dunnett.{case}.{name}");
        let correlation = product(&expected.list(&key("loadings")));
        let points = expected
            .list(&key("c"))
            .into_iter()
            .zip(expected.list(&key("df")));
        let found: Vec<f64> = points
            .map(|(c, df)| {
                let largest = MaxT::new(&correlation, df).unwrap();
                assert!(largest.is_exact());
                1.0 - largest.upper(c).unwrap().value
            })
            .collect();
        expected.numbers(&key("lower"), &found);
    }
    for case in expected.keys("general") {
        let key = |name: &str| format!("general.{case}.{name}");
        let entries = expected.list(&key("matrix"));
        let (low, high) = (expected.list(&key("low")), expected.list(&key("high")));
        let correlation = DMatrix::from_vec(low.len(), low.len(), entries);
        let largest = MaxT::new(&correlation, 4.0).unwrap();
        let points = expected
            .list(&key("c"))
            .into_iter()
            .zip(expected.list(&key("df")));
        let found: Vec<f64> = points
            .map(|(c, df)| {
                let upper = largest.with_df(df).unwrap().upper(c).unwrap();
                assert!(upper.error <= 2e-3 * upper.value, "{case}: {upper:?}");
                1.0 - upper.value
            })
            .collect();
        expected.numbers(&key("lower"), &found);
        let boxes = expected.list(&key("box_df")).into_iter();
        let found: Vec<f64> = boxes
            .map(|df| rectangle(&correlation, df, &low, &high).unwrap().value)
            .collect();
        expected.numbers(&key("box"), &found);
    }
    let list = |name: &str| expected.list(&format!("plants.{name}"));
    let covariance = DMatrix::from_vec(2, 2, list("covariance"));
    let largest = MaxT::of_covariance(&covariance, expected.get("plants.df")).unwrap();
    let found: Vec<f64> = list("t")
        .into_iter()
        .map(|t| largest.upper(t).unwrap().value)
        .collect();
    expected.numbers("plants.p", &found);
    expected.number("plants.critical", largest.critical(0.95).unwrap());
    expected.finish();
}

#[test]
fn balanced_pairs_have_the_studentised_range() {
    for (groups, tolerance) in [(2_u32, 1e-12), (3, 1e-12), (4, 1e-4)] {
        let covariance = pairwise(&vec![0.7; groups as usize]);
        for df in [2.5, 30.0, f64::INFINITY] {
            let largest = MaxT::of_covariance(&covariance, df).unwrap();
            let range = StudentizedRange::new(groups, df).unwrap();
            for q in [1.0, 3.0, 7.0] {
                let found = largest.upper(q / 2.0_f64.sqrt()).unwrap();
                let exact = range.upper(q);
                assert!(
                    (found.value / exact - 1.0).abs() < tolerance,
                    "{groups} {df} {q}: {found:?} {exact}"
                );
                assert!(
                    (found.value - exact).abs() <= 2.0 * found.error,
                    "{groups} {df} {q}: {found:?} {exact}"
                );
            }
            let critical = largest.critical(0.95).unwrap() * 2.0_f64.sqrt();
            let exact = range.quantile(0.95).unwrap();
            assert!(
                (critical / exact - 1.0).abs() < tolerance,
                "{critical} {exact}"
            );
        }
    }
}

/// The same matrix by the exact sums, and by both lattice rules.
#[test]
fn the_methods_agree() {
    let correlation = product(&[0.5, 0.8, 0.3]);
    // One test more, which is a mixture of two, makes the matrix general and changes the probability.
    let exact = MaxT::new(&correlation, 9.0).unwrap();
    for c in [1.0, 2.4] {
        let upper = exact.upper(c).unwrap().value;
        let lattice = rectangle(&correlation, 9.0, &[-c; 3], &[c; 3]).unwrap();
        assert!((1.0 - lattice.value - upper).abs() < 1.5 * lattice.error + 1e-7);
    }
    let pair = DMatrix::from_row_slice(2, 2, &[1.0, -0.6, -0.6, 1.0]);
    let twice = DMatrix::from_row_slice(3, 3, &[1.0, -0.6, 0.6, -0.6, 1.0, -1.0, 0.6, -1.0, 1.0]);
    for df in [3.0, f64::INFINITY] {
        let (pair, twice) = (
            MaxT::new(&pair, df).unwrap(),
            MaxT::new(&twice, df).unwrap(),
        );
        let (a, b) = (
            pair.upper(2.0).unwrap().value,
            twice.upper(2.0).unwrap().value,
        );
        assert!(
            (a / b - 1.0).abs() < 1e-13,
            "a test that is there twice counts once"
        );
    }
}

#[test]
fn one_sided_and_empty_rectangles() {
    let one = DMatrix::from_element(1, 1, 1.0);
    let t = StudentT::new(5.0).unwrap();
    let found = rectangle(&one, 5.0, &[f64::NEG_INFINITY], &[1.3]).unwrap();
    assert!((found.value - t.cdf(1.3)).abs() < found.error, "{found:?}");
    let two = DMatrix::identity(2, 2);
    let all = [f64::NEG_INFINITY, f64::INFINITY];
    let found = rectangle(&two, f64::INFINITY, &[all[0]; 2], &[all[1]; 2]).unwrap();
    assert_eq!(found.value, 1.0);
    let found = rectangle(&two, 5.0, &[1.0, 0.0], &[1.0, 2.0]).unwrap();
    assert_eq!(found.value, 0.0);
    assert!(rectangle(&two, 5.0, &[0.0], &[1.0, 2.0]).is_err());
    assert!(rectangle(&two, 5.0, &[f64::NAN, 0.0], &[1.0, 2.0]).is_err());
    assert!(rectangle(&two, -5.0, &[0.0, 0.0], &[1.0, 2.0]).is_err());
}

#[test]
fn what_is_no_correlation_matrix_is_refused() {
    let matrix = |entries: &[f64]| DMatrix::from_row_slice(2, 2, entries);
    for entries in [
        [1.0, f64::NAN, f64::NAN, 1.0],
        [1.0, 1.5, 1.5, 1.0],
        [1.0, 0.5, 0.4, 1.0],
        [2.0, 0.5, 0.5, 2.0],
        [1.0, f64::INFINITY, f64::INFINITY, 1.0],
    ] {
        assert!(MaxT::new(&matrix(&entries), 5.0).is_err(), "{entries:?}");
    }
    let indefinite =
        DMatrix::from_row_slice(3, 3, &[1.0, 0.9, -0.9, 0.9, 1.0, 0.9, -0.9, 0.9, 1.0]);
    assert!(MaxT::new(&indefinite, 5.0).is_err());
    assert!(MaxT::new(&DMatrix::zeros(0, 0), 5.0).is_err());
    assert!(MaxT::new(&DMatrix::zeros(2, 3), 5.0).is_err());
    assert!(MaxT::new(&DMatrix::identity(1001, 1001), 5.0).is_err());
    assert!(MaxT::of_covariance(&DMatrix::zeros(2, 2), 5.0).is_err());
    assert!(MaxT::of_covariance(&DMatrix::zeros(2, 3), 5.0).is_err());
    assert!(MaxT::of_covariance(&matrix(&[f64::NAN, 0.0, 0.0, 1.0]), 5.0).is_err());
    for df in [0.0, -1.0, f64::NAN, 0.01] {
        assert!(MaxT::new(&DMatrix::identity(2, 2), df).is_err());
    }
    let two = MaxT::new(&DMatrix::identity(2, 2), 5.0).unwrap();
    assert!(two.critical(1.0).is_err() && two.critical(f64::NAN).is_err());
    assert_eq!(two.upper(0.0).unwrap().value, 1.0);
    assert_eq!(two.upper(f64::INFINITY).unwrap().value, 0.0);
    assert!(two.upper(f64::NAN).unwrap().value.is_nan());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_joint_tail_lies_between_one_test_and_their_sum(
        loadings in prop::collection::vec(-0.97..0.97_f64, 2..7), df in 1.0..80.0_f64, c in 0.1..6.0_f64
    ) {
        let largest = MaxT::new(&product(&loadings), df).unwrap();
        let upper = largest.upper(c).unwrap().value;
        let single = StudentT::new(df).unwrap().two_sided(c);
        let tests = loadings.len() as f64;
        prop_assert!(upper >= single * (1.0 - 1e-12) && upper <= single * tests * (1.0 + 1e-12));
        // Šidák (1967): independence is the worst case of such a rectangle for normal statistics.
        let critical = largest.critical(0.9).unwrap();
        prop_assert!((largest.upper(critical).unwrap().value - 0.1).abs() < 1e-10);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn directions_respect_the_same_bounds(
        entries in prop::collection::vec(-1.0..1.0_f64, 16), df in 2.0..40.0_f64, c in 0.5..4.0_f64
    ) {
        let factor = DMatrix::from_vec(4, 4, entries);
        let covariance = &factor * factor.transpose() + DMatrix::identity(4, 4) * 0.1;
        let largest = MaxT::of_covariance(&covariance, df).unwrap();
        let upper = largest.upper(c).unwrap();
        let single = StudentT::new(df).unwrap().two_sided(c);
        prop_assert!(upper.value >= single && upper.value <= 4.0 * single);
        prop_assert!(upper.error < 1e-3);
    }
}
