//! One value of a table, to be compared with one of another table.

use std::cmp::Ordering;

use crate::dataset::{Column, ColumnData, Kind};
use crate::style::number::full;
use crate::time::Day;

/// A value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// None, and the code that says why.
    Missing(Option<&'a str>),
    /// A number.
    Number(f64),
    /// A text or the level of a category, as in the data.
    Text(&'a str),
    /// A truth value.
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
}

impl<'a> Cell<'a> {
    /// The value of a column in a row, which counts from 0.
    pub fn of(column: &'a Column, row: usize) -> Self {
        let reason = || {
            let code = column.reasons.at(row)? as usize;
            column.field.missing.get(code).map(|l| l.value.as_str())
        };
        let found = match &column.data {
            ColumnData::Number(v) => v.get(row).copied().flatten().map(Self::Number),
            ColumnData::Boolean(v) => v.get(row).copied().flatten().map(Self::Boolean),
            ColumnData::Date(v) => v.get(row).copied().flatten().map(Self::Date),
            ColumnData::Text(v) => v.get(row).and_then(Option::as_deref).map(Self::Text),
            ColumnData::Category(v) => {
                let level = v.get(row).copied().flatten();
                let level = level.and_then(|l| column.field.levels.get(l as usize));
                level.map(|l| Self::Text(&l.value))
            }
        };
        found.unwrap_or_else(|| Self::Missing(reason()))
    }

    /// Whether two values are the same: numbers as numbers, whatever they are written like; missing values if they are
    /// missing for the same reason; values of different types if their texts mean the same.
    pub fn same(self, other: Cell<'_>) -> bool {
        match (self, other) {
            (Self::Missing(a), Cell::Missing(b)) => a == b,
            (Self::Missing(_), _) | (_, Cell::Missing(_)) => false,
            (Self::Number(a), Cell::Number(b)) => a == b,
            (Self::Text(a), Cell::Text(b)) => a == b,
            (Self::Boolean(a), Cell::Boolean(b)) => a == b,
            (Self::Date(a), Cell::Date(b)) => a == b,
            (a, b) => a.common() == b.common(),
        }
    }

    /// An order of the values of one type; others stand in the order of the types.
    pub fn order(self, other: Cell<'_>) -> Ordering {
        match (self, other) {
            // Zero has two signs, and is one number.
            (Self::Number(a), Cell::Number(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
            (Self::Text(a), Cell::Text(b)) => a.cmp(b),
            (Self::Boolean(a), Cell::Boolean(b)) => a.cmp(&b),
            (Self::Date(a), Cell::Date(b)) => a.cmp(&b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Missing(_) => 0,
            Self::Number(_) => 1,
            Self::Text(_) => 2,
            Self::Boolean(_) => 3,
            Self::Date(_) => 4,
        }
    }

    /// The text by which values of different types are compared; a text that is a number is that number.
    pub fn common(self) -> String {
        match self {
            Self::Text(text) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => short(number),
                _ => text.to_owned(),
            },
            other => other.text(),
        }
    }

    /// The value as a text; empty if it is missing.
    pub fn text(self) -> String {
        match self {
            Self::Missing(_) => String::new(),
            Self::Number(value) => short(value),
            Self::Text(text) => text.to_owned(),
            Self::Boolean(value) => value.to_string(),
            Self::Date(days) => Day::from_days(i64::from(days)).to_string(),
        }
    }

    /// The value by itself.
    pub fn value(self) -> Value {
        match self {
            Self::Missing(reason) => Value::Missing(reason.map(str::to_owned)),
            Self::Number(value) => Value::Number(value),
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Boolean(value) => Value::Boolean(value),
            Self::Date(days) => Value::Date(days),
        }
    }
}

/// A number at full precision; whole numbers without a point.
fn short(value: f64) -> String {
    let text = full(value + 0.0);
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// None, and the code that says why.
    Missing(Option<String>),
    /// A number.
    Number(f64),
    /// A text or the level of a category, as in the data.
    Text(String),
    /// A truth value.
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
}

impl Value {
    /// The value as a text at full precision; empty if it is missing.
    pub fn text(&self) -> String {
        self.cell().text()
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Missing(reason) => Cell::Missing(reason.as_deref()),
            Self::Number(value) => Cell::Number(*value),
            Self::Text(text) => Cell::Text(text),
            Self::Boolean(value) => Cell::Boolean(*value),
            Self::Date(days) => Cell::Date(*days),
        }
    }
}

/// Whether values of two kinds are compared as what they are.
pub(super) fn alike(a: Kind, b: Kind) -> bool {
    let texts = |k| matches!(k, Kind::Text | Kind::Category);
    a == b || (texts(a) && texts(b))
}
