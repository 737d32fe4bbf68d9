//! Marginal means, contrasts and subgroups against emmeans; what linear models refuse.

use super::support::expected::Expected;
use super::support::models::{data, factor, fit, numeric, reference_data};
use trialbook::stats::formula::Formula;
use trialbook::stats::linear::{
    AtValues, Comparison, Estimate, FTest, GridValue, LinearFit, LinearOptions, MeansRequest,
    RobustKind,
};
use trialbook::stats::model_data::ModelData;
use trialbook::stats::model_error::ModelError;

fn compare(expected: &Expected, key: &str, estimates: &[Result<Estimate, ModelError>]) {
    let of = |part: fn(&Estimate) -> f64| -> Vec<f64> {
        estimates
            .iter()
            .map(|estimate| estimate.as_ref().map_or(f64::NAN, part))
            .collect()
    };
    expected.numbers(&format!("{key}.estimate"), &of(|e| e.estimate));
    expected.numbers(&format!("{key}.se"), &of(|e| e.std_error));
    expected.numbers(&format!("{key}.df"), &of(|e| e.df));
    expected.numbers(&format!("{key}.t"), &of(|e| e.statistic));
    expected.numbers(&format!("{key}.p"), &of(|e| e.p_value));
    expected.numbers(&format!("{key}.low"), &of(|e| e.conf_low));
    expected.numbers(&format!("{key}.high"), &of(|e| e.conf_high));
}

fn at_values(expected: &Expected, key: &str) -> Vec<AtValues> {
    if !expected.keys(key).contains(&"at".to_owned()) {
        return Vec::new();
    }
    let columns = expected.keys(&format!("{key}.at"));
    let values = |column: &str| {
        let key = format!("{key}.at.{column}");
        if column == "gear" {
            expected
                .strings(&key)
                .into_iter()
                .map(GridValue::Level)
                .collect()
        } else {
            expected
                .list(&key)
                .into_iter()
                .map(GridValue::Number)
                .collect()
        }
    };
    columns
        .into_iter()
        .map(|column| AtValues {
            values: values(&column),
            column,
        })
        .collect()
}

fn reference_fit(expected: &Expected, key: &str) -> LinearFit {
    let text = |name: &str| expected.strings(&format!("{key}.{name}")).remove(0);
    let has_weights = expected.keys(key).contains(&"weights".to_owned());
    let weights = if has_weights {
        text("weights")
    } else {
        String::new()
    };
    let options = LinearOptions {
        weights: (!weights.is_empty()).then_some(weights),
        ..LinearOptions::default()
    };
    let data = reference_data(expected, &text("data"));
    LinearFit::new(&Formula::parse(&text("formula")).unwrap(), &data, &options).unwrap()
}

fn f_numbers(test: FTest) -> [f64; 4] {
    [test.statistic, test.df, test.df_residual, test.p_value]
}

#[test]
fn means_and_differences_are_those_of_emmeans() {
    let expected = Expected::load("lm_means");
    for case in expected.keys("cases") {
        let key = format!("cases.{case}");
        let fit = reference_fit(&expected, &key);
        let request = MeansRequest {
            of: expected.strings(&format!("{key}.of")),
            by: expected.strings(&format!("{key}.by")),
            at: at_values(&expected, &key),
            ..MeansRequest::default()
        };
        let means = fit.marginal_means(&request).unwrap();
        let reference: Vec<GridValue> =
            means[0].of.iter().map(|(_, value)| value.clone()).collect();
        let means: Vec<_> = means.into_iter().map(|mean| mean.estimate).collect();
        compare(&expected, &format!("{key}.means"), &means);
        let comparisons = [
            ("pairwise", Comparison::Pairwise),
            ("reverse", Comparison::ReversePairwise),
            ("against", Comparison::Against(reference)),
        ];
        for (name, comparison) in comparisons {
            let differences = fit.mean_differences(&request, &comparison).unwrap();
            let estimates: Vec<_> = differences
                .into_iter()
                .map(|difference| difference.estimate)
                .collect();
            compare(&expected, &format!("{key}.{name}"), &estimates);
        }
    }
    for (case, arm, level, reference, subgroup) in [
        ("drug", "treatment", "BtheB", "TAU", "drug"),
        ("length", "treatment", "BtheB", "TAU", "length"),
        ("warpbreaks", "wool", "B", "A", "tension"),
        ("empty_cell", "a", "act", "ctl", "b"),
    ] {
        let key = format!("interactions.{case}");
        let fit = reference_fit(&expected, &key);
        let analysis = fit
            .subgroup_effects(arm, level, reference, subgroup)
            .unwrap();
        expected.numbers(&format!("{key}.f"), &f_numbers(analysis.interaction));
    }
    let fit = reference_fit(&expected, "cases.subgroup");
    let joint = fit.joint_test(&[
        vec![0.0, 1.0, 0.0, 0.0, 0.0, 0.5],
        vec![0.0, 0.0, 1.0, -1.0, 0.0, 0.0],
        vec![0.0, 0.0, 0.0, 0.0, 10.0, 1.0],
        // Says nothing new: twice the first less the second.
        vec![0.0, 2.0, -1.0, 1.0, 0.0, 1.0],
    ]);
    expected.numbers("other.joint", &f_numbers(joint.unwrap()));
    let combination = [
        ("treatment[BtheB]", 1.0),
        ("treatment[BtheB]:drug[Yes]", 0.5),
    ];
    let combination = fit.combination(&combination).unwrap();
    expected.numbers("other.ratio", &[combination.statistic, combination.p_value]);
    expected.finish();
}

/// The trial of the first report, with the arms' effects by drug.
fn subgroup_fit() -> LinearFit {
    let expected = Expected::load("lm_means");
    let fit = reference_fit(&expected, "cases.subgroup");
    std::mem::forget(expected);
    fit
}

#[test]
fn the_adjusted_difference_is_the_coefficient_of_the_arm() {
    let expected = Expected::load("lm_means");
    let fit = reference_fit(&expected, "cases.ancova");
    std::mem::forget(expected);
    let difference = fit
        .adjusted_difference("treatment", "BtheB", "TAU")
        .unwrap();
    let coefficient = fit.combination(&[("treatment[BtheB]", 1.0)]).unwrap();
    assert!((difference.estimate - coefficient.estimate).abs() < 1e-12);
    assert!((difference.std_error - coefficient.std_error).abs() < 1e-12);
    let opposite = fit
        .adjusted_difference("treatment", "TAU", "BtheB")
        .unwrap();
    assert!((difference.estimate + opposite.estimate).abs() < 1e-12);
}

#[test]
fn subgroups_count_their_rows() {
    let analysis = subgroup_fit()
        .subgroup_effects("treatment", "BtheB", "TAU", "drug")
        .unwrap();
    let levels: Vec<&str> = analysis
        .effects
        .iter()
        .map(|effect| effect.level.as_str())
        .collect();
    assert_eq!(levels, ["No", "Yes"]);
    let rows: usize = analysis
        .effects
        .iter()
        .map(|effect| effect.n + effect.n_reference)
        .sum();
    assert_eq!(rows, 97);
    assert_eq!(analysis.interaction.df, 1.0);
}

#[test]
fn robust_errors_reach_contrasts_and_tests() {
    let fit = subgroup_fit();
    let robust = fit.with_robust_covariance(RobustKind::Hc3).unwrap();
    let classical = fit
        .adjusted_difference("treatment", "BtheB", "TAU")
        .unwrap();
    let corrected = robust
        .adjusted_difference("treatment", "BtheB", "TAU")
        .unwrap();
    assert_eq!(classical.estimate, corrected.estimate);
    assert!((classical.std_error - corrected.std_error).abs() > 1e-3);
    let analysis = robust
        .subgroup_effects("treatment", "BtheB", "TAU", "drug")
        .unwrap();
    let t = robust
        .combination(&[("treatment[BtheB]:drug[Yes]", 1.0)])
        .unwrap()
        .statistic;
    assert!((analysis.interaction.statistic - t * t).abs() < 1e-10);
    let tests = robust.type3().unwrap();
    let last = tests.last().unwrap().test.unwrap();
    assert!((last.statistic - t * t).abs() < 1e-10);
}

#[test]
fn questions_that_the_model_cannot_answer_are_refused() {
    let fit = subgroup_fit();
    let means = |of: &str, at: Vec<AtValues>| {
        let request = MeansRequest {
            of: vec![of.to_owned()],
            by: Vec::new(),
            at,
            ..MeansRequest::default()
        };
        fit.marginal_means(&request).unwrap_err()
    };
    let at = |column: &str, value: GridValue| {
        vec![AtValues {
            column: column.to_owned(),
            values: vec![value],
        }]
    };
    assert!(matches!(
        means("arm", vec![]),
        ModelError::NotInModel { .. }
    ));
    assert!(matches!(
        means("bdi_2m", vec![]),
        ModelError::NotInModel { .. }
    ));
    let level = |name: &str| GridValue::Level(name.to_owned());
    assert!(matches!(
        means("drug", at("drug", level("Maybe"))),
        ModelError::UnknownLevel { .. }
    ));
    assert!(matches!(
        means("drug", at("drug", GridValue::Number(1.0))),
        ModelError::NotNumeric { .. }
    ));
    assert!(matches!(
        means("drug", at("bdi_pre", level("high"))),
        ModelError::NotFactor { .. }
    ));
    assert!(matches!(
        means("drug", at("bdi_pre", GridValue::Number(f64::NAN))),
        ModelError::UndefinedAt { .. }
    ));
    assert!(matches!(
        means("drug", at("age", GridValue::Number(1.0))),
        ModelError::NotInModel { .. }
    ));

    assert_eq!(
        fit.adjusted_difference("drug", "Yes", "Yes").unwrap_err(),
        ModelError::EmptyContrast
    );
    assert!(matches!(
        fit.adjusted_difference("bdi_pre", "a", "b"),
        Err(ModelError::NotFactor { .. })
    ));
    assert!(matches!(
        fit.subgroup_effects("treatment", "BtheB", "TAU", "length"),
        Err(ModelError::NotInModel { .. })
    ));
    assert!(matches!(
        fit.subgroup_effects("treatment", "BtheB", "TAU", "bdi_pre"),
        Err(ModelError::NotInModel { .. })
    ));
    assert_eq!(
        fit.contrast(&[0.0; 6]).unwrap_err(),
        ModelError::EmptyContrast
    );
    assert_eq!(fit.joint_test(&[]).unwrap_err(), ModelError::EmptyContrast);
    assert!(matches!(
        fit.contrast(&[1.0]),
        Err(ModelError::ContrastLength { .. })
    ));
    assert!(matches!(
        fit.contrast(&[f64::NAN; 6]),
        Err(ModelError::Numerical(_))
    ));
    assert!(matches!(
        fit.combination(&[("treatment", 1.0)]),
        Err(ModelError::NotInModel { .. })
    ));
}

#[test]
fn a_column_that_depends_on_others_is_not_estimated() {
    let x = [1.0, 2.0, 4.0, 3.0, 7.0, 6.0, 5.0, 9.0];
    let twice: Vec<f64> = x.iter().map(|x| 2.0 * x + 1.0).collect();
    let arms = [
        Some("t"),
        Some("c"),
        Some("t"),
        Some("c"),
        Some("t"),
        Some("c"),
        Some("t"),
        Some("c"),
    ];
    let data = data(vec![
        ("y", numeric(&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])),
        ("x", numeric(&x)),
        ("twice", numeric(&twice)),
        ("arm", factor(&["c", "t"], &arms)),
        (
            "copy",
            factor(
                &["k", "u"],
                &arms.map(|arm| arm.map(|arm| if arm == "c" { "k" } else { "u" })),
            ),
        ),
    ]);
    let confounded = fit("y ~ x + twice + copy + arm", &data);
    assert_eq!(confounded.aliased(), ["twice", "arm[t]"]);
    assert!(matches!(
        confounded.adjusted_difference("arm", "t", "c"),
        Err(ModelError::NotEstimable { .. })
    ));
    assert!(matches!(
        confounded.combination(&[("x", 1.0)]),
        Err(ModelError::NotEstimable { .. })
    ));
    // x + 2 twice is estimable though neither is; it is what the model without `twice` calls x.
    let slope = confounded
        .combination(&[("x", 1.0), ("twice", 2.0)])
        .unwrap();
    let alone = fit("y ~ x + copy", &data)
        .combination(&[("x", 1.0)])
        .unwrap();
    assert!((slope.estimate - alone.estimate).abs() < 1e-12);
    assert!(matches!(
        confounded.type3(),
        Err(ModelError::Aliased { .. })
    ));
    let tests = confounded.type2().unwrap();
    assert!(tests.iter().all(|test| test.test.is_none()));
}

#[test]
fn no_unit_of_measurement_makes_a_column_estimable() {
    let x = [1.0, 2.0, 4.0, 3.0, 7.0, 6.0];
    for unit in [1e-14, 1e-6, 1.0, 1e9, 1e15] {
        let data = data(vec![
            ("y", numeric(&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0])),
            ("x", numeric(&x)),
            ("same", numeric(&x.map(|x| x * unit))),
        ]);
        let fit = fit("y ~ x + same", &data);
        assert_eq!(fit.aliased(), ["same"]);
        for name in ["x", "same"] {
            let slope = fit.combination(&[(name, 1.0)]);
            assert!(
                matches!(slope, Err(ModelError::NotEstimable { .. })),
                "{unit} {name}"
            );
        }
        assert!(fit.combination(&[("(Intercept)", 1.0)]).is_ok());
        assert!(fit.combination(&[("x", 1.0), ("same", unit)]).is_ok());
    }
}

fn refused(formula: &str, data: &ModelData) -> Vec<ModelError> {
    let formula = Formula::parse(formula).unwrap();
    LinearFit::new(&formula, data, &LinearOptions::default()).unwrap_err()
}

#[test]
fn models_that_mean_nothing_are_refused() {
    let data = data(vec![
        ("y", numeric(&[1.0, 2.0, 4.0])),
        ("same", numeric(&[3.0, 3.0, 3.0])),
        ("x", numeric(&[2.0, 4.0, 8.0])),
        ("z", numeric(&[1.0, 5.0, 2.0])),
        ("zero", numeric(&[0.0, 0.0, 0.0])),
        ("large", numeric(&[1e300, -1e300, 1e300])),
        ("w", numeric(&[1.0, -1.0, 1.0])),
        ("f", factor(&["a", "b"], &[Some("a"), Some("b"), Some("a")])),
    ]);
    assert_eq!(refused("~ x", &data), [ModelError::NoResponse]);
    assert!(matches!(
        refused("f ~ x", &data)[0],
        ModelError::FactorResponse { .. }
    ));
    assert!(matches!(
        refused("y ~ x + (1 | f)", &data)[0],
        ModelError::RandomEffects { .. }
    ));
    assert!(matches!(
        refused("same ~ z", &data)[0],
        ModelError::ConstantResponse { .. }
    ));
    assert_eq!(
        refused("y ~ x + z", &data),
        [ModelError::NoResidualDf { rows: 3, rank: 3 }]
    );
    assert_eq!(refused("y ~ 0", &data), [ModelError::NoCoefficients]);
    assert_eq!(refused("y ~ 0 + zero", &data), [ModelError::NoCoefficients]);
    assert_eq!(refused("x ~ 0 + y", &data), [ModelError::PerfectFit]);
    assert!(matches!(
        refused("large ~ x", &data)[0],
        ModelError::Numerical(_)
    ));
    // What is wrong with the formula and with the data comes together.
    assert_eq!(refused("~ x + nothing + (1 | nobody)", &data).len(), 4);

    let formula = Formula::parse("y ~ x").unwrap();
    let with = |weights: Option<&str>, level: f64| {
        let options = LinearOptions {
            weights: weights.map(str::to_owned),
            level,
            ..LinearOptions::default()
        };
        LinearFit::new(&formula, &data, &options).unwrap_err()
    };
    assert_eq!(
        with(Some("w"), 0.95),
        [ModelError::NegativeWeight { row: 1 }]
    );
    assert!(matches!(
        with(Some("f"), 0.95)[0],
        ModelError::NotNumeric { .. }
    ));
    assert!(matches!(
        with(Some("v"), 0.95)[0],
        ModelError::UnknownColumn { span: None, .. }
    ));
    assert!(matches!(with(Some("zero"), 0.95)[0], ModelError::NoRows));
    for level in [0.0, 1.0, f64::NAN, 95.0] {
        assert!(matches!(
            with(None, level)[0],
            ModelError::ConfidenceLevel(_)
        ));
    }
}

#[test]
fn an_arm_with_one_participant_is_fitted_and_its_robust_error_refused() {
    let data = data(vec![
        ("y", numeric(&[1.0, 2.0, 4.0, 3.0])),
        (
            "arm",
            factor(&["c", "t"], &[Some("c"), Some("c"), Some("c"), Some("t")]),
        ),
    ]);
    let fit = fit("y ~ arm", &data);
    assert_eq!(fit.leverage[3], 1.0);
    assert!(fit.adjusted_difference("arm", "t", "c").is_ok());
    for kind in [
        RobustKind::Hc0,
        RobustKind::Hc1,
        RobustKind::Hc2,
        RobustKind::Hc3,
    ] {
        assert!(matches!(
            fit.with_robust_covariance(kind),
            Err(ModelError::Numerical(_))
        ));
    }
}
