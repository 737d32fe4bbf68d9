//! Tables: a stub of row labels, columns under optional spanners, and notes.

use serde::{Deserialize, Serialize};

use super::{Form, Label, Quantity};

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The head of the first column, which holds the row labels.
    pub stub: Label,
    /// The columns after the stub.
    pub columns: Vec<Column>,
    /// Heads that span several columns; they don't overlap.
    pub spanners: Vec<Spanner>,
    /// The rows from top to bottom.
    pub rows: Vec<Row>,
    /// Notes with marks, found by key from labels and cells. The marks are the style's, in order of first appearance.
    pub notes: Vec<Note>,
    /// Abbreviations that the table's own words use, with what they stand for.
    pub abbreviations: Vec<(String, String)>,
}

/// A column after the stub.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its head.
    pub label: Label,
    /// Whether its cells hold words rather than numbers.
    pub words: bool,
}

/// A head over several columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spanner {
    /// Its words.
    pub label: Label,
    /// Index of its first column (0 is the first after the stub).
    pub first: usize,
    /// Index of its last column.
    pub last: usize,
}

/// What part a row plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// A head over the rows below it; its cells are empty.
    Section,
    /// A row of numbers.
    Item,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What part it plays.
    pub kind: RowKind,
    /// How far its label is indented, in steps.
    pub indent: u8,
    /// Its label.
    pub label: Label,
    /// A cell for every column, or none at all in a section.
    pub cells: Vec<Cell>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "cell")]
pub enum Cell {
    /// Nothing, because the row or the column needs no number here (a later line of a block).
    Empty,
    /// There is no such number; prints the style's `NA`. The reason is a note where `note` names one.
    NotApplicable {
        /// Key of the note that says why.
        note: Option<String>,
    },
    /// The reference level of an effect.
    Reference {
        /// Whether the effect is a ratio (reference 1) or a difference (reference 0).
        ratio: bool,
    },
    /// Words from the data or the author.
    Words {
        /// The words, printed as they are.
        text: String,
    },
    /// Numbers.
    Number {
        /// What they are.
        quantity: Quantity,
        /// Keys of the notes that it is marked with.
        notes: Vec<String>,
    },
}

impl Cell {
    /// A cell with numbers and no notes.
    pub fn number(quantity: Quantity) -> Self {
        Self::Number {
            quantity,
            notes: Vec::new(),
        }
    }

    /// A cell with words.
    pub fn words(text: impl Into<String>) -> Self {
        Self::Words { text: text.into() }
    }
}

/// A note below the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The key that labels and cells name; none for a general note without a mark.
    pub key: Option<String>,
    /// Its words.
    pub text: String,
    /// Numbers behind the words, each with the words that follow it.
    #[serde(default)]
    pub numbers: Vec<NoteNumber>,
}

/// A number in a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteNumber {
    /// The number.
    pub form: Form,
    /// The words between it and the next, or the end.
    pub after: String,
}
