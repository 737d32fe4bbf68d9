//! From the fields of a table schema to those of a codebook.

use std::collections::BTreeSet;

use serde_json::Value;

use super::descriptor::{Constraints, Field, Listed, OneOrMore, TableSchema};
use crate::dataset::codebook::{Bound, DataType, Draft, DraftConstraints, DraftField, MissingCode};
use crate::dataset::date::DatePattern;
use crate::dataset::frame::Level;
use crate::dataset::raw::{Examples, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The codebook of a schema.
pub(super) fn draft(path: &str, schema: &TableSchema, found: &mut Diagnostics) -> Option<Draft> {
    let mut names = BTreeSet::new();
    let mut double = Examples::default();
    for field in schema.fields.iter().filter(|f| !names.insert(&f.name)) {
        double.add(|| shown(&field.name));
    }
    if !double.is_empty() {
        let message = format!("`{path}` has a field twice: {}", double.text());
        found.push(Diagnostic::error("bad-datapackage", message));
        return None;
    }
    if schema.foreign_keys.as_ref().is_some_and(|k| !k.is_null()) {
        let message = format!("`{path}` has foreign keys, which are not kept");
        found.push(Diagnostic::warning("not-kept", message));
    }
    let mut notes = Notes::default();
    let fields = schema.fields.iter().map(|f| notes.field(f)).collect();
    notes.report(path, found);
    let primary_key = match &schema.primary_key {
        None => Vec::new(),
        Some(OneOrMore::One(name)) => vec![name.clone()],
        Some(OneOrMore::More(names)) => names.clone(),
    };
    Some(Draft {
        comment: vec!["Taken over by trialbook from a Frictionless data package.".to_owned()],
        missing: codes(
            schema.missing_values.as_deref().unwrap_or_default(),
            &schema.missing_labels,
        ),
        primary_key,
        fields,
        ..Draft::default()
    })
}

/// What is not kept, to be said once.
#[derive(Default)]
struct Notes {
    types: Examples,
    rules: Examples,
}

impl Notes {
    fn report(&self, path: &str, found: &mut Diagnostics) {
        for (notes, what) in [
            (
                &self.types,
                "types that codebooks don't have, read as texts",
            ),
            (&self.rules, "rules that are not kept"),
        ] {
            if !notes.is_empty() {
                let message = format!("`{path}` has {what}: {}", notes.text());
                found.push(Diagnostic::warning("not-kept", message));
            }
        }
    }

    fn field(&mut self, field: &Field) -> DraftField {
        let (data_type, format) = self.data_type(field);
        let categories = levels(field.categories.as_deref().unwrap_or_default());
        let truth = |values: &[String]| match data_type {
            Some(DataType::Boolean) => values.to_vec(),
            _ => Vec::new(),
        };
        DraftField {
            name: field.name.clone(),
            data_type,
            format,
            title: field.title.clone(),
            description: field.description.clone(),
            unit: field.unit.clone(),
            labels: match categories.as_slice() {
                [] => levels(field.labels.as_deref().unwrap_or_default()),
                _ => Vec::new(),
            },
            categories,
            missing: field
                .missing_values
                .as_deref()
                .map(|m| codes(m, &field.missing_labels)),
            true_values: truth(&field.true_values),
            false_values: truth(&field.false_values),
            constraints: match &field.constraints {
                None => DraftConstraints::default(),
                Some(rules) => self.constraints(field, data_type, rules),
            },
        }
    }

    fn data_type(&mut self, field: &Field) -> (Option<DataType>, Option<String>) {
        let format = field.format.as_deref().filter(|f| *f != "default");
        let comma = field.decimal_char.as_deref().is_some_and(|c| c != ".");
        let grouped = field.group_char.is_some() || field.bare_number == Some(false);
        let mut text = |what: String| {
            self.types
                .add(|| format!("{} ({what})", shown(&field.name)));
            (Some(DataType::String), None)
        };
        match field.data_type.as_deref() {
            None | Some("any") => (None, None),
            Some("string") => (Some(DataType::String), None),
            Some("boolean") => (Some(DataType::Boolean), None),
            Some("integer" | "number") if comma || grouped => {
                text("a number with other signs than digits and a point".to_owned())
            }
            Some("integer" | "year") => (Some(DataType::Integer), None),
            Some("number") => (Some(DataType::Number), None),
            Some("date") => match format {
                None => (Some(DataType::Date), None),
                Some(pattern) if DatePattern::new(pattern).is_some() => {
                    (Some(DataType::Date), Some(pattern.to_owned()))
                }
                Some(other) => text(format!("a date of the format {}", shown(other))),
            },
            Some(other) => text(shown(other)),
        }
    }

    fn constraints(
        &mut self,
        field: &Field,
        data_type: Option<DataType>,
        rules: &Constraints,
    ) -> DraftConstraints {
        let mut lost = |key: &str| {
            let name = shown(&field.name);
            self.rules.add(|| format!("{key} of {name}"));
        };
        for (key, rule) in [
            ("minLength", &rules.min_length),
            ("maxLength", &rules.max_length),
            ("exclusiveMinimum", &rules.exclusive_minimum),
            ("exclusiveMaximum", &rules.exclusive_maximum),
            ("jsonSchema", &rules.json_schema),
        ] {
            if rule.is_some() {
                lost(key);
            }
        }
        let mut bound = |key: &str, value: &Option<Value>| {
            let found = bound(data_type, field.format.as_deref(), value.as_ref()?);
            if found.is_none() {
                lost(key);
            }
            found
        };
        let minimum = bound("minimum", &rules.minimum);
        let maximum = bound("maximum", &rules.maximum);
        let fits = |p: &&String| data_type == Some(DataType::String) && !p.is_empty();
        let pattern = rules.pattern.as_ref().filter(fits).cloned();
        if pattern.is_none() && rules.pattern.is_some() {
            lost("pattern");
        }
        DraftConstraints {
            required: rules.required,
            unique: rules.unique,
            minimum,
            maximum,
            members: rules.members.iter().filter_map(text).collect(),
            pattern,
        }
    }
}

/// A bound; a day is written as the data write it, or as ISO.
fn bound(data_type: Option<DataType>, format: Option<&str>, value: &Value) -> Option<Bound> {
    match data_type? {
        DataType::Integer | DataType::Number => {
            let number = value
                .as_f64()
                .or_else(|| value.as_str()?.trim().parse().ok());
            number.filter(|n| n.is_finite()).map(Bound::Number)
        }
        DataType::Date => {
            let text = value.as_str()?;
            let own = format.and_then(DatePattern::new);
            let day = own.and_then(|own| own.parse(text));
            let day = day.or_else(|| DatePattern::default().parse(text))?;
            Some(Bound::Day(crate::dataset::date::iso(day)))
        }
        DataType::String | DataType::Boolean => None,
    }
}

/// A value as it stands in data.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Values with their labels; one that is there twice counts once.
fn levels(listed: &[Listed]) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for (value, label) in listed.iter().filter_map(parts) {
        if levels.iter().all(|l| l.value != value) {
            let label = label.unwrap_or_else(|| value.clone());
            levels.push(Level { value, label });
        }
    }
    levels
}

/// Missing values but the empty cell, which always is one, with the labels that stand beside them.
fn codes(listed: &[Listed], labels: &[Listed]) -> Vec<MissingCode> {
    let labels = levels(labels);
    let named = |value: &str| labels.iter().find(|l| l.value == value);
    let mut codes: Vec<MissingCode> = Vec::new();
    for (value, label) in listed.iter().filter_map(parts) {
        if !value.is_empty() && codes.iter().all(|c| c.value != value) {
            let label = label.or_else(|| named(&value).map(|l| l.label.clone()));
            codes.push(MissingCode { value, label });
        }
    }
    codes
}

fn parts(listed: &Listed) -> Option<(String, Option<String>)> {
    match listed {
        Listed::Labelled { value, label } => Some((text(value)?, label.clone())),
        Listed::Plain(value) => Some((text(value)?, None)),
    }
}
