//! `data export`: a version of a dataset as a Frictionless data package, whose descriptor this is.
//!
//! The descriptor is one of version 1 of the standard, which validators know best, with `categories` of version 2 and
//! additions of our own: `unit`, `labels`, `missingLabels`, `access`, `apply`, `simulated`.

use serde::Serialize;

use super::Project;
use crate::dataset::codebook::TableSchema;
use crate::dataset::{Dataset, Format};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::Resolved;

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
    format: String,
    mediatype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    bytes: u64,
    hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<Dialect<'a>>,
    schema: TableSchema,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dialect<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet_name: Option<&'a str>,
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
    let name = format!("{}-{}", entry.name.value, version.version.value);
    let name = name.to_lowercase().replace('+', ".");
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
        simulated: resolved
            .simulated()
            .map(|s| s.how.as_deref().unwrap_or("The values are made up.")),
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
    let format = dataset.format();
    let codebook = dataset.codebook();
    let dialect = codebook.map(crate::dataset::Codebook::dialect);
    let usual = if format == Format::Tsv {
        Some('\t')
    } else {
        None
    };
    let dialect_of = Dialect {
        delimiter: dialect.and_then(|d| d.delimiter).or(usual),
        sheet_name: dialect.and_then(|d| d.sheet.as_deref()),
    };
    let says = dialect_of.delimiter.is_some() || dialect_of.sheet_name.is_some();
    Resource {
        profile: "tabular-data-resource",
        name,
        path: &resolved.version.path.value,
        title: codebook.and_then(|c| c.title.as_deref()),
        description: codebook.and_then(|c| c.description.as_deref()),
        format: format.name().to_lowercase(),
        mediatype: format.media_type(),
        encoding: format.is_text().then(|| {
            let declared = dialect.and_then(|d| d.encoding);
            declared.unwrap_or_default().name()
        }),
        bytes: dataset.bytes(),
        hash: format!("sha256:{}", dataset.sha256()),
        dialect: says.then_some(dialect_of),
        schema: TableSchema::of(dataset.schema(), codebook, Some(format)),
    }
}
