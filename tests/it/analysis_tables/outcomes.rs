//! `outcomes`.

use proptest::prelude::*;
use trialbook::analysis::Outcome;
use trialbook::artefact::{Cell, Digits, Form, Measure, RowKind};
use trialbook::dataset::{Column, ColumnData, Level};

use super::super::support::directive::{
    Memory, boolean, category, check_sound, date, frame, ids, number, text, value,
};
use super::super::support::expected::Expected;
use super::{any_data, btheb, form, row, table, why_not};

const VISITS: [&str; 4] = ["bdi_2m", "bdi_3m", "bdi_5m", "bdi_8m"];

fn visits() -> String {
    let visit = |name: &str| format!("[[visit]]\nvariable = \"{name}\"\nlabel = \"{name}\"\n");
    VISITS.map(visit).join("")
}

fn run(keys: &str) -> Outcome {
    let body = format!("data = \"btheb@1.0.0\"\n{keys}\n{}", visits());
    let outcome = btheb().run("outcomes", "t", &body).unwrap();
    check_sound(&outcome);
    assert!(outcome.findings.is_empty());
    outcome
}

const ADJUST: &str = "adjust = [\"bdi_pre\", \"drug\", \"length\"]";

/// Whether the score is below 14, at each visit.
fn with_minimal(mut data: Memory) -> Memory {
    for name in VISITS {
        let ColumnData::Number(values) = &data.frame.column(name).unwrap().data else {
            panic!("numbers");
        };
        let minimal: Vec<Option<bool>> = values.iter().map(|v| v.map(|v| v < 14.0)).collect();
        data.frame
            .columns
            .push(boolean(&format!("minimal_{name}"), &minimal));
    }
    data
}

/// The visits as rows.
fn long() -> Memory {
    let wide = btheb();
    let n = wide.frame.height();
    let repeat = |column: &Column| -> Column {
        let data = match &column.data {
            ColumnData::Number(v) => ColumnData::Number(v.repeat(4)),
            ColumnData::Category(v) => ColumnData::Category(v.repeat(4)),
            other => panic!("{other:?}"),
        };
        Column {
            field: column.field.clone(),
            data,
            reasons: column.reasons.clone(),
        }
    };
    let kept = ["participant", "drug", "length", "treatment", "bdi_pre"];
    let mut columns: Vec<Column> = kept
        .iter()
        .map(|c| repeat(wide.frame.column(c).unwrap()))
        .collect();
    let months: Vec<Option<f64>> = [8.0, 2.0, 5.0, 3.0]
        .iter()
        .flat_map(|m| vec![Some(*m); n])
        .collect();
    let mut visit = number("visit", &months);
    visit.field.title = "Visit".into();
    visit.field.unit = Some("mo".into());
    columns.push(visit);
    let mut bdi = Vec::new();
    for name in ["bdi_8m", "bdi_2m", "bdi_5m", "bdi_3m"] {
        let ColumnData::Number(values) = &wide.frame.column(name).unwrap().data else {
            panic!("numbers");
        };
        bdi.extend(values.clone());
    }
    columns.push(number("bdi", &bdi));
    Memory {
        frame: frame("btheb@2.0.0", columns),
        ..wide
    }
}

#[test]
fn agrees_with_r() {
    let expected = Expected::load("outcomes_btheb");
    let welch = run(&format!("{ADJUST}\np_adjust = \"BH\"\nunadjusted_p = true"));
    let student = run("test = \"student\"");
    let ninety = run("adjust = [\"bdi_pre\"]\nconf_level = 0.9");
    for visit in VISITS {
        for arm in ["TAU", "BtheB"] {
            for (stat, level) in [
                ("n", "observed/"),
                ("p", "observed/"),
                ("mean", ""),
                ("sd", ""),
                ("median", ""),
            ] {
                let found = value(&welch, &format!("t/{visit}/{level}treatment={arm}/{stat}"));
                expected.number(&format!("{visit}.{arm}.{stat}"), found.unwrap());
            }
        }
        for (outcome, case, level) in [
            (&welch, "welch", "difference"),
            (&student, "student", "difference"),
            (&welch, "adjusted", "adjusted"),
        ] {
            for (key, stat) in [
                ("estimate", "estimate"),
                ("std_error", "std.error"),
                ("df", "df"),
                ("statistic", "statistic"),
                ("p_value", "p.value"),
                ("low", "conf.low"),
                ("high", "conf.high"),
            ] {
                let found = value(
                    outcome,
                    &format!("t/{visit}/{level}/treatment=BtheB/{stat}"),
                );
                expected.number(&format!("{visit}.{case}.{key}"), found.unwrap());
            }
        }
        let nobs = value(&welch, &format!("t/{visit}/adjusted/nobs")).unwrap();
        expected.number(&format!("{visit}.adjusted.nobs"), nobs);
        for (key, stat) in [("low", "conf.low"), ("high", "conf.high")] {
            let found = value(
                &ninety,
                &format!("t/{visit}/adjusted/treatment=BtheB/{stat}"),
            );
            expected.number(&format!("{visit}.ninety.{key}"), found.unwrap());
        }
    }
    for method in ["BH", "BY", "holm", "hochberg", "hommel", "bonferroni"] {
        let outcome = run(&format!("{ADJUST}\np_adjust = \"{method}\""));
        let p = VISITS.map(|v| {
            value(
                &outcome,
                &format!("t/{v}/adjusted/treatment=BtheB/p.adjusted"),
            )
            .unwrap()
        });
        expected.numbers(&format!("p_adjusted.{method}"), &p);
    }
    let plain = run("p_adjust = \"BH\"");
    let p = VISITS.map(|v| {
        value(
            &plain,
            &format!("t/{v}/difference/treatment=BtheB/p.adjusted"),
        )
        .unwrap()
    });
    expected.numbers("p_adjusted.plain_BH", &p);
    binary_agrees_with_r(&expected);
    expected.finish();
}

fn binary_agrees_with_r(expected: &Expected) {
    let data = with_minimal(btheb());
    let visits = VISITS
        .map(|v| format!("[[visit]]\nvariable = \"minimal_{v}\"\n"))
        .join("");
    let run = |keys: &str| {
        let body = format!("data = \"btheb@1.0.0\"\n{keys}\n{visits}");
        let outcome = data.run("outcomes", "t", &body).unwrap();
        check_sound(&outcome);
        outcome
    };
    for (effect, test, key) in [
        ("rd", "chisq", "chisq"),
        ("rr", "chisq-corrected", "corrected"),
        ("or", "fisher", "fisher"),
    ] {
        let outcome = run(&format!("effect = \"{effect}\"\ntest = \"{test}\""));
        for visit in VISITS {
            let id = |rest: &str| value(&outcome, &format!("t/minimal_{visit}/{rest}")).unwrap();
            let stats = ["estimate", "conf.low", "conf.high"];
            let found = stats.map(|s| id(&format!("difference/treatment=BtheB/{s}")));
            expected.numbers(&format!("{visit}.minimal.{effect}"), &found);
            let p = id("difference/treatment=BtheB/p.value");
            expected.number(&format!("{visit}.minimal.{key}"), p);
            for (key, rest) in [("events", "true/treatment=ARM/n"), ("n", "treatment=ARM/N")] {
                let found = ["BtheB", "TAU"].map(|arm| id(&rest.replace("ARM", arm)));
                expected.numbers(&format!("{visit}.minimal.{key}"), &found);
            }
        }
    }
}

#[test]
fn visits_in_rows_give_the_same_numbers() {
    let wide = run(&format!("{ADJUST}\np_adjust = \"BH\""));
    let keys = format!(
        "{ADJUST}\np_adjust = \"BH\"\noutcome = \"bdi\"\nvisit = \"visit\"\nid = \"participant\""
    );
    let long = long()
        .run("outcomes", "t", &format!("data = \"btheb@2.0.0\"\n{keys}"))
        .unwrap();
    check_sound(&long);
    assert!(long.findings.is_empty());
    assert_eq!(wide.statistics.len(), long.statistics.len());
    for (visit, month) in VISITS.iter().zip([2, 3, 5, 8]) {
        for part in [
            "treatment=TAU/mean",
            "difference/treatment=BtheB/p.value",
            "adjusted/treatment=BtheB/p.adjusted",
            "adjusted/nobs",
            "observed/treatment=TAU/p",
        ] {
            let (level, rest) = part.split_once('/').unwrap();
            let in_long = if level.contains('=') {
                format!("t/bdi/visit={month}/{part}")
            } else {
                format!("t/bdi/{level}/visit={month}/{rest}")
            };
            let a = value(&wide, &format!("t/{visit}/{part}")).unwrap();
            let b = value(&long, &in_long).unwrap();
            assert!((a - b).abs() <= 1e-12 * a.abs(), "{in_long}: {a} {b}");
        }
    }
    assert_eq!(value(&long, "t/treatment=TAU/N"), Some(48.0));
    let table = table(long.artefact.as_ref());
    assert_eq!(
        (table.stub.text.as_str(), table.stub.unit.as_deref()),
        ("Visit", Some("mo"))
    );
    let labels: Vec<&str> = table.rows.iter().map(|r| r.label.text.as_str()).collect();
    assert_eq!(labels, ["2", "3", "5", "8"]);
}

#[test]
fn visits_in_rows_are_chosen_and_labelled() {
    let body = "data = \"btheb@2.0.0\"\noutcome = \"bdi\"\nvisit = \"visit\"\nid = \"participant\"\nvisits = [5, 2.0, 12]\n[labels]\n\"2\" = \"2 months\"\n\"5.0\" = \"5 months\"";
    let outcome = long().run("outcomes", "t", body).unwrap();
    check_sound(&outcome);
    let table = table(outcome.artefact.as_ref());
    let labels: Vec<&str> = table.rows.iter().map(|r| r.label.text.as_str()).collect();
    assert_eq!(labels, ["5 months", "2 months", "12"]);
    assert_eq!(outcome.findings[0].code, "empty-visit");
    assert!(why_not(table, &table.rows[2].cells[4]).contains("at least 2 values"));
    let mistaken = body
        .replace("[5, 2.0, 12]", "[2, \"two\", 2]")
        .replace("\"5.0\"", "\"five\"");
    assert_eq!(
        long().complaints("outcomes", "t", &mistaken),
        [
            "wrong-type: 2",
            "wrong-type: 2",
            "unknown-level: \"two\"",
            "unknown-level: \"five\""
        ]
    );
}

#[test]
fn two_arms_stand_side_by_side() {
    let outcome = run(&format!(
        "{ADJUST}\np_adjust = \"BH\"\nunadjusted_p = true\ndigits = 2\nstub = \"Visit\""
    ));
    let table = table(outcome.artefact.as_ref());
    let heads: Vec<(&str, Option<Measure>)> = table
        .columns
        .iter()
        .map(|c| (c.label.text.as_str(), c.label.measure))
        .collect();
    let arm = [
        ("", Some(Measure::CountOfPercent)),
        ("", Some(Measure::MeanSd)),
    ];
    assert_eq!(heads[..2], arm);
    assert_eq!(heads[2..4], arm);
    assert_eq!(
        heads[4..],
        [
            ("Difference", Some(Measure::EstimateCi)),
            ("", Some(Measure::PValue)),
            ("Adjusted difference", Some(Measure::EstimateCi)),
            ("", Some(Measure::PValue)),
            ("", Some(Measure::PAdjusted)),
        ]
    );
    assert_eq!(table.stub.text, "Visit");
    let spanners: Vec<_> = table
        .spanners
        .iter()
        .map(|s| (s.label.text.as_str(), s.first, s.last))
        .collect();
    assert_eq!(
        spanners,
        [("Treatment as usual", 0, 1), ("Beat the Blues", 2, 3)]
    );
    let notes: Vec<&str> = table.notes.iter().map(|n| n.text.as_str()).collect();
    assert_eq!(
        notes,
        [
            "Difference of means, Beat the Blues − Treatment as usual; Welch interval.",
            "Welch t test.",
            "Beat the Blues − Treatment as usual, adjusted for BDI-II bdi_pre, taking antidepressants, and length of current episode in a linear model (analysis of covariance).",
            "Of the adjusted difference.",
            "Adjusted over the 4 comparisons of the table by the method of Benjamini and Hochberg.",
        ]
    );
    let Cell::Number { quantity, .. } = &table.rows[0].cells[6] else {
        panic!();
    };
    assert_eq!(quantity.digits, Digits::Fixed(2));
    assert!(matches!(quantity.form, Form::EstimateCi { .. }));
    let decimals = outcome
        .statistics
        .iter()
        .find(|s| s.id().as_str() == "t/bdi_2m/adjusted/treatment=BtheB/estimate");
    assert_eq!(decimals.unwrap().measured, Some(0));
}

#[test]
fn rows_are_followed() {
    let mut data = btheb();
    // Of those seen at 2 months, participants 2 and 3 lack the covariate.
    if let ColumnData::Number(values) = &mut data.frame.columns[4].data {
        values[1] = None;
        values[2] = None;
    }
    let body = "data = \"btheb@1.0.0\"\nadjust = [\"bdi_pre\"]\n[[visit]]\nvariable = \"bdi_2m\"";
    let outcome = data.run("outcomes", "t", body).unwrap();
    check_sound(&outcome);
    let find = |stats: &str| {
        outcome
            .rows
            .iter()
            .find(|u| u.stats.as_str() == stats)
            .unwrap()
    };
    assert_eq!(find("t").used.len(), 100);
    assert_eq!(find("t/bdi_2m").used.len(), 97);
    assert_eq!(find("t/bdi_2m").left_out[0].reason, "bdi_2m is missing");
    assert_eq!(find("t/bdi_2m/observed").used.len(), 100);
    let model = find("t/bdi_2m/adjusted");
    assert_eq!(model.used.len(), 95);
    assert_eq!(value(&outcome, "t/bdi_2m/adjusted/nobs"), Some(95.0));
    assert_eq!(model.left_out[1].reason, "bdi_pre is missing");
    assert_eq!(model.left_out[1].rows.0, [(2, 3)]);
    let table = table(outcome.artefact.as_ref());
    let key = &table.rows[0].label.notes[0];
    let note = table
        .notes
        .iter()
        .find(|n| n.key.as_ref() == Some(key))
        .unwrap();
    assert_eq!(
        note.text,
        "The adjusted difference is of 95 participants; 2 lack a covariate."
    );
}

fn three_arms() -> Memory {
    let arms = ["C", "A", "B"].map(Some).repeat(4);
    let y: Vec<Option<f64>> = [3.0, 5.0, 9.0, 4.0, 7.0, 8.0, 5.0, 6.0, 12.0, 1.0, 6.5, 9.5]
        .map(Some)
        .into();
    let event: Vec<Option<&str>> = [
        "no", "yes", "yes", "no", "no", "yes", "yes", "yes", "no", "no", "yes", "yes",
    ]
    .map(Some)
    .into();
    let columns = vec![
        number("y", &y),
        category("event", &["no", "yes"], &event),
        category("arm", &["A", "B", "C"], &arms),
    ];
    let mut data = Memory::new(frame("d@1", columns))
        .with_arms("arm", &[("C", "Control"), ("A", "Alpha"), ("B", "Beta")]);
    data.shared.arms.as_mut().unwrap().order = Vec::new();
    data
}

#[test]
fn three_arms_stand_below_their_visit() {
    let body = "data = \"d@1\"\np_adjust = \"holm\"\n[[visit]]\nvariable = \"y\"";
    let outcome = three_arms().run("outcomes", "t", body).unwrap();
    check_sound(&outcome);
    let table = table(outcome.artefact.as_ref());
    let rows: Vec<(RowKind, &str)> = table
        .rows
        .iter()
        .map(|r| (r.kind, r.label.text.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            (RowKind::Section, "y"),
            (RowKind::Item, "Alpha"),
            (RowKind::Item, "Beta"),
            (RowKind::Item, "Control")
        ]
    );
    let control = &table.rows[3].cells;
    assert_eq!(control[2], Cell::Reference { ratio: false });
    assert_eq!(control[3..], [Cell::Empty, Cell::Empty]);
    assert!(matches!(
        form(&table.rows[1].cells[2]),
        Form::EstimateCi { .. }
    ));
    let difference = value(&outcome, "t/y/difference/arm=A/estimate").unwrap();
    assert!((difference - (24.5 / 4.0 - 13.0 / 4.0)).abs() < 1e-12);
    assert!(
        table
            .notes
            .iter()
            .any(|n| n.text == "Difference of means, each arm − Control; Welch interval.")
    );
    assert!(
        table.notes.iter().any(
            |n| n.text == "Adjusted over the 2 comparisons of the table by the method of Holm."
        )
    );

    let body = "data = \"d@1\"\nevent = \"yes\"\neffect = \"or\"\n[[visit]]\nvariable = \"event\"";
    let outcome = three_arms().run("outcomes", "t", body).unwrap();
    check_sound(&outcome);
    let table = super::table(outcome.artefact.as_ref());
    assert_eq!(table.rows[3].cells[1], Cell::Reference { ratio: true });
    assert_eq!(
        table.columns[0].label.measure,
        Some(Measure::CountOfPercent)
    );
    let odds = value(&outcome, "t/event/difference/arm=A/estimate").unwrap();
    assert!((odds - 9.0).abs() < 1e-12);
    let p = outcome
        .statistics
        .iter()
        .find(|s| s.key.stat == "p.value")
        .unwrap();
    assert_eq!(
        p.warnings,
        ["expected counts below 5 make the approximation doubtful"]
    );
}

fn two_arms(y: &[Option<f64>], arms: &[Option<&str>]) -> Memory {
    let columns = vec![
        number("y", y),
        number("x", &vec![Some(1.0); y.len()]),
        category("one", &["only", "other"], &vec![Some("only"); y.len()]),
        category("arm", &["A", "B"], arms),
    ];
    Memory::new(frame("d@1", columns))
}

#[test]
fn what_cannot_be_compared_has_its_reason() {
    let body =
        |keys: &str| format!("data = \"d@1\"\nby = \"arm\"\n{keys}\n[[visit]]\nvariable = \"y\"");
    // One participant in an arm.
    let data = two_arms(
        &[Some(1.0), Some(2.0), Some(4.0)],
        &[Some("A"), Some("B"), Some("B")],
    );
    let outcome = data.run("outcomes", "t", &body("")).unwrap();
    check_sound(&outcome);
    let shown = table(outcome.artefact.as_ref());
    assert!(
        why_not(shown, &shown.rows[0].cells[4])
            .contains("Welch t-test needs at least 2 values in each group")
    );
    // An outcome that does not vary, and one that nobody has.
    let arms = ["A", "A", "B", "B"].map(Some);
    let constant = two_arms(&[Some(3.0); 4], &arms)
        .run("outcomes", "t", &body("adjust = [\"x\"]"))
        .unwrap();
    check_sound(&constant);
    let shown = table(constant.artefact.as_ref());
    assert!(why_not(shown, &shown.rows[0].cells[4]).contains("the values do not vary"));
    assert!(why_not(shown, &shown.rows[0].cells[5]).contains("the same in every row"));
    let none = two_arms(&[None; 4], &arms)
        .run(
            "outcomes",
            "t",
            &body("adjust = [\"one\"]\np_adjust = \"BH\""),
        )
        .unwrap();
    check_sound(&none);
    assert_eq!(value(&none, "t/y/observed/arm=A/p"), Some(0.0));
    assert_eq!(value(&none, "t/y/adjusted/arm=B/p.adjusted"), None);
    assert_eq!(value(&none, "t/y/adjusted/nobs"), None);
    // A covariate of one level leaves the model, not the table.
    let one = two_arms(&[Some(1.0), Some(2.0), Some(4.0), Some(3.0)], &arms)
        .run("outcomes", "t", &body("adjust = [\"one\"]"))
        .unwrap();
    check_sound(&one);
    let shown = table(one.artefact.as_ref());
    assert!(why_not(shown, &shown.rows[0].cells[5]).contains("`one` has only the level `only`"));
    assert!(value(&one, "t/y/difference/arm=B/estimate").is_some());
    // No participants at all.
    let empty = two_arms(&[Some(1.0)], &[Some("A")])
        .run("outcomes", "t", &body(""))
        .unwrap();
    assert_eq!(empty.findings[0].code, "empty-arm");
    assert!(empty.has_errors());
    let nobody = two_arms(&[], &[]).run("outcomes", "t", &body("")).unwrap();
    assert_eq!(nobody.findings[0].code, "empty-population");
}

#[test]
fn rows_without_arm_are_left_out() {
    let arms = [Some("A"), Some("A"), Some("B"), Some("B"), None];
    let data = two_arms(
        &[Some(1.0), Some(2.0), Some(4.0), Some(3.0), Some(9.0)],
        &arms,
    );
    let outcome = data
        .run(
            "outcomes",
            "t",
            "data = \"d@1\"\nby = \"arm\"\n[[visit]]\nvariable = \"y\"",
        )
        .unwrap();
    assert_eq!(outcome.findings[0].code, "missing-arm");
    assert_eq!(value(&outcome, "t/y/difference/arm=B/estimate"), Some(2.0));
    assert_eq!(outcome.rows[1].left_out[0].reason, "arm is missing");
}

#[test]
fn long_form_that_contradicts_itself_is_refused() {
    let case = |ids: &[Option<&str>], visits: &[Option<&str>], arms: &[Option<&str>]| {
        let y: Vec<Option<f64>> = (0..ids.len()).map(|i| Some(i as f64)).collect();
        let columns = vec![
            text("id", ids),
            category("visit", &["v1", "v2"], visits),
            category("arm", &["A", "B"], arms),
            number("y", &y),
        ];
        let data = Memory::new(frame("d@1", columns));
        let body = "data = \"d@1\"\nby = \"arm\"\noutcome = \"y\"\nvisit = \"visit\"\nid = \"id\"";
        data.run("outcomes", "t", body).unwrap()
    };
    let (p, q) = (Some("p"), Some("q"));
    let (v1, v2) = (Some("v1"), Some("v2"));
    let (a, b) = (Some("A"), Some("B"));
    let twice = case(&[p, p, q], &[v1, v1, v1], &[a, a, b]);
    assert!(
        twice.findings[0]
            .message
            .contains("two rows of the visit `v1`: 1 and 2")
    );
    let both = case(&[p, p, q], &[v1, v2, v1], &[a, b, b]);
    assert_eq!(both.findings[0].code, "two-arms");
    let nobody = case(&[p, None, q], &[v1, v2, v1], &[a, b, b]);
    assert_eq!(nobody.findings[0].message, "`id` is missing in row 2");
    let fine = case(&[p, p, q, None], &[v1, None, v1, v1], &[a, a, b, None]);
    check_sound(&fine);
    let codes: Vec<&str> = fine.findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["missing-arm", "missing-visit", "empty-visit"]);
}

#[test]
fn mistakes_are_found_all_at_once() {
    let mut data = btheb();
    data.frame.columns.push(text("name", &[None; 100]));
    data.frame.columns.push(date("day", &[None; 100]));
    let body = r#"
data = "btheb@1.0.0"
adjust = ["treatment", "bdi_2m", "name", "bdi_pree", "drug", "drug"]
p_adjust = "fdr"
conf_level = 95
test = "mann-whitney"
effect = "rd"
observed = "yes"
id = "participant"
[[visit]]
variable = "bdi_2m"
lable = "x"
[[visit]]
variable = "bdi_2m"
[[visit]]
variable = "drug"
"#;
    let mut complaints = data.complaints("outcomes", "t", body);
    complaints.sort();
    assert_eq!(
        complaints,
        [
            "out-of-range: 95",
            "repeated: \"bdi_2m\"",
            "repeated: \"drug\"",
            "unknown-choice: \"fdr\"",
            "unknown-choice: \"mann-whitney\"",
            "unknown-choice: \"yes\"",
            "unknown-column: \"bdi_pree\"",
            "unknown-key: lable",
            "wrong-covariate: \"bdi_2m\"",
            "wrong-covariate: \"drug\"",
            "wrong-covariate: \"drug\"",
            "wrong-covariate: \"name\"",
            "wrong-covariate: \"treatment\"",
            "wrong-kind: \"drug\"",
            "wrong-kind: effect",
            "wrong-kind: id",
        ]
    );
    let binary = "data = \"btheb@1.0.0\"\nadjust = [\"bdi_pre\"]\nevent = \"Maybe\"\nsummary = \"mean (sd)\"\n[[visit]]\nvariable = \"drug\"";
    let mut complaints = data.complaints("outcomes", "t", binary);
    complaints.sort();
    assert_eq!(
        complaints,
        [
            "unknown-level: \"Maybe\"",
            "wrong-kind: \"bdi_pre\"",
            "wrong-kind: summary"
        ]
    );
    let without = "data = \"btheb@1.0.0\"\n[[visit]]\nvariable = \"drug\"";
    assert_eq!(data.complaints("outcomes", "t", without).len(), 1);
    assert_eq!(
        data.complaints("outcomes", "t", "data = \"btheb@1.0.0\"")
            .len(),
        1
    );
    let long = "data = \"btheb@1.0.0\"\noutcome = \"bdi_2m\"\nvisit = \"day\"";
    let mut complaints = data.complaints("outcomes", "t", long);
    complaints.sort();
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert!(complaints[0].starts_with("missing-key") && complaints[1].starts_with("wrong-kind"));
    let nowhere = "data = \"x@1\"\nadjust = [\"q\"]\nkind = \"binary\"\nevent = \"e\"\n[[visit]]\nvariable = \"q\"";
    assert_eq!(
        data.complaints("outcomes", "t", nowhere),
        ["unknown-dataset: \"x@1\""]
    );
}

#[test]
fn an_event_is_named_where_its_name_says_something() {
    let mut data = three_arms();
    if let Some(column) = data.frame.columns.get_mut(1) {
        column.field.levels[1] = Level {
            value: "yes".into(),
            label: "Remission".into(),
        };
    }
    let body = "data = \"d@1\"\nevent = \"yes\"\n[[visit]]\nvariable = \"event\"";
    let outcome = data.run("outcomes", "t", body).unwrap();
    let table = table(outcome.artefact.as_ref());
    assert!(
        table
            .notes
            .iter()
            .any(|n| n.text == "Counted are participants with “Remission”.")
    );
    assert!(ids(&outcome).contains(&"t/event/yes/arm=A/p".to_owned()));
    assert_eq!(row(table, "Alpha").indent, 1);
}

proptest! {
    #[test]
    fn never_panics(
        data in any_data(),
        wide in any::<bool>(),
        keys in "(adjust = \\[\"y\", \"c\"\\]\n)?(p_adjust = \"(BH|hommel)\"\n)?(test = \"student\"\n)?(unadjusted_p = true\n)?(summary = \"range\"\n)?",
        binary in "(event = \"(A|b/c)\"\n)(effect = \"(rd|rr|or)\"\n)?(test = \"(chisq|chisq-corrected|fisher)\"\n)?",
        is_binary in any::<bool>(),
    ) {
        let outcome = if is_binary { "c" } else { "x" };
        let keys = if is_binary { binary } else { keys };
        let shape = if wide {
            format!("{keys}[[visit]]\nvariable = \"{outcome}\"\n")
        } else {
            format!("{keys}outcome = \"{outcome}\"\nvisit = \"arm=A\"\nid = \"id\"\n")
        };
        if let Ok(outcome) = data.run("outcomes", "t", &format!("data = \"any@1\"\nby = \"arm\"\n{shape}")) {
            check_sound(&outcome);
        }
    }
}
