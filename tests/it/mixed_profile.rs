//! Profile intervals against lme4, likelihood-ratio tests, and the parametric bootstrap.

use super::support::expected::Expected;
use super::support::mixed::{fit, reference_data, reference_fit};
use super::support::models::{data, numeric, r_name};
use trialbook::stats::formula::Formula;
use trialbook::stats::mixed::{
    DfMethod, Estimation, MixedFit, MixedOptions, ProfileInterval, ProfileParameter,
    percentile_interval,
};
use trialbook::stats::model_error::ModelError;

/// A limit's distance from R's, in standard errors.
fn distance(ours: f64, theirs: f64, se: f64) -> f64 {
    if ours == theirs {
        0.0
    } else {
        (ours - theirs).abs() / se
    }
}

fn label(parameter: &ProfileParameter) -> String {
    match parameter {
        ProfileParameter::Coefficient(name) => r_name(name),
        other => format!("{other:?}"),
    }
}

#[test]
fn profile_limits_are_those_of_lme4() {
    let expected = Expected::load("mixed_profile");
    let mut wrong = Vec::new();
    for name in expected.keys("fits") {
        let key = format!("fits.{name}");
        let of = |name: &str| format!("{key}.{name}");
        let fit = reference_fit(&expected, &key, DfMethod::Wald);
        let intervals = fit.profile_intervals(0.95).unwrap();
        let (low, high) = (expected.list(&of("low")), expected.list(&of("high")));
        let (ml, se) = (expected.list(&of("ml")), expected.list(&of("se")));
        let names = expected.strings(&of("names"));
        assert_eq!(intervals.len(), low.len(), "{name}");
        for (index, interval) in intervals.iter().enumerate() {
            let place = format!("{name} {} {}", names[index], label(&interval.parameter));
            let (low, high) = (low[index], high[index]);
            // A variance's interval has no standard error; its width takes that place.
            let width = (interval.high - interval.low) / 3.92;
            let unit = if se[index].is_nan() { width } else { se[index] };
            for (what, ours, theirs) in [("low", interval.low, low), ("high", interval.high, high)]
            {
                let bent = matches!(names[index].as_str(), ".sig01" | ".sigma");
                if theirs.is_infinite() || (name == "btheb_slope" && bent) {
                    // Here lme4's spline gives no answer, or a wrong one: see the script.
                    continue;
                }
                let far = distance(ours, theirs, unit);
                if far.is_nan() || far > 1e-3 {
                    wrong.push(format!(
                        "{place} {what}: {ours}, expected {theirs}, {far} SE"
                    ));
                }
            }
            // Near the optimum the likelihood is flat: its square root has half the digits.
            if distance(interval.estimate, ml[index], unit) > 1e-4 {
                wrong.push(format!(
                    "{place}: {}, expected {}",
                    interval.estimate, ml[index]
                ));
            }
        }
        let (low, high) = (
            expected.list(&of("wald_low")),
            expected.list(&of("wald_high")),
        );
        compare_wald(&fit, &low, &high);
    }
    for name in expected.keys("ratios") {
        let key = format!("ratios.{name}");
        let data = reference_data(&expected, "trial");
        let options = MixedOptions {
            estimation: Estimation::Ml,
            df: DfMethod::Wald,
            ..MixedOptions::default()
        };
        let fit = |which: &str| {
            let text = expected.strings(&format!("{key}.{which}")).remove(0);
            MixedFit::new(&Formula::parse(&text).unwrap(), &data, &options).unwrap()
        };
        let test = fit("small").likelihood_ratio(&fit("large")).unwrap();
        expected.numbers(
            &format!("{key}.test"),
            &[test.statistic, test.df, test.p_value],
        );
    }
    // The levels of all data, which not all of the above have asked for.
    expected.finish();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare_wald(fit: &MixedFit, low: &[f64], high: &[f64]) {
    let options = MixedOptions {
        level: 0.9,
        ..fit.options.clone()
    };
    let mut narrow = fit.clone();
    narrow.options = options;
    let narrow = narrow.with_df(DfMethod::Wald).unwrap();
    for ((coefficient, low), high) in narrow.coefficients.iter().zip(low).zip(high) {
        let estimate = coefficient.estimate.unwrap();
        assert!((estimate.conf_low - low).abs() < 1e-5 * estimate.std_error);
        assert!((estimate.conf_high - high).abs() < 1e-5 * estimate.std_error);
        assert!(estimate.df.is_infinite());
    }
}

fn small_trial() -> MixedFit {
    let y = [
        3.1, 4.0, 5.2, 2.2, 2.9, 3.5, 6.0, 6.4, 8.1, 4.4, 4.9, 5.0, 1.9, 3.3, 3.1, 5.5, 7.2, 8.8,
    ];
    let time: Vec<f64> = (0..18).map(|i| f64::from(i % 3)).collect();
    let id: Vec<f64> = (0..18).map(|i| f64::from(i / 3)).collect();
    let columns = data(vec![
        ("y", numeric(&y)),
        ("time", numeric(&time)),
        ("id", numeric(&id)),
    ]);
    fit("y ~ time + (1 | id)", &columns)
}

#[test]
fn the_profile_of_a_contrast_is_that_of_a_coefficient() {
    let fit = small_trial();
    let all: Vec<ProfileInterval> = fit.profile_intervals(0.9).unwrap();
    let slope = all.last().unwrap();
    let (estimate, low, high) = fit.profile_contrast(&[0.0, 2.0], 0.9).unwrap();
    assert!((estimate - 2.0 * slope.estimate).abs() < 1e-9);
    assert!((low - 2.0 * slope.low).abs() < 1e-6);
    assert!((high - 2.0 * slope.high).abs() < 1e-6);
    for level in [0.0, 1.0, f64::NAN, 95.0] {
        assert!(matches!(
            fit.profile_intervals(level),
            Err(ModelError::ConfidenceLevel(_))
        ));
    }
    assert_eq!(
        fit.profile_contrast(&[0.0, 0.0], 0.9),
        Err(ModelError::EmptyContrast)
    );
    assert!(matches!(
        fit.profile_contrast(&[0.0], 0.9),
        Err(ModelError::ContrastLength { .. })
    ));
}

#[test]
fn likelihoods_that_mean_different_things_are_not_compared() {
    let fit = small_trial();
    let refused = |other: &MixedFit| fit.likelihood_ratio(other).unwrap_err();
    assert!(matches!(refused(&fit), ModelError::NotComparable(_)));
    let ml = fit.with_estimation(Estimation::Ml).unwrap();
    assert!(matches!(refused(&ml), ModelError::NotComparable(_)));
    assert!(matches!(
        ml.with_df(DfMethod::KenwardRoger),
        Err(ModelError::NeedsReml(_))
    ));
}

#[test]
fn a_bootstrap_draw_depends_on_its_number_alone() {
    let fit = small_trial();
    let all = fit.bootstrap(7, 0..6).unwrap();
    let mut parts = fit.bootstrap(7, 3..6).unwrap();
    parts.splice(0..0, fit.bootstrap(7, 0..3).unwrap());
    assert_eq!(all, parts);
    assert_ne!(all, fit.bootstrap(8, 0..6).unwrap());
}

/// The mean and spread of bootstrap values within Monte Carlo error of what they estimate.
#[test]
fn bootstrap_draws_scatter_as_the_fit_says() {
    let fit = small_trial();
    let draws: Vec<_> = fit
        .bootstrap(1, 0..2000)
        .unwrap()
        .into_iter()
        .filter_map(Result::ok)
        .collect();
    assert!(draws.len() > 1990);
    let slope = fit.coefficients[1].estimate.unwrap();
    let values: Vec<f64> = draws.iter().map(|draw| draw.coefficients[1]).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    assert!((mean - slope.estimate).abs() < 4.0 * slope.std_error / n.sqrt());
    assert!((sd / slope.std_error - 1.0).abs() < 4.0 / (2.0 * n).sqrt());
    let variance = draws
        .iter()
        .map(|draw| draw.sigma * draw.sigma)
        .sum::<f64>()
        / n;
    assert!((variance / (fit.sigma * fit.sigma) - 1.0).abs() < 0.08);
    let (low, high) = percentile_interval(&values, 0.95).unwrap();
    assert!((low - (slope.estimate - 1.96 * slope.std_error)).abs() < 0.3 * slope.std_error);
    assert!((high - (slope.estimate + 1.96 * slope.std_error)).abs() < 0.3 * slope.std_error);
}

/// `boot::boot.ci(type = "perc")` of the squares of 1 to 99.
#[test]
fn percentile_intervals_interpolate_on_the_normal_scale() {
    let squares: Vec<f64> = (1..100).rev().map(|i| f64::from(i * i)).collect();
    let (low, high) = percentile_interval(&squares, 0.9).unwrap();
    assert!((low - 25.0).abs() < 1e-9 && (high - 9025.0).abs() < 1e-9);
    let (low, high) = percentile_interval(&squares, 0.95).unwrap();
    assert!(
        (low - 6.711_247_494_198_795).abs() < 1e-9 && (high - 9_498.261_347_726_248).abs() < 1e-9
    );
    assert!(percentile_interval(&squares, 0.999).is_err());
    assert!(percentile_interval(&[f64::NAN; 100], 0.9).is_err());
    assert!(percentile_interval(&squares, 1.5).is_err());
}
