//! P values: how many digits, and where they end.

use super::number::{Decimal, MOST_DECIMALS, Rounded};
use super::rules::{BandDigits, PRules};
use crate::artefact::Digits;

/// How the printed number relates to the P value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// It is the P value, rounded.
    Equal,
    /// The P value is smaller.
    Below,
    /// The P value is larger.
    Above,
}

/// A P value as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PrintedP {
    pub relation: Relation,
    pub number: Rounded,
    /// The rule that gave its digits.
    pub why: &'static str,
}

/// Rounds a P value. None where it is no probability.
///
/// With fixed decimals, floor and cap are the smallest step from 0 and from 1 that those decimals show.
pub(super) fn print(p: f64, rules: &PRules, digits: Digits) -> Option<PrintedP> {
    // Sums of probabilities may pass 1 by their last bits.
    if !(0.0..=1.0 + 1e-9).contains(&p) {
        return None;
    }
    let (floor, cap) = match digits {
        Digits::Style => (rules.floor, rules.cap),
        Digits::Fixed(decimals) => ends(decimals),
    };
    if p < floor {
        return Some(PrintedP {
            relation: Relation::Below,
            number: exact(floor)?,
            why: "p.floor",
        });
    }
    if p > cap {
        return Some(PrintedP {
            relation: Relation::Above,
            number: exact(cap)?,
            why: "p.cap",
        });
    }
    let value = Decimal::new(p)?;
    let decimals = match digits {
        Digits::Fixed(decimals) => decimals,
        Digits::Style => decimals(p, &value, rules),
    };
    let first = value.round(decimals);
    let number = on_its_side(p, &value, decimals, rules);
    let why = match digits {
        _ if number != first => "p.sides: rounding must not cross them",
        Digits::Fixed(_) => "the author's `digits`",
        Digits::Style => "p.digits",
    };
    Some(PrintedP {
        relation: Relation::Equal,
        number,
        why,
    })
}

/// A P value with three decimals lies from .001 to .999.
fn ends(decimals: u8) -> (f64, f64) {
    let text = format!("1e-{}", decimals.clamp(1, MOST_DECIMALS));
    let step: f64 = text.parse().unwrap_or(0.0);
    (step, 1.0 - step)
}

fn exact(value: f64) -> Option<Rounded> {
    let decimal = Decimal::new(value)?;
    Some(decimal.round(decimal.decimals()))
}

fn decimals(p: f64, value: &Decimal, rules: &PRules) -> u8 {
    let band = rules.bands.iter().find(|b| p < b.below);
    match band.map(|b| b.digits) {
        Some(BandDigits::Decimals(decimals)) => decimals,
        Some(BandDigits::Significant(digits)) => value.decimals_for(digits),
        None => 2,
    }
}

/// The rounded value with as many digits as it takes, from three on, to stay below the sides that it is below.
fn on_its_side(p: f64, value: &Decimal, decimals: u8, rules: &PRules) -> Rounded {
    let crosses = |rounded: &Rounded| {
        let printed = rounded.value();
        rules.sides.iter().any(|side| p < *side && printed >= *side)
    };
    let first = value.round(decimals);
    if !crosses(&first) {
        return first;
    }
    (decimals.saturating_add(1).max(3)..=MOST_DECIMALS)
        .map(|d| value.round(d))
        .find(|rounded| !crosses(rounded))
        .unwrap_or(first)
}
