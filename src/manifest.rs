//! `data-manifest.toml`: the datasets of a project, their versions, files and digests.
//!
//! ```toml
//! [project]
//! name = "Trials of health-worker well-being"
//!
//! [[dataset]]
//! name = "cct"                          # what reports call it, with a version: cct@1.0.0
//! title = "CCT in medical students"
//! license = "MIT"
//! citation = "rojas2023"                # a key of the references
//! codebook = "data/cct/codebook.toml"   # of every version that names no other
//!
//! [[dataset.version]]
//! version = "1.0.0"                     # semantic versioning 2.0.0
//! path = "data/cct/1.0.0/cct.csv"       # below the project root
//! sha256 = "d50a3020…"                  # of the file's bytes
//! bytes = 16356
//! released = 2023-06-23
//! changes = "First release."
//! ```
//!
//! Besides, a dataset may have a `description` and a `homepage`, a version its own `codebook` and a `source`, the
//! https, http or file URL from which `data fetch` gets the file. Both may have
//!
//! ```toml
//! access = "restricted"                 # or "open" (the default), "external": to be fetched from its source
//! apply = "Write to data@example.org."  # how to get restricted data; must be there
//! simulated = "Drawn from …"            # or true: the values are made up, and every page says so
//! ```

mod edit;
mod parse;
mod resolve;
mod terms;
mod version;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use crate::reader::At;

pub use edit::{NewDataset, NewVersion};
pub use resolve::Resolved;
pub use terms::{Access, Simulated, Terms};
pub use version::Version;

/// The manifest's file name in the project root.
pub const FILE_NAME: &str = "data-manifest.toml";

/// The datasets of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The text it was read from.
    pub source: Arc<Source>,
    /// The project's name.
    pub project: Option<At<String>>,
    /// The datasets, in the order of the text. Entries with mistakes that leave no name are not here.
    pub datasets: Vec<DatasetEntry>,
}

/// A dataset with its versions.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetEntry {
    /// What reports call it.
    pub name: At<String>,
    /// What people call it.
    pub title: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// Where it comes from, for people: a URL.
    pub homepage: Option<String>,
    /// Its licence, an SPDX identifier where there is one.
    pub license: Option<At<String>>,
    /// The key under which the references list it.
    pub citation: Option<At<String>>,
    /// The codebook of every version that names no other, relative to the project root.
    pub codebook: Option<At<String>>,
    /// On what terms versions can be had that say nothing else.
    pub terms: Terms,
    /// Its versions, in the order of the text.
    pub versions: Vec<VersionEntry>,
}

/// One version of a dataset: a file whose bytes never change.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionEntry {
    /// The version.
    pub version: At<Version>,
    /// The file, relative to the project root, with `/` between folders.
    pub path: At<String>,
    /// SHA-256 of the file's bytes: 64 hexadecimal digits in lower case.
    pub sha256: At<String>,
    /// The file's length in bytes.
    pub bytes: At<u64>,
    /// The version's own codebook, relative to the project root.
    pub codebook: Option<At<String>>,
    /// The URL from which the file can be fetched.
    pub source: Option<At<String>>,
    /// The day of its release, `YYYY-MM-DD`.
    pub released: Option<At<String>>,
    /// What changed since the version before.
    pub changes: Option<String>,
    /// On what terms it can be had.
    pub terms: Terms,
    /// The whole entry.
    pub span: Span,
}

impl Manifest {
    /// Reads `data-manifest.toml` of a project. The error is of the file: missing, unreadable, not UTF-8.
    pub fn load(root: &Path) -> Result<(Self, Diagnostics), Diagnostic> {
        let bytes = fs::read(root.join(FILE_NAME)).map_err(|e| unreadable(&e))?;
        let text = String::from_utf8(bytes).map_err(|e| {
            let line = e.as_bytes()[..e.utf8_error().valid_up_to()]
                .split(|b| *b == b'\n')
                .count();
            Diagnostic::error(
                "not-utf8",
                format!("`{FILE_NAME}` is not UTF-8 in line {line}"),
            )
            .help("save it as UTF-8")
        })?;
        Ok(Self::parse(&Source::new(FILE_NAME, text)))
    }

    /// Reads a manifest's text; entries that can't be used are reported and left out.
    pub fn parse(source: &Arc<Source>) -> (Self, Diagnostics) {
        parse::manifest(source)
    }

    /// The dataset of that name.
    pub fn dataset(&self, name: &str) -> Option<&DatasetEntry> {
        self.datasets.iter().find(|d| d.name.value == name)
    }
}

/// Whether a dataset can be called so. Names go into references (`name@version`), file names and SQL: letters, digits,
/// `-` and `_`.
pub fn check_name(name: &str) -> Result<(), Diagnostic> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if fits {
        return Ok(());
    }
    let message = format!("a dataset can't be called `{}`", name.escape_debug());
    Err(Diagnostic::error("bad-name", message)
        .help("start with a letter and use letters, digits, `-` and `_` only"))
}

/// Why a path can't stand in a manifest, if it can't.
pub fn path_mistake(path: &str) -> Option<&'static str> {
    parse::path_mistake(path)
}

fn unreadable(error: &std::io::Error) -> Diagnostic {
    if error.kind() == std::io::ErrorKind::NotFound {
        let message = format!("the project root has no `{FILE_NAME}`");
        return Diagnostic::error("no-manifest", message)
            .help("run trialbook below a folder with one, or name it with --root");
    }
    Diagnostic::machine(
        "unreadable",
        format!("`{FILE_NAME}` can't be read: {error}"),
    )
}
