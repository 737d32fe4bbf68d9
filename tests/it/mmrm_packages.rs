//! Models for repeated measures against packages: compound symmetry as a random intercept, sandwich covariances.

use super::support::expected::Expected;
use super::support::repeated::reference_fit;
use trialbook::stats::linear::{Comparison, Estimate, FTest, MeansRequest};
use trialbook::stats::mmrm::{
    CoefficientCovariance, Information, RepeatedDf, RepeatedFit, RepeatedOptions,
};

fn part(estimates: &[Estimate], part: fn(&Estimate) -> f64) -> Vec<f64> {
    estimates.iter().map(part).collect()
}

fn coefficients(fit: &RepeatedFit) -> Vec<Estimate> {
    let coefficients = fit.coefficients.iter();
    coefficients.map(|c| c.estimate.unwrap()).collect()
}

fn request(expected: &Expected, key: &str, fit: &RepeatedFit) -> MeansRequest {
    MeansRequest {
        of: expected.strings(&format!("{key}.of")),
        by: vec![fit.options.visit.clone()],
        ..MeansRequest::default()
    }
}

fn compare_means(expected: &Expected, key: &str, estimates: &[Estimate]) {
    let of = |name: &str| format!("{key}.{name}");
    expected.numbers(&of("estimate"), &part(estimates, |e| e.estimate));
    expected.numbers(&of("se"), &part(estimates, |e| e.std_error));
    expected.numbers(&of("df"), &part(estimates, |e| e.df));
    expected.numbers(&of("t"), &part(estimates, |e| e.statistic));
    expected.numbers(&of("p"), &part(estimates, |e| e.p_value));
    expected.numbers(&of("low"), &part(estimates, |e| e.conf_low));
    expected.numbers(&of("high"), &part(estimates, |e| e.conf_high));
}

fn compare_tests(expected: &Expected, key: &str, fit: &RepeatedFit) {
    let of = |name: &str| format!("{key}.{name}");
    let tests = fit.type3().unwrap();
    let labels: Vec<String> = tests.iter().map(|test| test.term.clone()).collect();
    assert_eq!(labels, expected.strings(&of("terms")), "{key}");
    let numbers = |part: fn(&FTest) -> f64| -> Vec<f64> {
        tests.iter().map(|test| part(&test.test)).collect()
    };
    expected.numbers(&of("f"), &numbers(|test| test.statistic));
    expected.numbers(&of("df"), &numbers(|test| test.df));
    expected.numbers(&of("df_residual"), &numbers(|test| test.df_residual));
    expected.numbers(&of("p"), &numbers(|test| test.p_value));
}

/// lmerTest takes the observed information, pbkrtest the expected one, and neither second derivatives.
#[test]
fn compound_symmetry_is_a_random_intercept() {
    let expected = Expected::load("mmrm_packages");
    for name in expected.keys("intercepts") {
        let key = format!("intercepts.{name}");
        let fit = reference_fit(&expected, &key);
        expected.number(&format!("{key}.criterion"), fit.criterion);
        let own = coefficients(&fit);
        expected.numbers(&format!("{key}.beta"), &part(&own, |e| e.estimate));
        let linear = RepeatedOptions {
            df: RepeatedDf::KenwardRogerLinear,
            information: Information::Expected,
            ..fit.options.clone()
        };
        let kenward_roger = fit.with_inference(&linear).unwrap();
        let request = request(&expected, &key, &fit);
        for (label, fit) in [("satterthwaite", &fit), ("kenward_roger", &kenward_roger)] {
            let of = |name: &str| format!("{key}.{label}.{name}");
            let own = coefficients(fit);
            expected.numbers(&of("se"), &part(&own, |e| e.std_error));
            expected.numbers(&of("df"), &part(&own, |e| e.df));
            compare_tests(&expected, &of("type3"), fit);
            let means = fit.marginal_means(&request).unwrap();
            let means: Vec<Estimate> = means.into_iter().map(|m| m.estimate.unwrap()).collect();
            compare_means(&expected, &of("means"), &means);
            let pairs = fit
                .mean_differences(&request, &Comparison::Pairwise)
                .unwrap();
            let pairs: Vec<Estimate> = pairs.into_iter().map(|d| d.estimate.unwrap()).collect();
            compare_means(&expected, &of("pairwise"), &pairs);
        }
    }
    for name in expected.keys("sandwich") {
        let key = format!("sandwich.{name}");
        let fit = reference_fit(&expected, &key);
        let request = request(&expected, &format!("{key}.means"), &fit);
        let means = fit.marginal_means(&request).unwrap();
        let means: Vec<Estimate> = means.into_iter().map(|m| m.estimate.unwrap()).collect();
        expected.numbers(
            &format!("{key}.means.estimate"),
            &part(&means, |e| e.estimate),
        );
        expected.numbers(&format!("{key}.means.se"), &part(&means, |e| e.std_error));
        for (label, kind) in [
            ("cr0", CoefficientCovariance::Empirical),
            ("cr2", CoefficientCovariance::BiasReduced),
            ("cr3", CoefficientCovariance::Jackknife),
        ] {
            let options = RepeatedOptions {
                coefficient_covariance: kind,
                ..fit.options.clone()
            };
            let own = coefficients(&fit.with_inference(&options).unwrap());
            expected.numbers(&format!("{key}.{label}.se"), &part(&own, |e| e.std_error));
            expected.numbers(&format!("{key}.{label}.df"), &part(&own, |e| e.df));
        }
    }
    expected.finish();
}
