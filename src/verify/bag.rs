//! The bag: every file listed, every listed file there, every digest right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};

use sha2::{Digest as _, Sha256};

use super::Limits;
use super::name::{self, quoted};
use super::record::is_digest;
use super::tree::{Tree, unreadable};
use crate::bundle::bag::{
    DECLARATION, DECLARED, FETCH, INFO, MANIFEST, PAYLOAD, TAG_MANIFEST, manifest_text,
    parse_fetch, parse_info, parse_manifest,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::program;

/// How many mistakes of a kind are named.
const MOST: usize = 100;

/// A bag that was looked through.
#[derive(Debug)]
pub(super) struct Bag {
    /// SHA-256 of the payload's files, by path in the bag.
    pub(super) digests: BTreeMap<String, String>,
}

/// Checks a bag. None if its manifests can't be read. Files of `welcome`, by path with their digests, need not be
/// listed: data that were put there after the bag was unpacked.
pub(super) fn check(
    tree: &Tree,
    welcome: &BTreeMap<String, String>,
    limits: &Limits,
) -> (Option<Bag>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let checked = Check { tree, limits };
    let declared = diagnostics.ok(checked.tag(DECLARATION)).flatten();
    if declared.is_some_and(|text| text != DECLARED) {
        diagnostics.push(changed(&format!(
            "`{DECLARATION}` does not declare BagIt 1.0 in UTF-8 as a bundle does"
        )));
    }
    let payload = diagnostics.ok(checked.manifest(MANIFEST)).flatten();
    let tags = diagnostics.ok(checked.manifest(TAG_MANIFEST)).flatten();
    let fetch = diagnostics.ok(checked.fetch()).unwrap_or_default();
    let digests = checked.digests(&mut diagnostics);
    let mut found = Found::default();
    found.lists(&[payload.as_ref(), tags.as_ref()], &digests, &fetch);
    for (path, digest) in digests.iter().filter(|(p, _)| *p != TAG_MANIFEST) {
        let list = if is_payload(path) { &payload } else { &tags };
        match list {
            Some(list) if list.contains_key(path) => {}
            Some(_) if welcome.get(path) == Some(digest) => {}
            Some(_) => found.added.push(path.clone()),
            // What is not known without the list, unless it holds what another file should hold.
            None => found.unlisted.push((path.clone(), digest.clone())),
        }
    }
    let empty = tree.empty.iter().map(|path| format!("{path}/"));
    found.added.extend(empty);
    found.report(&mut diagnostics);
    if let Some(payload) = &payload {
        for path in fetch.keys().filter(|p| !payload.contains_key(*p)) {
            diagnostics.push(changed(&format!(
                "`{FETCH}` names {}, which `{MANIFEST}` does not list",
                quoted(path)
            )));
        }
        checked.info(payload, &fetch, &mut diagnostics);
    }
    if payload.is_none() || tags.is_none() {
        return (None, diagnostics);
    }
    let payload = digests.into_iter().filter(|(path, _)| is_payload(path));
    let bag = Bag {
        digests: payload.collect(),
    };
    (Some(bag), diagnostics)
}

fn is_payload(path: &str) -> bool {
    path.strip_prefix(PAYLOAD)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn changed(message: &str) -> Diagnostic {
    Diagnostic::broken("changed-file", message)
}

struct Check<'a> {
    tree: &'a Tree,
    limits: &'a Limits,
}

impl Check<'_> {
    /// The text of a tag file that must be there.
    fn tag(&self, path: &str) -> Result<Option<String>, Diagnostic> {
        match self.tree.text(path, self.limits.text) {
            Ok(Some(text)) => Ok(Some(text)),
            Ok(None) => Err(missing(path)),
            // What was a text once.
            Err(d) if d.code == "not-text" => Err(changed(&d.message)),
            Err(d) => Err(d),
        }
    }

    /// The digests that a manifest lists, by path. It must be written as `bundle` writes it, to the byte: nothing else
    /// covers the manifest of the tag files.
    fn manifest(&self, path: &str) -> Result<Option<BTreeMap<String, String>>, Diagnostic> {
        let Some(text) = self.tag(path)? else {
            return Ok(None);
        };
        let wrong = |why: String| changed(&format!("`{path}` is not as it was written: {why}"));
        let entries =
            parse_manifest(&text).map_err(|(line, why)| wrong(format!("line {line}: {why}")))?;
        let mut digests = BTreeMap::new();
        for (digest, listed) in entries {
            let payload = is_payload(&listed);
            let shown = quoted(&listed);
            if let Some(why) = name::mistake(&listed, self.limits) {
                return Err(Diagnostic::error(
                    "unsafe-name",
                    format!("`{path}` lists {shown}: {why}"),
                ));
            }
            if payload != (path == MANIFEST) || listed == TAG_MANIFEST {
                return Err(wrong(format!(
                    "it lists {shown}, which is not its own to list"
                )));
            }
            if !is_digest(&digest) || digests.insert(listed, digest).is_some() {
                return Err(wrong(format!("it lists {shown} twice")));
            }
        }
        if digests.is_empty() {
            return Err(wrong("it lists nothing".to_owned()));
        }
        if manifest_text(&digests) != text {
            return Err(wrong(
                "its lines are not in order, or are written otherwise".to_owned(),
            ));
        }
        Ok(Some(digests))
    }

    /// The paths that are left to be fetched, with their lengths.
    fn fetch(&self) -> Result<BTreeMap<String, Option<u64>>, Diagnostic> {
        if !self.tree.files.contains_key(FETCH) {
            return Ok(BTreeMap::new());
        }
        let text = self.tag(FETCH)?.unwrap_or_default();
        let entries = parse_fetch(&text).map_err(|(line, why)| {
            changed(&format!(
                "`{FETCH}` is not as it was written: line {line}: {why}"
            ))
        })?;
        for entry in &entries {
            if let Some(why) = name::mistake(&entry.path, self.limits) {
                let message = format!("`{FETCH}` names {}: {why}", quoted(&entry.path));
                return Err(Diagnostic::error("unsafe-name", message));
            }
        }
        Ok(entries.into_iter().map(|e| (e.path, e.bytes)).collect())
    }

    /// The payload's size in `bag-info.txt` against the files.
    fn info(
        &self,
        payload: &BTreeMap<String, String>,
        fetch: &BTreeMap<String, Option<u64>>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(text) = diagnostics.ok(self.tag(INFO)).flatten() else {
            return;
        };
        let wrong = |why: String| changed(&format!("`{INFO}` is not as it was written: {why}"));
        let info = match parse_info(&text) {
            Ok(info) => info,
            Err((line, why)) => return diagnostics.push(wrong(format!("line {line}: {why}"))),
        };
        let bytes = payload.keys().map(|path| match self.tree.files.get(path) {
            Some(length) => *length,
            None => fetch.get(path).copied().flatten().unwrap_or(0),
        });
        let right = format!("{}.{}", bytes.sum::<u64>(), payload.len());
        let sums: Vec<&str> = info
            .iter()
            .filter(|(label, _)| label == "Payload-Oxum")
            .map(|(_, value)| value.as_str())
            .collect();
        if sums != [right.as_str()] {
            let said = quoted(&sums.join(", "));
            diagnostics.push(wrong(format!(
                "the payload's size (Payload-Oxum) is {right}, not {said}"
            )));
        }
    }

    /// The digests of all files.
    fn digests(&self, diagnostics: &mut Diagnostics) -> BTreeMap<String, String> {
        let mut digests = BTreeMap::new();
        for path in self.tree.files.keys() {
            match digest(self.tree, path) {
                Ok(digest) => {
                    digests.insert(path.clone(), digest);
                }
                Err(e) => diagnostics.push(unreadable(&self.tree.place(path), &e)),
            }
        }
        digests
    }
}

/// SHA-256 of a file, read in pieces.
fn digest(tree: &Tree, path: &str) -> io::Result<String> {
    let mut file = File::open(tree.place(path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = file.read(&mut buffer)?;
        match buffer.get(..count) {
            Some(bytes) if count > 0 => hash.update(bytes),
            _ => return Ok(program::hex(&hash.finalize())),
        }
    }
}

fn missing(path: &str) -> Diagnostic {
    Diagnostic::broken("missing-file", format!("{} is not there", quoted(path)))
}

/// Files that are not as listed.
#[derive(Default)]
struct Found {
    /// Path and digest.
    changed: Vec<(String, String)>,
    missing: Vec<String>,
    added: Vec<String>,
    /// Path and digest of files whose list can't be read.
    unlisted: Vec<(String, String)>,
    /// Every path that is listed, by its digest.
    listed: BTreeMap<String, String>,
}

impl Found {
    /// Compares listed digests with those of the files. What is left to be fetched need not be there.
    fn lists(
        &mut self,
        lists: &[Option<&BTreeMap<String, String>>],
        digests: &BTreeMap<String, String>,
        fetch: &BTreeMap<String, Option<u64>>,
    ) {
        for (path, digest) in lists.iter().copied().flatten().flatten() {
            self.listed.insert(digest.clone(), path.clone());
            match digests.get(path) {
                Some(is) if is == digest => {}
                Some(is) => self.changed.push((path.clone(), is.clone())),
                None if fetch.contains_key(path) => {}
                None => self.missing.push(path.clone()),
            }
        }
    }

    fn report(self, diagnostics: &mut Diagnostics) {
        let swapped = |path: &str, other: &str| {
            let (path, other) = (quoted(path), quoted(other));
            changed(&format!("{path} holds what {other} should hold"))
        };
        let unlisted = self.unlisted.iter().filter_map(|(path, is)| {
            let other = self.listed.get(is)?;
            Some(swapped(path, other))
        });
        diagnostics.extend(unlisted.take(MOST));
        let changes = self
            .changed
            .iter()
            .map(|(path, is)| match self.listed.get(is) {
                Some(other) => swapped(path, other),
                // Nothing covers the digests of the tag files themselves: either may have been changed.
                None if !is_payload(path) => changed(&format!(
                    "{} and its digest in `{TAG_MANIFEST}` do not belong together: one of them was changed",
                    quoted(path)
                )),
                None => changed(&format!(
                    "{} is not the file that was bundled: it has another SHA-256",
                    quoted(path)
                )),
            });
        report(changes, "files are changed", diagnostics);
        report(
            self.missing.iter().map(|p| missing(p)),
            "files are not there",
            diagnostics,
        );
        let added = self.added.iter().map(|path| {
            let what = if path.ends_with('/') {
                "an empty folder that"
            } else {
                "a file that"
            };
            let message = format!("{} is {what} the bundle does not list", quoted(path));
            Diagnostic::broken("added-file", message)
        });
        report(added, "files are not listed", diagnostics);
    }
}

/// The first diagnostics, and how many more there are.
fn report(
    found: impl ExactSizeIterator<Item = Diagnostic>,
    what: &str,
    diagnostics: &mut Diagnostics,
) {
    let more = found.len().saturating_sub(MOST);
    diagnostics.extend(found.take(MOST));
    if more > 0 {
        diagnostics.push(changed(&format!("{more} more {what}")));
    }
}

/// The folder of a bag in `root`: that itself, or the only folder in it.
pub(super) fn top(root: &std::path::Path) -> Result<std::path::PathBuf, Diagnostic> {
    let declares = |folder: &std::path::Path| folder.join(DECLARATION).symlink_metadata().is_ok();
    if declares(root) {
        return Ok(root.to_owned());
    }
    let mut inside = BTreeSet::new();
    for entry in std::fs::read_dir(root)
        .map_err(|e| unreadable(root, &e))?
        .take(MOST)
    {
        inside.insert(entry.map_err(|e| unreadable(root, &e))?.path());
    }
    let bag = inside.iter().find(|path| declares(path)).cloned();
    match bag {
        Some(bag) if inside.len() == 1 => Ok(bag),
        Some(bag) => {
            let named = |path: &std::path::PathBuf| quoted(&path.file_name().unwrap_or_default().to_string_lossy());
            let others: Vec<String> = inside.iter().filter(|path| **path != bag).map(named).collect();
            let message = format!("beside the bag {} there is {}, which nothing lists", named(&bag), others.join(", "));
            Err(Diagnostic::broken("added-file", message).help("name the folder that has `bagit.txt`, or take the others away"))
        }
        None => Err(Diagnostic::error("not-a-bundle", format!("there is no `{DECLARATION}`"))
            .help("name a bundle as `trialbook bundle` wrote it, or the folder into which it was unpacked")),
    }
}
