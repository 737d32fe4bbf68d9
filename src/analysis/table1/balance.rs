//! How different the arms are: standardised mean differences.

use super::super::record::Number;
use crate::stats::StatsError;
use crate::stats::effect_size::{smd_binary, smd_categorical, smd_continuous};
use crate::stats::interval::Proportion;

/// The standardised mean difference of a numeric variable between the arms, without its sign.
pub(super) fn of_numbers(arms: &[(&str, Vec<f64>)]) -> Number {
    largest(arms, smd_continuous)
}

/// The standardised mean difference of a categorical variable: of the proportions with one level where the row shows
/// that level alone, else over all its levels.
pub(super) fn of_categories(arms: &[(&str, Vec<u64>)], only: Option<usize>) -> Number {
    largest(arms, |first, second| match only {
        Some(level) => smd_binary(share(first, level)?, share(second, level)?),
        None => smd_categorical(first, second),
    })
}

fn share(counts: &[u64], level: usize) -> Result<Proportion, StatsError> {
    let events = counts.get(level).copied().unwrap_or_default();
    Proportion::new(events, counts.iter().sum())
}

/// The largest of all pairs of arms. A pair for which it is undefined makes the whole undefined: that pair may be the
/// one that differs most.
fn largest<T>(
    arms: &[(&str, Vec<T>)],
    between: impl Fn(&[T], &[T]) -> Result<f64, StatsError>,
) -> Number {
    let mut found: Option<(f64, String)> = None;
    for (i, (first, x)) in arms.iter().enumerate() {
        for (second, y) in arms.iter().skip(i + 1) {
            match between(x, y) {
                Ok(smd) if found.as_ref().is_none_or(|(most, _)| smd.abs() > *most) => {
                    found = Some((smd.abs(), format!("between {first} and {second}")));
                }
                Ok(_) => {}
                Err(reason) if arms.len() == 2 => return Number::Missing(reason.to_string()),
                Err(reason) => {
                    return Number::Missing(format!("between {first} and {second}, {reason}"));
                }
            }
        }
    }
    match found {
        Some((smd, _)) if arms.len() == 2 => smd.into(),
        Some((smd, pair)) => Number::Noted(smd, format!("largest of all pairs: {pair}")),
        None => Number::Missing("there are no two arms to compare".to_owned()),
    }
}

/// The note of the column.
pub(super) fn note(arms: usize) -> &'static str {
    if arms == 2 {
        "Absolute value; a variable with several categories has one over all of them (Yang and Dalton)."
    } else {
        "Absolute value, the largest of all pairs of arms; a variable with several categories has one over all of them (Yang and Dalton)."
    }
}
