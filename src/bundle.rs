//! The bundle: one deterministic archive of a report, for a journal.
//!
//! A zip with one folder, named after the report, which is a bag of `BagIt` 1.0 (RFC 8493). Its payload, `data/`, is at the
//! same time
//!
//! - a project of trialbook that holds what the report needs, so that `trialbook build` in it makes the outputs again,
//! - an RO-Crate with the record of the run,
//! - a Frictionless data package, and a draft of a CODECHECK configuration.
//!
//! This room knows the formats, for those who write bundles and those who read them. What goes into a bundle is for
//! [`Project::bundle`](crate::project::Project::bundle) to say.

pub mod archive;
mod availability;
pub mod bag;
mod codecheck;
mod datapackage;
mod markdown;
pub mod name;
mod readme;

use std::collections::BTreeMap;

use crate::dataset::{Codebook, Schema};
use crate::provenance::{DatasetRecord, FileRecord, Provenance};
use crate::report::FrontMatter;
use crate::statistic::ResultSet;
use crate::time::BuildTime;

/// The record of the bundle, at the payload's root.
pub const RECORD: &str = "ro-crate-metadata.json";
/// What people read first, at the payload's root.
pub const README: &str = "README.md";
/// The draft of the CODECHECK configuration, at the payload's root.
pub const CODECHECK: &str = "codecheck.yml";
/// The data package, at the payload's root.
pub const DATAPACKAGE: &str = "datapackage.json";
/// How the file of a bundle ends.
pub const ENDING: &str = ".bundle.zip";

/// A table or figure as readers know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The directive's label, such as `tbl-baseline`.
    pub label: String,
    /// What the pages call it, such as `Table 1`.
    pub name: String,
}

/// A dataset of the bundle with what is known of its columns.
#[derive(Debug)]
pub struct Data<'a> {
    /// Its record.
    pub record: &'a DatasetRecord,
    /// What it is about, at length.
    pub description: Option<&'a str>,
    /// Its columns.
    pub schema: &'a Schema,
    /// Its codebook.
    pub codebook: Option<&'a Codebook>,
}

/// All that the bundle's own descriptions tell of.
#[derive(Debug)]
pub struct Contents<'a> {
    /// The record, with which datasets are included; its companions are not complete yet.
    pub record: &'a Provenance,
    /// The front matter.
    pub front: &'a FrontMatter,
    /// The time inside all files.
    pub time: BuildTime,
    /// Every number.
    pub results: &'a ResultSet,
    /// The tables and figures in the order of the pages.
    pub shown: Vec<Shown>,
    /// The datasets, in the record's order.
    pub datasets: Vec<Data<'a>>,
    /// The folder of trialbook's own source, if that is included.
    pub source: Option<&'a str>,
    /// Whether the log of the run is included.
    pub run_log: bool,
}

impl Contents<'_> {
    /// Makes the payload whole: adds the descriptions and the record to the files that they are of.
    pub fn describe(&self, mut payload: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
        payload.insert(CODECHECK.to_owned(), codecheck::text(self).into_bytes());
        payload.insert(DATAPACKAGE.to_owned(), datapackage::text(self).into_bytes());
        let files: Vec<FileRecord> = records(&payload);
        payload.insert(README.to_owned(), readme::text(self, &files).into_bytes());
        let mut record = self.record.clone();
        record.companions = records(&payload);
        payload.insert(RECORD.to_owned(), record.to_ro_crate().into_bytes());
        payload
    }

    /// What `bag-info.txt` says but for the payload's size.
    pub fn info(&self) -> Vec<(&'static str, String)> {
        let authors = &self.front.authors;
        let contact = authors.iter().find(|a| a.corresponding).or(authors.first());
        let first = |text: Option<&crate::reader::At<String>>| text.map(|t| t.value.clone());
        let entries = [
            (
                "Source-Organization",
                contact.and_then(|a| first(a.affiliation.as_ref())),
            ),
            ("Contact-Name", contact.map(|a| a.name.value.clone())),
            (
                "Contact-Email",
                contact.and_then(|a| first(a.email.as_ref())),
            ),
            ("External-Description", Some(self.record.title.clone())),
            (
                "External-Identifier",
                Some(format!("trialbook:{}", self.record.report)),
            ),
            (
                "Bagging-Date",
                self.record.time.get(..10).map(str::to_owned),
            ),
            (
                "Bag-Software-Agent",
                Some(format!(
                    "trialbook {} (source sha256:{})",
                    self.record.version, self.record.source_digest
                )),
            ),
        ];
        let stated = |(label, value): (&'static str, Option<String>)| Some((label, value?));
        entries.into_iter().filter_map(stated).collect()
    }

    /// What the payload lacks and can be fetched: the files of external datasets that are not included.
    pub fn to_fetch(&self) -> Vec<bag::Fetch> {
        let missing =
            |d: &&DatasetRecord| !d.included && d.access == crate::manifest::Access::External;
        let fetch = |d: &DatasetRecord| {
            Some(bag::Fetch {
                url: d.source.clone()?,
                bytes: Some(d.file.bytes),
                path: format!("{}/{}", bag::PAYLOAD, d.file.path),
                sha256: d.file.sha256.clone(),
            })
        };
        self.record
            .datasets
            .iter()
            .filter(missing)
            .filter_map(fetch)
            .collect()
    }
}

fn records(files: &BTreeMap<String, Vec<u8>>) -> Vec<FileRecord> {
    files
        .iter()
        .map(|(path, bytes)| FileRecord::of(path, bytes))
        .collect()
}
