//! The rules of a journal style, as read from its `style.toml`.

use std::collections::BTreeMap;

use super::number::Notation;
use super::pattern::Pattern;
use crate::artefact::Measure;

/// How P values are printed.
#[derive(Debug, Clone, PartialEq)]
pub struct PRules {
    /// Whether a zero stands before the point.
    pub leading_zero: bool,
    /// Digits by size: the first band that the value is below holds.
    pub bands: Vec<Band>,
    /// The smallest value that is printed; smaller ones are "below" it.
    pub floor: f64,
    /// The largest value that is printed; larger ones are "above" it.
    pub cap: f64,
    /// Values that rounding must not make a smaller P value reach (0.0496 must not read .05): there, digits are
    /// added, from three on, until the printed value is on its own side.
    pub sides: Vec<f64>,
    /// In a sentence.
    pub prose: PPatterns,
    /// In a table's cell, below a head that says P.
    pub table: PPatterns,
}

/// The forms of a P value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PPatterns {
    /// A value: `P = {p}`.
    pub equal: Pattern,
    /// Below the floor: `P < {p}`.
    pub below: Pattern,
    /// Above the cap: `P > {p}`.
    pub above: Pattern,
}

/// How many digits values of some size have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The band holds for values below this one; infinite for the last band.
    pub below: f64,
    /// How many digits.
    pub digits: BandDigits,
}

/// A count of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BandDigits {
    /// That many after the point.
    Decimals(u8),
    /// That many significant ones.
    Significant(u8),
}

/// A pattern of two limits, and another where neither of them is negative.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Where a limit is negative.
    pub signed: Pattern,
    /// Where none is.
    pub unsigned: Pattern,
}

/// Decimals of numbers that share the unit of the data, counted beyond what the data have; and of others.
#[derive(Debug, Clone, PartialEq)]
pub struct DecimalRules {
    /// Of means, beyond the data's.
    pub mean: u8,
    /// Of standard deviations, beyond the data's.
    pub sd: u8,
    /// Of medians and quartiles, beyond the data's.
    pub median: u8,
    /// The most that a median and its quartiles have, beyond the data's, where fewer would not print them exactly.
    pub median_most: u8,
    /// Of smallest and largest values, beyond the data's.
    pub range: u8,
    /// Of effects in the data's unit, their limits and standard errors, beyond the data's.
    pub estimate: u8,
    /// The most decimals that the data's decimals lead to.
    pub most: u8,
    /// Of numbers that have another unit than the data (ratios, test statistics).
    pub other: u8,
    /// Significant digits that are left at least.
    pub significant: u8,
    /// Of standardised mean differences.
    pub smd: u8,
    /// Of statistics by their names, where the data say nothing.
    pub stats: BTreeMap<String, StatDecimals>,
}

/// Decimals of a statistic that has a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatDecimals {
    /// How many.
    pub decimals: u8,
    /// Whether a whole number is printed without them.
    pub trim: bool,
}

/// Patterns of quantities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormPatterns {
    /// `{n}/{total}`
    pub count_of: Pattern,
    /// `{n} ({p})`
    pub count_percent: Pattern,
    /// `{n}/{total} ({p})`
    pub count_of_percent: Pattern,
    /// `{p}%`
    pub percent: Pattern,
    /// `{mean} ({sd})`
    pub mean_sd: Pattern,
    /// `{median} ({range})`
    pub median_iqr: Pattern,
    /// `{estimate} ({level}% CI, {interval})`
    pub estimate_ci: Pattern,
    /// `{estimate}`, `{se}`.
    pub estimate_se: Pattern,
    /// `{interval}`
    pub interval: Pattern,
    /// `{statistic} ({df})`
    pub test_statistic: Pattern,
}

/// How a label says what its numbers are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeasureWords {
    /// After a name: `, mean (SD)`.
    pub after: Pattern,
    /// Without a name: `Mean (SD)`.
    pub alone: Pattern,
}

/// What notes are marked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marks {
    /// a to z, then aa, bb, …
    Letters,
    /// These, then each doubled, tripled, …
    Symbols(Vec<String>),
}

impl Marks {
    /// The mark of the note that appears at that place, counted from 0.
    pub fn mark(&self, index: usize) -> String {
        match self {
            Self::Letters => {
                let letter = char::from(b'a' + u8::try_from(index % 26).unwrap_or(0));
                letter.to_string().repeat(index / 26 + 1)
            }
            Self::Symbols(symbols) => {
                let turn = index.checked_div(symbols.len()).unwrap_or(0);
                let symbol = symbols.get(index.checked_rem(symbols.len()).unwrap_or(0));
                symbol.map_or_else(String::new, |s| s.repeat(turn + 1))
            }
        }
    }
}

/// How notes below tables and figures are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRules {
    /// What they are marked with.
    pub marks: Marks,
    /// The line of abbreviations: `Abbreviations: {list}.`
    pub abbreviations: Pattern,
    /// The same line where there is only one: `Abbreviation: {list}.`
    pub one_abbreviation: Pattern,
    /// One of them: `{short}, {long}`.
    pub abbreviation: Pattern,
    /// What stands between them.
    pub separator: String,
    /// Abbreviations that the style's own words use, with what they stand for.
    pub known: Vec<(String, String)>,
}

/// Words of the style, in its spelling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// What is printed where there is no number.
    pub not_available: String,
    /// The reference level of a ratio: `1 [Reference]`.
    pub reference_ratio: String,
    /// The reference level of a difference: `0 [Reference]`.
    pub reference_difference: String,
    /// The head of a table's first column where the author gives none.
    pub characteristic: String,
    /// The end of an axis: `Favors {arm}`.
    pub favors: Pattern,
    /// A confidence level in a head: `{level}% CI`.
    pub interval: Pattern,
    /// A count that belongs to a name: `(n = {n})`.
    pub n: Pattern,
    /// A unit after a label: `, {unit}`.
    pub unit: Pattern,
    /// What tables are called in references and captions.
    pub table: String,
    /// What figures are called.
    pub figure: String,
    /// The head of the reference list.
    pub references: String,
    /// The head of the abstract.
    pub summary: String,
    /// The head of the provenance appendix; `Provenance` where the style says nothing.
    pub provenance: String,
    /// The head of the appendix of claims; `Published values` where the style says nothing.
    pub claims: String,
}

/// A journal's printed numbers: everything but pages and figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// How numbers are written.
    pub notation: Notation,
    /// P values.
    pub p: PRules,
    /// Confidence intervals.
    pub interval: Limits,
    /// Quartiles, smallest to largest.
    pub range: Limits,
    /// Decimals of percentages by their denominator.
    pub percent: Vec<Band>,
    /// Decimals of other numbers.
    pub decimals: DecimalRules,
    /// Quantities in a table's cell.
    pub table: FormPatterns,
    /// Quantities in a sentence.
    pub prose: FormPatterns,
    /// What labels say of their numbers.
    pub measures: BTreeMap<Measure, MeasureWords>,
    /// Notes.
    pub notes: NoteRules,
    /// Words.
    pub words: Words,
}
