//! Codebooks: what the columns of a dataset mean and what their values may be.
//!
//! TOML with the names of [Frictionless Table Schema](https://datapackage.org/standard/table-schema/), and `unit`:
//!
//! ```toml
//! title = "Beat the Blues"
//! missingValues = ["NA"]          # besides the empty cell; without a codebook NA, where the file has no types
//! primaryKey = "participant"      # or a list of columns
//!
//! [dialect]
//! delimiter = ";"                 # of CSV and TSV, as `encoding`: "utf-8" (the default), "utf-16", "iso-8859-1" (or
//! encoding = "windows-1252"       # "latin-1"), "windows-1252"
//! sheet = "Data"                  # of an Excel workbook; may be left out if only one has data
//!
//! [[fields]]
//! name = "bdi.pre"
//! type = "integer"                # string, integer, number, boolean, date
//! title = "BDI-II at baseline"
//! description = "Beck Depression Inventory II before treatment."
//! unit = "mo"
//! constraints = { required = true, unique = false, minimum = 0, maximum = 63 }
//!
//! [[fields]]
//! name = "treatment"
//! type = "string"
//! categories = [{ value = "TAU", label = "Treatment as usual" }, "BtheB"]
//! ```
//!
//! - `categories` (or, for a string, `constraints.enum`) make a column a category whose levels stand in that order. A
//!   string column without them is a category if it looks like one (see [`Kind`](super::Kind)).
//! - `labels` of a number name single values, such as the ends of a scale: `[{ value = 0, label = "not at all" }]`.
//! - `missingValues` of a field replace those of the whole. An element may say why the value is missing:
//!   `{ value = "99", label = "Refused" }`. They are compared with the cell without white space around
//!   it, with numbers as numbers; `NaN` and `Inf` may be among them.
//! - `format` of a date: `%Y-%m-%d` (the default) or another order of the three, such as `%d/%m/%Y`.
//! - `trueValues` and `falseValues` of a Boolean are by default those of Frictionless (true, True, TRUE, 1, …).
//! - Further constraints: `enum`, `pattern` (a regular expression that the whole text must match).

mod dialect;
mod draft;
mod frictionless;
mod parse;
mod redcap;
mod table_resource;
mod table_schema;
mod values;

use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Source, Span};
use crate::reader::At;

use super::date::DatePattern;
use super::frame::Level;
pub use dialect::{Dialect, Encoding};
pub use draft::{Bound, Draft, DraftConstraints, DraftField};
pub use frictionless::{Described, Wanted};
pub use redcap::Redcap;
pub use table_resource::TableResource;
pub use table_schema::{SchemaField, TableSchema};

/// What is known about a dataset's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Codebook {
    /// The text it was read from.
    pub source: Arc<Source>,
    /// The dataset's title.
    pub title: Option<String>,
    /// More about the dataset.
    pub description: Option<String>,
    /// The columns whose values together are different in every row; may be empty.
    pub primary_key: Vec<At<String>>,
    /// The columns.
    pub fields: Vec<FieldRule>,
    pub(super) missing: Option<Vec<MissingCode>>,
    dialect: Dialect,
}

impl Codebook {
    /// Reads a codebook's text; what is wrong is reported and left out.
    pub fn parse(source: &Arc<Source>) -> (Self, Diagnostics) {
        parse::codebook(source)
    }

    /// How the file must be read.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The rule of the column of that name.
    pub fn field(&self, name: &str) -> Option<&FieldRule> {
        self.fields.iter().find(|f| f.name.value == name)
    }
}

/// A value that means that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingCode {
    /// The value as in the data.
    pub value: String,
    /// Why it is missing, such as `Refused`.
    pub label: Option<String>,
}

/// The types that a codebook can declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataType {
    /// Texts.
    String,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Truth values.
    Boolean,
    /// Days.
    Date,
}

impl DataType {
    /// Its name in codebooks.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }
}

/// What is known about a column.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldRule {
    /// Its name in the data.
    pub name: At<String>,
    /// Its type.
    pub data_type: Option<At<DataType>>,
    /// Its title.
    pub title: Option<String>,
    /// What it is, at length.
    pub description: Option<String>,
    /// Its unit, UCUM where there is one.
    pub unit: Option<String>,
    /// Its levels in order.
    pub categories: Option<At<Vec<Level>>>,
    /// Labels of single values of a column without categories.
    pub labels: Vec<Level>,
    /// What its values must satisfy.
    pub constraints: Constraints,
    pub(super) missing: Option<Vec<MissingCode>>,
    pub(super) date: DatePattern,
    pub(super) true_values: Vec<String>,
    pub(super) false_values: Vec<String>,
}

/// What the values of a column must satisfy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Constraints {
    /// No value is missing; the place that says so.
    pub required: Option<Span>,
    /// No value is there twice; the place that says so.
    pub unique: Option<Span>,
    /// The smallest allowed value: a number, or days since 1970-01-01.
    pub minimum: Option<At<f64>>,
    /// The largest allowed value: a number, or days since 1970-01-01.
    pub maximum: Option<At<f64>>,
    /// The allowed values, as texts.
    pub members: Option<At<Vec<String>>>,
    /// A regular expression that the whole text must match.
    pub pattern: Option<At<String>>,
}
