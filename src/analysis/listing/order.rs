//! The order of listed rows.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::super::column::column;
use super::super::{Finding, Rows, Scope};
use crate::dataset::{Column, ColumnData, Frame};
use crate::reader::{At, TableReader};

/// A column that rows are sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SortKey {
    column: String,
    descending: bool,
}

impl SortKey {
    /// Reads the key `sort`: names of columns, with a minus for descending.
    pub fn read(reader: &mut TableReader<'_>, scope: &Scope<'_>, rows: &Rows) -> Vec<Self> {
        let mut keys = Vec::new();
        for name in reader.optional_strings("sort").unwrap_or_default() {
            let whole = rows.schema.field(&name.value).is_some();
            let less = name.value.strip_prefix('-').filter(|_| !whole);
            let column = At {
                value: less.unwrap_or(&name.value).to_owned(),
                span: name.span.clone(),
            };
            if let Some(field) = scope.field(reader, rows, &column) {
                keys.push(Self {
                    column: field.name,
                    descending: less.is_some(),
                });
            }
        }
        keys
    }

    /// The column.
    pub fn column(&self) -> &str {
        &self.column
    }

    fn compare(&self, column: &Column, a: usize, b: usize) -> Ordering {
        match &column.data {
            ColumnData::Number(v) => self.values(v, a, b, f64::total_cmp),
            ColumnData::Category(v) => self.values(v, a, b, Ord::cmp),
            ColumnData::Text(v) => self.values(v, a, b, Ord::cmp),
            ColumnData::Boolean(v) => self.values(v, a, b, Ord::cmp),
            ColumnData::Date(v) => self.values(v, a, b, Ord::cmp),
        }
    }

    /// Missing values stand last in either direction.
    fn values<T>(
        &self,
        values: &[Option<T>],
        a: usize,
        b: usize,
        compare: impl Fn(&T, &T) -> Ordering,
    ) -> Ordering {
        let of = |row: usize| values.get(row).and_then(Option::as_ref);
        match (of(a), of(b)) {
            (Some(a), Some(b)) if self.descending => compare(b, a),
            (Some(a), Some(b)) => compare(a, b),
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
        }
    }
}

/// The rows in order; rows that are equal in all keys keep theirs.
pub(super) fn sorted(frame: &Frame, keys: &[SortKey]) -> Result<Vec<usize>, Finding> {
    let mut columns = Vec::with_capacity(keys.len());
    for key in keys {
        columns.push((key, column(frame, &key.column)?));
    }
    let mut rows: Vec<usize> = (0..frame.height()).collect();
    rows.sort_by(|&a, &b| {
        let each = columns
            .iter()
            .map(|(key, column)| key.compare(column, a, b));
        each.fold(Ordering::Equal, Ordering::then)
    });
    Ok(rows)
}
