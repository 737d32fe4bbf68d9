//! `data add`: what it writes, and that nothing is left behind when it can't.

mod edit;
mod refuse;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use tempfile::TempDir;

/// A project without datasets beside a folder with files to add.
pub struct Office {
    folder: TempDir,
}

pub const CSV: &[u8] = b"id,arm,age\n1,WL,44\n2,CCT,51\n3,WL,39\n4,CCT,60\n";

impl Office {
    pub fn new() -> Self {
        Self::with("# Ours.\n[project]\nname = \"Test\"\n")
    }

    pub fn with(manifest: &str) -> Self {
        let office = Self {
            folder: TempDir::new().unwrap(),
        };
        office.write("project/data-manifest.toml", manifest.as_bytes());
        office.write("export/trial.csv", CSV);
        office
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Status, standard output and standard error of a command, from the project's folder.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let ended = Command::new(env!("CARGO_BIN_EXE_trialbook"))
            .args(arguments)
            .current_dir(self.path("project"))
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            ended.status.code().unwrap(),
            text(ended.stdout),
            text(ended.stderr),
        )
    }

    pub fn add(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run(&[&["data", "add"], arguments].concat())
    }

    /// Adds and expects that it goes well.
    pub fn added(&self, arguments: &[&str]) -> String {
        let (status, out, err) = self.add(arguments);
        assert_eq!(status, 0, "{err}");
        out
    }

    /// Every file and folder of the project.
    pub fn files(&self) -> Vec<String> {
        let root = self.path("project");
        let mut found: Vec<String> = walkdir::WalkDir::new(&root)
            .into_iter()
            .map(|e| {
                e.unwrap()
                    .path()
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|p| !p.is_empty())
            .collect();
        found.sort();
        found
    }

    /// The project is as it was before `arguments` were tried; gives what was said.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let before = (self.files(), self.read("project/data-manifest.toml"));
        let (status, out, err) = self.add(arguments);
        assert!(matches!(status, 1 | 2), "{status} {out} {err}");
        assert_eq!(out, "");
        assert_eq!(
            (self.files(), self.read("project/data-manifest.toml")),
            before
        );
        let here = self.folder.path().canonicalize().unwrap();
        err.replace(here.to_str().unwrap(), "…")
    }
}

#[test]
fn a_file_becomes_a_dataset_with_a_codebook() {
    let office = Office::new();
    let out = office.added(&[
        "trial",
        "../export/trial.csv",
        "--title",
        "A trial",
        "--license",
        "CC0-1.0",
    ]);
    assert_eq!(
        office.files(),
        [
            "data",
            "data-manifest.toml",
            "data/trial",
            "data/trial/1.0.0",
            "data/trial/1.0.0/trial.csv",
            "data/trial/codebook.toml"
        ]
    );
    let manifest = office.read("project/data-manifest.toml");
    let codebook = office.read("project/data/trial/codebook.toml");
    assert_snapshot!(format!(
        "{out}\n--- manifest\n{manifest}\n--- codebook\n{codebook}"
    ));
    let (status, out, err) = office.run(&["data", "check"]);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(!Path::new("project/data/trial/1.0.0/.trial.csv.part").exists());
}

#[test]
fn a_further_version_keeps_the_codebook_or_gets_its_own() {
    let office = Office::new();
    office.added(&["../export/trial.csv"]);
    office.write(
        "export/trial.csv",
        b"id,arm,age\n1,WL,44\n2,CCT,52\n3,WL,39\n4,CCT,60\n",
    );
    let same = office.added(&[
        "trial",
        "../export/trial.csv",
        "--version",
        "1.0.1",
        "--changes",
        "One age.",
    ]);
    office.write(
        "export/trial.csv",
        b"id,arm,years\n1,WL,44\n2,other,52\n3,WL,39\n4,other,1\n",
    );
    let (status, other, warned) =
        office.add(&["trial", "../export/trial.csv", "--version", "2.0.0"]);
    assert_eq!(status, 0, "{warned}");
    let manifest = office.read("project/data-manifest.toml");
    assert_snapshot!(format!(
        "{same}\n{other}\n{warned}\n--- manifest\n{manifest}"
    ));
    let (status, _, err) = office.run(&["data", "check"]);
    assert_eq!((status, err.as_str()), (0, ""));
}

#[test]
fn a_file_that_the_manifest_knows_goes_back_to_its_place() {
    let office = Office::new();
    office.added(&["trial", "../export/trial.csv"]);
    let manifest = office.read("project/data-manifest.toml");
    fs::remove_dir_all(office.path("project/data/trial/1.0.0")).unwrap();
    for arguments in [
        &["../export/trial.csv"][..],
        &["trial", "../export/trial.csv"],
        &["trial", "../export/trial.csv", "--version", "1.0.0"],
    ] {
        let out = office.added(arguments);
        assert!(out.contains("trial@1.0.0"), "{out}");
        assert_eq!(
            office.read("project/data/trial/1.0.0/trial.csv").as_bytes(),
            CSV
        );
    }
    assert_eq!(office.read("project/data-manifest.toml"), manifest);
}

#[test]
fn a_file_in_its_place_stays_there() {
    let office = Office::new();
    office.write("project/data/trial/1.0.0/trial.csv", CSV);
    let out = office.added(&["trial", "data/trial/1.0.0/trial.csv"]);
    assert!(
        out.contains("left data/trial/1.0.0/trial.csv where it is"),
        "{out}"
    );
    assert_eq!(office.run(&["data", "check"]).0, 0);
}

#[test]
fn a_codebook_may_be_brought_along() {
    let office = Office::new();
    let codebook = "title = \"T\"\n[[fields]]\nname = \"id\"\n[[fields]]\nname = \"arm\"\n[[fields]]\nname = \"age\"\nunit = \"y\"\n";
    office.write("export/book.toml", codebook.as_bytes());
    office.added(&[
        "trial",
        "../export/trial.csv",
        "--codebook",
        "../export/book.toml",
    ]);
    assert_eq!(office.read("project/data/trial/codebook.toml"), codebook);
    office.write("project/shared.toml", codebook.as_bytes());
    office.added(&[
        "other",
        "../export/trial.csv",
        "--codebook",
        "shared.toml",
        "--version",
        "0.1.0",
    ]);
    assert!(
        office
            .read("project/data-manifest.toml")
            .contains("codebook = \"shared.toml\"")
    );
}

#[test]
fn what_the_bytes_do_not_say_is_said_by_options() {
    let office = Office::new();
    office.write("export/semicolon.csv", b"id;x\n1;2\n2;NA\n3;-9\n");
    office.added(&[
        "semicolon",
        "../export/semicolon.csv",
        "--delimiter",
        ";",
        "--missing",
        "-9, Refused",
    ]);
    let book = office.read("project/data/semicolon/codebook.toml");
    assert!(
        book.contains(
            "name = \"x\"
type = \"integer\""
        ),
        "{book}"
    );
    assert!(
        office
            .read("project/data/semicolon/codebook.toml")
            .contains("delimiter = \";\"")
    );
    let book = crate::it::dataset::xlsx::workbook("several.xlsx");
    office.write("export/several.xlsx", &book);
    assert!(
        office
            .refused(&["../export/several.xlsx"])
            .contains("several-sheets")
    );
    office.added(&["../export/several.xlsx", "--sheet", "Visits & more"]);
}

#[test]
fn terms_stand_where_they_belong() {
    let office = Office::new();
    let (file, apply) = ("../export/trial.csv", "Write to data@example.org.");
    office.added(&[
        "trial",
        file,
        "--access",
        "restricted",
        "--apply",
        apply,
        "--released",
        "2024-02-29",
        "--source",
        "https://example.org/trial.csv",
    ]);
    assert_snapshot!(office.read("project/data-manifest.toml"));
}
