//! Unpacking an archive whose structure has been read: each file to its place in a fresh folder, byte by byte counted.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use zip::ZipArchive;
use zip::result::ZipError;

use super::Limits;
use super::archive::{self, Entry};
use super::name::{Kind, quoted};
use crate::diagnostic::Diagnostic;

/// Unpacks the archive at `path` into the empty folder `into`. Nothing is written unless its structure is sound, and
/// never more than it declares.
pub(super) fn unpack(path: &Path, into: &Path, limits: &Limits) -> Result<(), Diagnostic> {
    let opened = || File::open(path).map_err(|e| super::tree::unreadable(path, &e));
    let entries = archive::entries(&mut opened()?, limits)?;
    let window = Rc::new(Cell::new(Window::default()));
    let reader = Careful {
        file: opened()?,
        at: 0,
        window: Rc::clone(&window),
    };
    let mut zip = ZipArchive::new(reader).map_err(|e| refused(&e))?;
    for entry in &entries {
        match entry.kind {
            Kind::Folder => make_folder(&into.join(&entry.path))?,
            Kind::File => one(&mut zip, entry, into, &window)?,
        }
    }
    Ok(())
}

fn one(
    zip: &mut ZipArchive<Careful>,
    entry: &Entry,
    into: &Path,
    window: &Cell<Window>,
) -> Result<(), Diagnostic> {
    let lies = |why: &str| {
        let message = format!("the archive is refused: {} {why}", quoted(&entry.path));
        Diagnostic::error("unsafe-archive", message)
    };
    window.set(Window {
        end: entry.data + entry.packed,
        reached: entry.data,
    });
    let mut file = zip.by_name(&entry.path).map_err(|e| refused(&e))?;
    if file.header_start() != entry.header || file.data_start() != Some(entry.data) {
        return Err(lies("is found at two places"));
    }
    let place = into.join(&entry.path);
    if let Some(folder) = place.parent() {
        make_folder(folder)?;
    }
    let mut written = File::create_new(&place).map_err(|e| not_made(&place, &e))?;
    // One byte more than declared, so that a file that is longer is noticed, and never written.
    let mut limited = file.by_ref().take(entry.bytes);
    let copied = copy(&mut limited, &mut written, &place)
        .map_err(|e| e.unwrap_or_else(|| lies("can't be unpacked")))?;
    let rest = file
        .read(&mut [0])
        .map_err(|_| lies("is not what its checksum says"))?;
    if copied != entry.bytes || rest != 0 {
        return Err(lies("has another length than the archive says"));
    }
    if window.get().reached != entry.data + entry.packed {
        return Err(lies("has something hidden behind its data"));
    }
    Ok(())
}

/// Copies all bytes. The error is of the place that is written to, or none if it is of the archive.
fn copy(from: &mut impl Read, to: &mut File, place: &Path) -> Result<u64, Option<Diagnostic>> {
    let mut buffer = vec![0; 64 << 10];
    let mut copied = 0;
    loop {
        let count = from.read(&mut buffer).map_err(|_| None)?;
        let Some(bytes) = buffer.get(..count).filter(|b| !b.is_empty()) else {
            return Ok(copied);
        };
        io::Write::write_all(to, bytes).map_err(|e| Some(not_made(place, &e)))?;
        copied += count as u64;
    }
}

fn make_folder(path: &Path) -> Result<(), Diagnostic> {
    fs::create_dir_all(path).map_err(|e| not_made(path, &e))
}

fn not_made(path: &Path, error: &io::Error) -> Diagnostic {
    let name = quoted(&path.to_string_lossy());
    if error.kind() == io::ErrorKind::AlreadyExists {
        let message = format!("{name} collides with another name on this file system");
        return Diagnostic::error("colliding-names", message);
    }
    Diagnostic::machine("write", format!("{name} can't be written: {error}"))
}

fn refused(error: &ZipError) -> Diagnostic {
    match error {
        ZipError::Io(e) if e.kind() != io::ErrorKind::InvalidData => {
            Diagnostic::machine("unreadable", format!("the archive can't be read: {e}"))
        }
        _ => Diagnostic::error("unsafe-archive", format!("the archive is refused: {error}")),
    }
}

/// The compressed bytes of the file that is being unpacked.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    end: u64,
    /// How far they were read.
    reached: u64,
}

/// A file that is read in single bytes towards the end of the compressed data, so that it is known exactly how much of
/// them was needed: whatever is left over would be hidden.
struct Careful {
    file: File,
    at: u64,
    window: Rc<Cell<Window>>,
}

/// From how many bytes before the end on.
const CLOSE: u64 = 64;

impl Read for Careful {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut window = self.window.get();
        let inside = self.at < window.end;
        let most = match window.end.saturating_sub(self.at) {
            _ if !inside => buffer.len(),
            left if left > CLOSE => usize::try_from(left - CLOSE).unwrap_or(usize::MAX),
            _ => 1,
        };
        let most = most.min(buffer.len());
        let count = self.file.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.at += count as u64;
        if inside {
            window.reached = window.reached.max(self.at);
            self.window.set(window);
        }
        Ok(count)
    }
}

impl Seek for Careful {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}
