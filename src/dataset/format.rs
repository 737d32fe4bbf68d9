//! The file formats that datasets are read from. A further one is a file beside this and an arm here.

use crate::diagnostic::{Diagnostic, Diagnostics};

use super::codebook::Dialect;
use super::content::Content;
use super::raw::RawTable;
use super::table::{Table, Whole};

mod arrow;
mod bytes;
mod charset;
mod column;
mod columns;
mod csv;
mod moment;
mod parquet;
mod sas;
mod sas7bdat;
mod spss;
mod stata;
mod text;
mod xlsx;
mod xport;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, RFC 4180.
    Csv,
    /// Tab-separated values, with the quoting of CSV.
    Tsv,
    /// Apache Parquet.
    Parquet,
    /// SPSS system files, compressed or not.
    Spss,
    /// Stata datasets.
    Stata,
    /// SAS transport files.
    SasTransport,
    /// SAS datasets.
    Sas,
    /// Arrow IPC, also called Feather.
    Arrow,
    /// Excel workbooks of Office Open XML.
    Xlsx,
}

impl Format {
    const EXTENSIONS: [(&str, Self); 16] = [
        ("csv", Self::Csv),
        ("tsv", Self::Tsv),
        ("tab", Self::Tsv),
        ("parquet", Self::Parquet),
        ("sav", Self::Spss),
        ("zsav", Self::Spss),
        ("dta", Self::Stata),
        ("xpt", Self::SasTransport),
        ("xport", Self::SasTransport),
        ("sas7bdat", Self::Sas),
        ("arrow", Self::Arrow),
        ("arrows", Self::Arrow),
        ("feather", Self::Arrow),
        ("ipc", Self::Arrow),
        ("xlsx", Self::Xlsx),
        ("xlsm", Self::Xlsx),
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
            Self::Spss => "SPSS",
            Self::Stata => "Stata",
            Self::SasTransport => "SAS transport",
            Self::Sas => "SAS",
            Self::Arrow => "Arrow",
            Self::Xlsx => "XLSX",
        }
    }

    /// Whether its files are texts, which have a delimiter and an encoding.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    /// Whether its files say themselves that a value is missing, so that `NA` is a text like others.
    pub fn has_types(self) -> bool {
        !matches!(self, Self::Csv | Self::Tsv | Self::Xlsx)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Spss => "application/x-spss-sav",
            Self::Stata => "application/x-stata-dta",
            Self::SasTransport => "application/x-sas-xport",
            Self::Sas => "application/x-sas-data",
            Self::Arrow => "application/vnd.apache.arrow.file",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Opens the file at `path` (which messages name), whose verified bytes are `content`; the codebook says what the
    /// bytes don't by its `dialect`.
    pub(super) fn open(
        self,
        path: &str,
        content: Content,
        dialect: &Dialect,
    ) -> (Option<Box<dyn Table>>, Diagnostics) {
        match self {
            Self::Csv => boxed(csv::open(path, content, dialect, ',')),
            Self::Tsv => boxed(csv::open(path, content, dialect, '\t')),
            Self::Parquet => boxed(parquet::open(path, content)),
            Self::Spss => whole(path, &content, spss::read),
            Self::Stata => whole(path, &content, stata::read),
            Self::SasTransport => whole(path, &content, xport::read),
            Self::Sas => whole(path, &content, sas7bdat::read),
            Self::Arrow => whole(path, &content, arrow::read),
            Self::Xlsx => whole(path, &content, |path, bytes| {
                xlsx::read(path, bytes, dialect.sheet.as_deref())
            }),
        }
    }
}

fn boxed<T: Table + 'static>(
    (table, diagnostics): (Option<T>, Diagnostics),
) -> (Option<Box<dyn Table>>, Diagnostics) {
    (table.map(|t| Box::new(t) as Box<dyn Table>), diagnostics)
}

/// Opens a file that `read` reads whole.
fn whole(
    path: &str,
    content: &Content,
    read: impl FnOnce(&str, &[u8]) -> (Option<RawTable>, Diagnostics),
) -> (Option<Box<dyn Table>>, Diagnostics) {
    let (table, diagnostics) = match content.in_memory() {
        Some(bytes) => read(path, bytes),
        None => match content.whole() {
            Ok(bytes) => read(path, &bytes),
            Err(e) => {
                let message = format!("`{path}` can't be read: {e}");
                return (None, Diagnostic::machine("unreadable", message).into());
            }
        },
    };
    boxed((table.map(Whole::from), diagnostics))
}

#[cfg(test)]
mod tests;
