//! A draft of what a dataset shows: types, labels and missing values; no range and no rule that only happens to hold.

use std::collections::BTreeSet;

use super::{Draft, DraftField};
use crate::dataset::codebook::{DataType, MissingCode};
use crate::dataset::frame::{ColumnData, Field, Kind, Level};
use crate::dataset::{Column, Dataset, Format};

/// Texts are drafted as categories if there are at most so many,
const MOST_CATEGORIES: usize = 20;
/// each at least so often on average,
const REPEATS: usize = 2;
/// and none is longer.
const LONGEST: usize = 60;

/// Names of columns that tell who a row is of.
const IDENTIFIERS: [&str; 12] = [
    "id",
    "participant",
    "subject",
    "patient",
    "person",
    "case",
    "pid",
    "sid",
    "usubjid",
    "subjid",
    "record",
    "record_id",
];
/// Names of columns that tell which of a person's rows it is.
const OCCASIONS: [&str; 14] = [
    "visit",
    "time",
    "timepoint",
    "week",
    "month",
    "day",
    "wave",
    "event",
    "occasion",
    "session",
    "period",
    "visitnum",
    "avisit",
    "avisitn",
];

impl Draft {
    /// What the columns of a dataset show. The codebook that it was opened with, if any, gives what only it knows.
    pub fn of(dataset: &Dataset) -> Self {
        let mut draft = Self {
            missing: Self::usual_missing(dataset.format()),
            ..Self::default()
        };
        if let Some(codebook) = dataset.codebook() {
            draft.title.clone_from(&codebook.title);
            draft.description.clone_from(&codebook.description);
            draft.dialect = codebook.dialect().clone();
            if let Some(missing) = &codebook.missing {
                draft.missing.clone_from(missing);
            }
        }
        draft.fields = dataset
            .schema()
            .fields
            .iter()
            .map(|field| seen(field, column(dataset, &field.name).as_ref()))
            .collect();
        draft.key(dataset);
        draft
    }

    /// What means a missing value in a file of that format where nothing is known: `NA` where people write it into
    /// cells.
    pub fn usual_missing(format: Format) -> Vec<MissingCode> {
        if format.has_types() {
            return Vec::new();
        }
        let value = "NA".to_owned();
        vec![MissingCode { value, label: None }]
    }

    /// The obvious key: a column that tells who, alone or with one that tells when.
    fn key(&mut self, dataset: &Dataset) {
        let named = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|n| plain(n)).collect();
            let fields = dataset.schema().fields.iter();
            fields
                .map(|f| f.name.clone())
                .find(|name| names.contains(&plain(name)))
        };
        let Some(who) = named(&IDENTIFIERS) else {
            return;
        };
        let values = |name: &str| column(dataset, name).and_then(|c| complete(&c));
        let Some(persons) = values(&who) else { return };
        if all_different(persons.iter()) {
            if let Some(field) = self.fields.iter_mut().find(|f| f.name == who) {
                field.constraints.required = true;
                field.constraints.unique = true;
            }
            self.primary_key = vec![who];
            return;
        }
        let Some(when) = named(&OCCASIONS) else {
            return;
        };
        if values(&when).is_some_and(|times| all_different(persons.iter().zip(&times))) {
            let both = [who, when];
            for field in self.fields.iter_mut().filter(|f| both.contains(&f.name)) {
                field.constraints.required = true;
            }
            self.primary_key = both.into();
        }
    }
}

/// A name without case, points, hyphens and underscores.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn column(dataset: &Dataset, name: &str) -> Option<Column> {
    let frame = dataset.frame(None, &[], &[name.to_owned()]).ok()?;
    frame.columns.into_iter().next()
}

fn seen(field: &Field, column: Option<&Column>) -> DraftField {
    let levels = usable(field, column);
    let (categories, labels) = match field.kind {
        Kind::Category => (levels, Vec::new()),
        _ => (Vec::new(), field.labels.clone()),
    };
    DraftField {
        name: field.name.clone(),
        data_type: data_type(field, column),
        title: (field.title != field.name).then(|| field.title.clone()),
        unit: field.unit.clone(),
        categories,
        labels,
        missing: missing(field),
        ..DraftField::default()
    }
}

fn data_type(field: &Field, column: Option<&Column>) -> Option<DataType> {
    // A column without values tells nothing of its type.
    let empty = column.is_some_and(|c| match &c.data {
        ColumnData::Number(v) => v.iter().all(Option::is_none),
        ColumnData::Text(v) => v.iter().all(Option::is_none),
        _ => false,
    });
    if empty && field.levels.is_empty() && field.labels.is_empty() {
        return None;
    }
    Some(match field.kind {
        Kind::Number if field.decimals == Some(0) => DataType::Integer,
        Kind::Number => DataType::Number,
        Kind::Boolean => DataType::Boolean,
        Kind::Date => DataType::Date,
        Kind::Category if coded(&field.levels) => DataType::Integer,
        Kind::Text | Kind::Category => DataType::String,
    })
}

/// Whether the levels are whole numbers that stand for labels.
fn coded(levels: &[Level]) -> bool {
    let whole = |level: &Level| {
        level
            .value
            .parse::<i32>()
            .is_ok_and(|v| v.to_string() == level.value)
    };
    levels.iter().all(whole) && levels.iter().any(|l| l.label != l.value)
}

/// The levels, if they are labelled, or look like a list that was meant as such.
fn usable(field: &Field, column: Option<&Column>) -> Vec<Level> {
    let levels = &field.levels;
    let labelled = levels.iter().any(|l| l.label != l.value);
    let present = column.map_or(0, |c| match &c.data {
        ColumnData::Category(v) => v.iter().flatten().count(),
        _ => 0,
    });
    let sound = |l: &Level| {
        let trimmed = l.value.trim() == l.value;
        trimmed && l.value.chars().count() <= LONGEST && !l.value.contains(char::is_control)
    };
    let listed = levels.len() <= MOST_CATEGORIES
        && present >= REPEATS * levels.len()
        && levels.iter().all(sound);
    if labelled || listed {
        levels.clone()
    } else {
        Vec::new()
    }
}

fn missing(field: &Field) -> Option<Vec<MissingCode>> {
    let code = |level: &Level| MissingCode {
        value: level.value.clone(),
        label: (level.label != level.value).then(|| level.label.clone()),
    };
    let codes: Vec<_> = field.missing.iter().map(code).collect();
    (!codes.is_empty()).then_some(codes)
}

/// The values as texts that differ if they do; none if one is missing.
fn complete(column: &Column) -> Option<Vec<String>> {
    match &column.data {
        ColumnData::Number(v) => v.iter().map(|v| v.map(|v| v.to_string())).collect(),
        ColumnData::Category(v) => v.iter().map(|v| v.map(|v| v.to_string())).collect(),
        ColumnData::Text(v) => v.iter().cloned().collect(),
        ColumnData::Boolean(v) => v.iter().map(|v| v.map(|v| v.to_string())).collect(),
        ColumnData::Date(v) => v.iter().map(|v| v.map(|v| v.to_string())).collect(),
    }
}

fn all_different<T: Ord>(values: impl Iterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    let mut values = values;
    values.all(|v| seen.insert(v))
}
