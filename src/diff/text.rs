//! What changed, as text for people: the summary first.

use std::fmt::Write as _;

use super::{ColumnChange, Diff, Key, Row, Value, shown};
use crate::describe::broken;

/// Columns of which a summary tells how many cells changed.
const COLUMNS: usize = 8;

/// What changed, ending with a line break.
pub fn text(diff: &Diff) -> String {
    let mut out = String::new();
    let key = match &diff.key {
        Key::Columns(names) => format!("rows matched by {}", shown(&names.join(", "))),
        Key::Row => "rows matched by position".to_owned(),
    };
    let _ = writeln!(out, "{} → {}, {key}", diff.from, diff.to);
    let (rows, columns) = (&diff.rows, &diff.columns);
    if diff.is_empty() {
        let _ = writeln!(
            out,
            "the same: {} rows, {} columns, and what is said of them",
            rows.from, columns.from
        );
        return out;
    }
    let same = rows.from - rows.removed - rows.changed;
    let _ = writeln!(
        out,
        "rows     {} → {}: {} added, {} removed, {} changed, {same} the same{}",
        rows.from,
        rows.to,
        rows.added,
        rows.removed,
        rows.changed,
        if rows.reordered {
            "; in another order"
        } else {
            ""
        }
    );
    let _ = writeln!(
        out,
        "columns  {} → {}: {} added, {} removed, {} changed{}",
        columns.from,
        columns.to,
        columns.added.len(),
        columns.removed.len(),
        changed_columns(&columns.changed),
        if columns.reordered.is_some() {
            "; in another order"
        } else {
            ""
        }
    );
    let _ = writeln!(
        out,
        "cells    {} changed{}",
        diff.cell_count(),
        by_column(diff)
    );
    column_lines(&mut out, diff);
    cell_lines(&mut out, diff);
    row_lines(
        &mut out,
        "rows added",
        '+',
        &diff.added,
        rows.added,
        &diff.key,
    );
    row_lines(
        &mut out,
        "rows removed",
        '-',
        &diff.removed,
        rows.removed,
        &diff.key,
    );
    out
}

fn changed_columns(changes: &[ColumnChange]) -> usize {
    changes.chunk_by(|a, b| a.column == b.column).count()
}

fn by_column(diff: &Diff) -> String {
    let mut words: Vec<String> = diff
        .cells
        .iter()
        .take(COLUMNS)
        .map(|(name, n)| format!("{} ({n})", shown(name)))
        .collect();
    if words.is_empty() {
        return String::new();
    }
    if diff.cells.len() > COLUMNS {
        words.push(format!("and {} more columns", diff.cells.len() - COLUMNS));
    }
    format!(": {}", words.join(", "))
}

fn column_lines(out: &mut String, diff: &Diff) {
    let columns = &diff.columns;
    if columns.is_empty() {
        return;
    }
    out.push_str("\ncolumns\n");
    for (name, kind) in &columns.added {
        let _ = writeln!(out, "  + {}  {kind}", shown(name));
    }
    for (name, kind) in &columns.removed {
        let _ = writeln!(out, "  - {}  {kind}", shown(name));
    }
    for change in &columns.changed {
        let _ = writeln!(
            out,
            "  ~ {}  {}: {}",
            shown(&change.column),
            change.what,
            one(change)
        );
    }
    if let Some(order) = &columns.reordered {
        let names: Vec<String> = order.iter().map(|n| shown(n)).collect();
        broken(out, "  order: ", "    ", &names, ", ");
    }
}

/// What was and what is; of long lists what was added and removed.
fn one(change: &ColumnChange) -> String {
    let listed = |items: &[String]| {
        if items.is_empty() {
            "none".to_owned()
        } else {
            items
                .iter()
                .map(|i| shown(i))
                .collect::<Vec<_>>()
                .join(", ")
        }
    };
    if change.from.len() + change.to.len() <= 8 {
        return format!("{} → {}", listed(&change.from), listed(&change.to));
    }
    let only = |a: &[String], b: &[String]| -> Vec<String> {
        a.iter().filter(|i| !b.contains(i)).cloned().collect()
    };
    let (added, removed) = (
        only(&change.to, &change.from),
        only(&change.from, &change.to),
    );
    if added.is_empty() && removed.is_empty() {
        return format!("in another order: {}", listed(&change.to));
    }
    format!("added {}; removed {}", listed(&added), listed(&removed))
}

fn cell_lines(out: &mut String, diff: &Diff) {
    if diff.changes.is_empty() {
        return;
    }
    out.push_str("\ncells\n");
    let rows = diff.changes.chunk_by(|a, b| a.from_row == b.from_row);
    for row in rows {
        let Some(first) = row.first() else { continue };
        let moved = if first.from_row == first.to_row {
            format!("row {}", first.from_row)
        } else {
            format!("row {} → {}", first.from_row, first.to_row)
        };
        let changes: Vec<String> = row
            .iter()
            .map(|c| format!("{} {} → {}", shown(&c.column), value(&c.from), value(&c.to)))
            .collect();
        let named = named(&diff.key, &first.key, &moved);
        broken(out, &format!("  {named}: "), "    ", &changes, "; ");
    }
    more(out, diff.cell_count() - diff.changes.len());
}

fn row_lines(out: &mut String, title: &str, mark: char, rows: &[Row], count: usize, key: &Key) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for row in rows {
        let place = format!("row {}", row.row);
        let keys: &[String] = match key {
            Key::Columns(names) => names,
            Key::Row => &[],
        };
        let values: Vec<String> = row
            .values
            .iter()
            .filter(|(name, _)| !keys.contains(name))
            .map(|(name, v)| format!("{} {}", shown(name), value(v)))
            .collect();
        let named = named(key, &row.key, &place);
        broken(out, &format!("  {mark} {named}: "), "    ", &values, "; ");
    }
    more(out, count - rows.len());
}

fn named(key: &Key, values: &[String], place: &str) -> String {
    let Key::Columns(names) = key else {
        return place.to_owned();
    };
    let pairs = names.iter().zip(values);
    let words: Vec<String> = pairs
        .map(|(n, v)| format!("{} {}", shown(n), shown(v)))
        .collect();
    format!("{} ({place})", words.join(", "))
}

fn value(value: &Value) -> String {
    match value {
        Value::Missing(None) => "missing".to_owned(),
        Value::Missing(Some(reason)) => format!("missing ({})", shown(reason)),
        Value::Text(text) => format!("\"{}\"", shown(text)),
        other => other.text(),
    }
}

fn more(out: &mut String, count: usize) {
    if count > 0 {
        let _ = writeln!(out, "  and {count} more; --limit 0 shows all");
    }
}
