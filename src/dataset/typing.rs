//! From columns as a file has them to typed columns: by the codebook, by the labels that the file has itself, else by
//! what all values of a column look like.
//!
//! Values come in pieces. A [`Survey`] looks at all of them and makes the [`Recipe`] of a column, unless the codebook
//! says it all; a [`Loading`] then makes values by the recipe, as often as they are needed.

mod codes;
mod levels;
mod load;
mod number;
mod survey;

use crate::diagnostic::Span;

use super::codebook::FieldRule;
use super::date::DatePattern;
use super::frame::{ColumnData, Field, Kind, Level};
use super::raw::shown;
use codes::Codes;
use levels::Levels;

pub(super) use load::Loading;
pub(super) use survey::{Begun, Survey, begin};

/// Whole numbers beyond this can't all be held exactly.
pub(super) const MOST_WHOLE: u128 = 1 << 53;

/// The most levels of a category that no codebook lists.
pub(super) const MOST_LEVELS: usize = 50;

/// How the cells of a column become values.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    /// What the column is.
    pub field: Field,
    /// Whether the levels are numbers, which SQL then sees.
    pub numeric_levels: bool,
    target: Target,
    codes: Codes,
    words: Words,
    /// Where the codebook gives its type.
    type_span: Option<Span>,
    /// Where the codebook lists its levels.
    levels_span: Option<Span>,
}

/// What values become.
#[derive(Debug, Clone)]
enum Target {
    Number { whole: bool },
    Category(Levels),
    Text,
    Boolean,
    Date,
}

/// How truth and days are written.
#[derive(Debug, Clone)]
struct Words {
    trues: Vec<String>,
    falses: Vec<String>,
    date: DatePattern,
}

impl Words {
    fn new(rule: Option<&FieldRule>) -> Self {
        let texts = |texts: [&str; 3]| texts.map(str::to_owned).to_vec();
        Self {
            trues: rule.map_or_else(
                || texts(["true", "True", "TRUE"]),
                |r| r.true_values.clone(),
            ),
            falses: rule.map_or_else(
                || texts(["false", "False", "FALSE"]),
                |r| r.false_values.clone(),
            ),
            date: rule.map_or_else(DatePattern::default, |r| r.date.clone()),
        }
    }
}

impl Target {
    fn kind(&self) -> Kind {
        match self {
            Self::Number { .. } => Kind::Number,
            Self::Category(_) => Kind::Category,
            Self::Text => Kind::Text,
            Self::Boolean => Kind::Boolean,
            Self::Date => Kind::Date,
        }
    }
}

/// The kind of some values.
pub(super) fn kind(data: &ColumnData) -> Kind {
    match data {
        ColumnData::Number(_) => Kind::Number,
        ColumnData::Category(_) => Kind::Category,
        ColumnData::Text(_) => Kind::Text,
        ColumnData::Boolean(_) => Kind::Boolean,
        ColumnData::Date(_) => Kind::Date,
    }
}

/// A level whose label is its value.
pub(super) fn plain_level(value: &str) -> Level {
    Level {
        value: value.to_owned(),
        label: value.to_owned(),
    }
}

/// The levels of every Boolean column.
pub(super) fn boolean_levels() -> Vec<Level> {
    ["false", "true"].map(plain_level).to_vec()
}

/// "row 3: `abc`", rows counted from 1.
pub(super) fn example(row: usize, value: &str) -> String {
    format!("row {}: {}", row + 1, shown(value))
}

/// Computed texts as a category with sorted levels if there are at most [`MOST_LEVELS`] of them, as texts otherwise.
pub(super) fn category_or_text(cells: Vec<Option<String>>) -> (ColumnData, Vec<Level>) {
    let mut values: Vec<&String> = cells.iter().flatten().collect();
    values.sort_unstable();
    values.dedup();
    if values.is_empty() || values.len() > MOST_LEVELS {
        return (ColumnData::Text(cells), Vec::new());
    }
    let index = |cell: &String| {
        let found = values.binary_search(&cell).ok()?;
        u32::try_from(found).ok()
    };
    let data = cells.iter().map(|c| c.as_ref().and_then(index)).collect();
    let levels = values.iter().map(|v| plain_level(v)).collect();
    (ColumnData::Category(data), levels)
}
