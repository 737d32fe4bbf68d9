//! PDF/A-3a with PDF/UA-1 from Typst source.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use typst::foundations::{Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::engine::{ClosedWorld, internal};
use super::typst::TypstProject;
use crate::activity;
use crate::diagnostic::Diagnostics;
use crate::time::Day;

/// A file that the PDF carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name within the PDF, `/` between folders.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its media type, such as `application/json`.
    pub mime: String,
    /// What it is to the document.
    pub relationship: Relationship,
    /// What it holds, in words.
    pub description: String,
}

/// What an attached file is to the document (the values of PDF/A-3's `AFRelationship`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relationship {
    /// The document was made from it.
    Source,
    /// What tables and figures show.
    Data,
    /// Another form of the same.
    Alternative,
    /// Something that goes with it.
    Supplement,
}

impl Relationship {
    fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Data => "data",
            Self::Alternative => "alternative",
            Self::Supplement => "supplement",
        }
    }
}

/// Makes the PDF of a project: archival (PDF/A-3a), accessible (PDF/UA-1), with the attachments inside.
///
/// `timestamp` is the injected time in seconds since 1970, the only time in the file. The bytes depend on the
/// arguments alone. Errors: what the engine refuses, with its message and the place in `report.typ`.
pub fn pdf(
    project: &TypstProject,
    attachments: &[Attachment],
    timestamp: i64,
) -> Result<Vec<u8>, Diagnostics> {
    let _laying_out = activity::begin("laying out the pages");
    let now = datetime(timestamp);
    let files: BTreeMap<String, Vec<u8>> = attachments
        .iter()
        .enumerate()
        .map(|(index, a)| (stored_as(index), a.bytes.clone()))
        .collect();
    let world = ClosedWorld::new(project, &attach(attachments), &files, now)?;
    let pages = world.pages()?;
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|e| internal(e.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(identity(project, attachments)),
        creator: Smart::Custom(Some(
            concat!("trialbook ", env!("CARGO_PKG_VERSION")).into(),
        )),
        timestamp: now.map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&pages, &options).map_err(|e| world.diagnostics(&e))
}

/// Where the bytes of an attachment stand in the engine's world, apart from its name in the PDF.
fn stored_as(index: usize) -> String {
    format!("attachments/{index}")
}

/// The calls that attach the files, to follow the report.
fn attach(attachments: &[Attachment]) -> String {
    let mut out = String::new();
    for (index, attachment) in attachments.iter().enumerate() {
        out.push_str("\n#pdf.attach(");
        literal(&mut out, &attachment.path);
        out.push_str(", read(");
        literal(&mut out, &stored_as(index));
        let _ = write!(
            out,
            ", encoding: none), relationship: \"{}\", mime-type: ",
            attachment.relationship.name()
        );
        literal(&mut out, &attachment.mime);
        out.push_str(", description: ");
        literal(&mut out, &attachment.description);
        out.push(')');
    }
    out
}

fn literal(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || " -_./".contains(c) {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
    out.push('"');
}

/// What identifies the document: a digest of all that it is made of.
fn identity(project: &TypstProject, attachments: &[Attachment]) -> String {
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    for (path, bytes) in &project.files {
        add(path.as_bytes());
        add(bytes);
    }
    for attachment in attachments {
        add(attachment.path.as_bytes());
        add(&attachment.bytes);
    }
    let digest = digest.finalize();
    digest.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn datetime(timestamp: i64) -> Option<Datetime> {
    let Day { year, month, day } = Day::from_days(timestamp.div_euclid(86_400));
    let second = u32::try_from(timestamp.rem_euclid(86_400)).ok()?;
    let part = |n: u32| u8::try_from(n).ok();
    Datetime::from_ymd_hms(
        year,
        month,
        day,
        part(second / 3600)?,
        part(second / 60 % 60)?,
        part(second % 60)?,
    )
}
