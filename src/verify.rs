//! Verification: a bundle, or a report in place, is checked against its own promises and made again from the data.
//!
//! Nothing in a bundle is trusted. An archive's structure is read before anything is unpacked ([`Limits`] bound what is
//! read and written); every file is compared with the bag's manifests, which must list all of them; the digests in the
//! records and in the data manifest are compared with the files. Then the report is made again in a fresh folder, of
//! its inputs alone, without stored results, at the recorded time, and every number and every file is compared.
//!
//! Where only data were changed, the report is made of them as they are, to name the numbers that depend on the change:
//! the verification has failed, and says what it would mean.
//!
//! # When something holds
//!
//! A number is *identical* if it has the same bits; *same at printed precision* if every place that shows it prints the
//! same text (in a figure: nothing moves by more than 0.05 points), or, where nothing shows it, if it agrees within a
//! relative 1e-10; else *different*. A file is identical or not.
//!
//! Everything must be identical if the same program made the bundle (by the digest of its source). Other programs, and
//! other kinds of processors where the run log tells, may write other bytes: then it suffices that no number is
//! different, and files that differ are a warning, for they could not be verified. `strict` asks for identity always.

mod archive;
mod bag;
mod bundle;
mod changed_data;
mod compare;
mod in_place;
mod json;
mod limits;
mod name;
mod outputs;
mod printed;
mod record;
mod rerun;
mod results;
mod text;
mod tree;
mod unpack;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diagnostic::Diagnostic;
use crate::time::BuildTime;
pub use bundle::verify_bundle;
pub use compare::{Comparison, Difference, Sameness, Value};
pub use in_place::verify_report;
pub use limits::Limits;
pub use outputs::{OutputFile, OutputState};
pub use printed::Reprint;
pub use record::Program;

/// How it is verified.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether everything must be identical, whoever made it and wherever.
    pub strict: bool,
    /// How much is taken from a bundle.
    pub limits: Limits,
    /// Files of datasets that are not in the bundle, by `name@version`.
    pub data: BTreeMap<String, PathBuf>,
    /// The kind of processor that is running, as the run log names it.
    pub architecture: String,
}

/// What became of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every number and every file came out again, bit by bit.
    Identical,
    /// Every printed number came out again; some bits differ, as another program or processor explains.
    Printed,
    /// Something does not hold.
    Different,
    /// It could not be made again; what could be checked was.
    NotReExecuted,
}

/// What was verified, and what came of it.
#[derive(Debug, Clone)]
pub struct Verification {
    /// What was to be verified, as it was named.
    pub subject: String,
    /// The report's name, if that could be told.
    pub report: Option<String>,
    /// Lines that say what was checked before anything was made again.
    pub checked: Vec<String>,
    /// The program that made it.
    pub made_by: Option<Program>,
    /// The kind of processor on which it was made, if the run log is there.
    pub made_on: Option<String>,
    /// The time inside the outputs.
    pub time: Option<BuildTime>,
    /// Every number.
    pub numbers: Option<Comparison>,
    /// Every file, in order of path.
    pub files: Vec<OutputFile>,
    /// What came of it.
    pub verdict: Verdict,
}

/// Whether a folder looks like a bundle that was unpacked, itself or with a folder around it.
pub fn is_bag(folder: &std::path::Path) -> bool {
    bag::top(folder).is_ok()
}

impl Verification {
    fn new(subject: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            report: None,
            checked: Vec::new(),
            made_by: None,
            made_on: None,
            time: None,
            numbers: None,
            files: Vec::new(),
            verdict: Verdict::NotReExecuted,
        }
    }
}

/// A folder that is removed when it is dropped.
fn temporary() -> Result<tempfile::TempDir, Diagnostic> {
    tempfile::Builder::new()
        .prefix("trialbook-verify-")
        .tempdir()
        .map_err(|e| {
            Diagnostic::machine(
                "write",
                format!("there is no place for temporary files: {e}"),
            )
        })
}
