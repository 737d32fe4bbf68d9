//! Forest plots: effects with their intervals along an axis.

use serde::{Deserialize, Serialize};

use super::{Digits, Form, Label, Note};
use crate::statistic::StatId;

/// How effects lie on the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Differences: a linear axis, no effect at 0.
    Difference,
    /// Ratios: a logarithmic axis, no effect at 1.
    Ratio,
}

/// A forest plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForestPlot {
    /// Head of the row labels.
    pub stub: Label,
    /// Columns of text at the left of the plot (counts, means by arm).
    pub columns: Vec<ForestColumn>,
    /// The rows from top to bottom.
    pub rows: Vec<ForestRow>,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// What the axis measures with its direction, such as `Difference in BDI-II score, Beat the Blues − usual care`.
    pub axis: String,
    /// The confidence level of the intervals, 0 to 1.
    pub conf_level: f64,
    /// Words at the axis's left end, such as `Favors Beat the Blues`.
    pub favors_left: Option<String>,
    /// Words at the axis's right end.
    pub favors_right: Option<String>,
    /// Limits of the axis where the author sets them; intervals beyond are cut with arrows.
    pub limits: Option<(f64, f64)>,
    /// What the effects are, such as `Mean difference`: the head of the column of estimates, which the style completes
    /// with `(95% CI)`. Where it is empty, the style's own word for an estimate.
    #[serde(default)]
    pub effect: String,
    /// Decimals of the estimates and limits.
    pub digits: Digits,
    /// Head of a column with P values at the right; none where no row has one.
    pub p_head: Option<Label>,
    /// Notes below the plot.
    pub notes: Vec<Note>,
    /// Abbreviations in the plot's words.
    pub abbreviations: Vec<(String, String)>,
}

/// A column of text at the left of the plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForestColumn {
    /// Its head.
    pub label: Label,
}

/// A row of a forest plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForestRow {
    /// Its label.
    pub label: Label,
    /// How far the label is indented, in steps.
    pub indent: u8,
    /// What stands in the text columns; as many as the plot has columns, or none at all.
    pub cells: Vec<Option<Form>>,
    /// The effect with its interval; none for a head.
    pub effect: Option<ForestEffect>,
    /// A P value at the right (of the effect, or of the interaction in a head).
    pub p: Option<StatId>,
}

/// An effect in a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForestEffect {
    /// The estimate.
    pub estimate: StatId,
    /// The lower limit.
    pub low: StatId,
    /// The upper limit.
    pub high: StatId,
    /// What the area of the box is proportional to, such as 1 / SE²; none for boxes of one size.
    pub weight: Option<f64>,
    /// Whether it is a pooled effect, drawn as a diamond.
    pub diamond: bool,
}
