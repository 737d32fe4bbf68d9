//! Numbers beside numbers.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::printed::{Reprint, Reprints};
use super::results::{Number, Numbers};
use crate::statistic::StatId;

/// How far numbers that nothing shows may differ, relative to the larger: what other processors' last bits come to.
const TOLERANCE: f64 = 1e-10;
/// Below this, numbers are nothing but the rounding of a zero.
const NOTHING: f64 = 1e-12;

/// A side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// There is no such statistic.
    Absent,
    /// There is, without a value.
    Missing,
    /// The value.
    Number(f64),
}

impl Value {
    fn of(number: Option<&Number>) -> Self {
        match number.map(|n| n.value) {
            None => Self::Absent,
            Some(None) => Self::Missing,
            Some(Some(value)) => Self::Number(value),
        }
    }

    fn identical(self, other: Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.to_bits() == b.to_bits(),
            (a, b) => a == b,
        }
    }
}

/// How far two numbers that are not identical are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sameness {
    /// Every place that shows it prints the same.
    Printed,
    /// They are not.
    Different,
}

/// A number that is not identical.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The statistic.
    pub id: StatId,
    /// What is recorded.
    pub recorded: Value,
    /// What came out.
    pub recomputed: Value,
    /// How far they differ, relative to the larger; infinite if one of them is not there.
    pub relative: f64,
    /// Whether it is said to be of something else: another population, other warnings.
    pub described_otherwise: bool,
    /// How far they are the same.
    pub sameness: Sameness,
    /// The places that print something else.
    pub places: Vec<Reprint>,
}

/// All numbers of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// How many are identical.
    pub identical: usize,
    /// The others, the largest difference first.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// How many are not identical, but as much the same as that.
    pub fn count(&self, sameness: Sameness) -> usize {
        let alike = self.differences.iter().filter(|d| d.sameness == sameness);
        alike.count()
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.identical + self.differences.len()
    }
}

/// The numbers that are not identical, with the recorded values of those that both sides have.
pub(super) fn changed<'a>(
    recorded: &'a Numbers,
    recomputed: &Numbers,
) -> BTreeMap<&'a StatId, Option<f64>> {
    let both = recorded
        .iter()
        .filter_map(|(id, old)| Some((id, old, recomputed.get(id)?)));
    both.filter(|(_, old, new)| !Value::of(Some(old)).identical(Value::of(Some(new))))
        .map(|(id, old, _)| (id, old.value))
        .collect()
}

/// Compares all numbers. `reprints` says of those that are shown where they print otherwise; none where the two
/// documents could not be compared.
pub(super) fn compare(
    recorded: &Numbers,
    recomputed: &Numbers,
    reprints: Option<&Reprints>,
) -> Comparison {
    let mut comparison = Comparison {
        identical: 0,
        differences: Vec::new(),
    };
    let added = recomputed.keys().filter(|id| !recorded.contains_key(*id));
    for id in recorded.keys().chain(added) {
        let (old, new) = (recorded.get(id), recomputed.get(id));
        let described_otherwise = old.zip(new).is_some_and(|(a, b)| !a.described_as(b));
        let (old, new) = (Value::of(old), Value::of(new));
        if old.identical(new) && !described_otherwise {
            comparison.identical += 1;
            continue;
        }
        let places = reprints.and_then(|r| r.get(id));
        comparison.differences.push(Difference {
            id: id.clone(),
            recorded: old,
            recomputed: new,
            relative: relative(old, new),
            described_otherwise,
            sameness: sameness(old, new, reprints.is_some(), places),
            places: places.cloned().unwrap_or_default(),
        });
    }
    comparison.differences.sort_by(largest_first);
    comparison
}

/// Whether two values differ so little that a place which prints otherwise may do so for another number.
pub(super) fn is_slight(old: Option<f64>, new: Option<f64>) -> bool {
    const SLIGHT: f64 = 1e-6;
    match (old, new) {
        (Some(a), Some(b)) => relative(Value::Number(a), Value::Number(b)) <= SLIGHT,
        _ => false,
    }
}

fn largest_first(one: &Difference, other: &Difference) -> Ordering {
    let by_size = other.relative.total_cmp(&one.relative);
    by_size.then_with(|| one.id.cmp(&other.id))
}

fn relative(old: Value, new: Value) -> f64 {
    match (old, new) {
        (Value::Number(a), Value::Number(b)) if a == b => 0.0,
        // Halves, for the difference of the largest numbers has no place in an f64.
        (Value::Number(a), Value::Number(b)) => {
            2.0 * ((a / 2.0 - b / 2.0) / a.abs().max(b.abs())).abs()
        }
        (a, b) if a == b => 0.0,
        _ => f64::INFINITY,
    }
}

fn sameness(old: Value, new: Value, comparable: bool, places: Option<&Vec<Reprint>>) -> Sameness {
    if old.identical(new) {
        return Sameness::Printed;
    }
    let (Value::Number(a), Value::Number(b)) = (old, new) else {
        return Sameness::Different;
    };
    let close = relative(old, new) <= TOLERANCE || a.abs().max(b.abs()) < NOTHING;
    let same = match places {
        Some(places) => places.is_empty(),
        None => comparable && close,
    };
    if same {
        Sameness::Printed
    } else {
        Sameness::Different
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, relative};

    #[test]
    fn differences_are_relative_to_the_larger() {
        let of = |a, b| relative(Value::Number(a), Value::Number(b));
        assert_eq!(of(1.0, 2.0), 0.5);
        assert_eq!(of(2.0, 1.0), 0.5);
        assert_eq!(of(0.0, 1e-300), 1.0);
        assert_eq!(of(0.0, -0.0), 0.0);
        assert_eq!(of(f64::MAX, -f64::MAX), 2.0);
        assert_eq!(relative(Value::Missing, Value::Missing), 0.0);
        assert_eq!(relative(Value::Missing, Value::Number(0.0)), f64::INFINITY);
    }
}
