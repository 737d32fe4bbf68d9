//! From what a reader found to a table, and what can be wrong on the way that all readers check alike.

use std::collections::BTreeSet;

use crate::dataset::raw::{Examples, Notes, RawColumn, RawData, RawTable, RawValue, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};

use super::charset::{Charset, raw};
use super::moment::{self, Meaning};

/// The most bytes that a file's values may take here: a damaged or hostile file may claim any number.
const MOST_BYTES: usize = 4 << 30;

/// What is wrong with single values of a column.
#[derive(Debug, Default)]
pub(super) struct Problems {
    /// Texts that are none in the file's encoding.
    pub no_text: Examples,
    /// Numbers that are no day or time in a column of such.
    pub no_day: Examples,
}

impl Problems {
    /// Says what is wrong with the column `name` of the file at `path`.
    fn tell(self, path: &str, name: &str, charset: &str, diagnostics: &mut Diagnostics) {
        let column = format!("the column {} of `{path}`", shown(name));
        if !self.no_text.is_empty() {
            let message = format!(
                "{column} has bytes that are no text in {charset}, which the file declares: {}",
                self.no_text.text()
            );
            let help = "save the file again with the program that made it, as UTF-8 if it can";
            diagnostics.push(Diagnostic::error("bad-text", message).help(help));
        }
        if !self.no_day.is_empty() {
            let message = format!(
                "{column} is shown as dates or times, and has values that are none in the years 1 to 9999: {}",
                self.no_day.text()
            );
            let help = "correct the values, or give the column a format of numbers";
            diagnostics.push(Diagnostic::error("bad-date", message).help(help));
        }
    }
}

/// A column that is being read, value by value.
#[derive(Debug)]
pub(super) struct Reading {
    /// Its name.
    pub name: String,
    /// What the file says of it. Labels and missing values of a column of days are in the file's units until it is
    /// finished.
    pub notes: Notes,
    /// What its numbers mean.
    pub meaning: Meaning,
    values: Values,
    problems: Problems,
}

#[derive(Debug)]
enum Values {
    Numbers(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
}

impl Reading {
    /// A column of numbers.
    pub fn numbers(name: String, meaning: Meaning, notes: Notes) -> Self {
        let values = Values::Numbers(Vec::new());
        Self::new(name, meaning, notes, values)
    }

    /// A column of texts.
    pub fn texts(name: String, notes: Notes) -> Self {
        let values = Values::Texts(Vec::new());
        Self::new(name, Meaning::Number, notes, values)
    }

    fn new(name: String, meaning: Meaning, notes: Notes, values: Values) -> Self {
        Self {
            name,
            notes,
            meaning,
            values,
            problems: Problems::default(),
        }
    }

    /// Adds a row's number.
    pub fn number(&mut self, value: Option<f64>) {
        if let Values::Numbers(values) = &mut self.values {
            values.push(value);
        }
    }

    /// Adds a row's missing number, which may have a tag.
    pub fn missing(&mut self, tag: Option<char>) {
        if let Values::Numbers(values) = &mut self.values {
            let row = values.len();
            self.notes.tags.extend(tag.map(|tag| (row, tag)));
            values.push(None);
        }
    }

    /// Adds a row's text.
    pub fn text(&mut self, bytes: &[u8], charset: &Charset) {
        if let Values::Texts(values) = &mut self.values {
            let text = charset.text(bytes);
            if text.is_none() {
                let row = values.len() + 1;
                self.problems
                    .no_text
                    .add(|| format!("row {row}: {}", raw(bytes)));
            }
            values.push(text.filter(|t| !t.is_empty()));
        }
    }

    fn finished(mut self) -> (RawColumn, Problems) {
        let data = match self.values {
            Values::Texts(values) => RawData::Text(values),
            Values::Numbers(values) => {
                let notes = &mut self.notes;
                moment::data(values, self.meaning, notes, &mut self.problems)
            }
        };
        let column = RawColumn {
            name: self.name,
            data,
            notes: self.notes,
        };
        (column, self.problems)
    }
}

/// Labels of values are the same for many columns: how many bytes were copied.
#[derive(Debug, Default)]
pub(super) struct Labels(usize);

impl Labels {
    /// A hostile file may give all labels to all columns.
    const MOST_BYTES: usize = 256 << 20;

    /// Counts labels that are to be copied, so many bytes of texts in so many pieces.
    pub fn count(&mut self, texts: usize, pieces: usize) -> Result<(), String> {
        self.0 = pieces
            .saturating_mul(64)
            .saturating_add(texts)
            .saturating_add(self.0);
        if self.0 <= Self::MOST_BYTES {
            return Ok(());
        }
        let most = Self::MOST_BYTES >> 20;
        Err(format!(
            "the labels of values, counted for each column, are more than {most} MiB"
        ))
    }

    /// A column's labels.
    pub fn copy(
        &mut self,
        labels: &[(RawValue, String)],
    ) -> Result<Vec<(RawValue, String)>, String> {
        self.count(labels.iter().map(|(_, l)| l.len()).sum(), labels.len())?;
        Ok(labels.to_vec())
    }
}

/// The table of all columns that were read, if nothing is wrong with their values.
pub(super) fn finished(
    path: &str,
    height: usize,
    columns: Vec<Reading>,
    charset: &Charset,
) -> (Option<RawTable>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut raw = Vec::with_capacity(columns.len());
    for reading in columns {
        let (column, problems) = reading.finished();
        problems.tell(path, &column.name, charset.name(), &mut diagnostics);
        raw.push(column);
    }
    let (table, found) = checked(path, height, raw);
    diagnostics.extend(found);
    (table.filter(|_| !diagnostics.has_errors()), diagnostics)
}

/// A table that has rows, and columns with names of their own.
pub(super) fn checked(
    path: &str,
    height: usize,
    columns: Vec<RawColumn>,
) -> (Option<RawTable>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut names = BTreeSet::new();
    let mut wrong = Examples::default();
    for column in &columns {
        if column.name.trim().is_empty() || !names.insert(column.name.as_str()) {
            wrong.add(|| shown(&column.name));
        }
    }
    if columns.is_empty() || height == 0 {
        let message = format!("`{path}` has no rows");
        diagnostics.push(Diagnostic::error("no-rows", message));
    }
    if !wrong.is_empty() {
        let message = format!(
            "`{path}` has columns without names of their own: {}",
            wrong.text()
        );
        diagnostics.push(Diagnostic::error("bad-header", message));
    }
    let table = RawTable { height, columns };
    ((!diagnostics.has_errors()).then_some(table), diagnostics)
}

/// Refuses what would take more memory than any such file needs: `rows` of `bytes` and `columns` each.
pub(super) fn affordable(rows: usize, bytes: usize, columns: usize) -> Result<(), String> {
    // A number takes 16 bytes here, and a text 24 and its bytes.
    let row = columns.saturating_mul(24).saturating_add(bytes);
    if rows.saturating_mul(row) <= MOST_BYTES {
        return Ok(());
    }
    Err(format!(
        "{rows} rows of {bytes} bytes in {columns} columns are more than {} GiB",
        MOST_BYTES >> 30
    ))
}

/// What is said of a file that can't be read: its format's name, the code and what is wrong with it.
pub(super) fn unreadable(path: &str, format: &str, code: &'static str, why: &str) -> Diagnostic {
    let message = format!("`{path}` can't be read as {format}: {why}");
    Diagnostic::error(code, message).help("the file may be cut off, damaged, or of another format")
}
