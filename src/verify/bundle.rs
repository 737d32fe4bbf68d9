//! A bundle: the zip that `bundle` writes, or the folder into which it was unpacked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::bag::{self, Bag};
use super::changed_data;
use super::name::quoted;
use super::record::{self, Promise};
use super::rerun::{RECORD, Recorded};
use super::tree::{Tree, unreadable};
use super::unpack::unpack;
use super::{Options, Verification, temporary};
use crate::activity;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::manifest::{Access, FILE_NAME, Manifest, Resolved};
use crate::plan::Event;
use crate::project::Project;

/// The crate of the whole bundle.
const CRATE: &str = "ro-crate-metadata.json";
/// The payload's folder in the bag, which is the root of a project.
const DATA: &str = "data";

/// Verifies a bundle at `path`, which is shown as `subject`. Everything is done in temporary folders; nothing that is
/// there is changed.
pub fn verify_bundle(
    path: &Path,
    subject: &str,
    options: &Options,
    listen: &(dyn Fn(Event<'_>) + Sync),
) -> (Verification, Diagnostics) {
    let mut verification = Verification::new(subject);
    let verified = verify(path, options, listen, &mut verification);
    let diagnostics = verified.unwrap_or_else(Diagnostics::from);
    (verification, diagnostics)
}

fn verify(
    path: &Path,
    options: &Options,
    listen: &(dyn Fn(Event<'_>) + Sync),
    verification: &mut Verification,
) -> Result<Diagnostics, Diagnostic> {
    let shown = quoted(&verification.subject);
    // Held until the end: what was unpacked is removed with it.
    let scratch = temporary()?;
    let root = if path.is_dir() {
        path.to_owned()
    } else {
        let _unpacking = activity::begin(format!("unpacking {shown}"));
        unpack(path, scratch.path(), &options.limits)?;
        scratch.path().to_owned()
    };
    let reading = activity::begin(format!("checking the files of {shown}"));
    let tree = Tree::read(&bag::top(&root)?, &options.limits)?;
    let (bag, mut diagnostics) = bag::check(&tree, &welcome(&tree, options), &options.limits);
    let Some(bag) = bag else {
        diagnostics.push(stopped());
        return Ok(diagnostics);
    };
    let contents = Contents {
        tree: &tree,
        bag: &bag,
        options,
    };
    if diagnostics.has_errors() {
        diagnostics.extend(contents.of_changed_data(listen, verification));
        return Ok(diagnostics);
    }
    verification.checked.push(format!(
        "{} files, each with the digest that the bag lists",
        tree.files.len()
    ));
    let report = contents.report()?;
    verification.report = Some(report.clone());
    let recorded = diagnostics.extend_with(contents.recorded(&report));
    let manifest = diagnostics.extend_with(contents.manifest());
    contents.promises(
        recorded.as_ref(),
        manifest.as_ref(),
        verification,
        &mut diagnostics,
    );
    drop(reading);
    let (Some(recorded), Some(manifest)) = (recorded, manifest) else {
        return Ok(diagnostics);
    };
    if diagnostics.has_errors() {
        diagnostics.extend(contents.of_changed_data(listen, verification));
        return Ok(diagnostics);
    }
    let absent = contents.absent(&manifest, &recorded);
    if !absent.is_empty() {
        diagnostics.extend(absent);
        return Ok(diagnostics);
    }
    let place = temporary()?;
    contents.copy_inputs(&manifest, &recorded, place.path())?;
    let _making = activity::begin(format!("making the report {} again", quoted(&report)));
    let (project, found) = Project::open(Some(place.path()), place.path());
    diagnostics.extend(found.into_iter().filter(Diagnostic::is_error));
    if let Some(project) = project {
        diagnostics.extend(recorded.verify(&project, options, listen, verification));
    }
    Ok(diagnostics)
}

/// Data that the manifest names: they may have been put into the unpacked folder by who has them.
fn welcome(tree: &Tree, options: &Options) -> BTreeMap<String, String> {
    let text = tree.text(&format!("{DATA}/{FILE_NAME}"), options.limits.text);
    let Ok(Some(text)) = text else {
        return BTreeMap::new();
    };
    let (manifest, _) = Manifest::parse(&Source::new(FILE_NAME, text));
    let versions = manifest.all().map(|r| r.version);
    let files = versions.map(|v| (format!("{DATA}/{}", v.path.value), v.sha256.value.clone()));
    files.collect()
}

fn stopped() -> Diagnostic {
    Diagnostic {
        severity: crate::diagnostic::Severity::Note,
        ..Diagnostic::error(
            "not-made-again",
            "the report was not made again, for the bundle is not the one that was written",
        )
    }
}

/// A bag whose files are the listed ones.
struct Contents<'a> {
    tree: &'a Tree,
    bag: &'a Bag,
    options: &'a Options,
}

impl Contents<'_> {
    /// The name of the bundle's only report.
    fn report(&self) -> Result<String, Diagnostic> {
        let names: BTreeSet<&str> = self
            .tree
            .files
            .keys()
            .filter_map(|path| {
                let name = path
                    .strip_prefix("data/reports/")?
                    .strip_suffix("/report.md")?;
                (!name.contains('/')).then_some(name)
            })
            .collect();
        match names.first() {
            Some(name) if names.len() == 1 => Ok((*name).to_owned()),
            Some(_) => Err(Diagnostic::error(
                "not-a-bundle",
                format!("it has {} reports, and a bundle has one", names.len()),
            )),
            None => Err(Diagnostic::error(
                "not-a-bundle",
                "it has no report: there is no `data/reports/REPORT/report.md`",
            )),
        }
    }

    /// Of a bundle that is not the one that was written: what changed data change, if only they were changed.
    fn of_changed_data(
        &self,
        listen: &(dyn Fn(Event<'_>) + Sync),
        verification: &mut Verification,
    ) -> Diagnostics {
        let read = |path: &str| {
            let total = self.options.limits.total;
            self.tree.bytes(&format!("{DATA}/{path}"), total)
        };
        // What is wrong besides has been said.
        let recorded = self.report().ok().and_then(|r| self.recorded(&r).0);
        let made = recorded.and_then(|recorded| {
            changed_data::compare(&recorded, &read, self.options, listen, verification).ok()?
        });
        made.unwrap_or_else(|| stopped().into())
    }

    /// The outputs in the bundle.
    fn recorded(&self, report: &str) -> (Option<Recorded>, Diagnostics) {
        let folder = format!("{DATA}/build/{report}");
        match Tree::read(&self.tree.place(&folder), &self.options.limits) {
            Ok(outputs) => Recorded::read(report, &folder, outputs, &self.options.limits),
            Err(_) => {
                let message = format!("there are no outputs: there is no {}", quoted(&folder));
                (None, Diagnostic::error("not-a-bundle", message).into())
            }
        }
    }

    fn manifest(&self) -> (Option<Manifest>, Diagnostics) {
        let path = format!("{DATA}/{FILE_NAME}");
        match self.tree.text(&path, self.options.limits.text) {
            Ok(Some(text)) => {
                let (manifest, found) = Manifest::parse(&Source::new(path, text));
                let sound = !found.has_errors();
                (sound.then_some(manifest), found)
            }
            Ok(None) => (None, none(&path).into()),
            Err(diagnostic) => (None, diagnostic.into()),
        }
    }

    /// Compares what the crate, the record and the data manifest say of files with the files.
    fn promises(
        &self,
        recorded: Option<&Recorded>,
        manifest: Option<&Manifest>,
        verification: &mut Verification,
        diagnostics: &mut Diagnostics,
    ) {
        let path = format!("{DATA}/{CRATE}");
        let Some(crate_) = self.crate_(&path, diagnostics) else {
            return;
        };
        let versions: Vec<Resolved<'_>> = manifest.iter().flat_map(|m| m.all()).collect();
        let mut kept = self.kept(&path, &crate_, &versions, diagnostics);
        if let Some(recorded) = recorded {
            let path = format!("{DATA}/build/{}/{RECORD}", recorded.report);
            kept += self.kept(&path, &recorded.record.files, &versions, diagnostics);
        }
        let line = format!("{kept} digests in its records, each that of the file");
        verification.checked.push(line);
        self.unknown(&crate_, &versions, diagnostics);
        let there = versions.iter().filter(|r| self.holds(r)).count();
        diagnostics.extend(versions.iter().filter_map(|r| self.dataset(r)));
        let line = match there {
            1 => "1 dataset in it, which is the one of the data manifest".to_owned(),
            _ => format!("{there} datasets in it, each the one of the data manifest"),
        };
        verification.checked.push(line);
    }

    /// The digests that the crate of the whole bundle gives files.
    fn crate_(
        &self,
        path: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<BTreeMap<String, Promise>> {
        let limits = &self.options.limits;
        let bytes = diagnostics.ok(self.tree.bytes(path, limits.json))?;
        let Some(bytes) = bytes else {
            diagnostics.push(none(path));
            return None;
        };
        let promises = record::promises(path, &bytes, limits);
        Some(diagnostics.extend_with(promises).files)
    }

    /// How many of a record's digests are those of the files; the others are reported. `shown` is the record's path.
    fn kept(
        &self,
        shown: &str,
        files: &BTreeMap<String, Promise>,
        versions: &[Resolved<'_>],
        diagnostics: &mut Diagnostics,
    ) -> usize {
        let mut kept = 0;
        for (path, promise) in files {
            let full = format!("{DATA}/{path}");
            let length = self.tree.files.get(&full).copied();
            let (path, shown) = (quoted(path), quoted(shown));
            match self.bag.digests.get(&full) {
                Some(is)
                    if *is == promise.sha256
                        && (promise.bytes.is_none() || promise.bytes == length) =>
                {
                    kept += 1;
                }
                Some(_) => {
                    let message = format!("{path} is not the file that {shown} names");
                    diagnostics.push(Diagnostic::broken("changed-file", message));
                }
                // Data may be left out.
                None if is_dataset(&full, versions) => {}
                None => {
                    let message = format!("{path}, which {shown} names, is not there");
                    diagnostics.push(Diagnostic::broken("missing-file", message));
                }
            }
        }
        kept
    }

    /// Reports files that the bag lists but the crate does not know.
    fn unknown(
        &self,
        crate_: &BTreeMap<String, Promise>,
        versions: &[Resolved<'_>],
        diagnostics: &mut Diagnostics,
    ) {
        for path in self.bag.digests.keys() {
            let inner = path.strip_prefix("data/").unwrap_or(path);
            if inner != CRATE && !crate_.contains_key(inner) && !is_dataset(path, versions) {
                let message = format!("{} is a file that the record does not know", quoted(path));
                diagnostics.push(Diagnostic::broken("added-file", message));
            }
        }
    }

    fn holds(&self, resolved: &Resolved<'_>) -> bool {
        let path = format!("{DATA}/{}", resolved.version.path.value);
        self.tree.files.contains_key(&path)
    }

    /// What is wrong with a dataset's file, if it is there.
    fn dataset(&self, resolved: &Resolved<'_>) -> Option<Diagnostic> {
        let version = resolved.version;
        let path = format!("{DATA}/{}", version.path.value);
        let (is, length) = (self.bag.digests.get(&path)?, self.tree.files.get(&path)?);
        let same = *is == version.sha256.value && *length == version.bytes.value;
        (!same).then(|| {
            let message = format!(
                "{} is not the file of {}",
                quoted(&path),
                resolved.reference()
            );
            Diagnostic::broken("changed-data", message).at(version.sha256.span.clone())
        })
    }

    /// Datasets that the report was made of, but that are neither in the bundle nor given.
    fn absent(&self, manifest: &Manifest, recorded: &Recorded) -> Vec<Diagnostic> {
        let record = &recorded.record;
        let used = |r: &Resolved<'_>| {
            let path = &r.version.path.value;
            record.files.contains_key(path) || record.elsewhere.contains_key(path)
        };
        let given = |r: &Resolved<'_>| self.options.data.contains_key(&r.reference());
        let absent = manifest
            .all()
            .filter(|r| used(r) && !self.holds(r) && !given(r));
        absent.map(|r| not_there(&r)).collect()
    }

    /// Copies what a report is made of, never what was made, and puts the given data to their places.
    fn copy_inputs(
        &self,
        manifest: &Manifest,
        recorded: &Recorded,
        into: &Path,
    ) -> Result<(), Diagnostic> {
        let source = format!("trialbook-{}", recorded.record.program.version);
        let is_input = |path: &&str| {
            let top = path.split('/').next().unwrap_or_default();
            top != "build" && top != source && *path != CRATE
        };
        for (path, length) in &self.tree.files {
            let Some(path) = path.strip_prefix("data/").filter(is_input) else {
                continue;
            };
            let text = [".md", ".toml", ".bib", ".typ", ".tera"]
                .iter()
                .any(|end| path.ends_with(end));
            if text && *length > self.options.limits.text {
                let message = format!(
                    "{} has {length} bytes, which is too much for a text",
                    quoted(path)
                );
                return Err(Diagnostic::error("too-large", message));
            }
            copy(
                &self.tree.place(&format!("{DATA}/{path}")),
                &into.join(path),
                *length,
            )?;
        }
        for (reference, file) in &self.options.data {
            let resolved = manifest.resolve(reference, None)?;
            let version = resolved.version;
            copy(file, &into.join(&version.path.value), version.bytes.value)?;
        }
        Ok(())
    }
}

/// Whether a path in the bag is that of a version of a dataset.
fn is_dataset(path: &str, versions: &[Resolved<'_>]) -> bool {
    let path = path.strip_prefix("data/").unwrap_or(path);
    versions.iter().any(|r| r.version.path.value == path)
}

/// What every bundle has is not there.
fn none(path: &str) -> Diagnostic {
    Diagnostic::error("not-a-bundle", format!("there is no {}", quoted(path)))
}

/// Copies at most one byte more than expected: what is longer is noticed by its digest.
fn copy(from: &Path, to: &Path, length: u64) -> Result<(), Diagnostic> {
    let failed = |e: io::Error| unreadable(from, &e);
    let folder: PathBuf = to.parent().map(Path::to_owned).unwrap_or_default();
    fs::create_dir_all(folder).map_err(failed)?;
    let file = File::open(from).map_err(failed)?;
    let mut written = File::create(to).map_err(failed)?;
    let mut limited = io::Read::take(file, length.saturating_add(1));
    io::copy(&mut limited, &mut written)
        .map(drop)
        .map_err(failed)
}

fn not_there(resolved: &Resolved<'_>) -> Diagnostic {
    let (reference, version) = (resolved.reference(), resolved.version);
    let why = match resolved.access() {
        Access::Restricted => "restricted, and not in the bundle",
        Access::External | Access::Open => "not in the bundle",
    };
    let message = format!("the report was not made again: {reference} is {why}");
    let path = &version.path.value;
    let diagnostic = Diagnostic::broken("absent-data", message)
        .help(format!(
            "get the file whose SHA-256 is {}",
            version.sha256.value
        ))
        .help(format!(
            "put it at {DATA}/{path} in the unpacked folder, or give `--data {reference}=FILE`"
        ));
    match (resolved.apply(), &version.source) {
        (Some(apply), _) => diagnostic.help(format!("how to apply: {apply}")),
        (None, Some(source)) => diagnostic.help(format!("it comes from {}", source.value)),
        (None, None) => diagnostic,
    }
}
