//! What changed, as JSON, schema `trialbook-diff/1`.
//!
//! Keys are only ever added to a schema of this number. Row numbers count from 1, a header line not counted.
//!
//! | key | what it holds |
//! |---|---|
//! | `schema`, `from`, `to` | `trialbook-diff/1`, and the versions as `name@version` |
//! | `same` | whether nothing changed |
//! | `key` | a list of columns; null if rows are matched by position |
//! | `rows` | `from`, `to`, `added`, `removed`, `changed`: counts; `reordered` |
//! | `columns` | `from`, `to`: counts; `added`, `removed`: `name` and `type`; `reordered`: null, or the common columns in their new order; `changed`: `column`, `what`, `from`, `to` (lists of texts) |
//! | `cells` | `changed`: how many; `by_column`: `column`, `changed` |
//! | `changes` | the first changed cells: `key` (texts), `from_row`, `to_row`, `column`, `from`, `to` |
//! | `added`, `removed` | the first rows of one version only: `key`, `row`, `values` (`column`, `value`) |
//! | a value | a number, a text (days as YYYY-MM-DD), a Boolean; null for a missing value; `{"missing": code}` for one that is missing for a stated reason |

use serde::Serialize;

use super::{CellChange, Diff, Key, Row, Value};

const SCHEMA: &str = "trialbook-diff/1";

#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    from: &'a str,
    to: &'a str,
    same: bool,
    key: Option<&'a [String]>,
    rows: RowsRecord,
    columns: ColumnsRecord<'a>,
    cells: CellsRecord<'a>,
    changes: Vec<ChangeRecord<'a>>,
    added: Vec<RowRecord<'a>>,
    removed: Vec<RowRecord<'a>>,
}

#[derive(Serialize)]
struct RowsRecord {
    from: usize,
    to: usize,
    added: usize,
    removed: usize,
    changed: usize,
    reordered: bool,
}

#[derive(Serialize)]
struct ColumnsRecord<'a> {
    from: usize,
    to: usize,
    added: Vec<ColumnRecord<'a>>,
    removed: Vec<ColumnRecord<'a>>,
    reordered: Option<&'a [String]>,
    changed: Vec<ColumnChangeRecord<'a>>,
}

#[derive(Serialize)]
struct ColumnRecord<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct ColumnChangeRecord<'a> {
    column: &'a str,
    what: &'static str,
    from: &'a [String],
    to: &'a [String],
}

#[derive(Serialize)]
struct CellsRecord<'a> {
    changed: usize,
    by_column: Vec<CountRecord<'a>>,
}

#[derive(Serialize)]
struct CountRecord<'a> {
    column: &'a str,
    changed: usize,
}

#[derive(Serialize)]
struct ChangeRecord<'a> {
    key: &'a [String],
    from_row: usize,
    to_row: usize,
    column: &'a str,
    from: ValueRecord<'a>,
    to: ValueRecord<'a>,
}

#[derive(Serialize)]
struct RowRecord<'a> {
    key: &'a [String],
    row: usize,
    values: Vec<CellRecord<'a>>,
}

#[derive(Serialize)]
struct CellRecord<'a> {
    column: &'a str,
    value: ValueRecord<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ValueRecord<'a> {
    None(Option<()>),
    Missing { missing: &'a str },
    Number(f64),
    Boolean(bool),
    Text(&'a str),
    Day(String),
}

/// What changed as one JSON object, indented, without a line break at its end.
pub fn json(diff: &Diff) -> String {
    let (rows, columns) = (&diff.rows, &diff.columns);
    let file = File {
        schema: SCHEMA,
        from: &diff.from,
        to: &diff.to,
        same: diff.is_empty(),
        key: match &diff.key {
            Key::Columns(names) => Some(names),
            Key::Row => None,
        },
        rows: RowsRecord {
            from: rows.from,
            to: rows.to,
            added: rows.added,
            removed: rows.removed,
            changed: rows.changed,
            reordered: rows.reordered,
        },
        columns: ColumnsRecord {
            from: columns.from,
            to: columns.to,
            added: records(&columns.added),
            removed: records(&columns.removed),
            reordered: columns.reordered.as_deref(),
            changed: columns
                .changed
                .iter()
                .map(|c| ColumnChangeRecord {
                    column: &c.column,
                    what: c.what,
                    from: &c.from,
                    to: &c.to,
                })
                .collect(),
        },
        cells: CellsRecord {
            changed: diff.cell_count(),
            by_column: diff
                .cells
                .iter()
                .map(|(column, changed)| CountRecord {
                    column,
                    changed: *changed,
                })
                .collect(),
        },
        changes: diff.changes.iter().map(change).collect(),
        added: diff.added.iter().map(row).collect(),
        removed: diff.removed.iter().map(row).collect(),
    };
    // Texts, numbers and lists of them always have a form in JSON.
    serde_json::to_string_pretty(&file).unwrap_or_default()
}

fn records<'a>(columns: &'a [(String, &'static str)]) -> Vec<ColumnRecord<'a>> {
    columns
        .iter()
        .map(|(name, kind)| ColumnRecord { name, kind })
        .collect()
}

fn change(change: &CellChange) -> ChangeRecord<'_> {
    ChangeRecord {
        key: &change.key,
        from_row: change.from_row,
        to_row: change.to_row,
        column: &change.column,
        from: value(&change.from),
        to: value(&change.to),
    }
}

fn row(row: &Row) -> RowRecord<'_> {
    RowRecord {
        key: &row.key,
        row: row.row,
        values: row
            .values
            .iter()
            .map(|(column, found)| CellRecord {
                column,
                value: value(found),
            })
            .collect(),
    }
}

fn value(found: &Value) -> ValueRecord<'_> {
    match found {
        Value::Missing(None) => ValueRecord::None(None),
        Value::Missing(Some(code)) => ValueRecord::Missing { missing: code },
        Value::Number(value) => ValueRecord::Number(*value),
        Value::Boolean(value) => ValueRecord::Boolean(*value),
        Value::Text(text) => ValueRecord::Text(text),
        Value::Date(_) => ValueRecord::Day(found.text()),
    }
}
