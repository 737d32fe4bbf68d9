//! `listing`: rows of a dataset as a table.

mod order;

use serde::{Deserialize, Serialize};

use super::column::{column, row_use, some_rows};
use super::raw_values::{Shown, text};
use super::record::Recorder;
use super::{Analysis, Finding, Inputs, Outcome, Prepared, RowUse, Scope, Shows};
use crate::artefact::{Artefact, Label, Row, RowKind, Table};
use crate::dataset::{Column, Frame};
use crate::reader::TableReader;
use crate::statistic::Group;
use order::SortKey;

/// The directive.
pub(super) struct Listing;

/// A resolved listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    columns: Vec<Shown>,
    /// The column whose values name the rows, with its head; none for the dataset's row numbers.
    id: Option<(String, String)>,
    sort: Vec<SortKey>,
    limit: usize,
}

/// Rows that are listed without being asked for more.
pub(super) const LIMIT: usize = 500;

/// The key `limit`.
pub(super) fn limit(reader: &mut TableReader<'_>) -> usize {
    let found = reader.optional_integer("limit", 1..=100_000);
    found
        .and_then(|n| usize::try_from(n.value).ok())
        .unwrap_or(LIMIT)
}

/// An error where there are more rows than the limit.
pub(super) fn check_limit(rows: usize, limit: usize) -> Result<(), Finding> {
    if rows <= limit {
        return Ok(());
    }
    let message = format!("there are {rows} rows, more than the limit of {limit}");
    Err(Finding::error("too-many-rows", message)
        .at(["limit".into()])
        .help(format!("choose fewer rows, or write `limit = {rows}`")))
}

impl Analysis for Listing {
    type Spec = Spec;
    const NAME: &'static str = "listing";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Table;
    const DOC: &'static str = include_str!("listing/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        let limit = limit(reader);
        let Some(rows) = scope.rows(reader) else {
            for key in ["columns", "column", "id", "sort"] {
                reader.ignore(key);
            }
            return None;
        };
        if !reader.has("columns") && !reader.has("column") {
            reader.missing(
                "columns",
                "a list of columns; or `[[column]]` and below it `variable = \"…\"`",
            );
        }
        let columns = Shown::read(reader, |reader, name| scope.field(reader, &rows, name));
        let id = reader.optional_string("id");
        let id = id.and_then(|name| scope.field(reader, &rows, &name));
        let sort = SortKey::read(reader, scope, &rows);
        let names = columns.iter().map(|c| c.variable.clone());
        let others = sort
            .iter()
            .map(SortKey::column)
            .chain(id.as_ref().map(|f| f.name.as_str()));
        let needed: Vec<String> = names.chain(others.map(str::to_owned)).collect();
        Some(Prepared {
            inputs: vec![rows.input(needed)],
            spec: Spec {
                columns,
                id: id.map(|f| (f.name, f.title)),
                sort,
                limit,
            },
            upstream: Vec::new(),
        })
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        list(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}

fn list(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    check_limit(frame.height(), spec.limit)?;
    let columns: Vec<(&Shown, &Column)> = spec
        .columns
        .iter()
        .map(|shown| Ok((shown, column(frame, &shown.variable)?)))
        .collect::<Result<_, Finding>>()?;
    let id = match &spec.id {
        Some((name, _)) => Some(column(frame, name)?),
        None => None,
    };
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let mut rows = Vec::with_capacity(frame.height());
    for row in order::sorted(frame, &spec.sort)? {
        let number = frame.rows.get(row).copied().unwrap_or_default().to_string();
        let group = Group::new("row", &number);
        let cells = columns
            .iter()
            .map(|(shown, column)| shown.cell(&mut recorder, "listing", column, row, &group));
        let label = match id {
            Some(column) => text(column, row).unwrap_or_else(|| "(missing)".to_owned()),
            None => number.clone(),
        };
        rows.push(Row {
            kind: RowKind::Item,
            indent: 0,
            cells: cells.collect(),
            label: Label::text(label),
        });
    }
    let all: Vec<usize> = (0..frame.height()).collect();
    let mut uses = vec![row_use([inputs.label], frame, &all, [])];
    uses.extend(all.iter().map(|&row| one_row(inputs.label, frame, row)));
    let table = Table {
        stub: Label::text(spec.id.as_ref().map_or("Row", |(_, title)| title)),
        columns: spec.columns.iter().map(Shown::head).collect(),
        rows,
        ..Table::default()
    };
    Ok(Outcome {
        statistics: recorder.finish(),
        artefact: Some(Artefact::Table(table)),
        findings: Vec::new(),
        rows: uses,
        models: Vec::new(),
    })
}

/// The values of a row are of that row alone.
fn one_row(label: &str, frame: &Frame, row: usize) -> RowUse {
    let number = frame.rows.get(row).copied().unwrap_or_default();
    RowUse {
        groups: vec![Group::new("row", number.to_string())],
        ..row_use([label], frame, &[row], [])
    }
}
