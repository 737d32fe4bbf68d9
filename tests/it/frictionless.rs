//! Frictionless data packages: exported, imported, and what of other people's is kept.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use proptest::prelude::*;
use trialbook::dataset::codebook::{Described, Wanted};
use trialbook::dataset::{Codebook, digest};
use trialbook::diagnostic::{Diagnostics, Source};

use crate::it::add::{CSV, Office};
use crate::it::support::project::rendered;

const BOOK: &str = r#"title = "A table"
description = "More about it."
missingValues = ["NA", { value = "-9", label = "Refused" }]
primaryKey = "id"

[[fields]]
name = "id"
type = "integer"
title = "Participant"
constraints = { required = true, unique = true, minimum = 1 }

[[fields]]
name = "arm"
type = "string"
categories = [{ value = "WL", label = "Waiting list" }, "CCT"]

[[fields]]
name = "born"
type = "date"
format = "%d/%m/%Y"
constraints = { minimum = 1950-01-01, maximum = 2010-12-31 }

[[fields]]
name = "pain"
type = "number"
unit = "mm"
description = "Visual \"analogue\" scale\nof 100 mm."
labels = [{ value = "0", label = "none" }, { value = "100", label = "worst" }]
missingValues = [{ value = "999", label = "Not asked" }]
constraints = { minimum = 0, maximum = 100.5 }

[[fields]]
name = "smoker"
type = "boolean"
trueValues = ["yes"]
falseValues = ["no"]

[[fields]]
name = "code"
type = "string"
constraints = { pattern = "[A-Z]\\d+" }
"#;

const TABLE: &str = "id;arm;born;pain;smoker;code\n1;WL;03/02/1961;10.5;yes;A1\n2;CCT;NA;999;no;B22\n3;WL;-9;0;yes;C3\n";

/// A project with that table, exported to datapackage.json beside the manifest.
fn exported() -> Office {
    let office = Office::new();
    office.write("export/table.csv", TABLE.as_bytes());
    let book = BOOK.replacen(
        "\n[[fields]]",
        "\n[dialect]\ndelimiter = \";\"\n\n[[fields]]",
        1,
    );
    office.write("export/book.toml", book.as_bytes());
    office.added(&[
        "trial",
        "../export/table.csv",
        "--codebook",
        "../export/book.toml",
        "--title",
        "A trial",
        "--license",
        "CC0-1.0",
        "--source",
        "https://example.org/data/table.csv",
    ]);
    let (status, out, err) = office.run(&[
        "data",
        "export",
        "trial@1.0.0",
        "--output",
        "datapackage.json",
    ]);
    assert_eq!(
        (status, out.as_str()),
        (0, "wrote datapackage.json\n"),
        "{err}"
    );
    office
}

#[test]
fn an_export_says_what_the_codebook_says() {
    let office = exported();
    let text = office.read("project/datapackage.json");
    assert_snapshot!(text);
    let (status, out, _) = office.run(&["data", "export", "trial@1.0.0"]);
    assert_eq!((status, out), (0, text));
    let (status, _, err) = office.run(&[
        "data",
        "export",
        "trial@1.0.0",
        "--output",
        "datapackage.json",
    ]);
    assert_eq!(status, 2);
    assert!(err.contains("exists"), "{err}");
    assert_eq!(office.run(&["data", "export", "trial"]).0, 2);
}

#[test]
fn what_was_exported_comes_back_the_same() {
    let office = exported();
    let other = Office::new();
    other.write("export/table.csv", TABLE.as_bytes());
    other.write(
        "export/datapackage.json",
        office.read("project/datapackage.json").as_bytes(),
    );
    let out = other.added(&[
        "trial",
        "../export/table.csv",
        "--frictionless",
        "../export/datapackage.json",
    ]);
    assert!(
        out.contains("taken over from ../export/datapackage.json"),
        "{out}"
    );
    assert_eq!(
        other.read("project/data-manifest.toml"),
        office.read("project/data-manifest.toml"),
    );
    let book = |office: &Office| {
        let text = office.read("project/data/trial/codebook.toml");
        let (book, diagnostics) = Codebook::parse(&Source::new("x", text.as_str()));
        assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
        (book, text)
    };
    let ((before, _), (after, text)) = (book(&office), book(&other));
    assert_eq!(before.title, after.title);
    assert_eq!(before.description, after.description);
    assert_eq!(before.dialect(), after.dialect());
    for (a, b) in before.fields.iter().zip(&after.fields) {
        assert_eq!(a.name.value, b.name.value);
        assert_eq!(
            a.data_type.as_ref().map(|t| t.value),
            b.data_type.as_ref().map(|t| t.value),
            "{text}"
        );
        assert_eq!(
            (&a.title, &a.description, &a.unit),
            (&b.title, &b.description, &b.unit)
        );
        assert_eq!(
            a.categories.as_ref().map(|c| &c.value),
            b.categories.as_ref().map(|c| &c.value)
        );
        assert_eq!(a.labels, b.labels);
        let value = |at: &Option<trialbook::reader::At<f64>>| at.as_ref().map(|v| v.value);
        assert_eq!(value(&a.constraints.minimum), value(&b.constraints.minimum));
        assert_eq!(value(&a.constraints.maximum), value(&b.constraints.maximum));
    }
    assert!(
        text.contains("{ value = \"-9\", label = \"Refused\" }"),
        "{text}"
    );
    assert!(
        text.contains("{ value = \"999\", label = \"Not asked\" }"),
        "{text}"
    );
    assert!(text.contains("trueValues = [\"yes\"]"), "{text}");
    assert_eq!(other.run(&["data", "check"]).0, 0);
}

fn described(text: &str) -> (Option<Described>, Diagnostics) {
    let file = Wanted {
        file_name: "trial.csv",
        bytes: CSV.len() as u64,
        sha256: digest(CSV),
    };
    Described::read("datapackage.json", text, &file)
}

const FOREIGN: &str = r#"{
  "name": "p", "title": "Package", "homepage": "https://example.org", "unknown": {"a": [1]},
  "licenses": [{"path": "https://creativecommons.org/licenses/by/4.0/"}],
  "sources": [{"title": "Paper", "path": "https://doi.org/10.1/x"}],
  "resources": [
    {"name": "other", "path": "data/other.csv", "schema": {"fields": []}},
    {"name": "t", "path": "data/trial.csv", "title": "Table", "encoding": "UTF-8", "dialect": {"csv": {"delimiter": ","}},
     "schema": {
      "fields": [
        {"name": "a", "type": "string", "format": "email", "constraints": {"enum": ["x", 2, true], "minLength": 2}},
        {"name": "b", "type": "integer", "constraints": {"minimum": "1", "maximum": 9}, "missingValues": ["", "-"]},
        {"name": "c", "type": "number", "decimalChar": ","},
        {"name": "d", "type": "datetime"},
        {"name": "e", "type": "geojson"},
        {"name": "f", "type": "year"},
        {"name": "g", "type": "date", "format": "any"},
        {"name": "h", "type": "date", "format": "%d.%m.%Y", "constraints": {"minimum": "2020-01-31"}},
        {"name": "i"},
        {"name": "j", "type": "any", "constraints": {"pattern": "x+"}},
        {"name": "k", "type": "string", "categories": [{"value": "1", "label": "One"}, "2"], "categoriesOrdered": true},
        {"name": "l", "type": "integer", "categories": [0, 1]}
      ],
      "missingValues": ["", "NA", {"value": "-1", "label": "unknown"}],
      "primaryKey": ["a", "b"],
      "foreignKeys": [{"fields": "a", "reference": {"resource": "other", "fields": "a"}}]
     }}
  ]
}"#;

#[test]
fn what_codebooks_do_not_have_is_said() {
    let (found, diagnostics) = described(FOREIGN);
    let found = found.unwrap();
    let text = found.draft.as_ref().unwrap().text();
    let rest = Described {
        draft: None,
        ..found
    };
    assert_snapshot!(format!(
        "{text}\n---\n{rest:#?}\n---\n{}",
        rendered(&diagnostics)
    ));
}

#[test]
fn packages_that_mean_harm_or_another_file_are_refused() {
    let resource = |inner: &str| format!("{{\"resources\": [{{{inner}}}]}}");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut said = Vec::new();
    for (name, text) in [
        ("no json", "name: x".to_owned()),
        ("deep", deep.clone()),
        (
            "deep value",
            resource(&format!(
                "\"path\": \"trial.csv\", \"schema\": {{\"fields\": [{{\"name\": \"a\", \"categories\": {deep}}}]}}"
            )),
        ),
        ("large", " ".repeat((16 << 20) + 1)),
        (
            "twice",
            resource("\"path\": \"trial.csv\", \"path\": \"trial.csv\""),
        ),
        (
            "fields twice",
            resource(
                "\"path\": \"trial.csv\", \"schema\": {\"fields\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}",
            ),
        ),
        ("out", resource("\"path\": \"../../etc/trial.csv\"")),
        ("absolute", resource("\"path\": \"/data/trial.csv\"")),
        ("parts", resource("\"path\": [\"trial.csv\", \"more.csv\"]")),
        (
            "elsewhere",
            resource("\"path\": \"trial.csv\", \"schema\": \"https://example.org/schema.json\""),
        ),
        (
            "other bytes",
            resource("\"path\": \"trial.csv\", \"bytes\": 1"),
        ),
        (
            "other hash",
            resource("\"path\": \"trial.csv\", \"hash\": \"sha256:00\""),
        ),
        (
            "no header",
            resource(
                "\"path\": \"trial.csv\", \"dialect\": {\"header\": false, \"delimiter\": \"||\"}, \"encoding\": \"ebcdic\"",
            ),
        ),
        (
            "others",
            "{\"resources\": [{\"path\": \"a.csv\"}, {\"path\": \"b.csv\"}]}".to_owned(),
        ),
    ] {
        let (found, diagnostics) = described(&text);
        assert!(found.is_none(), "{name}");
        said.push(format!("## {name}\n{}", rendered(&diagnostics)));
    }
    assert_snapshot!(said.join("\n\n"));
}

#[test]
fn the_data_of_this_project_export() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("data-manifest.toml")).unwrap();
    assert!(manifest.contains("btheb"));
    let office = Office::new();
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_trialbook"))
        .args(["data", "export", "btheb@1.0.0", "--root"])
        .arg(root)
        .current_dir(office.path("project"))
        .output()
        .unwrap();
    assert!(ended.status.success());
    let package: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(
        package["resources"][0]["path"],
        "data/btheb/1.0.0/btheb.csv"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_descriptors_are_no_disaster(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8)
    ) {
        let mut bytes = FOREIGN.as_bytes().to_vec();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes[at] = b"\",[]{}:0-e\\n"[usize::from(byte) % 12],
            }
        }
        let (found, diagnostics) = described(&String::from_utf8_lossy(&bytes));
        prop_assert_eq!(found.is_none(), diagnostics.has_errors());
        if let Some(draft) = found.and_then(|f| f.draft) {
            let (_, wrong) = Codebook::parse(&Source::new("x", draft.text().as_str()));
            prop_assert!(!wrong.iter().any(|d| d.code == "toml-syntax"), "{}", rendered(&wrong));
        }
    }
}
