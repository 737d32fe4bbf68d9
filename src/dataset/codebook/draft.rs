//! Drafts of codebooks: what data, a REDCap dictionary or a data package say of columns, written as a codebook's text.

mod seen;
mod write;

use super::{DataType, Dialect, MissingCode};
use crate::dataset::frame::Level;

/// A codebook before it is written: what is known of the columns, without places in a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Lines for whoever reads the text first.
    pub comment: Vec<String>,
    /// The dataset's title.
    pub title: Option<String>,
    /// More about the dataset.
    pub description: Option<String>,
    /// What means a missing value in every column.
    pub missing: Vec<MissingCode>,
    /// The columns whose values together are different in every row.
    pub primary_key: Vec<String>,
    /// How the file must be read.
    pub dialect: Dialect,
    /// The columns in order.
    pub fields: Vec<DraftField>,
}

/// A column of a draft.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DraftField {
    /// Its name in the data.
    pub name: String,
    /// Its type; none where nothing tells it.
    pub data_type: Option<DataType>,
    /// How its days are written, if not `%Y-%m-%d`.
    pub format: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// What it is, at length.
    pub description: Option<String>,
    /// Its unit.
    pub unit: Option<String>,
    /// All its values with their labels.
    pub categories: Vec<Level>,
    /// Labels of single values of a column without categories.
    pub labels: Vec<Level>,
    /// What means a missing value in this column, if that is its own.
    pub missing: Option<Vec<MissingCode>>,
    /// What is written for true, if not the default.
    pub true_values: Vec<String>,
    /// What is written for false, if not the default.
    pub false_values: Vec<String>,
    /// What its values must satisfy.
    pub constraints: DraftConstraints,
}

/// What the values of a column must satisfy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DraftConstraints {
    /// No value is missing.
    pub required: bool,
    /// No value is there twice.
    pub unique: bool,
    /// The smallest allowed value: a number, or a day as `YYYY-MM-DD`.
    pub minimum: Option<Bound>,
    /// The largest allowed value.
    pub maximum: Option<Bound>,
    /// The allowed values.
    pub members: Vec<String>,
    /// A regular expression that the whole text must match.
    pub pattern: Option<String>,
}

/// A smallest or largest value.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// A day, `YYYY-MM-DD`.
    Day(String),
}

impl Draft {
    /// The column of that name.
    pub fn field(&self, name: &str) -> Option<&DraftField> {
        self.fields.iter().find(|f| f.name == name)
    }
}
