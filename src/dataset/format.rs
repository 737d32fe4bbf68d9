//! The file formats that datasets are read from. A further one is a file beside this and an arm here.

use crate::diagnostic::{Diagnostic, Diagnostics};

use super::codebook::Dialect;
use super::raw::RawTable;

mod csv;
mod parquet;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, RFC 4180.
    Csv,
    /// Tab-separated values, with the quoting of CSV.
    Tsv,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    const EXTENSIONS: [(&str, Self); 4] = [
        ("csv", Self::Csv),
        ("tsv", Self::Tsv),
        ("tab", Self::Tsv),
        ("parquet", Self::Parquet),
    ];

    /// The format of a path by its extension, upper or lower case; the error names the extensions that there are.
    pub fn of(path: &str) -> Result<Self, Diagnostic> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
        let known = Self::EXTENSIONS;
        known
            .iter()
            .find(|(e, _)| e.eq_ignore_ascii_case(extension))
            .map(|(_, format)| *format)
            .ok_or_else(|| {
                let message = format!("`{path}` has no extension of a format that can be read");
                let names: Vec<_> = known.iter().map(|(e, _)| format!("`.{e}`")).collect();
                Diagnostic::error("unknown-format", message)
                    .help(format!("what can be read: {}", names.join(", ")))
            })
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Parquet => "Parquet",
        }
    }

    /// Whether its files are texts, which have a delimiter and an encoding.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// Reads `bytes`, the content of the file at `path` (which messages name); the codebook says what the
    /// bytes don't by its `dialect`.
    pub(super) fn read(
        self,
        path: &str,
        bytes: &[u8],
        dialect: &Dialect,
    ) -> (Option<RawTable>, Diagnostics) {
        match self {
            Self::Csv => csv::read(path, bytes, dialect.delimiter.unwrap_or(',')),
            Self::Tsv => csv::read(path, bytes, dialect.delimiter.unwrap_or('\t')),
            Self::Parquet => parquet::read(path, bytes),
        }
    }
}
