//! Stacked bars: what parts of each group are in which of several ordered categories.

use serde::{Deserialize, Serialize};

use super::{Form, Label, Note};
use crate::statistic::StatId;

/// Level bars from 0% to 100%, each cut into the same categories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarPlot {
    /// What the axis measures, such as `Participants, %`.
    pub axis: String,
    /// The categories in their order, the best first: from the left of a bar to its right.
    pub categories: Vec<String>,
    /// Head of the column that says of how many each bar is.
    pub total: Label,
    /// Heads of the columns of text at the right.
    pub columns: Vec<Label>,
    /// What is shown from top to bottom, with space between.
    pub sections: Vec<BarSection>,
    /// Notes below the plot.
    pub notes: Vec<Note>,
    /// Abbreviations in the plot's words.
    pub abbreviations: Vec<(String, String)>,
}

/// What belongs to one measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarSection {
    /// Its label, in bold over its bars.
    pub label: Label,
    /// Its groups of bars, such as one a visit.
    pub groups: Vec<BarGroup>,
}

/// Bars that are compared with each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarGroup {
    /// Its label; none where the section has only one group.
    pub label: Option<Label>,
    /// What stands in the columns at the right; as many as the plot has columns, or none at all.
    pub cells: Vec<Option<BarCell>>,
    /// The bars from top to bottom.
    pub bars: Vec<Bar>,
}

/// A number in a column at the right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarCell {
    /// What it is.
    pub form: Form,
    /// A label without words, for the marks of notes behind the number.
    pub marks: Label,
}

/// A bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Its label, such as the arm.
    pub label: Label,
    /// Of how many it is.
    pub total: StatId,
    /// Its segments, one a category.
    pub segments: Vec<BarSegment>,
}

/// The part of a bar in one category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarSegment {
    /// How many are in it.
    pub n: StatId,
    /// The proportion, 0 to 1, which is its length.
    pub p: StatId,
    /// What is printed of it.
    pub text: Form,
}
