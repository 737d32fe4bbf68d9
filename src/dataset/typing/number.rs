//! Numbers in cells: what is one, what is not and why, and what a column without a codebook looks like.

use super::super::date::DatePattern;
use super::super::raw::Examples;
use super::MOST_WHOLE;

/// Why a cell is not a number that can be computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotANumber {
    /// It is no number.
    Text,
    /// It is NaN or infinite.
    NotFinite,
    /// It is a whole number that f64 can't hold exactly.
    TooLarge,
}

/// Cells that are no numbers, by the reason.
#[derive(Default)]
pub(super) struct Mistakes {
    texts: Examples,
    not_finite: Examples,
    too_large: Examples,
}

impl Mistakes {
    /// Those with this reason, to add one.
    pub fn of(&mut self, what: NotANumber) -> &mut Examples {
        match what {
            NotANumber::Text => &mut self.texts,
            NotANumber::NotFinite => &mut self.not_finite,
            NotANumber::TooLarge => &mut self.too_large,
        }
    }

    /// Those with this reason.
    pub fn get(&self, what: NotANumber) -> &Examples {
        match what {
            NotANumber::Text => &self.texts,
            NotANumber::NotFinite => &self.not_finite,
            NotANumber::TooLarge => &self.too_large,
        }
    }
}

/// The number that a cell means: decimal or scientific, white space around it allowed.
pub(super) fn number(cell: &str) -> Result<f64, NotANumber> {
    let cell = cell.trim();
    let value: f64 = cell.parse().map_err(|_| NotANumber::Text)?;
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // Compared before rounding: 2^53 + 1 would round to 2^53. What even u128 can't hold is far beyond.
    let exact = digits.parse().unwrap_or(u128::MAX);
    if whole && exact > MOST_WHOLE {
        return Err(NotANumber::TooLarge);
    }
    finite(value)
}

/// The value, if it is finite.
pub(super) fn finite(value: f64) -> Result<f64, NotANumber> {
    value
        .is_finite()
        .then_some(value)
        .ok_or(NotANumber::NotFinite)
}

/// The value, if it is whole and exact.
pub(super) fn whole_number(value: f64) -> Result<f64, NotANumber> {
    if value.fract() != 0.0 {
        return Err(NotANumber::Text);
    }
    (value.abs() <= MOST_WHOLE as f64)
        .then_some(value)
        .ok_or(NotANumber::TooLarge)
}

/// What all cells of a column look like.
pub(super) enum Look {
    /// Numbers, perhaps with words for NaN and infinity among them; also where there are no values at all.
    Numbers,
    /// `true` and `false`.
    Booleans,
    /// Days, `YYYY-MM-DD`.
    Dates,
    /// Anything else.
    Texts,
}

/// What all cells of a column look like. Digits with a leading zero are texts, as they identify something.
pub(super) fn look(cells: &[Option<String>]) -> Look {
    let present = || cells.iter().flatten().map(|c| c.trim());
    let padded =
        |c: &str| c.len() > 1 && c.starts_with('0') && c.bytes().all(|b| b.is_ascii_digit());
    let numeric = |c: &str| !padded(c) && number(c) != Err(NotANumber::Text);
    let truth = |c: &str| matches!(c, "true" | "True" | "TRUE" | "false" | "False" | "FALSE");
    if present().all(numeric)
        && (present().next().is_none() || present().any(|c| number(c).is_ok()))
    {
        Look::Numbers
    } else if present().all(truth) {
        Look::Booleans
    } else if present().all(|c| DatePattern::default().parse(c).is_some()) {
        Look::Dates
    } else {
        Look::Texts
    }
}
