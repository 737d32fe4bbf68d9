//! The files of a folder that nobody trusts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Limits;
use super::name::{Kind, Names, quoted};
use crate::diagnostic::Diagnostic;

/// A folder whose names are sound and which holds nothing but files and folders.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: PathBuf,
    /// Paths of the files below it, with `/` between folders, and their lengths.
    pub(super) files: BTreeMap<String, u64>,
    /// Folders that hold nothing.
    pub(super) empty: BTreeSet<String>,
}

impl Tree {
    /// Looks through a folder. No link is followed, and looking stops at the limits.
    pub(super) fn read(root: &Path, limits: &Limits) -> Result<Self, Diagnostic> {
        let mut tree = Self {
            root: root.to_owned(),
            files: BTreeMap::new(),
            empty: BTreeSet::new(),
        };
        let mut names = Names::default();
        let mut total: u64 = 0;
        let walk = WalkDir::new(root)
            .min_depth(1)
            .max_depth(limits.depth + 1)
            .follow_links(false);
        for entry in walk {
            let entry = entry.map_err(|e| unreadable(root, &e.into()))?;
            let path = slashed(entry.path().strip_prefix(root).unwrap_or(entry.path()))?;
            let kind = entry.file_type();
            let kind = if kind.is_file() {
                Kind::File
            } else if kind.is_dir() {
                Kind::Folder
            } else {
                let what = if kind.is_symlink() {
                    "a link"
                } else {
                    "neither file nor folder"
                };
                let message = format!("{} is {what}", quoted(&path));
                return Err(Diagnostic::error("not-a-file", message)
                    .help("a bundle has files and folders only"));
            };
            names.add(&path, kind, limits)?;
            if let Some((above, _)) = path.rsplit_once('/') {
                tree.empty.remove(above);
            }
            if kind == Kind::Folder {
                tree.empty.insert(path);
                continue;
            }
            let length = entry
                .metadata()
                .map_err(|e| unreadable(root, &e.into()))?
                .len();
            total = total.saturating_add(length);
            if total > limits.total {
                let message = format!("the folder's files have more than {} bytes", limits.total);
                return Err(Diagnostic::error("too-large", message));
            }
            tree.files.insert(path, length);
        }
        Ok(tree)
    }

    /// A file's place.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The whole of a file of at most `most` bytes; none if there is no such file.
    pub(super) fn bytes(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, Diagnostic> {
        let Some(length) = self.files.get(path) else {
            return Ok(None);
        };
        if *length > most {
            let message = format!(
                "{} has {length} bytes, more than the {most} that are read",
                quoted(path)
            );
            return Err(Diagnostic::error("too-large", message));
        }
        fs::read(self.place(path))
            .map(Some)
            .map_err(|e| unreadable(&self.place(path), &e))
    }

    /// A file's text; none if there is no such file.
    pub(super) fn text(&self, path: &str, most: u64) -> Result<Option<String>, Diagnostic> {
        let Some(bytes) = self.bytes(path, most)? else {
            return Ok(None);
        };
        String::from_utf8(bytes).map(Some).map_err(|_| {
            Diagnostic::error("not-text", format!("{} is not UTF-8 text", quoted(path)))
        })
    }
}

fn slashed(path: &Path) -> Result<String, Diagnostic> {
    let parts: Option<Vec<&str>> = path.components().map(|c| c.as_os_str().to_str()).collect();
    parts.map(|p| p.join("/")).ok_or_else(|| {
        let message = format!("the name {} is not UTF-8", quoted(&path.to_string_lossy()));
        Diagnostic::error("unsafe-name", message)
    })
}

/// A file or folder that the machine does not give.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let path = quoted(&path.to_string_lossy());
    Diagnostic::machine("unreadable", format!("{path} can't be read: {error}"))
}
