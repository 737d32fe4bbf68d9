//! A table of results with every cell as text, ready for any renderer.

use serde::{Deserialize, Serialize};

use super::{Inline, Printing};
use crate::statistic::StatId;

/// A printed table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PrintedTable {
    /// Head rows from top to bottom; the last is the head of the columns, earlier ones hold spanners. They repeat on
    /// every page.
    pub head: Vec<Vec<HeadCell>>,
    /// How many columns there are, the stub included.
    pub columns: usize,
    /// For each column whether its cells are words (left-aligned) rather than numbers.
    pub words: Vec<bool>,
    /// The rows.
    pub rows: Vec<PrintedRow>,
    /// Notes in order: the abbreviations, general notes, then marked notes with their marks.
    pub notes: Vec<PrintedNote>,
}

/// A cell of a head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadCell {
    /// Its words.
    pub content: Vec<Inline>,
    /// How many columns it spans.
    pub span: usize,
    /// Whether a rule is drawn under it (spanners).
    pub rule: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrintedRow {
    /// Whether it is a head over the rows below: its label spans all columns.
    pub section: bool,
    /// How far the label is indented, in steps.
    pub indent: u8,
    /// Whether the row must stay on the page of the next one.
    pub keep_with_next: bool,
    /// The label.
    pub label: Vec<Inline>,
    /// The cells after the stub.
    pub cells: Vec<PrintedCell>,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PrintedCell {
    /// What is printed, with the invisible digits that align it in its column.
    pub pieces: Vec<Piece>,
    /// The statistics it is made of.
    pub stats: Vec<StatId>,
    /// The text without its marks, and the rule that printed it; none for words.
    #[serde(default)]
    pub printing: Option<Printing>,
}

/// A piece of a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "piece")]
pub enum Piece {
    /// What is printed.
    Shown {
        /// The words.
        content: Vec<Inline>,
    },
    /// What takes its width but is not printed: it aligns the decimals of a column.
    Phantom {
        /// Characters whose width is taken.
        text: String,
        /// Whether they are raised, as the mark of a note that only another cell has.
        #[serde(default)]
        superscript: bool,
    },
}

/// A note below the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrintedNote {
    /// Its mark, such as `a` or `†`; none for a general note.
    pub mark: Option<String>,
    /// Its words.
    pub content: Vec<Inline>,
}
