//! Weighted marginal means and adjusted families of their contrasts against emmeans.

use super::support::expected::Expected;
use super::support::models::{data, factor, fit, numeric, reference_data};
use trialbook::stats::adjust::Adjustment;
use trialbook::stats::contrast::{ContrastKind, IntervalMethod};
use trialbook::stats::formula::Formula;
use trialbook::stats::linear::{
    LinearFit, LinearOptions, MeanFamily, MeanWeights, MeansAdjustment, MeansRequest,
};
use trialbook::stats::model_error::ModelError;

fn adjustment(name: &str) -> MeansAdjustment {
    match name {
        "tukey" => MeansAdjustment::Tukey,
        "scheffe" => MeansAdjustment::Scheffe,
        "none" => MeansAdjustment::PValues(Adjustment::None),
        "holm" => MeansAdjustment::PValues(Adjustment::Holm),
        "bonferroni" => MeansAdjustment::PValues(Adjustment::Bonferroni),
        "sidak" => MeansAdjustment::PValues(Adjustment::Sidak),
        other => panic!("{other}"),
    }
}

fn compare(expected: &Expected, key: &str, families: &[MeanFamily]) {
    let contrasts = || families.iter().flat_map(|family| &family.contrasts);
    let estimates: Vec<_> = contrasts().map(|c| c.estimate.clone().unwrap()).collect();
    let adjusted: Vec<_> = contrasts().map(|c| c.adjusted.clone().unwrap()).collect();
    let list = |part: &str, values: Vec<f64>| expected.numbers(&format!("{key}.{part}"), &values);
    list("estimate", estimates.iter().map(|e| e.estimate).collect());
    list("se", estimates.iter().map(|e| e.std_error).collect());
    list("p", adjusted.iter().map(|a| a.p_value).collect());
    list("low", adjusted.iter().map(|a| a.conf_low).collect());
    list("high", adjusted.iter().map(|a| a.conf_high).collect());
}

#[test]
fn families_of_marginal_means_are_those_of_emmeans() {
    let expected = Expected::load("mean_contrasts");
    for case in [
        "warpbreaks",
        "warpbreaks_by",
        "threeway",
        "threeway_weighted",
        "cars",
    ] {
        let text = |name: &str| expected.strings(&format!("{case}.{name}"));
        let weights = text("weights").remove(0);
        let options = LinearOptions {
            weights: (!weights.is_empty()).then_some(weights),
            ..LinearOptions::default()
        };
        let formula = Formula::parse(&text("formula")[0]).unwrap();
        let data = reference_data(&expected, &text("data")[0]);
        let fit = LinearFit::new(&formula, &data, &options).unwrap();
        let request = MeansRequest {
            of: text("of"),
            by: text("by"),
            ..MeansRequest::default()
        };
        for (name, weights) in [
            ("proportional", MeanWeights::Proportional),
            ("cells", MeanWeights::Cells),
        ] {
            let request = MeansRequest {
                weights,
                ..request.clone()
            };
            let means = fit.marginal_means(&request).unwrap();
            let means: Vec<_> = means
                .into_iter()
                .map(|mean| mean.estimate.unwrap())
                .collect();
            let list = |part: &str, values: Vec<f64>| {
                expected.numbers(&format!("{case}.{name}.{part}"), &values);
            };
            list("estimate", means.iter().map(|e| e.estimate).collect());
            list("se", means.iter().map(|e| e.std_error).collect());
            list("p", means.iter().map(|e| e.p_value).collect());
            list("low", means.iter().map(|e| e.conf_low).collect());
            list("high", means.iter().map(|e| e.conf_high).collect());
        }
        let kinds = [
            ("pairwise", ContrastKind::Pairwise),
            ("\"trt.vs.ctrl1\"", ContrastKind::Against(0)),
            ("consec", ContrastKind::Consecutive),
            ("poly", ContrastKind::Polynomial(2)),
        ];
        for (name, kind) in kinds {
            let name = name.trim_matches('"');
            for method in expected.keys(&format!("{case}.{name}")) {
                let families = fit
                    .mean_contrasts(&request, &kind, adjustment(&method))
                    .unwrap();
                compare(&expected, &format!("{case}.{name}.{method}"), &families);
            }
        }
        let step = MeansAdjustment::SingleStep;
        let families = fit
            .mean_contrasts(&request, &ContrastKind::Against(0), step)
            .unwrap();
        let contrasts = families.iter().flat_map(|family| &family.contrasts);
        let p: Vec<f64> = contrasts
            .map(|c| c.adjusted.clone().unwrap().p_value)
            .collect();
        expected.numbers(&format!("{case}.dunnett.p"), &p);
    }
    expected.finish();
}

/// y over two factors of which one combination is empty.
fn with_an_empty_cell() -> LinearFit {
    let (mut a, mut b, mut y) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..24_u8 {
        let (i, j) = (usize::from(index % 3), usize::from(index / 3 % 2));
        if (i, j) != (2, 1) {
            a.push(Some(["k", "l", "m"][i]));
            b.push(Some(["x", "y"][j]));
            y.push(f64::from(index) * 0.3 + (f64::from(index) * 1.7).sin());
        }
    }
    let data = data(vec![
        ("y", numeric(&y)),
        ("a", factor(&["k", "l", "m"], &a)),
        ("b", factor(&["x", "y"], &b)),
    ]);
    fit("y ~ a * b", &data)
}

#[test]
fn a_contrast_that_cannot_be_estimated_is_no_member_of_its_family() {
    let fit = with_an_empty_cell();
    let request = MeansRequest {
        of: vec!["a".into()],
        ..MeansRequest::default()
    };
    let holm = MeansAdjustment::PValues(Adjustment::Holm);
    let found = fit
        .mean_contrasts(&request, &ContrastKind::Pairwise, holm)
        .unwrap();
    let [first, second, third] = found[0].contrasts.as_slice() else {
        panic!("three contrasts");
    };
    assert!(matches!(
        second.estimate,
        Err(ModelError::NotEstimable { .. })
    ));
    assert!(matches!(
        third.adjusted,
        Err(ModelError::NotEstimable { .. })
    ));
    let alone = first.estimate.as_ref().unwrap().p_value;
    assert_eq!(first.adjusted.as_ref().unwrap().p_value, alone);
    assert_eq!(found[0].interval, Some(IntervalMethod::Bonferroni));
    // The studentised range is for all pairs.
    assert!(
        fit.mean_contrasts(&request, &ContrastKind::Pairwise, MeansAdjustment::Tukey)
            .is_err()
    );
    // Weighted by cells, every mean is that of its rows.
    let cells = MeansRequest {
        weights: MeanWeights::Cells,
        ..request
    };
    let tukey = fit.mean_contrasts(&cells, &ContrastKind::Pairwise, MeansAdjustment::Tukey);
    assert!(
        tukey.unwrap()[0]
            .contrasts
            .iter()
            .all(|c| c.adjusted.is_ok())
    );
}

#[test]
fn families_that_make_no_sense_are_errors() {
    let fit = with_an_empty_cell();
    let request = |of: &str, by: &str| MeansRequest {
        of: vec![of.into()],
        by: vec![by.into()],
        weights: MeanWeights::Cells,
        ..MeansRequest::default()
    };
    let none = MeansAdjustment::PValues(Adjustment::None);
    let of = |kind: ContrastKind| fit.mean_contrasts(&request("b", "a"), &kind, none);
    assert!(of(ContrastKind::Against(2)).is_err());
    assert!(of(ContrastKind::Polynomial(2)).is_err());
    assert!(of(ContrastKind::Custom(vec![("one".into(), vec![1.0])])).is_err());
    let families = of(ContrastKind::Pairwise).unwrap();
    assert_eq!(families.len(), 3);
    // One family has nothing that can be estimated.
    assert_eq!(families[2].interval, None);
    assert!(families[2].contrasts[0].adjusted.is_err());
    assert!(
        fit.mean_contrasts(&request("c", "a"), &ContrastKind::Pairwise, none)
            .is_err()
    );
}
