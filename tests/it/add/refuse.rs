//! What is not added, and that the project is then as it was.

use std::fs;
use std::process::Command;

use insta::assert_snapshot;

use super::{CSV, Office};

#[test]
fn careless_calls_are_refused_with_what_to_do() {
    let office = Office::new();
    office.added(&["trial", "../export/trial.csv"]);
    office.write("export/other.csv", b"id,x\n1,2\n2,4\n");
    office.write("export/2024 data.csv", b"id,x\n1,2\n2,4\n");
    office.write("export/letter.docx", b"PK");
    office.write("export/broken.csv", b"a,b\n1\n");
    office.write("export/empty.csv", b"");
    office.write("project/data/lost/1.0.0/other.csv", b"something else");
    let mut said = Vec::new();
    for arguments in [
        &["trial", "../export/other.csv"][..],
        &["trial", "../export/other.csv", "--version", "1.0.0"],
        &["trial", "../export/other.csv", "--version", "1.1"],
        &["Trial", "../export/other.csv"],
        &["../export/2024 data.csv"],
        &["my/data", "../export/other.csv"],
        &["other", "../export"],
        &["other", "../export/none.csv"],
        &["letter", "../export/letter.docx"],
        &["broken", "../export/broken.csv"],
        &["empty", "../export/empty.csv"],
        &["lost", "../export/other.csv"],
        &["other", "../export/other.csv", "--access", "restricted"],
        &["other", "../export/other.csv", "--released", "June 2023"],
        &["other", "../export/other.csv", "--source", "ftp://x"],
        &["other", "../export/other.csv", "--encoding", "utf-61"],
        &[
            "other",
            "../export/other.csv",
            "--codebook",
            "../export/trial.csv",
        ],
        &["other", "../export/other.csv", "--name", "another"],
    ] {
        said.push(format!(
            "$ data add {}\n{}",
            arguments.join(" "),
            office.refused(arguments)
        ));
    }
    assert_snapshot!(said.join("\n"));
}

#[test]
fn there_must_be_a_manifest() {
    let office = Office::new();
    fs::remove_file(office.path("project/data-manifest.toml")).unwrap();
    let (status, _, err) = office.add(&["../export/trial.csv"]);
    assert_eq!(status, 2);
    assert!(err.contains("there is no data-manifest.toml"), "{err}");
    assert_eq!(office.files(), [""; 0]);
}

#[test]
fn a_manifest_with_mistakes_is_left_alone() {
    let office = Office::with("[project]\nname = 1\n");
    assert!(
        office
            .refused(&["../export/trial.csv"])
            .contains("bad-manifest")
    );
}

#[test]
#[cfg(unix)]
fn links_and_pipes_are_no_places_for_data() {
    use std::os::unix::fs::symlink;
    let office = Office::new();
    fs::create_dir(office.path("elsewhere")).unwrap();
    symlink(office.path("elsewhere"), office.path("project/data")).unwrap();
    let said = office.refused(&["../export/trial.csv"]);
    assert!(said.contains("linked-folder"), "{said}");
    assert_eq!(fs::read_dir(office.path("elsewhere")).unwrap().count(), 0);
    fs::remove_file(office.path("project/data")).unwrap();
    let pipe = office.path("export/pipe.csv");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    assert!(
        office
            .refused(&["../export/pipe.csv"])
            .contains("not-a-file")
    );
    // A link to a file is read as the file.
    symlink(
        office.path("export/trial.csv"),
        office.path("export/link.csv"),
    )
    .unwrap();
    office.added(&["linked", "../export/link.csv"]);
    assert_eq!(
        office.read("project/data/linked/1.0.0/link.csv").as_bytes(),
        CSV
    );
    assert!(
        fs::symlink_metadata(office.path("project/data/linked/1.0.0/link.csv"))
            .unwrap()
            .is_file()
    );
}

#[test]
#[cfg(unix)]
fn a_folder_that_differs_by_case_is_refused() {
    let office = Office::new();
    office.write("project/data/Trial/notes.txt", b"x");
    assert!(
        office
            .refused(&["../export/trial.csv"])
            .contains("name-case")
    );
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_to_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::new();
    let folder = office.path("project");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let (status, _, err) = office.add(&["../export/trial.csv"]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    // Whoever may do everything is not stopped by permissions.
    if status != 0 {
        assert_eq!(status, 3, "{err}");
        assert_eq!(office.files(), ["data-manifest.toml"]);
    }
}

#[test]
fn what_lies_at_the_codebooks_place_is_not_written_over() {
    let office = Office::new();
    office.write(
        "project/data/trial/codebook.toml",
        b"[[fields]]\nname = \"nothing\"\n",
    );
    let said = office.refused(&["../export/trial.csv"]);
    assert!(said.contains("missing-column"), "{said}");
    office.write(
        "project/data/trial/codebook.toml",
        b"title = \"kept\"\n[[fields]]\nname = \"id\"\n",
    );
    office.added(&["../export/trial.csv"]);
    assert!(
        office
            .read("project/data/trial/codebook.toml")
            .contains("kept")
    );
}
