//! `query`: the answer to one SELECT, as a table or as values.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::column::{column, frame};
use super::listing::{check_limit, limit};
use super::raw_values::{Shown, name, text};
use super::record::Recorder;
use super::{Analysis, Finding, InputSpec, Inputs, Outcome, Prepared, Scope, Shows};
use crate::artefact::{Artefact, Label, Row, RowKind, Table};
use crate::dataset::{Column, Field, Frame, Schema};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};
use crate::statistic::Group;

/// The directive.
pub(super) struct Query;

/// A resolved query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    columns: Vec<Shown>,
    /// The column whose values name the rows; none for numbers from 1.
    key: Option<Shown>,
    limit: usize,
}

impl Analysis for Query {
    type Spec = Spec;
    const NAME: &'static str = "query";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = include_str!("query/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        let limit = limit(reader);
        let sql = reader.string("sql");
        let dataset = scope.dataset(reader);
        let found = dataset.zip(sql).and_then(|((dataset, sha256), sql)| {
            let schema = scope.query_schema(reader, &dataset, &sql)?;
            Some((dataset, sha256, sql, schema))
        });
        let Some((dataset, sha256, sql, schema)) = found else {
            for key in ["columns", "column", "key"] {
                reader.ignore(key);
            }
            return None;
        };
        let key = reader.optional_string("key");
        let key = key.and_then(|name| field(reader, &schema, &name));
        let mut columns = Shown::read(reader, |reader, name| field(reader, &schema, name));
        if !reader.has("columns") && !reader.has("column") {
            let others = schema
                .fields
                .iter()
                .filter(|f| Some(&f.name) != key.as_ref().map(|k| &k.name));
            columns = others.cloned().map(Shown::of).collect();
        }
        Some(Prepared {
            spec: Spec {
                columns,
                key: key.map(Shown::of),
                limit,
            },
            inputs: vec![InputSpec::Query {
                dataset,
                sha256,
                sql: sql.value,
            }],
            upstream: Vec::new(),
        })
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        answer(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}

fn field(reader: &TableReader<'_>, schema: &Schema, name: &At<String>) -> Option<Field> {
    let found = schema.field(&name.value).cloned();
    if found.is_none() {
        let message = format!("the query's answer has no column `{}`", name.value);
        reader.report(
            Diagnostic::error("unknown-column", message)
                .at(name.span.clone())
                .suggest(&name.value, schema.names()),
        );
    }
    found
}

fn answer(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = frame(inputs, 0)?;
    if frame.height() == 0 {
        let message = "the query gives no rows";
        return Err(Finding::error("empty-answer", message).at(["sql".into()]));
    }
    check_limit(frame.height(), spec.limit)?;
    let answer = Answer::of(spec, frame)?;
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let rows: Vec<Row> = answer
        .names
        .iter()
        .enumerate()
        .map(|(row, group)| answer.line(row, group, &mut recorder))
        .collect();
    let table = Table {
        stub: answer.stub_label(spec),
        columns: answer.cells().map(|(shown, _)| shown.head()).collect(),
        rows,
        ..Table::default()
    };
    let shows_table = inputs.label.starts_with("tbl-");
    Ok(Outcome {
        statistics: recorder.finish(),
        artefact: shows_table.then_some(Artefact::Table(table)),
        findings: Vec::new(),
        // Which rows the query was given is known to who asked it: the plan adds them.
        rows: Vec::new(),
        models: Vec::new(),
    })
}

/// The answer with the names of its rows.
struct Answer<'a> {
    columns: Vec<(&'a Shown, &'a Column)>,
    names: Vec<Group>,
    key: Option<&'a Column>,
    /// Which of the columns names the lines of a table in place of a cell: without a key the first column of words, if
    /// another column is left.
    stub: Option<usize>,
}

impl<'a> Answer<'a> {
    fn of(spec: &'a Spec, frame: &'a Frame) -> Result<Self, Finding> {
        let mut columns = Vec::with_capacity(spec.columns.len());
        for shown in &spec.columns {
            columns.push((shown, column(frame, &shown.variable)?));
        }
        let key = spec.key.as_ref().map(|key| column(frame, &key.variable));
        Ok(Self {
            names: names(spec, frame)?,
            key: key.transpose()?,
            stub: match &spec.key {
                None if columns.len() > 1 => spec.columns.iter().position(Shown::has_words),
                _ => None,
            },
            columns,
        })
    }

    /// The columns that are cells.
    fn cells(&self) -> impl Iterator<Item = (&'a Shown, &'a Column)> {
        let columns = self.columns.iter().enumerate();
        let cells = columns.filter(|(i, _)| Some(*i) != self.stub);
        cells.map(|(_, column)| *column)
    }

    fn line(&self, row: usize, group: &Group, recorder: &mut Recorder) -> Row {
        let stub = self.stub.and_then(|i| self.columns.get(i));
        let label = match (stub, self.key) {
            (Some((_, column)), _) => text(column, row).unwrap_or_else(|| "(missing)".to_owned()),
            (None, Some(key)) => text(key, row).unwrap_or_else(|| group.level.clone()),
            (None, None) => group.level.clone(),
        };
        Row {
            kind: RowKind::Item,
            indent: 0,
            label: Label::text(label),
            cells: self
                .cells()
                .map(|(shown, column)| shown.cell(recorder, "query", column, row, group))
                .collect(),
        }
    }

    fn stub_label(&self, spec: &Spec) -> Label {
        let stub = self.stub.and_then(|i| spec.columns.get(i));
        let named = stub.or(spec.key.as_ref());
        named.map_or_else(|| Label::text("Row"), Shown::label)
    }
}

/// What the rows are called: `row=1`, or by the values of the key, which must tell them apart.
fn names(spec: &Spec, frame: &Frame) -> Result<Vec<Group>, Finding> {
    let Some(key) = &spec.key else {
        let numbers = 1..=frame.height();
        return Ok(numbers.map(|n| Group::new("row", n.to_string())).collect());
    };
    let key_column = column(frame, &key.variable)?;
    let mut seen = BTreeSet::new();
    let mut names = Vec::with_capacity(frame.height());
    for row in 0..frame.height() {
        let fault = match name(key_column, row) {
            None => format!("is missing in row {} of the answer", row + 1),
            Some(value) if !seen.insert(value.clone()) => {
                format!("is `{value}` in two rows of the answer")
            }
            Some(value) => {
                names.push(Group::new(&key.variable, value));
                continue;
            }
        };
        let message = format!("the key `{}` {fault}", key.variable);
        return Err(Finding::error("ambiguous-key", message)
            .at(["key".into()])
            .help("name a column whose values tell the rows apart, or leave `key` out: rows are then numbered"));
    }
    Ok(names)
}
