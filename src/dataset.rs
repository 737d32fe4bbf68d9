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
mod content;
mod date;
mod digest;
mod examine;
mod format;
mod frame;
mod guard;
mod open;
mod raw;
mod sql;
mod store;
mod table;
mod typing;

use std::path::Path;
use std::sync::Arc;

use crate::activity;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::manifest::Resolved;

use content::Content;
use examine::Examined;
use store::Store;

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

/// A file whose bytes are known to be the right ones.
struct Verified<'a> {
    path: &'a str,
    content: Content,
    sha256: Digest,
}

/// A version of a dataset whose bytes are verified and whose values keep its codebook.
#[derive(Debug, Clone)]
pub struct Dataset {
    id: DatasetId,
    sha256: Digest,
    bytes: u64,
    format: Format,
    schema: Schema,
    height: usize,
    codebook: Option<Codebook>,
    store: Store,
}

/// How much of a dataset is kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The most bytes of a file that are kept; of a longer one, digests of its blocks are.
    pub bytes: u64,
    /// The most values that are kept; those of a larger table are read again when they are needed.
    pub values: usize,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            values: 4 << 20,
        }
    }
}

impl Dataset {
    /// Opens a version: reads its file, compares length and SHA-256 with the manifest, parses those bytes, and checks
    /// them against the codebook. None if anything of that is an error; warnings may come beside a dataset.
    ///
    /// A large file is read again, piece by piece, when its values are needed, and each piece compared with what it was
    /// when the whole was verified.
    pub fn open(root: &Path, resolved: &Resolved<'_>) -> (Option<Self>, Diagnostics) {
        Self::open_keeping(root, resolved, Keep::default())
    }

    /// Opens a version as [`Dataset::open`] does, keeping as much as `keep` says.
    pub fn open_keeping(
        root: &Path,
        resolved: &Resolved<'_>,
        keep: Keep,
    ) -> (Option<Self>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let codebook = resolved.codebook().map(|path| {
            let text = diagnostics.ok(open::text(root, path))?;
            let (codebook, found) = Codebook::parse(&Source::new(path.value.as_str(), text));
            let usable = !found.has_errors();
            diagnostics.extend(found);
            usable.then_some(codebook)
        });
        let path = &resolved.version.path.value;
        let reading = activity::begin(format!("reading `{path}`"));
        let Some((content, sha256)) = diagnostics.ok(open::verified(root, resolved, keep.bytes))
        else {
            return (None, diagnostics);
        };
        drop(reading);
        let codebook = match codebook {
            Some(None) => return (None, diagnostics),
            Some(found) => found,
            None => None,
        };
        let file = Verified {
            path,
            content,
            sha256,
        };
        let (dataset, found) = Self::parse(resolved.into(), file, codebook, keep);
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
        let (content, _) = open::verified(root, resolved, u64::MAX)?;
        let path = &resolved.version.path.value;
        content
            .whole()
            .map_err(|e| Diagnostic::machine("unreadable", format!("`{path}` can't be read: {e}")))
    }

    /// Makes a dataset of `bytes`, the content of a file whose name, `path`, says its format. Verifies nothing but the
    /// codebook: [`Dataset::open`] is the way to a project's data.
    pub fn from_bytes(
        id: DatasetId,
        path: &str,
        bytes: &[u8],
        codebook: Option<Codebook>,
    ) -> (Option<Self>, Diagnostics) {
        let file = Verified {
            path,
            content: Content::Memory(bytes.into()),
            sha256: digest(bytes),
        };
        Self::parse(id, file, codebook, Keep::default())
    }

    fn parse(
        id: DatasetId,
        file: Verified<'_>,
        codebook: Option<Codebook>,
        keep: Keep,
    ) -> (Option<Self>, Diagnostics) {
        let path = file.path;
        let _reading = activity::begin(format!("reading `{path}`"));
        let mut diagnostics = Diagnostics::new();
        let Some(format) = diagnostics.ok(Format::of(path)) else {
            return (None, diagnostics);
        };
        let dialect = codebook.as_ref().map(|c| c.dialect().clone());
        let bytes = file.content.len();
        let (table, found) = format.open(path, file.content, &dialect.unwrap_or_default());
        diagnostics.extend(found);
        let Some(table) = table.filter(|_| !diagnostics.has_errors()) else {
            return (None, diagnostics);
        };
        let (examined, found) = examine::examine(path, table.as_ref(), codebook.as_ref());
        diagnostics.extend(found);
        let Some(Examined { recipes, height }) = examined.filter(|_| !diagnostics.has_errors())
        else {
            return (None, diagnostics);
        };
        let fields = recipes.iter().map(|r| r.field.clone()).collect();
        let store = Store::new(path, Arc::from(table), recipes, height, keep.values);
        let dataset = diagnostics.ok(store).map(|store| Self {
            id,
            sha256: file.sha256,
            bytes,
            format,
            schema: Schema { fields },
            height,
            codebook,
            store,
        });
        (dataset, diagnostics)
    }

    /// The named columns, as they are; those of a large file are read for that, all in one go.
    pub fn columns(&self, names: &[&str]) -> Result<Vec<Arc<Column>>, Diagnostic> {
        self.store.columns(names)
    }

    /// How many columns together take about as much memory as `bytes` says; at least one.
    pub fn together(&self, bytes: usize) -> usize {
        // A number takes 16 bytes, and a text at least as many.
        let each = self.height.saturating_mul(16).max(1);
        (bytes / each).max(1)
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
