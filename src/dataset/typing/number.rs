//! Numbers in cells: what is one, what is not and why, and what a column without a codebook looks like.

use crate::diagnostic::{Diagnostic, Diagnostics, Span};

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
#[derive(Debug, Default)]
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
    fn get(&self, what: NotANumber) -> &Examples {
        match what {
            NotANumber::Text => &self.texts,
            NotANumber::NotFinite => &self.not_finite,
            NotANumber::TooLarge => &self.too_large,
        }
    }
}

impl Mistakes {
    /// Reports those of a column of numbers, or whole numbers.
    pub fn report(
        &self,
        name: &str,
        whole: bool,
        place: Option<&Span>,
        diagnostics: &mut Diagnostics,
    ) {
        let wanted = if whole { "whole numbers" } else { "numbers" };
        let mut report = |what, code, message: String, help| {
            let examples = self.get(what);
            if !examples.is_empty() {
                let message = format!("{message}: {}", examples.text());
                let diagnostic = Diagnostic::error(code, message).maybe_at(place.cloned());
                diagnostics.push(diagnostic.help(help));
            }
        };
        report(
            NotANumber::Text,
            "type-mismatch",
            format!("`{name}` has values that are no {wanted}"),
            "correct the data as a new version, or list what means a missing value in `missingValues`",
        );
        report(
            NotANumber::NotFinite,
            "not-finite",
            format!("`{name}` has values that are no finite numbers"),
            "if they mean that a value is missing, list them in `missingValues` of the codebook",
        );
        report(
            NotANumber::TooLarge,
            "not-exact",
            format!("`{name}` has whole numbers beyond 2^53, which can't be held exactly"),
            "if they identify something, give the column the type `string` in the codebook",
        );
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

/// Whether digits have a leading zero, as what identifies something often has: then they are texts.
pub(super) fn is_padded(cell: &str) -> bool {
    cell.len() > 1 && cell.starts_with('0') && cell.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a cell is `true` or `false`.
pub(super) fn is_truth(cell: &str) -> bool {
    matches!(cell, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

/// Whether a cell is a day, `YYYY-MM-DD`.
pub(super) fn is_day(cell: &str) -> bool {
    cell.as_bytes().get(4) == Some(&b'-') && DatePattern::default().parse(cell).is_some()
}
