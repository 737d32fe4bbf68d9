//! Mixed models: what must hold whatever the data, and what must be refused.

use super::support::mixed::{fit, try_fit};
use super::support::models::{data, factor, numeric};
use proptest::prelude::*;
use trialbook::stats::formula::Formula;
use trialbook::stats::linear::{LinearFit, LinearOptions};
use trialbook::stats::mixed::{DfMethod, Estimation, MixedFit, MixedOptions};
use trialbook::stats::model_data::{ModelColumn, ModelData};
use trialbook::stats::model_error::ModelError;

/// Numbers between −½ and ½ that look random.
fn noise(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    for _ in 0..8 {
        next();
    }
    (0..count).map(|_| next()).collect()
}

/// `groups` groups of `size` rows, as numbers.
fn codes(groups: usize, size: usize) -> Vec<f64> {
    (0..groups * size).map(|row| (row / size) as f64).collect()
}

/// A random intercept and slope on `x`.
fn sample(groups: usize, size: usize, seed: u64) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let n = groups * size;
    let g = codes(groups, size);
    let (x, e) = (noise(n, seed), noise(n, seed + 1));
    let (b0, b1) = (noise(groups, seed + 2), noise(groups, seed + 3));
    let y = (0..n).map(|i| {
        let group = i / size;
        3.0 + 2.0 * b0[group] + (1.0 + 2.0 * b1[group]) * x[i] + e[i]
    });
    (y.collect(), x, g)
}

fn sample_data(groups: usize, size: usize, seed: u64) -> ModelData {
    let (y, x, g) = sample(groups, size, seed);
    data(vec![
        ("y", numeric(&y)),
        ("x", numeric(&x)),
        ("g", numeric(&g)),
    ])
}

fn refused(formula: &str, data: &ModelData) -> ModelError {
    let mut errors = try_fit(formula, data).expect_err(formula);
    assert!(!errors[0].to_string().is_empty());
    errors.remove(0)
}

fn close(a: f64, b: f64, relative: f64) {
    assert!(
        (a - b).abs() <= relative * b.abs().max(1e-300),
        "{a} is not {b}"
    );
}

#[test]
fn models_that_mean_nothing_are_refused() {
    let (y, x, g) = sample(6, 4, 1);
    let n = y.len();
    let row: Vec<f64> = (0..n).map(|i| i as f64).collect();
    let twice: Vec<f64> = g.iter().zip(&x).map(|(g, x)| 3.0 * g + x).collect();
    let levels: Vec<Option<&str>> = (0..n)
        .map(|i| Some(if i < 12 { "a" } else { "b" }))
        .collect();
    let columns = data(vec![
        ("y", numeric(&y)),
        ("x", numeric(&x)),
        ("g", numeric(&g)),
        ("row", numeric(&row)),
        ("same", numeric(&vec![3.0; n])),
        ("zero", numeric(&vec![0.0; n])),
        ("copy", numeric(&twice)),
        (
            "by_group",
            numeric(&g.iter().map(|g| g * g).collect::<Vec<_>>()),
        ),
        (
            "large",
            numeric(&y.iter().map(|y| y * 1e300).collect::<Vec<_>>()),
        ),
        ("f", factor(&["a", "b", "empty"], &levels)),
    ]);
    let refused = |formula: &str| refused(formula, &columns);
    assert_eq!(refused("y ~ x"), ModelError::NoRandomEffects);
    assert_eq!(refused("~ x + (1 | g)"), ModelError::NoResponse);
    assert!(matches!(
        refused("f ~ x + (1 | g)"),
        ModelError::FactorResponse { .. }
    ));
    assert!(matches!(
        refused("same ~ x + (1 | g)"),
        ModelError::ConstantResponse { .. }
    ));
    assert!(matches!(
        refused("y ~ x + (1 | same)"),
        ModelError::OneGroup { .. }
    ));
    assert!(matches!(
        refused("y ~ x + (1 | row)"),
        ModelError::GroupsAsRows { .. }
    ));
    assert!(matches!(
        refused("y ~ x + (x + I(x^2) + I(x^3) | g)"),
        ModelError::EffectsAsRows {
            effects: 24,
            rows: 24,
            ..
        }
    ));
    assert!(matches!(
        refused("y ~ x + (1 | g) + (x | g)"),
        ModelError::RepeatedEffect { .. }
    ));
    assert!(matches!(
        refused("y ~ x + (1 + zero | g)"),
        ModelError::ZeroEffect { .. }
    ));
    assert!(matches!(
        refused("y ~ x + (1 | nobody)"),
        ModelError::UnknownColumn { .. }
    ));
    assert_eq!(refused("copy ~ x + g + (1 | g)"), ModelError::PerfectFit);
    // No variance within the groups.
    assert_eq!(refused("by_group ~ 1 + (1 | g)"), ModelError::PerfectFit);
    assert!(matches!(
        refused("large ~ x + (1 | g)"),
        ModelError::Numerical(_)
    ));
    // An empty level is none; a factor with two levels is enough.
    assert_eq!(
        fit("y ~ x + (1 | f)", &columns).groups,
        [("f".to_owned(), 2)]
    );
    // Everything wrong comes at once.
    let errors = try_fit("~ x + unknown", &columns).unwrap_err();
    assert_eq!(errors.len(), 3);
}

#[test]
fn values_that_are_not_numbers_are_refused_and_missing_ones_left_out() {
    let (mut y, x, g) = sample(6, 4, 1);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        y[5] = bad;
        let columns = data(vec![
            ("y", numeric(&y)),
            ("x", numeric(&x)),
            ("g", numeric(&g)),
        ]);
        let error = refused("y ~ x + (1 | g)", &columns);
        assert!(matches!(error, ModelError::NotFinite { row: 5, .. }));
    }
    let mut missing: Vec<Option<f64>> = y.iter().copied().map(Some).collect();
    missing[5] = None;
    let columns = data(vec![
        ("y", ModelColumn::Numeric(missing)),
        ("x", numeric(&x)),
        ("g", numeric(&g)),
    ]);
    let fitted = fit("y ~ x + (1 | g)", &columns);
    assert_eq!(
        (fitted.nobs, fitted.frame.omitted.as_slice()),
        (23, &[5][..])
    );
}

#[test]
fn columns_that_depend_on_others_are_named() {
    let (y, x, g) = sample(8, 4, 3);
    let twice: Vec<f64> = x.iter().map(|x| 2.0 * x + 1.0).collect();
    let columns = data(vec![
        ("y", numeric(&y)),
        ("x", numeric(&x)),
        ("twice", numeric(&twice)),
        ("g", numeric(&g)),
    ]);
    let both = fit("y ~ x + twice + (1 | g)", &columns);
    let alone = fit("y ~ x + (1 | g)", &columns);
    assert_eq!(both.aliased(), ["twice"]);
    close(both.criterion, alone.criterion, 1e-12);
    assert!(matches!(
        both.combination(&[("x", 1.0)]),
        Err(ModelError::NotEstimable { .. })
    ));
    let slope = both.combination(&[("x", 1.0), ("twice", 2.0)]).unwrap();
    let own = alone.combination(&[("x", 1.0)]).unwrap();
    close(slope.estimate, own.estimate, 1e-9);
    close(slope.df, own.df, 1e-6);
    assert!(matches!(both.type3(), Err(ModelError::Aliased { .. })));
}

#[test]
fn units_and_origin_of_the_outcome_change_nothing_else() {
    let (y, x, g) = sample(9, 5, 4);
    let base = fit(
        "y ~ x + (x | g)",
        &data(vec![
            ("y", numeric(&y)),
            ("x", numeric(&x)),
            ("g", numeric(&g)),
        ]),
    );
    for (unit, origin, unit_x) in [
        (1e8, 0.0, 1.0),
        (1e-8, 0.0, 1.0),
        (1.0, 1e6, 1.0),
        (1.0, 0.0, 1e8),
        (1e-8, 0.0, 1e-8),
    ] {
        let y: Vec<f64> = y.iter().map(|y| (y + origin) * unit).collect();
        let x: Vec<f64> = x.iter().map(|x| x * unit_x).collect();
        let columns = data(vec![
            ("y", numeric(&y)),
            ("x", numeric(&x)),
            ("g", numeric(&g)),
        ]);
        let other = fit("y ~ x + (x | g)", &columns);
        close(other.sigma, base.sigma * unit, 1e-7);
        close(other.theta[0], base.theta[0], 1e-6);
        close(other.theta[2], base.theta[2] / unit_x, 1e-6);
        assert_eq!(other.singular, base.singular);
        let (a, b) = (
            other.coefficients[1].estimate.unwrap(),
            base.coefficients[1].estimate.unwrap(),
        );
        close(a.statistic, b.statistic, 1e-6);
        close(a.df, b.df, 1e-5);
        let (a, b) = (
            other.with_df(DfMethod::KenwardRoger),
            base.with_df(DfMethod::KenwardRoger),
        );
        let (a, b) = (a.unwrap().coefficients, b.unwrap().coefficients);
        close(a[1].estimate.unwrap().df, b[1].estimate.unwrap().df, 1e-5);
        close(
            a[1].estimate.unwrap().statistic,
            b[1].estimate.unwrap().statistic,
            1e-6,
        );
    }
}

/// `y_ij = mean + b_i + e_ij`, balanced: σ² is the mean square within, the variance between (MSB − MSW) / size.
#[test]
fn a_balanced_one_way_layout_has_its_closed_form() {
    let (groups, size) = (12, 5);
    let (y, _, g) = sample(groups, size, 5);
    let columns = data(vec![("y", numeric(&y)), ("g", numeric(&g))]);
    let fitted = fit("y ~ 1 + (1 | g)", &columns);
    let means: Vec<f64> = y
        .chunks(size)
        .map(|c| c.iter().sum::<f64>() / size as f64)
        .collect();
    let mean = means.iter().sum::<f64>() / groups as f64;
    let between: f64 = means.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>() * size as f64
        / (groups - 1) as f64;
    let within: f64 = y
        .chunks(size)
        .zip(&means)
        .flat_map(|(c, m)| c.iter().map(move |y| (y - m) * (y - m)))
        .sum::<f64>()
        / (groups * (size - 1)) as f64;
    close(fitted.sigma * fitted.sigma, within, 1e-9);
    let sd = fitted.components[0].sd[0];
    close(sd * sd, (between - within) / size as f64, 1e-8);
    for method in [DfMethod::Satterthwaite, DfMethod::KenwardRoger] {
        let estimate = fitted.with_df(method).unwrap().coefficients[0]
            .estimate
            .unwrap();
        close(estimate.estimate, mean, 1e-12);
        close(
            estimate.std_error,
            (between / (groups * size) as f64).sqrt(),
            1e-8,
        );
        close(estimate.df, (groups - 1) as f64, 1e-5);
    }
}

#[test]
fn without_variance_between_groups_it_is_least_squares() {
    // Groups that are the same rows over and over.
    let e = noise(5, 6);
    let x = noise(5, 7);
    let y: Vec<f64> = (0..30).map(|i| 1.0 + x[i % 5] + e[i % 5]).collect();
    let x: Vec<f64> = (0..30).map(|i| x[i % 5]).collect();
    let columns = data(vec![
        ("y", numeric(&y)),
        ("x", numeric(&x)),
        ("g", numeric(&codes(6, 5))),
    ]);
    let fitted = fit("y ~ x + (1 | g)", &columns);
    assert!(fitted.singular);
    assert_eq!(fitted.theta, [0.0]);
    assert_eq!(fitted.modes[0].values.amax(), 0.0);
    let formula = Formula::parse("y ~ x").unwrap();
    let ols = LinearFit::new(&formula, &columns, &LinearOptions::default()).unwrap();
    close(fitted.sigma, ols.summary.sigma, 1e-10);
    for (mixed, plain) in fitted.coefficients.iter().zip(&ols.coefficients) {
        let (mixed, plain) = (mixed.estimate.unwrap(), plain.estimate.unwrap());
        close(mixed.estimate, plain.estimate, 1e-10);
        close(mixed.std_error, plain.std_error, 1e-10);
    }
    // A slope that varies without variance: correlations with it are no numbers.
    let slope = fit("y ~ x + (x | g)", &columns);
    assert!(slope.singular);
    assert_eq!(slope.components[0].correlations[1][0], None);
    let ml = MixedOptions {
        estimation: Estimation::Ml,
        df: DfMethod::Wald,
        ..MixedOptions::default()
    };
    let formula = Formula::parse("y ~ x + (1 | g)").unwrap();
    let ml = MixedFit::new(&formula, &columns, &ml).unwrap();
    close(ml.log_lik, ols.summary.log_lik, 1e-10);
}

#[test]
fn a_weight_of_zero_leaves_a_row_out() {
    let (y, x, g) = sample(6, 5, 11);
    let weights: Vec<f64> = (0..30)
        .map(|i| if i % 7 == 3 { 0.0 } else { 1.0 })
        .collect();
    let kept = |v: &[f64]| -> Vec<f64> {
        let all = v.iter().zip(&weights);
        all.filter(|(_, w)| **w > 0.0).map(|(v, _)| *v).collect()
    };
    let with = data(vec![
        ("y", numeric(&y)),
        ("x", numeric(&x)),
        ("g", numeric(&g)),
        ("w", numeric(&weights)),
    ]);
    let without = data(vec![
        ("y", numeric(&kept(&y))),
        ("x", numeric(&kept(&x))),
        ("g", numeric(&kept(&g))),
    ]);
    let formula = Formula::parse("y ~ x + (x | g)").unwrap();
    let options = MixedOptions {
        weights: Some("w".to_owned()),
        ..MixedOptions::default()
    };
    let weighted = MixedFit::new(&formula, &with, &options).unwrap();
    let plain = fit("y ~ x + (x | g)", &without);
    close_fits(&weighted, &plain);
    assert_eq!((weighted.nobs, weighted.fitted.len()), (plain.nobs, 30));
    assert!(weighted.fitted.iter().all(|value| value.is_finite()));
}

#[test]
fn the_two_ways_of_computing_agree() {
    // A second factor that adds nothing but its zero variance makes the general way run on the same model.
    let (y, x, g) = sample(8, 6, 8);
    let half: Vec<f64> = (0..48).map(|i| f64::from(u8::from(i % 2 == 0))).collect();
    let columns = data(vec![
        ("y", numeric(&y)),
        ("x", numeric(&x)),
        ("g", numeric(&g)),
        ("h", numeric(&half)),
    ]);
    let one = fit("y ~ x + (x | g)", &columns);
    let two = fit("y ~ x + (x | g) + (1 | h)", &columns);
    let mut theta = one.theta.clone();
    theta.push(0.0);
    for estimation in [Estimation::Reml, Estimation::Ml] {
        close(
            two.criterion_at(&theta, estimation).unwrap(),
            one.criterion_at(&one.theta, estimation).unwrap(),
            1e-12,
        );
    }
    assert_eq!(one.criterion_at(&[1.0], Estimation::Ml), None);
    assert_eq!(one.criterion_at(&[f64::NAN; 3], Estimation::Ml), None);
}

#[test]
fn a_hundred_thousand_groups_are_fitted() {
    let (y, x, g) = sample(100_000, 2, 9);
    let columns = data(vec![
        ("y", numeric(&y)),
        ("x", numeric(&x)),
        ("g", numeric(&g)),
    ]);
    let fitted = fit("y ~ x + (1 | g)", &columns);
    // Variance of 2 (u − ½) for uniform u, and of the noise.
    assert!((fitted.components[0].sd[0] - (4.0f64 / 12.0).sqrt()).abs() < 0.02);
    assert_eq!(fitted.modes[0].values.nrows(), 100_000);
}

fn close_fits(a: &MixedFit, b: &MixedFit) {
    close(a.criterion, b.criterion, 1e-9);
    for (a, b) in a.coefficients.iter().zip(&b.coefficients) {
        let (a, b) = (a.estimate.unwrap(), b.estimate.unwrap());
        assert!((a.estimate - b.estimate).abs() < 1e-6 * b.std_error);
        close(a.std_error, b.std_error, 1e-5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_rows_changes_nothing(seed in 0_u64..1000, turn in 1_usize..35) {
        let (y, x, g) = sample(7, 5, seed);
        let turned = |v: &[f64]| {
            let mut v = v.to_vec();
            v.rotate_left(turn);
            v.reverse();
            numeric(&v)
        };
        let plain = sample_data(7, 5, seed);
        let other = data(vec![("y", turned(&y)), ("x", turned(&x)), ("g", turned(&g))]);
        close_fits(&fit("y ~ x + (x | g)", &other), &fit("y ~ x + (x | g)", &plain));
    }

    #[test]
    fn whatever_the_data_a_fit_is_finite_or_refused(
        cells in prop::collection::vec(
            prop_oneof![
                5 => (-3_i32..4).prop_map(|v| Some(f64::from(v))),
                2 => (-1e3..1e3_f64).prop_map(Some),
                1 => prop::sample::select(vec![None, Some(1e300), Some(-1e-300), Some(1e-9), Some(f64::NAN)]),
            ],
            90,
        ),
        groups in prop::collection::vec(prop::option::weighted(0.95, 0_usize..5), 30),
        formula in prop::sample::select(vec![
            "y ~ x + (1 | g)", "y ~ x + (x | g)", "y ~ x * z + (x || g)", "y ~ 0 + z + (0 + x | g)",
            "y ~ 1 + (1 | g) + (1 | z)", "y ~ z + (x + z | g)", "y ~ x + (1 | g / z)",
        ]),
    ) {
        let mut columns = ModelData::new(30);
        for (name, values) in ["y", "x", "z"].into_iter().zip(cells.chunks(30)) {
            columns.insert(name, ModelColumn::Numeric(values.to_vec())).unwrap();
        }
        let levels = (0..5).map(|level| format!("l{level}")).collect();
        columns.insert("g", ModelColumn::Factor { levels, codes: groups }).unwrap();
        if let Ok(fit) = try_fit(formula, &columns) {
            prop_assert!(fit.criterion.is_finite() && fit.sigma > 0.0);
            prop_assert!(fit.fitted.iter().chain(&fit.theta).all(|v| v.is_finite()));
            prop_assert!(fit.modes.iter().all(|term| term.values.iter().all(|v| v.is_finite())));
            let _ = fit.with_df(DfMethod::KenwardRoger);
            let _ = fit.type3();
        }
    }
}
