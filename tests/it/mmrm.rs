//! Models for repeated measures against their formulas worked out by R.

use super::support::expected::{Data, Expected};
use super::support::models::{data, factor};
use super::support::repeated::{reference_fit, try_repeated};
use trialbook::stats::linear::Estimate;
use trialbook::stats::mixed::Estimation;
use trialbook::stats::mmrm::{
    CovarianceKind, Information, RepeatedDf, RepeatedFit, RepeatedOptions,
};
use trialbook::stats::model_data::{ModelColumn, ModelData};

fn estimates(fit: &RepeatedFit) -> Vec<Estimate> {
    let coefficients = fit.coefficients.iter();
    coefficients.map(|c| c.estimate.unwrap()).collect()
}

fn part(fit: &RepeatedFit, part: fn(&Estimate) -> f64) -> Vec<f64> {
    estimates(fit).iter().map(part).collect()
}

fn with(fit: &RepeatedFit, df: RepeatedDf, information: Information) -> RepeatedFit {
    let options = RepeatedOptions {
        df,
        information,
        ..fit.options.clone()
    };
    fit.with_inference(&options).unwrap()
}

fn joint(fit: &RepeatedFit, rows: &[Vec<f64>]) -> [f64; 4] {
    let test = fit.joint_test(rows).unwrap();
    [test.statistic, test.df, test.df_residual, test.p_value]
}

/// Optimum, coefficients and covariance matrices; and the criterion at R's parameters.
fn compare_estimates(expected: &Expected, key: &str, fit: &RepeatedFit) {
    let of = |name: &str| format!("{key}.{name}");
    expected.number(&of("criterion"), fit.criterion);
    let theta = expected.list(&of("theta"));
    let there = fit.criterion_at(&theta, fit.options.estimation).unwrap();
    expected.number(&of("criterion"), there);
    assert!(fit.criterion <= there + 1e-9, "{key}");
    assert!(
        fit.convergence.hessian_definite && fit.convergence.gradient < 1e-6,
        "{key}: {:?}",
        fit.convergence
    );
    expected.numbers(&of("beta"), &part(fit, |e| e.estimate));
    expected.numbers(&of("se"), &part(fit, |e| e.std_error));
    let matrices = fit
        .covariances
        .iter()
        .flat_map(|c| c.matrix.iter().copied());
    expected.numbers(&of("sigma"), &matrices.collect::<Vec<f64>>());
}

#[test]
fn structures_and_inference_are_those_of_the_formulas() {
    let expected = Expected::load("mmrm");
    for name in expected.keys("fits") {
        let key = format!("fits.{name}");
        let of = |name: &str| format!("{key}.{name}");
        let fit = reference_fit(&expected, &key);
        compare_estimates(&expected, &key, &fit);
        let rows = expected.list(&of("rows"));
        let rows: Vec<Vec<f64>> = rows
            .chunks(fit.coefficients.len())
            .map(<[f64]>::to_vec)
            .collect();
        expected.numbers(&of("satterthwaite.df"), &part(&fit, |e| e.df));
        expected.numbers(&of("satterthwaite.joint"), &joint(&fit, &rows));
        if fit.options.estimation == Estimation::Ml {
            continue;
        }
        let observed = Information::Observed;
        let kenward_roger = with(&fit, RepeatedDf::KenwardRoger, observed);
        expected.numbers(
            &of("kenward_roger.se"),
            &part(&kenward_roger, |e| e.std_error),
        );
        expected.numbers(&of("satterthwaite.df"), &part(&kenward_roger, |e| e.df));
        expected.numbers(&of("kenward_roger.joint"), &joint(&kenward_roger, &rows));
        let linear = with(&fit, RepeatedDf::KenwardRogerLinear, observed);
        expected.numbers(
            &of("kenward_roger_linear.se"),
            &part(&linear, |e| e.std_error),
        );
        expected.numbers(&of("kenward_roger_linear.joint"), &joint(&linear, &rows));
        let article = with(&fit, RepeatedDf::KenwardRogerLinear, Information::Expected);
        expected.numbers(&of("expected.se"), &part(&article, |e| e.std_error));
        expected.numbers(&of("expected.df"), &part(&article, |e| e.df));
        expected.numbers(&of("expected.joint"), &joint(&article, &rows));
    }
    expected.finish();
}

/// The growth of jaws of Potthoff & Roy (1964), the example of repeated measures in the manual of SAS PROC MIXED.
fn growth() -> ModelData {
    let file = Data::load("mixed_growth");
    let levels = |name: &str, levels: &[&str]| {
        let texts = file.texts(name);
        let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        factor(levels, &texts)
    };
    let subjects = file.texts("subject");
    let mut names: Vec<&str> = subjects.iter().filter_map(|name| name.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    data(vec![
        ("distance", ModelColumn::Numeric(file.numbers("distance"))),
        ("age", ModelColumn::Numeric(file.numbers("age"))),
        ("subject", levels("subject", &names)),
        ("sex", levels("sex", &["Male", "Female"])),
        ("visit", levels("visit", &["a8", "a10", "a12", "a14"])),
    ])
}

/// Equal to a unit of the last digit that the text shows: SAS stops a little before the optimum.
fn printed(text: &str, value: f64) {
    let decimals = text.split('.').nth(1).map_or(0, str::len);
    let unit = 0.1_f64.powi(i32::try_from(decimals).unwrap());
    let distance = (text.parse::<f64>().unwrap() - value).abs();
    assert!(distance <= unit, "{text} {value}");
}

/// SAS/STAT User's Guide, the MIXED procedure, example "Repeated Measures": `model y = Gender Age Gender*Age / s;
/// repeated / type=un | cs subject=Person r;` by maximum likelihood.
#[test]
fn the_example_of_the_manual_of_sas_comes_out() {
    let data = growth();
    let ml = |covariance, group: Option<&str>| RepeatedOptions {
        covariance,
        group: group.map(str::to_owned),
        estimation: Estimation::Ml,
        ..RepeatedOptions::new("visit", "subject")
    };
    let formula = "distance ~ sex * age";
    let fit = try_repeated(formula, &data, &ml(CovarianceKind::Unstructured, None)).unwrap();
    printed("419.5", fit.criterion);
    printed("447.5", fit.aic);
    printed("465.6", fit.bic);
    let matrix = &fit.covariances[0].matrix;
    let lower = [
        "5.1192", "2.4409", "3.9279", "3.6105", "2.7175", "5.9798", "2.5222", "3.0624", "3.8235",
        "4.6180",
    ];
    let places = (0..4).flat_map(|a| (0..=a).map(move |b| (a, b)));
    for (text, place) in lower.iter().zip(places) {
        printed(text, matrix[place]);
    }
    let all = estimates(&fit);
    for (estimate, [value, error]) in all.iter().zip([
        ["15.8423", "0.9356"],
        ["1.5831", "1.4658"],
        ["0.8268", "0.07911"],
        ["-0.3504", "0.1239"],
    ]) {
        printed(value, estimate.estimate);
        printed(error, estimate.std_error);
    }
    let fit = try_repeated(formula, &data, &ml(CovarianceKind::CompoundSymmetry, None)).unwrap();
    printed("428.6", fit.criterion);
    printed("440.6", fit.aic);
    let matrix = &fit.covariances[0].matrix;
    printed("3.0306", matrix[(1, 0)]);
    printed("1.8746", matrix[(0, 0)] - matrix[(1, 0)]);
    let grouped = ml(CovarianceKind::CompoundSymmetry, Some("sex"));
    let fit = try_repeated(formula, &data, &grouped).unwrap();
    printed("408.8", fit.criterion);
}

/// The R package mmrm itself, `mmrm(distance ~ SexCode * age + us(visit | Subject), method = "Kenward-Roger")`, as
/// published with the validation of BESH Stat NG (P. Slezak, 2026). Its optimiser stops at a relative 1e-5.
#[test]
fn the_package_mmrm_gives_the_same() {
    let options = RepeatedOptions {
        df: RepeatedDf::KenwardRoger,
        ..RepeatedOptions::new("visit", "subject")
    };
    let fit = try_repeated("distance ~ sex * age", &growth(), &options).unwrap();
    let expected = [
        [15.842_245_2, 1.002_190_6, 24.999_99],
        [1.583_124, 1.570_130_92, 24.999_99],
        [0.826_812_3, 0.083_685_95, 24.996_71],
        [-0.350_448_4, 0.131_110_69, 24.996_71],
    ];
    for (estimate, expected) in estimates(&fit).iter().zip(expected) {
        for (value, expected) in [estimate.estimate, estimate.std_error, estimate.df]
            .iter()
            .zip(expected)
        {
            assert!((value / expected - 1.0).abs() < 2e-4, "{value} {expected}");
        }
    }
}
