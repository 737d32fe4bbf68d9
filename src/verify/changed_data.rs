//! What changed data change: for whoever has to judge a dataset that is not the promised one.
//!
//! A report is never made of such data by `build`. Here it is, in a temporary folder whose manifest promises the data as
//! they are, only to name the numbers that depend on the change; the verification has failed before.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

use super::rerun::Recorded;
use super::{Options, Verdict, Verification};
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::manifest::{FILE_NAME, Manifest};
use crate::plan::Event;
use crate::program;
use crate::project::Project;

/// Reads a file of the project by its path below the root; none where it is not there.
pub(super) type Read<'a> = dyn Fn(&str) -> Result<Option<Vec<u8>>, Diagnostic> + 'a;

/// Makes the report again of its data as they are, and compares. None where no data were changed, where more than
/// data was, or where they can't be used any more: then no numbers would tell anything.
pub(super) fn compare(
    recorded: &Recorded,
    read: &Read<'_>,
    options: &Options,
    listen: &(dyn Fn(Event<'_>) + Sync),
    verification: &mut Verification,
) -> Result<Option<Diagnostics>, Diagnostic> {
    let Some(changed) = Changed::find(recorded, read)? else {
        return Ok(None);
    };
    let place = super::temporary()?;
    changed
        .write(place.path())
        .map_err(|e| Diagnostic::machine("write", format!("can't write a temporary file: {e}")))?;
    let (project, found) = Project::open(Some(place.path()), place.path());
    let mut diagnostics: Diagnostics = found.into_iter().filter(Diagnostic::is_error).collect();
    if let Some(project) = project {
        diagnostics.extend(recorded.verify(&project, options, listen, verification));
    }
    if verification.numbers.is_none() {
        // The data can't be read any more, which tells nothing of the numbers.
        return Ok(None);
    }
    verification.verdict = Verdict::Different;
    verification.checked.push(format!(
        "not the promised data: {}; made again of the data as they are, to show what that changes",
        changed.names.join(", ")
    ));
    Ok(Some(diagnostics))
}

/// What a report is made of, with a manifest that promises the data as they are.
struct Changed {
    /// The datasets whose files are not the promised ones, as `name@version`.
    names: Vec<String>,
    files: Vec<(String, Vec<u8>)>,
}

impl Changed {
    fn find(recorded: &Recorded, read: &Read<'_>) -> Result<Option<Self>, Diagnostic> {
        let Some(text) = read(FILE_NAME)?.and_then(|b| String::from_utf8(b).ok()) else {
            return Ok(None);
        };
        let (manifest, found) = Manifest::parse(&Source::new(FILE_NAME, text.clone()));
        if found.has_errors() {
            return Ok(None);
        }
        let inputs = &recorded.record.files;
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let mut names = Vec::new();
        let mut data = BTreeSet::new();
        let mut files = Vec::new();
        for resolved in manifest.all() {
            let version = resolved.version;
            let path = version.path.value.as_str();
            if !inputs.contains_key(path) || !data.insert(path) {
                continue;
            }
            let Some(bytes) = read(path)? else {
                return Ok(None);
            };
            let (promised, digest) = (&version.sha256.value, program::sha256(&bytes));
            if digest != *promised {
                let written = text.get(version.sha256.span.range.clone());
                let written = written.unwrap_or_default().replace(promised, &digest);
                edits.push((version.sha256.span.range.clone(), written));
                edits.push((version.bytes.span.range.clone(), bytes.len().to_string()));
                names.push(resolved.reference());
            }
            files.push((path.to_owned(), bytes));
        }
        let others = inputs.iter().filter(|(path, _)| {
            !path.starts_with("build/") && *path != FILE_NAME && !data.contains(path.as_str())
        });
        for (path, promise) in others {
            match read(path)? {
                Some(bytes) if program::sha256(&bytes) == promise.sha256 => {
                    files.push((path.clone(), bytes));
                }
                // A style that comes with the program has no file in the project.
                None if path.starts_with("templates/") => {}
                _ => return Ok(None),
            }
        }
        files.push((FILE_NAME.to_owned(), edited(text, edits).into_bytes()));
        Ok((!names.is_empty()).then_some(Self { names, files }))
    }

    fn write(&self, folder: &Path) -> std::io::Result<()> {
        for (path, bytes) in &self.files {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, bytes)?;
        }
        Ok(())
    }
}

/// A text with pieces replaced.
fn edited(mut text: String, mut edits: Vec<(Range<usize>, String)>) -> String {
    // From the end, so that the places before stay where they are.
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, piece) in edits {
        if text.get(range.clone()).is_some() {
            text.replace_range(range, &piece);
        }
    }
    text
}
