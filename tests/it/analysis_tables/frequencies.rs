//! `frequencies`.

use proptest::prelude::*;
use trialbook::artefact::{Cell, Form, Measure, RowKind};

use super::super::support::directive::{
    Memory, boolean, category, check_sound, frame, number, value,
};
use super::super::support::expected::Expected;
use super::{any_data, btheb, form, row, table, why_not};

#[test]
fn agrees_with_r() {
    let expected = Expected::load("frequencies_btheb");
    let body = |test: &str| {
        format!(
            "data = \"btheb@1.0.0\"\nby = \"treatment\"\nvariables = [\"drug\", \"length\"]\nci = true\ntest = \"{test}\""
        )
    };
    for test in ["chisq", "chisq-corrected", "fisher"] {
        let outcome = btheb().run("frequencies", "t", &body(test)).unwrap();
        check_sound(&outcome);
        for (variable, levels) in [("drug", ["No", "Yes"]), ("length", ["<6m", ">6m"])] {
            let p = value(&outcome, &format!("t/{variable}/p.value")).unwrap();
            expected.number(&format!("{variable}.{test}"), p);
            if test == "chisq" {
                let statistic = value(&outcome, &format!("t/{variable}/statistic")).unwrap();
                expected.number(&format!("{variable}.statistic"), statistic);
                assert_eq!(
                    value(&outcome, &format!("t/{variable}/parameter")),
                    Some(1.0)
                );
            }
            for (arm, group) in [
                ("TAU", "treatment=TAU/"),
                ("BtheB", "treatment=BtheB/"),
                ("overall", ""),
            ] {
                for stat in ["n", "p", "conf.low", "conf.high"] {
                    let of = |level: &str| {
                        value(&outcome, &format!("t/{variable}/{level}/{group}{stat}")).unwrap()
                    };
                    expected.numbers(&format!("{variable}.{arm}.{stat}"), &levels.map(of));
                }
            }
        }
    }
    expected.finish();
}

#[test]
fn the_table_is_laid_out() {
    let body = "data = \"btheb@1.0.0\"\nby = \"treatment\"\nci = true\ntest = \"fisher\"\nconf_level = 0.9\n[[row]]\nvariable = \"length\"\n[[row]]\nvariable = \"drug\"\nlevel = \"No\"\nlabel = \"No drug\"";
    let outcome = btheb().run("frequencies", "t", body).unwrap();
    check_sound(&outcome);
    let shown = table(outcome.artefact.as_ref());
    let measures: Vec<Option<Measure>> = shown.columns.iter().map(|c| c.label.measure).collect();
    let pair = [Some(Measure::CountPercent), Some(Measure::Interval)];
    assert_eq!(measures[..6], [pair, pair, pair].concat());
    assert_eq!(measures[6], Some(Measure::PValue));
    assert_eq!(shown.columns[1].label.conf_level, Some(0.9));
    let spanners: Vec<&str> = shown
        .spanners
        .iter()
        .map(|s| s.label.text.as_str())
        .collect();
    assert_eq!(
        spanners,
        ["Treatment as usual", "Beat the Blues", "Overall"]
    );
    let length = row(shown, "Length of current episode");
    assert_eq!(length.kind, RowKind::Item);
    assert!(matches!(form(&length.cells[6]), Form::PValue { .. }));
    assert_eq!(row(shown, "<6m").cells[6], Cell::Empty);
    assert!(matches!(
        form(&row(shown, "<6m").cells[1]),
        Form::PercentInterval { .. }
    ));
    assert!(matches!(
        form(&row(shown, "No drug").cells[6]),
        Form::PValue { .. }
    ));
    let plain = btheb()
        .run(
            "frequencies",
            "t",
            "data = \"btheb@1.0.0\"\nvariables = [\"drug\"]",
        )
        .unwrap();
    check_sound(&plain);
    let shown = table(plain.artefact.as_ref());
    assert_eq!(shown.columns.len(), 1);
    assert_eq!(shown.columns[0].label.text, "Overall");
    assert_eq!(shown.rows[0].kind, RowKind::Section);
    assert_eq!(value(&plain, "t/drug/Yes/n"), Some(44.0));
}

#[test]
fn missing_values_and_small_data() {
    let sex = [Some("f"), None, Some("m"), None];
    let flag = [Some(true), Some(true), Some(true), Some(true)];
    let arms = [Some("A"), Some("A"), Some("B"), None];
    let columns = vec![
        category("sex", &["f", "m"], &sex),
        boolean("flag", &flag),
        category("arm", &["A", "B"], &arms),
    ];
    let data = Memory::new(frame("d@1", columns));
    let run = |keys: &str| {
        let body = format!("data = \"d@1\"\nvariables = [\"sex\", \"flag\"]\n{keys}");
        let outcome = data.run("frequencies", "t", &body).unwrap();
        check_sound(&outcome);
        outcome
    };
    let outcome = run("missing = \"note\"\ndenominator = \"all\"\nci = true");
    assert_eq!(value(&outcome, "t/sex/f/p"), Some(0.25));
    let shown = table(outcome.artefact.as_ref());
    assert!(shown.notes.iter().any(|n| n.text == "Missing: 2."));
    assert!(
        shown
            .notes
            .iter()
            .any(|n| n.text.starts_with("Percentages are of all participants"))
    );
    let grouped = run("by = \"arm\"\ntest = \"chisq\"");
    assert_eq!(grouped.findings[0].code, "missing-arm");
    assert_eq!(value(&grouped, "t/sex/N"), Some(2.0));
    let shown = table(grouped.artefact.as_ref());
    assert!(why_not(shown, &row(shown, "flag").cells[3]).contains("at least 2"));
    assert_eq!(row(shown, "Missing").cells[3], Cell::Empty);
    let none = Memory::new(frame("d@1", vec![category("sex", &["f"], &[])]));
    let outcome = none
        .run("frequencies", "t", "data = \"d@1\"\nvariables = [\"sex\"]")
        .unwrap();
    assert_eq!(outcome.findings[0].code, "empty-population");
}

#[test]
fn mistakes_are_found_all_at_once() {
    let mut data = btheb();
    data.frame.columns.push(number("age", &[None; 100]));
    let body = "data = \"btheb@1.0.0\"\ntest = \"t\"\noverall = false\nvariables = [\"drug\", \"age\", \"sex\"]\n[[row]]\nvariable = \"drug\"\nlevels = [\"yes\"]\nlevel = \"no\"\n[[row]]\nlabel = \"x\"";
    let mut complaints = data.complaints("frequencies", "t", body);
    complaints.sort();
    assert_eq!(
        complaints,
        [
            "missing-key: [[row]]",
            "missing-key: overall",
            "missing-key: test",
            "repeated: \"drug\"",
            "unknown-choice: \"t\"",
            "unknown-column: \"sex\"",
            "unknown-level: \"no\"",
            "unknown-level: \"yes\"",
            "wrong-kind: \"age\"",
        ]
    );
    assert_eq!(
        data.complaints("frequencies", "t", "data = \"btheb@1.0.0\"")
            .len(),
        1
    );
}

proptest! {
    #[test]
    fn never_panics(data in any_data(), keys in "(by = \"arm\"\n(test = \"(chisq|chisq-corrected|fisher)\"\n)?(overall = false\n)?)?(ci = true\n)?(missing = \"note\"\n)?(denominator = \"all\"\n)?", only in any::<bool>()) {
        let row = if only { "[[row]]\nvariable = \"c\"\nlevel = \"A\"" } else { "[[row]]\nvariable = \"c\"" };
        let outcome = data.run("frequencies", "t", &format!("data = \"any@1\"\n{keys}{row}"));
        if let Ok(outcome) = outcome {
            check_sound(&outcome);
        }
    }
}
