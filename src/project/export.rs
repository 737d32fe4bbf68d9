//! `data export`: a version of a dataset as a Frictionless data package, whose descriptor this is.
//!
//! The descriptor is one of version 1 of the standard, which validators know best, with `categories` of version 2 and
//! additions of our own: `unit`, `labels`, `missingLabels`, `access`, `apply`, `simulated`.

use serde::Serialize;

use super::Project;
use crate::dataset::Dataset;
use crate::dataset::codebook::TableResource;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{Resolved, Simulated};

#[derive(Serialize)]
struct Package<'a> {
    profile: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    version: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<License<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Source<'a>>,
    access: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    apply: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<&'a str>,
    resources: [Resource<'a>; 1],
}

#[derive(Serialize)]
struct License<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Source<'a> {
    title: &'static str,
    path: &'a str,
}

#[derive(Serialize)]
struct Resource<'a> {
    profile: &'static str,
    name: String,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(flatten)]
    file: TableResource,
}

impl Project {
    /// The `datapackage.json` of the version that `reference` (`name@version`) names; paths in it are relative to the
    /// project's folder. Its data are verified and must keep their codebook.
    pub fn export(&self, reference: &str) -> (Option<String>, Diagnostics) {
        let resolved = match self.manifest.resolve(reference, None) {
            Ok(resolved) => resolved,
            Err(diagnostic) => return (None, diagnostic.into()),
        };
        let (dataset, mut diagnostics) = Dataset::open(&self.root, &resolved);
        let text = dataset.and_then(|d| diagnostics.ok(text(&resolved, &d)));
        (text, diagnostics)
    }
}

fn text(resolved: &Resolved<'_>, dataset: &Dataset) -> Result<String, Diagnostic> {
    let (entry, version) = (resolved.dataset, resolved.version);
    let name = TableResource::name(&entry.name.value, version.version.as_str());
    let package = Package {
        profile: "tabular-data-package",
        name: name.clone(),
        title: entry.title.as_deref(),
        description: entry.description.as_deref(),
        homepage: entry.homepage.as_deref(),
        version: version.version.as_str(),
        licenses: entry
            .license
            .iter()
            .map(|l| License { name: &l.value })
            .collect(),
        sources: version
            .source
            .iter()
            .map(|s| Source {
                title: "The file",
                path: &s.value,
            })
            .collect(),
        access: resolved.access().word(),
        apply: resolved.apply(),
        simulated: resolved.simulated().map(Simulated::words),
        resources: [resource(resolved, dataset, name)],
    };
    let mut text = serde_json::to_string_pretty(&package).map_err(|e| {
        Diagnostic::error(
            "bad-datapackage",
            format!("the data package can't be written: {e}"),
        )
    })?;
    text.push('\n');
    Ok(text)
}

fn resource<'a>(resolved: &Resolved<'a>, dataset: &'a Dataset, name: String) -> Resource<'a> {
    let codebook = dataset.codebook();
    let content = (dataset.bytes(), &*dataset.sha256().to_string());
    Resource {
        profile: "tabular-data-resource",
        name,
        path: &resolved.version.path.value,
        title: codebook.and_then(|c| c.title.as_deref()),
        description: codebook.and_then(|c| c.description.as_deref()),
        file: TableResource::of(content, Some(dataset.format()), dataset.schema(), codebook),
    }
}
