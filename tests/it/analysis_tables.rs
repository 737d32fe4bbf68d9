//! The directives that give tables.

mod frequencies;
mod listing;
mod outcomes;
mod table1;

use proptest::prelude::*;
use trialbook::artefact::{Artefact, Cell, Form, Row, Table};
use trialbook::dataset::{Column, Level};

use super::support::directive::{Memory, boolean, category, date, frame, number, text};
use super::support::expected::Data;

/// Beat the Blues in wide form, as data version 1 has it.
pub fn btheb() -> Memory {
    let data = Data::load("btheb");
    let categorical = |name: &str, levels: &[&str]| {
        let texts = data.texts(name);
        let values: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        category(name, levels, &values)
    };
    let mut columns = vec![
        number("participant", &data.numbers("subject")),
        categorical("drug", &["No", "Yes"]),
        categorical("length", &["<6m", ">6m"]),
        categorical("treatment", &["TAU", "BtheB"]),
    ];
    for name in ["bdi_pre", "bdi_2m", "bdi_3m", "bdi_5m", "bdi_8m"] {
        let mut column = number(name, &data.numbers(name));
        column.field.title = format!("BDI-II {name}");
        columns.push(column);
    }
    columns[1].field.title = "Taking antidepressants".into();
    columns[2].field.title = "Length of current episode".into();
    let labels = [("TAU", "Treatment as usual"), ("BtheB", "Beat the Blues")];
    Memory::new(frame("btheb@1.0.0", columns)).with_arms("treatment", &labels)
}

pub fn table(artefact: Option<&Artefact>) -> &Table {
    match artefact {
        Some(Artefact::Table(table)) => table,
        other => panic!("no table but {other:?}"),
    }
}

/// The row of a label.
pub fn row<'a>(table: &'a Table, label: &str) -> &'a Row {
    let found = table.rows.iter().find(|r| r.label.text == label);
    found.unwrap_or_else(|| panic!("no row `{label}`"))
}

/// The note that a cell without a number is marked with.
pub fn why_not<'a>(table: &'a Table, cell: &Cell) -> &'a str {
    let Cell::NotApplicable { note: Some(key) } = cell else {
        panic!("{cell:?}");
    };
    let found = table.notes.iter().find(|n| n.key.as_ref() == Some(key));
    &found.expect("the note").text
}

pub fn form(cell: &Cell) -> &Form {
    match cell {
        Cell::Number { quantity, .. } => &quantity.form,
        other => panic!("no number but {other:?}"),
    }
}

/// Any column of so many rows, with values that are missing, constant, huge or few.
fn any_column(name: &'static str, height: usize) -> BoxedStrategy<Column> {
    let value = prop_oneof![
        3 => Just(None),
        4 => (-3..4_i32).prop_map(|v| Some(f64::from(v))),
        1 => Just(Some(1e300)),
        1 => Just(Some(-1e300)),
        1 => Just(Some(f64::MIN_POSITIVE)),
        1 => (-1e6..1e6_f64).prop_map(Some),
    ];
    let constant = prop::option::of(Just(7.25));
    prop_oneof![
        prop::collection::vec(value, height).prop_map(move |v| number(name, &v)),
        prop::collection::vec(constant, height).prop_map(move |v| number(name, &v)),
        any_category(name, height),
        prop::collection::vec(any::<Option<bool>>(), height).prop_map(move |v| boolean(name, &v)),
        prop::collection::vec(prop::option::of("[a/~= ]{0,3}"), height).prop_map(move |v| {
            let texts: Vec<Option<&str>> = v.iter().map(Option::as_deref).collect();
            text(name, &texts)
        }),
        prop::collection::vec(any::<Option<i32>>(), height).prop_map(move |v| date(name, &v)),
    ]
    .boxed()
}

/// Any column of categories, some of whose levels no row has.
fn any_category(name: &'static str, height: usize) -> BoxedStrategy<Column> {
    let levels = ["A", "arm=A", "b/c", "~", "difference"];
    (1..=levels.len())
        .prop_flat_map(move |k| {
            let value = prop::option::weighted(0.8, 0..k);
            prop::collection::vec(value, height).prop_map(move |codes| {
                let values: Vec<Option<&str>> =
                    codes.iter().map(|c| c.map(|i| levels[i])).collect();
                let mut column = category(name, &levels[..k], &values);
                if let Some(level) = column.field.levels.first_mut() {
                    *level = Level {
                        value: level.value.clone(),
                        label: "First".to_owned(),
                    };
                }
                column
            })
        })
        .boxed()
}

/// Any dataset `any@1` with an arm, an outcome, two visits and others.
pub fn any_data() -> BoxedStrategy<Memory> {
    (0..14_usize)
        .prop_flat_map(|height| {
            (
                any_category("arm", height),
                any_column("x", height),
                any_column("y", height),
                any_column("arm=A", height),
                any_category("c", height),
                any_column("id", height),
            )
        })
        .prop_map(|(arm, x, y, z, c, id)| Memory::new(frame("any@1", vec![arm, x, y, z, c, id])))
        .boxed()
}

/// Every example in a directive's documentation, as its body.
fn examples(doc: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for block in doc.split("```{").skip(1) {
        let (head, rest) = block.split_once('\n').unwrap();
        let body = rest.split("\n```").next().unwrap();
        let label = head.split_once('#').unwrap().1.trim_end_matches('}');
        found.push((label.to_owned(), body.to_owned()));
    }
    found
}

#[test]
fn documentation_has_its_sections_and_examples_that_hold() {
    let sections = [
        "## What it computes",
        "## Syntax",
        "## Example",
        "## What it refuses",
        "## Method",
    ];
    for entry in trialbook::analysis::registry() {
        let mut rest = entry.doc;
        for section in sections {
            let at = rest.find(section);
            let at = at.unwrap_or_else(|| panic!("{}: no {section}", entry.name));
            rest = &rest[at..];
        }
        if !["table1", "outcomes", "frequencies", "listing", "query"].contains(&entry.name) {
            continue;
        }
        for (label, body) in examples(entry.doc) {
            let mut data = btheb().with_population("lost");
            for column in &mut data.frame.columns {
                column.field.name = column.field.name.replace('_', ".");
            }
            if body.contains("@2.0.0") {
                data.frame.dataset.version = "2.0.0".into();
                let mut visit = data.frame.columns[0].clone();
                visit.field.name = "visit".into();
                let mut bdi = visit.clone();
                bdi.field.name = "bdi".into();
                data.frame.columns.extend([visit, bdi]);
            }
            let (prepared, diagnostics) = data.prepare(entry.name, &label, &body);
            assert!(
                prepared.is_some() && diagnostics.is_empty(),
                "{diagnostics:#?}"
            );
        }
    }
}
