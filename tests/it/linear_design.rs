//! Frames and model matrices against R's `model.frame` and `model.matrix`.

use super::support::expected::Expected;
use super::support::models::{data, factor, numeric, r_name, reference_data};
use trialbook::stats::design::{Coding, Design};
use trialbook::stats::formula::Formula;
use trialbook::stats::model_data::{ModelColumn, ModelData};
use trialbook::stats::model_error::ModelError;
use trialbook::stats::model_frame::{FrameValues, ModelFrame};

fn frame(formula: &str, data: &ModelData) -> Result<ModelFrame, Vec<ModelError>> {
    ModelFrame::build(&Formula::parse(formula).unwrap(), data, None)
}

fn design(formula: &str, data: &ModelData, coding: Coding) -> Result<Design, Vec<ModelError>> {
    let formula = Formula::parse(formula).unwrap();
    let frame = ModelFrame::build(&formula, data, None)?;
    Design::build(&frame, &formula.terms, formula.intercept, coding)
}

#[test]
fn matrices_are_those_of_r() {
    let expected = Expected::load("lm_design");
    let data = reference_data(&expected, "design");
    for key in expected.keys("matrices") {
        let text = expected
            .strings(&format!("matrices.{key}.formula"))
            .remove(0);
        for (name, coding) in [("treatment", Coding::Treatment), ("sum", Coding::Sum)] {
            let of = |value: &str| format!("matrices.{key}.{name}.{value}");
            let design = design(&text, &data, coding).unwrap();
            expected.number(&of("columns"), design.matrix.ncols() as f64);
            let r_names = expected.strings(&of("names"));
            if coding == Coding::Treatment {
                let names: Vec<String> = design.names.iter().map(r_name).collect();
                assert_eq!(names, r_names, "{text}");
            }
            let assign = design
                .term_of
                .iter()
                .map(|term| term.map_or(0.0, |term| term as f64 + 1.0));
            expected.numbers(&of("assign"), &assign.collect::<Vec<_>>());
            expected.numbers(&of("values"), design.matrix.as_slice());
        }
    }
    expected.finish();
}

#[test]
fn names_say_variable_and_level() {
    let data = data(vec![
        ("y", numeric(&[1.0, 2.0, 3.0, 5.0])),
        (
            "arm",
            factor(
                &["WL", "CCT"],
                &[Some("WL"), Some("CCT"), Some("WL"), Some("CCT")],
            ),
        ),
        (
            "time",
            factor(
                &["pre", "post"],
                &[Some("pre"), Some("pre"), Some("post"), Some("post")],
            ),
        ),
        ("my age", numeric(&[1.0, 2.0, 3.0, 4.0])),
    ]);
    let design = design("y ~ arm * time + log(`my age`)", &data, Coding::Treatment).unwrap();
    let names: Vec<String> = design.names.iter().map(ToString::to_string).collect();
    let wanted = [
        "(Intercept)",
        "arm[CCT]",
        "time[post]",
        "log(`my age`)",
        "arm[CCT]:time[post]",
    ];
    assert_eq!(names, wanted);
}

#[test]
fn incomplete_rows_and_their_levels_are_left_out() {
    let data = data(vec![
        (
            "y",
            ModelColumn::Numeric(vec![Some(1.0), None, Some(3.0), Some(4.0), Some(6.0)]),
        ),
        (
            "a",
            factor(
                &["p", "q", "r"],
                &[Some("p"), Some("q"), Some("r"), Some("p"), None],
            ),
        ),
        ("unused", ModelColumn::Numeric(vec![None; 5])),
    ]);
    let frame = frame("y ~ a", &data).unwrap();
    assert_eq!(
        (frame.rows.as_slice(), frame.omitted.as_slice()),
        (&[0, 2, 3][..], &[1, 4][..])
    );
    let values = FrameValues::Factor {
        levels: vec!["p".into(), "r".into()],
        codes: vec![0, 1, 0],
    };
    assert_eq!(frame.variables[1].values, values);
    assert_eq!(frame.variables[1].dropped_levels, ["q"]);
}

#[test]
fn every_column_problem_is_reported() {
    let mut data = ModelData::new(3);
    data.insert("y", numeric(&[1.0, 2.0, 4.0])).unwrap();
    data.insert("f", factor(&["u", "v"], &[Some("u"), Some("v"), Some("u")]))
        .unwrap();
    data.insert("x", numeric(&[0.0, 1.0, 2.0])).unwrap();
    data.insert("flat", numeric(&[3.0, 3.0, 3.0])).unwrap();
    data.insert("none", ModelColumn::Numeric(vec![None; 3]))
        .unwrap();
    data.insert("nan", numeric(&[1.0, f64::NAN, 2.0])).unwrap();
    data.insert("inf", numeric(&[1.0, f64::INFINITY, 2.0]))
        .unwrap();

    let errors = frame("y ~ agee + log(f) + f + sexx:x", &data).unwrap_err();
    let spans: Vec<_> = errors
        .iter()
        .map(|error| error.span().map(|span| (span.start, span.end)))
        .collect();
    assert_eq!(spans, [Some((4, 8)), Some((15, 16)), Some((24, 28))]);
    let ModelError::UnknownColumn { available, .. } = &errors[0] else {
        panic!("{errors:?}")
    };
    assert_eq!(available, &["f", "flat", "inf", "nan", "none", "x", "y"]);

    for (formula, row) in [
        ("y ~ log(x)", 0),
        ("y ~ I(1/x)", 0),
        ("y ~ nan", 1),
        ("y ~ inf", 1),
        ("y ~ sqrt(x - 1)", 0),
    ] {
        let errors = frame(formula, &data).unwrap_err();
        let ModelError::NotFinite { row: found, .. } = &errors[0] else {
            panic!("{formula}: {errors:?}")
        };
        assert_eq!(*found, row, "{formula}");
    }
    assert!(matches!(
        frame("y ~ scale(flat)", &data).unwrap_err()[0],
        ModelError::NoSpread { .. }
    ));
    assert_eq!(frame("y ~ none", &data).unwrap_err(), [ModelError::NoRows]);
    assert_eq!(frame("y ~ x", &ModelData::new(0)).unwrap_err().len(), 2);
}

#[test]
fn a_factor_with_one_level_is_named() {
    let data = data(vec![
        ("y", ModelColumn::Numeric(vec![Some(1.0), Some(2.0), None])),
        (
            "arm",
            factor(&["a", "b"], &[Some("a"), Some("a"), Some("b")]),
        ),
        ("site", factor(&["only"], &[Some("only"); 3])),
    ]);
    for formula in ["y ~ arm + site", "y ~ 0 + arm + site", "y ~ arm:site"] {
        let errors = design(formula, &data, Coding::Treatment).unwrap_err();
        let named: Vec<_> = errors
            .iter()
            .map(|error| match error {
                ModelError::OneLevel {
                    factor,
                    level,
                    span,
                } => {
                    assert_eq!(&formula[span.start..span.end], factor);
                    (factor.as_str(), level.as_deref().unwrap())
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(named, [("arm", "a"), ("site", "only")]);
    }
}

#[test]
fn data_that_contradict_themselves_are_refused() {
    let mut data = ModelData::new(2);
    assert!(matches!(
        data.insert("x", numeric(&[1.0])),
        Err(ModelError::ColumnLength { .. })
    ));
    let twice = ModelColumn::Factor {
        levels: vec!["a".into(), "a".into()],
        codes: vec![Some(0), Some(1)],
    };
    let beyond = ModelColumn::Factor {
        levels: vec!["a".into()],
        codes: vec![Some(0), Some(1)],
    };
    for column in [twice, beyond] {
        assert!(matches!(
            data.insert("f", column),
            Err(ModelError::BadFactor { .. })
        ));
    }
}

#[test]
fn an_identifier_as_factor_does_not_fill_the_memory() {
    let n = 500;
    let levels: Vec<String> = (0..n).map(|i| format!("id{i}")).collect();
    let codes: Vec<Option<usize>> = (0..n).map(Some).collect();
    let column = ModelColumn::Factor { levels, codes };
    let mut data = ModelData::new(n);
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        data.insert(name, column.clone()).unwrap();
    }
    data.insert("y", numeric(&vec![1.0; n])).unwrap();
    let errors = design("y ~ a*b*c*d*e*f*g*h", &data, Coding::Treatment).unwrap_err();
    assert!(matches!(errors[0], ModelError::TooManyColumns { .. }));
}
