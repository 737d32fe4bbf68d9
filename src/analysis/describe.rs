//! Turns the values of a column within some rows into recorded statistics and table cells.

use serde::{Deserialize, Serialize};

use super::notes::Notes;
use super::record::{Number, Recorder, Subject};
use super::strata::Stratum;
use crate::artefact::{Cell, Form, Measure, Quantity};
use crate::dataset::Level;
use crate::statistic::StatId;
use crate::stats::StatsError;
use crate::stats::summary::{QuantileType, Summary};

/// A statistic that was recorded, with the reason where it has no value.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    /// Its id.
    pub id: StatId,
    /// Why it has no value.
    pub missing: Option<String>,
}

impl Recorded {
    /// Records a number.
    pub fn add(subject: &mut Subject<'_>, stat: &str, number: impl Into<Number>) -> Self {
        let number = number.into();
        let missing = match &number {
            Number::Missing(reason) => Some(reason.clone()),
            Number::Value(v) | Number::Noted(v, _) => {
                (!v.is_finite()).then(|| "the value is not finite".to_owned())
            }
        };
        Self {
            id: subject.add(stat, number),
            missing,
        }
    }
}

/// A cell of several statistics, the main one first: not available where that has no value, marked with the reason
/// where another has none.
pub(super) fn cell(parts: &[&Recorded], form: Form, digits: Option<u8>, notes: &mut Notes) -> Cell {
    let missing = |part: &&Recorded| part.missing.clone();
    if let Some(reason) = parts.first().and_then(missing) {
        return Cell::NotApplicable {
            note: Some(notes.undefined(&reason)),
        };
    }
    let reasons = parts.iter().filter_map(missing);
    let mut keys: Vec<String> = reasons.map(|reason| notes.undefined(&reason)).collect();
    keys.dedup();
    Cell::Number {
        quantity: Quantity::new(form).with_digits(digits),
        notes: keys,
    }
}

/// How a numeric variable is summarised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NumberSummary {
    /// Mean and standard deviation.
    MeanSd,
    /// Median and quartiles.
    MedianIqr,
    /// Smallest and largest value.
    Range,
    /// How many values there are.
    Count,
}

impl NumberSummary {
    /// The words that authors write for them.
    pub const CHOICES: [(&'static str, Self); 4] = [
        ("mean (sd)", Self::MeanSd),
        ("median (iqr)", Self::MedianIqr),
        ("range", Self::Range),
        ("n", Self::Count),
    ];

    /// What a label says of it.
    pub fn measure(self) -> Measure {
        match self {
            Self::MeanSd => Measure::MeanSd,
            Self::MedianIqr => Measure::MedianIqr,
            Self::Range => Measure::Range,
            Self::Count => Measure::Count,
        }
    }
}

/// The recorded summary of a numeric variable.
#[derive(Debug, Clone)]
pub(super) struct NumberStats {
    /// How many values are missing, with the count's id.
    pub missing: (usize, StatId),
    n: Recorded,
    mean: Recorded,
    sd: Recorded,
    median: Recorded,
    p25: Recorded,
    p75: Recorded,
    min: Recorded,
    max: Recorded,
}

impl NumberStats {
    /// Records all statistics of the values, whichever of them are shown: sentences name the others.
    pub fn record(
        mut subject: Subject<'_>,
        values: &[Option<f64>],
        quantile: QuantileType,
    ) -> Result<Self, StatsError> {
        let summary = Summary::of(values, quantile)?;
        let mut add = |stat: &str, number: Number| Recorded::add(&mut subject, stat, number);
        Ok(Self {
            n: add("N", summary.n.into()),
            missing: (
                summary.n_missing,
                add("N_miss", summary.n_missing.into()).id,
            ),
            mean: add("mean", summary.mean.into()),
            sd: add("sd", summary.sd.into()),
            median: add("median", summary.median.into()),
            p25: add("p25", summary.p25.into()),
            p75: add("p75", summary.p75.into()),
            min: add("min", summary.min.into()),
            max: add("max", summary.max.into()),
        })
    }

    /// The cell that shows a summary.
    pub fn cell(&self, summary: NumberSummary, digits: Option<u8>, notes: &mut Notes) -> Cell {
        let id = |part: &Recorded| part.id.clone();
        match summary {
            NumberSummary::MeanSd => {
                let (mean, sd) = (id(&self.mean), id(&self.sd));
                let form = Form::MeanSd { mean, sd };
                cell(&[&self.mean, &self.sd], form, digits, notes)
            }
            NumberSummary::MedianIqr => {
                let (median, p25, p75) = (id(&self.median), id(&self.p25), id(&self.p75));
                let form = Form::MedianIqr { median, p25, p75 };
                cell(&[&self.median, &self.p25, &self.p75], form, digits, notes)
            }
            NumberSummary::Range => {
                let (min, max) = (id(&self.min), id(&self.max));
                let form = Form::Range { min, max };
                cell(&[&self.min, &self.max], form, digits, notes)
            }
            NumberSummary::Count => Cell::number(Quantity::new(Form::Count { n: id(&self.n) })),
        }
    }
}

/// What percentages are of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Denominator {
    /// Of the rows that have a value.
    #[default]
    Present,
    /// Of all rows.
    All,
}

impl Denominator {
    /// The words that authors write for them.
    pub const CHOICES: [(&'static str, Self); 2] = [("present", Self::Present), ("all", Self::All)];

    /// The note that says it, where values are missing.
    pub fn note(self) -> &'static str {
        match self {
            Self::Present => "Percentages are of the participants whose value is known.",
            Self::All => {
                "Percentages are of all participants, those with a missing value included."
            }
        }
    }
}

/// How missing values are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Missing {
    /// In a row of their own, for variables that have some.
    #[default]
    Row,
    /// In a row of their own, with a further row for each reason that the data give.
    Reasons,
    /// In a note.
    Note,
    /// Not at all.
    None,
}

impl Missing {
    /// The words that authors write for them.
    pub const CHOICES: [(&'static str, Self); 4] = [
        ("row", Self::Row),
        ("reasons", Self::Reasons),
        ("note", Self::Note),
        ("none", Self::None),
    ];

    /// Whether they have a row.
    pub fn in_rows(self) -> bool {
        matches!(self, Self::Row | Self::Reasons)
    }
}

/// The recorded frequencies of a categorical variable.
#[derive(Debug, Clone)]
pub(super) struct CategoryStats {
    /// How many values are missing, with the count's id.
    pub missing: (usize, StatId),
    /// The denominator of the percentages.
    pub total: usize,
    levels: Vec<LevelStats>,
}

/// The recorded frequency of a level.
#[derive(Debug, Clone)]
struct LevelStats {
    count: usize,
    n: Recorded,
    p: Recorded,
    total: StatId,
}

impl CategoryStats {
    /// Records how often each level occurs among the codes of a stratum.
    pub fn record(
        recorder: &mut Recorder,
        stratum: &Stratum,
        variable: &str,
        levels: &[Level],
        codes: &[Option<usize>],
        denominator: Denominator,
    ) -> Self {
        let present = codes.iter().flatten().count();
        let mut whole = stratum.subject(recorder, "frequency", variable);
        whole.add("N", present);
        let n_miss = codes.len() - present;
        let missing = (n_miss, whole.add("N_miss", n_miss));
        let total = match denominator {
            Denominator::Present => present,
            Denominator::All => codes.len(),
        };
        let mut found = Vec::with_capacity(levels.len());
        for (i, level) in levels.iter().enumerate() {
            let count = codes.iter().flatten().filter(|code| **code == i).count();
            let mut subject = stratum
                .subject(recorder, "frequency", variable)
                .level(&level.value);
            found.push(LevelStats {
                count,
                n: Recorded::add(&mut subject, "n", count),
                total: subject.add("N", total),
                p: Recorded::add(&mut subject, "p", proportion(count, total)),
            });
        }
        Self {
            missing,
            total,
            levels: found,
        }
    }

    /// How often each level occurs.
    pub fn counts(&self) -> Vec<u64> {
        self.levels.iter().map(|l| l.count as u64).collect()
    }

    /// The cell with the count and percentage of the i-th level.
    pub fn cell(&self, i: usize, digits: Option<u8>, notes: &mut Notes) -> Cell {
        let Some(LevelStats { n, p, total, .. }) = self.levels.get(i) else {
            return Cell::Empty;
        };
        let form = Form::CountPercent {
            n: n.id.clone(),
            p: p.id.clone(),
            total: total.clone(),
        };
        cell(&[n, p], form, digits, notes)
    }
}

/// A proportion, or why there is none.
pub(super) fn proportion(count: usize, total: usize) -> Number {
    if total == 0 {
        return Number::Missing("there are no participants to count".to_owned());
    }
    Number::Value(count as f64 / total as f64)
}
