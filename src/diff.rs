//! `data diff`: what changed from one version of a dataset to another: rows, cells, columns and what is said of them.
//!
//! Rows are matched by a key: by default the codebooks' primary key, if both have the same. The keys are sorted and
//! merged, O(n log n); then a few pairs of columns at a time are compared, so that memory is needed for the keys and
//! these only. Values are compared as values: 1 and 1.0 are the same number, whatever the file formats; a value that is
//! missing for another reason has changed.

mod cell;
mod columns;
mod join;
mod json;
mod text;

pub use cell::Value;
pub use columns::{ColumnChange, ColumnChanges};
pub use json::json;
pub use text::text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::dataset::{Column, Dataset, Schema};
use crate::describe::cut;
use crate::diagnostic::{Diagnostic, Diagnostics};
use cell::Cell;
use join::{Join, Keys};

/// How much memory the columns of one version take that are read in one go, in bytes.
const MEMORY: usize = 256 << 20;

/// By what rows are matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// By the values of these columns together.
    Columns(Vec<String>),
    /// By their position.
    Row,
}

impl Key {
    /// The primary key of the codebooks, if both have the same.
    pub fn of(first: &Dataset, second: &Dataset) -> Result<Self, Diagnostic> {
        let key = |dataset: &Dataset| -> Vec<String> {
            let codebook = dataset.codebook().into_iter();
            codebook
                .flat_map(|c| &c.primary_key)
                .map(|k| k.value.clone())
                .collect()
        };
        let (a, b) = (key(first), key(second));
        let why = if a.is_empty() && b.is_empty() {
            "no codebook says by what rows are told apart (`primaryKey`)".to_owned()
        } else if a == b {
            return Ok(Self::Columns(a));
        } else {
            let shown = |key: &[String]| {
                if key.is_empty() {
                    "none".to_owned()
                } else {
                    format!("`{}`", key.join(","))
                }
            };
            format!(
                "the codebooks have different primary keys: {} and {}",
                shown(&a),
                shown(&b)
            )
        };
        let message = format!("{} and {}: {why}", first.id(), second.id());
        Err(Diagnostic::error("no-key", message)
            .help("name the columns with `--key id` or `--key id,visit`")
            .help("`--key row` compares the first row with the first, and so on"))
    }
}

/// One of two versions.
#[derive(Debug, Clone, Copy)]
struct Side<'a> {
    dataset: &'a Dataset,
}

impl Side<'_> {
    fn no_column(self, name: &str) -> Diagnostic {
        let message = format!("{} has no column `{name}`", self.dataset.id());
        Diagnostic::error("unknown-column", message).suggest(name, self.dataset.schema().names())
    }

    fn schema(&self) -> &Schema {
        self.dataset.schema()
    }
}

/// What changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// The first version, as `name@version`.
    pub from: String,
    /// The second version.
    pub to: String,
    /// By what rows were matched.
    pub key: Key,
    /// How many rows there are.
    pub rows: RowCounts,
    /// The columns.
    pub columns: ColumnChanges,
    /// How many cells changed in each column that both have, in the order of the first; columns without changes are
    /// not there. Cells of added and removed rows and columns do not count.
    pub cells: Vec<(String, usize)>,
    /// The first changed cells, in the order of the first version's rows, then of its columns.
    pub changes: Vec<CellChange>,
    /// The first rows that only the second version has, with its columns.
    pub added: Vec<Row>,
    /// The first rows that only the first version has, with its columns.
    pub removed: Vec<Row>,
}

/// How many rows there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// In the first version.
    pub from: usize,
    /// In the second.
    pub to: usize,
    /// In the second only.
    pub added: usize,
    /// In the first only.
    pub removed: usize,
    /// In both, with a cell that changed.
    pub changed: usize,
    /// Whether those in both stand in another order.
    pub reordered: bool,
}

/// A cell that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct CellChange {
    /// The values of the row's key, as texts; empty if rows are matched by position.
    pub key: Vec<String>,
    /// The row's number in the first version, from 1.
    pub from_row: usize,
    /// The row's number in the second version, from 1.
    pub to_row: usize,
    /// The column.
    pub column: String,
    /// What it was.
    pub from: Value,
    /// What it is.
    pub to: Value,
}

/// A row that only one version has.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The values of its key, as texts.
    pub key: Vec<String>,
    /// Its number in its version, from 1.
    pub row: usize,
    /// Its values in the order of its version's columns.
    pub values: Vec<(String, Value)>,
}

impl Diff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        let rows = &self.rows;
        rows.added == 0
            && rows.removed == 0
            && !rows.reordered
            && self.cells.is_empty()
            && self.columns.is_empty()
    }

    /// How many cells changed.
    pub fn cell_count(&self) -> usize {
        self.cells.iter().map(|(_, n)| n).sum()
    }
}

/// Compares two versions. Of changed cells, added and removed rows, the first `limit` each are kept; all if it is none.
pub fn diff(
    first: &Dataset,
    second: &Dataset,
    key: &Key,
    limit: Option<usize>,
) -> Result<Diff, Diagnostics> {
    let (first, second) = (Side { dataset: first }, Side { dataset: second });
    let limit = limit.unwrap_or(usize::MAX);
    let keys = keys(first, second, key)?;
    let join = match key {
        Key::Row => Join::by_row(first.dataset.height(), second.dataset.height()),
        Key::Columns(_) => keys.join(first, second)?,
    };
    let mut compared = Compared::new(&join, &keys, limit);
    compared.columns(first, second)?;
    let rows = RowCounts {
        from: first.dataset.height(),
        to: second.dataset.height(),
        added: join.added.len(),
        removed: join.removed.len(),
        changed: compared.touched.iter().filter(|t| **t).count(),
        reordered: join.reordered(),
    };
    Ok(Diff {
        from: first.dataset.id().to_string(),
        to: second.dataset.id().to_string(),
        key: key.clone(),
        rows,
        columns: ColumnChanges::of(first, second),
        cells: compared.cells,
        changes: compared.changes.into_values().collect(),
        added: compared.added.rows,
        removed: compared.removed.rows,
    })
}

fn keys(first: Side<'_>, second: Side<'_>, key: &Key) -> Result<Keys, Diagnostics> {
    let Key::Columns(names) = key else {
        return Ok(Keys::default());
    };
    let mut diagnostics = Diagnostics::new();
    for side in [first, second] {
        for name in names.iter().filter(|n| side.schema().field(n).is_none()) {
            diagnostics.push(side.no_column(name));
        }
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(Keys {
        first: first.dataset.columns(&names)?,
        second: second.dataset.columns(&names)?,
    })
}

/// What was found so far, column by column.
struct Compared<'a> {
    join: &'a Join,
    keys: &'a Keys,
    limit: usize,
    cells: Vec<(String, usize)>,
    /// Whether a pair of rows has a change.
    touched: Vec<bool>,
    /// By pair and column: the first of all when there are more than the limit.
    changes: BTreeMap<(usize, usize), CellChange>,
    /// How many columns are done.
    done: usize,
    added: Rows,
    removed: Rows,
}

impl<'a> Compared<'a> {
    fn new(join: &'a Join, keys: &'a Keys, limit: usize) -> Self {
        Self {
            join,
            keys,
            limit,
            cells: Vec::new(),
            touched: vec![false; join.pairs.len()],
            changes: BTreeMap::new(),
            done: 0,
            added: Rows::of(&join.added, &keys.second, limit),
            removed: Rows::of(&join.removed, &keys.first, limit),
        }
    }

    /// Goes through the columns of both versions, a few at a time.
    fn columns(&mut self, first: Side<'_>, second: Side<'_>) -> Result<(), Diagnostics> {
        let names: Vec<&str> = first.schema().names().collect();
        let others: BTreeSet<&str> = second.schema().names().collect();
        let together = first
            .dataset
            .together(MEMORY)
            .min(second.dataset.together(MEMORY));
        for names in names.chunks(together) {
            let before = first.dataset.columns(names)?;
            let there = |n: &&str| others.contains(n);
            let common: Vec<&str> = names.iter().copied().filter(there).collect();
            let after = second.dataset.columns(&common)?;
            // In the order of `before`, but for those that are not there.
            let mut after = after.iter().peekable();
            for column in &before {
                self.removed.take(column);
                if let Some(after) = after.next_if(|c| c.field.name == column.field.name) {
                    self.column(column, after);
                }
            }
        }
        if self.added.rows.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = second.schema().names().collect();
        for names in names.chunks(second.dataset.together(MEMORY)) {
            for column in second.dataset.columns(names)? {
                self.added.take(&column);
            }
        }
        Ok(())
    }

    /// Compares the cells of a column that both versions have.
    fn column(&mut self, before: &Column, after: &Column) {
        let number = self.done;
        self.done += 1;
        let mut count = 0;
        let pairs = self.join.pairs.iter().zip(&mut self.touched).enumerate();
        for (pair, ((a, b), touched)) in pairs {
            let (from, to) = (Cell::of(before, *a), Cell::of(after, *b));
            if from.same(to) {
                continue;
            }
            count += 1;
            *touched = true;
            let full = self.changes.len() >= self.limit;
            let place = (pair, number);
            if full
                && self
                    .changes
                    .last_key_value()
                    .is_none_or(|(last, _)| *last < place)
            {
                continue;
            }
            let change = CellChange {
                key: Keys::of(&self.keys.first, *a),
                from_row: a + 1,
                to_row: b + 1,
                column: before.field.name.clone(),
                from: from.value(),
                to: to.value(),
            };
            self.changes.insert(place, change);
            if full {
                self.changes.pop_last();
            }
        }
        if count > 0 {
            self.cells.push((before.field.name.clone(), count));
        }
    }
}

/// The first rows that only one version has.
struct Rows {
    rows: Vec<Row>,
}

impl Rows {
    fn of(rows: &[usize], keys: &[Arc<Column>], limit: usize) -> Self {
        let row = |row: &usize| Row {
            key: Keys::of(keys, *row),
            row: row + 1,
            values: Vec::new(),
        };
        Self {
            rows: rows.iter().take(limit).map(row).collect(),
        }
    }

    /// Takes the values of a column.
    fn take(&mut self, column: &Column) {
        for row in &mut self.rows {
            let value = Cell::of(column, row.row - 1).value();
            row.values.push((column.field.name.clone(), value));
        }
    }
}

/// A value as a message shows it: on one line, without what could steer a terminal, cut after 60 characters.
fn shown(text: &str) -> String {
    cut(text, 60)
}
