//! The state of a project's data: every version opened, and the folder `data/` gone through for what does not belong.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::Project;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::fetch;
use crate::manifest::{Manifest, Resolved};

/// The folder that is gone through.
const DATA: &str = "data";

/// How many examples a diagnostic shows.
const SHOWN: usize = 5;

/// Beginnings of the names of files that tell of data.
const ABOUT: [&str; 6] = [
    "README",
    "LICENSE",
    "LICENCE",
    "COPYING",
    "CHANGELOG",
    ".git",
];

/// Ends of the names of files that tell of data, or made them.
const BESIDE: [&str; 16] = [
    "md", "bib", "R", "r", "Rmd", "qmd", "py", "ipynb", "jl", "rs", "sql", "sas", "do", "sps",
    "sh", "mk",
];

/// What became of a version that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// `name@version`.
    pub reference: String,
    /// A line that says what it is, if nothing is wrong with it.
    pub summary: Option<String>,
    /// What is wrong or remarkable.
    pub diagnostics: Diagnostics,
}

impl Project {
    /// Opens versions (`name@version`) in parallel; what was found is in the order of the names.
    pub fn check_datasets(&self, references: &[String]) -> Vec<Checked> {
        references
            .par_iter()
            .map(|reference| {
                let (summary, diagnostics) = self.check_dataset(reference);
                Checked {
                    reference: reference.clone(),
                    summary: summary.filter(|_| !diagnostics.has_errors()),
                    diagnostics,
                }
            })
            .collect()
    }

    /// Goes through `data/`, no link followed, for what the manifest does not name: foreign files, names that differ
    /// from the manifest's by case, links that lead out, names that other systems can't have, partial downloads; and
    /// through the manifest for versions that share their file or their bytes. All are warnings.
    pub fn survey(&self) -> Diagnostics {
        let mut diagnostics = doubles(self.manifest());
        let known = Known::of(self.manifest());
        let mut found = Found::default();
        let walk = WalkDir::new(self.root().join(DATA))
            .follow_links(false)
            .follow_root_links(false)
            .sort_by_file_name();
        for entry in walk {
            match entry {
                Ok(entry) => self.look_at(&entry, &known, &mut found),
                Err(e) if e.io_error().is_some_and(missing) && e.depth() == 0 => break,
                Err(e) => found.unreadable.push(e.to_string()),
            }
        }
        diagnostics.extend(found.diagnostics(self.manifest()));
        diagnostics
    }

    fn look_at(&self, entry: &DirEntry, known: &Known<'_>, found: &mut Found) {
        let below = entry.path().strip_prefix(self.root());
        let path = below.unwrap_or(entry.path());
        let shown = shown(path);
        if path.starts_with(fetch::FOLDER) {
            if entry.file_type().is_file() && path.extension() == Some(OsStr::new("part")) {
                let length = entry.metadata().map_or(0, |m| m.len());
                let sha256 = path.file_stem().unwrap_or_default().to_string_lossy();
                found.partial.push((sha256.into_owned(), length));
            }
            return;
        }
        if unportable(entry.file_name()) {
            found.names.push(shown.clone());
        }
        if entry.file_type().is_dir() {
            return;
        }
        if entry.path_is_symlink() && !self.holds(entry.path()) {
            found.links.push(shown);
            return;
        }
        let path = path.to_string_lossy().replace('\\', "/");
        if known.paths.contains_key(path.as_str()) {
            return;
        }
        match known.folded.get(&path.to_lowercase()) {
            Some((named, span)) => found
                .case
                .push((shown, (*named).to_owned(), (*span).clone())),
            None if !documents(entry.file_name()) => found.foreign.push(shown),
            None => {}
        }
    }
}

fn missing(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound
}

/// The files that the manifest names.
struct Known<'a> {
    paths: BTreeMap<&'a str, &'a Span>,
    /// By their names in lower case.
    folded: BTreeMap<String, (&'a str, &'a Span)>,
}

impl<'a> Known<'a> {
    fn of(manifest: &'a Manifest) -> Self {
        let mut paths = BTreeMap::new();
        for dataset in &manifest.datasets {
            let own = dataset.versions.iter();
            let own = own.flat_map(|v| v.codebook.iter().chain([&v.path]));
            for path in dataset.codebook.iter().chain(own) {
                paths.insert(path.value.as_str(), &path.span);
            }
        }
        let folded = paths
            .iter()
            .map(|(path, span)| (path.to_lowercase(), (*path, *span)))
            .collect();
        Self { paths, folded }
    }
}

/// What is remarkable about the folder.
#[derive(Default)]
struct Found {
    foreign: Vec<String>,
    /// The file, the path that the manifest has, and where it has it.
    case: Vec<(String, String, Span)>,
    links: Vec<String>,
    names: Vec<String>,
    /// SHA-256 of the whole and bytes that have come.
    partial: Vec<(String, u64)>,
    unreadable: Vec<String>,
}

impl Found {
    fn diagnostics(self, manifest: &Manifest) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for (file, named, span) in self.case {
            let message = format!("`{file}` and `{named}` of the manifest differ by case only");
            diagnostics.push(
                Diagnostic::warning("case-differs", message).at(span).help(
                    "on other systems they are one file, or neither is found: write both alike",
                ),
            );
        }
        let mut several = |code: &'static str, files: &[String], what: &str, help: &str| {
            if !files.is_empty() {
                let message = format!("{}: {}", what_of(files.len(), what), examples(files));
                diagnostics.push(Diagnostic::warning(code, message).help(help));
            }
        };
        several(
            "foreign-file",
            &self.foreign,
            "in data/ that the manifest does not name",
            "`trialbook data add FILE` puts a file under its care; what is no data belongs elsewhere",
        );
        several(
            "bad-link",
            &self.links,
            "in data/ that is a link out of the project, or to nowhere",
            "put the file itself there: others have only what is in the project",
        );
        several(
            "bad-file-name",
            &self.names,
            "in data/ with a name that other systems can't have",
            "names should have no control characters, none of \\ : * ? \" < > |, and no space or dot at an end",
        );
        several(
            "unreadable",
            &self.unreadable,
            "in data/ that can't be read",
            "look at its permissions",
        );
        for (sha256, length) in self.partial {
            diagnostics.push(partial(manifest, &sha256, length));
        }
        diagnostics
    }
}

fn what_of(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 file {what}")
    } else {
        let what = what.replace(" that is a ", " that are a ");
        format!("{count} files {what}")
    }
}

fn examples(files: &[String]) -> String {
    let shown: Vec<String> = files.iter().take(SHOWN).map(|f| format!("`{f}`")).collect();
    let text = shown.join(", ");
    match files.len().saturating_sub(SHOWN) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

fn partial(manifest: &Manifest, sha256: &str, length: u64) -> Diagnostic {
    let version = manifest.all().find(|r| r.version.sha256.value == sha256);
    match version {
        Some(resolved) => {
            let name = resolved.reference();
            let bytes = resolved.version.bytes.value;
            let message = format!(
                "{length} of the {bytes} bytes of {name} are in {}",
                fetch::FOLDER
            );
            Diagnostic::warning("partial-download", message)
                .help(format!("`trialbook data fetch {name}` gets the rest"))
        }
        None => {
            let message = format!(
                "{} has {length} bytes of a file that the manifest does not name",
                fetch::FOLDER
            );
            Diagnostic::warning("partial-download", message).help("remove the folder")
        }
    }
}

/// Versions that share a path or promise the same bytes.
fn doubles(manifest: &Manifest) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut paths: BTreeMap<String, Resolved<'_>> = BTreeMap::new();
    let mut digests: BTreeMap<&str, Resolved<'_>> = BTreeMap::new();
    for resolved in manifest.all() {
        let (path, sha256) = (&resolved.version.path, &resolved.version.sha256);
        let name = resolved.reference();
        if let Some(first) = paths.get(&path.value.to_lowercase()) {
            let message = format!("{} and {name} have the same file", first.reference());
            diagnostics.push(
                Diagnostic::warning("same-path", message)
                    .at(path.span.clone())
                    .related(first.version.path.span.clone(), "first here")
                    .help("give every version a file of its own, in a folder such as `data/NAME/VERSION/`"),
            );
        } else if let Some(first) = digests.get(sha256.value.as_str()) {
            let message = format!("{} and {name} promise the same bytes", first.reference());
            diagnostics.push(
                Diagnostic::warning("same-bytes", message)
                    .at(sha256.span.clone())
                    .related(first.version.sha256.span.clone(), "first here")
                    .help("a version differs from the one before; if the bytes do not, it is not needed"),
            );
        }
        paths.entry(path.value.to_lowercase()).or_insert(resolved);
        digests.entry(sha256.value.as_str()).or_insert(resolved);
    }
    diagnostics
}

/// Whether a file tells of data or made them, and is none itself.
fn documents(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let upper = name.to_uppercase();
    ABOUT.iter().any(|a| upper.starts_with(&a.to_uppercase()))
        || name
            .rsplit_once('.')
            .is_some_and(|(stem, end)| !stem.is_empty() && BESIDE.contains(&end))
        || name == "Makefile"
}

/// Whether some system can't have a file of that name.
fn unportable(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return true;
    };
    name.chars()
        .any(|c| c.is_control() || "\\:*?\"<>|".contains(c))
        || name.starts_with(' ')
        || name.ends_with([' ', '.'])
}

/// A path as a message shows it.
fn shown(path: &Path) -> String {
    path.to_string_lossy().escape_debug().to_string()
}
