//! Resolving the keys of `model`.

use super::{Robust, Spec};
use crate::analysis::keys::{conf_level, digits};
use crate::analysis::{Prepared, Rows, Scope};
use crate::dataset::{Field, Kind};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};
use crate::stats::formula::Formula;

const ROBUST: [(&str, Robust); 4] = [
    ("HC0", Robust::Hc0),
    ("HC1", Robust::Hc1),
    ("HC2", Robust::Hc2),
    ("HC3", Robust::Hc3),
];

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let rows = scope.rows(reader);
    let text = reader.string("formula");
    let weights = reader.optional_string("weights");
    let robust = reader.optional_choice("vcov", &ROBUST);
    let tests = reader.optional_choice("tests", &[("type3", true), ("none", false)]);
    let conf_level = conf_level(reader);
    let digits = digits(reader);
    let labels = reader.optional_string_map("labels").unwrap_or_default();
    let (rows, text) = (rows?, text?);
    let weights = match weights {
        Some(name) => Some(scope.number(reader, &rows, &name)?.name),
        None => None,
    };
    let formula = parse(reader, &text)?;
    let fields = fields(reader, scope, &rows, &text, &formula)?;
    let arms = scope.arms_among(reader, &rows, &fields)?;
    let columns: Vec<String> = fields
        .iter()
        .map(|f| f.name.clone())
        .chain(weights.clone())
        .collect();
    let spec = Spec {
        formula: text.value,
        fields,
        arms,
        weights,
        robust: robust.map(|r| r.value),
        conf_level,
        type3: tests.is_some_and(|t| t.value),
        digits,
        labels: labels
            .into_iter()
            .map(|(k, v)| (k.value, v.value))
            .collect(),
        shown: scope.label.starts_with("tbl-"),
    };
    Some(Prepared {
        spec,
        inputs: vec![rows.input(columns)],
        upstream: Vec::new(),
    })
}

/// The formula, its mistakes reported where they stand (or at the text, where it has escapes).
fn parse(reader: &TableReader<'_>, text: &At<String>) -> Option<Formula> {
    match Formula::parse(text) {
        Ok(formula) if formula.random.is_empty() => Some(formula),
        Ok(formula) => {
            for random in &formula.random {
                let message = "`model` fits linear models, which have no random effects";
                let place = within(text, random.span.start..random.span.end);
                reader.report(Diagnostic::error("random-effects", message).at(place));
            }
            None
        }
        Err(errors) => {
            for error in errors {
                let place = within(text, error.span.start..error.span.end);
                let mut diagnostic = Diagnostic::error("formula", error.to_string()).at(place);
                if let Some(help) = error.help {
                    diagnostic = diagnostic.help(help);
                }
                reader.report(diagnostic);
            }
            None
        }
    }
}

/// A place inside a quoted text; the whole text where its characters are not written as they are.
fn within(text: &At<String>, range: std::ops::Range<usize>) -> crate::diagnostic::Span {
    let written = text.span.text();
    match written.find(&text.value) {
        Some(start) if !text.value.is_empty() => {
            text.span.within(start + range.start..start + range.end)
        }
        _ => text.span.clone(),
    }
}

fn fields(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    text: &At<String>,
    formula: &Formula,
) -> Option<Vec<Field>> {
    let fields: Vec<Option<Field>> = formula
        .columns()
        .into_iter()
        .map(|name| {
            let start = text.value.find(name).unwrap_or(0);
            let name = At {
                value: name.to_owned(),
                span: within(text, start..start + name.len()),
            };
            let field = scope.field(reader, rows, &name)?;
            if matches!(field.kind, Kind::Number | Kind::Category | Kind::Boolean) {
                return Some(field);
            }
            let message = format!("`{}` holds neither numbers nor categories", field.name);
            reader.report(Diagnostic::error("wrong-kind", message).at(name.span));
            None
        })
        .collect();
    fields.into_iter().collect()
}
