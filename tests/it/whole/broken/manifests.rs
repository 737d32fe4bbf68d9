//! Broken manifests.

use super::*;

const MANIFEST: &str = "data-manifest.toml";

/// The small trial with a text of its manifest changed.
fn changed(from: &str, to: &str) -> Trial {
    let trial = Trial::new();
    trial.edit(MANIFEST, from, to);
    trial
}

fn written(text: &[u8]) -> Trial {
    let trial = Trial::new();
    trial.write(MANIFEST, text);
    trial
}

#[test]
fn every_mistake_of_a_manifest_has_its_place() {
    let said = Cases::new()
        .project("no TOML", changed("[[dataset]]", "[[dataset]"))
        .project("nothing", written(b""))
        .project(
            "an unknown key",
            changed("name = \"trial\"", "name = \"trial\"\ntitel = \"T\""),
        )
        .project("a wrong type", changed("bytes = ", "bytes = \"many\" # "))
        .project(
            "a digest that is none",
            changed("sha256 = \"", "sha256 = \"xyz"),
        )
        .project(
            "a path upwards",
            changed("data/trial/data.csv", "../trial/data.csv"),
        )
        .project(
            "an absolute path",
            changed("data/trial/data.csv", "/etc/passwd"),
        )
        .project(
            "a folder for a file",
            changed("data/trial/data.csv", "data/trial"),
        )
        .project("a format that nobody reads", {
            let trial = changed("data/trial/data.csv", "data/trial/data.docx");
            trial.write("data/trial/data.docx", rows().as_bytes());
            trial
        })
        .project("a version that is none", changed("\"1.0.0\"", "\"first\""))
        .project(
            "a codebook that is not there",
            changed("trial/codebook.toml", "trial/cookbook.toml"),
        )
        .errors();
    insta::assert_snapshot!(said);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_the_project_are_not_followed() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::TempDir::new().unwrap();
    let csv = outside.path().join("data.csv");
    std::fs::write(&csv, rows()).unwrap();
    let data = Trial::new();
    std::fs::remove_file(data.path("data/trial/data.csv")).unwrap();
    symlink(&csv, data.path("data/trial/data.csv")).unwrap();
    let text = outside.path().join("report.md");
    std::fs::write(&text, report(BASELINE)).unwrap();
    let linked = Trial::new();
    std::fs::remove_file(linked.path(super::super::trial::REPORT)).unwrap();
    symlink(&text, linked.path(super::super::trial::REPORT)).unwrap();
    let said = Cases::new()
        .project("data by a link", data)
        .project("a report by a link", linked)
        .errors();
    insta::assert_snapshot!(said);
}

#[test]
fn a_manifest_that_is_no_text_is_said() {
    let found = written(b"[project]\nname = \"\xff\xfe\"\n").check();
    assert!(found.has_errors());
    insta::assert_snapshot!(shown(&found));
}
