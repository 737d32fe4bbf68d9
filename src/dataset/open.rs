//! From an entry of the manifest to bytes that are the promised ones.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::{Access, Resolved};
use crate::reader::At;

use super::content::Content;
use super::digest::Digest;

/// The bytes of a version's file, and their digest, which is the manifest's. At most `most` bytes are kept in memory.
pub(super) fn verified(
    root: &Path,
    resolved: &Resolved<'_>,
    most: u64,
) -> Result<(Content, Digest), Diagnostic> {
    let entry = resolved.version;
    let file = open(root, &entry.path).map_err(|d| fetchable(d, resolved))?;
    let failed = |e| unreadable(&entry.path, &e);
    let promised = entry.bytes.value;
    let length = file.metadata().map_err(failed)?.len();
    if length != promised {
        return Err(other_length(resolved, length));
    }
    // Not more than promised, so that a file that grows meanwhile is noticed, and not read without end.
    let (content, length, found) = Content::read(file, most, promised).map_err(failed)?;
    if length != promised {
        return Err(other_length(resolved, length));
    }
    if found.to_string() == entry.sha256.value {
        Ok((content, found))
    } else {
        Err(other_digest(resolved, found))
    }
}

/// The text of a file below the root that a manifest names, such as a codebook.
pub(super) fn text(root: &Path, path: &At<String>) -> Result<String, Diagnostic> {
    let mut file = open(root, path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .map_err(|e| unreadable(path, &e))?;
    String::from_utf8(bytes).map_err(|e| {
        let before = e
            .as_bytes()
            .get(..e.utf8_error().valid_up_to())
            .unwrap_or_default();
        let line = before.split(|b| *b == b'\n').count();
        let message = format!("`{}` is not UTF-8 in line {line}", path.value);
        Diagnostic::error("not-utf8", message)
            .at(path.span.clone())
            .help("save it as UTF-8")
    })
}

fn open(root: &Path, path: &At<String>) -> Result<File, Diagnostic> {
    let place = below(root, path)?;
    let file = File::open(place).map_err(|e| unreadable(path, &e))?;
    let kind = file.metadata().map_err(|e| unreadable(path, &e))?;
    if kind.is_file() {
        return Ok(file);
    }
    let message = format!(
        "`{}` is a folder or something else that is not a file",
        path.value
    );
    Err(Diagnostic::error("not-a-file", message).at(path.span.clone()))
}

/// The file's real place, which must be below the root's: no link leads out.
fn below(root: &Path, path: &At<String>) -> Result<PathBuf, Diagnostic> {
    let real_root = root.canonicalize().map_err(|e| unreadable(path, &e))?;
    let real = real_root
        .join(&path.value)
        .canonicalize()
        .map_err(|e| unreadable(path, &e))?;
    if real.starts_with(&real_root) {
        return Ok(real);
    }
    let message = format!("`{}` leads out of the project", path.value);
    Err(Diagnostic::error("outside-root", message)
        .at(path.span.clone())
        .help("put the file itself below the project root, not a link to it"))
}

fn unreadable(path: &At<String>, error: &std::io::Error) -> Diagnostic {
    let missing = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    let diagnostic = if missing {
        Diagnostic::broken("missing-file", format!("there is no file `{}`", path.value))
    } else {
        Diagnostic::machine(
            "unreadable",
            format!("`{}` can't be read: {error}", path.value),
        )
    };
    diagnostic.at(path.span.clone())
}

/// The code of the diagnostic that says that a file is not there which not everybody has.
pub const ABSENT: &str = "absent-data";

/// A file that is not there, and what to do about it: that of a restricted or external dataset is for its user to get.
fn fetchable(mut diagnostic: Diagnostic, resolved: &Resolved<'_>) -> Diagnostic {
    if diagnostic.code != "missing-file" {
        return diagnostic;
    }
    let path = &resolved.version.path.value;
    let access = resolved.access();
    if access != Access::Open {
        diagnostic.code = ABSENT.into();
        let (name, word) = (resolved.reference(), access.word());
        diagnostic.message = format!("{name} is {word}, and its file is not there");
        let how = match (access, &resolved.version.source, resolved.apply()) {
            (Access::Restricted, _, Some(apply)) => format!("how to apply for it: {apply}"),
            (Access::External, Some(source), _) => {
                let dataset = resolved.dataset.name.as_str();
                return diagnostic.help(format!(
                    "`trialbook data fetch {dataset}` gets it from {}, `trialbook data add {dataset} FILE` takes it from disk",
                    source.value
                ));
            }
            (_, Some(source), _) => format!("get it from {}", source.value),
            _ => format!(
                "get it from {}",
                resolved.dataset.homepage.as_deref().unwrap_or("its owner")
            ),
        };
        return diagnostic.help(how).help(format!("then put it at {path}"));
    }
    if resolved.version.source.is_some() {
        let name = resolved.dataset.name.as_str();
        return diagnostic.help(format!("`trialbook data fetch {name}` downloads it"));
    }
    diagnostic.help("restore it, or correct `path`")
}

const CHANGED: [&str; 2] = [
    "if the file was changed by mistake, restore it",
    "if the change is meant, give it a version of its own in the manifest, with its own path, `sha256` and `bytes`",
];

fn changed(resolved: &Resolved<'_>, message: String, place: &Span, found: String) -> Diagnostic {
    let mut diagnostic = Diagnostic::broken("changed-data", message)
        .at(place.clone())
        .label(found);
    if resolved.version.source.is_some() {
        let name = resolved.dataset.name.as_str();
        diagnostic = diagnostic.help(format!(
            "remove it, and `trialbook data fetch {name}` downloads it again"
        ));
    }
    CHANGED.into_iter().fold(diagnostic, Diagnostic::help)
}

fn other_length(resolved: &Resolved<'_>, length: u64) -> Diagnostic {
    let entry = resolved.version;
    let message = format!(
        "`{}` is not the file of {}: it has {length} bytes, not {}",
        entry.path.value,
        resolved.reference(),
        entry.bytes.value
    );
    changed(
        resolved,
        message,
        &entry.bytes.span,
        format!("the file has {length}"),
    )
}

fn other_digest(resolved: &Resolved<'_>, found: Digest) -> Diagnostic {
    let entry = resolved.version;
    let message = format!(
        "`{}` is not the file of {}: its SHA-256 is {found}, not {}",
        entry.path.value,
        resolved.reference(),
        entry.sha256.value
    );
    changed(
        resolved,
        message,
        &entry.sha256.span,
        format!("the file has {found}"),
    )
}
