//! What stands between `+++` lines at the very start of a report.

mod orcid;
mod read;
mod sharing;

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Source, Span};
use crate::reader::At;
pub(super) use read::read;
pub use sharing::{Available, Sharing};

/// What holds for the whole report.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontMatter {
    /// Where it stands, without the `+++` lines.
    pub span: Span,
    /// The title; empty where it is missing, which has been reported.
    pub title: At<String>,
    /// A short title for the running head.
    pub running_title: Option<At<String>>,
    /// The authors in order.
    pub authors: Vec<Author>,
    /// The report's date, which is every time inside its outputs.
    pub date: At<Date>,
    /// The journal style: a folder below `templates/`; `jama` by default.
    pub style: At<String>,
    /// Language of the text as a BCP 47 tag; `en-US` by default.
    pub lang: At<String>,
    /// The seed from which every step's seed is derived; 0 by default.
    pub seed: At<u64>,
    /// Keywords.
    pub keywords: Vec<At<String>>,
    /// Populations in the order written: names with SQL conditions.
    pub populations: Vec<Definition>,
    /// Derived columns in the order written: names with SQL expressions.
    pub derive: Vec<Definition>,
    /// The arms of the trial.
    pub arms: Option<Arms>,
    /// What the authors say about sharing the data.
    pub sharing: Sharing,
    /// Whether the document ends with an appendix that says where its numbers come from; it does by default.
    pub provenance: bool,
    /// Whether the document sets its claims beside recomputed values in an appendix; it does by default.
    pub claims: bool,
}

/// A name that the author defines by SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The name.
    pub name: At<String>,
    /// The SQL as written.
    pub sql: At<String>,
}

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year, 1 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

impl fmt::Display for Date {
    /// As in ISO 8601: `2026-11-23`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// An author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name as printed.
    pub name: At<String>,
    /// The ORCID iD as `0000-0000-0000-0000`, its check digit verified.
    pub orcid: Option<At<String>>,
    /// Degrees, such as `PhD`.
    pub degrees: Option<At<String>>,
    /// Affiliation.
    pub affiliation: Option<At<String>>,
    /// Address for correspondence.
    pub email: Option<At<String>>,
    /// Whether correspondence goes to this author.
    pub corresponding: bool,
}

/// The arms of the trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arms {
    /// Where the table stands.
    pub span: Span,
    /// The column that holds the arm.
    pub variable: At<String>,
    /// The level that others are compared with.
    pub reference: Option<At<String>>,
    /// How levels are printed: level and label, in the order written.
    pub labels: Vec<(At<String>, At<String>)>,
    /// The order of the levels; the data's where it is empty.
    pub order: Vec<At<String>>,
}

impl Date {
    /// A day that exists.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 => 28 + u8::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let exists = (1..=9999).contains(&year) && (1..=days).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01 (after Hinnant 2013, "chrono-compatible low-level date algorithms").
    pub fn days_since_epoch(self) -> i32 {
        let (month, day) = (i32::from(self.month), i32::from(self.day));
        // Years are counted from March, so that the leap day comes last.
        let year = i32::from(self.year) - i32::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }
}

impl FrontMatter {
    /// Front matter with nothing in it but defaults, for a report that has none.
    pub fn empty(source: &Arc<Source>) -> Self {
        let span = Span::new(source, 0..0);
        let text = |value: &str| At {
            value: value.to_owned(),
            span: span.clone(),
        };
        Self {
            title: text(""),
            running_title: None,
            authors: Vec::new(),
            date: At {
                value: Date {
                    year: 1970,
                    month: 1,
                    day: 1,
                },
                span: span.clone(),
            },
            style: text("jama"),
            lang: text("en-US"),
            seed: At {
                value: 0,
                span: span.clone(),
            },
            keywords: Vec::new(),
            populations: Vec::new(),
            derive: Vec::new(),
            arms: None,
            sharing: Sharing::default(),
            provenance: true,
            claims: true,
            span,
        }
    }
}
