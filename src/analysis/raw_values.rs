//! Values of rows as they are: numbers as statistics, everything else as words.

use serde::{Deserialize, Serialize};

use super::keys;
use super::record::{Number, Recorder};
use crate::artefact::{Cell, Column as TableColumn, Form, Label, Quantity};
use crate::dataset::{Column, ColumnData, Field, Kind};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};
use crate::statistic::Group;
use crate::time::{BuildTime, Civil};

/// A column that is shown row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Shown {
    /// The column.
    pub variable: String,
    label: String,
    unit: Option<String>,
    digits: Option<u8>,
    decimals: Option<u8>,
    words: bool,
}

impl Shown {
    /// The column of a field.
    pub fn of(field: Field) -> Self {
        Self {
            words: field.kind != Kind::Number,
            variable: field.name,
            label: field.title,
            unit: field.unit,
            digits: None,
            decimals: field.decimals,
        }
    }

    /// Reads the keys `columns` (names) and `[[column]]` (`variable`, `label`, `digits`). `find` gives the field of a
    /// name, or reports it. The names come in order, for messages about repeats.
    pub fn read(
        reader: &mut TableReader<'_>,
        find: impl Fn(&TableReader<'_>, &At<String>) -> Option<Field>,
    ) -> Vec<Self> {
        let mut shown = Vec::new();
        let mut names = Vec::new();
        let listed = reader.optional_strings("columns");
        if listed.as_ref().is_some_and(Vec::is_empty) && !reader.has("column") {
            reader.report(
                Diagnostic::error("no-columns", "`columns` names no column")
                    .maybe_at(reader.key_span("columns")),
            );
        }
        for name in listed.unwrap_or_default() {
            shown.extend(find(reader, &name).map(Self::of));
            names.push(name);
        }
        for mut table in reader.tables("column") {
            let label = table.optional_string("label");
            let digits = keys::digits(&mut table);
            let name = table.string("variable");
            let field = name.as_ref().and_then(|name| find(&table, name));
            if let (Some(_), Some(field)) =
                (digits, field.as_ref().filter(|f| f.kind != Kind::Number))
            {
                let message = format!("`{}` holds no numbers, which `digits` is for", field.name);
                let span = table.key_span("digits");
                table.report(Diagnostic::error("wrong-kind", message).maybe_at(span));
            }
            table.finish();
            names.extend(name);
            shown.extend(field.map(|field| {
                let own = Self::of(field);
                Self {
                    label: label.map_or_else(|| own.label.clone(), |l| l.value),
                    digits,
                    ..own
                }
            }));
        }
        keys::refuse_repeats(reader, &names, "a column is shown once");
        shown
    }

    /// Whether its values are words.
    pub fn has_words(&self) -> bool {
        self.words
    }

    /// Its head.
    pub fn label(&self) -> Label {
        Label::text(&self.label).unit(self.unit.clone())
    }

    /// Its column.
    pub fn head(&self) -> TableColumn {
        TableColumn {
            label: self.label(),
            words: self.words,
        }
    }

    /// The cell of a row, which `group` names; a number is recorded as its `value`.
    pub fn cell(
        &self,
        recorder: &mut Recorder,
        context: &str,
        column: &Column,
        row: usize,
        group: &Group,
    ) -> Cell {
        let ColumnData::Number(values) = &column.data else {
            return text(column, row).map_or(Cell::NotApplicable { note: None }, Cell::words);
        };
        let value = values.get(row).copied().flatten();
        let number = value.map_or_else(
            || Number::Missing("it is missing in the data".to_owned()),
            Number::from,
        );
        let mut subject = recorder
            .of(context, &self.variable)
            .within(&group.variable, &group.level)
            .measured(self.decimals.filter(|d| *d <= MEASURED));
        let id = subject.add("value", number);
        // Values are shown as they were measured; of computed ones with endless decimals the style says how many.
        let digits = self.digits.or(self.decimals.filter(|d| *d <= MEASURED));
        match value {
            Some(_) => Cell::number(Quantity::new(Form::Number { value: id }).with_digits(digits)),
            None => Cell::NotApplicable { note: None },
        }
    }
}

/// Most decimals that measured values have; columns with more are taken as computed.
const MEASURED: u8 = 3;

/// The value as words: a category's label, a date in ISO 8601, a number in full; none if it is missing.
pub(super) fn text(column: &Column, row: usize) -> Option<String> {
    let levels = &column.field.levels;
    match &column.data {
        ColumnData::Number(v) => v.get(row).copied().flatten().map(|v| v.to_string()),
        ColumnData::Text(v) => v.get(row).cloned().flatten(),
        ColumnData::Date(v) => v.get(row).copied().flatten().map(iso_date),
        ColumnData::Category(v) => {
            let code = usize::try_from(v.get(row).copied().flatten()?).ok()?;
            levels.get(code).map(|l| l.label.clone())
        }
        ColumnData::Boolean(v) => {
            let value = v.get(row).copied().flatten()?;
            let level = levels.get(usize::from(value)).map(|l| l.label.clone());
            Some(level.unwrap_or_else(|| value.to_string()))
        }
    }
}

/// The value as in the data, which names it in ids; none if it is missing.
pub(super) fn name(column: &Column, row: usize) -> Option<String> {
    match &column.data {
        ColumnData::Category(v) => {
            let code = usize::try_from(v.get(row).copied().flatten()?).ok()?;
            column.field.levels.get(code).map(|l| l.value.clone())
        }
        ColumnData::Boolean(v) => v.get(row).copied().flatten().map(|v| v.to_string()),
        _ => text(column, row),
    }
}

fn iso_date(days: i32) -> String {
    let Civil {
        year, month, day, ..
    } = BuildTime::from_days(days).civil();
    format!("{year:04}-{month:02}-{day:02}")
}
