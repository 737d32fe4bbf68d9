//! Arrow IPC: files and streams that pyarrow wrote, and what is refused.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use trialbook::dataset::{ColumnData, Dataset, Kind};

use crate::it::support::project::{read, rendered};

/// A file that pyarrow wrote.
pub(super) fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/arrow");
    fs::read(folder.join(name)).unwrap()
}

fn data(dataset: &Dataset, name: &str) -> ColumnData {
    let frame = dataset.frame(None, &[], &[name.to_owned()]).unwrap();
    frame.columns[0].data.clone()
}

#[test]
fn files_and_streams_hold_the_same_plain_or_compressed() {
    for name in [
        "plain.arrow",
        "lz4.arrow",
        "zstd.arrow",
        "stream.arrows",
        "stream-zstd.arrows",
        "two.feather",
    ] {
        let (dataset, diagnostics) = read(name, &file(name), None);
        assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
        let dataset = dataset.unwrap();
        assert_eq!(dataset.height(), 4, "{name}");
        let numbers = |v: [Option<f64>; 4]| ColumnData::Number(v.to_vec());
        let wholes = numbers([Some(1.0), None, Some(3.0), Some(4.0)]);
        for column in ["i8", "u16", "i64"] {
            assert_eq!(data(&dataset, column), wholes, "{name}: {column}");
        }
        assert_eq!(
            data(&dataset, "f64"),
            numbers([Some(0.125), None, Some(2.5), Some(4.0)])
        );
        assert_eq!(dataset.schema().field("f32").unwrap().decimals, Some(1));
        let text =
            |v: [Option<&str>; 4]| ColumnData::Text(v.map(|t| t.map(str::to_owned)).to_vec());
        assert_eq!(
            data(&dataset, "text"),
            text([Some("ä"), None, None, Some("d")])
        );
        assert_eq!(
            data(&dataset, "large"),
            text([Some("a"), None, Some("c"), Some("d")])
        );
        if name != "two.feather" {
            let long = "longer than twelve bytes";
            assert_eq!(
                data(&dataset, "view"),
                text([Some("a"), None, Some(long), Some("d")])
            );
        }
        let levels = &dataset.schema().field("arm").unwrap().levels;
        assert_eq!(
            levels.iter().map(|l| l.value.as_str()).collect::<Vec<_>>(),
            ["CCT", "WL"]
        );
        assert_eq!(
            data(&dataset, "arm"),
            ColumnData::Category(vec![Some(1), None, Some(0), Some(1)])
        );
        assert_eq!(
            data(&dataset, "truth"),
            ColumnData::Boolean(vec![Some(true), None, Some(false), Some(true)])
        );
        let day = ColumnData::Date(vec![Some(19531), None, Some(-25509), Some(19782)]);
        assert_eq!(data(&dataset, "day"), day);
        let midnight = ColumnData::Date(vec![Some(19531), None, Some(19358), None]);
        assert_eq!(data(&dataset, "midnight"), midnight);
        let moment = text([
            Some("2023-06-23T12:30:00"),
            None,
            Some("2023-01-01T00:00:00"),
            None,
        ]);
        assert_eq!(data(&dataset, "moment"), moment);
        assert_eq!(
            dataset.schema().field("nothing").unwrap().kind,
            Kind::Number
        );
    }
}

#[test]
fn what_has_no_counterpart_is_refused_by_column() {
    let mut said = Vec::new();
    for name in ["odd.arrow", "binary.arrow", "empty.arrow", "one.feather"] {
        let (dataset, diagnostics) = read(name, &file(name), None);
        assert!(dataset.is_none(), "{name}");
        said.push(rendered(&diagnostics));
    }
    assert_snapshot!(said.join("\n\n"));
}

#[test]
fn decimals_are_numbers_and_times_are_texts() {
    let (dataset, diagnostics) = read("x.arrow", &file("decimal.arrow"), None);
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    assert_eq!(
        data(&dataset.unwrap(), "dec"),
        ColumnData::Number(vec![Some(1.25), None])
    );
    let (dataset, diagnostics) = read("x.arrow", &file("time.arrow"), None);
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    let clock = ColumnData::Text(vec![Some("01:02:03".to_owned()), None]);
    assert_eq!(data(&dataset.unwrap(), "clock"), clock);
}

#[test]
fn a_stream_that_is_cut_between_its_parts_is_refused() {
    let whole = file("stream.arrows");
    let (dataset, diagnostics) = read("x.arrows", &whole[..whole.len() - 8], None);
    assert!(dataset.is_none());
    assert_snapshot!(rendered(&diagnostics));
}

#[test]
fn cut_at_any_place() {
    for name in ["plain.arrow", "stream-zstd.arrows"] {
        let bytes = file(name);
        for length in (0..bytes.len()).step_by(53) {
            let (dataset, diagnostics) = read("x.arrow", &bytes[..length], None);
            assert!(
                dataset.is_none() && diagnostics.has_errors(),
                "{name} {length}"
            );
        }
    }
}
