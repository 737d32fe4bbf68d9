//! Summaries of numbers and days.

use super::{Axis, Groups, Summaries, Values};
use crate::stats::summary::{QuantileType, mean, quantiles_in_place, sd};

/// A summary of numbers; what the values do not define is none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NumberSummary {
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Standard deviation with denominator n − 1.
    pub sd: Option<f64>,
    /// Smallest value.
    pub min: Option<f64>,
    /// First quartile.
    pub p25: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Third quartile.
    pub p75: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

/// A summary of days, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateSummary {
    /// The first.
    pub first: i32,
    /// The middle one, of an even count the earlier.
    pub median: i32,
    /// The last.
    pub last: i32,
}

/// Describes numbers.
pub(super) fn numbers(
    values: &[Option<f64>],
    decimals: Option<u8>,
    groups: Option<&Groups>,
) -> Summaries {
    let present = || values.iter().copied().enumerate().filter_map(present);
    partitioned(&present, decimals == Some(0), groups, &|values, moments| {
        Values::Numbers(summary(values, moments))
    })
}

/// Describes days.
pub(super) fn dates(values: &[Option<i32>], groups: Option<&Groups>) -> Summaries {
    let days = values.iter().map(|v| v.map(f64::from));
    let present = || days.clone().enumerate().filter_map(present);
    partitioned(&present, true, groups, &|values, _| {
        let days = quantiles_in_place(values, &[0.0, 0.5, 1.0], QuantileType::InverseEcdf);
        let days = days.unwrap_or_default();
        Values::Dates(match days.as_slice() {
            [first, median, last] => Some(DateSummary {
                first: day(*first),
                median: day(*median),
                last: day(*last),
            }),
            _ => None,
        })
    })
}

fn present((row, value): (usize, Option<f64>)) -> Option<(usize, f64)> {
    value.map(|v| (row, v))
}

/// A day that went through f64, where each is exact.
#[allow(clippy::cast_possible_truncation)]
fn day(value: f64) -> i32 {
    value as i32
}

/// Mean and standard deviation, which depend on the order of the values in their last bits.
type Moments = (Option<f64>, Option<f64>);

fn moments(values: &[f64]) -> Moments {
    (mean(values).ok(), sd(values).ok())
}

fn summary(values: &mut [f64], (mean, sd): Moments) -> NumberSummary {
    const AT: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
    let found = quantiles_in_place(values, &AT, QuantileType::Linear).unwrap_or_default();
    let at = |i: usize| found.get(i).copied();
    NumberSummary {
        mean,
        sd,
        min: at(0),
        p25: at(1),
        median: at(2),
        p75: at(3),
        max: at(4),
    }
}

/// Summarises all values and those of each group with one vector: in the order of the rows for the moments of all, then
/// group by group.
fn partitioned<I: Iterator<Item = (usize, f64)>>(
    present: &dyn Fn() -> I,
    whole: bool,
    groups: Option<&Groups>,
    summary: &dyn Fn(&mut [f64], Moments) -> Values,
) -> Summaries {
    let mut all: Vec<f64> = Vec::with_capacity(present().count());
    all.extend(present().map(|(_, value)| value));
    let axis = axis(&all, whole);
    let counts = |values: &[f64]| axis.map(|a| a.counts(values)).unwrap_or_default();
    let (bins, of_all) = (counts(&all), moments(&all));
    let mut parts = Vec::with_capacity(1);
    if let Some(groups) = groups {
        let mut rest = regrouped(&mut all, present, groups);
        for length in lengths(present, groups) {
            let (own, others) = rest.split_at_mut(length.min(rest.len()));
            rest = others;
            let (bins, of_group) = (counts(own), moments(own));
            parts.push((summary(own, of_group), bins));
        }
    }
    parts.insert(0, (summary(&mut all, of_all), bins));
    Summaries { axis, parts }
}

fn axis(values: &[f64], whole: bool) -> Option<Axis> {
    let min = values.iter().copied().reduce(f64::min)?;
    let max = values.iter().copied().reduce(f64::max)?;
    Some(Axis::new(min, max, whole))
}

/// How many values each group has.
fn lengths<I: Iterator<Item = (usize, f64)>>(
    present: &dyn Fn() -> I,
    groups: &Groups,
) -> Vec<usize> {
    let mut lengths = vec![0; groups.levels.len()];
    for (row, _) in present() {
        if let Some(length) = groups.at(row).and_then(|g| lengths.get_mut(g)) {
            *length += 1;
        }
    }
    lengths
}

/// Puts the values in the order of their groups, within a group in that of the rows.
fn regrouped<'v, I: Iterator<Item = (usize, f64)>>(
    values: &'v mut [f64],
    present: &dyn Fn() -> I,
    groups: &Groups,
) -> &'v mut [f64] {
    let mut next = 0;
    let mut places: Vec<usize> = Vec::with_capacity(groups.levels.len());
    for length in lengths(present, groups) {
        places.push(next);
        next += length;
    }
    for (row, value) in present() {
        if let Some(place) = groups.at(row).and_then(|g| places.get_mut(g)) {
            if let Some(slot) = values.get_mut(*place) {
                *slot = value;
            }
            *place += 1;
        }
    }
    values
}
