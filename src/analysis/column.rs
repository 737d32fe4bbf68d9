//! A frame's columns as the values that statistics are made of.

use super::{Finding, Inputs, LeftOut, RowSet, RowUse};
use crate::dataset::{Column, ColumnData, Frame, Level};
use crate::statistic::StatId;

/// The rows of the i-th input.
pub(super) fn frame<'a>(inputs: &'a Inputs<'_>, i: usize) -> Result<&'a Frame, Finding> {
    inputs.frame(i).ok_or_else(|| {
        Finding::error(
            "internal",
            format!("the step was not given its rows (input {i})"),
        )
    })
}

/// The rows of the first input, which must be some.
pub(super) fn some_rows<'a>(inputs: &'a Inputs<'_>) -> Result<&'a Frame, Finding> {
    let found = frame(inputs, 0)?;
    if found.height() > 0 {
        return Ok(found);
    }
    let message = match inputs.population {
        Some(name) => format!("the population `{name}` of `{}` has no rows", found.dataset),
        None => format!("`{}` has no rows", found.dataset),
    };
    let finding = Finding::error("empty-population", message);
    Err(match inputs.population {
        Some(_) => finding
            .at(["population".into()])
            .help("check the population's condition in the front matter"),
        None => finding.at(["data".into()]),
    })
}

/// The column of that name, which `prepare` has asked for.
pub(super) fn column<'a>(frame: &'a Frame, name: &str) -> Result<&'a Column, Finding> {
    frame.column(name).ok_or_else(|| {
        Finding::error(
            "internal",
            format!("the step was not given its column `{name}`"),
        )
    })
}

/// The values of a column of numbers.
pub(super) fn numbers(column: &Column) -> Result<&[Option<f64>], Finding> {
    match &column.data {
        ColumnData::Number(values) => Ok(values),
        _ => Err(wrong_kind(column, "numbers")),
    }
}

/// For each row the place of its value among `levels`; none for a missing value.
pub(super) fn codes(column: &Column, levels: &[Level]) -> Result<Vec<Option<usize>>, Finding> {
    let place = |value: &str| levels.iter().position(|l| l.value == value);
    match &column.data {
        ColumnData::Category(codes) => {
            let places: Vec<Option<usize>> = column
                .field
                .levels
                .iter()
                .map(|level| place(&level.value))
                .collect();
            let code = |code: &Option<u32>| {
                let own = usize::try_from((*code)?).ok()?;
                places.get(own).copied().flatten()
            };
            Ok(codes.iter().map(code).collect())
        }
        ColumnData::Boolean(values) => {
            let places = [place("false"), place("true")];
            let code = |value: &Option<bool>| places[usize::from((*value)?)];
            Ok(values.iter().map(code).collect())
        }
        _ => Err(wrong_kind(column, "categories")),
    }
}

fn wrong_kind(column: &Column, wanted: &str) -> Finding {
    let name = &column.field.name;
    Finding::error(
        "internal",
        format!("the column `{name}` was promised to hold {wanted}"),
    )
}

/// Which rows some numbers come from: indices into the frame become the dataset's row numbers. Reasons without rows
/// are dropped.
pub(super) fn row_use<'a>(
    stats: impl IntoIterator<Item = &'a str>,
    frame: &Frame,
    used: &[usize],
    left_out: impl IntoIterator<Item = (String, Vec<usize>)>,
) -> RowUse {
    let numbered = |rows: &[usize]| numbered(frame, rows);
    RowUse {
        stats: StatId::from_parts(stats),
        groups: Vec::new(),
        input: 0,
        used: numbered(used),
        left_out: left_out
            .into_iter()
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(reason, rows)| LeftOut {
                reason,
                rows: numbered(&rows),
            })
            .collect(),
    }
}

/// Indices into the frame as the dataset's row numbers.
pub(super) fn numbered(frame: &Frame, rows: &[usize]) -> RowSet {
    let numbers = rows.iter().filter_map(|&i| frame.rows.get(i).copied());
    numbers.collect()
}

/// For each row whether it has a value.
pub(super) fn known(data: &ColumnData) -> Vec<bool> {
    match data {
        ColumnData::Number(v) => v.iter().map(Option::is_some).collect(),
        ColumnData::Category(v) => v.iter().map(Option::is_some).collect(),
        ColumnData::Text(v) => v.iter().map(Option::is_some).collect(),
        ColumnData::Boolean(v) => v.iter().map(Option::is_some).collect(),
        ColumnData::Date(v) => v.iter().map(Option::is_some).collect(),
    }
}

/// Every value as text that tells it from all others.
pub(super) fn texts(column: &Column) -> Vec<Option<String>> {
    let levels = &column.field.levels;
    match &column.data {
        ColumnData::Number(values) => {
            // Adding 0 makes −0 and 0 one visit.
            let text = |v: &Option<f64>| v.map(|v| (v + 0.0).to_string());
            values.iter().map(text).collect()
        }
        ColumnData::Category(codes) => {
            let text = |code: &Option<u32>| {
                let level = levels.get(usize::try_from((*code)?).ok()?)?;
                Some(level.value.clone())
            };
            codes.iter().map(text).collect()
        }
        ColumnData::Text(values) => values.clone(),
        ColumnData::Boolean(values) => values.iter().map(|v| v.map(|v| v.to_string())).collect(),
        ColumnData::Date(values) => values.iter().map(|v| v.map(|v| v.to_string())).collect(),
    }
}
