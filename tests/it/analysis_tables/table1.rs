//! `table1`.

use proptest::prelude::*;
use trialbook::analysis::RowUse;
use trialbook::artefact::{Artefact, Cell, Digits, Form, Measure, RowKind};
use trialbook::dataset::ColumnData::Category;
use trialbook::dataset::{Column, Level, Reasons};
use trialbook::statistic::StatId;

use super::super::support::directive::{
    Memory, boolean, category, check_sound, date, frame, ids, number, text, value,
};
use super::super::support::expected::Expected;
use super::{any_data, btheb, form, row, table, why_not};

const BODY: &str = r#"
data = "btheb@1.0.0"
smd = true
[[row]]
variable = "bdi_pre"
summary = ["mean (sd)", "median (iqr)", "range"]
[[row]]
variable = "drug"
level = "Yes"
[[row]]
variable = "length"
[[row]]
variable = "bdi_2m"
"#;

#[test]
fn agrees_with_r() {
    let expected = Expected::load("table1_btheb");
    let mut data = btheb();
    let mut both = data.frame.column("drug").unwrap().clone();
    let (drug, length) = (&data.frame.columns[1].data, &data.frame.columns[2].data);
    let (Category(drug), Category(length)) = (drug, length) else {
        panic!("categories");
    };
    let codes: Vec<Option<u32>> = drug
        .iter()
        .zip(length)
        .map(|(d, l)| Some(d.unwrap() * 2 + l.unwrap()))
        .collect();
    let four = category("both", &["No <6m", "No >6m", "Yes <6m", "Yes >6m"], &[]);
    both.field = four.field;
    both.data = Category(codes);
    data.frame.columns.push(both);
    let body = format!("{BODY}[[row]]\nvariable = \"both\"");
    let seven = data.run("table1", "t", &body).unwrap();
    let two = data
        .run("table1", "t", &format!("quantile = 2\n{body}"))
        .unwrap();
    check_sound(&seven);
    for (arm, group) in [
        ("TAU", "treatment=TAU/"),
        ("BtheB", "treatment=BtheB/"),
        ("overall", ""),
    ] {
        let id = |stem: &str, stat: &str| format!("t/{stem}/{group}{stat}");
        for (outcome, case) in [(&seven, "type7"), (&two, "type2")] {
            for stat in ["N", "mean", "sd", "min", "max", "p25", "median", "p75"] {
                let found = value(outcome, &id("bdi_pre", stat)).unwrap();
                expected.number(&format!("{case}.{arm}.{stat}"), found);
            }
        }
        for stat in ["N", "N_miss", "mean"] {
            let found = value(&seven, &id("bdi_2m", stat)).unwrap();
            expected.number(&format!("present.{arm}.{stat}"), found);
        }
        for (variable, levels) in [
            ("drug", &["No", "Yes"][..]),
            ("length", &["<6m", ">6m"]),
            ("both", &["No <6m", "No >6m", "Yes <6m", "Yes >6m"]),
        ] {
            for stat in ["n", "p"] {
                let of = |level: &&str| {
                    value(&seven, &id(&format!("{variable}/{level}"), stat)).unwrap()
                };
                let found: Vec<f64> = levels.iter().map(of).collect();
                expected.numbers(&format!("{variable}.{arm}.{stat}"), &found);
            }
        }
    }
    for variable in ["bdi_pre", "drug", "length", "both"] {
        let found = value(&seven, &format!("t/{variable}/smd")).unwrap();
        expected.number(&format!("smd.{variable}"), found);
    }
    expected.finish();
}

#[test]
fn the_table_is_laid_out() {
    let outcome = btheb().run("table1", "tbl-baseline", BODY).unwrap();
    assert!(outcome.findings.is_empty());
    let table = table(outcome.artefact.as_ref());
    let heads: Vec<&str> = table
        .columns
        .iter()
        .map(|c| c.label.text.as_str())
        .collect();
    assert_eq!(
        heads,
        ["Treatment as usual", "Beat the Blues", "Overall", ""]
    );
    assert_eq!(table.columns[3].label.measure, Some(Measure::Smd));
    let size = StatId::from_parts(["tbl-baseline", "treatment=BtheB", "N"]);
    assert_eq!(table.columns[1].label.n, Some(size));
    let rows: Vec<(u8, &str, Option<Measure>)> = table
        .rows
        .iter()
        .map(|r| (r.indent, r.label.text.as_str(), r.label.measure))
        .collect();
    assert_eq!(
        rows,
        [
            (0, "BDI-II bdi_pre", None),
            (1, "", Some(Measure::MeanSd)),
            (1, "", Some(Measure::MedianIqr)),
            (1, "", Some(Measure::Range)),
            (0, "Taking antidepressants", Some(Measure::CountPercent)),
            (0, "Length of current episode", Some(Measure::CountPercent)),
            (1, "<6m", None),
            (1, ">6m", None),
            (0, "BDI-II bdi_2m", Some(Measure::MeanSd)),
            (1, "Missing", Some(Measure::Count)),
        ]
    );
    // A block's head carries the standardised mean difference, its lines nothing beside them.
    assert!(matches!(form(&table.rows[0].cells[3]), Form::Smd { .. }));
    assert_eq!(table.rows[1].cells[3], Cell::Empty);
    assert!(matches!(form(&table.rows[4].cells[3]), Form::Smd { .. }));
    let notes: Vec<&str> = table.notes.iter().map(|n| n.text.as_str()).collect();
    assert_eq!(
        notes,
        [
            "Absolute value; a variable with several categories has one over all of them (Yang and Dalton).",
            "Quartiles are sample quantiles of type 7 of Hyndman and Fan.",
        ]
    );
}

#[test]
fn without_smd_and_overall() {
    let body = "data = \"btheb@1.0.0\"\noverall = false\n[[row]]\nvariable = \"length\"\nlevels = [\">6m\"]\ndigits = 1";
    let outcome = btheb().run("table1", "tbl-baseline", body).unwrap();
    let table = table(outcome.artefact.as_ref());
    assert_eq!(table.columns.len(), 2);
    assert_eq!(table.rows[0].kind, RowKind::Section);
    assert!(table.rows[0].cells.is_empty());
    assert_eq!(table.rows[1].label.text, ">6m");
    assert_eq!(table.rows[2].label.text, "<6m");
    let Cell::Number { quantity, .. } = &table.rows[1].cells[0] else {
        panic!();
    };
    assert_eq!(quantity.digits, Digits::Fixed(1));
    assert!(!ids(&outcome).contains(&"tbl-baseline/N".to_owned()));
}

fn two_arms(mut columns: Vec<Column>, arms: &[Option<&str>]) -> Memory {
    columns.push(category("arm", &["A", "B"], arms));
    Memory::new(frame("d@1", columns))
}

#[test]
fn missing_values_are_said() {
    let values = [Some(1.0), None, Some(3.0), Some(4.0), None];
    let sex = [Some("f"), Some("m"), None, Some("f"), Some("f")];
    let arms = [Some("A"), Some("A"), Some("B"), Some("B"), None];
    let data = two_arms(
        vec![number("x", &values), category("sex", &["f", "m"], &sex)],
        &arms,
    );
    let body = |keys: &str| {
        format!(
            "data = \"d@1\"\nby = \"arm\"\n{keys}\n[[row]]\nvariable = \"x\"\n[[row]]\nvariable = \"sex\""
        )
    };
    let outcome = data.run("table1", "t", &body("")).unwrap();
    check_sound(&outcome);
    // A row without an arm is in no column, and said to be left out.
    assert_eq!(value(&outcome, "t/N"), Some(4.0));
    assert_eq!(outcome.findings[0].code, "missing-arm");
    assert_eq!(value(&outcome, "t/x/arm=A/N_miss"), Some(1.0));
    assert_eq!(value(&outcome, "t/sex/f/arm=B/p"), Some(1.0));
    let shown = table(outcome.artefact.as_ref());
    assert_eq!(
        shown
            .rows
            .iter()
            .filter(|r| r.label.text == "Missing")
            .count(),
        2
    );
    assert_eq!(
        shown.notes[1].text,
        "Percentages are of the participants whose value is known."
    );
    let uses: Vec<_> = outcome
        .rows
        .iter()
        .filter(|u| u.groups.is_empty() && u.stats.stat() != "N_miss")
        .map(|u| (u.stats.as_str(), u.used.0.clone()))
        .collect();
    assert_eq!(
        uses,
        [
            ("t", vec![(1, 4)]),
            ("t/x", vec![(1, 1), (3, 4)]),
            ("t/sex", vec![(1, 2), (4, 4)])
        ]
    );
    let left_out: Vec<_> = outcome.rows[1]
        .left_out
        .iter()
        .map(|l| (l.reason.as_str(), l.rows.0.clone()))
        .collect();
    assert_eq!(
        left_out,
        [
            ("arm is missing", vec![(5, 5)]),
            ("x is missing", vec![(2, 2)])
        ]
    );

    let noted = data
        .run(
            "table1",
            "t",
            &body("missing = \"note\"\ndenominator = \"all\""),
        )
        .unwrap();
    check_sound(&noted);
    let shown = table(noted.artefact.as_ref());
    assert!(shown.rows.iter().all(|r| r.label.text != "Missing"));
    assert!(shown.notes.iter().any(|n| n.text == "Missing: 1 in A."));
    assert_eq!(value(&noted, "t/sex/f/arm=B/p"), Some(0.5));
    let none = data
        .run("table1", "t", &body("missing = \"none\""))
        .unwrap();
    assert!(
        table(none.artefact.as_ref())
            .rows
            .iter()
            .all(|r| r.label.text != "Missing")
    );
}

#[test]
fn missing_values_are_counted_by_reason() {
    let arms = [Some("A"), Some("A"), Some("B"), Some("B"), Some("B")];
    let mut x = number("x", &[Some(1.0), None, None, None, Some(2.0)]);
    let level = |value: &str, label: &str| Level {
        value: value.to_owned(),
        label: label.to_owned(),
    };
    x.field.missing = vec![
        level("99", "Refused"),
        level(".a", "Not asked"),
        level("98", "Unknown"),
    ];
    x.reasons = Reasons(vec![(1, 0), (2, 1), (3, 0)]);
    let mut sex = category(
        "sex",
        &["f", "m"],
        &[Some("f"), None, None, Some("m"), None],
    );
    sex.field.missing = vec![level("9", "Refused")];
    sex.reasons = Reasons(vec![(2, 0)]);
    let data = Memory::new(frame(
        "t@1.0.0",
        vec![category("arm", &["A", "B"], &arms), x, sex],
    ));
    let body = "data = \"t@1.0.0\"\nby = \"arm\"\nmissing = \"reasons\"\n\
        [[row]]\nvariable = \"x\"\n[[row]]\nvariable = \"sex\"";
    for directive in ["table1", "frequencies"] {
        let body = if directive == "table1" {
            body.to_owned()
        } else {
            body.replace("[[row]]\nvariable = \"x\"\n", "")
        };
        let outcome = data.run(directive, "t", &body).unwrap();
        check_sound(&outcome);
        assert_eq!(value(&outcome, "t/sex/9/arm=A/N_miss"), Some(0.0));
        assert_eq!(value(&outcome, "t/sex/9/arm=B/N_miss"), Some(1.0));
        assert_eq!(value(&outcome, "t/sex/arm=B/N_miss"), Some(2.0));
        let speaks = |u: &&RowUse| u.stats.as_str() == "t/sex/9" && u.groups.is_empty();
        let used = outcome.rows.iter().find(speaks);
        assert_eq!(used.unwrap().used.0, [(1, 5)]);
        let labels: Vec<_> = table(outcome.artefact.as_ref())
            .rows
            .iter()
            .map(|r| (r.indent, r.label.text.as_str()))
            .collect();
        let of_sex = [(1, "f"), (1, "m"), (1, "Missing"), (2, "Refused")];
        assert!(labels.ends_with(&of_sex), "{labels:?}");
        if directive == "table1" {
            assert_eq!(value(&outcome, "t/x/99/N_miss"), Some(2.0));
            assert_eq!(value(&outcome, "t/x/.a/arm=B/N_miss"), Some(1.0));
            let of_x = [(0, "x"), (1, "Missing"), (2, "Refused"), (2, "Not asked")];
            assert!(labels.starts_with(&of_x), "{labels:?}");
        }
    }
}

#[test]
fn what_is_undefined_has_its_reason() {
    let arms = [Some("A"), Some("B"), Some("B")];
    let values = [Some(5.0), Some(2.0), Some(2.0)];
    let nothing = [None, None, None];
    let data = two_arms(
        vec![number("x", &values), number("nothing", &nothing)],
        &arms,
    );
    let body = "data = \"d@1\"\nby = \"arm\"\nsmd = true\n[[row]]\nvariable = \"x\"\n[[row]]\nvariable = \"nothing\"";
    let outcome = data.run("table1", "t", body).unwrap();
    check_sound(&outcome);
    assert_eq!(value(&outcome, "t/x/arm=A/mean"), Some(5.0));
    assert_eq!(value(&outcome, "t/x/arm=A/sd"), None);
    let table = table(outcome.artefact.as_ref());
    // A mean without its standard deviation is shown, marked with the reason.
    let Cell::Number { notes, .. } = &row(table, "x").cells[0] else {
        panic!();
    };
    assert_eq!(notes.len(), 1);
    let smd = why_not(table, &row(table, "x").cells[3]);
    assert!(smd.contains("at least 2 values in each group"), "{smd}");
    let mean = why_not(table, &row(table, "nothing").cells[0]);
    assert_eq!(
        mean,
        "Not available: mean needs at least 1 value; there are 0."
    );
}

#[test]
fn constant_arms_and_empty_ones() {
    let arms = [Some("A"), Some("A"), Some("B"), Some("B")];
    let x = number("x", &[Some(1.0), Some(1.0), Some(2.0), Some(2.0)]);
    let same = number("same", &[Some(1.0); 4]);
    let apart = boolean("apart", &[Some(true), Some(true), Some(false), Some(false)]);
    let data = two_arms(vec![x, same, apart], &arms);
    let body = "data = \"d@1\"\nby = \"arm\"\nsmd = true\n[[row]]\nvariable = \"x\"\n[[row]]\nvariable = \"same\"\n[[row]]\nvariable = \"apart\"";
    let outcome = data.run("table1", "t", body).unwrap();
    check_sound(&outcome);
    assert_eq!(value(&outcome, "t/x/smd"), None);
    assert_eq!(value(&outcome, "t/same/smd"), Some(0.0));
    assert_eq!(value(&outcome, "t/apart/smd"), None);

    let data = two_arms(
        vec![number("x", &[Some(1.0), None])],
        &[Some("A"), Some("A")],
    );
    let body = "data = \"d@1\"\nby = \"arm\"\n[[row]]\nvariable = \"x\"";
    let outcome = data.run("table1", "t", body).unwrap();
    check_sound(&outcome);
    assert_eq!(outcome.findings[0].code, "empty-arm");
    let none = two_arms(vec![number("x", &[])], &[]);
    let outcome = none.run("table1", "t", body).unwrap();
    assert_eq!(outcome.findings[0].code, "empty-population");
    assert!(outcome.has_errors() && outcome.artefact.is_none());
}

#[test]
fn of_three_arms_the_largest_difference() {
    let arms = ["A", "A", "B", "B", "C", "C"].map(Some);
    let values = [1.0, 3.0, 2.0, 4.0, 6.0, 8.0].map(Some);
    let columns = vec![
        number("x", &values),
        category("arm", &["A", "B", "C"], &arms),
    ];
    let data = Memory::new(frame("d@1", columns));
    let outcome = data
        .run(
            "table1",
            "t",
            "data = \"d@1\"\nby = \"arm\"\nsmd = true\n[[row]]\nvariable = \"x\"",
        )
        .unwrap();
    let smd = value(&outcome, "t/x/smd").unwrap();
    assert!((smd - 5.0 / 2.0_f64.sqrt()).abs() < 1e-12);
    let recorded = outcome
        .statistics
        .iter()
        .find(|s| s.key.stat == "smd")
        .unwrap();
    assert_eq!(recorded.warnings, ["largest of all pairs: between A and C"]);
    let table = table(outcome.artefact.as_ref());
    assert!(
        table.notes[0]
            .text
            .contains("the largest of all pairs of arms")
    );
}

#[test]
fn tests_at_baseline_are_refused_with_the_reason() {
    let (_, diagnostics) = btheb().prepare("table1", "t", &format!("p = true\n{BODY}"));
    let refused = diagnostics.iter().next().unwrap();
    assert_eq!(refused.code, "p-at-baseline");
    assert_eq!(refused.span.as_ref().unwrap().text(), "true");
    assert!(refused.help[0].contains("CONSORT 2010, item 15; Senn"));
    assert!(refused.help[1].contains("smd = true"));
    assert!(
        btheb()
            .run("table1", "t", &format!("p = false\n{BODY}"))
            .is_ok()
    );
}

#[test]
fn mistakes_are_found_all_at_once() {
    let mut data = btheb();
    data.frame.columns.push(text("name", &[None; 100]));
    data.frame.columns.push(date("day", &[None; 100]));
    let body = r#"
data = "btheb@1.0.0"
by = "bdi_pre"
missing = "rows"
quantile = 10
smd = "yes"
colour = 1
[[row]]
variable = "bdi_per"
[[row]]
variable = "bdi_pre"
summary = "n (%)"
[[row]]
variable = "drug"
summary = "mean (sd)"
level = "Maybe"
[[row]]
variable = "length"
levels = ["<6m", "<6m", "short"]
digts = 1
[[row]]
variable = "length"
[[row]]
label = "Age"
[[row]]
variable = "bdi_2m"
level = "12"
summary = []
[[row]]
variable = "name"
[[row]]
variable = "day"
[[row]]
variable = "bdi_3m"
summary = ["range", "range"]
"#;
    let mut complaints = data.complaints("table1", "t", body);
    complaints.sort();
    assert_eq!(
        complaints,
        [
            "missing-key: [[row]]",
            "missing-key: [[row]]",
            "out-of-range: 10",
            "repeated: \"<6m\"",
            "repeated: \"length\"",
            "repeated: \"range\"",
            "unknown-choice: \"mean (sd)\"",
            "unknown-choice: \"n (%)\"",
            "unknown-choice: \"rows\"",
            "unknown-column: \"bdi_per\"",
            "unknown-key: colour",
            "unknown-key: digts",
            "unknown-level: \"Maybe\"",
            "unknown-level: \"short\"",
            "wrong-kind: \"12\"",
            "wrong-kind: \"bdi_pre\"",
            "wrong-kind: \"day\"",
            "wrong-kind: \"name\"",
            "wrong-type: \"yes\"",
        ]
    );
    assert_eq!(
        data.complaints("table1", "t", "data = \"btheb@1.0.0\"")
            .len(),
        1
    );
    assert_eq!(data.complaints("table1", "t", "").len(), 2);
    assert_eq!(
        data.complaints(
            "table1",
            "t",
            "data = \"x@1\"\nby = \"arm\"\n[[row]]\nvariable = \"q\""
        )
        .len(),
        1
    );
}

proptest! {
    #[test]
    fn never_panics(data in any_data(), variables in prop::collection::btree_set(0..5_usize, 1..4), keys in "(smd = true\n)?(overall = false\n)?(missing = \"note\"\n)?(denominator = \"all\"\n)?") {
        let names = ["x", "y", "arm=A", "c", "id"];
        let rows: Vec<String> = variables.iter().map(|i| format!("[[row]]\nvariable = \"{}\"\n", names[*i])).collect();
        let body = format!("data = \"any@1\"\nby = \"arm\"\n{keys}{}", rows.join(""));
        if let Ok(outcome) = data.run("table1", "t", &body) {
            check_sound(&outcome);
            if let Some(Artefact::Table(table)) = &outcome.artefact {
                prop_assert!(table.rows.len() >= variables.len());
            }
        }
    }
}
