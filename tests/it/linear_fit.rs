//! Linear models against R's `lm` and `car::Anova`.

use super::support::expected::Expected;
use super::support::models::{r_name, reference_data};
use trialbook::stats::formula::Formula;
use trialbook::stats::linear::{Estimate, LinearFit, LinearOptions, RobustKind, TermTest};
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
