//! Typed columns with the rows they came from: what analyses see of a dataset.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Name and version of a dataset, written `name@version`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DatasetId {
    /// The name in the manifest.
    pub name: String,
    /// The version in the manifest.
    pub version: String,
}

impl fmt::Display for DatasetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// What kind of values a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Whole or decimal numbers.
    Number,
    /// One of a fixed, ordered list of levels. Texts whose codebook lists no levels are a category if there are at
    /// most 50 different ones and one of them is there twice; their levels are sorted by their bytes.
    Category,
    /// Free text, identifiers: all other texts.
    Text,
    /// True or false.
    Boolean,
    /// Days.
    Date,
}

/// A column's description, known without its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The name in the data.
    pub name: String,
    /// What kind of values it has.
    pub kind: Kind,
    /// The codebook's title, such as `Age`; the name where there is none.
    pub title: String,
    /// The codebook's unit, such as `y`.
    pub unit: Option<String>,
    /// The levels of a category as in the data with their labels, in the codebook's order (else sorted); for a Boolean
    /// `false`, `true`. Empty for other kinds.
    pub levels: Vec<Level>,
    /// The most decimals that a value of a numeric column has in the data (at most 6). None for other kinds, and for
    /// computed numbers that six decimals don't hold, such as thirds.
    pub decimals: Option<u8>,
    /// Labels of single values of a column that is no category, such as the ends of a scale.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Level>,
    /// The codes that mean a missing value and say why, with their labels: `99` refused, `.a` not applicable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Level>,
}

/// A level of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The value as in the data.
    pub value: String,
    /// What is printed for it.
    pub label: String,
}

/// The columns of a dataset, or of a population with its derived columns, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The columns.
    pub fields: Vec<Field>,
}

impl Schema {
    /// The column of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|f| f.name.as_str())
    }
}

/// The values of a column; `None` is a missing value. Numbers are finite.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// Numbers.
    Number(Vec<Option<f64>>),
    /// Indices into the field's levels.
    Category(Vec<Option<u32>>),
    /// Texts.
    Text(Vec<Option<String>>),
    /// Truth values.
    Boolean(Vec<Option<bool>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
}

impl ColumnData {
    /// How many values there are, missing ones included.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(v) => v.len(),
            Self::Category(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Boolean(v) => v.len(),
            Self::Date(v) => v.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A column with its description.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What it is.
    pub field: Field,
    /// Its values, one for each row of the frame.
    pub data: ColumnData,
    /// Why values are missing, where the data say so.
    pub reasons: Reasons,
}

/// Why values of a column are missing: positions in its data, ascending, each with an index into the field's `missing`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons(pub Vec<(usize, u32)>);

impl Reasons {
    /// The index into the field's `missing` of the value at that position, if it is missing for a stated reason.
    pub fn at(&self, position: usize) -> Option<u32> {
        let found = self.0.binary_search_by_key(&position, |(p, _)| *p).ok()?;
        self.0.get(found).map(|(_, reason)| *reason)
    }

    /// Those of the rows at the given positions, which must ascend, renumbered.
    #[must_use]
    pub fn pick(&self, rows: &[usize]) -> Self {
        if self.0.is_empty() {
            return Self::default();
        }
        let found = rows.iter().enumerate();
        Self(
            found
                .filter_map(|(i, row)| Some((i, self.at(*row)?)))
                .collect(),
        )
    }
}

/// Rows of a dataset as typed columns: the whole of it or a population, with derived columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Which dataset the rows are of.
    pub dataset: DatasetId,
    /// The number of each row in the dataset, from 1 (not counting a header line), ascending.
    pub rows: Vec<u64>,
    /// The columns, each as long as `rows`.
    pub columns: Vec<Column>,
}

impl Frame {
    /// How many rows there are.
    pub fn height(&self) -> usize {
        self.rows.len()
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.field.name == name)
    }
}
