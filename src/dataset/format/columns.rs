//! What Arrow IPC and Parquet have in common: arrays as polars' columns, also of types that polars is built without, and
//! what is said of columns that can't be used.

use std::collections::BTreeSet;

use polars::prelude::{PolarsError, PolarsResult, Series};
use polars_arrow::array::{Array, Int64Array, PrimitiveArray, Utf8Array};
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_arrow::types::NativeType;

use crate::dataset::bridge::Refused;
use crate::dataset::raw::shown;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The column that a field's arrays make.
pub(super) fn series(field: &Field, arrays: Vec<Box<dyn Array>>) -> PolarsResult<Series> {
    let arrays: Vec<Box<dyn Array>> = arrays.into_iter().map(plain).collect();
    let Some(first) = arrays.first() else {
        let why = format!("`{}` has no values", field.name);
        return Err(PolarsError::NoData(why.into()));
    };
    let mut found = Field::new(field.name.clone(), first.dtype().clone(), true);
    found.metadata.clone_from(&field.metadata);
    Series::try_from((&found, arrays))
}

/// Columns without a name of their own, in the file at `path`.
pub(super) fn check_names<'a>(path: &str, names: impl Iterator<Item = &'a str>) -> Diagnostics {
    let mut seen = BTreeSet::new();
    let mut diagnostics = Diagnostics::new();
    for name in names {
        if name.trim().is_empty() || !seen.insert(name) {
            let message = format!(
                "`{path}` has a column without a name of its own: {}",
                shown(name)
            );
            diagnostics.push(Diagnostic::error("bad-header", message));
        }
    }
    diagnostics
}

/// Why a column of the file at `path` can't be used; `code` is that of a file that can't be read.
pub(super) fn refusal(path: &str, name: &str, code: &'static str, why: Refused) -> Diagnostic {
    let column = format!("the column {} of `{path}`", shown(name));
    match why {
        Refused::Type(found) => Diagnostic::error(
            "unknown-type",
            format!("{column} has the type {found}, which can't be read"),
        )
        .help("store numbers, texts, truth values or dates, one value a cell"),
        Refused::TooLarge(examples) => {
            let message = format!(
                "{column} has whole numbers beyond 2^53, which can't be held exactly: {}",
                examples.text()
            );
            Diagnostic::error("not-exact", message).help("store what identifies something as text")
        }
        Refused::Failed(why) => Diagnostic::error(code, format!("{column} can't be read: {why}")),
    }
}

/// Short whole numbers as long ones, times of day as ISO texts, everything else as it is.
fn plain(array: Box<dyn Array>) -> Box<dyn Array> {
    let any = array.as_any();
    match array.dtype() {
        ArrowDataType::Int8 => wide::<i8>(any),
        ArrowDataType::Int16 => wide::<i16>(any),
        ArrowDataType::UInt8 => wide::<u8>(any),
        ArrowDataType::UInt16 => wide::<u16>(any),
        ArrowDataType::Time32(TimeUnit::Second) => times::<i32>(any, 1),
        ArrowDataType::Time32(_) => times::<i32>(any, 1_000),
        ArrowDataType::Time64(TimeUnit::Microsecond) => times::<i64>(any, 1_000_000),
        ArrowDataType::Time64(_) => times::<i64>(any, 1_000_000_000),
        _ => None,
    }
    .unwrap_or(array)
}

fn wide<T: NativeType + Into<i64>>(array: &dyn std::any::Any) -> Option<Box<dyn Array>> {
    let array = array.downcast_ref::<PrimitiveArray<T>>()?;
    let values = array.iter().map(|v| v.map(|v| (*v).into()));
    Some(values.collect::<Int64Array>().boxed())
}

fn times<T: NativeType + Into<i64>>(
    array: &dyn std::any::Any,
    per_second: i64,
) -> Option<Box<dyn Array>> {
    let array = array.downcast_ref::<PrimitiveArray<T>>()?;
    let text = |ticks: i64| {
        let seconds = ticks.div_euclid(per_second);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let text = format!("{hour:02}:{minute:02}:{second:02}");
        match ticks.rem_euclid(per_second) * 1000 / per_second {
            0 => text,
            rest => format!("{text}.{rest:03}"),
        }
    };
    let values = array.iter().map(|v| v.map(|v| text((*v).into())));
    Some(values.collect::<Utf8Array<i64>>().boxed())
}
