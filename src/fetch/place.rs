//! Where a fetched file belongs: below the root, and never in the place of another.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::partial::Partial;
use crate::diagnostic::Diagnostic;
use crate::manifest::Resolved;

/// What is in a version's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum There {
    /// Nothing.
    Absent,
    /// The promised file.
    Right,
    /// Another one; how it differs.
    Wrong(String),
}

/// Looks at a version's place.
pub(super) fn look(root: &Path, resolved: &Resolved<'_>) -> Result<There, Diagnostic> {
    let path = &resolved.version.path.value;
    let placed = |d: Diagnostic| d.at(resolved.version.path.span.clone());
    let Some(real) = real(root, Path::new(path)).map_err(placed)? else {
        return Ok(There::Absent);
    };
    let failed = |e: io::Error| {
        placed(Diagnostic::machine(
            "unreadable",
            format!("`{path}` can't be read: {e}"),
        ))
    };
    let found = fs::metadata(&real).map_err(failed)?;
    if !found.is_file() {
        return Ok(There::Wrong("it is not a file".to_owned()));
    }
    let promised = resolved.version.bytes.value;
    if found.len() != promised {
        let what = format!("it has {} bytes, not {promised}", found.len());
        return Ok(There::Wrong(what));
    }
    let file = File::open(&real).map_err(failed)?;
    let (sha256, length) = hash(file, promised).map_err(failed)?;
    if sha256 == resolved.version.sha256.value && length == promised {
        return Ok(There::Right);
    }
    Ok(There::Wrong(format!("its SHA-256 is {sha256}")))
}

/// The SHA-256 of a file as hexadecimal digits, and how many bytes were read: at most one more than `most`.
pub(super) fn hash(file: impl io::Read, most: u64) -> io::Result<(String, u64)> {
    use std::fmt::Write as _;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut rest = file.take(most.saturating_add(1));
    let mut length = 0;
    loop {
        let n = match rest.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        hasher.update(buffer.get(..n).unwrap_or_default());
        length += n as u64;
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing to a text can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok((text, length))
}

/// A file or folder's real place below the root, none where there is nothing. What leads out of the root, a link that
/// leads nowhere, and a file where a folder belongs are errors.
fn real(root: &Path, path: &Path) -> Result<Option<PathBuf>, Diagnostic> {
    let shown = path.display();
    let failed =
        |e: io::Error| Diagnostic::machine("unreadable", format!("`{shown}` can't be read: {e}"));
    let real_root = root.canonicalize().map_err(failed)?;
    let full = real_root.join(path);
    // The nearest part that is there decides: what is not there yet can't lead anywhere.
    let nearest = full
        .ancestors()
        .find(|a| a.symlink_metadata().is_ok())
        .unwrap_or(&real_root);
    let real = nearest.canonicalize().map_err(|e| {
        if e.kind() == ErrorKind::NotFound {
            let message = format!("`{shown}` is, or is below, a link that leads nowhere");
            return Diagnostic::error("bad-link", message).help("remove the link");
        }
        failed(e)
    })?;
    if !real.starts_with(&real_root) {
        return Err(outside(path));
    }
    if nearest == full {
        return Ok(Some(real));
    }
    if real.is_dir() {
        return Ok(None);
    }
    let message = format!("`{shown}` can't be made: a part of its path is a file");
    Err(Diagnostic::error("not-a-folder", message))
}

fn outside(path: &Path) -> Diagnostic {
    let message = format!("`{}` leads out of the project", path.display());
    Diagnostic::error("outside-root", message)
        .help("put a folder below the project root in the place of the link")
}

/// The real place of a folder below the root, made if it is not there.
pub(super) fn folder(root: &Path, path: &Path) -> Result<PathBuf, Diagnostic> {
    let failed = |e: io::Error| {
        let message = format!("the folder `{}` can't be made: {e}", path.display());
        Diagnostic::machine("write", message).help("check that the project can be written to")
    };
    real(root, path)?;
    fs::create_dir_all(root.join(path)).map_err(failed)?;
    // Looked at again: what was made may not be what was looked at.
    let made = real(root, path)?.filter(|real| real.is_dir());
    made.ok_or_else(|| failed(ErrorKind::NotADirectory.into()))
}

/// Puts a verified file in its place, which must be free.
pub(super) fn put(
    root: &Path,
    resolved: &Resolved<'_>,
    partial: &Partial,
) -> Result<(), Diagnostic> {
    let path = Path::new(&resolved.version.path.value);
    let placed = |d: Diagnostic| d.at(resolved.version.path.span.clone());
    let parent = path.parent().unwrap_or(Path::new(""));
    let parent = folder(root, parent).map_err(placed)?;
    let name = path.file_name().unwrap_or_default();
    let target = parent.join(name);
    match move_to(partial.path(), &target) {
        Ok(()) => {
            // So that the name is on the disk as well; where folders can't be synced, nothing is lost.
            let _ = File::open(&parent).and_then(|f| f.sync_all());
            Ok(())
        }
        Err(e) if e.kind() == ErrorKind::AlreadyExists => match look(root, resolved)? {
            There::Right => Ok(()),
            There::Wrong(what) => Err(occupied(resolved, &what)),
            There::Absent => Err(placed(write_failed(path, &e))),
        },
        Err(e) => Err(placed(write_failed(path, &e))),
    }
}

fn write_failed(path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("`{}` can't be written: {error}", path.display());
    Diagnostic::machine("write", message)
        .help("check that the folder can be written to and that the disk is not full")
}

/// Gives a file another name, which must not exist: a second name never replaces a file, which renaming would.
fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(e),
        // On another disk, or where files have one name only.
        Err(_) => copy(from, to),
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let parent = to.parent().unwrap_or(Path::new("."));
    let mut fresh = tempfile::Builder::new()
        .prefix(".fetch-")
        .tempfile_in(parent)?;
    io::copy(&mut File::open(from)?, fresh.as_file_mut())?;
    fresh.as_file().sync_all()?;
    readable(fresh.as_file())?;
    fresh.persist_noclobber(to).map_err(|e| e.error)?;
    fs::remove_file(from)
}

/// A temporary file is its owner's alone; data need not be.
#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &File) -> io::Result<()> {
    Ok(())
}

/// That another file is in the place of the promised one.
pub(super) fn occupied(resolved: &Resolved<'_>, what: &str) -> Diagnostic {
    let path = &resolved.version.path;
    let name = resolved.reference();
    let message = format!(
        "`{}` is there, but is not the file of {name}: {what}",
        path.value
    );
    Diagnostic::broken("changed-data", message)
        .at(path.span.clone())
        .help("nothing was fetched: a file that is there is never overwritten")
        .help("remove it or give it another name, then fetch again")
        .help("if the change is meant, give it a version of its own in the manifest, with its own path, `sha256` and `bytes`")
}
