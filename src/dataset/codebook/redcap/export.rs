//! What an export holds, column by column: enough to tell codes from labels, and which rules the data keep.

use std::collections::BTreeMap;

use super::dictionary::broken;
use crate::dataset::codebook::MissingCode;
use crate::diagnostic::Diagnostic;

/// The columns of an export.
pub(super) struct Export {
    pub columns: Vec<Seen>,
    rows: usize,
}

/// A column.
pub(super) struct Seen {
    pub name: String,
    /// The cells that have a value, with their row from 0.
    pub cells: Vec<(usize, String)>,
    rows: usize,
}

impl Seen {
    /// Whether every row has a value.
    pub fn is_complete(&self) -> bool {
        self.cells.len() == self.rows
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|(_, v)| v.as_str())
    }
}

impl Export {
    /// Reads the text of an export.
    pub fn read(
        path: &str,
        text: &str,
        delimiter: char,
        missing: &[MissingCode],
    ) -> Result<Self, Diagnostic> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let delimiter = u8::try_from(delimiter).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| broken(path, &e))?;
        let mut columns: Vec<Seen> = header
            .iter()
            .map(|name| Seen {
                name: name.trim().to_owned(),
                cells: Vec::new(),
                rows: 0,
            })
            .collect();
        let is_missing = |cell: &str| missing.iter().any(|m| m.value == cell);
        let mut rows = 0;
        for record in reader.records() {
            let record = record.map_err(|e| broken(path, &e))?;
            for (column, cell) in columns.iter_mut().zip(&record) {
                let cell = cell.trim();
                if !cell.is_empty() && !is_missing(cell) {
                    column.cells.push((rows, cell.to_owned()));
                }
            }
            rows += 1;
        }
        for column in &mut columns {
            column.rows = rows;
        }
        Ok(Self { columns, rows })
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Seen> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// Two rows with the same values in those columns, in words, if there are some.
    pub fn double(&self, names: &[&str]) -> Option<String> {
        let mut keys: Vec<Vec<&str>> = vec![vec![""; names.len()]; self.rows];
        for (part, name) in names.iter().enumerate() {
            for (row, value) in &self.column(name)?.cells {
                if let Some(place) = keys.get_mut(*row).and_then(|k| k.get_mut(part)) {
                    *place = value;
                }
            }
        }
        let mut first: BTreeMap<&[&str], usize> = BTreeMap::new();
        for (row, key) in keys.iter().enumerate() {
            if let Some(before) = first.insert(key, row) {
                return Some(format!(
                    "rows {} and {}, `{}`",
                    before + 1,
                    row + 1,
                    key.join("`, `").escape_debug()
                ));
            }
        }
        None
    }
}
