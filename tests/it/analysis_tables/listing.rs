//! `listing` and `query`.

use proptest::prelude::*;
use trialbook::analysis::InputSpec;
use trialbook::artefact::{Cell, Digits, Form};
use trialbook::dataset::ColumnData::{Category, Number, Text};
use trialbook::dataset::Level;

use super::super::support::directive::{
    Memory, boolean, category, check_sound, date, frame, ids, number, text, value,
};
use super::{any_data, table};

fn rows() -> Memory {
    let mut arm = category("arm", &["A", "B"], &[Some("B"), Some("A"), None, Some("A")]);
    arm.field.levels[0] = Level {
        value: "A".into(),
        label: "Alpha".into(),
    };
    let mut ratio = number("ratio", &[Some(1.0 / 3.0), None, Some(2.0), Some(0.5)]);
    ratio.field.decimals = Some(6);
    let mut age = number("age", &[Some(40.0), Some(31.5), Some(40.0), None]);
    age.field.decimals = Some(1);
    age.field.unit = Some("y".into());
    let columns = vec![
        text(
            "who",
            &[Some("p1"), Some("#set page"), Some("p3"), Some("{{ x }}")],
        ),
        arm,
        age,
        ratio,
        boolean("done", &[Some(true), Some(false), None, Some(true)]),
        date("day", &[Some(0), Some(19_000), None, Some(-1)]),
    ];
    let mut data = Memory::new(frame("d@1", columns));
    data.frame.rows = vec![2, 3, 5, 9];
    data
}

fn words(cell: &Cell) -> &str {
    match cell {
        Cell::Words { text } => text,
        Cell::NotApplicable { note: None } => "NA",
        Cell::Number { .. } => "#",
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_are_listed_as_they_are() {
    let body = "data = \"d@1\"\ncolumns = [\"who\", \"arm\", \"age\", \"done\", \"day\"]\nsort = [\"-age\", \"arm\"]\n[[column]]\nvariable = \"ratio\"\nlabel = \"Ratio\"\ndigits = 2";
    let outcome = rows().run("listing", "tbl-list", body).unwrap();
    check_sound(&outcome);
    let table = table(outcome.artefact.as_ref());
    let lines: Vec<(&str, Vec<&str>)> = table
        .rows
        .iter()
        .map(|r| (r.label.text.as_str(), r.cells.iter().map(words).collect()))
        .collect();
    assert_eq!(
        lines,
        [
            ("2", vec!["p1", "B", "#", "true", "1970-01-01", "#"]),
            ("5", vec!["p3", "NA", "#", "NA", "NA", "#"]),
            (
                "3",
                vec!["#set page", "Alpha", "#", "false", "2022-01-08", "NA"]
            ),
            (
                "9",
                vec!["{{ x }}", "Alpha", "NA", "true", "1969-12-31", "#"]
            ),
        ]
    );
    assert_eq!(value(&outcome, "tbl-list/age/row=3/value"), Some(31.5));
    assert_eq!(value(&outcome, "tbl-list/age/row=9/value"), None);
    let digits = |i: usize| match &table.rows[0].cells[i] {
        Cell::Number { quantity, .. } => quantity.digits,
        other => panic!("{other:?}"),
    };
    assert_eq!((digits(2), digits(5)), (Digits::Fixed(1), Digits::Fixed(2)));
    assert_eq!(table.columns[2].label.unit.as_deref(), Some("y"));
    assert!(table.columns[0].words && !table.columns[2].words);
    assert_eq!(table.stub.text, "Row");
    assert_eq!(outcome.rows[0].used.0, [(2, 3), (5, 5), (9, 9)]);
}

#[test]
fn lines_are_named_by_a_column() {
    let body = "data = \"d@1\"\ncolumns = [\"ratio\"]\nid = \"who\"";
    let outcome = rows().run("listing", "t", body).unwrap();
    let table = table(outcome.artefact.as_ref());
    assert_eq!(
        (table.stub.text.as_str(), table.rows[1].label.text.as_str()),
        ("who", "#set page")
    );
    // Endless decimals are the style's to cut.
    let Cell::Number { quantity, .. } = &table.rows[0].cells[0] else {
        panic!();
    };
    assert_eq!(quantity.digits, Digits::Style);
}

#[test]
fn too_many_rows_are_refused() {
    let body = "data = \"d@1\"\ncolumns = [\"age\"]\nlimit = 3";
    let outcome = rows().run("listing", "t", body).unwrap();
    assert!(outcome.has_errors());
    assert_eq!(outcome.findings[0].code, "too-many-rows");
    assert!(outcome.findings[0].help[0].contains("`limit = 4`"));
    let many: Vec<Option<f64>> = (0..501).map(|i| Some(f64::from(i))).collect();
    let data = Memory::new(frame("d@1", vec![number("x", &many)]));
    let body = "data = \"d@1\"\ncolumns = [\"x\"]";
    assert!(data.run("listing", "t", body).unwrap().has_errors());
    let raised = data
        .run("listing", "t", &format!("{body}\nlimit = 501"))
        .unwrap();
    assert_eq!(table(raised.artefact.as_ref()).rows.len(), 501);
    let none = Memory::new(frame("d@1", vec![number("x", &[])]));
    assert_eq!(
        none.run("listing", "t", body).unwrap().findings[0].code,
        "empty-population"
    );
}

#[test]
fn mistakes_of_listings() {
    let body = "data = \"d@1\"\ncolumns = [\"age\", \"aeg\"]\nid = \"whom\"\nsort = [\"-ages\"]\nlimit = 0\n[[column]]\nvariable = \"age\"\n[[column]]\nvariable = \"who\"\ndigits = 1\n[[column]]\nname = \"x\"";
    let mut complaints = rows().complaints("listing", "t", body);
    complaints.sort();
    assert_eq!(
        complaints,
        [
            "missing-key: [[column]]",
            "out-of-range: 0",
            "repeated: \"age\"",
            "unknown-column: \"-ages\"",
            "unknown-column: \"aeg\"",
            "unknown-column: \"whom\"",
            "unknown-key: name",
            "wrong-kind: digits",
        ]
    );
    assert_eq!(rows().complaints("listing", "t", "data = \"d@1\"").len(), 1);
}

#[test]
fn a_query_gives_values() {
    let body = "data = \"d@1\"\nsql = \"SELECT * FROM d\"";
    let outcome = rows().run("query", "numbers", body).unwrap();
    check_sound(&outcome);
    assert!(outcome.artefact.is_none());
    assert_eq!(value(&outcome, "numbers/age/row=2/value"), Some(31.5));
    assert_eq!(ids(&outcome).len(), 8);
    let (prepared, _) = rows().prepare("query", "numbers", body);
    assert!(
        matches!(&prepared.unwrap().inputs[0], InputSpec::Query { sql, .. } if sql == "SELECT * FROM d")
    );
    let keyed = rows()
        .run(
            "query",
            "numbers",
            &format!("{body}\nkey = \"who\"\ncolumns = [\"age\"]"),
        )
        .unwrap();
    assert_eq!(value(&keyed, "numbers/age/who=p3/value"), Some(40.0));
    for key in ["arm", "age"] {
        let ambiguous = rows()
            .run("query", "numbers", &format!("{body}\nkey = \"{key}\""))
            .unwrap();
        assert_eq!(ambiguous.findings[0].code, "ambiguous-key", "{key}");
    }
}

#[test]
fn a_query_gives_a_table() {
    let body = "data = \"d@1\"\nsql = \"SELECT * FROM d\"";
    let outcome = rows().run("query", "tbl-q", body).unwrap();
    check_sound(&outcome);
    let shown = table(outcome.artefact.as_ref());
    // The first column of words names the lines.
    assert_eq!(
        (shown.stub.text.as_str(), shown.rows[0].label.text.as_str()),
        ("who", "p1")
    );
    assert_eq!(shown.columns.len(), 5);
    let alone = rows()
        .run("query", "tbl-q", &format!("{body}\ncolumns = [\"who\"]"))
        .unwrap();
    let shown = table(alone.artefact.as_ref());
    assert_eq!(
        (shown.stub.text.as_str(), shown.rows[0].label.text.as_str()),
        ("Row", "1")
    );
    assert_eq!(shown.columns.len(), 1);
    let mut two = rows();
    two.frame.columns.truncate(3);
    two.frame.rows.truncate(2);
    for column in &mut two.frame.columns {
        match &mut column.data {
            Number(v) => v.truncate(2),
            Category(v) => v.truncate(2),
            Text(v) => v.truncate(2),
            _ => {}
        }
    }
    let keyed = two
        .run("query", "tbl-q", &format!("{body}\nkey = \"arm\""))
        .unwrap();
    check_sound(&keyed);
    let shown = table(keyed.artefact.as_ref());
    // Printed is the level's label, named is its value.
    assert_eq!(
        (shown.stub.text.as_str(), shown.rows[1].label.text.as_str()),
        ("arm", "Alpha")
    );
    assert_eq!(value(&keyed, "tbl-q/age/arm=A/value"), Some(31.5));
    let Cell::Number { quantity, .. } = &shown.rows[0].cells[1] else {
        panic!();
    };
    assert!(matches!(quantity.form, Form::Number { .. }));
}

#[test]
fn mistakes_of_queries() {
    let complaints = |body: &str| {
        let mut found = rows().complaints("query", "q", body);
        found.sort();
        found
    };
    assert_eq!(
        complaints("data = \"d@1\"\nsql = \"DROP TABLE d\"\nkey = \"x\""),
        ["sql: \"DROP TABLE d\""]
    );
    assert_eq!(
        complaints("data = \"d@2\"\nsql = \"SELECT 1\""),
        ["unknown-dataset: \"d@2\""]
    );
    assert_eq!(complaints("data = \"d@1\"").len(), 1);
    assert_eq!(
        complaints(
            "data = \"d@1\"\nsql = \"SELECT *\"\nkey = \"whom\"\npopulation = \"all\"\ncolumns = [\"agee\", \"age\", \"age\"]"
        ),
        [
            "repeated: \"age\"",
            "unknown-column: \"agee\"",
            "unknown-column: \"whom\"",
            "unknown-key: population"
        ]
    );
    let none = Memory::new(frame("d@1", vec![number("x", &[])]));
    let outcome = none
        .run("query", "q", "data = \"d@1\"\nsql = \"SELECT x FROM d\"")
        .unwrap();
    assert_eq!(outcome.findings[0].code, "empty-answer");
}

proptest! {
    #[test]
    fn never_panics(data in any_data(), sort in "-?(x|y|c|id|arm=A)", id in "x|y|c|id", label in "tbl-q|q", keys in "(key = \"(id|c|x)\"\n)?(columns = \\[\"(x|y|c)\"\\]\n)?") {
        let body = format!("data = \"any@1\"\ncolumns = [\"x\", \"y\", \"arm=A\", \"c\", \"id\"]\nid = \"{id}\"\nsort = [\"{sort}\"]");
        check_sound(&data.run("listing", "t", &body).unwrap());
        let body = format!("data = \"any@1\"\nsql = \"SELECT *\"\n{keys}");
        check_sound(&data.run("query", &label, &body).unwrap());
    }
}
