//! Where styles come from: the project's `templates/<name>/`, else the copy inside the program.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::JournalStyle;
use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The file of a style's rules in its folder.
const RULES: &str = "style.toml";

/// The templates that a project has: its own before the built-in ones, file by file.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    folder: Option<PathBuf>,
}

impl Templates {
    /// The templates of a project, whose own ones lie in `templates/` below its root.
    pub fn new(root: &Path) -> Self {
        Self {
            folder: Some(root.join("templates")),
        }
    }

    /// The built-in templates alone.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// All built-in files, by path below `templates/`.
    pub fn built_in_files() -> Vec<(String, &'static [u8])> {
        let mut paths = BTreeSet::new();
        collect_built_in(&BUILT_IN, &mut paths);
        let file = |path: String| Some((path.clone(), BUILT_IN.get_file(&path)?.contents()));
        paths.into_iter().filter_map(file).collect()
    }

    /// The names of all styles, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: BTreeSet<String> = BUILT_IN
            .dirs()
            .filter(|d| d.get_file(d.path().join(RULES)).is_some())
            .filter_map(|d| d.path().to_str().map(str::to_owned))
            .collect();
        let own = self.folder.as_ref().and_then(|f| fs::read_dir(f).ok());
        for entry in own.into_iter().flatten().flatten() {
            if entry.path().join(RULES).is_file() {
                names.extend(entry.file_name().into_string().ok());
            }
        }
        names.into_iter().collect()
    }

    /// The bytes of a file below `templates/`, such as `jama/report.typ`: the project's, else the built-in ones. None
    /// where neither has it, or the path leads out of the folder.
    pub fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if !is_inside(path) {
            return Ok(None);
        }
        if let Some(folder) = &self.folder {
            match read_below(folder, path) {
                Err(e) if is_absent(&e) => {}
                read => return read.map(Some),
            }
        }
        Ok(BUILT_IN.get_file(path).map(|f| f.contents().to_vec()))
    }

    /// The paths below `templates/` of the files in a folder, such as `fonts`, with those of its folders, sorted; the
    /// project's and the built-in ones together.
    pub fn files(&self, below: &str) -> Vec<String> {
        let mut paths = BTreeSet::new();
        if let Some(dir) = BUILT_IN.get_dir(below) {
            collect_built_in(dir, &mut paths);
        }
        if let Some(folder) = self.folder.as_ref().filter(|_| is_inside(below)) {
            let found = walkdir::WalkDir::new(folder.join(below))
                .into_iter()
                .flatten();
            for entry in found.filter(|e| e.file_type().is_file()) {
                let relative = entry.path().strip_prefix(folder).ok();
                paths.extend(relative.and_then(slashed));
            }
        }
        paths.into_iter().collect()
    }

    /// Loads a style by name. `at` is where the name was written; an unknown one is reported there.
    pub fn style(&self, name: &str, at: Option<&Span>) -> (Option<JournalStyle>, Diagnostics) {
        let plain = !name.is_empty() && !name.contains(['/', '\\', '.']);
        let path = format!("{name}/{RULES}");
        let bytes = match if plain { self.read(&path) } else { Ok(None) } {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return (None, self.unknown(name, at).into()),
            Err(e) => {
                let message = format!("can't read templates/{path}: {e}");
                let diagnostic = Diagnostic::machine("unreadable-file", message);
                return (None, diagnostic.maybe_at(at.cloned()).into());
            }
        };
        let Ok(text) = String::from_utf8(bytes) else {
            let message = format!("templates/{path} is not UTF-8 text");
            return (None, Diagnostic::error("not-text", message).into());
        };
        JournalStyle::load(name, &Source::new(format!("templates/{path}"), text))
    }

    fn unknown(&self, name: &str, at: Option<&Span>) -> Diagnostic {
        let names = self.names();
        let listed: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
        Diagnostic::error("unknown-style", format!("there is no style `{name}`"))
            .maybe_at(at.cloned())
            .help(format!("the styles are {}", listed.join(", ")))
            .help(format!(
                "a project's own styles are templates/<name>/{RULES}"
            ))
    }
}

fn collect_built_in(dir: &Dir<'_>, paths: &mut BTreeSet<String>) {
    paths.extend(dir.files().filter_map(|f| slashed(f.path())));
    for inner in dir.dirs() {
        collect_built_in(inner, paths);
    }
}

fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|c| c.as_os_str().to_str()).collect();
    parts.map(|p| p.join("/"))
}

/// Whether a path names something below the folder it is read from: plain parts only.
fn is_inside(path: &str) -> bool {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']);
    path.split('/').all(plain)
}

/// Reads a file unless a symbolic link leads out of the folder.
fn read_below(folder: &Path, path: &str) -> io::Result<Vec<u8>> {
    let file = folder.join(path).canonicalize()?;
    if !file.starts_with(folder.canonicalize()?) {
        return Err(io::Error::other(
            "it is a link that leads out of the folder",
        ));
    }
    fs::read(file)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
