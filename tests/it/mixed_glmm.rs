//! Generalised linear mixed models against lme4's glmer.

use super::support::expected::Expected;
use super::support::mixed::reference_data;
use super::support::models::{data, factor, numeric};
use proptest::prelude::*;
use trialbook::stats::formula::Formula;
use trialbook::stats::linear::{Comparison, MeansRequest};
use trialbook::stats::mixed::{Family, GlmmFit, GlmmOptions};
use trialbook::stats::model_data::ModelData;
use trialbook::stats::model_error::ModelError;

fn points(number: f64) -> usize {
    (1..100).find(|points| *points as f64 == number).unwrap()
}

#[test]
fn agrees_with_glmer() {
    let expected = Expected::load("mixed_glmm");
    for name in expected.keys("fits") {
        let key = format!("fits.{name}");
        let of = |name: &str| format!("{key}.{name}");
        let text = |name: &str| expected.strings(&of(name)).remove(0);
        let weights = text("weights");
        let options = GlmmOptions {
            family: if text("family") == "binomial" {
                Family::Binomial
            } else {
                Family::Poisson
            },
            trials: (!weights.is_empty()).then_some(weights),
            offset: None,
            points: points(expected.get(&of("points"))),
            level: 0.95,
        };
        let data = reference_data(&expected, &text("data"));
        let formula = Formula::parse(&text("formula")).unwrap();
        let fit = GlmmFit::new(&formula, &data, &options).unwrap();
        let estimates: Vec<_> = fit
            .coefficients
            .iter()
            .map(|c| c.estimate.unwrap())
            .collect();
        let part = |pick: fn(&trialbook::stats::linear::Estimate) -> f64| -> Vec<f64> {
            estimates.iter().map(pick).collect()
        };
        expected.numbers(&of("estimate"), &part(|e| e.estimate));
        expected.numbers(&of("se"), &part(|e| e.std_error));
        expected.numbers(&of("theta"), &fit.theta);
        expected.number(&of("loglik"), fit.log_lik);
        expected.number(&of("nobs"), fit.nobs as f64);
        expected.numbers(&of("fitted"), &fit.fitted);
        if expected.has(&of("aic")) {
            expected.number(&of("aic"), fit.aic);
            expected.number(&of("bic"), fit.bic);
        }
        assert!(fit.log_lik >= expected.get(&of("loglik")) - 1e-6, "{name}");
    }
    expected.finish();
}

fn events() -> ModelData {
    let event: Vec<f64> = (0..60)
        .map(|i| f64::from(u8::from((i * i + i / 7) % 5 < 2)))
        .collect();
    let arm: Vec<Option<&str>> = (0..60)
        .map(|i| Some(if (i / 5) % 2 == 0 { "c" } else { "t" }))
        .collect();
    let id: Vec<f64> = (0..60).map(|i| f64::from(i / 5)).collect();
    let site: Vec<f64> = (0..60).map(|i| f64::from(i % 4)).collect();
    let sure: Vec<f64> = (0..60)
        .map(|i| f64::from(u8::from((i / 5) % 2 == 0)))
        .collect();
    data(vec![
        ("event", numeric(&event)),
        ("arm", factor(&["c", "t"], &arm)),
        ("id", numeric(&id)),
        ("site", numeric(&site)),
        ("sure", numeric(&sure)),
        (
            "half",
            numeric(&event.iter().map(|e| e / 2.0).collect::<Vec<_>>()),
        ),
        ("two", numeric(&[2.0; 60])),
    ])
}

fn attempt(formula: &str, options: &GlmmOptions) -> Result<GlmmFit, ModelError> {
    let formula = Formula::parse(formula).unwrap();
    GlmmFit::new(&formula, &events(), options).map_err(|mut errors| errors.remove(0))
}

#[test]
fn what_the_model_cannot_be_is_refused() {
    let logistic = GlmmOptions::of(Family::Binomial);
    let poisson = GlmmOptions::of(Family::Poisson);
    let refused = |formula: &str, options: &GlmmOptions| attempt(formula, options).unwrap_err();
    assert!(matches!(
        refused("half ~ arm + (1 | id)", &logistic),
        ModelError::ImpossibleOutcome { .. }
    ));
    assert!(matches!(
        refused("half ~ arm + (1 | id)", &poisson),
        ModelError::ImpossibleOutcome { .. }
    ));
    assert_eq!(
        refused("event ~ arm", &logistic),
        ModelError::NoRandomEffects
    );
    assert!(matches!(
        refused("arm ~ 1 + (1 | id)", &logistic),
        ModelError::FactorResponse { .. }
    ));
    let nine = GlmmOptions {
        points: 9,
        ..logistic.clone()
    };
    assert_eq!(
        refused("event ~ arm + (1 | id) + (1 | site)", &nine),
        ModelError::Quadrature { effects: 2 }
    );
    assert_eq!(
        refused("event ~ arm + (site | id)", &nine),
        ModelError::Quadrature { effects: 2 }
    );
    for points in [0, 101] {
        let options = GlmmOptions {
            points,
            ..logistic.clone()
        };
        assert!(matches!(
            refused("event ~ arm + (1 | id)", &options),
            ModelError::Statistic(_)
        ));
    }
    // An arm in which the outcome is certain.
    assert!(attempt("sure ~ arm + (1 | id)", &logistic).is_err());
    assert!(attempt("sure ~ arm + (1 | id)", &poisson).is_err());
    let trials = GlmmOptions {
        trials: Some("two".to_owned()),
        ..logistic
    };
    assert!(attempt("half ~ arm + (1 | id)", &trials).is_ok());
}

#[test]
fn without_variance_between_groups_it_is_a_logistic_model() {
    // Every participant has the same outcomes: the variance between them is zero.
    let event: Vec<f64> = (0..60).map(|i| f64::from(u8::from(i % 5 < 2))).collect();
    let id: Vec<f64> = (0..60).map(|i| f64::from(i / 5)).collect();
    let columns = data(vec![("event", numeric(&event)), ("id", numeric(&id))]);
    let formula = Formula::parse("event ~ 1 + (1 | id)").unwrap();
    for points in [1, 7] {
        let options = GlmmOptions {
            points,
            ..GlmmOptions::of(Family::Binomial)
        };
        let fit = GlmmFit::new(&formula, &columns, &options).unwrap();
        assert!(fit.singular);
        let estimate = fit.coefficients[0].estimate.unwrap();
        assert!((estimate.estimate - (0.4_f64 / 0.6).ln()).abs() < 1e-6);
        assert!((estimate.std_error - (1.0 / (60.0 * 0.24_f64)).sqrt()).abs() < 1e-5);
        let log_lik = 24.0 * 0.4_f64.ln() + 36.0 * 0.6_f64.ln();
        assert!((fit.log_lik - log_lik).abs() < 1e-7);
    }
}

#[test]
fn differences_of_means_are_those_of_coefficients() {
    let fit = attempt("event ~ arm + (1 | id)", &GlmmOptions::of(Family::Binomial)).unwrap();
    let request = MeansRequest {
        of: vec!["arm".to_owned()],
        ..MeansRequest::default()
    };
    let difference = fit
        .mean_differences(&request, &Comparison::ReversePairwise)
        .unwrap();
    let difference = difference[0].estimate.as_ref().unwrap();
    let coefficient = fit.coefficients[1].estimate.unwrap();
    assert!((difference.estimate - coefficient.estimate).abs() < 1e-12);
    assert!((difference.std_error - coefficient.std_error).abs() < 1e-12);
    assert!(difference.df.is_infinite());
    assert_eq!(fit.marginal_means(&request).unwrap().len(), 2);
}

#[test]
fn terms_are_tested_by_wald_and_by_likelihoods() {
    let logistic = GlmmOptions::of(Family::Binomial);
    let fit = attempt("event ~ arm * site + (1 | id)", &logistic).unwrap();
    let smaller = attempt("event ~ site + (1 | id)", &logistic).unwrap();
    let tests = fit.type3().unwrap();
    assert_eq!(tests.len(), 3);
    // A term of one coefficient: z squared.
    let last = fit.coefficients.last().unwrap().estimate.unwrap();
    let test = tests[2].test;
    assert!((test.statistic - last.statistic * last.statistic).abs() < 1e-9);
    assert!((test.p_value - last.p_value).abs() < 1e-9);
    let ratio = smaller.likelihood_ratio(&fit).unwrap();
    assert_eq!(ratio.df, 2.0);
    assert!((ratio.statistic - 2.0 * (fit.log_lik - smaller.log_lik)).abs() < 1e-9);
    assert!(fit.likelihood_ratio(&smaller).is_err());
    assert!(fit.joint_test(&[]).is_err());
}

#[test]
fn a_second_factor_without_variance_changes_nothing() {
    let logistic = GlmmOptions::of(Family::Binomial);
    let one = attempt("event ~ arm + (1 | id)", &logistic).unwrap();
    let two = attempt("event ~ arm + (1 | id) + (1 | site)", &logistic).unwrap();
    assert!(two.criterion <= one.criterion + 1e-7);
    assert_eq!(two.groups.len(), 2);
    if two.theta[1] == 0.0 {
        assert!((two.criterion - one.criterion).abs() < 1e-7);
    }
    // Every site within one participant: the same as a factor of their combinations.
    let nested = attempt("event ~ arm + (1 | id / site)", &logistic).unwrap();
    assert_eq!(nested.groups.len(), 2);
    assert!(nested.criterion <= one.criterion + 1e-7);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_the_data_a_fit_is_finite_or_refused(
        y in prop::collection::vec(prop_oneof![6 => 0_u8..2, 1 => 0_u8..60], 30),
        x in prop::collection::vec(
            prop_oneof![5 => -3.0..3.0_f64, 1 => prop::sample::select(vec![1e12, -1e-12, 0.0])],
            30,
        ),
        groups in prop::collection::vec(0_u8..6, 30),
        poisson in any::<bool>(),
        formula in prop::sample::select(vec![
            "y ~ x + (1 | g)", "y ~ x + (x | g)", "y ~ x + (1 | g) + (1 | h)", "y ~ 0 + x + (0 + x | g)", "y ~ 1 + (1 | g)",
        ]),
    ) {
        let numbers = |v: &[u8]| numeric(&v.iter().map(|v| f64::from(*v)).collect::<Vec<_>>());
        let crossed: Vec<f64> = (0..30).map(|row| f64::from(row % 4)).collect();
        let columns = data(vec![
            ("y", numbers(&y)), ("x", numeric(&x)), ("g", numbers(&groups)), ("h", numeric(&crossed)),
        ]);
        let family = if poisson { Family::Poisson } else { Family::Binomial };
        let formula = Formula::parse(formula).unwrap();
        if let Ok(fit) = GlmmFit::new(&formula, &columns, &GlmmOptions::of(family)) {
            prop_assert!(fit.criterion.is_finite());
            prop_assert!(fit.fitted.iter().chain(&fit.theta).all(|v| v.is_finite()));
            for coefficient in &fit.coefficients {
                prop_assert!(coefficient.estimate.is_none_or(|e| e.std_error.is_finite()));
            }
        }
    }
}
