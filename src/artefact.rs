//! What a directive shows: tables, forest plots, flow diagrams, line plots and stacked bars, as numbers and structure.
//!
//! An artefact holds no formatted digits. Wherever a number stands, a [`Quantity`] names the statistics that it is
//! made of; the journal's style decides how they look.

mod bar_plot;
mod flow;
mod forest;
mod line_plot;
mod table;

pub use bar_plot::{Bar, BarCell, BarGroup, BarPlot, BarSection, BarSegment};
pub use flow::{Arm, ArmStage, FlowBox, FlowCount, FlowDiagram, Reason};
pub use forest::{ForestColumn, ForestEffect, ForestPlot, ForestRow, Scale};
pub use line_plot::{LinePlot, LinePoint, LineSeries};
pub use table::{Cell, Column, Note, NoteNumber, Row, RowKind, Spanner, Table};

use serde::{Deserialize, Serialize};

use crate::statistic::StatId;

/// What a directive shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Artefact {
    /// A table with rows, columns and notes.
    Table(Table),
    /// Effects with their intervals along an axis.
    Forest(ForestPlot),
    /// A CONSORT flow of participants.
    Flow(FlowDiagram),
    /// Means with intervals over visits.
    LinePlot(LinePlot),
    /// Parts of wholes as stacked bars.
    Bars(BarPlot),
}

/// How many decimals a number is printed with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Digits {
    /// As the style says for this kind of number, given how many decimals the data have.
    #[default]
    Style,
    /// As many decimals as the directive says.
    Fixed(u8),
}

/// A number, or numbers that belong together, as a reader sees it: `12.3 (4.5)`, `34 (56.7)`, `−2.9 (−5.2 to −0.6)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    /// What it is made of.
    pub form: Form,
    /// With how many decimals.
    #[serde(default)]
    pub digits: Digits,
}

impl Quantity {
    /// A quantity with the style's decimals.
    pub fn new(form: Form) -> Self {
        Self {
            form,
            digits: Digits::Style,
        }
    }

    /// The same with fixed decimals, if given.
    #[must_use]
    pub fn with_digits(mut self, digits: Option<u8>) -> Self {
        if let Some(d) = digits {
            self.digits = Digits::Fixed(d);
        }
        self
    }
}

/// The forms in which statistics are printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "form")]
pub enum Form {
    /// A whole number of things: `1 234`.
    Count {
        /// The count.
        n: StatId,
    },
    /// A count of a total: `34/52`.
    CountOf {
        /// The count.
        n: StatId,
        /// What it is of.
        total: StatId,
    },
    /// A count with its percentage: `34 (65)`.
    CountPercent {
        /// The count.
        n: StatId,
        /// The proportion, 0 to 1.
        p: StatId,
        /// The denominator, which decides the decimals.
        total: StatId,
    },
    /// A count of a total with its percentage: `34/52 (65)`.
    CountOfPercent {
        /// The count.
        n: StatId,
        /// The proportion, 0 to 1.
        p: StatId,
        /// The denominator.
        total: StatId,
    },
    /// A proportion as a percentage.
    Percent {
        /// The proportion, 0 to 1.
        p: StatId,
        /// The denominator, which decides the decimals.
        total: Option<StatId>,
    },
    /// Mean and standard deviation: `12.3 (4.5)`.
    MeanSd {
        /// The mean.
        mean: StatId,
        /// The standard deviation.
        sd: StatId,
    },
    /// Median and quartiles: `12 (8–17)`.
    MedianIqr {
        /// The median.
        median: StatId,
        /// The lower quartile.
        p25: StatId,
        /// The upper quartile.
        p75: StatId,
    },
    /// Smallest and largest value: `3–41`.
    Range {
        /// The smallest.
        min: StatId,
        /// The largest.
        max: StatId,
    },
    /// The confidence interval of a proportion alone, as percentages: `51–77`.
    PercentInterval {
        /// The lower limit, 0 to 1.
        low: StatId,
        /// The upper limit, 0 to 1.
        high: StatId,
        /// The denominator, which decides the decimals.
        total: StatId,
    },
    /// A number in the unit of the data, or without a unit.
    Number {
        /// The number.
        value: StatId,
    },
    /// An effect alone.
    Estimate {
        /// The estimate.
        estimate: StatId,
    },
    /// An effect with its interval: `−2.9 (−5.2 to −0.6)`.
    EstimateCi {
        /// The estimate.
        estimate: StatId,
        /// The lower limit.
        low: StatId,
        /// The upper limit.
        high: StatId,
    },
    /// An effect with its standard error: `−2.9 (1.2)`.
    EstimateSe {
        /// The estimate.
        estimate: StatId,
        /// The standard error.
        std_error: StatId,
    },
    /// An interval alone: `−5.2 to −0.6`.
    Interval {
        /// The lower limit.
        low: StatId,
        /// The upper limit.
        high: StatId,
    },
    /// A test's statistic with its degrees of freedom: `7.98 (3)`.
    TestStatistic {
        /// The statistic.
        statistic: StatId,
        /// Its degrees of freedom.
        parameter: StatId,
    },
    /// A P value.
    PValue {
        /// The P value.
        p: StatId,
    },
    /// A standardised mean difference, printed with two decimals by default.
    Smd {
        /// The standardised mean difference.
        smd: StatId,
    },
}

impl Form {
    /// The statistics that it is made of, the main one first.
    pub fn stats(&self) -> Vec<&StatId> {
        match self {
            Self::Count { n } => vec![n],
            Self::CountOf { n, total } => vec![n, total],
            Self::CountPercent { n, p, total } | Self::CountOfPercent { n, p, total } => {
                vec![n, p, total]
            }
            Self::Percent { p, total } => std::iter::once(p).chain(total).collect(),
            Self::MeanSd { mean, sd } => vec![mean, sd],
            Self::MedianIqr { median, p25, p75 } => vec![median, p25, p75],
            Self::Range { min, max } => vec![min, max],
            Self::PercentInterval { low, high, total } => vec![low, high, total],
            Self::Number { value } => vec![value],
            Self::Estimate { estimate } => vec![estimate],
            Self::EstimateCi {
                estimate,
                low,
                high,
            } => vec![estimate, low, high],
            Self::EstimateSe {
                estimate,
                std_error,
            } => vec![estimate, std_error],
            Self::Interval { low, high } => vec![low, high],
            Self::TestStatistic {
                statistic,
                parameter,
            } => vec![statistic, parameter],
            Self::PValue { p } => vec![p],
            Self::Smd { smd } => vec![smd],
        }
    }
}

/// What a row's or a column's numbers are, so that the style can say it in its own words: `mean (SD)`, `No. (%)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Count and percentage.
    CountPercent,
    /// Count of a total and percentage.
    CountOfPercent,
    /// A count.
    Count,
    /// A count of a total.
    CountOf,
    /// Mean and standard deviation.
    MeanSd,
    /// Median and quartiles.
    MedianIqr,
    /// Smallest to largest.
    Range,
    /// An estimate with its confidence interval, at the level in per cent.
    EstimateCi,
    /// An estimate with its standard error.
    EstimateSe,
    /// A confidence interval alone, at the level in per cent.
    Interval,
    /// A P value.
    PValue,
    /// A P value adjusted for multiplicity.
    PAdjusted,
    /// A P value for interaction.
    PInteraction,
    /// A standardised mean difference.
    Smd,
}

/// Words that name a row or a column. The style composes them with what the numbers are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// The name, such as `Age`; author's words or the codebook's, printed as they are.
    pub text: String,
    /// What the numbers are, such as mean (SD).
    pub measure: Option<Measure>,
    /// The unit of the numbers, such as `y`.
    pub unit: Option<String>,
    /// The level of a confidence interval, 0 to 1, where `measure` is an estimate with its interval.
    pub conf_level: Option<f64>,
    /// A number that belongs to the name, such as the `n = 52` of an arm's column.
    pub n: Option<StatId>,
    /// Keys of the notes that it is marked with, in the order of the marks.
    pub notes: Vec<String>,
}

impl Label {
    /// A label of words alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The same with what the numbers are.
    #[must_use]
    pub fn measure(mut self, measure: Measure) -> Self {
        self.measure = Some(measure);
        self
    }

    /// The same with a unit, if there is one.
    #[must_use]
    pub fn unit(mut self, unit: Option<String>) -> Self {
        self.unit = unit;
        self
    }

    /// The same with a count that belongs to it.
    #[must_use]
    pub fn n(mut self, n: StatId) -> Self {
        self.n = Some(n);
        self
    }

    /// The same with a mark to the note of that key.
    #[must_use]
    pub fn note(mut self, key: impl Into<String>) -> Self {
        self.notes.push(key.into());
        self
    }
}
