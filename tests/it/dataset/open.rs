//! Nothing is read before its digest is verified.

use insta::assert_snapshot;
use trialbook::dataset::{Digest, digest};
use trialbook::diagnostic::Fault;

use crate::it::support::project::{Project, rendered};

const DATA: &[u8] = b"id,x\n1,2.5\n2,3.25\n";

fn refused(project: &Project, fault: Fault) -> String {
    let (dataset, diagnostics) = project.open();
    assert!(dataset.is_none());
    assert!(
        diagnostics.iter().all(|d| d.fault == fault),
        "{diagnostics:?}"
    );
    rendered(&diagnostics)
}

#[test]
fn the_promised_bytes_are_the_parsed_bytes() {
    let (dataset, diagnostics) = Project::new(DATA).open();
    assert!(diagnostics.is_empty());
    let dataset = dataset.unwrap();
    assert_eq!(dataset.sha256(), digest(DATA));
    assert_eq!(dataset.bytes(), 18);
    assert_eq!(dataset.schema().field("x").unwrap().decimals, Some(2));
}

#[test]
fn a_changed_byte_shows_both_digests() {
    let project = Project::new(DATA);
    project.write("data/trial.csv", b"id,x\n1,2.5\n2,3.26\n");
    assert_snapshot!(refused(&project, Fault::Broken));
}

#[test]
fn another_length_is_said() {
    let project = Project::new(DATA);
    project.write("data/trial.csv", b"id,x\n1,2.5\n");
    assert_snapshot!(refused(&project, Fault::Broken));
}

#[test]
fn a_missing_file_can_be_restored_or_fetched() {
    let project = Project::new(DATA);
    std::fs::remove_file(project.path().join("data/trial.csv")).unwrap();
    let without = refused(&project, Fault::Broken);
    project.edit_manifest("bytes", "source = \"https://example.org/trial.csv\"\nbytes");
    let with = refused(&project, Fault::Broken);
    assert_snapshot!(format!("{without}\n\n{with}"));
}

#[test]
fn a_folder_is_no_file() {
    let project = Project::new(DATA);
    project.edit_manifest("data/trial.csv", "data");
    assert_snapshot!(refused(&project, Fault::Input));
}

#[test]
fn an_unknown_format_is_named() {
    let project = Project::new(DATA);
    project.write("data/trial.docx", DATA);
    project.edit_manifest("data/trial.csv", "data/trial.docx");
    assert_snapshot!(refused(&project, Fault::Input));
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_project() {
    let project = Project::new(DATA);
    let outside = tempfile::TempDir::new().unwrap();
    let target = outside.path().join("trial.csv");
    std::fs::write(&target, DATA).unwrap();
    let link = project.path().join("data/trial.csv");
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert_snapshot!(refused(&project, Fault::Input));
}

#[test]
fn a_codebook_that_is_missing_or_wrong_stops_the_dataset() {
    let project = Project::new(DATA);
    project.edit_manifest(
        "name = \"trial\"",
        "name = \"trial\"\ncodebook = \"data/codebook.toml\"",
    );
    let missing = refused(&project, Fault::Broken);
    project.write(
        "data/codebook.toml",
        b"[[fields]]\nname = \"id\"\ntyp = \"integer\"\n",
    );
    let wrong = refused(&project, Fault::Input);
    project.write("data/codebook.toml", b"# \xff\n");
    let latin = refused(&project, Fault::Input);
    assert_snapshot!(format!("{missing}\n\n{wrong}\n\n{latin}"));
}

#[test]
fn digests_are_those_of_the_standard() {
    // FIPS 180-4, SHA-256 of "abc" and of nothing (NIST's examples).
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(digest(b"abc").to_string(), abc);
    assert_eq!(abc.parse::<Digest>().unwrap(), digest(b"abc"));
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(
        serde_json::to_string(&digest(b"")).unwrap(),
        format!("\"{nothing}\"")
    );
    for wrong in [
        "",
        "ba78",
        &abc[1..],
        &abc.replace('b', "x"),
        &"é".repeat(32),
    ] {
        assert!(wrong.parse::<Digest>().is_err());
    }
}
