//! Inference on fixed effects against lmerTest, pbkrtest and emmeans.

use super::support::expected::Expected;
use super::support::mixed::reference_fit;
use trialbook::stats::linear::{Comparison, Estimate, FTest, MeansRequest};
use trialbook::stats::mixed::{DfMethod, MixedFit};

const METHODS: [(&str, DfMethod); 2] = [
    ("satterthwaite", DfMethod::Satterthwaite),
    ("kenward_roger", DfMethod::KenwardRoger),
];

fn part(estimates: &[Estimate], part: fn(&Estimate) -> f64) -> Vec<f64> {
    estimates.iter().map(part).collect()
}

fn compare_tests(expected: &Expected, key: &str, fit: &MixedFit) {
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

#[test]
fn degrees_of_freedom_are_those_of_lmertest_and_pbkrtest() {
    let expected = Expected::load("mixed_inference");
    for name in expected.keys("fits") {
        let key = format!("fits.{name}");
        let wald = reference_fit(&expected, &key, DfMethod::Wald);
        for (label, method) in METHODS {
            let of = |name: &str| format!("{key}.{label}.{name}");
            if !expected.has(&format!("{key}.{label}")) {
                continue;
            }
            let fit = wald.with_df(method).unwrap();
            let estimates: Vec<Estimate> = fit
                .coefficients
                .iter()
                .map(|coefficient| coefficient.estimate.unwrap())
                .collect();
            expected.numbers(&of("se"), &part(&estimates, |e| e.std_error));
            expected.numbers(&of("df"), &part(&estimates, |e| e.df));
            expected.numbers(&of("t"), &part(&estimates, |e| e.statistic));
            expected.numbers(&of("p"), &part(&estimates, |e| e.p_value));
            if expected.has(&format!("{key}.rows")) {
                let rows = expected.list(&format!("{key}.rows"));
                let rows: Vec<Vec<f64>> =
                    rows.chunks(estimates.len()).map(<[f64]>::to_vec).collect();
                let test = fit.joint_test(&rows).unwrap();
                let numbers = [test.statistic, test.df, test.df_residual, test.p_value];
                expected.numbers(&of("joint"), &numbers);
            }
            if expected.has(&of("type3")) {
                compare_tests(&expected, &of("type3"), &fit);
            }
        }
    }
    for case in expected.keys("means") {
        let key = format!("means.{case}");
        let wald = reference_fit(&expected, &key, DfMethod::Wald);
        let request = MeansRequest {
            of: expected.strings(&format!("{key}.of")),
            by: expected.strings(&format!("{key}.by")),
            at: Vec::new(),
            ..MeansRequest::default()
        };
        for (label, method) in METHODS {
            let fit = wald.with_df(method).unwrap();
            let means = fit.marginal_means(&request).unwrap();
            let means: Vec<Estimate> = means.into_iter().map(|m| m.estimate.unwrap()).collect();
            compare_means(&expected, &format!("{key}.{label}.means"), &means);
            let pairs = fit
                .mean_differences(&request, &Comparison::Pairwise)
                .unwrap();
            let pairs: Vec<Estimate> = pairs.into_iter().map(|d| d.estimate.unwrap()).collect();
            compare_means(&expected, &format!("{key}.{label}.pairwise"), &pairs);
        }
    }
    expected.finish();
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
