//! Data against its codebook: columns that one has and the other not, and the constraints of each column.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Span};

use super::bridge;
use super::codebook::{Codebook, Constraints};
use super::date;
use super::frame::{Column, ColumnData, Kind};
use super::raw::Examples;
use super::typing::example;

/// Reports everything in `columns`, the data of the file at `path`, that breaks its codebook.
pub(super) fn check(path: &str, columns: &[Column], codebook: &Codebook) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    check_names(path, columns, codebook, &mut diagnostics);
    for column in columns {
        if let Some(rule) = codebook.field(&column.field.name) {
            let mut check = Check {
                column,
                diagnostics: &mut diagnostics,
            };
            check.constraints(&rule.constraints);
        }
    }
    check_primary_key(columns, codebook, &mut diagnostics);
    diagnostics
}

fn check_names(path: &str, columns: &[Column], codebook: &Codebook, found: &mut Diagnostics) {
    let names = || columns.iter().map(|c| c.field.name.as_str());
    for field in &codebook.fields {
        if !names().any(|n| n == field.name.value) {
            let message = format!("`{path}` has no column `{}`", field.name.value);
            let diagnostic = Diagnostic::error("missing-column", message)
                .at(field.name.span.clone())
                .suggest(&field.name.value, names());
            found.push(diagnostic);
        }
    }
    let mut undescribed = Examples::default();
    for name in names().filter(|n| codebook.field(n).is_none()) {
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

struct Check<'a> {
    column: &'a Column,
    diagnostics: &'a mut Diagnostics,
}

impl Check<'_> {
    fn constraints(&mut self, rules: &Constraints) {
        if let Some(span) = &rules.required {
            let missing = |row: usize| self.text(row).is_none().then(|| format!("row {}", row + 1));
            let wrong = self.examples(missing);
            self.report(&wrong, "missing-value", "is required, but missing", span);
        }
        if let Some(span) = &rules.unique {
            let wrong = self.repeats();
            self.report(&wrong, "not-unique", "has values more than once", span);
        }
        if let Some(least) = &rules.minimum {
            let wrong = self.beyond(|v| v < least.value);
            let what = format!("has values below its minimum {}", self.bound(least.value));
            self.report(&wrong, "below-minimum", &what, &least.span);
        }
        if let Some(most) = &rules.maximum {
            let wrong = self.beyond(|v| v > most.value);
            let what = format!("has values above its maximum {}", self.bound(most.value));
            self.report(&wrong, "above-maximum", &what, &most.span);
        }
        self.members(rules);
        if let Some(pattern) = &rules.pattern {
            self.pattern(&pattern.value, &pattern.span);
        }
    }

    fn members(&mut self, rules: &Constraints) {
        let Some(members) = &rules.members else {
            return;
        };
        let numbers: Vec<f64> = members
            .value
            .iter()
            .filter_map(|m| m.parse().ok())
            .collect();
        let allowed = |row: usize, text: &str| match &self.column.data {
            ColumnData::Number(v) => {
                let value = v.get(row).copied().flatten();
                value.is_some_and(|v| numbers.contains(&v))
            }
            _ => members.value.iter().any(|m| m == text),
        };
        let wrong = self.examples(|row| {
            let text = self.text(row)?;
            (!allowed(row, &text)).then(|| example(row, &text))
        });
        let what = "has values that its `enum` does not list";
        self.report(&wrong, "not-in-enum", what, &members.span);
    }

    fn pattern(&mut self, pattern: &str, span: &Span) {
        let texts: Vec<_> = (0..self.column.data.len())
            .map(|row| self.text(row))
            .collect();
        match bridge::matches(&texts, pattern) {
            Err(error) => {
                let message = format!("`pattern` is not a regular expression: {error}");
                let diagnostic = Diagnostic::error("bad-pattern", message).at(span.clone());
                self.diagnostics.push(diagnostic);
            }
            Ok(matching) => {
                let wrong = self.examples(|row| {
                    let text = texts.get(row)?.as_ref()?;
                    (matching.get(row) != Some(&true)).then(|| example(row, text))
                });
                let what = "has values that don't match its `pattern`";
                self.report(&wrong, "pattern-mismatch", what, span);
            }
        }
    }

    fn examples(&self, wrong: impl Fn(usize) -> Option<String>) -> Examples {
        let mut examples = Examples::default();
        for text in (0..self.column.data.len()).filter_map(wrong) {
            examples.add(|| text);
        }
        examples
    }

    fn beyond(&self, wrong: impl Fn(f64) -> bool) -> Examples {
        self.examples(|row| {
            let value = match &self.column.data {
                ColumnData::Number(v) => v.get(row).copied().flatten()?,
                ColumnData::Date(v) => f64::from(v.get(row).copied().flatten()?),
                _ => return None,
            };
            wrong(value).then(|| example(row, &self.bound(value)))
        })
    }

    fn bound(&self, value: f64) -> String {
        // Days are whole and within i32 by construction; a number prints as its shortest text.
        #[allow(clippy::cast_possible_truncation)]
        match self.column.field.kind {
            Kind::Date => date::iso(value as i32),
            _ => value.to_string(),
        }
    }

    fn repeats(&self) -> Examples {
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        let mut wrong = Examples::default();
        for row in 0..self.column.data.len() {
            let Some(text) = self.text(row) else { continue };
            if let Some(before) = first.get(&text) {
                wrong.add(|| format!("{} as in row {}", example(row, &text), before + 1));
            } else {
                first.insert(text, row);
            }
        }
        wrong
    }

    fn text(&self, row: usize) -> Option<String> {
        value_text(self.column, row)
    }

    fn report(&mut self, wrong: &Examples, code: &'static str, what: &str, span: &Span) {
        if wrong.is_empty() {
            return;
        }
        let message = format!("`{}` {what}: {}", self.column.field.name, wrong.text());
        let diagnostic = Diagnostic::error(code, message).at(span.clone());
        self.diagnostics.push(diagnostic);
    }
}

/// A value as text: of a category its value, of a number its shortest text, of a day its ISO text.
pub(super) fn value_text(column: &Column, row: usize) -> Option<String> {
    match &column.data {
        ColumnData::Number(v) => v.get(row)?.map(|v| v.to_string()),
        ColumnData::Category(v) => {
            let level = usize::try_from((*v.get(row)?)?).ok()?;
            column.field.levels.get(level).map(|l| l.value.clone())
        }
        ColumnData::Text(v) => v.get(row)?.clone(),
        ColumnData::Boolean(v) => v.get(row)?.map(|v| v.to_string()),
        ColumnData::Date(v) => v.get(row)?.map(date::iso),
    }
}

fn check_primary_key(columns: &[Column], codebook: &Codebook, found: &mut Diagnostics) {
    let named = |name: &str| columns.iter().find(|c| c.field.name == name);
    let keys: Vec<&Column> = codebook
        .primary_key
        .iter()
        .filter_map(|k| named(k))
        .collect();
    let Some(first_key) = codebook.primary_key.first() else {
        return;
    };
    // A column that is not there has been reported.
    if keys.len() != codebook.primary_key.len() {
        return;
    }
    let mut first: BTreeMap<Vec<Option<String>>, usize> = BTreeMap::new();
    let (mut double, mut missing) = (Examples::default(), Examples::default());
    for row in 0..keys.first().map_or(0, |k| k.data.len()) {
        let key: Vec<_> = keys.iter().map(|k| value_text(k, row)).collect();
        if key.iter().any(Option::is_none) {
            missing.add(|| format!("row {}", row + 1));
        } else if let Some(before) = first.get(&key) {
            let text: Vec<_> = key.iter().flatten().map(String::as_str).collect();
            double.add(|| {
                format!(
                    "{} as in row {}",
                    example(row, &text.join(", ")),
                    before + 1
                )
            });
        } else {
            first.insert(key, row);
        }
    }
    let mut report = |wrong: &Examples, what: &str| {
        if !wrong.is_empty() {
            let message = format!("the primary key {what}: {}", wrong.text());
            let diagnostic = Diagnostic::error("primary-key", message).at(first_key.span.clone());
            found.push(diagnostic);
        }
    };
    report(&double, "is there more than once");
    report(&missing, "has a missing part");
}
