//! `data check`: all versions, and what does not belong into `data/`.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use trialbook::dataset::digest;
use trialbook::diagnostic::Diagnostics;
use trialbook::project::Project;

use crate::it::support::project::{Project as Folder, rendered};

const CSV: &[u8] = b"id,value\n1,2\n2,3\n";

fn survey(folder: &Folder) -> Diagnostics {
    let (project, found) = Project::open(Some(folder.path()), folder.path());
    assert!(found.is_empty(), "{}", rendered(&found));
    project.unwrap().survey()
}

fn codes(folder: &Folder) -> Vec<String> {
    let found = survey(folder);
    assert!(!found.has_errors());
    found.iter().map(|d| d.code.to_string()).collect()
}

/// A further version in the manifest.
fn version(folder: &Folder, version: &str, path: &str, bytes: &[u8]) {
    let manifest = folder.path().join("data-manifest.toml");
    let mut text = fs::read_to_string(&manifest).unwrap();
    write!(
        text,
        "\n[[dataset.version]]\nversion = \"{version}\"\npath = \"{path}\"\nsha256 = \"{}\"\nbytes = {}\n",
        digest(bytes),
        bytes.len()
    )
    .unwrap();
    fs::write(manifest, text).unwrap();
}

fn check(folder: &Folder, names: &[&str]) -> (i32, String, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_trialbook"))
        .args(["data", "check"])
        .args(names)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        ended.status.code().unwrap(),
        text(ended.stdout),
        text(ended.stderr),
    )
}

#[test]
fn versions_are_checked_in_the_order_of_the_manifest() {
    let folder = Folder::new(CSV);
    for i in 0..12 {
        let bytes = format!("id,value\n{i},1\n");
        let path = format!("data/trial/{i}.csv");
        folder.write(&path, bytes.as_bytes());
        version(&folder, &format!("2.{i}.0"), &path, bytes.as_bytes());
    }
    folder.write("data/trial/5.csv", b"id,value\n5,2\n");
    fs::remove_file(folder.path().join("data/trial/9.csv")).unwrap();
    let (status, out, err) = check(&folder, &[]);
    assert_eq!(status, 1);
    let names: Vec<&str> = out.lines().map(|l| l.split(':').next().unwrap()).collect();
    let wanted: Vec<String> = std::iter::once("trial@1.0.0".to_owned())
        .chain(
            (0..12)
                .filter(|i| ![5, 9].contains(i))
                .map(|i| format!("trial@2.{i}.0")),
        )
        .collect();
    assert_eq!(names, wanted);
    let (changed, missing) = (
        err.find("changed-data").unwrap(),
        err.find("missing-file").unwrap(),
    );
    assert!(changed < missing, "{err}");
}

#[test]
fn what_the_manifest_names_and_what_tells_of_data_is_not_foreign() {
    let folder = Folder::new(CSV);
    folder.edit_manifest(
        "[[dataset.version]]",
        "codebook = \"data/codebook.toml\"\n\n[[dataset.version]]",
    );
    folder.write("data/codebook.toml", b"");
    for path in [
        "README",
        "readme.txt",
        "notes.md",
        "LICENSE-MIT",
        "export.R",
        "make.py",
        ".gitignore",
    ] {
        folder.write(&format!("data/trial/{path}"), b"");
    }
    assert_eq!(codes(&folder), Vec::<String>::new());
}

#[test]
fn foreign_files_are_listed_in_one_warning() {
    let folder = Folder::new(CSV);
    for i in 0..7 {
        folder.write(&format!("data/old/copy {i}.csv"), CSV);
    }
    let found = rendered(&survey(&folder));
    assert!(
        found.contains("7 files in data/ that the manifest does not name"),
        "{found}"
    );
    assert!(
        found.contains("`data/old/copy 4.csv` and 2 more"),
        "{found}"
    );
    // A check of one dataset does not go through the folder.
    assert_eq!(check(&folder, &["trial"]).2, "");
    let (status, _, err) = check(&folder, &[]);
    assert_eq!(status, 0);
    assert!(err.contains("foreign-file"), "{err}");
}

#[test]
fn names_that_differ_by_case_are_said() {
    let folder = Folder::new(CSV);
    folder.write("data/Trial.CSV", CSV);
    let found = rendered(&survey(&folder));
    assert!(
        found.contains("`data/Trial.CSV` and `data/trial.csv` of the manifest differ by case only"),
        "{found}"
    );
}

#[cfg(unix)]
#[test]
fn links_out_of_the_project_and_names_of_one_system_are_said() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    let folder = Folder::new(CSV);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("far.csv"), "a\n1\n").unwrap();
    symlink(
        outside.path().join("far.csv"),
        folder.path().join("data/far.csv"),
    )
    .unwrap();
    symlink("nowhere", folder.path().join("data/dangling")).unwrap();
    symlink(outside.path(), folder.path().join("data/folder")).unwrap();
    symlink(".", folder.path().join("data/circle.md")).unwrap();
    for name in ["ends with space ", "new\nline.md", "what?.md"] {
        folder.write(&format!("data/{name}"), b"");
    }
    let bytes = std::ffi::OsStr::from_bytes(b"data/\xff\xfe.md");
    fs::write(folder.path().join(bytes), b"").unwrap();
    let found = survey(&folder);
    let text = rendered(&found);
    assert!(
        text.contains("3 files in data/ that are a link out of the project"),
        "{text}"
    );
    assert!(
        text.contains("4 files in data/ with a name that other systems can't have"),
        "{text}"
    );
    assert!(text.contains("new\\nline.md"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_data_folder_that_is_a_link_is_not_followed() {
    let folder = Folder::new(CSV);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("trial.csv"), CSV).unwrap();
    fs::remove_dir_all(folder.path().join("data")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("data")).unwrap();
    assert_eq!(codes(&folder), ["bad-link"]);
}

#[test]
fn partial_downloads_are_said() {
    let folder = Folder::new(CSV);
    folder.write(&format!("data/.fetch/{}.part", digest(CSV)), b"id,");
    folder.write(&format!("data/.fetch/{}.part", "0".repeat(64)), b"x");
    let text = rendered(&survey(&folder));
    assert!(
        text.contains("3 of the 17 bytes of trial@1.0.0 are in data/.fetch"),
        "{text}"
    );
    assert!(
        text.contains("data/.fetch has 1 bytes of a file that the manifest does not name"),
        "{text}"
    );
}

#[test]
fn versions_that_are_the_same_are_said() {
    let folder = Folder::new(CSV);
    folder.write("data/copy.csv", CSV);
    version(&folder, "1.0.1", "data/copy.csv", CSV);
    version(&folder, "1.0.2", "data/TRIAL.csv", b"other");
    assert_eq!(codes(&folder), ["same-bytes", "same-path"]);
}

#[test]
fn a_project_without_data_is_at_rest() {
    let folder = Folder::new(CSV);
    fs::remove_dir_all(folder.path().join("data")).unwrap();
    assert_eq!(codes(&folder), Vec::<String>::new());
}
