//! Values by a recipe.

use crate::dataset::frame::{Column, ColumnData, Reasons};
use crate::dataset::raw::{Examples, RawData, decimals, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};

use super::levels::Levels;
use super::number::{Mistakes, NotANumber, finite, number, whole_number};
use super::{Recipe, Target, example};

/// The values of a column, made piece after piece.
#[derive(Debug)]
pub(in crate::dataset) struct Loading<'a> {
    recipe: &'a Recipe,
    data: ColumnData,
    reasons: Vec<(usize, u32)>,
    /// The row of the first value that is there.
    start: usize,
    decimals: u8,
    problems: Problems,
}

/// What does not fit the recipe.
#[derive(Debug, Default)]
struct Problems {
    numbers: Mistakes,
    /// Values that are none of the levels, no truth values, or no days.
    others: Examples,
    /// What the file has instead, as a whole.
    storage: Option<&'static str>,
}

impl Recipe {
    /// Begins to make values.
    pub fn load(&self) -> Loading<'_> {
        Loading {
            recipe: self,
            data: self.empty(),
            reasons: Vec::new(),
            start: 0,
            decimals: 0,
            problems: Problems::default(),
        }
    }

    fn empty(&self) -> ColumnData {
        match self.target {
            Target::Number { .. } => ColumnData::Number(Vec::new()),
            Target::Category(_) => ColumnData::Category(Vec::new()),
            Target::Text => ColumnData::Text(Vec::new()),
            Target::Boolean => ColumnData::Boolean(Vec::new()),
            Target::Date => ColumnData::Date(Vec::new()),
        }
    }
}

impl Loading<'_> {
    /// Makes values of a piece; the first is of the given row, from 0. What does not fit becomes a missing value.
    pub fn piece(&mut self, raw: &RawData, first: usize) {
        let recipe = self.recipe;
        let mut data = std::mem::replace(&mut self.data, ColumnData::Date(Vec::new()));
        match (&recipe.target, &mut data) {
            (Target::Number { whole }, ColumnData::Number(to)) => {
                self.numbers(raw, first, *whole, to);
            }
            (Target::Category(levels), ColumnData::Category(to)) => {
                self.categories(raw, first, levels, to);
            }
            (Target::Text, ColumnData::Text(to)) => {
                self.cells(raw, first, to, |cell| Some(cell.to_owned()));
            }
            (Target::Boolean, ColumnData::Boolean(to)) => self.truths(raw, first, to),
            (Target::Date, ColumnData::Date(to)) => self.days(raw, first, to),
            _ => {}
        }
        self.data = data;
        self.tags(first, raw.len());
    }

    /// The values that were made since the last `clear`, and the row of the first.
    pub fn made(&self) -> (&ColumnData, usize) {
        (&self.data, self.start)
    }

    /// Forgets the values that were made, which go on at that row.
    pub fn clear(&mut self, next: usize) {
        self.data = self.recipe.empty();
        self.reasons.clear();
        self.start = next;
    }

    /// The most decimals that were seen of a number.
    pub fn decimals(&self) -> u8 {
        self.decimals
    }

    /// The column of all values that were made.
    pub fn column(mut self) -> Column {
        match &mut self.data {
            ColumnData::Number(v) => v.shrink_to_fit(),
            ColumnData::Category(v) => v.shrink_to_fit(),
            ColumnData::Text(v) => v.shrink_to_fit(),
            ColumnData::Boolean(v) => v.shrink_to_fit(),
            ColumnData::Date(v) => v.shrink_to_fit(),
        }
        Column {
            field: self.recipe.field.clone(),
            data: self.data,
            reasons: Reasons(self.reasons),
        }
    }

    fn missing(&mut self, row: usize, code: u32) {
        if !self.recipe.field.missing.is_empty() {
            self.reasons.push((row - self.start, code));
        }
    }

    /// A number that is there and no code of a missing one.
    fn known(&mut self, value: Option<f64>, row: usize) -> Option<f64> {
        let code = self.recipe.codes.of_number(value?);
        if let Some(code) = code {
            self.missing(row, code);
        }
        value.filter(|_| code.is_none())
    }

    fn tags(&mut self, first: usize, height: usize) {
        let tags = &self.recipe.codes.tags;
        let from = tags.partition_point(|(row, _)| *row < first);
        let to = tags.partition_point(|(row, _)| *row < first + height);
        if from < to {
            for (row, code) in tags.get(from..to).unwrap_or_default() {
                self.missing(*row, *code);
            }
            self.reasons.sort_unstable();
        }
    }

    /// Makes values of texts; a text that gives none is a mistake.
    fn cells<T>(
        &mut self,
        raw: &RawData,
        first: usize,
        to: &mut Vec<Option<T>>,
        make: impl Fn(&str) -> Option<T>,
    ) {
        to.reserve(raw.len());
        let untyped = matches!(raw, RawData::Untyped(_));
        for (row, cell) in (first..).zip(raw.texts()) {
            let Some(cell) = cell else {
                to.push(None);
                continue;
            };
            if let Some(code) = self.recipe.codes.of_text(&cell, untyped) {
                self.missing(row, code);
                to.push(None);
                continue;
            }
            let value = make(&cell);
            if value.is_none() {
                self.problems.others.add(|| example(row, &cell));
            }
            to.push(value);
        }
    }

    fn numbers(&mut self, raw: &RawData, first: usize, whole: bool, to: &mut Vec<Option<f64>>) {
        let checked =
            |value: f64| finite(value).and_then(|v| if whole { whole_number(v) } else { Ok(v) });
        match raw {
            RawData::Number(values, most) => {
                self.decimals = self.decimals.max(*most);
                to.reserve(values.len());
                for (row, value) in (first..).zip(values) {
                    let Some(value) = self.known(*value, row) else {
                        to.push(None);
                        continue;
                    };
                    let found = checked(value);
                    if let Err(what) = found {
                        let text = || example(row, &value.to_string());
                        self.problems.numbers.of(what).add(text);
                    }
                    to.push(found.ok());
                }
            }
            RawData::Untyped(_) | RawData::Text(_) => {
                let untyped = matches!(raw, RawData::Untyped(_));
                to.reserve(raw.len());
                for (row, cell) in (first..).zip(raw.texts()) {
                    let value = cell.and_then(|cell| self.parsed(&cell, row, untyped, &checked));
                    to.push(value);
                }
            }
            other => self.other(other, to),
        }
    }

    fn parsed(
        &mut self,
        cell: &str,
        row: usize,
        untyped: bool,
        checked: &impl Fn(f64) -> Result<f64, NotANumber>,
    ) -> Option<f64> {
        if let Some(code) = self.recipe.codes.of_text(cell, untyped) {
            self.missing(row, code);
            return None;
        }
        let found = number(cell).and_then(checked);
        match found {
            Ok(_) => self.decimals = self.decimals.max(decimals(cell.trim())),
            Err(what) => self.problems.numbers.of(what).add(|| example(row, cell)),
        }
        found.ok()
    }

    fn categories(
        &mut self,
        raw: &RawData,
        first: usize,
        levels: &Levels,
        to: &mut Vec<Option<u32>>,
    ) {
        let RawData::Number(values, _) = raw else {
            return self.cells(raw, first, to, |cell| levels.of_text(cell));
        };
        to.reserve(values.len());
        for (row, value) in (first..).zip(values) {
            let Some(value) = self.known(*value, row) else {
                to.push(None);
                continue;
            };
            let found = levels.of_number(value);
            if found.is_none() {
                let text = || example(row, &value.to_string());
                self.problems.others.add(text);
            }
            to.push(found);
        }
    }

    fn truths(&mut self, raw: &RawData, first: usize, to: &mut Vec<Option<bool>>) {
        let words = &self.recipe.words;
        match raw {
            RawData::Boolean(values) => to.extend_from_slice(values),
            RawData::Date(_) | RawData::Moment(..) => self.other(raw, to),
            raw => self.cells(raw, first, to, |cell| {
                let is = |list: &[String]| list.iter().any(|v| v == cell.trim());
                if is(&words.trues) {
                    Some(true)
                } else {
                    is(&words.falses).then_some(false)
                }
            }),
        }
    }

    fn days(&mut self, raw: &RawData, first: usize, to: &mut Vec<Option<i32>>) {
        match raw {
            RawData::Date(days) => {
                for (row, day) in (first..).zip(days) {
                    let code = day.and_then(|d| self.recipe.codes.of_number(f64::from(d)));
                    if let Some(code) = code {
                        self.missing(row, code);
                    }
                    to.push(day.filter(|_| code.is_none()));
                }
            }
            RawData::Moment(..) => match raw.midnights() {
                Some(days) => to.extend(days),
                None => self.other(raw, to),
            },
            RawData::Untyped(_) | RawData::Text(_) => {
                let date = &self.recipe.words.date;
                self.cells(raw, first, to, |cell| date.parse(cell.trim()));
            }
            RawData::Number(..) | RawData::Boolean(_) => self.other(raw, to),
        }
    }

    /// A column whose type in the file is another than in the codebook, as a whole.
    fn other<T: Clone>(&mut self, raw: &RawData, to: &mut Vec<Option<T>>) {
        self.problems.storage = Some(raw.describe());
        to.resize(to.len() + raw.len(), None);
    }

    /// Reports what did not fit.
    pub fn report(&self, diagnostics: &mut Diagnostics) {
        let recipe = self.recipe;
        let name = &recipe.field.name;
        let place = recipe.type_span.as_ref();
        let wanted = match recipe.target {
            Target::Number { whole: true } => "whole numbers",
            Target::Number { whole: false } => "numbers",
            Target::Boolean => "truth values",
            Target::Date => "days",
            Target::Category(_) | Target::Text => "texts",
        };
        if let Some(found) = self.problems.storage {
            let message = format!("`{name}` should have {wanted}, but the file has {found}");
            let diagnostic = Diagnostic::error("type-mismatch", message);
            diagnostics.push(diagnostic.maybe_at(place.cloned()));
        }
        let whole = matches!(recipe.target, Target::Number { whole: true });
        self.problems
            .numbers
            .report(name, whole, place, diagnostics);
        let others = &self.problems.others;
        if others.is_empty() {
            return;
        }
        let diagnostic = match &recipe.target {
            Target::Category(_) => self.not_a_category(),
            target => {
                let message = format!(
                    "`{name}` has values that are no {wanted}: {}",
                    others.text()
                );
                let help = if matches!(target, Target::Boolean) {
                    "`trueValues` and `falseValues` of a field say how truth is written"
                } else {
                    "days are `YYYY-MM-DD` unless the field's `format` says otherwise, such as `%d/%m/%Y`"
                };
                Diagnostic::error("type-mismatch", message)
                    .maybe_at(place.cloned())
                    .help(help)
            }
        };
        diagnostics.push(diagnostic);
    }

    fn not_a_category(&self) -> Diagnostic {
        let recipe = self.recipe;
        let levels = recipe.field.levels.iter().take(12);
        let names: Vec<_> = levels.map(|l| shown(&l.value)).collect();
        let message = format!(
            "`{}` has values that are none of its categories: {}",
            recipe.field.name,
            self.problems.others.text()
        );
        Diagnostic::error("not-a-category", message)
            .maybe_at(recipe.levels_span.clone())
            .help(format!("its categories are {}", names.join(", ")))
    }
}
