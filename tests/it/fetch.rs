//! Files fetched from servers that keep their word, and from those that don't.

mod commands;
mod local;
mod places;
mod resumed;
mod server;
mod wrong;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;
use trialbook::dataset::digest;
use trialbook::diagnostic::Diagnostic;
use trialbook::fetch::{Event, FOLDER, Fetched, Limits, fetch};
use trialbook::manifest::Manifest;

/// Where the file of most tests belongs.
const PLACE: &str = "data/trial/1.0.0/trial.csv";

/// Some data: lines that differ, so that a piece is not mistaken for another.
fn data(rows: usize) -> Vec<u8> {
    let mut text = String::from("id,value\n");
    for row in 0..rows {
        writeln!(text, "{row},{}", (row * 7919) % 1000).unwrap();
    }
    text.into_bytes()
}

/// Limits that tests can wait for.
fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        stall: Duration::from_secs(1),
        retries: 3,
        pause: Duration::from_millis(1),
        redirects: 10,
    }
}

/// A project with `trial@1.0.0`, whose file is not there.
struct Room {
    root: TempDir,
    sha256: String,
}

impl Room {
    /// A manifest that promises `promised` from that address.
    fn new(promised: &[u8], source: &str) -> Self {
        Self::with_place(promised, source, PLACE)
    }

    fn with_place(promised: &[u8], source: &str, place: &str) -> Self {
        let root = TempDir::new().unwrap();
        let sha256 = digest(promised).to_string();
        let manifest = format!(
            "[project]\nname = \"Test\"\n\n[[dataset]]\nname = \"trial\"\n\n[[dataset.version]]\nversion = \"1.0.0\"\n\
             path = \"{place}\"\nsha256 = \"{sha256}\"\nbytes = {}\nsource = \"{source}\"\n",
            promised.len()
        );
        fs::write(root.path().join("data-manifest.toml"), manifest).unwrap();
        Self { root, sha256 }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Writes a file below the root.
    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// The partial file.
    fn part(&self) -> PathBuf {
        self.path(&format!("{FOLDER}/{}.part", self.sha256))
    }

    fn fetch(&self) -> Result<Fetched, Diagnostic> {
        self.fetch_within(&limits()).0
    }

    /// Fetches, and tells what was tried again for which reasons.
    fn fetch_within(&self, limits: &Limits) -> (Result<Fetched, Diagnostic>, Vec<String>) {
        let (manifest, found) = Manifest::load(self.root.path()).unwrap();
        assert!(found.is_empty(), "{found:?}");
        let resolved = manifest.resolve("trial@1.0.0", None).unwrap();
        let again = Mutex::new(Vec::new());
        let note = |event: Event<'_>| {
            if let Event::Again { why } = event {
                again.lock().unwrap().push(why.to_owned());
            }
        };
        let fetched = fetch(self.root.path(), &resolved, limits, &note);
        (fetched, again.into_inner().unwrap())
    }

    /// Fetches, which must go well and leave nothing but the file.
    fn fetch_well(&self, promised: &[u8]) -> Fetched {
        let fetched = self
            .fetch()
            .unwrap_or_else(|d| panic!("{}", d.render(false)));
        assert!(fs::read(self.path(PLACE)).unwrap() == promised);
        assert!(!self.path(FOLDER).exists(), "something is left over");
        fetched
    }

    /// Fetches, which must fail with that code and put nothing in place.
    fn fetch_badly(&self, code: &str) -> String {
        let diagnostic = self.fetch().unwrap_err();
        let text = diagnostic.render(false);
        assert_eq!(diagnostic.code, code, "{text}");
        assert!(!self.path(PLACE).exists());
        // What is kept is worth to be kept.
        let kept = fs::metadata(self.part()).map_or(0, |m| m.len());
        assert!(kept > 0 || !self.path(FOLDER).exists(), "{text}");
        assert!(kept == 0 || code != "changed-source", "{text}");
        text
    }
}

/// All files below a folder, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut found: Vec<String> = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .filter(|e| !e.file_type().is_dir())
        .map(|e| e.path().strip_prefix(folder).unwrap().display().to_string())
        .collect();
    found.sort();
    found
}
