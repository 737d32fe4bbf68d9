//! Which names the files of a bundle may have, and which of them can't stand together.

use std::collections::{BTreeMap, BTreeSet};

use super::Limits;
use crate::bundle::name::{is_decomposed, is_invisible};
use crate::diagnostic::Diagnostic;

/// Files and folders that were met, by their names as the most forgetful file system keeps them.
#[derive(Debug, Default)]
pub(super) struct Names {
    met: BTreeMap<String, (String, Kind)>,
    /// The folders that were named themselves, not only by what is in them.
    folders: BTreeSet<String>,
}

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
}

impl Names {
    /// Takes note of a path and of the folders above it. The error says why it can't be there.
    pub(super) fn add(
        &mut self,
        path: &str,
        kind: Kind,
        limits: &Limits,
    ) -> Result<(), Diagnostic> {
        if let Some(why) = mistake(path, limits) {
            let message = format!(
                "{} can't be the name of a file in a bundle: {why}",
                quoted(path)
            );
            return Err(Diagnostic::error("unsafe-name", message));
        }
        for (end, _) in path.match_indices('/') {
            self.one(path.get(..end).unwrap_or_default(), Kind::Folder)?;
        }
        let again = match kind {
            Kind::File => self
                .met
                .get(&path.to_lowercase())
                .is_some_and(|(p, k)| p == path && *k == kind),
            Kind::Folder => !self.folders.insert(path.to_owned()),
        };
        if again {
            return Err(collision(
                "duplicate-name",
                format!("{} is there twice", quoted(path)),
            ));
        }
        self.one(path, kind)?;
        if self.met.len() as u64 > limits.entries {
            let message = format!("there are more than {} files and folders", limits.entries);
            return Err(Diagnostic::error("too-many-files", message));
        }
        Ok(())
    }

    fn one(&mut self, path: &str, kind: Kind) -> Result<(), Diagnostic> {
        let folded = path.to_lowercase();
        let Some((first, was)) = self.met.get(&folded) else {
            self.met.insert(folded, (path.to_owned(), kind));
            return Ok(());
        };
        let shown = quoted(path);
        if first != path {
            let first = quoted(first);
            let message = format!("{first} and {shown} differ in upper and lower case alone");
            return Err(collision("colliding-names", message));
        }
        if *was != kind {
            let message = format!("{shown} is a file and a folder");
            return Err(collision("colliding-names", message));
        }
        Ok(())
    }
}

fn collision(code: &'static str, message: String) -> Diagnostic {
    Diagnostic::error(code, message).help("which of the two is meant depends on who unpacks it")
}

/// What is wrong with a path; none if it can be unpacked anywhere.
pub(super) fn mistake(path: &str, limits: &Limits) -> Option<String> {
    if path.is_empty() {
        return Some("it is empty".to_owned());
    }
    if path.len() > limits.path {
        return Some(format!("it has more than {} bytes", limits.path));
    }
    let drive = path.as_bytes().get(1) == Some(&b':')
        && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.starts_with('/') || drive {
        return Some("it is absolute".to_owned());
    }
    if path.contains('\\') {
        return Some("it has a backslash".to_owned());
    }
    if path.contains([':', '*', '?', '"', '<', '>', '|']) {
        return Some("it has a character that not all systems allow".to_owned());
    }
    if let Some(c) = path.chars().find(|c| is_invisible(*c)) {
        return Some(format!(
            "it has the invisible character {}",
            c.escape_unicode()
        ));
    }
    if let Some(c) = path.chars().find(|c| is_decomposed(*c)) {
        return Some(format!(
            "it has {}, which Unicode's normal form C writes another way",
            c.escape_unicode()
        ));
    }
    if path.split('/').count() > limits.depth {
        return Some(format!(
            "it has more than {} folders within each other",
            limits.depth
        ));
    }
    path.split('/').find_map(|part| match part {
        "" => Some("it has an empty part".to_owned()),
        "." | ".." => Some(format!("it has a part `{part}`")),
        _ if part.len() > 255 => Some("a part of it has more than 255 bytes".to_owned()),
        _ if part.ends_with([' ', '.']) || part.starts_with(' ') => {
            Some("a part of it begins or ends with a space, or ends with a full stop".to_owned())
        }
        _ => None,
    })
}

/// A name that may be anything between backticks, as [`shown`] shows it.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", shown(name))
}

/// Words that may be anything, as they can be shown: nothing invisible in them, and not too many.
pub(super) fn shown(words: &str) -> String {
    const MOST: usize = 160;
    let mut shown: String = words.chars().take(MOST).flat_map(escaped).collect();
    if words.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

fn escaped(c: char) -> Box<dyn Iterator<Item = char>> {
    if is_invisible(c) {
        Box::new(c.escape_unicode())
    } else {
        Box::new(std::iter::once(c))
    }
}
