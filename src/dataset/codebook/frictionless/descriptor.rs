//! The parts of a `datapackage.json` that are read. A key that is there twice is an error; unknown ones are left alone.

use serde::Deserialize;
use serde_json::Value;

/// A data package.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub title: Option<String>,
    pub description: Option<String>,
    pub homepage: Option<String>,
    #[serde(default)]
    pub licenses: Vec<License>,
    #[serde(default)]
    pub sources: Vec<Source>,
    pub resources: Vec<Resource>,
}

/// A licence.
#[derive(Debug, Deserialize)]
pub(super) struct License {
    pub name: Option<String>,
    pub path: Option<String>,
}

/// Where data come from.
#[derive(Debug, Deserialize)]
pub(super) struct Source {
    pub path: Option<String>,
}

/// A file.
#[derive(Debug, Deserialize)]
pub(super) struct Resource {
    path: Option<OneOrMore>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub homepage: Option<String>,
    pub encoding: Option<String>,
    pub bytes: Option<u64>,
    pub hash: Option<String>,
    #[serde(default)]
    pub licenses: Vec<License>,
    #[serde(default)]
    pub sources: Vec<Source>,
    pub dialect: Option<Dialect>,
    pub schema: Option<Schema>,
}

impl Resource {
    /// Its paths, mostly one.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let paths = match &self.path {
            None => &[][..],
            Some(OneOrMore::One(path)) => std::slice::from_ref(path),
            Some(OneOrMore::More(paths)) => paths,
        };
        paths.iter().map(String::as_str)
    }
}

/// A text or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// How a table is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dialect {
    pub delimiter: Option<String>,
    pub quote_char: Option<String>,
    pub header: Option<bool>,
    pub sheet_name: Option<String>,
    /// Where frictionless-py has them.
    pub csv: Option<Csv>,
}

/// The part of a dialect that is of CSV.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Csv {
    pub delimiter: Option<String>,
    pub quote_char: Option<String>,
}

/// A schema, or where it is.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Schema {
    Elsewhere(String),
    Here(TableSchema),
}

/// A table schema.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TableSchema {
    pub fields: Vec<Field>,
    pub missing_values: Option<Vec<Listed>>,
    /// An addition of ours.
    #[serde(default)]
    pub missing_labels: Vec<Listed>,
    pub primary_key: Option<OneOrMore>,
    pub foreign_keys: Option<Value>,
}

/// A column.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub data_type: Option<String>,
    pub format: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub unit: Option<String>,
    pub categories: Option<Vec<Listed>>,
    /// An addition of ours.
    pub labels: Option<Vec<Listed>>,
    pub missing_values: Option<Vec<Listed>>,
    /// An addition of ours.
    #[serde(default)]
    pub missing_labels: Vec<Listed>,
    #[serde(default)]
    pub true_values: Vec<String>,
    #[serde(default)]
    pub false_values: Vec<String>,
    pub decimal_char: Option<String>,
    pub group_char: Option<String>,
    pub bare_number: Option<bool>,
    pub constraints: Option<Constraints>,
}

/// A value, perhaps with a label.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Listed {
    Labelled { value: Value, label: Option<String> },
    Plain(Value),
}

/// What values must satisfy.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Constraints {
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub unique: bool,
    pub minimum: Option<Value>,
    pub maximum: Option<Value>,
    #[serde(rename = "enum", default)]
    pub members: Vec<Value>,
    pub pattern: Option<String>,
    pub min_length: Option<Value>,
    pub max_length: Option<Value>,
    pub exclusive_minimum: Option<Value>,
    pub exclusive_maximum: Option<Value>,
    pub json_schema: Option<Value>,
}
