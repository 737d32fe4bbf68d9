//! A project: its manifest, its reports, its styles; checking and building them.

mod add;
mod assemble;
mod build;
mod bundle;
mod claims;
mod export;
mod formulas;
mod make;
mod output;
mod prepare;
mod record;
mod reprint;
mod scaffold;
mod survey;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::dataset::Dataset;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::manifest::{FILE_NAME, Manifest, Resolved};
use crate::style::Templates;
pub use add::{Added, Addition, Origin};
pub use build::{BuildOptions, Built, RunLog};
pub use bundle::{Archive, BundleOptions, Bundled, write_bundle};
pub use make::{Content, Draft, Made, Outputs};
pub use prepare::Prepared;
pub use survey::Checked;

/// The folder that holds the reports.
const REPORTS: &str = "reports";
/// The folder that holds the outputs.
const BUILD: &str = "build";

/// A project.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    manifest: Manifest,
    /// Whether nothing is wrong with the manifest.
    sound: bool,
    templates: Templates,
}

impl Project {
    /// Opens the project in `root`, or in the nearest folder from `here` upwards with a manifest. What is wrong in the
    /// manifest is reported; what could be read of it is there.
    pub fn open(root: Option<&Path>, here: &Path) -> (Option<Self>, Diagnostics) {
        let root = match root {
            Some(root) => root.to_owned(),
            None => match nearest(here) {
                Some(root) => root,
                None => {
                    let message =
                        format!("there is no {FILE_NAME} in {} or above it", here.display());
                    return (
                        None,
                        Diagnostic::error("no-project", message)
                            .help("run trialbook inside a project, or name one with --root DIR")
                            .into(),
                    );
                }
            },
        };
        match Manifest::load(&root) {
            Ok((manifest, diagnostics)) => {
                let templates = Templates::new(&root);
                let project = Self {
                    root,
                    manifest,
                    sound: !diagnostics.has_errors(),
                    templates,
                };
                (Some(project), diagnostics)
            }
            Err(diagnostic) => (None, diagnostic.into()),
        }
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder of the project.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The names of all reports: folders below `reports/` with a `report.md`, sorted.
    pub fn reports(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.root.join(REPORTS)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter(|e| e.path().join("report.md").is_file())
            .filter_map(|e| e.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    /// The reports of those names (all if none is named); unknown names are reported. `reports/NAME` is understood.
    pub fn select(&self, names: &[String]) -> (Vec<String>, Diagnostics) {
        let all = self.reports();
        if names.is_empty() {
            let diagnostics = if all.is_empty() {
                Diagnostic::error("no-reports", "there are no reports in reports/")
                    .help("start one with `trialbook new NAME`")
                    .into()
            } else {
                Diagnostics::new()
            };
            return (all, diagnostics);
        }
        let mut found: Vec<String> = Vec::new();
        let mut diagnostics = Diagnostics::new();
        for name in names {
            let bare = name
                .strip_prefix("reports/")
                .unwrap_or(name)
                .trim_end_matches('/');
            if !all.iter().any(|n| n == bare) {
                diagnostics.push(
                    Diagnostic::error("unknown-report", format!("there is no report `{name}`"))
                        .suggest(bare, all.iter().map(String::as_str)),
                );
            } else if !found.iter().any(|n| n == bare) {
                found.push(bare.to_owned());
            }
        }
        (found, diagnostics)
    }

    /// The datasets that `name` or `name@version` names, as `name@version` (all if none is named).
    pub fn select_datasets(&self, names: &[String]) -> (Vec<String>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        if names.is_empty() {
            return (
                self.manifest.all().map(|r| r.reference()).collect(),
                diagnostics,
            );
        }
        let mut found = Vec::new();
        for name in names {
            let of_dataset = |r: &Resolved<'_>| r.dataset.name.value == *name;
            let versions: Vec<String> = self
                .manifest
                .all()
                .filter(of_dataset)
                .map(|r| r.reference())
                .collect();
            if versions.is_empty() {
                found.extend(
                    diagnostics
                        .ok(self.manifest.resolve(name, None))
                        .map(|r| r.reference()),
                );
            } else {
                found.extend(versions);
            }
        }
        (found, diagnostics)
    }

    /// Verifies a dataset; where that can be done, a line that says what it is.
    pub fn check_dataset(&self, reference: &str) -> (Option<String>, Diagnostics) {
        let resolved = match self.manifest.resolve(reference, None) {
            Ok(resolved) => resolved,
            Err(diagnostic) => return (None, diagnostic.into()),
        };
        let (dataset, diagnostics) = Dataset::open(&self.root, &resolved);
        let summary = dataset.map(|d| {
            let digest = d.sha256().to_string();
            let codebook = if d.codebook().is_some() {
                "codebook kept"
            } else {
                "no codebook"
            };
            format!(
                "{} rows, {} columns; sha256 {} verified; {codebook}",
                d.height(),
                d.schema().fields.len(),
                digest.get(..12).unwrap_or_default()
            )
        });
        (summary, diagnostics)
    }

    /// A text file of the project by its path below the root; none where there is no such file.
    fn text(&self, path: &str) -> Result<Option<Arc<Source>>, Diagnostic> {
        let full = self.root.join(path);
        let bytes = match fs::read(&full) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => {
                let message = format!("can't read {path}: {e}");
                return Err(Diagnostic::machine("unreadable-file", message));
            }
        };
        if !self.holds(&full) {
            let message = format!("{path} leads out of the project");
            return Err(Diagnostic::error("outside", message)
                .help("put the file itself there, not a link to it"));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Source::new(path, text))),
            Err(e) => {
                let valid = e.utf8_error().valid_up_to();
                let line = e
                    .as_bytes()
                    .iter()
                    .take(valid)
                    .filter(|b| **b == b'\n')
                    .count()
                    + 1;
                let message = format!(
                    "{path} is not UTF-8 text: line {line} has a byte that belongs to no character"
                );
                Err(Diagnostic::error("not-text", message)
                    .help("save the file in the encoding UTF-8"))
            }
        }
    }

    /// The bytes of a file of the project by its path below the root, at most so many; none where there is no such file.
    pub fn bytes(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, Diagnostic> {
        let full = self.root.join(path);
        let read = || -> io::Result<Option<Vec<u8>>> {
            let file = match File::open(&full) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
                opened => opened?,
            };
            if !self.holds(&full) {
                return Err(io::Error::other("it leads out of the project"));
            }
            let mut bytes = Vec::new();
            let length = file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
            if length as u64 > most {
                return Err(io::Error::other(format!("it has more than {most} bytes")));
            }
            Ok(Some(bytes))
        };
        read()
            .map_err(|e| Diagnostic::machine("unreadable-file", format!("can't read {path}: {e}")))
    }

    /// Whether a path, all links followed, is below the root.
    fn holds(&self, path: &Path) -> bool {
        match (self.root.canonicalize(), path.canonicalize()) {
            (Ok(root), Ok(path)) => path.starts_with(root),
            _ => false,
        }
    }
}

/// The nearest folder from `here` upwards that has a manifest.
fn nearest(here: &Path) -> Option<PathBuf> {
    here.ancestors()
        .find(|folder| folder.join(FILE_NAME).is_file())
        .map(Path::to_owned)
}
