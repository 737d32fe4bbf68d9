//! datapackage.json: the data as a Frictionless data package 2.0 (<https://datapackage.org/standard/data-package/>).
//!
//! What is neither in the bundle nor at a web address can't be a resource, which must have a path: such datasets stand
//! in `withheld`, a property of our own, with the same keys. `access`, `apply` and `simulated` are of our own as well.

use serde::Serialize;

use super::{Contents, Data};
use crate::dataset::Format;
use crate::dataset::codebook::TableSchema;
use crate::manifest::Access;

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
    format: String,
    mediatype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    bytes: u64,
    hash: String,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<Dialect>,
    schema: TableSchema,
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

#[derive(Serialize)]
struct Dialect {
    delimiter: char,
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
    let delimiter = data.codebook.and_then(|c| c.dialect().delimiter);
    Resource {
        name: format!("{}-{}", record.id.name, record.id.version)
            .to_lowercase()
            .replace('+', "."),
        kind: "table",
        schema_of: "https://datapackage.org/profiles/2.0/dataresource.json",
        path,
        title: &record.title,
        description: data.description,
        version: &record.id.version,
        format: format.map_or_else(String::new, |f| f.name().to_lowercase()),
        mediatype: format.map_or("application/octet-stream", Format::media_type),
        encoding: format.filter(|f| f.is_text()).map(|_| {
            let declared = data.codebook.and_then(|c| c.dialect().encoding);
            declared.unwrap_or_default().name()
        }),
        bytes: record.file.bytes,
        hash: format!("sha256:{}", record.file.sha256),
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
        simulated: record
            .simulated
            .as_ref()
            .map(|s| s.how.as_deref().unwrap_or("The values are made up.")),
        dialect: delimiter.map(|delimiter| Dialect { delimiter }),
        schema: TableSchema::of(data.schema, data.codebook, format),
    }
}
