//! What ran on what: the record by which every number can be followed to the bytes it came from.
//!
//! A [`Provenance`] holds digests of everything that went in and came out, and every step with its fingerprint. Its
//! only time is the report's own injected one; what the clock and the machine said is not part of it.

mod prov_json;
mod ro_crate;

use serde::{Deserialize, Serialize};

use crate::dataset::DatasetId;
use crate::document::Author;
use crate::manifest::{Access, Simulated};
use crate::plan::fingerprint::Fingerprint;
use crate::plan::{Plan, Step};
use crate::program;

/// A file with its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Its path below the project root.
    pub path: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its media type.
    pub media_type: String,
}

impl FileRecord {
    /// The record of those bytes at that path; the media type is told from the ending.
    pub fn of(path: impl Into<String>, bytes: &[u8]) -> Self {
        let path = path.into();
        Self {
            sha256: program::sha256(bytes),
            bytes: bytes.len() as u64,
            media_type: media_type(&path).to_owned(),
            path,
        }
    }
}

impl FileRecord {
    /// The record of a file whose digest and length are known.
    pub fn known(path: impl Into<String>, sha256: String, bytes: u64) -> Self {
        let path = path.into();
        Self {
            sha256,
            bytes,
            media_type: media_type(&path).to_owned(),
            path,
        }
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "md" => "text/markdown",
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        "json" => "application/json",
        "jsonld" => "application/ld+json",
        "toml" => "application/toml",
        "pdf" => "application/pdf",
        "bib" => "application/x-bibtex",
        "parquet" => "application/vnd.apache.parquet",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "typ" | "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}

/// A dataset that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetRecord {
    /// Name and version.
    pub id: DatasetId,
    /// Its title in the manifest.
    pub title: String,
    /// Its licence in the manifest, if stated.
    pub license: Option<String>,
    /// Where it can be fetched, if stated.
    pub source: Option<String>,
    /// Where it comes from, for people, if stated.
    pub homepage: Option<String>,
    /// Who may have its file.
    pub access: Access,
    /// How to apply for its file, if stated.
    pub apply: Option<String>,
    /// That its values are made up, if they are.
    pub simulated: Option<Simulated>,
    /// Whether the file lies beside the record, and not only its digest in it.
    pub included: bool,
    /// The file that was verified and read.
    pub file: FileRecord,
    /// The codebook that it was checked against.
    pub codebook: Option<FileRecord>,
    /// How many rows it has.
    pub rows: u64,
}

/// A step that was run, now or when its stored result was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The step with its resolved spec, inputs and seed.
    pub step: Step,
    /// The digest of all that its result depends on.
    pub fingerprint: Fingerprint,
    /// The directive as written, from fence to fence.
    pub text: String,
    /// The line of the report at which it begins, from 1.
    pub line: usize,
}

/// The record of a build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The report's name.
    pub report: String,
    /// Its title.
    pub title: String,
    /// Its authors.
    pub authors: Vec<Author>,
    /// The injected time, ISO 8601 in UTC.
    pub time: String,
    /// trialbook's version.
    pub version: String,
    /// The digest of trialbook's own source.
    pub source_digest: String,
    /// The report's own files: `report.md` first, then `references.bib` and others.
    pub sources: Vec<FileRecord>,
    /// The style's files that were used.
    pub templates: Vec<FileRecord>,
    /// The data manifest.
    pub manifest: FileRecord,
    /// The datasets that were read, by name and version.
    pub datasets: Vec<DatasetRecord>,
    /// The steps in the order in which they were run.
    pub steps: Vec<StepRecord>,
    /// What was written.
    pub outputs: Vec<FileRecord>,
    /// What else lies beside them, such as a bundle's own descriptions.
    pub companions: Vec<FileRecord>,
}

/// The steps of a plan as records; `directive` gives a directive's text and line by its index in the report.
pub fn steps(plan: &Plan, directive: impl Fn(usize) -> (String, usize)) -> Vec<StepRecord> {
    plan.steps
        .iter()
        .map(|planned| {
            let (text, line) = directive(planned.directive);
            StepRecord {
                step: planned.step.clone(),
                fingerprint: planned.fingerprint.clone(),
                text,
                line,
            }
        })
        .collect()
}
