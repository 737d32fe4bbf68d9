//! REDCap: exports with their data dictionaries become datasets with codebooks.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use proptest::prelude::*;
use trialbook::dataset::codebook::{Draft, Redcap};
use trialbook::dataset::{ColumnData, Dataset};
use trialbook::diagnostic::Diagnostics;

use crate::it::add::Office;
use crate::it::support::project::{read, rendered};

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/redcap");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn draft(dictionary: &str, export: &str) -> (Option<Draft>, Diagnostics) {
    Draft::of_redcap(&Redcap {
        dictionary_path: "dictionary.csv",
        dictionary,
        export_path: "export.csv",
        export,
        delimiter: ',',
        missing: &[],
    })
}

/// The export as a dataset with the codebook that is drafted.
fn dataset(dictionary: &str, export: &str) -> (Dataset, String) {
    let (draft, found) = draft(dictionary, export);
    let text = draft
        .unwrap_or_else(|| panic!("{}", rendered(&found)))
        .text();
    let (dataset, diagnostics) = read("export.csv", export.as_bytes(), Some(&text));
    assert!(diagnostics.is_empty(), "{text}\n{}", rendered(&diagnostics));
    (dataset.unwrap(), text)
}

#[test]
fn a_raw_export_gets_types_labels_and_notes() {
    let (_, found) = draft(&fixture("dictionary.csv"), &fixture("raw.csv"));
    let (_, text) = dataset(&fixture("dictionary.csv"), &fixture("raw.csv"));
    assert_snapshot!(format!("{text}\n---\n{}", rendered(&found)));
}

#[test]
fn the_dictionary_of_the_api_says_the_same() {
    let (_, page) = dataset(&fixture("dictionary.csv"), &fixture("raw.csv"));
    let (_, api) = dataset(&fixture("dictionary-api.csv"), &fixture("raw.csv"));
    assert_eq!(page, api);
}

#[test]
fn an_export_of_labels_means_the_same_as_one_of_codes() {
    let (raw, _) = dataset(&fixture("dictionary.csv"), &fixture("raw.csv"));
    let (labels, text) = dataset(&fixture("dictionary.csv"), &fixture("labels.csv"));
    for (a, b) in raw.schema().fields.iter().zip(&labels.schema().fields) {
        assert_eq!(
            (&a.name, a.kind, &a.title),
            (&b.name, b.kind, &b.title),
            "{text}"
        );
        let data = |d: &Dataset| {
            d.frame(None, &[], std::slice::from_ref(&a.name))
                .unwrap()
                .columns[0]
                .data
                .clone()
        };
        // Levels stand in the same order, whatever they are called.
        if matches!(data(&raw), ColumnData::Category(_)) {
            assert_eq!(data(&raw), data(&labels), "{}", a.name);
        }
        let shown = |d: &trialbook::dataset::Field| {
            d.levels.iter().map(|l| l.label.clone()).collect::<Vec<_>>()
        };
        if !a.name.starts_with("redcap_") {
            assert_eq!(shown(a), shown(b), "{}", a.name);
        }
    }
}

#[test]
fn data_add_takes_both_files() {
    let office = Office::new();
    for name in ["raw.csv", "dictionary.csv"] {
        office.write(&format!("export/{name}"), fixture(name).as_bytes());
    }
    let (status, out, err) = office.add(&[
        "cope",
        "../export/raw.csv",
        "--redcap",
        "../export/dictionary.csv",
    ]);
    assert_eq!(status, 0, "{err}");
    assert_snapshot!(format!("{out}---\n{err}"));
    let (status, out, err) = office.run(&["data", "check"]);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
}

#[test]
fn one_row_a_record_has_its_key() {
    let dictionary = "Variable / Field Name,Field Type,Field Label,Text Validation Type OR Show Slider Number\n\
                      id,text,ID,\nwhen,text,When,date_dmy\nn,text,N,number\n";
    let export = "id,when,n\n1,31/12/2023,\"1.5\"\n2,01/02/2024,2\n";
    let (_, text) = dataset(dictionary, export);
    assert_snapshot!(text);
}

#[test]
fn missing_data_codes_are_those_of_the_project() {
    let office = Office::new();
    office.write("export/d.csv", b"Variable / Field Name,Field Type,Field Label,Choices,Text Validation Type\nid,text,ID,,\nage,text,Age,,integer\nsex,radio,Sex,\"1, F | 2, M\",\n");
    office.write("export/e.csv", b"id,age,sex\n1,44,1\n2,-99,2\n3,50,-98\n");
    let refused = office.refused(&["../export/e.csv", "--redcap", "../export/d.csv"]);
    assert!(refused.contains("not-a-category"), "{refused}");
    office.added(&[
        "../export/e.csv",
        "--redcap",
        "../export/d.csv",
        "--missing",
        "-99, Refused | -98, Unknown",
    ]);
    let book = office.read("project/data/e/codebook.toml");
    assert!(book.contains("missingValues = [{ value = \"-99\", label = \"Refused\" }, { value = \"-98\", label = \"Unknown\" }]"), "{book}");
}

#[test]
fn what_does_not_fit_together_is_said() {
    let head = "Variable / Field Name,Form Name,Field Type,Field Label\n";
    let mut said = Vec::new();
    for (name, dictionary, export) in [
        ("no dictionary", "a,b\n1,2\n".to_owned(), "a\n1\n"),
        (
            "twice",
            format!("{head}id,f,text,ID\nid,f,text,ID\n,f,text,X\n"),
            "id\n1\n",
        ),
        ("ragged", format!("{head}id,f,text\n"), "id\n1\n"),
        ("empty", head.to_owned(), "id\n1\n"),
        (
            "label headers",
            format!("{head}record_id,f,text,Record ID\n"),
            "Record ID\n1\n",
        ),
        (
            "columns",
            format!("{head}id,f,text,ID\ngone,f,text,Gone\nodd,f,hologram,Odd\n"),
            "id,odd,new,f_complete\n1,2,3,2\n",
        ),
        (
            "rows",
            format!("{head}id,f,text,ID\n"),
            "id,redcap_event_name\n1,a\n1,b\n1,a\n",
        ),
    ] {
        let (draft, found) = draft(&dictionary, export);
        said.push(format!(
            "## {name}: {}\n{}",
            draft.is_some(),
            rendered(&found)
        ));
    }
    assert_snapshot!(said.join("\n\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_dictionaries_and_exports_are_no_disaster(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8, any::<bool>()), 1..12)
    ) {
        let mut texts = [fixture("dictionary.csv").into_bytes(), fixture("raw.csv").into_bytes()];
        for (at, byte, kind, second) in edits {
            let bytes = &mut texts[usize::from(second)];
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes[at] = b"\",\n\r|<>&;_-1"[usize::from(byte) % 12],
            }
        }
        let [dictionary, export] = texts.map(|b| String::from_utf8_lossy(&b).into_owned());
        if let (Some(draft), _) = draft(&dictionary, &export) {
            // Whatever was drafted can be read again.
            let (dataset, diagnostics) = read("export.csv", export.as_bytes(), Some(&draft.text()));
            let codebook = diagnostics.iter().find(|d| d.code == "bad-toml" || d.code == "wrong-type");
            prop_assert!(codebook.is_none(), "{}", rendered(&diagnostics));
            prop_assert_eq!(dataset.is_none(), diagnostics.has_errors());
        }
    }
}
