//! Linear mixed models against lme4.

use super::support::expected::Expected;
use super::support::mixed::{estimation, reference_fit};
use super::support::models::r_name;
use trialbook::stats::mixed::{DfMethod, MixedFit};

fn compare_estimates(expected: &Expected, key: &str, fit: &MixedFit) {
    let of = |name: &str| format!("{key}.{name}");
    let names: Vec<String> = fit.design.names.iter().map(r_name).collect();
    assert_eq!(names, expected.strings(&of("names")), "{key}");
    let estimates = fit
        .coefficients
        .iter()
        .map(|coefficient| coefficient.estimate);
    let estimates: Vec<f64> = estimates
        .map(|e| e.map_or(f64::NAN, |e| e.estimate))
        .collect();
    expected.numbers(&of("estimate"), &estimates);
    let errors = fit
        .coefficients
        .iter()
        .filter_map(|coefficient| coefficient.estimate);
    let errors: Vec<f64> = errors.map(|estimate| estimate.std_error).collect();
    expected.numbers(&of("se"), &errors);
    let covariance = &fit.covariance;
    let mut correlation = covariance.clone();
    for a in 0..covariance.nrows() {
        for b in 0..covariance.nrows() {
            correlation[(a, b)] /= (covariance[(a, a)] * covariance[(b, b)]).sqrt();
        }
    }
    expected.numbers(&of("vcov"), correlation.as_slice());
}

fn compare_components(expected: &Expected, key: &str, fit: &MixedFit) {
    let of = |name: &str| format!("{key}.{name}");
    expected.numbers(&of("theta"), &fit.theta);
    expected.number(&of("sigma"), fit.sigma);
    let sd: Vec<f64> = fit
        .components
        .iter()
        .flat_map(|term| term.sd.clone())
        .collect();
    expected.numbers(&of("sd"), &sd);
    if expected.has(&of("cor")) {
        let mut correlations = Vec::new();
        for term in &fit.components {
            for column in 0..term.sd.len() {
                for row in column + 1..term.sd.len() {
                    correlations.push(term.correlations[row][column].unwrap_or(f64::NAN));
                }
            }
        }
        expected.numbers(&of("cor"), &correlations);
    }
}

fn compare_modes(expected: &Expected, key: &str, fit: &MixedFit) {
    for group in expected.keys(&format!("{key}.modes")) {
        let levels = expected.strings(&format!("{key}.levels.{group}"));
        let names = expected.keys(&format!("{key}.modes.{group}"));
        // lme4 calls `a/b`'s inner factor `b:a`.
        let reversed = |text: &str| text.split(':').rev().collect::<Vec<_>>().join(":");
        let turned = fit.modes.iter().all(|term| term.group != group);
        let own = |text: &str| {
            if turned {
                reversed(text)
            } else {
                text.to_owned()
            }
        };
        for term in fit.modes.iter().filter(|term| term.group == own(&group)) {
            for (column, name) in term.names.iter().enumerate() {
                assert!(names.contains(&r_name(name)), "{key} {group} {name}");
                let place =
                    |level: &String| term.levels.iter().position(|l| *l == own(level)).unwrap();
                let values: Vec<f64> = levels
                    .iter()
                    .map(|level| term.values[(place(level), column)])
                    .collect();
                expected.numbers(&format!("{key}.modes.{group}.{}", r_name(name)), &values);
            }
        }
    }
}

#[test]
fn agrees_with_lme4() {
    let expected = Expected::load("mixed_fit");
    for name in expected.keys("fits") {
        let key = format!("fits.{name}");
        let of = |name: &str| format!("{key}.{name}");
        let fit = reference_fit(&expected, &key, DfMethod::Wald);
        // The same objective at the same parameters, apart from the same optimum.
        let criterion_at = |theta: &[f64]| {
            fit.criterion_at(theta, estimation(&expected, &key))
                .unwrap()
        };
        expected.number(&of("criterion"), criterion_at(&expected.list(&of("theta"))));
        expected.number(&of("at_rough"), criterion_at(&expected.list(&of("rough"))));
        let best = expected.get(&of("criterion"));
        assert!(
            fit.criterion <= best + 1e-6,
            "{name}: {} is not below {best}",
            fit.criterion
        );
        assert!(
            fit.convergence.gradient < 1e-4,
            "{name}: {:?}",
            fit.convergence
        );
        compare_estimates(&expected, &key, &fit);
        compare_components(&expected, &key, &fit);
        expected.number(&of("loglik"), fit.log_lik);
        expected.number(&of("aic"), fit.aic);
        expected.number(&of("bic"), fit.bic);
        expected.number(&of("nobs"), fit.nobs as f64);
        let groups: Vec<f64> = fit
            .groups
            .iter()
            .map(|(_, levels)| *levels as f64)
            .collect();
        let mut theirs = expected.list(&of("groups"));
        let mut ours = groups;
        ours.sort_by(f64::total_cmp);
        theirs.sort_by(f64::total_cmp);
        theirs.dedup();
        ours.dedup();
        assert_eq!(ours, theirs, "{name}");
        assert_eq!(fit.singular, expected.flag(&of("singular")), "{name}");
        if expected.has(&of("fitted")) {
            expected.numbers(&of("fitted"), &fit.fitted);
            compare_modes(&expected, &key, &fit);
        }
    }
    expected.finish();
}
