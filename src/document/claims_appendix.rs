//! The appendix of claims: values that a publication prints, beside recomputed ones.

use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use super::align::{self, Entry};
use super::assemble::bibliography;
use super::table::Piece;
use super::{Document, Inline};
use crate::artefact::Form;
use crate::report::Report;
use crate::statistic::StatId;
use crate::style::number::NumberText;
use crate::style::{Part, Printed, Run};

/// The appendix.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsAppendix {
    /// How many values there are of each verdict, and how they are marked.
    pub about: Vec<Inline>,
    /// Every value that is not reproduced, by place.
    pub exceptions: Vec<ExceptionGroup>,
    /// All values, by place.
    pub parts: Vec<ClaimsPart>,
}

/// The values of a place that are not reproduced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExceptionGroup {
    /// The place in the publication.
    pub place: String,
    /// The values.
    pub rows: Vec<Exception>,
}

/// A value that is not reproduced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exception {
    /// What it is of, in words.
    pub label: Option<String>,
    /// The statistic that it should equal, as results name it; none where there is none.
    pub name: Option<String>,
    /// The value as printed.
    pub printed: ClaimsCell,
    /// The recomputed one; empty where there is none.
    pub recomputed: ClaimsCell,
    /// The verdict in words.
    pub verdict: String,
    /// What the authors of the report say of it.
    pub remark: String,
}

/// A table of values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimsPart {
    /// The place of all of them; none where the groups are places.
    pub title: Option<String>,
    /// The heads of all columns but the first.
    pub heads: Vec<String>,
    /// The rows.
    pub groups: Vec<ClaimsGroup>,
}

/// Rows with a head in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimsGroup {
    /// The head; empty where there is none.
    pub title: String,
    /// The rows.
    pub rows: Vec<ClaimsRow>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimsRow {
    /// What its values are of: words, or the name of a statistic.
    pub label: Inline,
    /// A cell for each head.
    pub cells: Vec<ClaimsCell>,
}

/// A cell: lines of numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsCell {
    /// The printed value, and the recomputed one where it is shown below it.
    pub lines: Vec<Vec<Piece>>,
    /// The statistic.
    pub stat: Option<StatId>,
    /// How the two values agree.
    pub tone: Tone,
}

/// How two values agree, for the colour that goes with the mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// They do.
    #[default]
    Plain,
    /// Almost.
    Slight,
    /// They do not.
    Grave,
    /// There is nothing to compare with.
    Open,
}

/// A line of a cell, to be aligned with the other lines of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimLine {
    /// A number, a sign before it and marks behind it.
    Number {
        /// The sign; empty for none.
        sign: &'static str,
        /// The number.
        number: NumberText,
        /// Raised marks.
        marks: &'static str,
    },
    /// Words as they are printed, with raised marks.
    Words {
        /// The words.
        text: String,
        /// Raised marks.
        marks: &'static str,
    },
}

impl ClaimLine {
    fn entry(&self) -> Entry {
        // Lines are aligned with lines, whatever they are of.
        let none = Form::Count {
            n: StatId::from_parts([]),
        };
        let (part, marks) = match self {
            Self::Number {
                sign,
                number,
                marks,
            } => {
                let lead = match *sign {
                    "" => number.lead.clone(),
                    sign => format!("{sign}\u{a0}{}", number.lead),
                };
                let tail = number.tail.clone();
                (Part::Number(NumberText { lead, tail }), marks)
            }
            Self::Words { text, marks } => (Part::Words(Run::plain(text)), marks),
        };
        let printed = Printed { parts: vec![part] };
        Entry {
            form: discriminant(&none),
            printed,
            marks: (*marks).to_owned(),
        }
    }
}

/// The cells of a column with their numbers aligned.
pub fn aligned(column: Vec<(Vec<ClaimLine>, Option<StatId>, Tone)>) -> Vec<ClaimsCell> {
    let lines = column.iter().flat_map(|(lines, ..)| lines);
    let entries: Vec<Entry> = lines.map(ClaimLine::entry).collect();
    let mut pieces = align::align(&entries).into_iter();
    let cell = |(lines, stat, tone): (Vec<ClaimLine>, _, _)| ClaimsCell {
        lines: pieces.by_ref().take(lines.len()).collect(),
        stat,
        tone,
    };
    column.into_iter().map(cell).collect()
}

/// Gives a document its appendix of claims, and the references that this cites.
pub fn with_claims(mut document: Document, appendix: ClaimsAppendix, report: &Report) -> Document {
    document.claims = Some(appendix);
    document.bibliography = bibliography(report, &document);
    document
}
