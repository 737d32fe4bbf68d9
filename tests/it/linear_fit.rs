//! Linear models against R's `lm` and `car::Anova`.

use super::support::expected::Expected;
use super::support::models::{r_name, reference_data};
use proptest::prelude::*;
use trialbook::stats::formula::Formula;
use trialbook::stats::linear::{
    Estimate, LinearFit, LinearOptions, MeansRequest, RobustKind, TermTest,
};
use trialbook::stats::model_data::{ModelColumn, ModelData};
use trialbook::stats::model_error::ModelError;

fn of_estimates(fit: &LinearFit, part: fn(&Estimate) -> f64) -> Vec<f64> {
    let estimates = fit.coefficients.iter();
    estimates
        .map(|coefficient| coefficient.estimate.as_ref().map_or(f64::NAN, part))
        .collect()
}

/// The correlations of the estimable coefficients, by column.
fn correlations(fit: &LinearFit) -> Vec<f64> {
    let (covariance, estimable) = fit.covariance();
    let mut correlations = covariance.clone();
    for a in 0..estimable.len() {
        for b in 0..estimable.len() {
            correlations[(a, b)] /= (covariance[(a, a)] * covariance[(b, b)]).sqrt();
        }
    }
    correlations.as_slice().to_vec()
}

fn compare_tests(expected: &Expected, key: &str, tests: &[TermTest]) {
    let of = |part: fn(&TermTest) -> f64| -> Vec<f64> { tests.iter().map(part).collect() };
    let labels: Vec<String> = tests.iter().map(|test| test.term.clone()).collect();
    assert_eq!(labels, expected.strings(&format!("{key}.terms")), "{key}");
    expected.numbers(&format!("{key}.ss"), &of(|test| test.sum_of_squares));
    expected.numbers(
        &format!("{key}.df"),
        &of(|test| test.test.map_or(0.0, |test| test.df)),
    );
    expected.numbers(
        &format!("{key}.f"),
        &of(|test| test.test.map_or(f64::NAN, |test| test.statistic)),
    );
    expected.numbers(
        &format!("{key}.p"),
        &of(|test| test.test.map_or(f64::NAN, |test| test.p_value)),
    );
}

fn compare_fit(expected: &Expected, key: &str, fit: &LinearFit) {
    let of = |name: &str| format!("fits.{key}.{name}");
    let names: Vec<String> = fit.design.names.iter().map(r_name).collect();
    assert_eq!(names, expected.strings(&of("names")), "{key}");
    expected.numbers(&of("estimate"), &of_estimates(fit, |e| e.estimate));
    expected.numbers(&of("se"), &of_estimates(fit, |e| e.std_error));
    expected.numbers(&of("t"), &of_estimates(fit, |e| e.statistic));
    expected.numbers(&of("p"), &of_estimates(fit, |e| e.p_value));
    expected.numbers(&of("low"), &of_estimates(fit, |e| e.conf_low));
    expected.numbers(&of("high"), &of_estimates(fit, |e| e.conf_high));
    let summary = &fit.summary;
    expected.number(&of("sigma"), summary.sigma);
    expected.number(&of("df"), summary.df_residual as f64);
    expected.number(&of("nobs"), summary.nobs as f64);
    expected.number(&of("loglik"), summary.log_lik);
    expected.number(&of("aic"), summary.aic);
    expected.number(&of("bic"), summary.bic);
    if let Some(test) = summary.f_test {
        expected.number(&of("r2"), summary.r_squared.unwrap());
        expected.number(&of("adj"), summary.adj_r_squared.unwrap());
        let all = [test.statistic, test.df, test.df_residual, test.p_value];
        expected.numbers(&of("f"), &all);
    }
    expected.numbers(&of("cor"), &correlations(fit));
    expected.numbers(&of("fitted"), &fit.fitted);
    expected.numbers(&of("residuals"), &fit.residuals);
    expected.numbers(&of("leverage"), &fit.leverage);
    let kinds = [
        ("HC0", RobustKind::Hc0),
        ("HC1", RobustKind::Hc1),
        ("HC2", RobustKind::Hc2),
        ("HC3", RobustKind::Hc3),
    ];
    for (name, kind) in kinds {
        let robust = fit.with_robust_covariance(kind).unwrap();
        let mut errors = of_estimates(&robust, |e| e.std_error);
        errors.retain(|error| !error.is_nan());
        expected.numbers(&of(&format!("robust.{name}")), &errors);
    }
}

#[test]
fn agrees_with_r() {
    let expected = Expected::load("lm_fit");
    for key in expected.keys("fits") {
        let text = |name: &str| expected.strings(&format!("fits.{key}.{name}")).remove(0);
        let formula = Formula::parse(&text("formula")).unwrap();
        let weights = text("weights");
        let options = LinearOptions {
            weights: (!weights.is_empty()).then_some(weights),
            ..LinearOptions::default()
        };
        let data = reference_data(&expected, &text("data"));
        let fit = LinearFit::new(&formula, &data, &options).unwrap();
        compare_fit(&expected, &key, &fit);
        if !formula.terms.is_empty() {
            compare_tests(
                &expected,
                &format!("fits.{key}.type2"),
                &fit.type2().unwrap(),
            );
            match fit.type3() {
                Ok(tests) => compare_tests(&expected, &format!("fits.{key}.type3"), &tests),
                Err(error) => {
                    assert!(
                        matches!(error, ModelError::Aliased { .. }),
                        "{key}: {error}"
                    );
                    assert!(!fit.aliased().is_empty());
                }
            }
        }
    }
    expected.finish();
}

/// Cells of a numeric column as careless data hold them.
fn cell() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        6 => (-5_i32..5).prop_map(|value| Some(f64::from(value))),
        2 => (-1e3..1e3_f64).prop_map(Some),
        1 => prop::sample::select(vec![
            None,
            Some(1e300),
            Some(-1e-300),
            Some(1e-9),
            Some(f64::MAX),
            Some(f64::MIN_POSITIVE),
        ]),
    ]
}

fn random_data() -> impl Strategy<Value = ModelData> {
    (1_usize..30).prop_flat_map(|n| {
        let numbers = prop::collection::vec(prop::collection::vec(cell(), n), 3);
        let codes = prop::collection::vec(prop::option::weighted(0.95, 0_usize..3), n);
        let halves = prop::collection::vec(0_usize..2, n);
        (numbers, codes, halves).prop_map(move |(numbers, codes, halves)| {
            let levels = |n: usize| (0..n).map(|level| format!("l{level}")).collect();
            let mut data = ModelData::new(n);
            for (name, values) in ["y", "x", "z"].into_iter().zip(numbers) {
                data.insert(name, ModelColumn::Numeric(values)).unwrap();
            }
            let three = ModelColumn::Factor {
                levels: levels(3),
                codes,
            };
            let two = ModelColumn::Factor {
                levels: levels(2),
                codes: halves.into_iter().map(Some).collect(),
            };
            data.insert("g", three).unwrap();
            data.insert("h", two).unwrap();
            data
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_the_data_a_fit_is_finite_or_refused(
        data in random_data(),
        formula in prop::sample::select(vec![
            "y ~ x", "y ~ x + z + g", "y ~ g * h", "y ~ 0 + g * h + x", "y ~ h * g + x:z", "y ~ x + I(x) + z", "y ~ 1",
            "y ~ I(x^2) + scale(z)", "y ~ g / x", "y ~ h * x + exp(z)",
        ]),
    ) {
        let formula = Formula::parse(formula).unwrap();
        let Ok(fit) = LinearFit::new(&formula, &data, &LinearOptions::default()) else {
            return Ok(());
        };
        for coefficient in &fit.coefficients {
            if let Some(estimate) = coefficient.estimate {
                prop_assert!(estimate.estimate.is_finite() && estimate.std_error.is_finite());
                prop_assert!((0.0..=1.0).contains(&estimate.p_value), "{estimate:?}");
                prop_assert!(estimate.conf_low <= estimate.conf_high);
            }
        }
        let rank: f64 = fit.leverage.iter().sum();
        prop_assert!((rank - fit.summary.rank as f64).abs() < 1e-8);
        prop_assert!(fit.type2().is_ok_and(|tests| tests.len() == formula.terms.len()));
        let _ = fit.type3();
        let _ = fit.with_robust_covariance(RobustKind::Hc3);
        let _ = fit.subgroup_effects("h", "l1", "l0", "g");
        let request = MeansRequest { of: vec!["g".into()], ..MeansRequest::default() };
        for mean in fit.marginal_means(&request).unwrap_or_default() {
            prop_assert!(mean.estimate.is_err() || mean.estimate.is_ok_and(|mean| mean.std_error > 0.0));
        }
    }
}
