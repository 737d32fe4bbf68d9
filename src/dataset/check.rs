//! Data against its codebook: columns that one has and the other not, and the constraints of each column. Values come in
//! pieces.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};

use crate::diagnostic::{Diagnostic, Diagnostics, Span};

use super::bridge;
use super::codebook::{Codebook, Constraints};
use super::date;
use super::frame::{ColumnData, Field, Kind};
use super::raw::Examples;
use super::typing::example;

mod unique;
pub(super) use unique::{Keys, Repeats};

/// Columns that the file at `path` or its codebook has and the other not.
pub(super) fn check_names<'a>(
    path: &str,
    names: impl Iterator<Item = &'a str> + Clone,
    codebook: &Codebook,
    found: &mut Diagnostics,
) {
    let there: BTreeSet<&str> = names.clone().collect();
    for field in &codebook.fields {
        if !there.contains(field.name.as_str()) {
            let message = format!("`{path}` has no column `{}`", field.name.value);
            let diagnostic = Diagnostic::error("missing-column", message)
                .at(field.name.span.clone())
                .suggest(&field.name.value, names.clone());
            found.push(diagnostic);
        }
    }
    let described: BTreeSet<&str> = codebook.fields.iter().map(|f| f.name.as_str()).collect();
    let mut undescribed = Examples::default();
    for name in names.filter(|n| !described.contains(n)) {
        undescribed.add(|| format!("`{name}`"));
    }
    if !undescribed.is_empty() {
        let message = format!(
            "`{}` does not describe every column of `{path}`: {}",
            codebook.source.path,
            undescribed.text()
        );
        let diagnostic = Diagnostic::warning("undescribed-column", message)
            .help("add a `[[fields]]` table for each, with name, type and title");
        found.push(diagnostic);
    }
}

/// What was found against the constraints of a column.
#[derive(Debug)]
pub(super) struct Check<'a> {
    field: &'a Field,
    rules: &'a Constraints,
    numbers: Vec<f64>,
    missing: Examples,
    below: Examples,
    above: Examples,
    outside: Examples,
    unlike: Examples,
    bad_pattern: Option<String>,
}

impl<'a> Check<'a> {
    /// Begins to check a column.
    pub fn new(field: &'a Field, rules: &'a Constraints) -> Self {
        let members = rules.members.iter().flat_map(|m| &m.value);
        Self {
            field,
            rules,
            numbers: members.filter_map(|m| m.parse().ok()).collect(),
            missing: Examples::default(),
            below: Examples::default(),
            above: Examples::default(),
            outside: Examples::default(),
            unlike: Examples::default(),
            bad_pattern: None,
        }
    }

    /// Checks some values, the first of the given row, from 0.
    pub fn piece(&mut self, data: &ColumnData, first: usize) {
        let rules = self.rules;
        if rules.required.is_some() {
            for row in (0..data.len()).filter(|row| !is_present(data, *row)) {
                self.missing.add(|| format!("row {}", first + row + 1));
            }
        }
        self.bounds(data, first);
        if rules.members.is_some() {
            self.members(data, first);
        }
        if let Some(pattern) = &rules.pattern {
            self.pattern(&pattern.value, data, first);
        }
    }

    fn bounds(&mut self, data: &ColumnData, first: usize) {
        let (least, most) = (&self.rules.minimum, &self.rules.maximum);
        if least.is_none() && most.is_none() {
            return;
        }
        for row in 0..data.len() {
            let value = match data {
                ColumnData::Number(v) => v.get(row).copied().flatten(),
                ColumnData::Date(v) => v.get(row).copied().flatten().map(f64::from),
                _ => return,
            };
            let Some(value) = value else { continue };
            let shown = || example(first + row, &bound(self.field, value));
            if least.as_ref().is_some_and(|l| value < l.value) {
                self.below.add(shown);
            }
            if most.as_ref().is_some_and(|m| value > m.value) {
                self.above.add(shown);
            }
        }
    }

    fn members(&mut self, data: &ColumnData, first: usize) {
        let listed = self.rules.members.iter().flat_map(|m| &m.value);
        let texts: BTreeSet<&str> = listed.map(String::as_str).collect();
        for row in 0..data.len() {
            let allowed = match data {
                ColumnData::Number(v) => {
                    let value = v.get(row).copied().flatten();
                    value.is_none_or(|v| self.numbers.contains(&v))
                }
                _ => value_text(self.field, data, row).is_none_or(|t| texts.contains(t.as_str())),
            };
            if !allowed {
                let text = value_text(self.field, data, row).unwrap_or_default();
                self.outside.add(|| example(first + row, &text));
            }
        }
    }

    fn pattern(&mut self, pattern: &str, data: &ColumnData, first: usize) {
        if self.bad_pattern.is_some() {
            return;
        }
        let texts: Vec<_> = (0..data.len())
            .map(|row| value_text(self.field, data, row))
            .collect();
        match bridge::matches(&texts, pattern) {
            Err(error) => self.bad_pattern = Some(error),
            Ok(matching) => {
                for (row, (text, fits)) in texts.iter().zip(matching).enumerate() {
                    if let Some(text) = text.as_ref().filter(|_| !fits) {
                        self.unlike.add(|| example(first + row, text));
                    }
                }
            }
        }
    }

    /// Reports what was found; `repeats` are of a column whose values must be unique.
    pub fn report(&self, repeats: Option<&Repeats>, found: &mut Diagnostics) {
        let rules = self.rules;
        let mut report = |wrong: &Examples, code, what: &str, span: Option<&Span>| {
            if let Some(span) = span.filter(|_| !wrong.is_empty()) {
                let message = format!("`{}` {what}: {}", self.field.name, wrong.text());
                found.push(Diagnostic::error(code, message).at(span.clone()));
            }
        };
        let bound = |value: Option<f64>| value.map(|v| bound(self.field, v)).unwrap_or_default();
        let (least, most) = (rules.minimum.as_ref(), rules.maximum.as_ref());
        report(
            &self.missing,
            "missing-value",
            "is required, but missing",
            rules.required.as_ref(),
        );
        if let Some(repeats) = repeats {
            let what = "has values more than once";
            report(&repeats.double, "not-unique", what, rules.unique.as_ref());
        }
        let what = format!(
            "has values below its minimum {}",
            bound(least.map(|l| l.value))
        );
        report(&self.below, "below-minimum", &what, least.map(|l| &l.span));
        let what = format!(
            "has values above its maximum {}",
            bound(most.map(|m| m.value))
        );
        report(&self.above, "above-maximum", &what, most.map(|m| &m.span));
        let what = "has values that its `enum` does not list";
        let place = rules.members.as_ref().map(|m| &m.span);
        report(&self.outside, "not-in-enum", what, place);
        let place = rules.pattern.as_ref().map(|p| &p.span);
        let what = "has values that don't match its `pattern`";
        report(&self.unlike, "pattern-mismatch", what, place);
        if let Some(error) = &self.bad_pattern {
            let message = format!("`pattern` is not a regular expression: {error}");
            found.push(Diagnostic::error("bad-pattern", message).maybe_at(place.cloned()));
        }
    }
}

fn bound(field: &Field, value: f64) -> String {
    // Days are whole and within i32 by construction; a number prints as its shortest text.
    #[allow(clippy::cast_possible_truncation)]
    match field.kind {
        Kind::Date => date::iso(value as i32),
        _ => value.to_string(),
    }
}

fn is_present(data: &ColumnData, row: usize) -> bool {
    fn at<T>(values: &[Option<T>], row: usize) -> bool {
        values.get(row).is_some_and(Option::is_some)
    }
    match data {
        ColumnData::Number(v) => at(v, row),
        ColumnData::Category(v) => at(v, row),
        ColumnData::Text(v) => at(v, row),
        ColumnData::Boolean(v) => at(v, row),
        ColumnData::Date(v) => at(v, row),
    }
}

/// A value as text: of a category its value, of a number its shortest text, of a day its ISO text.
fn value_text(field: &Field, data: &ColumnData, row: usize) -> Option<String> {
    match data {
        ColumnData::Number(v) => v.get(row)?.map(|v| v.to_string()),
        ColumnData::Category(v) => {
            let level = usize::try_from((*v.get(row)?)?).ok()?;
            field.levels.get(level).map(|l| l.value.clone())
        }
        ColumnData::Text(v) => v.get(row)?.clone(),
        ColumnData::Boolean(v) => v.get(row)?.map(|v| v.to_string()),
        ColumnData::Date(v) => v.get(row)?.map(date::iso),
    }
}

/// A number for some values together, the same for the same values.
fn hash_of(hasher: &RandomState, values: &[String]) -> u64 {
    hasher.hash_one(values)
}
