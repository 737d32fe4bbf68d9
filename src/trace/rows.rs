//! The very rows of a number as CSV, read again from the verified data.
//!
//! The columns are `dataset`, `row` (its number in the file, from 1, a header line not counted), `used` (`yes` or
//! `no`), `reason` (why it was left out), then the columns that the step reads, derived ones included. Values are as in
//! the data: numbers at full precision, categories by their values, days as `2026-01-31`, missing ones empty.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Reads, RowTrace, Trace};
use crate::analysis::InputSpec;
use crate::dataset::{Column, ColumnData, DatasetId, Frame, columns_used};
use crate::diagnostic::Diagnostic;
use crate::plan::Library;
use crate::time::Day;

/// The rows of a trace as CSV with a header line.
///
/// `library` is where the report's steps had their rows from. Errors: a trace without rows; data that can't be read
/// any more.
pub fn rows_csv(trace: &Trace, library: &Library<'_>) -> Result<String, Diagnostic> {
    if trace.rows.is_empty() {
        let message = format!("`{}` comes from no rows of data", trace.id());
        return Err(Diagnostic::error("no-rows", message));
    }
    let mut parts = Vec::with_capacity(trace.rows.len());
    for rows in &trace.rows {
        parts.push((rows, Part::read(trace, rows, library)?));
    }
    let mut columns: Vec<&str> = Vec::new();
    for name in parts.iter().flat_map(|(_, part)| &part.columns) {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heads = ["dataset", "row", "used", "reason"].into_iter();
    // Writing into memory cannot fail.
    let _ = writer.write_record(heads.chain(columns.iter().copied()));
    for (rows, part) in &parts {
        for (row, reason) in numbered(rows) {
            let used = if reason.is_none() { "yes" } else { "no" };
            let start = [
                rows.dataset.clone(),
                row.to_string(),
                used.to_owned(),
                reason.unwrap_or_default().to_owned(),
            ];
            let values = columns.iter().map(|name| part.value(row, name));
            let _ = writer.write_record(start.into_iter().chain(values));
        }
    }
    let bytes = writer.into_inner().unwrap_or_default();
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

/// All rows in their order with the reason why they were left out.
fn numbered(rows: &RowTrace) -> Vec<(u64, Option<&str>)> {
    let used = rows.used.iter().map(|row| (row, None));
    let left_out = rows.left_out.iter();
    let left_out = left_out.flat_map(|l| l.rows.iter().map(|row| (row, Some(l.reason.as_str()))));
    let mut all: Vec<_> = used.chain(left_out).collect();
    all.sort();
    all.dedup_by_key(|(row, _)| *row);
    all
}

/// The values of a part of the rows.
struct Part {
    columns: Vec<String>,
    /// The population, then the whole dataset for what is outside it.
    frames: Vec<(Arc<Frame>, BTreeMap<u64, usize>)>,
}

impl Part {
    fn read(trace: &Trace, rows: &RowTrace, library: &Library<'_>) -> Result<Self, Diagnostic> {
        let step = trace.steps.iter().find(|s| s.label == rows.step);
        let input = step.and_then(|s| s.inputs.get(rows.input));
        let input = input.ok_or_else(|| gone(&rows.dataset))?;
        let id = library.opened().into_iter();
        let id = id
            .map(|d| d.id().clone())
            .find(|d| d.to_string() == rows.dataset);
        let id = id.ok_or_else(|| gone(&rows.dataset))?;
        let dataset = library.dataset(&id).ok_or_else(|| gone(&rows.dataset))?;
        // The bytes that were read are those of the record.
        let sha256 = dataset.sha256().to_string();
        if sha256 != input.file.sha256 {
            return Err(gone(&rows.dataset));
        }
        let specs = match &input.reads {
            Reads::Rows {
                population,
                condition,
                derived,
                columns,
            } => {
                let mut all: Vec<String> = Vec::new();
                let named = condition.as_deref().into_iter();
                let named = named.chain(derived.iter().map(|(_, sql)| sql.as_str()));
                let sources = named.flat_map(|sql| columns_used(sql, dataset.schema()));
                for name in columns.iter().cloned().chain(sources) {
                    if !all.contains(&name) {
                        all.push(name);
                    }
                }
                let frame = |condition: Option<String>| InputSpec::Frame {
                    dataset: id.clone(),
                    sha256: sha256.clone(),
                    population: population.clone(),
                    condition,
                    derive: derived.clone(),
                    columns: all.clone(),
                };
                let mut specs = vec![frame(condition.clone())];
                specs.extend(condition.is_some().then(|| frame(None)));
                specs
            }
            Reads::Query { sql } => {
                let columns = if sql.contains('*') {
                    dataset.schema().names().map(str::to_owned).collect()
                } else {
                    columns_used(sql, dataset.schema())
                };
                vec![whole(&id, &sha256, columns)]
            }
        };
        let columns = match specs.first() {
            Some(InputSpec::Frame { columns, .. }) => columns.clone(),
            _ => Vec::new(),
        };
        let mut frames = Vec::with_capacity(specs.len());
        for spec in specs {
            let frame = library
                .frame(&spec)
                .map_err(|why| Diagnostic::error("rows", why))?;
            let places = frame.rows.iter().enumerate().map(|(i, row)| (*row, i));
            let places = places.collect();
            frames.push((frame, places));
        }
        Ok(Self { columns, frames })
    }

    fn value(&self, row: u64, name: &str) -> String {
        let found = self.frames.iter().find_map(|(frame, places)| {
            let place = places.get(&row)?;
            Some(text(frame.column(name)?, *place))
        });
        found.unwrap_or_default()
    }
}

fn whole(id: &DatasetId, sha256: &str, columns: Vec<String>) -> InputSpec {
    InputSpec::Frame {
        dataset: id.clone(),
        sha256: sha256.to_owned(),
        population: None,
        condition: None,
        derive: Vec::new(),
        columns,
    }
}

fn gone(dataset: &str) -> Diagnostic {
    Diagnostic::error(
        "rows",
        format!("the rows of `{dataset}` can't be read again"),
    )
}

/// A value as in the data; nothing for a missing one.
fn text(column: &Column, row: usize) -> String {
    let level = |code: u32| {
        let level = column.field.levels.get(usize::try_from(code).ok()?)?;
        Some(level.value.clone())
    };
    let found = match &column.data {
        ColumnData::Number(v) => v.get(row).copied().flatten().map(|v| v.to_string()),
        ColumnData::Category(v) => v.get(row).copied().flatten().and_then(level),
        ColumnData::Text(v) => v.get(row).cloned().flatten(),
        ColumnData::Boolean(v) => v.get(row).copied().flatten().map(|v| v.to_string()),
        ColumnData::Date(v) => v.get(row).copied().flatten().map(day),
    };
    found.unwrap_or_default()
}

fn day(days: i32) -> String {
    let Day { year, month, day } = Day::from_days(i64::from(days));
    format!("{year:04}-{month:02}-{day:02}")
}
