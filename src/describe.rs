//! `data describe`: a codebook with what the data show of every column: how many values there are and are missing, and
//! why; a summary; the shape of the distribution; within the levels of a category if that is asked for.
//!
//! A column is described by itself ([`describe`]), so that columns can be had one at a time. Of numbers and days, one
//! vector of f64 is made; quantiles are selected, not sorted for.
//!
//! | values | summary |
//! |---|---|
//! | numbers | mean, standard deviation (n − 1), quartiles and median (type 7 of Hyndman and Fan 1996), minimum, maximum |
//! | categories, Booleans | count of each level |
//! | days | first, median, last; the median is a day that is in the data (type 1: of an even count the earlier) |
//! | texts | how many different ones, how many that are there once, fewest and most characters; never a text itself, which may identify someone |
//!
//! The shape: 16 bins of equal width from minimum to maximum, the last including the maximum; for whole numbers and days
//! that span at most 16, one bin for each value. Within a column all groups have the same bins.

mod axis;
mod book;
mod groups;
mod json;
mod line;
mod numbers;
mod rules;
mod text;
mod texts;

pub use axis::{Axis, sparkline};
pub use book::{Book, Header, book};
pub use groups::Groups;
pub use json::json;
pub use line::{broken, cut};
pub use numbers::{DateSummary, NumberSummary};
pub use rules::{kind, rules};
pub use text::text;
pub use texts::TextSummary;

use crate::dataset::codebook::FieldRule;
use crate::dataset::{Column, ColumnData, Field};

/// What is known of a column, and what its values show.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// Name, kind, title, unit, levels, labels.
    pub field: Field,
    /// What the codebook says it is, at length.
    pub description: Option<String>,
    /// The type that the codebook declares, else the kind of its values, in words.
    pub kind: &'static str,
    /// What its values must satisfy, in words.
    pub rules: Vec<String>,
    /// The bins of its distribution, if its values are numbers or days.
    pub axis: Option<Axis>,
    /// All rows.
    pub all: Part,
    /// The rows of each group, in the order of the groups.
    pub groups: Vec<Part>,
}

/// What the values of some rows show.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// How many values there are.
    pub n: usize,
    /// How many are missing.
    pub missing: usize,
    /// How many are missing for each of the field's reasons, in their order; the others for none that is stated.
    pub reasons: Vec<usize>,
    /// The summary.
    pub values: Values,
    /// How many values are in each bin; empty for texts and categories.
    pub bins: Vec<usize>,
}

/// A summary of values.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Of numbers.
    Numbers(NumberSummary),
    /// Of categories and Booleans: the count of each of the field's levels.
    Levels(Vec<usize>),
    /// Of days; none if there is no day.
    Dates(Option<DateSummary>),
    /// Of texts.
    Texts(TextSummary),
}

/// Describes a column; `rule` is what the codebook says of it.
pub fn describe(column: &Column, rule: Option<&FieldRule>, groups: Option<&Groups>) -> Description {
    let summaries = match &column.data {
        ColumnData::Number(values) => numbers::numbers(values, column.field.decimals, groups),
        ColumnData::Date(values) => numbers::dates(values, groups),
        ColumnData::Category(codes) => {
            let codes = codes.iter().map(|c| c.map(|c| c as usize));
            levels(codes, column.field.levels.len(), groups)
        }
        ColumnData::Boolean(values) => {
            let codes = values.iter().map(|v| v.map(usize::from));
            levels(codes, column.field.levels.len().max(2), groups)
        }
        ColumnData::Text(values) => texts::texts(values, groups),
    };
    let missing = Missing::of(column, groups);
    let mut parts = summaries
        .parts
        .into_iter()
        .zip(missing.0)
        .map(|(s, m)| Part {
            n: m.rows - m.missing,
            missing: m.missing,
            reasons: m.reasons,
            values: s.0,
            bins: s.1,
        });
    // The first is of all rows, and always there.
    let all = parts.next().unwrap_or(Part {
        n: 0,
        missing: 0,
        reasons: Vec::new(),
        values: Values::Levels(Vec::new()),
        bins: Vec::new(),
    });
    Description {
        description: rule.and_then(|r| r.description.clone()),
        kind: kind(&column.field, rule),
        rules: rule.map(rules).unwrap_or_default(),
        axis: summaries.axis,
        all,
        groups: parts.collect(),
        field: column.field.clone(),
    }
}

/// The summaries and bins of all rows, then of each group.
struct Summaries {
    axis: Option<Axis>,
    parts: Vec<(Values, Vec<usize>)>,
}

fn levels(
    codes: impl Iterator<Item = Option<usize>>,
    levels: usize,
    groups: Option<&Groups>,
) -> Summaries {
    let mut counts = vec![vec![0; levels]; groups.map_or(1, |g| g.levels.len() + 1)];
    for (row, code) in codes.enumerate() {
        let Some(code) = code else { continue };
        let group = groups.and_then(|g| g.at(row)).map(|g| g + 1);
        for part in [Some(0), group].into_iter().flatten() {
            if let Some(count) = counts.get_mut(part).and_then(|c| c.get_mut(code)) {
                *count += 1;
            }
        }
    }
    let parts = counts.into_iter();
    Summaries {
        axis: None,
        parts: parts.map(|c| (Values::Levels(c), Vec::new())).collect(),
    }
}

/// Missing values of all rows, then of each group.
struct Missing(Vec<MissingPart>);

#[derive(Clone)]
struct MissingPart {
    rows: usize,
    missing: usize,
    reasons: Vec<usize>,
}

impl Missing {
    fn of(column: &Column, groups: Option<&Groups>) -> Self {
        let none = MissingPart {
            rows: 0,
            missing: 0,
            reasons: vec![0; column.field.missing.len()],
        };
        let mut parts = vec![none; groups.map_or(1, |g| g.levels.len() + 1)];
        let mut each = |row: usize, change: &dyn Fn(&mut MissingPart)| {
            let group = groups.and_then(|g| g.at(row)).map(|g| g + 1);
            for part in [Some(0), group].into_iter().flatten() {
                parts.get_mut(part).into_iter().for_each(change);
            }
        };
        for row in 0..column.data.len() {
            let missing = is_missing(&column.data, row);
            each(row, &|part| {
                part.rows += 1;
                part.missing += usize::from(missing);
            });
        }
        for (row, reason) in &column.reasons.0 {
            each(*row, &|part| {
                if let Some(count) = part.reasons.get_mut(*reason as usize) {
                    *count += 1;
                }
            });
        }
        Self(parts)
    }
}

fn is_missing(data: &ColumnData, row: usize) -> bool {
    match data {
        ColumnData::Number(v) => v.get(row).is_none_or(Option::is_none),
        ColumnData::Category(v) => v.get(row).is_none_or(Option::is_none),
        ColumnData::Text(v) => v.get(row).is_none_or(Option::is_none),
        ColumnData::Boolean(v) => v.get(row).is_none_or(Option::is_none),
        ColumnData::Date(v) => v.get(row).is_none_or(Option::is_none),
    }
}
