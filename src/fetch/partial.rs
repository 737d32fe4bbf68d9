//! The bytes that have come so far, kept between attempts and between runs.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::place;
use crate::diagnostic::Diagnostic;

/// The folder of partial files, below the project root.
pub const FOLDER: &str = "data/.fetch";

/// The longest validator that is kept.
const LONGEST: u64 = 1024;

/// A partial file, this process's alone until it is dropped.
#[derive(Debug)]
pub(super) struct Partial {
    folder: PathBuf,
    path: PathBuf,
    file: File,
    have: u64,
    lock: Lock,
}

impl Partial {
    /// The partial file of those bytes, empty or as it was left; `wait` is called if another process holds it.
    pub fn open(root: &Path, sha256: &str, wait: &dyn Fn()) -> Result<Self, Diagnostic> {
        let mut waited = false;
        loop {
            let folder = place::folder(root, Path::new(FOLDER))?;
            let lock = folder.join(format!("{sha256}.lock"));
            match Lock::take(lock, &mut waited, wait) {
                Ok(Some(lock)) => {
                    let path = folder.join(format!("{sha256}.part"));
                    let (file, have) = open(&path).map_err(|e| failed(&e))?;
                    return Ok(Self {
                        folder,
                        path,
                        file,
                        have,
                        lock,
                    });
                }
                // The holder has tidied up; the next round makes everything anew.
                Ok(None) => {}
                Err(e) => return Err(failed(&e)),
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes have come.
    pub fn have(&self) -> u64 {
        self.have
    }

    /// Adds bytes.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Diagnostic> {
        self.file.write_all(bytes).map_err(|e| failed(&e))?;
        self.have += bytes.len() as u64;
        Ok(())
    }

    /// Forgets all bytes.
    pub fn restart(&mut self) -> Result<(), Diagnostic> {
        let emptied = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied.map_err(|e| failed(&e))?;
        self.have = 0;
        self.set_validator(None);
        Ok(())
    }

    /// The SHA-256 of all bytes, which are on the disk then.
    pub fn sha256(&mut self) -> Result<String, Diagnostic> {
        let hashed = self.file.sync_all().and_then(|()| {
            self.file.seek(SeekFrom::Start(0))?;
            let hashed = place::hash(&self.file, self.have)?;
            self.file.seek(SeekFrom::End(0))?;
            Ok(hashed)
        });
        let (sha256, length) = hashed.map_err(|e| failed(&e))?;
        if length == self.have {
            return Ok(sha256);
        }
        Err(failed(&io::Error::other("another program changes it")))
    }

    /// What the server said by which it can tell whether the rest belongs to the same file.
    pub fn validator(&self) -> Option<String> {
        let file = self.validator_path();
        fs::symlink_metadata(&file)
            .ok()
            .filter(fs::Metadata::is_file)?;
        let mut text = String::new();
        let mut file = File::open(file).ok()?.take(LONGEST);
        file.read_to_string(&mut text).ok()?;
        (!text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b))).then_some(text)
    }

    /// Keeps a validator. Without one, the rest is asked for all the same: the SHA-256 finds a mixture out.
    pub fn set_validator(&self, validator: Option<&str>) {
        let path = self.validator_path();
        let _ = fs::remove_file(&path);
        if let Some(text) = validator.filter(|v| (v.len() as u64) < LONGEST) {
            let _ = fs::write(path, text);
        }
    }

    fn validator_path(&self) -> PathBuf {
        self.path.with_extension("validator")
    }

    /// Removes it, and the folder if nothing else is there. What can't be removed does no harm.
    pub fn discard(self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(self.validator_path());
        self.lock.give_back();
        let _ = fs::remove_dir(&self.folder);
    }
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    // A link would lead writing elsewhere, and reading from a pipe would wait for ever.
    if fs::symlink_metadata(path).is_ok_and(|m| !m.is_file()) {
        fs::remove_file(path)?;
    }
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    let have = file.seek(SeekFrom::End(0))?;
    Ok((file, have))
}

fn failed(error: &io::Error) -> Diagnostic {
    Diagnostic::machine("write", format!("can't write to `{FOLDER}`: {error}"))
        .help("check that the folder can be written to and that the disk is not full")
}

/// A file whose lock says who may write the partial file. The lock is gone with the process, however it ends.
#[derive(Debug)]
struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock; none if its file was removed meanwhile.
    fn take(path: PathBuf, waited: &mut bool, wait: &dyn Fn()) -> io::Result<Option<Self>> {
        if fs::symlink_metadata(&path).is_ok_and(|m| !m.is_file()) {
            fs::remove_file(&path)?;
        }
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = match opened {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                if !*waited {
                    *waited = true;
                    wait();
                }
                file.lock()?;
            }
            Err(TryLockError::Error(e)) => return Err(e),
        }
        let lock = Self { path, file };
        Ok(lock.holds().then_some(lock))
    }

    /// Whether the locked file is still the one of that name.
    #[cfg(unix)]
    fn holds(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        match (self.file.metadata(), fs::symlink_metadata(&self.path)) {
            (Ok(own), Ok(named)) => own.ino() == named.ino() && own.dev() == named.dev(),
            _ => false,
        }
    }

    #[cfg(not(unix))]
    fn holds(&self) -> bool {
        true
    }

    /// Removes the file. Whoever waits for its lock sees that, and makes a new one.
    fn give_back(self) {
        #[cfg(unix)]
        let _ = fs::remove_file(&self.path);
        drop(self.file);
    }
}
