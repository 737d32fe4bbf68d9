//! Families of contrasts against emmeans.

use nalgebra::DMatrix;
use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::adjust::Adjustment;
use trialbook::stats::contrast::{
    AdjustedFamily, Contrast, ContrastEstimate, ContrastKind, ContrastName, FamilyAdjustment,
    IntervalMethod, adjust_family, generate, rank,
};

use super::support::expected::Expected;

/// The estimates of contrasts of means with this covariance, and their covariance.
fn estimates(
    contrasts: &[Contrast],
    means: &[f64],
    covariance: &DMatrix<f64>,
    df: f64,
) -> (Vec<ContrastEstimate>, DMatrix<f64>) {
    let rows = DMatrix::from_fn(contrasts.len(), means.len(), |i, j| contrasts[i].weights[j]);
    let covariance = &rows * covariance * rows.transpose();
    let values = &rows * DMatrix::from_column_slice(means.len(), 1, means);
    let estimate = |i: usize| ContrastEstimate {
        estimate: values[(i, 0)],
        std_error: covariance[(i, i)].sqrt(),
        df,
    };
    ((0..contrasts.len()).map(estimate).collect(), covariance)
}

fn kind(name: &str) -> ContrastKind {
    match name {
        "pairwise" => ContrastKind::Pairwise,
        "reverse" => ContrastKind::ReversePairwise,
        "against" => ContrastKind::Against(0),
        "consecutive" => ContrastKind::Consecutive,
        "average" => ContrastKind::FromAverage,
        "others" => ContrastKind::FromOthers,
        _ => ContrastKind::Polynomial(0),
    }
}

fn adjustment(name: &str, means: usize, rank: u32) -> FamilyAdjustment {
    let from_p = |method| FamilyAdjustment::PValues(method);
    match name {
        "none" => from_p(Adjustment::None),
        "bonferroni" => from_p(Adjustment::Bonferroni),
        "sidak" => from_p(Adjustment::Sidak),
        "holm" => from_p(Adjustment::Holm),
        "hochberg" => from_p(Adjustment::Hochberg),
        "hommel" => from_p(Adjustment::Hommel),
        "BH" => from_p(Adjustment::BenjaminiHochberg),
        "BY" => from_p(Adjustment::BenjaminiYekutieli),
        "scheffe" => FamilyAdjustment::Scheffe { rank },
        "tukey" => FamilyAdjustment::Tukey {
            means: u32::try_from(means).unwrap(),
        },
        "mvt" => FamilyAdjustment::SingleStep,
        other => panic!("{other}"),
    }
}

#[test]
fn families_are_those_of_emmeans() {
    let expected = Expected::load("contrasts");
    for data in ["plants", "chicks", "ancova"] {
        let means = expected.list(&format!("{data}.means"));
        let count = means.len();
        let covariance = expected.list(&format!("{data}.covariance"));
        let covariance = DMatrix::from_vec(count, count, covariance);
        for family in expected.keys(data) {
            if family == "means" || family == "covariance" {
                continue;
            }
            let key = format!("{data}.{family}");
            let kind = match kind(&family) {
                ContrastKind::Polynomial(_) => ContrastKind::Polynomial((count - 1).min(6)),
                other => other,
            };
            let contrasts = generate(&kind, count).unwrap();
            let rank = u32::try_from(rank(&contrasts)).unwrap();
            let df = expected.get(&format!("{key}.df"));
            let (found, joint) = estimates(&contrasts, &means, &covariance, df);
            let part = |of: fn(&ContrastEstimate) -> f64| found.iter().map(of).collect::<Vec<_>>();
            expected.numbers(&format!("{key}.estimate"), &part(|e| e.estimate));
            expected.numbers(&format!("{key}.se"), &part(|e| e.std_error));
            for name in expected.keys(&key) {
                if matches!(name.as_str(), "estimate" | "se" | "df") {
                    continue;
                }
                let adjusted =
                    adjust_family(&found, Some(&joint), adjustment(&name, count, rank), 0.95)
                        .unwrap();
                compare(&expected, &format!("{key}.{name}"), &name, &adjusted);
            }
        }
    }
    for means in 3..=8_usize {
        let contrasts = generate(&ContrastKind::Polynomial((means - 1).min(6)), means).unwrap();
        let weights: Vec<f64> = contrasts.iter().flat_map(|c| c.weights.clone()).collect();
        expected.numbers(&format!("trends.of{means}"), &weights);
    }
    expected.finish();
}

fn compare(expected: &Expected, key: &str, method: &str, adjusted: &AdjustedFamily) {
    let rows = &adjusted.contrasts;
    let p: Vec<f64> = rows.iter().map(|c| c.p_value).collect();
    expected.numbers(&format!("{key}.p"), &p);
    let (low, high): (Vec<f64>, Vec<f64>) = rows.iter().map(|c| (c.conf_low, c.conf_high)).unzip();
    if matches!(method, "BH" | "BY") {
        // Here each interval by itself; emmeans takes Bonferroni's, which a false discovery rate does not ask for.
        assert_eq!(adjusted.interval, IntervalMethod::Individual);
        expected.list(&format!("{key}.low"));
        expected.list(&format!("{key}.high"));
        return;
    }
    expected.numbers(&format!("{key}.low"), &low);
    expected.numbers(&format!("{key}.high"), &high);
}

#[test]
fn custom_contrasts_are_checked() {
    let custom = |weights: &[f64]| {
        let kind = ContrastKind::Custom(vec![("a".to_owned(), weights.to_vec())]);
        generate(&kind, 3)
    };
    let found = custom(&[0.5, 0.5, -1.0]).unwrap();
    assert_eq!(found[0].name, ContrastName::Custom("a".to_owned()));
    assert!(matches!(
        custom(&[1.0, -1.0]),
        Err(StatsError::SizeMismatch { .. })
    ));
    assert!(matches!(
        custom(&[1.0, 1.0, -1.0]),
        Err(StatsError::Degenerate { .. })
    ));
    assert!(custom(&[0.0; 3]).is_err() && custom(&[f64::NAN, 0.0, 0.0]).is_err());
    assert!(generate(&ContrastKind::Custom(Vec::new()), 3).is_err());
    // Thirds don't add up to 0 in binary.
    assert!(custom(&[1.0, -0.7, -0.3]).is_ok());
    assert!(generate(&ContrastKind::Pairwise, 1).is_err());
    assert!(generate(&ContrastKind::Pairwise, 1001).is_err());
    assert!(generate(&ContrastKind::Against(3), 3).is_err());
    for degree in [0, 3, 7] {
        assert!(generate(&ContrastKind::Polynomial(degree), 3).is_err());
    }
    assert!(generate(&ContrastKind::Polynomial(6), 201).is_err());
}

#[test]
fn families_without_sense_are_errors() {
    let one = ContrastEstimate {
        estimate: 1.0,
        std_error: 0.5,
        df: 9.0,
    };
    let none = FamilyAdjustment::PValues(Adjustment::None);
    assert!(adjust_family(&[], None, none, 0.95).is_err());
    assert!(adjust_family(&[one], None, none, 1.0).is_err());
    assert!(adjust_family(&[one], None, none, f64::NAN).is_err());
    for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        let broken = ContrastEstimate {
            std_error: bad,
            ..one
        };
        assert!(adjust_family(&[one, broken], None, none, 0.95).is_err());
        let broken = ContrastEstimate {
            df: -bad.abs(),
            ..one
        };
        assert!(adjust_family(&[one, broken], None, none, 0.95).is_err());
    }
    let tukey = |means| FamilyAdjustment::Tukey { means };
    assert!(adjust_family(&[one; 3], None, tukey(3), 0.95).is_ok());
    for means in [0, 1, 2, 4, u32::MAX] {
        assert!(adjust_family(&[one; 3], None, tukey(means), 0.95).is_err());
    }
    let scheffe = |rank| FamilyAdjustment::Scheffe { rank };
    assert!(adjust_family(&[one; 3], None, scheffe(0), 0.95).is_err());
    assert!(adjust_family(&[one; 3], None, scheffe(4), 0.95).is_err());
    let step = FamilyAdjustment::SingleStep;
    assert!(adjust_family(&[one; 2], None, step, 0.95).is_err());
    assert!(adjust_family(&[one; 2], Some(&DMatrix::identity(3, 3)), step, 0.95).is_err());
    assert!(adjust_family(&[one; 2], Some(&DMatrix::zeros(2, 2)), step, 0.95).is_err());
    // Each estimate has its own degrees of freedom, which may be infinite.
    let normal = ContrastEstimate {
        df: f64::INFINITY,
        ..one
    };
    for adjustment in [none, step, tukey(2), scheffe(1)] {
        let count = if adjustment == tukey(2) || adjustment == scheffe(1) {
            1
        } else {
            2
        };
        let family = [normal, one];
        let covariance = DMatrix::identity(2, 2)
            .view((0, 0), (count, count))
            .into_owned();
        let found = adjust_family(&family[..count], Some(&covariance), adjustment, 0.95).unwrap();
        assert!(
            found
                .contrasts
                .iter()
                .all(|c| c.p_value > 0.04 && c.p_value < 0.2),
            "{found:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_interval_excludes_zero_where_p_is_small(
        means in prop::collection::vec(-2.0..2.0_f64, 3..5), df in 3.0..60.0_f64
    ) {
        let contrasts = generate(&ContrastKind::Against(0), means.len()).unwrap();
        let covariance = DMatrix::identity(means.len(), means.len()) * 0.3;
        let (found, joint) = estimates(&contrasts, &means, &covariance, df);
        let count = u32::try_from(found.len()).unwrap();
        for adjustment in [
            FamilyAdjustment::SingleStep,
            FamilyAdjustment::Scheffe { rank: count },
            FamilyAdjustment::PValues(Adjustment::Sidak),
            FamilyAdjustment::PValues(Adjustment::Bonferroni),
        ] {
            let adjusted = adjust_family(&found, Some(&joint), adjustment, 0.9).unwrap();
            for contrast in &adjusted.contrasts {
                let excludes = contrast.conf_low > 0.0 || contrast.conf_high < 0.0;
                prop_assert_eq!(excludes, contrast.p_value < 0.1);
            }
        }
    }

    #[test]
    fn trends_are_orthogonal(means in 2..40_usize, degree in 1..6_usize) {
        prop_assume!(degree < means);
        let trends = generate(&ContrastKind::Polynomial(degree), means).unwrap();
        prop_assert_eq!(rank(&trends), degree);
        prop_assert_eq!(rank(&generate(&ContrastKind::FromAverage, means).unwrap()), means - 1);
        for (i, a) in trends.iter().enumerate() {
            prop_assert_eq!(a.weights.iter().sum::<f64>(), 0.0);
            prop_assert!(a.weights[means - 1] > 0.0);
            for b in &trends[..i] {
                let product: f64 = a.weights.iter().zip(&b.weights).map(|(a, b)| a * b).sum();
                let length = |c: &Contrast| c.weights.iter().map(|w| w * w).sum::<f64>().sqrt();
                prop_assert!(product.abs() <= 1e-13 * length(a) * length(b));
            }
        }
    }
}
