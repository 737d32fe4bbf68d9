//! Writing a report's outputs: all of them or none.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::diagnostic::Diagnostic;

/// Puts `files` (paths below the folder, with `/`) in the place of `folder`. They are written to a folder beside it
/// first, which then takes its place: whoever is killed on the way leaves the old outputs whole.
pub fn replace(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Diagnostic> {
    let failed = |e: io::Error| {
        Diagnostic::machine("write", format!("can't write {}: {e}", folder.display()))
            .help("check that the folder can be written to and that the disk is not full")
    };
    let parent = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    // Two builds of one report at once take turns.
    let lock = File::create(parent.join(".lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    remove_leftovers(parent).map_err(failed)?;
    let fresh = tempfile::Builder::new()
        .prefix(LEFTOVER)
        .tempdir_in(parent)
        .map_err(failed)?;
    write_all(fresh.path(), files).map_err(failed)?;
    swap(fresh.path(), folder).map_err(failed)
    // Here `fresh`, which now holds the old outputs, is removed.
}

const LEFTOVER: &str = ".new-";

/// Removes what killed builds left behind. The caller holds the lock, so nobody is writing there.
fn remove_leftovers(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(LEFTOVER) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn write_all(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for (path, bytes) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = File::create(&path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    readable_by_all(folder)
}

/// A temporary folder is the owner's alone; the outputs need not be.
#[cfg(unix)]
fn readable_by_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Exchanges two folders in one step where the system can; otherwise by way of a third name.
fn swap(fresh: &Path, folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        return fs::rename(fresh, folder);
    }
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, fresh, CWD, folder, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    let aside = fresh.with_extension("old");
    fs::rename(folder, &aside)?;
    match fs::rename(fresh, folder) {
        Ok(()) => fs::remove_dir_all(aside),
        Err(e) => {
            fs::rename(&aside, folder)?;
            Err(e)
        }
    }
}
