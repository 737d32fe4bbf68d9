//! `data add`: a file becomes a version of a dataset. Its bytes are hashed, put in place and read; a codebook is drafted
//! where there is none; the manifest's text gets an entry. Either all of that happens, or nothing is left behind.

mod codebook;
mod place;

use std::fs;
use std::path::{Path, PathBuf};

use super::Project;
use crate::activity;
use crate::dataset::codebook::{Dialect, MissingCode};
use crate::dataset::{Digest, Format, digest};
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::manifest::{
    self, Access, DatasetEntry, FILE_NAME, Manifest, NewDataset, NewVersion, Version, VersionEntry,
};
use codebook::{Adding, Chosen};
use place::Written;

/// A file that is to become a version of a dataset, and what is known about it.
#[derive(Debug, Clone, Default)]
pub struct Addition {
    /// The file; a path as the user gave it.
    pub file: PathBuf,
    /// The dataset's name; else the file's without its extension.
    pub name: Option<String>,
    /// The version; 1.0.0 for a new dataset.
    pub version: Option<String>,
    /// A new dataset's title.
    pub title: Option<String>,
    /// A new dataset's licence.
    pub license: Option<String>,
    /// The URL from which the file can be fetched.
    pub source: Option<String>,
    /// What changed since the version before.
    pub changes: Option<String>,
    /// The day of its release.
    pub released: Option<String>,
    /// Who may have the file.
    pub access: Option<Access>,
    /// How to apply for it.
    pub apply: Option<String>,
    /// Where its codebook comes from.
    pub codebook: Origin,
    /// How the file must be read, where its codebook does not say.
    pub dialect: Dialect,
    /// What means a missing value, besides what the codebook's origin says.
    pub missing: Vec<MissingCode>,
}

/// Where a codebook comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Origin {
    /// The dataset's own, or one that is drafted from the data.
    #[default]
    Data,
    /// A codebook.
    File(PathBuf),
    /// The data dictionary of the REDCap project that the file is an export of.
    Redcap(PathBuf),
    /// A Frictionless data package, `datapackage.json`, that describes the file.
    Frictionless(PathBuf),
}

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    /// The version, as reports name it.
    pub reference: String,
    /// Its file, relative to the project root.
    pub path: String,
    /// The file's digest.
    pub sha256: Digest,
    /// The file's length.
    pub bytes: u64,
    /// What became of the file and the rest, in words, a line each.
    pub lines: Vec<String>,
}

/// A file that was read.
struct Incoming {
    file_name: String,
    /// Where it really lies.
    place: PathBuf,
    bytes: Vec<u8>,
    sha256: Digest,
}

impl Project {
    /// Adds a file as a version of a dataset, or puts the file of a version in its place whose bytes it has.
    pub fn add(&self, new: &Addition) -> (Option<Added>, Diagnostics) {
        let _adding = activity::begin(format!("adding `{}`", new.file.display()));
        if !self.sound {
            let message = format!("`{FILE_NAME}` has mistakes, and is not added to");
            let diagnostic = Diagnostic::error("bad-manifest", message);
            return (None, diagnostic.help("correct them first").into());
        }
        let mut diagnostics = Diagnostics::new();
        let added = incoming(&new.file).and_then(|file| match self.known(new, &file)? {
            Some((dataset, version)) => self.restore(dataset, version, &file),
            None => self.enter(new, &file, &mut diagnostics),
        });
        let added = added.map_err(|d| diagnostics.push(d)).ok().flatten();
        (added.filter(|_| !diagnostics.has_errors()), diagnostics)
    }

    /// The version that the manifest has of these bytes, if they are what is meant; an error if others are.
    fn known(
        &self,
        new: &Addition,
        file: &Incoming,
    ) -> Result<Option<(&DatasetEntry, &VersionEntry)>, Diagnostic> {
        let same = |v: &&VersionEntry| v.sha256.value == file.sha256.to_string();
        let Some(name) = &new.name else {
            if new.version.is_some() {
                return Ok(None);
            }
            let mut all = self.manifest.datasets.iter();
            return Ok(all.find_map(|d| Some((d, d.versions.iter().find(same)?))));
        };
        let Some(dataset) = self.manifest.dataset(name) else {
            return Ok(None);
        };
        let Some(version) = &new.version else {
            return Ok(dataset.versions.iter().find(same).map(|v| (dataset, v)));
        };
        let named = |v: &&VersionEntry| v.version.as_str() == version;
        match dataset.versions.iter().find(named) {
            Some(found) if same(&found) => Ok(Some((dataset, found))),
            Some(found) => Err(other_bytes(dataset, found, file)),
            None => Ok(None),
        }
    }

    /// Puts a file in its place that the manifest knows.
    fn restore(
        &self,
        dataset: &DatasetEntry,
        version: &VersionEntry,
        file: &Incoming,
    ) -> Result<Option<Added>, Diagnostic> {
        let path = &version.path.value;
        let mut written = Written::default();
        let there = match written.put(&self.root, path, &file.bytes) {
            Ok(wrote) => !wrote,
            Err(diagnostic) => {
                written.undo();
                return Err(
                    diagnostic.help("what lies there is not the version that the manifest has")
                );
            }
        };
        let reference = format!("{}@{}", dataset.name.value, version.version.value);
        let line = if there {
            format!("{reference} is there already, with the same bytes: {path}")
        } else {
            format!("put {path} in its place: it is {reference}, as the manifest has it")
        };
        Ok(Some(Added {
            reference,
            path: path.clone(),
            sha256: file.sha256,
            bytes: file.bytes.len() as u64,
            lines: vec![line],
        }))
    }

    /// Enters a new version.
    fn enter(
        &self,
        new: &Addition,
        file: &Incoming,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<Added>, Diagnostic> {
        Format::of(&file.file_name)?;
        let name = self.name(new, file)?;
        let dataset = self.manifest.dataset(&name);
        let version = version(new, dataset)?;
        let path = format!("data/{name}/{version}/{}", file.file_name);
        place::check_place(&self.root, &path)?;
        let adding = Adding {
            new,
            file,
            dataset,
            name: &name,
            version: &version,
            path: &path,
        };
        let Some(chosen) = self.choose_codebook(&adding, diagnostics) else {
            return Ok(None);
        };
        let entry = entry(new, file, dataset, (name, version, path), &chosen);
        let text = self.manifest.with(&entry)?;
        let (_, found) = Manifest::parse(&Source::new(FILE_NAME, text.as_str()));
        if found.has_errors() {
            diagnostics.extend(found.into_iter().map(unseen));
            return Ok(None);
        }
        let lines = self.write(&entry, file, &chosen, &text)?;
        Ok(Some(Added {
            reference: format!("{}@{}", entry.name, entry.version),
            path: entry.path,
            sha256: file.sha256,
            bytes: entry.bytes,
            lines,
        }))
    }

    /// Writes file, codebook and manifest in this order; if one fails, those before it go again.
    fn write(
        &self,
        entry: &NewVersion,
        file: &Incoming,
        chosen: &Chosen,
        manifest: &str,
    ) -> Result<Vec<String>, Diagnostic> {
        let mut written = Written::default();
        let mut all = || {
            let mut lines = vec![chosen.shape.clone()];
            let there =
                fs::canonicalize(self.root.join(&entry.path)).is_ok_and(|p| p == file.place);
            let wrote = written.put(&self.root, &entry.path, &file.bytes)?;
            lines.push(match (wrote, there) {
                (true, _) => format!("wrote {}", entry.path),
                (false, true) => format!("left {} where it is", entry.path),
                (false, false) => format!("found {} in its place, with the same bytes", entry.path),
            });
            if let Some((path, text)) = &chosen.write {
                written.put(&self.root, path, text.as_bytes())?;
                lines.push(format!("wrote {path}: {}", chosen.how));
            } else if let Some(path) = &chosen.path {
                lines.push(format!("{path}: {}", chosen.how));
            }
            let place = self.root.join(FILE_NAME);
            if fs::read(&place).ok().as_deref() != Some(self.manifest.source.text.as_bytes()) {
                let message = format!("`{FILE_NAME}` was changed meanwhile");
                return Err(Diagnostic::broken("changed-while-read", message).help("try again"));
            }
            place::replace(&place, manifest)?;
            lines.push(format!(
                "entered {}@{} into {FILE_NAME}",
                entry.name, entry.version
            ));
            Ok(lines)
        };
        let done = all();
        if done.is_err() {
            written.undo();
        }
        done
    }

    fn name(&self, new: &Addition, file: &Incoming) -> Result<String, Diagnostic> {
        let stem = file.file_name.rsplit_once('.').map_or("", |(stem, _)| stem);
        let name = new.name.as_deref().unwrap_or(stem);
        manifest::check_name(name).map_err(|d| match new.name {
            Some(_) => d,
            None => d.help("name the dataset before the file: `trialbook data add NAME FILE`"),
        })?;
        let others = self.manifest.datasets.iter().map(|d| d.name.as_str());
        let mut same = others.filter(|n| *n != name && n.eq_ignore_ascii_case(name));
        match same.next() {
            None => Ok(name.to_owned()),
            Some(other) => {
                let message = format!("`{name}` and the dataset `{other}` differ only by case");
                Err(Diagnostic::error("name-case", message).help(format!(
                    "write `{other}` if it is meant, or choose another name"
                )))
            }
        }
    }
}

/// Reads a file that is to be added.
fn incoming(file: &Path) -> Result<Incoming, Diagnostic> {
    let name = file.file_name().and_then(|n| n.to_str());
    let bad = |why: &str| {
        let message = format!("`{}` can't be added under its name: {why}", file.display());
        Diagnostic::error("bad-path", message).help("copy it under a plain name, and add that")
    };
    let name = name.ok_or_else(|| bad("it is no UTF-8"))?;
    if let Some(why) = manifest::path_mistake(name) {
        return Err(bad(why));
    }
    let bytes = place::read_steadily(file)?;
    Ok(Incoming {
        file_name: name.to_owned(),
        place: fs::canonicalize(file).unwrap_or_else(|_| file.to_owned()),
        sha256: digest(&bytes),
        bytes,
    })
}

/// The version that is meant.
fn version(new: &Addition, dataset: Option<&DatasetEntry>) -> Result<String, Diagnostic> {
    let text = match (&new.version, dataset) {
        (Some(version), _) => version.clone(),
        (None, None) => "1.0.0".to_owned(),
        (None, Some(dataset)) => {
            let mut versions: Vec<_> = dataset.versions.iter().map(|v| &v.version.value).collect();
            versions.sort();
            let texts: Vec<_> = versions.iter().map(|v| v.as_str()).collect();
            let message = format!(
                "`{}` is there already, and this file is none of its versions ({})",
                dataset.name.value,
                texts.join(", ")
            );
            return Err(Diagnostic::error("needs-version", message).help(
                "say which version it is, such as `--version 1.1.0`: a correction of the data is a new version",
            ));
        }
    };
    let parsed = Version::parse(&text).map_err(|why| {
        let message = format!("`{}` is not a version: {why}", text.escape_debug());
        Diagnostic::error("bad-version", message).help("write major.minor.patch, such as `1.0.0`")
    })?;
    Ok(parsed.to_string())
}

/// A mistake in the text that the manifest would get: its place is in what nobody has seen.
fn unseen(diagnostic: Diagnostic) -> Diagnostic {
    let told = match diagnostic.code.as_ref() {
        "no-apply" => diagnostic.help("or tell `data add` with --apply"),
        _ => diagnostic,
    };
    Diagnostic {
        span: None,
        label: None,
        related: Vec::new(),
        ..told
    }
}

fn other_bytes(dataset: &DatasetEntry, version: &VersionEntry, file: &Incoming) -> Diagnostic {
    let message = format!(
        "{}@{} has other bytes: its SHA-256 is {}, that of the file is {}",
        dataset.name.value, version.version.value, version.sha256.value, file.sha256
    );
    Diagnostic::error("other-bytes", message)
        .at(version.sha256.span.clone())
        .help("a version's bytes never change: give these another version")
}

fn entry(
    new: &Addition,
    file: &Incoming,
    dataset: Option<&DatasetEntry>,
    (name, version, path): (String, String, String),
    chosen: &Chosen,
) -> NewVersion {
    let (of_dataset, of_version) = match dataset {
        None => (chosen.path.clone(), None),
        // Its own codebook need not be named again.
        Some(d) if d.codebook.as_ref().map(|c| &c.value) == chosen.path.as_ref() => (None, None),
        Some(_) => (None, chosen.path.clone()),
    };
    let known = &chosen.known;
    NewVersion {
        name,
        dataset: dataset.is_none().then(|| NewDataset {
            title: new.title.clone().or_else(|| known.dataset.title.clone()),
            description: known.dataset.description.clone(),
            homepage: known.dataset.homepage.clone(),
            license: new
                .license
                .clone()
                .or_else(|| known.dataset.license.clone()),
            codebook: of_dataset,
        }),
        version,
        path,
        sha256: file.sha256.to_string(),
        bytes: file.bytes.len() as u64,
        codebook: of_version,
        source: new.source.clone().or_else(|| known.source.clone()),
        released: new.released.clone(),
        changes: new.changes.clone(),
        access: new.access,
        apply: new.apply.clone(),
    }
}
