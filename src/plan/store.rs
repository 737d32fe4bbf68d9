//! Results kept under their fingerprints, so that what has not changed is not computed again.
//!
//! A result is one file, written beside its place and renamed into it: whoever reads sees all of it or nothing, and two
//! builds at once write the same bytes. A file that does not hold what its name says counts as absent.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::fingerprint::{Component, Fingerprint};
use crate::analysis::Outcome;
use crate::diagnostic::Diagnostic;
use crate::program;

/// The store of a project.
#[derive(Debug, Clone)]
pub struct Store {
    /// The folder; none where nothing is kept.
    root: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    fingerprint: Fingerprint,
    sha256: String,
    /// The outcome as JSON text; its digest is taken over these very bytes.
    outcome: String,
}

/// What a report's steps depended on when it was last built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBuild {
    /// By label, what its step depended on.
    pub steps: std::collections::BTreeMap<String, Vec<Component>>,
}

impl Store {
    /// The store in that folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: Some(root.into()),
        }
    }

    /// A store that keeps nothing: every step is run.
    pub fn none() -> Self {
        Self { root: None }
    }

    fn path(&self, fingerprint: &Fingerprint) -> Option<PathBuf> {
        let name = fingerprint.as_str();
        let folder = self.root.as_ref()?.join("steps").join(name.get(..2)?);
        Some(folder.join(format!("{name}.json")))
    }

    /// The outcome under a fingerprint, if it is there and whole.
    pub fn get(&self, fingerprint: &Fingerprint) -> Option<Outcome> {
        let text = fs::read_to_string(self.path(fingerprint)?).ok()?;
        let record: Record = serde_json::from_str(&text).ok()?;
        if &record.fingerprint != fingerprint
            || program::sha256(record.outcome.as_bytes()) != record.sha256
        {
            return None;
        }
        serde_json::from_str(&record.outcome).ok()
    }

    /// Keeps an outcome under its fingerprint.
    pub fn put(&self, fingerprint: &Fingerprint, outcome: &Outcome) -> Result<(), Diagnostic> {
        let Some(path) = self.path(fingerprint) else {
            return Ok(());
        };
        let outcome = to_json(outcome)?;
        let record = Record {
            fingerprint: fingerprint.clone(),
            sha256: program::sha256(outcome.as_bytes()),
            outcome,
        };
        write_whole(&path, to_json(&record)?.as_bytes())
    }

    fn last_path(&self, report: &str) -> Option<PathBuf> {
        let folder = self.root.as_ref()?.join("reports");
        Some(folder.join(format!("{report}.json")))
    }

    /// What the report's steps depended on when it was last built; nothing if it never was.
    pub fn last_build(&self, report: &str) -> LastBuild {
        self.last_path(report)
            .and_then(|path| fs::read_to_string(path).ok())
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// Keeps what the report's steps depended on.
    pub fn keep_last_build(&self, report: &str, last: &LastBuild) -> Result<(), Diagnostic> {
        match self.last_path(report) {
            Some(path) => write_whole(&path, to_json(last)?.as_bytes()),
            None => Ok(()),
        }
    }
}

fn to_json<T: Serialize>(value: &T) -> Result<String, Diagnostic> {
    serde_json::to_string(value)
        .map_err(|e| Diagnostic::machine("store", format!("a result can't be written down: {e}")))
}

/// Writes a file so that at its place there is always the old content or the new one, whole.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    let failed = |e: std::io::Error| {
        Diagnostic::machine("write", format!("can't write {}: {e}", path.display()))
            .help("check that the folder can be written to and that the disk is not full")
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}
