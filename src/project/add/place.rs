//! Files of a project that are written once and never over another: read steadily, put in place whole, and taken away
//! again if what belongs to them fails.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::diagnostic::Diagnostic;

/// All bytes of a file that did not change while it was read.
pub(super) fn read_steadily(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let failed = |e: &io::Error| unreadable(path, e);
    // A pipe would wait for somebody to write.
    let kind = fs::metadata(path).map_err(|e| failed(&e))?;
    if !kind.is_file() {
        let what = if kind.is_dir() { "a folder" } else { "no file" };
        let message = format!("`{}` is {what}", path.display());
        return Err(Diagnostic::error("not-a-file", message).help("name the data file itself"));
    }
    let file = File::open(path).map_err(|e| failed(&e))?;
    let before = file.metadata().map_err(|e| failed(&e))?;
    let mut bytes = Vec::new();
    // One byte more, so that a file that grows is noticed, and not read without end.
    let limit = before.len().saturating_add(1);
    let room = bytes.try_reserve(usize::try_from(before.len()).unwrap_or(usize::MAX));
    if room.is_err() {
        let message = format!("`{}` is larger than the memory", path.display());
        return Err(Diagnostic::machine("too-large", message));
    }
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|e| failed(&e))?;
    let after = fs::metadata(path).map_err(|e| failed(&e))?;
    let same = bytes.len() as u64 == before.len()
        && after.len() == before.len()
        && after.modified().ok() == before.modified().ok();
    if same {
        return Ok(bytes);
    }
    let message = format!("`{}` changed while it was read", path.display());
    Err(Diagnostic::broken("changed-while-read", message)
        .help("wait until whatever writes it is done, and try again"))
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    if error.kind() == io::ErrorKind::NotFound {
        let message = format!("there is no file `{}`", path.display());
        return Diagnostic::error("missing-file", message);
    }
    Diagnostic::machine(
        "unreadable",
        format!("`{}` can't be read: {error}", path.display()),
    )
}

/// What was written so far, to be taken away again unless all of it is kept.
#[derive(Debug, Default)]
pub(super) struct Written {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Written {
    /// Writes `bytes` to `path` below `root`, where there must be nothing yet but perhaps the same bytes. Says whether
    /// it wrote.
    pub fn put(&mut self, root: &Path, path: &str, bytes: &[u8]) -> Result<bool, Diagnostic> {
        check_place(root, path)?;
        let place = root.join(path);
        match fs::symlink_metadata(&place) {
            Ok(found) if found.is_file() => {
                if fs::read(&place).is_ok_and(|there| there == bytes) {
                    return Ok(false);
                }
                return Err(exists(path, "a file with other bytes"));
            }
            Ok(_) => return Err(exists(path, "something that is not a file")),
            Err(_) => {}
        }
        self.folder(root, path)?;
        let failed = |e: io::Error| not_written(path, &e);
        let file = whole(&place, bytes).map_err(failed)?;
        file.persist_noclobber(&place)
            .map_err(|e| failed(e.error))?;
        self.files.push(place.clone());
        sync_folder(&place);
        Ok(true)
    }

    fn folder(&mut self, root: &Path, path: &str) -> Result<(), Diagnostic> {
        let mut folder = root.to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        for part in parts.iter().take(parts.len().saturating_sub(1)) {
            folder.push(part);
            if folder.is_dir() {
                continue;
            }
            fs::create_dir(&folder).map_err(|e| not_written(path, &e))?;
            self.folders.push(folder.clone());
        }
        Ok(())
    }

    /// Takes away what was written.
    pub fn undo(self) {
        for file in self.files.iter().rev() {
            let _ = fs::remove_file(file);
        }
        // Only those that are empty go.
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A temporary file beside `place` with all of its bytes on the disk.
fn whole(place: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".part");
    // As for any other file, the user's mask says who may read it; temporary files are otherwise the user's alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(place.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Replaces a file at once, with its permissions.
pub(super) fn replace(place: &Path, text: &str) -> Result<(), Diagnostic> {
    let failed = |e: io::Error| not_written(&place.display().to_string(), &e);
    // Through a link, the file that it leads to is replaced.
    let place = fs::canonicalize(place).map_err(failed)?;
    let file = whole(&place, text.as_bytes()).map_err(failed)?;
    let old = fs::metadata(&place).map_err(failed)?;
    file.as_file()
        .set_permissions(old.permissions())
        .map_err(failed)?;
    file.persist(&place).map_err(|e| failed(e.error))?;
    sync_folder(&place);
    Ok(())
}

/// The name is only lasting when its folder is written; where that can't be asked for, the system does it in time.
fn sync_folder(place: &Path) {
    if let Some(folder) = place.parent().and_then(|f| File::open(f).ok()) {
        let _ = folder.sync_all();
    }
}

/// Refuses a place that a link leads to elsewhere, or whose name only differs by case from what is there.
pub(super) fn check_place(root: &Path, path: &str) -> Result<(), Diagnostic> {
    let mut folder = root.to_owned();
    for part in path.split('/') {
        if let Some(other) = other_case(&folder, part) {
            let message = format!("`{path}` and `{other}` there differ only by case");
            return Err(Diagnostic::error("name-case", message).help(
                "many file systems take them for one: choose the same letters, or another name",
            ));
        }
        folder.push(part);
        if fs::symlink_metadata(&folder).is_ok_and(|m| m.is_symlink()) {
            let message = format!("`{}` is a link", folder.display());
            return Err(Diagnostic::error("linked-folder", message)
                .help("datasets lie in the project itself: replace the link by a folder"));
        }
    }
    Ok(())
}

fn other_case(folder: &Path, name: &str) -> Option<String> {
    let entries = fs::read_dir(folder).ok()?;
    let names = entries
        .flatten()
        .filter_map(|e| e.file_name().into_string().ok());
    let lower = name.to_lowercase();
    let mut others: Vec<String> = names
        .filter(|n| n != name && n.to_lowercase() == lower)
        .collect();
    others.sort();
    others.into_iter().next()
}

fn exists(path: &str, what: &str) -> Diagnostic {
    let message = format!("`{path}` is there already, {what}");
    Diagnostic::error("exists", message)
        .help("give the data another version, or move that file away")
}

fn not_written(path: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::machine("write", format!("`{path}` can't be written: {error}"))
        .help("check that the folder can be written to and that the disk is not full")
}
