//! Claims: what a publication prints, beside what the data say.
//!
//! A report's `claims.toml` lists printed values with the statistics that they should equal:
//!
//! ```toml
//! source = "rojas2023"            # a key of references.bib, of all claims that name no other
//!
//! [[claim]]
//! place = "Abstract"              # where it stands
//! text = "-2.83"                  # as printed
//! label = "Stress after 8 weeks"  # optional: what it is of, in words
//! statistic = "effects/DASS_Stress/arm[CCT]:time[post]/estimate"   # an id, or a path as in the text
//! misprint = "wrong sign"         # optional: why it is known to be wrong; a contradiction is then no failure
//!
//! [[claim]]
//! place = "Results, p. 9"
//! text = "225,265"
//! not_computable = "item data are not public"
//!
//! [[table]]                       # many cells at once
//! place = "Fig 2"
//! prefix = "effects/DASS_Stress"  # optional: what all ids begin with
//! label = "Stress"                # optional: what its rows are of, in words
//! columns = ["estimate", "std.error", "conf.low", "conf.high"]
//! heads = ["b", "SE", "Low", "High"]  # optional: the heads of the columns
//! rows = [
//!   { row = "arm[CCT]", label = "CCT", text = ["1.2", "0.3", "0.6", "1.8"], misprint = { "conf.high" = "as in the line above" } },
//!   { row = "time[post]", text = ["1.2", "", "0.6", "1.8"] },
//! ]
//! ```
//!
//! A cell's statistic is `prefix/row/column`. A row has as many texts as there are columns; an empty text is a cell in
//! which nothing is printed. `misprint` and `not_computable` of a row name its cells by column or by number from 1.
//! `source` may stand in a claim, a table or a row, `place` in a row. `label` and `heads` change nothing but what the
//! appendix of the PDF calls the values.
//!
//! A text's precision is that of its last digit: see [`Agreement`] and [`Verdict`].

mod appendix;
mod json;
mod judge;
mod printed;
mod read;
mod text;

pub use appendix::appendix;
pub use json::json;
pub use judge::{Counts, Judged, Judgement, Verdict, judge, unknown_labels};
pub use printed::{Agreement, Printed};
pub use text::text;

use crate::diagnostic::Span;

/// The name of the file in a report's folder.
pub const FILE_NAME: &str = "claims.toml";

/// What a claim is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// A statistic, named by its id or path.
    Statistic(String),
    /// Nothing, with the reason why it can't be computed.
    NotComputable(String),
}

/// A printed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The key of the publication in `references.bib`.
    pub source: Option<String>,
    /// Where in the publication it stands.
    pub place: String,
    /// What it is of, in words; none in tables, whose rows have labels.
    pub label: Option<String>,
    /// The text as printed.
    pub text: String,
    /// What the text says; none where it can't be read, which only a claim that is not computable may be.
    pub printed: Option<Printed>,
    /// What it is compared with.
    pub against: Against,
    /// Why the printed value is known to be wrong.
    pub misprint: Option<String>,
    /// Its place in a table.
    pub cell: Option<Cell>,
    /// Where it stands in `claims.toml`.
    pub span: Span,
}

/// The place of a claim that was written in a `[[table]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The table, counted from 0 in the order of the file.
    pub grid: usize,
    /// The row, counted from 0.
    pub row: usize,
    /// The column, counted from 0.
    pub column: usize,
}

/// What a `[[table]]` calls its cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// What its rows are of, in words.
    pub label: Option<String>,
    /// What the ids of its statistics begin with; empty if with nothing.
    pub prefix: String,
    /// The heads of its columns: as the author has them, else what the columns' ids end with.
    pub heads: Vec<String>,
    /// The names of its rows: as the author has them, else the rows' parts of the ids.
    pub rows: Vec<String>,
}

/// The claims of a report, in the order in which they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// All of them.
    pub all: Vec<Claim>,
    /// The tables among them.
    pub grids: Vec<Grid>,
}
