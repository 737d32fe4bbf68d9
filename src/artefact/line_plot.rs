//! Trajectories: means with intervals by arm over visits.

use serde::{Deserialize, Serialize};

use super::{Label, Note};
use crate::statistic::StatId;

/// A line plot with one series an arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinePlot {
    /// What the horizontal axis measures, with its unit.
    pub x: String,
    /// What the vertical axis measures, with its unit.
    pub y: String,
    /// Positions on the horizontal axis with their labels, ascending.
    pub ticks: Vec<(f64, String)>,
    /// The series, one an arm, the reference first.
    pub series: Vec<LineSeries>,
    /// Limits of the vertical axis where the author sets them.
    pub limits: Option<(f64, f64)>,
    /// The confidence level of the intervals, 0 to 1.
    pub conf_level: f64,
    /// Head of the rows of numbers at risk or observed below the axis; none where they are not shown.
    pub counts: Option<Label>,
    /// Notes below the plot.
    pub notes: Vec<Note>,
    /// Abbreviations in the plot's words.
    pub abbreviations: Vec<(String, String)>,
}

/// A line with its points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineSeries {
    /// Its name.
    pub name: String,
    /// Its points, by ascending position.
    pub points: Vec<LinePoint>,
}

/// A point with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinePoint {
    /// Position on the horizontal axis.
    pub x: f64,
    /// The value.
    pub y: StatId,
    /// The lower limit; none where the interval does not exist.
    pub low: Option<StatId>,
    /// The upper limit.
    pub high: Option<StatId>,
    /// How many were observed.
    pub n: StatId,
}
