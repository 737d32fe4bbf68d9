//! A dataset's file as others read it: what a Frictionless Data Resource says of its bytes and columns
//! (<https://datapackage.org/standard/data-resource/>). Packages add where it is and who may have it.

use serde::Serialize;

use super::{Codebook, TableSchema};
use crate::dataset::{Format, Schema};

/// What a resource says of a file, to be serialised among its other keys.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableResource {
    format: String,
    mediatype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    bytes: u64,
    hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<TableDialect>,
    schema: TableSchema,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TableDialect {
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet_name: Option<String>,
}

impl TableResource {
    /// The file of that length and SHA-256 (in hexadecimal digits), in a format that may be none that is known.
    pub fn of(
        (bytes, sha256): (u64, &str),
        format: Option<Format>,
        schema: &Schema,
        codebook: Option<&Codebook>,
    ) -> Self {
        let encoding = |_| {
            let declared = codebook.and_then(|c| c.dialect().encoding);
            declared.unwrap_or_default().name()
        };
        Self {
            format: format.map_or_else(String::new, |f| f.name().to_lowercase()),
            mediatype: format.map_or("application/octet-stream", Format::media_type),
            encoding: format.filter(|f| f.is_text()).map(encoding),
            bytes,
            hash: format!("sha256:{sha256}"),
            dialect: TableDialect::of(format, codebook),
            schema: TableSchema::of(schema, codebook, format),
        }
    }

    /// The name of a resource: that of a dataset with its version, in the characters that the standard allows.
    pub fn name(dataset: &str, version: &str) -> String {
        let name = format!("{dataset}-{version}");
        name.to_lowercase().replace('+', ".")
    }
}

impl TableDialect {
    /// What readers must be told of the file; none if nothing.
    fn of(format: Option<Format>, codebook: Option<&Codebook>) -> Option<Self> {
        let declared = codebook.map(Codebook::dialect);
        let usual = (format == Some(Format::Tsv)).then_some('\t');
        let dialect = Self {
            delimiter: declared.and_then(|d| d.delimiter).or(usual),
            sheet_name: declared.and_then(|d| d.sheet.clone()),
        };
        (dialect.delimiter.is_some() || dialect.sheet_name.is_some()).then_some(dialect)
    }
}
