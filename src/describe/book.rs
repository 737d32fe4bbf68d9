//! The descriptions of a dataset's columns, with what they are of.

use std::collections::BTreeMap;

use super::{Description, Groups, describe};
use crate::dataset::Dataset;
use crate::dataset::codebook::FieldRule;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::Resolved;

/// How much memory the columns take that are read in one go from a file that is not kept, in bytes.
const MEMORY: usize = 1 << 30;

/// A dataset's columns described.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// Which dataset it is.
    pub header: Header,
    /// By what the rows are grouped.
    pub by: Option<Groups>,
    /// The columns that were asked for.
    pub columns: Vec<Description>,
}

/// Which dataset is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name in the manifest.
    pub name: String,
    /// The version in the manifest.
    pub version: String,
    /// What people call it.
    pub title: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// The file, relative to the project root.
    pub path: String,
    /// The SHA-256 of its bytes, verified.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many rows there are.
    pub rows: usize,
    /// How many columns there are, described or not.
    pub columns: usize,
    /// The columns whose values together are different in every row, as the codebook says.
    pub key: Vec<String>,
}

/// Describes columns of a dataset (all if none is named), a few at a time, within the levels of `by` if it is given.
pub fn book(
    dataset: &Dataset,
    resolved: &Resolved<'_>,
    columns: &[String],
    by: Option<&str>,
) -> Result<Book, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let known = |name: &str| dataset.schema().field(name).is_some();
    let unknown: Vec<&str> = columns
        .iter()
        .map(String::as_str)
        .chain(by)
        .filter(|n| !known(n))
        .collect();
    for name in unknown {
        let message = format!("{} has no column `{name}`", dataset.id());
        let names = dataset.schema().names();
        diagnostics.push(Diagnostic::error("unknown-column", message).suggest(name, names));
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let by = match by {
        Some(name) => {
            let column = dataset.columns(&[name])?;
            column.first().map(|c| Groups::of(c)).transpose()?
        }
        None => None,
    };
    let wanted: Vec<&str> = if columns.is_empty() {
        dataset.schema().names().collect()
    } else {
        columns.iter().map(String::as_str).collect()
    };
    let rules = dataset.codebook().into_iter().flat_map(|c| &c.fields);
    let rules: BTreeMap<&str, &FieldRule> = rules.map(|r| (r.name.as_str(), r)).collect();
    let mut described = Vec::with_capacity(wanted.len());
    for names in wanted.chunks(dataset.together(MEMORY)) {
        let columns = dataset.columns(names)?;
        // One after another: each takes a vector of its own.
        for column in &columns {
            let rule = rules.get(column.field.name.as_str()).copied();
            described.push(describe(column, rule, by.as_ref()));
        }
    }
    Ok(Book {
        header: header(dataset, resolved),
        by,
        columns: described,
    })
}

fn header(dataset: &Dataset, resolved: &Resolved<'_>) -> Header {
    let codebook = dataset.codebook();
    let entry = resolved.dataset;
    Header {
        name: dataset.id().name.clone(),
        version: dataset.id().version.clone(),
        title: entry.title.clone().or_else(|| codebook?.title.clone()),
        description: codebook
            .and_then(|c| c.description.clone())
            .or_else(|| entry.description.clone()),
        path: resolved.version.path.value.clone(),
        sha256: dataset.sha256().to_string(),
        bytes: dataset.bytes(),
        rows: dataset.height(),
        columns: dataset.schema().fields.len(),
        key: codebook
            .map(|c| c.primary_key.iter().map(|k| k.value.clone()).collect())
            .unwrap_or_default(),
    }
}
