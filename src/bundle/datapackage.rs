//! datapackage.json: the data as a Frictionless data package 2.0 (<https://datapackage.org/standard/data-package/>).
//!
//! What is neither in the bundle nor at a web address can't be a resource, which must have a path: such datasets stand
//! in `withheld`, a property of our own, with the same keys. `access`, `apply` and `simulated` are of our own as well.

use serde::Serialize;

use super::{Contents, Data};
use crate::dataset::Format;
use crate::dataset::codebook::TableResource;
use crate::manifest::{Access, Simulated};

#[derive(Serialize)]
struct Package<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    name: &'a str,
    title: &'a str,
    created: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    keywords: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    contributors: Vec<Contributor<'a>>,
    resources: Vec<Resource<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    withheld: Vec<Resource<'a>>,
}

#[derive(Serialize)]
struct Contributor<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<&'a str>,
    roles: [&'static str; 1],
}

#[derive(Serialize)]
struct Resource<'a> {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "$schema")]
    schema_of: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    licenses: Option<[License<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<[Origin<'a>; 1]>,
    access: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    apply: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<&'a str>,
    #[serde(flatten)]
    file: TableResource,
}

#[derive(Serialize)]
struct License<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Origin<'a> {
    title: &'static str,
    path: &'a str,
}

/// The text.
pub(super) fn text(contents: &Contents<'_>) -> String {
    let record = contents.record;
    let contributors = record.authors.iter().map(|author| Contributor {
        title: &author.name,
        path: author
            .orcid
            .as_ref()
            .map(|o| format!("https://orcid.org/{o}")),
        organization: author.affiliation.as_deref(),
        roles: ["author"],
    });
    let all = contents.datasets.iter().map(resource);
    let (resources, withheld) = all.partition(|r: &Resource<'_>| r.path.is_some());
    let package = Package {
        schema: "https://datapackage.org/profiles/2.0/datapackage.json",
        name: &record.report,
        title: &record.title,
        created: &record.time,
        keywords: contents
            .front
            .keywords
            .iter()
            .map(|k| k.value.as_str())
            .collect(),
        contributors: contributors.collect(),
        resources,
        withheld,
    };
    // Plain texts and finite numbers: this can't fail.
    let mut text = serde_json::to_string_pretty(&package).unwrap_or_default();
    text.push('\n');
    text
}

fn resource<'a>(data: &Data<'a>) -> Resource<'a> {
    let record = data.record;
    let format = Format::of(&record.file.path).ok();
    let path = if record.included {
        Some(record.file.path.as_str())
    } else {
        record
            .source
            .as_deref()
            .filter(|_| record.access != Access::Restricted)
    };
    let content = (record.file.bytes, record.file.sha256.as_str());
    Resource {
        name: TableResource::name(&record.id.name, &record.id.version),
        kind: "table",
        schema_of: "https://datapackage.org/profiles/2.0/dataresource.json",
        path,
        title: &record.title,
        description: data.description,
        version: &record.id.version,
        homepage: record.homepage.as_deref(),
        licenses: record.license.as_deref().map(|name| [License { name }]),
        sources: record.source.as_deref().map(|path| {
            [Origin {
                title: "Source",
                path,
            }]
        }),
        access: record.access.word(),
        apply: record.apply.as_deref(),
        simulated: record.simulated.as_ref().map(Simulated::words),
        file: TableResource::of(content, format, data.schema, data.codebook),
    }
}
