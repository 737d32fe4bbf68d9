//! Between polars' columns and ours.

use polars::prelude::{
    AnyValue, Column as PolarsColumn, DataFrame, DataType, IntoColumn, IntoLazy, NamedFrom,
    PolarsError, PolarsResult, Series, TimeUnit, col, lit,
};

use super::date;
use super::frame::{Column, ColumnData};
use super::guard::guarded;
use super::raw::{Examples, MOST_DECIMALS, RawData, decimals, most_decimals};
use super::typing::{MOST_WHOLE, example};

/// Why a column can't be taken over from polars.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refused {
    /// Its type has no counterpart; the type's name.
    Type(String),
    /// It has whole numbers that f64 can't hold exactly.
    TooLarge(Examples),
    /// polars failed; its message.
    Failed(String),
}

impl From<PolarsError> for Refused {
    fn from(error: PolarsError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Takes a whole column over. Empty texts become missing, times of day become ISO texts unless all are midnight,
/// durations become days.
pub(super) fn from_polars(column: &PolarsColumn) -> Result<RawData, Refused> {
    from_polars_piece(column, 0).map(RawData::settled)
}

/// Takes a piece of a column over, whose first row is the given one; times of day are only settled over all pieces.
pub(super) fn from_polars_piece(column: &PolarsColumn, first: usize) -> Result<RawData, Refused> {
    let series = column.as_materialized_series();
    match series.dtype() {
        DataType::Null => Ok(RawData::Number(vec![None; series.len()], 0)),
        DataType::Boolean => Ok(RawData::Boolean(series.bool()?.iter().collect())),
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32 => Ok(RawData::Number(floats(series)?, 0)),
        DataType::Int64 | DataType::UInt64 | DataType::Int128 => wholes(series, first),
        DataType::Float32 => {
            // The shortest text of an f32 is shorter than that of the same number as f64.
            let most = series
                .f32()?
                .iter()
                .flatten()
                .map(|v| decimals(&v.to_string()));
            let most = most.max().unwrap_or(0);
            Ok(RawData::Number(floats(series)?, most))
        }
        DataType::Float64 => {
            let values = floats(series)?;
            let most = most_decimals(&values);
            Ok(RawData::Number(values, most))
        }
        DataType::Decimal(_, scale) => {
            let most = u8::try_from(*scale)
                .unwrap_or(MOST_DECIMALS)
                .min(MOST_DECIMALS);
            Ok(RawData::Number(floats(series)?, most))
        }
        DataType::String => Ok(texts(series)?),
        DataType::Categorical(..) | DataType::Enum(..) => texts(&series.cast(&DataType::String)?),
        DataType::Date => Ok(RawData::Date(days(series)?)),
        DataType::Datetime(unit, zone) => Ok(moments(series, *unit, zone.is_some())?),
        DataType::Duration(unit) => {
            let per_day = ticks_per_day(*unit) as f64;
            let ticks = series.cast(&DataType::Int64)?;
            let values: Vec<_> = ticks
                .i64()?
                .iter()
                .map(|t| t.map(|t| t as f64 / per_day))
                .collect();
            let most = most_decimals(&values);
            Ok(RawData::Number(values, most))
        }
        other => Err(Refused::Type(other.to_string())),
    }
}

fn floats(series: &Series) -> PolarsResult<Vec<Option<f64>>> {
    Ok(series.cast(&DataType::Float64)?.f64()?.iter().collect())
}

fn wholes(series: &Series, first: usize) -> Result<RawData, Refused> {
    let mut wrong = Examples::default();
    let values = series
        .iter()
        .enumerate()
        .map(|(row, value)| {
            let whole: Option<i128> = match value {
                AnyValue::Int64(v) => Some(v.into()),
                AnyValue::UInt64(v) => Some(v.into()),
                AnyValue::Int128(v) => Some(v),
                _ => None,
            };
            let whole = whole?;
            // Compared before rounding: 2^53 + 1 would round to 2^53.
            if whole.unsigned_abs() > MOST_WHOLE {
                wrong.add(|| example(first + row, &whole.to_string()));
            }
            Some(whole as f64)
        })
        .collect();
    if wrong.is_empty() {
        Ok(RawData::Number(values, 0))
    } else {
        Err(Refused::TooLarge(wrong))
    }
}

fn texts(series: &Series) -> Result<RawData, Refused> {
    let text = |t: Option<&str>| t.filter(|t| !t.is_empty()).map(str::to_owned);
    Ok(RawData::Text(series.str()?.iter().map(text).collect()))
}

fn days(series: &Series) -> PolarsResult<Vec<Option<i32>>> {
    Ok(series.cast(&DataType::Int32)?.i32()?.iter().collect())
}

fn moments(series: &Series, unit: TimeUnit, zoned: bool) -> PolarsResult<RawData> {
    let per_second = ticks_per_day(unit) / date::DAY_SECONDS;
    let ticks = series.cast(&DataType::Int64)?;
    let seconds = ticks.i64()?.iter();
    let seconds = seconds.map(|t| t.map(|t| t.div_euclid(per_second)));
    Ok(RawData::Moment(seconds.collect(), zoned))
}

fn ticks_per_day(unit: TimeUnit) -> i64 {
    86_400
        * match unit {
            TimeUnit::Nanoseconds => 1_000_000_000,
            TimeUnit::Microseconds => 1_000_000,
            TimeUnit::Milliseconds => 1_000,
        }
}

/// What SQL sees of a dataset: whole numbers of moderate size as integers (their products still fit), other numbers as
/// f64, categories as their values, days as dates.
/// `columns` are each with whether its levels are numbers.
pub(super) fn to_polars<'a>(
    columns: impl Iterator<Item = (&'a Column, bool)>,
    height: usize,
) -> Result<DataFrame, String> {
    let columns: Vec<PolarsColumn> = columns.map(to_column).collect();
    guarded(move || DataFrame::new(height, columns))
}

fn to_column((column, numeric_levels): (&Column, bool)) -> PolarsColumn {
    let name = column.field.name.as_str().into();
    let series = match &column.data {
        ColumnData::Number(values) => return numbers(name, values),
        ColumnData::Category(indices) => {
            let levels = &column.field.levels;
            let level = |i: &Option<u32>| levels.get(usize::try_from((*i)?).ok()?);
            if numeric_levels {
                let value = |i| level(i).and_then(|l| l.value.trim().parse().ok());
                let values: Vec<Option<f64>> = indices.iter().map(value).collect();
                return numbers(name, &values);
            }
            let values: Vec<_> = indices
                .iter()
                .map(|i| level(i).map(|l| l.value.as_str()))
                .collect();
            Series::new(name, values)
        }
        ColumnData::Text(values) => Series::new(name, values),
        ColumnData::Boolean(values) => Series::new(name, values),
        ColumnData::Date(values) => {
            let days = Series::new(name, values);
            // A cast between the logical and the physical type of a day can't fail.
            days.cast(&DataType::Date).unwrap_or(days)
        }
    };
    series.into_column()
}

fn numbers(name: polars::prelude::PlSmallStr, values: &[Option<f64>]) -> PolarsColumn {
    let moderate = |v: f64| v.fract() == 0.0 && v.abs() <= f64::from(i32::MAX);
    let series = if values.iter().flatten().all(|v| moderate(*v)) {
        #[allow(clippy::cast_possible_truncation)] // moderate
        let whole = |v: &Option<f64>| v.map(|v| v as i64);
        Series::new(name, values.iter().map(whole).collect::<Vec<_>>())
    } else {
        Series::new(name, values)
    };
    series.into_column()
}

/// Which texts match a regular expression as a whole; a missing text does.
pub(super) fn matches(texts: &[Option<String>], pattern: &str) -> Result<Vec<bool>, String> {
    let whole = format!("^(?:{pattern})$");
    guarded(move || -> PolarsResult<_> {
        let series = Series::new("text".into(), texts);
        let frame = DataFrame::new(texts.len(), vec![series.into_column()])?;
        let matching = col("text").str().contains(lit(whole), true);
        let found = frame.lazy().select([matching]).collect()?;
        let found = found
            .column("text")?
            .bool()?
            .iter()
            .map(|m| m.unwrap_or(true));
        Ok(found.collect())
    })
}
