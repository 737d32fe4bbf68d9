//! What program this is: its version and the digest of its own source, which is built into it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

static SOURCE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src");
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

/// The other files of the package that building it needs, or that say what it is and on what terms.
const PACKAGE: [(&str, &str); 5] = [
    (
        "ARCHITECTURE.md",
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/ARCHITECTURE.md")),
    ),
    (
        "Cargo.toml",
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
    ),
    (
        "LICENSE",
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/LICENSE")),
    ),
    (
        "README.md",
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")),
    ),
    (
        "build.rs",
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/build.rs")),
    ),
];

/// The version, as in Cargo.toml.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// SHA-256, in hexadecimal, over all source files and the lock file: paths and contents, in order of path.
pub fn source_digest() -> &'static str {
    static DIGEST: OnceLock<String> = OnceLock::new();
    DIGEST.get_or_init(|| {
        let mut files = source_and_lock();
        files.sort_unstable();
        let mut hash = Sha256::new();
        for (path, bytes) in files {
            // Lengths keep the end of one file from being read as the beginning of the next.
            hash.update((path.len() as u64).to_le_bytes());
            hash.update(path.as_bytes());
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        hex(&hash.finalize())
    })
}

/// The program's own files, of which cargo builds it again but for `templates/`: by path below the package's folder.
pub fn source() -> BTreeMap<String, &'static [u8]> {
    let inside = |path: String| match path.as_str() {
        "Cargo.lock" => path,
        _ => format!("src/{path}"),
    };
    source_and_lock()
        .into_iter()
        .map(|(path, bytes)| (inside(path), bytes))
        .chain(PACKAGE.map(|(path, text)| (path.to_owned(), text.as_bytes())))
        .collect()
}

/// What the digest is taken over: paths below `src/`, and `Cargo.lock`.
fn source_and_lock() -> Vec<(String, &'static [u8])> {
    let mut files = Vec::new();
    collect(&SOURCE, &mut files);
    files.push(("Cargo.lock".to_owned(), LOCK.as_bytes()));
    files
}

fn collect<'a>(dir: &'a Dir<'_>, files: &mut Vec<(String, &'a [u8])>) {
    for file in dir.files() {
        let path = file
            .path()
            .components()
            .map(|c| c.as_os_str().to_string_lossy())
            .collect::<Vec<_>>();
        files.push((path.join("/"), file.contents()));
    }
    for below in dir.dirs() {
        collect(below, files);
    }
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .map(|d| char::from(b"0123456789abcdef"[usize::from(d)]))
        .collect()
}

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
