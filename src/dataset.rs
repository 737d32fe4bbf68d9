//! Datasets: opened by name and version, verified by SHA-256 over the very bytes that are parsed, checked against their
//! codebook, and handed on as typed columns. The only room that uses polars.
//!
//! ```no_run
//! # use std::path::Path;
//! # use trialbook::{dataset::Dataset, manifest::Manifest};
//! let root = Path::new(".");
//! let (manifest, diagnostics) = Manifest::load(root).map_err(|d| d.message)?;
//! let btheb = manifest.resolve("btheb@1.0.0", None).map_err(|d| d.message)?;
//! let (dataset, diagnostics) = Dataset::open(root, &btheb); // none if the bytes are not the promised ones
//! let dataset = dataset.ok_or("see the diagnostics")?;
//! let derive = [("change".to_owned(), "\"bdi.2m\" - \"bdi.pre\"".to_owned())];
//! let (schema, errors) = dataset.schema_with(&derive);
//! let columns = ["treatment".to_owned(), "change".to_owned()];
//! let frame = dataset.frame(Some("drug = 'Yes'"), &derive, &columns);
//! let table = dataset.query("SELECT drug, COUNT(*) AS n FROM btheb GROUP BY drug", &[]);
//! # Ok::<(), String>(())
//! ```
//!
//! Errors in SQL come as [`SqlError`]s, which know the expression they are of and the bytes in it;
//! [`SqlError::diagnostic`] sets them into the report's text.

mod bridge;
mod check;
pub mod codebook;
mod date;
mod digest;
mod format;
mod frame;
mod guard;
mod open;
mod raw;
mod sql;
mod typing;

use std::path::Path;

use polars::prelude::DataFrame;

use crate::activity;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::manifest::Resolved;

pub use codebook::Codebook;
pub use digest::{Digest, NotADigest, digest};
pub use format::Format;
pub use frame::{Column, ColumnData, DatasetId, Field, Frame, Kind, Level, Reasons, Schema};
pub use open::ABSENT;
pub use sql::{QueryResult, SqlError, SqlPlace, columns_used};

impl From<&Resolved<'_>> for DatasetId {
    fn from(resolved: &Resolved<'_>) -> Self {
        Self {
            name: resolved.dataset.name.value.clone(),
            version: resolved.version.version.to_string(),
        }
    }
}

/// A version of a dataset whose bytes are verified and whose values keep its codebook.
#[derive(Debug, Clone)]
pub struct Dataset {
    id: DatasetId,
    sha256: Digest,
    bytes: u64,
    format: Format,
    schema: Schema,
    columns: Vec<Column>,
    height: usize,
    codebook: Option<Codebook>,
    /// What SQL sees.
    table: DataFrame,
}

impl Dataset {
    /// Opens a version: reads its file once, compares length and SHA-256 with the manifest, parses those bytes, and
    /// checks them against the codebook. None if anything of that is an error; warnings may come beside a dataset.
    pub fn open(root: &Path, resolved: &Resolved<'_>) -> (Option<Self>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let codebook = resolved.codebook().map(|path| {
            let text = diagnostics.ok(open::text(root, path))?;
            let (codebook, found) = Codebook::parse(&Source::new(path.value.as_str(), text));
            let usable = !found.has_errors();
            diagnostics.extend(found);
            usable.then_some(codebook)
        });
        let Some((bytes, _)) = diagnostics.ok(open::verified(root, resolved)) else {
            return (None, diagnostics);
        };
        let codebook = match codebook {
            Some(None) => return (None, diagnostics),
            Some(found) => found,
            None => None,
        };
        let path = &resolved.version.path.value;
        let (dataset, found) = Self::from_bytes(resolved.into(), path, &bytes, codebook);
        let place = &resolved.version.path.span;
        let placed = |d: Diagnostic| match d.span {
            Some(_) => d,
            None => d.at(place.clone()),
        };
        diagnostics.extend(found.into_iter().map(placed));
        (dataset, diagnostics)
    }

    /// The bytes of a version's file, which are the ones that the manifest promises.
    pub fn verified_bytes(root: &Path, resolved: &Resolved<'_>) -> Result<Vec<u8>, Diagnostic> {
        open::verified(root, resolved).map(|(bytes, _)| bytes)
    }

    /// Makes a dataset of `bytes`, the content of a file whose name, `path`, says its format. Verifies nothing but the
    /// codebook: [`Dataset::open`] is the way to a project's data.
    pub fn from_bytes(
        id: DatasetId,
        path: &str,
        bytes: &[u8],
        codebook: Option<Codebook>,
    ) -> (Option<Self>, Diagnostics) {
        let _reading = activity::begin(format!("reading `{path}`"));
        let mut diagnostics = Diagnostics::new();
        let Some(format) = diagnostics.ok(Format::of(path)) else {
            return (None, diagnostics);
        };
        let dialect = codebook.as_ref().map(|c| c.dialect().clone());
        let (table, found) = format.read(path, bytes, &dialect.unwrap_or_default());
        diagnostics.extend(found);
        let Some(table) = table else {
            return (None, diagnostics);
        };
        let height = table.height;
        let typed: Vec<_> = table
            .columns
            .into_iter()
            .map(|column| typing::typed(column, codebook.as_ref(), &mut diagnostics))
            .collect();
        let table = bridge::to_polars(&typed, height).map_err(|why| {
            Diagnostic::error(
                "bad-table",
                format!("`{path}` can't be made a table: {why}"),
            )
        });
        let columns: Vec<Column> = typed.into_iter().map(|t| t.column).collect();
        if let Some(codebook) = &codebook {
            diagnostics.extend(check::check(path, &columns, codebook));
        }
        let table = diagnostics.ok(table).filter(|_| !diagnostics.has_errors());
        let dataset = table.map(|table| Self {
            id,
            sha256: digest(bytes),
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            format,
            schema: Schema {
                fields: columns.iter().map(|c| c.field.clone()).collect(),
            },
            columns,
            height,
            codebook,
            table,
        });
        (dataset, diagnostics)
    }

    /// Name and version.
    pub fn id(&self) -> &DatasetId {
        &self.id
    }

    /// The digest of the bytes that were parsed.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// How many bytes were parsed.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file's format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The columns that the file has.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many rows there are.
    pub fn height(&self) -> usize {
        self.height
    }

    /// What is known about the columns beyond the schema.
    pub fn codebook(&self) -> Option<&Codebook> {
        self.codebook.as_ref()
    }
}
