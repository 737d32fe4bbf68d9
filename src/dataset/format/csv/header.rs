//! The first record of a CSV file: a name for every column.

use std::collections::BTreeMap;

use crate::dataset::raw::{Examples, Notes, shown};
use crate::dataset::table::Head;
use crate::diagnostic::{Diagnostic, Diagnostics};

use super::record::Scanner;
use super::{Csv, Cursor, Record};

/// More columns than any table of data has; each takes memory before a row is read.
const MOST_COLUMNS: usize = 250_000;

impl Csv {
    /// The columns that the first record names.
    pub(super) fn header(&self) -> Result<Vec<Head>, Diagnostics> {
        let mut cursor = Cursor::new(self)?;
        let found = cursor.next(&Scanner::new(self.delimiter));
        let Some(record) = found.map_err(|f| self.failure(f))? else {
            let message = format!("`{}` has no rows, not even a header", self.path);
            return Err(Diagnostic::error("empty-file", message).into());
        };
        if cursor.cells.len() > MOST_COLUMNS {
            let message = format!(
                "`{}` has {} columns, more than the {MOST_COLUMNS} that can be used",
                self.path,
                cursor.cells.len()
            );
            return Err(Diagnostic::error("too-many-columns", message).into());
        }
        let names = cursor.cells.iter().map(|cell| {
            let text = cursor.cell(cell);
            let text = if cell.doubled {
                text.replace("\"\"", "\"")
            } else {
                text.to_owned()
            };
            text.trim().to_owned()
        });
        let names: Vec<String> = names.collect();
        self.check_names(&names, &record)?;
        let head = |name| Head {
            name,
            notes: Notes::default(),
        };
        Ok(names.into_iter().map(head).collect())
    }

    fn check_names(&self, names: &[String], record: &Record) -> Result<(), Diagnostics> {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let (mut empty, mut double) = (Examples::default(), Examples::default());
        for (i, name) in names.iter().enumerate() {
            if name.is_empty() {
                empty.add(|| format!("column {}", i + 1));
            } else if let Some(first) = places.get(name.as_str()) {
                double.add(|| format!("{} in columns {} and {}", shown(name), first + 1, i + 1));
            } else {
                places.insert(name, i);
            }
        }
        let mut diagnostics = Diagnostics::new();
        let mut report = |found: &Examples, code, what: &str, help| {
            if !found.is_empty() {
                let message = format!("the header of `{}` has {what}{}", self.path, found.text());
                let place = self.span(record.start, record.end);
                diagnostics.push(Diagnostic::error(code, message).maybe_at(place).help(help));
            }
        };
        report(
            &empty,
            "empty-header",
            "no name for ",
            "the first line must name every column",
        );
        report(
            &double,
            "duplicate-header",
            "a name twice: ",
            "give each column its own name",
        );
        if diagnostics.is_empty() {
            Ok(())
        } else {
            Err(diagnostics)
        }
    }
}
