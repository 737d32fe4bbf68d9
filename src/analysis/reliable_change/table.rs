//! The table: a column an arm, a row a category, for each measure and visit.

use super::Spec;
use super::counted::{Counted, CountedTest, CountedVisit, SizeNotes, columns, method, sparse};
use super::run::CHANGES;
use crate::analysis::notes::Notes;
use crate::artefact::{Cell, Column, Form, Label, Measure, Quantity, Row, RowKind, Table};

/// Makes the table.
pub(super) fn table(spec: &Spec, counted: &[Counted<'_>]) -> Table {
    let mut notes = Notes::default();
    let mut sizes = SizeNotes::new(spec, counted, &mut notes);
    let arms = spec.arms.levels.iter().map(|arm| Label::text(&arm.label));
    let mut table = Table {
        stub: Label::text("Measure"),
        columns: arms
            .chain(columns(spec))
            .map(|label| Column {
                label,
                words: false,
            })
            .collect(),
        ..Table::default()
    };
    for measure in counted {
        let several = measure.visits.len() > 1;
        let name = Label::text(&measure.scale.label);
        if several {
            table.rows.push(head(name.clone(), 0));
        }
        for visit in &measure.visits {
            let mut label = if several {
                Label::text(&visit.visit.label)
            } else {
                name.clone()
            };
            label.notes.extend(sizes.key(spec, visit, &mut notes));
            let indent = u8::from(several);
            table.rows.push(head(label, indent));
            table.rows.extend(rows(spec, visit, indent + 1, &mut notes));
        }
    }
    method(spec, &mut notes);
    table.notes = notes.finish();
    table
}

fn head(label: Label, indent: u8) -> Row {
    Row {
        kind: RowKind::Section,
        indent,
        label,
        cells: Vec::new(),
    }
}

/// How many were counted, and a row a category; the first has the test.
fn rows(spec: &Spec, visit: &CountedVisit<'_>, indent: u8, notes: &mut Notes) -> Vec<Row> {
    let mut test = test_cells(spec, &visit.test, notes);
    let mut row = |label: Label, mut cells: Vec<Cell>| {
        cells.append(&mut test);
        test = columns(spec).iter().map(|_| Cell::Empty).collect();
        Row {
            kind: RowKind::Item,
            indent,
            label,
            cells,
        }
    };
    let totals = visit.arms.iter().map(|arm| {
        let n = arm.total_id.clone();
        Cell::number(Quantity::new(Form::Count { n }))
    });
    let label = Label::text("With both scores").measure(Measure::Count);
    let mut rows = vec![row(label, totals.collect())];
    for (i, (_, _, words)) in CHANGES.iter().enumerate() {
        let cells = visit.arms.iter().map(|arm| match arm.changes.get(i) {
            Some(change) if arm.total > 0 => Cell::number(Quantity::new(Form::CountPercent {
                n: change.n.clone(),
                p: change.p.clone(),
                total: arm.total_id.clone(),
            })),
            _ => Cell::NotApplicable {
                note: Some(notes.undefined("nobody has both scores")),
            },
        });
        let label = Label::text(*words).measure(Measure::CountPercent);
        rows.push(row(label, cells.collect()));
    }
    rows
}

fn test_cells(spec: &Spec, test: &CountedTest, notes: &mut Notes) -> Vec<Cell> {
    if let Some(reason) = &test.refused {
        let note = notes.undefined(reason);
        let absent = |_: &Label| Cell::NotApplicable {
            note: Some(note.clone()),
        };
        return columns(spec).iter().map(absent).collect();
    }
    let statistic = test.statistic_form().map(Quantity::new).map(Cell::number);
    let p = Cell::Number {
        quantity: Quantity::new(Form::PValue { p: test.p.clone() }),
        notes: sparse(test, notes).into_iter().collect(),
    };
    statistic.into_iter().chain([p]).collect()
}
