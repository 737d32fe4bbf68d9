//! Drafted codebooks: what they say, and that the data keep them.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use proptest::prelude::*;
use trialbook::dataset::Dataset;
use trialbook::dataset::codebook::Draft;

use crate::it::support::project::{read, rendered};

fn drafted(path: &str, bytes: &[u8], codebook: Option<&str>) -> (Dataset, String) {
    let (dataset, diagnostics) = read(path, bytes, codebook);
    let dataset = dataset.unwrap_or_else(|| panic!("{}", rendered(&diagnostics)));
    let text = Draft::of(&dataset).text();
    (dataset, text)
}

/// The data keep what was drafted from them, and mean the same.
fn kept(path: &str, bytes: &[u8], codebook: Option<&str>) -> String {
    let (before, text) = drafted(path, bytes, codebook);
    let (after, diagnostics) = read(path, bytes, Some(&text));
    assert!(
        diagnostics.is_empty(),
        "{path}\n{text}\n{}",
        rendered(&diagnostics)
    );
    let after = after.unwrap();
    assert_eq!(before.height(), after.height());
    for (old, new) in before.schema().fields.iter().zip(&after.schema().fields) {
        assert_eq!((&old.name, old.kind), (&new.name, new.kind), "{text}");
        let of = |dataset: &Dataset| {
            dataset
                .frame(None, &[], std::slice::from_ref(&old.name))
                .unwrap()
        };
        assert_eq!(
            of(&before).columns[0].data,
            of(&after).columns[0].data,
            "{text}"
        );
    }
    text
}

const TRIAL: &str = "\
Participant,visit,arm,age,weight,born,smoker,site,note,dose,never
P1,0,WL,44,71.5,1979-02-03,true,001,fine,1e-3,
P1,6,WL,NA,72,1979-02-03,true,001,,0.5,
P2,0,CCT,51,64.25,1971-12-31,false,002,\"said \"\"no\"\"\",2,
P2,6,CCT,51,,1971-12-31,NA,002,a\tb,3,
P3,0,CCT,39,80,1983-06-23,false,002,x,,
";

#[test]
fn a_draft_says_what_the_data_show_and_no_more() {
    assert_snapshot!(kept("x.csv", TRIAL.as_bytes(), None));
}

#[test]
fn the_data_of_this_project_keep_their_drafts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in [
        "data/btheb/1.0.0/btheb.csv",
        "data/btheb/2.0.0/btheb.parquet",
    ] {
        let text = kept(path, &fs::read(root.join(path)).unwrap(), None);
        assert!(text.contains("primaryKey"), "{text}");
    }
    let workbook = super::xlsx::workbook("several.xlsx");
    let stub = "[dialect]\nsheet = \"Visits & more\"\n";
    let (_, text) = drafted("x.xlsx", &workbook, Some(stub));
    assert!(
        text.contains("[dialect]\nsheet = \"Visits & more\"\n"),
        "{text}"
    );
    kept("x.arrow", &super::arrow::file("plain.arrow"), None);
}

#[test]
fn files_of_statistics_programs_keep_their_drafts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/data/formats");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    let mut kept_ones = 0;
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = fs::read(&path).unwrap();
        if let (Some(_), diagnostics) = read(name, &bytes, None)
            && diagnostics.is_empty()
        {
            kept(name, &bytes, None);
            kept_ones += 1;
        }
    }
    assert!(kept_ones > 10, "{kept_ones}");
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (-50..50_i32).prop_map(|n| n.to_string()),
        3 => Just(String::new()),
        2 => "[a-c]{1,2}",
        1 => Just("NA".to_owned()),
        1 => Just("TRUE".to_owned()),
        1 => "-?[0-9]{1,3}\\.[0-9]{1,3}",
        1 => "20[0-2][0-9]-0[1-9]-[12][0-9]",
        1 => "[ -~äß\"\\\\\n]{0,6}",
    ]
}

/// A table whose columns mostly hold one kind of cell.
fn table() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    let names = prop::collection::btree_set("[a-zA-Z .\"\\\\ä_-]{1,6}", 1..5);
    (names, 1..30_usize).prop_flat_map(|(names, height)| {
        let names: Vec<String> = names.into_iter().map(|n| n.trim().to_owned()).collect();
        let width = names.len();
        let column = prop_oneof![
            prop::collection::vec(cell(), height),
            prop::collection::vec((0..4_u8).prop_map(|n| n.to_string()), height),
            prop::collection::vec("[ab]", height),
        ];
        (Just(names), prop::collection::vec(column, width))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_table_keeps_the_codebook_that_is_drafted_from_it((names, columns) in table()) {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(&names).unwrap();
        for row in 0..columns[0].len() {
            writer.write_record(columns.iter().map(|c| c[row].as_str())).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        // Names that are empty or twice, and NaN, are other tests'.
        if let (Some(_), diagnostics) = read("x.csv", &bytes, None) && !diagnostics.has_errors() {
            kept("x.csv", &bytes, None);
        }
    }
}
