//! A real bundle, to be spoiled by tests: file by file, and with all promises made good again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;
use trialbook::bundle::{archive, bag};
use trialbook::diagnostic::Diagnostics;
use trialbook::program::sha256;
use trialbook::time::BuildTime;
use trialbook::verify::{Options, Verification, verify_bundle};

use super::trial::{BASELINE, Trial, report};

/// The file names of the records in a bundle.
const RECORDS: [&str; 2] = [
    "data/ro-crate-metadata.json",
    "data/build/small/provenance/ro-crate-metadata.json",
];

/// The files of a bag, by their paths in it.
#[derive(Clone)]
pub struct Sealed(pub BTreeMap<String, Vec<u8>>);

/// The bundle of the small trial, as the program writes it.
static ZIP: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let trial = Trial::new().with_report(&report(&format!(
        "The mean was {{{{ tbl-baseline.age.mean }}}}.\n\n{BASELINE}"
    )));
    trial.run(&["bundle", "small"]).with_status(0);
    fs::read(trial.path("build/small.bundle.zip")).unwrap()
});

/// The bytes of the bundle.
pub fn zip() -> &'static [u8] {
    &ZIP
}

impl Sealed {
    /// The bundle as it was written.
    pub fn new() -> Self {
        let mut zip = zip::ZipArchive::new(Cursor::new(zip())).unwrap();
        let mut files = BTreeMap::new();
        for i in 0..zip.len() {
            let mut file = zip.by_index(i).unwrap();
            let name = file
                .name()
                .unwrap()
                .strip_prefix("small/")
                .unwrap()
                .to_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            files.insert(name, bytes);
        }
        Self(files)
    }

    /// The bundle with a few bytes in the place of each font, so that it is quickly looked through. It can't be built.
    pub fn slim() -> Self {
        let mut slim = Self::new();
        for (path, bytes) in &mut slim.0 {
            if path.contains("/fonts/") {
                *bytes = path.clone().into_bytes();
            }
        }
        slim.seal();
        slim
    }

    /// A file's text.
    pub fn text(&self, path: &str) -> &str {
        let bytes = self
            .0
            .get(path)
            .unwrap_or_else(|| panic!("{path}: {:#?}", self.0.keys()));
        std::str::from_utf8(bytes).unwrap()
    }

    /// Changes a text, in which `from` must stand.
    pub fn edit(&mut self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{path} has no {from}");
        let text = text.replace(from, to);
        self.0.insert(path.to_owned(), text.into_bytes());
    }

    /// Changes a JSON file.
    pub fn edit_json(&mut self, path: &str, edit: impl FnOnce(&mut Value)) {
        let mut json: Value = serde_json::from_str(self.text(path)).unwrap();
        edit(&mut json);
        let mut text = serde_json::to_string_pretty(&json).unwrap();
        text.push('\n');
        self.0.insert(path.to_owned(), text.into_bytes());
    }

    /// Replaces the dataset and what the data manifest says of it.
    pub fn set_data(&mut self, csv: &str) {
        let path = "data/data/trial/data.csv";
        let old = self.0[path].clone();
        let promise =
            |bytes: &[u8]| format!("sha256 = \"{}\"\nbytes = {}", sha256(bytes), bytes.len());
        self.edit(
            "data/data-manifest.toml",
            &promise(&old),
            &promise(csv.as_bytes()),
        );
        self.0.insert(path.to_owned(), csv.as_bytes().to_vec());
    }

    /// Makes all digests right again: those of the records, then those of the bag.
    pub fn seal(&mut self) {
        // The record of the build first: the other one has its digest.
        for record in RECORDS.iter().rev() {
            let files = self.0.clone();
            self.edit_json(record, |json| {
                for entity in json["@graph"].as_array_mut().unwrap() {
                    let path = format!("data/{}", entity["@id"].as_str().unwrap());
                    if let (Some(bytes), Some(_)) = (files.get(&path), entity.get("sha256")) {
                        entity["sha256"] = json!(sha256(bytes));
                        entity["contentSize"] = json!(bytes.len().to_string());
                    }
                }
            });
        }
        let payload = self.0.iter().filter_map(|(path, bytes)| {
            Some((path.strip_prefix("data/")?.to_owned(), bytes.clone()))
        });
        let info = bag::parse_info(self.text(bag::INFO)).unwrap();
        let info: Vec<(&str, String)> = info
            .iter()
            .filter(|(label, _)| label != "Payload-Oxum")
            .map(|(label, value)| (label.as_str(), value.clone()))
            .collect();
        self.0 = bag::files(payload.collect(), &[], &info);
    }

    /// The bundle in a folder of its own.
    pub fn folder(&self) -> TempDir {
        let folder = TempDir::new().unwrap();
        for (path, bytes) in &self.0 {
            write(folder.path(), path, bytes);
        }
        folder
    }

    /// The bundle as a zip.
    pub fn zipped(&self) -> Vec<u8> {
        archive::write("small", &self.0, BuildTime::from_days(20_000)).unwrap()
    }

    /// Verifies the bundle in a folder.
    pub fn verify(&self) -> (Verification, Diagnostics) {
        let folder = self.folder();
        verify(folder.path())
    }
}

/// Writes a file below a folder.
pub fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Verifies a bundle.
pub fn verify(path: &Path) -> (Verification, Diagnostics) {
    verify_bundle(path, "small", &Options::default(), &|_| {})
}
