//! Parquet: the types that are read, and those that are refused.

use std::path::Path;

use insta::assert_snapshot;
use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series, TimeUnit};
use polars_io::parquet::write::ParquetWriter;
use trialbook::dataset::{ColumnData, Kind};

use crate::it::support::project::{read, rendered};

/// The bytes of a Parquet file with these columns.
pub(super) fn parquet(columns: Vec<Series>) -> Vec<u8> {
    let height = columns.first().map_or(0, |s| s.len());
    let columns: Vec<Column> = columns.into_iter().map(IntoColumn::into_column).collect();
    let mut frame = DataFrame::new(height, columns).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    bytes
}

fn one(series: Series) -> (Kind, Option<u8>, ColumnData) {
    let (dataset, diagnostics) = read(
        "x.parquet",
        &parquet(vec![series.with_name("x".into())]),
        None,
    );
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    let frame = dataset
        .unwrap()
        .frame(None, &[], &["x".to_owned()])
        .unwrap();
    let column = frame.columns.into_iter().next().unwrap();
    (column.field.kind, column.field.decimals, column.data)
}

fn complaint(series: Series, codebook: Option<&str>) -> String {
    let (dataset, diagnostics) = read(
        "x.parquet",
        &parquet(vec![series.with_name("x".into())]),
        codebook,
    );
    assert!(dataset.is_none());
    rendered(&diagnostics)
}

fn series<T, P: ?Sized>(values: T) -> Series
where
    Series: NamedFrom<T, P>,
{
    Series::new("x".into(), values)
}

#[test]
fn every_plain_type_is_read() {
    let numbers = |values: &[Option<f64>]| ColumnData::Number(values.to_vec());
    let wholes = numbers(&[Some(1.0), None, Some(3.0)]);
    let int = series([Some(1_i64), None, Some(3)]);
    for dtype in [
        DataType::UInt32,
        DataType::Int32,
        DataType::UInt64,
        DataType::Float64,
    ] {
        assert_eq!(
            one(int.cast(&dtype).unwrap()),
            (Kind::Number, Some(0), wholes.clone())
        );
    }
    assert_eq!(
        one(series([Some(0.1_f32), None])),
        (
            Kind::Number,
            Some(1),
            numbers(&[Some(f64::from(0.1_f32)), None])
        )
    );
    assert_eq!(
        one(series([0.1, 2.25])),
        (Kind::Number, Some(2), numbers(&[Some(0.1), Some(2.25)]))
    );
    assert_eq!(one(series([0.1 + 0.2])).1, Some(6));
    let text = series(["b", "a", "b", ""]);
    let category = ColumnData::Category(vec![Some(1), Some(0), Some(1), None]);
    assert_eq!(one(text), (Kind::Category, None, category));
    assert_eq!(one(series([true, false])).0, Kind::Boolean);
    let days = int
        .cast(&DataType::Int32)
        .unwrap()
        .cast(&DataType::Date)
        .unwrap();
    assert_eq!(one(days).2, ColumnData::Date(vec![Some(1), None, Some(3)]));
    let moment = DataType::Datetime(TimeUnit::Milliseconds, None);
    let midnights = series([86_400_000_i64, -86_400_000]).cast(&moment).unwrap();
    assert_eq!(one(midnights).2, ColumnData::Date(vec![Some(1), Some(-1)]));
    let noon = series([43_200_000_i64]).cast(&moment).unwrap();
    assert_eq!(
        one(noon).2,
        ColumnData::Text(vec![Some("1970-01-01T12:00:00".to_owned())])
    );
    assert_eq!(
        one(Series::full_null("x".into(), 2, &DataType::Null)).2,
        numbers(&[None, None])
    );
}

#[test]
fn what_cannot_be_read_is_refused_with_its_column() {
    let list = series([series([1_i64, 2]), series([3_i64])]);
    let empty = parquet(vec![Series::new_empty("x".into(), &DataType::Int64)]);
    let codebook = "missingValues = [\"-9\"]\n[[fields]]\nname = \"x\"\ntype = \"integer\"\n";
    let all = [
        complaint(list, None),
        complaint(series([9_007_199_254_740_993_i64]), None),
        complaint(series([u64::MAX]), None),
        complaint(series([1.0, f64::NAN, f64::INFINITY]), None),
        complaint(series([-9.0, 1.5, f64::NAN]), Some(codebook)),
        complaint(series(["a", "b"]), Some(codebook)),
        complaint(series([true]), Some(codebook)),
        rendered(&read("x.parquet", &empty, None).1),
    ];
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn missing_codes_of_numbers_are_compared_as_numbers() {
    let codebook =
        "missingValues = [\"-9.0\", \"NaN\"]\n[[fields]]\nname = \"x\"\ntype = \"number\"\n";
    let bytes = parquet(vec![series([-9.0, 1.5, f64::NAN])]);
    let (dataset, diagnostics) = read("x.parquet", &bytes, Some(codebook));
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    let frame = dataset
        .unwrap()
        .frame(None, &[], &["x".to_owned()])
        .unwrap();
    assert_eq!(
        frame.columns[0].data,
        ColumnData::Number(vec![None, Some(1.5), None])
    );
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

#[test]
fn files_of_other_writers_are_read() {
    // Written by pyarrow 26.0.1: dictionary, decimal128, large string, zoned timestamp, unsigned.
    let (dataset, diagnostics) = read("x.parquet", &fixture("pyarrow-types.parquet"), None);
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    let dataset = dataset.unwrap();
    let kinds: Vec<_> = dataset
        .schema()
        .fields
        .iter()
        .map(|f| (f.kind, f.decimals))
        .collect();
    let wanted = [
        (Kind::Category, None),
        (Kind::Number, Some(2)),
        (Kind::Category, None),
        (Kind::Category, None),
        (Kind::Number, Some(0)),
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(
        dataset.schema().fields[3].levels[0].value,
        "2020-01-01T12:00:00Z"
    );
}

#[test]
fn short_integers_are_read() {
    let (dataset, diagnostics) = read("x.parquet", &fixture("pyarrow-int16.parquet"), None);
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    let frame = dataset.unwrap().frame(None, &[], &["i16".to_owned()]);
    let wanted = ColumnData::Number([1.0, 2.0, 3.0].map(Some).into());
    assert_eq!(frame.unwrap().columns[0].data, wanted);
}

#[test]
fn types_that_polars_is_built_without_are_read() {
    let (dataset, diagnostics) = read("x.parquet", &fixture("pyarrow-short.parquet"), None);
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    let names = ["u8", "u16", "i8", "clock"].map(str::to_owned);
    let frame = dataset.unwrap().frame(None, &[], &names).unwrap();
    let numbers = |values: [Option<f64>; 3]| ColumnData::Number(values.into());
    assert_eq!(
        frame.columns[0].data,
        numbers([Some(1.0), None, Some(255.0)])
    );
    assert_eq!(
        frame.columns[1].data,
        numbers([Some(1.0), Some(2.0), Some(65535.0)])
    );
    assert_eq!(
        frame.columns[2].data,
        numbers([Some(-128.0), None, Some(3.0)])
    );
    let clocks = [Some("01:02:03"), None, Some("23:59:59.500")];
    let clocks = clocks.map(|c| c.map(str::to_owned));
    assert_eq!(frame.columns[3].data, ColumnData::Text(clocks.into()));
}
