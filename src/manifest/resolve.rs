//! From `name@version`, as reports write it, to an entry of the manifest.

use crate::diagnostic::{Diagnostic, Span};

use super::{DatasetEntry, Manifest, VersionEntry};

/// A version of a dataset, found in the manifest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolved<'a> {
    /// The dataset.
    pub dataset: &'a DatasetEntry,
    /// The version.
    pub version: &'a VersionEntry,
}

impl Resolved<'_> {
    /// `name@version`.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.dataset.name.value, self.version.version.value)
    }

    /// The codebook's path relative to the project root, with the place that names it: the version's own, else the
    /// dataset's.
    pub fn codebook(&self) -> Option<&crate::reader::At<String>> {
        self.version
            .codebook
            .as_ref()
            .or(self.dataset.codebook.as_ref())
    }
}

impl Manifest {
    /// The dataset and version that `reference` (`name@version`) names; `span` is where it stands, for the error.
    pub fn resolve(&self, reference: &str, span: Option<Span>) -> Result<Resolved<'_>, Diagnostic> {
        let (name, version) = match reference.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (reference, None),
        };
        let dataset = self.dataset(name).ok_or_else(|| {
            let message = format!("the manifest has no dataset `{name}`");
            Diagnostic::error("unknown-dataset", message)
                .maybe_at(span.clone())
                .suggest(name, self.datasets.iter().map(|d| d.name.as_str()))
        })?;
        let Some(version) = version.filter(|v| !v.is_empty()) else {
            return Err(dataset.without_version(span));
        };
        dataset
            .versions
            .iter()
            .find(|v| v.version.as_str() == version)
            .map(|version| Resolved { dataset, version })
            .ok_or_else(|| {
                let message = format!("`{name}` has no version `{version}`");
                Diagnostic::error("unknown-version", message)
                    .maybe_at(span)
                    .help(dataset.versions_help())
            })
    }

    /// Every version of every dataset, in the order of the text.
    pub fn all(&self) -> impl Iterator<Item = Resolved<'_>> {
        self.datasets.iter().flat_map(|dataset| {
            let versions = dataset.versions.iter();
            versions.map(move |version| Resolved { dataset, version })
        })
    }
}

impl DatasetEntry {
    fn without_version(&self, span: Option<Span>) -> Diagnostic {
        let name = self.name.as_str();
        let message = format!("`{name}` needs its version: a report names exactly what it used");
        Diagnostic::error("no-version", message)
            .maybe_at(span)
            .help(self.versions_help())
    }

    fn versions_help(&self) -> String {
        let mut versions: Vec<_> = self.versions.iter().map(|v| &v.version.value).collect();
        versions.sort();
        let name = self.name.as_str();
        let written: Vec<_> = versions.iter().map(|v| format!("`{name}@{v}`")).collect();
        if written.is_empty() {
            return format!("`{name}` has no versions in the manifest yet");
        }
        format!("write {}", written.join(" or "))
    }
}
