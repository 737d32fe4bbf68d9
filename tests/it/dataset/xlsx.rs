//! Excel workbooks: what is read, against openpyxl, and what is refused.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use trialbook::dataset::{ColumnData, Dataset, Kind};
use trialbook::diagnostic::Diagnostics;

use crate::it::support::project::{read, rendered};

/// A workbook of the fixtures.
pub fn workbook(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/xlsx");
    fs::read(folder.join(name)).unwrap()
}

fn sheet(name: &str, sheet: &str) -> (Option<Dataset>, Diagnostics) {
    let codebook = format!("[dialect]\nsheet = \"{sheet}\"\n");
    let (dataset, found) = read(&format!("data/{name}"), &workbook(name), Some(&codebook));
    let mut diagnostics = Diagnostics::new();
    diagnostics.extend(found.into_iter().filter(|d| d.code != "undescribed-column"));
    (dataset, diagnostics)
}

fn values(dataset: &Dataset, name: &str) -> Vec<String> {
    let frame = dataset.frame(None, &[], &[name.to_owned()]).unwrap();
    let column = &frame.columns[0];
    let levels = &column.field.levels;
    let text = |v: Option<String>| v.unwrap_or_default();
    match &column.data {
        ColumnData::Number(v) => v.iter().map(|v| text(v.map(|v| v.to_string()))).collect(),
        ColumnData::Category(v) => v
            .iter()
            .map(|v| text(v.map(|v| levels[v as usize].value.clone())))
            .collect(),
        ColumnData::Text(v) => v.iter().cloned().map(text).collect(),
        ColumnData::Boolean(v) => v.iter().map(|v| text(v.map(|v| v.to_string()))).collect(),
        ColumnData::Date(v) => {
            let iso = |day: i32| trialbook::time::Day::from_days(day.into()).to_string();
            v.iter().map(|v| text(v.map(iso))).collect()
        }
    }
}

#[test]
fn values_and_dates_are_those_that_openpyxl_reads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/expected/xlsx.toml");
    let expected: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
    for book in ["trial", "mac"] {
        let (dataset, diagnostics) = read("x.xlsx", &workbook(&format!("{book}.xlsx")), None);
        let dataset = dataset.unwrap_or_else(|| panic!("{}", rendered(&diagnostics)));
        let columns = expected[book].as_table().unwrap();
        assert_eq!(dataset.schema().fields.len(), columns.len());
        for (name, wanted) in columns {
            let wanted: Vec<_> = wanted
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap())
                .collect();
            assert_eq!(values(&dataset, name), wanted, "{book}: {name}");
        }
        let kind = |name: &str| dataset.schema().field(name).unwrap().kind;
        assert_eq!(kind("randomised"), Kind::Date);
        assert_eq!(kind("smoker"), Kind::Boolean);
        assert_eq!(kind("id"), Kind::Text, "numbers stored as texts");
        assert_eq!(
            kind("stored"),
            Kind::Number,
            "texts among numbers that are numbers"
        );
        assert_eq!(kind("mixed"), Kind::Text);
        assert_eq!(dataset.schema().field("weight").unwrap().decimals, Some(3));
        let codes: Vec<_> = diagnostics.iter().map(|d| d.code.to_string()).collect();
        assert_eq!(codes, ["error-cell"], "{}", rendered(&diagnostics));
    }
}

#[test]
fn a_sheet_is_named_in_the_codebook_unless_one_alone_has_data() {
    let (dataset, diagnostics) = read("data/several.xlsx", &workbook("several.xlsx"), None);
    assert!(dataset.is_none());
    let mut said = rendered(&diagnostics);
    assert_eq!(
        sheet("several.xlsx", "Visits & more").0.unwrap().height(),
        4
    );
    let (dataset, diagnostics) = sheet("several.xlsx", "Visits and more");
    assert!(dataset.is_none());
    said.push_str("\n\n");
    said.push_str(&rendered(&diagnostics));
    assert_snapshot!(said);
}

#[test]
fn what_is_no_table_is_refused_with_its_cells() {
    let mut said = Vec::new();
    for name in [
        "title",
        "no name",
        "twice",
        "gap",
        "merged",
        "only header",
        "errors",
        "leap",
        "uncomputed",
        "far",
    ] {
        let (dataset, diagnostics) = sheet("wrong.xlsx", name);
        assert!(dataset.is_none(), "{name}");
        said.push(format!("## {name}\n{}", rendered(&diagnostics)));
    }
    assert_snapshot!(said.join("\n\n"));
}

#[test]
fn formulas_have_their_stored_results() {
    let (dataset, diagnostics) = sheet("wrong.xlsx", "computed");
    let dataset = dataset.unwrap_or_else(|| panic!("{}", rendered(&diagnostics)));
    assert_eq!(values(&dataset, "sum"), ["11", "12"]);
    assert_eq!(values(&dataset, "said"), ["x1", "x2"]);
    let (dataset, diagnostics) = sheet("wrong.xlsx", "merged beside");
    assert_eq!(
        dataset.unwrap().schema().fields.len(),
        2,
        "{}",
        rendered(&diagnostics)
    );
}

#[test]
fn not_available_is_missing_and_said() {
    let (dataset, diagnostics) = sheet("wrong.xlsx", "not available");
    assert_eq!(values(&dataset.unwrap(), "b"), ["", "4"]);
    assert_snapshot!(rendered(&diagnostics));
}

#[test]
fn other_files_under_the_name_are_refused() {
    for bytes in [
        &b""[..],
        b"id,age\n1,2\n",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ] {
        let (dataset, diagnostics) = read("x.xlsx", bytes, None);
        assert!(dataset.is_none() && diagnostics.has_errors());
        assert!(
            diagnostics.iter().all(|d| d.code == "bad-xlsx"),
            "{}",
            rendered(&diagnostics)
        );
    }
}

#[test]
fn a_workbook_that_would_fill_the_disk_is_refused() {
    use std::io::{Cursor, Write};
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..80 {
        zip.write_all(&zeros).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 200_000);
    let (dataset, diagnostics) = read("x.xlsx", &bytes, None);
    assert!(dataset.is_none());
    assert_snapshot!(rendered(&diagnostics));
}
