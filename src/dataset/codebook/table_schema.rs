//! A codebook as others read it: Frictionless Table Schema (<https://datapackage.org/standard/table-schema/>).

use serde::Serialize;

use super::{Codebook, Constraints, DataType, FieldRule, MissingCode};
use crate::dataset::date::DatePattern;
use crate::dataset::{Field, Format, Kind, Level, Schema};

/// What the columns of a table mean, to be serialised as Frictionless Table Schema; `unit` is an addition.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableSchema {
    /// The columns in the order of the data.
    pub fields: Vec<SchemaField>,
    /// The texts that mean a missing value.
    pub missing_values: Vec<String>,
    /// What those of them mean that say why a value is missing; an addition, as version 1 of the standard has no place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_labels: Vec<Level>,
    /// The columns whose values together are different in every row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub primary_key: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaField {
    name: String,
    #[serde(rename = "type")]
    data_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<Level>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_values: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_labels: Vec<Level>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    true_values: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    false_values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<SchemaConstraints>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct SchemaConstraints {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unique: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<Bound>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<Bound>,
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    members: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
enum Bound {
    Whole(i64),
    Number(f64),
    Day(String),
}

impl TableSchema {
    /// The schema of columns as their codebook describes them; of columns that it leaves out, what their values show.
    pub fn of(schema: &Schema, codebook: Option<&Codebook>, format: Option<Format>) -> Self {
        let fields = schema
            .fields
            .iter()
            .map(|field| match codebook.and_then(|c| c.field(&field.name)) {
                Some(rule) => described(rule, field),
                None => seen(field),
            })
            .collect();
        let missing = match codebook {
            Some(codebook) => texts(codebook.missing.as_deref().unwrap_or_default()),
            None => {
                with_empty(std::iter::once("NA").filter(|_| !format.is_some_and(Format::has_types)))
            }
        };
        Self {
            fields,
            missing_values: missing,
            missing_labels: codebook
                .and_then(|c| c.missing.as_deref())
                .map(reasons)
                .unwrap_or_default(),
            primary_key: codebook
                .iter()
                .flat_map(|c| &c.primary_key)
                .map(|k| k.value.clone())
                .collect(),
        }
    }
}

/// The codes that say why a value is missing.
fn reasons(codes: &[MissingCode]) -> Vec<Level> {
    let level = |code: &MissingCode| {
        let label = code.label.clone()?;
        let value = code.value.clone();
        Some(Level { value, label })
    };
    codes.iter().filter_map(level).collect()
}

/// The empty cell, and the values of some codes.
fn texts(codes: &[MissingCode]) -> Vec<String> {
    with_empty(codes.iter().map(|c| c.value.as_str()))
}

fn with_empty<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let empty = std::iter::once("");
    empty
        .chain(values.filter(|v| !v.is_empty()))
        .map(str::to_owned)
        .collect()
}

fn described(rule: &FieldRule, field: &Field) -> SchemaField {
    let data_type = rule.data_type.as_ref().map(|t| t.value);
    let truth = |values: &[String]| match data_type {
        Some(DataType::Boolean) => values.to_vec(),
        _ => Vec::new(),
    };
    let format = (data_type == Some(DataType::Date) && rule.date != DatePattern::default())
        .then(|| rule.date.as_str().to_owned());
    SchemaField {
        name: rule.name.value.clone(),
        data_type: data_type.map_or_else(|| type_of(field.kind), DataType::name),
        format,
        title: rule.title.clone(),
        description: rule.description.clone(),
        unit: rule.unit.clone(),
        categories: rule
            .categories
            .iter()
            .flat_map(|c| c.value.clone())
            .collect(),
        labels: rule.labels.clone(),
        missing_values: rule.missing.as_deref().map(texts),
        missing_labels: rule.missing.as_deref().map(reasons).unwrap_or_default(),
        true_values: truth(&rule.true_values),
        false_values: truth(&rule.false_values),
        constraints: constraints(&rule.constraints, data_type, &rule.date),
    }
}

fn seen(field: &Field) -> SchemaField {
    let labelled = field.levels.iter().any(|l| l.label != l.value);
    let missing = field.missing.iter().map(|l| l.value.as_str());
    SchemaField {
        name: field.name.clone(),
        data_type: type_of(field.kind),
        format: None,
        title: (field.title != field.name).then(|| field.title.clone()),
        description: None,
        unit: field.unit.clone(),
        categories: if labelled && field.kind == Kind::Category {
            field.levels.clone()
        } else {
            Vec::new()
        },
        labels: field.labels.clone(),
        missing_values: (!field.missing.is_empty()).then(|| with_empty(missing)),
        missing_labels: field.missing.clone(),
        true_values: Vec::new(),
        false_values: Vec::new(),
        constraints: None,
    }
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Category | Kind::Text => "string",
        Kind::Boolean => "boolean",
        Kind::Date => "date",
    }
}

fn constraints(
    rule: &Constraints,
    data_type: Option<DataType>,
    date: &DatePattern,
) -> Option<SchemaConstraints> {
    let bound = |value: f64| match data_type {
        // As the data write them. Days are whole numbers far below 2^31.
        #[allow(clippy::cast_possible_truncation)]
        Some(DataType::Date) => Bound::Day(date.write(value as i32)),
        #[allow(clippy::cast_possible_truncation)]
        _ if value.fract() == 0.0 && value.abs() < 9e15 => Bound::Whole(value as i64),
        _ => Bound::Number(value),
    };
    let schema = SchemaConstraints {
        required: rule.required.is_some(),
        unique: rule.unique.is_some(),
        minimum: rule.minimum.as_ref().map(|m| bound(m.value)),
        maximum: rule.maximum.as_ref().map(|m| bound(m.value)),
        members: rule.members.as_ref().map(|m| m.value.clone()),
        pattern: rule.pattern.as_ref().map(|p| p.value.clone()),
    };
    let says_something = schema.required
        || schema.unique
        || schema.minimum.is_some()
        || schema.maximum.is_some()
        || schema.members.is_some()
        || schema.pattern.is_some();
    says_something.then_some(schema)
}
