//! Rows by the levels of a category.

use crate::dataset::{Column, ColumnData, Kind, Level};
use crate::diagnostic::Diagnostic;

/// Which group each row belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// The column's name.
    pub name: String,
    /// The column's title.
    pub title: String,
    /// The groups: the column's levels in their order, and last, if values of the column are missing, those rows.
    pub levels: Vec<Level>,
    /// Whether the last group is that of the rows whose value is missing.
    pub missing: bool,
    /// How many rows each group has.
    pub rows: Vec<usize>,
    index: Vec<u32>,
}

impl Groups {
    /// The groups that a category or Boolean makes; other columns are the error.
    pub fn of(column: &Column) -> Result<Self, Diagnostic> {
        let field = &column.field;
        let codes: Vec<Option<u32>> = match &column.data {
            ColumnData::Category(codes) => codes.clone(),
            ColumnData::Boolean(values) => values.iter().map(|v| v.map(u32::from)).collect(),
            _ => return Err(no_groups(&field.name, field.kind)),
        };
        let mut levels = field.levels.clone();
        let none = u32::try_from(levels.len()).unwrap_or(u32::MAX);
        let index: Vec<u32> = codes.into_iter().map(|c| c.unwrap_or(none)).collect();
        let missing = index.contains(&none);
        if missing {
            levels.push(Level {
                value: String::new(),
                label: "(missing)".to_owned(),
            });
        }
        let mut rows = vec![0; levels.len()];
        for group in &index {
            if let Some(count) = rows.get_mut(*group as usize) {
                *count += 1;
            }
        }
        Ok(Self {
            name: field.name.clone(),
            title: field.title.clone(),
            levels,
            missing,
            rows,
            index,
        })
    }

    /// The group of a row, from 0.
    pub fn at(&self, row: usize) -> Option<usize> {
        self.index.get(row).map(|g| *g as usize)
    }
}

fn no_groups(name: &str, kind: Kind) -> Diagnostic {
    let what = match kind {
        Kind::Number => "numbers",
        Kind::Date => "days",
        _ => "texts",
    };
    let message = format!("`{name}` makes no groups: its values are {what}");
    Diagnostic::error("no-groups", message)
        .help("name a category or a Boolean with --by, such as the trial's arms")
        .help("a number or text is a category if its codebook lists `categories`")
}
