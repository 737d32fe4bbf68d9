//! `data-manifest.toml`: what it says, and everything that can be wrong with it.

use std::path::Path;

use insta::assert_snapshot;
use proptest::prelude::*;
use trialbook::diagnostic::{Fault, Source};
use trialbook::manifest::{Access, Manifest, Version};

use super::support::project::rendered;

fn parse(text: &str) -> Manifest {
    let (manifest, diagnostics) = Manifest::parse(&Source::new("data-manifest.toml", text));
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    manifest
}

fn complaints(text: &str) -> String {
    let (_, diagnostics) = Manifest::parse(&Source::new("data-manifest.toml", text));
    rendered(&diagnostics)
}

fn own() -> Manifest {
    let (manifest, diagnostics) = Manifest::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    manifest
}

#[test]
fn the_projects_own_manifest_reads() {
    let manifest = own();
    let btheb = manifest.dataset("btheb").unwrap();
    assert_eq!(btheb.citation.as_ref().unwrap().value, "proudfoot2003");
    let all: Vec<_> = manifest.all().map(|r| r.reference()).collect();
    assert_eq!(
        all,
        [
            "btheb@1.0.0",
            "btheb@2.0.0",
            "cct@1.0.0",
            "cct-protocol@1.0.0"
        ]
    );
    let cct = manifest.resolve("cct@1.0.0", None).unwrap();
    assert_eq!(cct.version.bytes.value, 16_356);
    assert_eq!(cct.access(), Access::External);
    let long = manifest.resolve("btheb@2.0.0", None).unwrap();
    assert_eq!(long.version.bytes.value, 3455);
    assert_eq!(long.version.released.as_ref().unwrap().value, "2026-11-23");
    assert_eq!(
        long.codebook().unwrap().value,
        "data/btheb/codebook-long.toml"
    );
    let wide = manifest.resolve("btheb@1.0.0", None).unwrap();
    assert_eq!(wide.codebook().unwrap().value, "data/btheb/codebook.toml");
}

#[test]
fn references_that_lead_nowhere_say_what_there_is() {
    let manifest = own();
    let errors = [
        "btheb",
        "btheb@",
        "bteb@1.0.0",
        "btheb@1.0",
        "",
        "@",
        "btheb@1.0.0@x",
    ]
    .map(|r| {
        format!(
            "{r:?}\n{}",
            manifest.resolve(r, None).unwrap_err().render(false)
        )
    });
    assert_snapshot!(errors.join("\n\n"));
}

const MISTAKES: &str = r#"
[project]
title = "No name"

[[dataset]]
name = "cct"
titel = "Misspelt"
license = 3
codebook = "../codebook.toml"
homepage = "example.org"

[[dataset.version]]
version = "1.0"
path = "/etc/passwd"
sha256 = "d50a3020"
bytes = -1
released = 2023-06-23T10:00:00
changes = "First"

[[dataset.version]]
version = "1.0.0"
path = 'data\cct.csv'
sha256 = "z50a3020d50a3020d50a3020d50a3020d50a3020d50a3020d50a3020d50a3020"
bytes = 1.5
released = "2023-02-29"
source = "ftp://example.org/cct.csv"

[[dataset.version]]
version = "1.0.0"
path = "data/./cct.csv"

[[dataset]]
name = "cct"
version = "1.0.0"

[[dataset]]
name = "no versions"

[[dataset]]
title = "No name"

[[datasets]]
name = "x"
"#;

#[test]
fn every_mistake_is_reported_at_once() {
    assert_snapshot!(complaints(MISTAKES));
}

#[test]
fn a_version_is_there_once_and_so_is_a_dataset() {
    let version = "[[dataset.version]]\nversion = \"1.0.0\"\npath = \"a.csv\"\nbytes = 0\nsha256 = \
                   \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n";
    let dataset = "[[dataset]]\nname = \"a\"\n";
    assert_snapshot!(complaints(&format!(
        "{dataset}{version}{version}{dataset}{version}"
    )));
}

#[test]
fn what_is_no_toml_is_reported_with_its_place() {
    assert_snapshot!(complaints(
        "[[dataset]\nname = \"a\"\n\n[project]\nname = \n"
    ));
    assert!(parse("").datasets.is_empty());
}

#[test]
fn a_missing_manifest_is_a_mistake_of_the_input() {
    let folder = tempfile::TempDir::new().unwrap();
    let error = Manifest::load(folder.path()).unwrap_err();
    assert_eq!(error.fault, Fault::Input);
    assert_snapshot!(error.render(false));
    std::fs::write(
        folder.path().join("data-manifest.toml"),
        b"[project]\nname = \"\xff\"",
    )
    .unwrap();
    assert_snapshot!(Manifest::load(folder.path()).unwrap_err().render(false));
}

#[test]
fn versions_are_ordered_as_semantic_versioning_says() {
    // The example of Semantic Versioning 2.0.0, §11.
    let texts = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.0+build.5",
        "2.0.0",
        "2.1.0",
        "10.0.0",
    ];
    let versions: Vec<_> = texts.map(|t| Version::parse(t).unwrap()).into();
    assert!(versions.is_sorted_by(|a, b| a < b));
    for wrong in [
        "", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.x", "1.0.0-", "1.0.0-01", "v1.0.0", "1.0.0+é",
        "1.0.-1",
    ] {
        assert!(Version::parse(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_it_panic(at in 0..MISTAKES.len(), removed in 0..40_usize, added in ".{0,8}") {
        let mut text: Vec<char> = MISTAKES.chars().collect();
        let end = (at + removed).min(text.len());
        text.splice(at.min(end)..end, added.chars());
        let text: String = text.into_iter().collect();
        complaints(&text);
    }

    #[test]
    fn no_version_makes_it_panic(text in ".{0,20}") {
        let _ = Version::parse(&text);
    }
}
