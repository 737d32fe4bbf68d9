//! From the arrays of a record batch to polars' columns, also of the types that polars is built without.

use polars::prelude::{Column, DataFrame, IntoColumn, PolarsResult, Series};
use polars_arrow::array::{Array, Int64Array, PrimitiveArray, Utf8Array};
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_arrow::record_batch::RecordBatch;
use polars_arrow::types::NativeType;

/// The columns of a batch.
pub(super) fn frame(batch: RecordBatch) -> PolarsResult<DataFrame> {
    let height = batch.height();
    let (schema, arrays) = batch.into_schema_and_arrays();
    let columns: PolarsResult<Vec<Column>> = schema
        .iter_values()
        .zip(arrays)
        .map(|(field, array)| {
            let array = plain(array);
            let mut found = Field::new(field.name.clone(), array.dtype().clone(), true);
            found.metadata.clone_from(&field.metadata);
            Ok(Series::try_from((&found, vec![array]))?.into_column())
        })
        .collect();
    DataFrame::new(height, columns?)
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
