//! Which row of one table is which row of the other.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Side;
use super::cell::{Cell, alike};
use crate::dataset::{Column, ColumnData};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// How many rows a message lists.
const SHOWN: usize = 5;

/// Rows of two tables matched; rows count from 0.
#[derive(Debug, Default)]
pub(super) struct Join {
    /// Rows that both have, in the order of the first.
    pub pairs: Vec<(usize, usize)>,
    /// Rows that only the first has, in order.
    pub removed: Vec<usize>,
    /// Rows that only the second has, in order.
    pub added: Vec<usize>,
}

impl Join {
    /// Matches rows by their numbers.
    pub fn by_row(first: usize, second: usize) -> Self {
        let common = first.min(second);
        Self {
            pairs: (0..common).map(|i| (i, i)).collect(),
            removed: (common..first).collect(),
            added: (common..second).collect(),
        }
    }

    /// Whether the rows that both have stand in another order.
    pub fn reordered(&self) -> bool {
        !self.pairs.is_sorted_by_key(|(_, second)| *second)
    }
}

/// The columns of a key, of both tables, in the same order.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub first: Vec<Arc<Column>>,
    pub second: Vec<Arc<Column>>,
}

impl Keys {
    /// Matches rows by the values of the key columns. Missing and repeated keys are the errors.
    pub fn join(&self, first: Side<'_>, second: Side<'_>) -> Result<Join, Diagnostics> {
        let compared = self.first.iter().zip(&self.second).map(|(a, b)| {
            if alike(a.field.kind, b.field.kind) {
                (Arc::clone(a), Arc::clone(b))
            } else {
                (Arc::new(as_text(a)), Arc::new(as_text(b)))
            }
        });
        let (left, right): (Vec<Arc<Column>>, Vec<Arc<Column>>) = compared.unzip();
        let mut diagnostics = Diagnostics::new();
        let a = sorted(&left, first, &mut diagnostics);
        let b = sorted(&right, second, &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        Ok(merge(&left, &a, &right, &b))
    }

    /// The key of a row of the first table, or of the second.
    pub fn of(columns: &[Arc<Column>], row: usize) -> Vec<String> {
        columns.iter().map(|c| Cell::of(c, row).text()).collect()
    }
}

/// The column with the texts by which values of different types are compared.
fn as_text(column: &Column) -> Column {
    let texts = (0..column.data.len()).map(|row| match Cell::of(column, row) {
        Cell::Missing(_) => None,
        cell => Some(cell.common()),
    });
    Column {
        data: ColumnData::Text(texts.collect()),
        ..column.clone()
    }
}

fn compare(a: &[Arc<Column>], i: usize, b: &[Arc<Column>], j: usize) -> Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| Cell::of(a, i).order(Cell::of(b, j)))
        .find(|o| o.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The rows in the order of their keys.
fn sorted(keys: &[Arc<Column>], side: Side<'_>, diagnostics: &mut Diagnostics) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..side.dataset.height()).collect();
    let missing = |row: &usize| {
        keys.iter()
            .any(|k| matches!(Cell::of(k, *row), Cell::Missing(_)))
    };
    let without: Vec<usize> = rows.iter().copied().filter(missing).collect();
    let names: Vec<&str> = keys.iter().map(|k| k.field.name.as_str()).collect();
    let names = names.join(", ");
    if !without.is_empty() {
        let message = format!(
            "{} has rows without a key ({names}): {}",
            side.dataset.id(),
            listed(&without)
        );
        diagnostics.push(Diagnostic::error("missing-key", message).help(OTHER_KEY));
        return rows;
    }
    // Rows with the same key keep their order.
    rows.sort_by(|a, b| compare(keys, *a, keys, *b));
    let again: Vec<&[usize]> = rows
        .chunk_by(|a, b| compare(keys, *a, keys, *b).is_eq())
        .filter(|run| run.len() > 1)
        .collect();
    if !again.is_empty() {
        let mut examples: Vec<String> = again
            .iter()
            .take(SHOWN)
            .map(|run| {
                let row = run.first().copied().unwrap_or(0);
                let key = Keys::of(keys, row).join(", ");
                format!("{} in rows {}", crate::diff::shown(&key), listed(run))
            })
            .collect();
        if again.len() > SHOWN {
            examples.push(format!("and {} more", again.len() - SHOWN));
        }
        let message = format!(
            "{} has keys ({names}) that are there more than once: {}",
            side.dataset.id(),
            examples.join("; ")
        );
        diagnostics.push(Diagnostic::error("duplicate-key", message).help(OTHER_KEY));
    }
    rows
}

const OTHER_KEY: &str = "name columns with --key that together are different in every row, or compare by position with `--key row`";

/// Row numbers from 1.
fn listed(rows: &[usize]) -> String {
    let mut words: Vec<String> = rows
        .iter()
        .take(SHOWN)
        .map(|r| (r + 1).to_string())
        .collect();
    if rows.len() > SHOWN {
        words.push(format!("and {} more", rows.len() - SHOWN));
    }
    words.join(", ")
}

fn merge(left: &[Arc<Column>], a: &[usize], right: &[Arc<Column>], b: &[usize]) -> Join {
    let mut join = Join::default();
    let (mut i, mut j) = (0, 0);
    loop {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => match compare(left, *x, right, *y) {
                Ordering::Equal => {
                    join.pairs.push((*x, *y));
                    i += 1;
                    j += 1;
                }
                Ordering::Less => {
                    join.removed.push(*x);
                    i += 1;
                }
                Ordering::Greater => {
                    join.added.push(*y);
                    j += 1;
                }
            },
            (Some(x), None) => {
                join.removed.push(*x);
                i += 1;
            }
            (None, Some(y)) => {
                join.added.push(*y);
                j += 1;
            }
            (None, None) => break,
        }
    }
    join.pairs.sort_unstable();
    join.removed.sort_unstable();
    join.added.sort_unstable();
    join
}
