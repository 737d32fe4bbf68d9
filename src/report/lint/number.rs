//! Tells typed results from numbers that are part of how one speaks of a trial.
//!
//! Not results are: numbers joined to letters before them (`SF-36`, `T2`) and ordinals (`2nd`); numbers after a word
//! that they name one of (`visit 2`, `type 2 diabetes`, `phase 3`); visits (`at 2, 3 and 8 months`, `the 2-month
//! visit`); designs (`21-item`, `2-sided`); the level of an interval (`95% CI`); days of a month and years after a word
//! that goes with them (`in 2003`, `12 March 2003`) or alone in parentheses; addresses (`doi:…`). Numbers spelled out
//! are never reported.

use std::ops::Range;

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// A number.
    Number,
    /// `Table 1`, `Figure 2`.
    Reference,
}

/// A find in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Typed,
    /// Its bytes in the sentence.
    pub range: Range<usize>,
}

/// Words that name one of several by the number after them.
const NAMED: &[&str] = &[
    "phase",
    "type",
    "stage",
    "grade",
    "class",
    "version",
    "item",
    "items",
    "model",
    "models",
    "step",
    "steps",
    "visit",
    "visits",
    "wave",
    "waves",
    "cycle",
    "cycles",
    "arm",
    "arms",
    "group",
    "groups",
    "appendix",
    "section",
    "chapter",
    "equation",
    "question",
    "month",
    "months",
    "week",
    "weeks",
    "day",
    "days",
    "year",
    "years",
    "aim",
    "hypothesis",
    "supplement",
    "level",
    "levels",
    "no",
    "nos",
];
/// Words for what has a number of its own in the report.
const SHOWN: &[&str] = &[
    "table", "tables", "figure", "figures", "fig", "figs", "etable", "efigure",
];
const UNITS: &[&str] = &[
    "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month", "months",
    "year", "years",
];
/// What follows a hyphen in the name of a design.
const DESIGNS: &[&str] = &[
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "sided",
    "tailed",
    "way",
    "arm",
    "group",
    "item",
    "point",
    "level",
    "dimensional",
    "factor",
    "by",
];
/// Words after which a visit is named.
const WHEN: &[&str] = &["at", "after", "until", "through"];
/// Words after which four digits are a year.
const YEARS: &[&str] = &[
    "in",
    "since",
    "from",
    "until",
    "to",
    "between",
    "by",
    "during",
    "early",
    "late",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// What joins the numbers of a list.
const JOINTS: &[&str] = &[
    "", ",", "and", "or", "to", ", and", ", or", "–", "-", "/", "&",
];

/// The typed numbers and references of a sentence.
pub fn find(sentence: &str) -> Vec<Found> {
    let mut found = Vec::new();
    // The number before, and whether it was none of ours: a list goes the way of its first number.
    let mut last: Option<(Range<usize>, bool)> = None;
    for range in numbers(sentence) {
        let number = Number {
            sentence,
            range: range.clone(),
        };
        let in_list = last.as_ref().is_some_and(|(before, spared)| {
            let between = sentence[before.end..range.start].trim();
            *spared && JOINTS.contains(&between.to_lowercase().as_str())
        });
        let spared = in_list && !number.has_fraction() || number.is_spared();
        if let Some(start) = number.shown_as() {
            let range = start..range.end;
            found.push(Found {
                kind: Typed::Reference,
                range,
            });
            last = Some((number.range, true));
            continue;
        }
        if !spared {
            found.push(Found {
                kind: Typed::Number,
                range: range.clone(),
            });
        }
        last = Some((number.range, spared));
    }
    found
}

/// Every run of digits with decimal marks and thousands separators inside.
fn numbers(sentence: &str) -> Vec<Range<usize>> {
    let bytes = sentence.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let leading_point = bytes[at] == b'.' && digit(at + 1) && (at == 0 || !digit(at - 1));
        if !digit(at) && !leading_point {
            at += 1;
            continue;
        }
        let start = at;
        at += 1;
        loop {
            // The midline dot of some journals takes two bytes.
            let mark = match bytes.get(at) {
                Some(b'.' | b',') => 1,
                Some(0xc2) if bytes.get(at + 1) == Some(&0xb7) => 2,
                _ => 0,
            };
            if digit(at + mark) {
                at += mark + 1;
            } else {
                break;
            }
        }
        ranges.push(start..at);
    }
    ranges
}

struct Number<'s> {
    sentence: &'s str,
    range: Range<usize>,
}

impl<'s> Number<'s> {
    fn digits(&self) -> &'s str {
        &self.sentence[self.range.clone()]
    }

    fn before(&self) -> &'s str {
        &self.sentence[..self.range.start]
    }

    fn after(&self) -> &'s str {
        &self.sentence[self.range.end..]
    }

    fn has_fraction(&self) -> bool {
        self.digits().contains(['.', '·'])
    }

    /// The word before the number, in lower case, if nothing but a blank is between them.
    fn word_before(&self) -> String {
        let before = self.before();
        let trimmed = before.trim_end_matches([' ', '\u{a0}']);
        if trimmed.len() == before.len() {
            return String::new();
        }
        // `Fig. 2`, `No. 5`
        last_word(trimmed.strip_suffix('.').unwrap_or(trimmed)).to_lowercase()
    }

    /// The word after the number, in lower case, if nothing but a blank is between them.
    fn word_after(&self) -> String {
        next_word(self.after())
    }

    fn is_spared(&self) -> bool {
        self.is_part_of_name()
            || self.is_address()
            || self.is_ordinal_or_design()
            || self.is_interval_level()
            || self.is_date()
            || !self.has_fraction() && NAMED.contains(&self.word_before().as_str())
            || self.is_visit()
    }

    /// `SF-36`, `T2`, `CI95`; letters directly before, or before a hyphen.
    fn is_part_of_name(&self) -> bool {
        let before = self.before();
        let stem = before.strip_suffix(['-', '‐', '‑']).unwrap_or(before);
        stem.ends_with(|c: char| c.is_alphabetic() || c == '_') || before.ends_with('_')
    }

    fn is_address(&self) -> bool {
        // Addresses are short; words of a machine need not be.
        const LONGEST: usize = 300;
        let end = self.range.start;
        let mut start = end.saturating_sub(LONGEST);
        while !self.sentence.is_char_boundary(start) {
            start += 1;
        }
        let near = &self.sentence[start..end];
        let word = near.rsplit(char::is_whitespace).next().unwrap_or_default();
        word.contains("://") || word.to_lowercase().starts_with("doi:")
    }

    fn is_ordinal_or_design(&self) -> bool {
        let after = self.after();
        let letters = |s: &'s str| &s[..s.find(|c: char| !c.is_alphabetic()).unwrap_or(s.len())];
        if matches!(letters(after), "st" | "nd" | "rd" | "th") {
            return true;
        }
        let Some(joined) = after.strip_prefix(['-', '‐', '‑']) else {
            return false;
        };
        let word = letters(joined);
        // `43-year-old` is an age.
        DESIGNS.contains(&word.to_lowercase().as_str()) && !joined[word.len()..].starts_with("-old")
    }

    /// `95% CI`.
    fn is_interval_level(&self) -> bool {
        let Some(rest) = self.after().strip_prefix('%') else {
            return false;
        };
        let word = next_word(rest);
        matches!(
            word.as_str(),
            "ci" | "cis" | "confidence" | "credible" | "prediction" | "limits"
        )
    }

    fn is_date(&self) -> bool {
        let digits = self.digits();
        let day = digits.len() <= 2 && MONTHS.contains(&self.word_after().as_str());
        let month_first = digits.len() <= 2 && MONTHS.contains(&self.word_before().as_str());
        let year = digits.len() == 4 && ("1900".."2100").contains(&digits);
        let alone = self.before().ends_with('(') && self.after().starts_with([')', ',', ';']);
        let after = self.after();
        let counted = after.starts_with('%') || UNITS.contains(&self.word_after().as_str());
        day || month_first
            || year && !counted && (alone || YEARS.contains(&self.word_before().as_str()))
    }

    /// `at 2, 3 and 8 months`.
    fn is_visit(&self) -> bool {
        if !WHEN.contains(&self.word_before().as_str()) {
            return false;
        }
        let mut rest = self.after();
        // Over the rest of a list to the unit.
        for _ in 0..20 {
            let word = next_word(rest);
            if UNITS.contains(&word.as_str()) {
                return true;
            }
            let joint = rest.trim_start_matches([' ', ',', '–', '-']);
            let joint = ["and ", "or ", "to "]
                .iter()
                .find_map(|j| joint.strip_prefix(j))
                .unwrap_or(joint);
            let next = joint.trim_start_matches(|c: char| c.is_ascii_digit());
            if next.len() == joint.len() {
                return false;
            }
            rest = next;
        }
        false
    }

    /// Where `Table` starts, if the number is that of a table or figure of this report.
    fn shown_as(&self) -> Option<usize> {
        let word = self.word_before();
        if !SHOWN.contains(&word.as_str()) || matches!(self.word_after().as_str(), "of" | "in") {
            return None;
        }
        let before = self.before().trim_end_matches([' ', '\u{a0}']);
        let before = before.strip_suffix('.').unwrap_or(before);
        before.len().checked_sub(last_word(before).len())
    }
}

fn last_word(text: &str) -> &str {
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric())
        .last()
        .map_or(text.len(), |(i, _)| i);
    &text[start..]
}

/// The word that follows after a blank, in lower case.
fn next_word(text: &str) -> String {
    let trimmed = text.trim_start_matches([' ', '\u{a0}']);
    if trimmed.len() == text.len() {
        return String::new();
    }
    let end = trimmed
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(trimmed.len());
    trimmed[..end].to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Typed, find};

    fn typed(sentence: &str) -> Vec<&str> {
        find(sentence)
            .into_iter()
            .filter(|f| f.kind == Typed::Number)
            .map(|f| &sentence[f.range])
            .collect()
    }

    #[test]
    fn results_are_found() {
        assert_eq!(typed("The mean was 10.7 (SD 3.2)."), ["10.7", "3.2"]);
        assert_eq!(typed("P < .05 for 1,234 of 2·5"), [".05", "1,234", "2·5"]);
        assert_eq!(typed("aged 43 years, 12% women"), ["43", "12"]);
        assert_eq!(typed("a 43-year-old, 5mg"), ["43", "5"]);
        assert_eq!(typed("1987 took part; in 2003 patients"), ["1987"]);
        assert_eq!(typed("at 2 sites"), ["2"]);
        assert_eq!(typed("fell by 5 to 7 points"), ["5", "7"]);
        assert_eq!(typed("−2.5 to 3"), ["2.5", "3"]);
    }

    #[test]
    fn names_are_spared() {
        for sentence in [
            "The BDI-II, SF-36, T2 and COVID-19.",
            "At 2, 3, 5, and 8 months the groups differed; the 2-month visit.",
            "the 95% CI and the 95% confidence interval",
            "between 2003 and 2005, on 12 March 2003, in May 2004 (2003)",
            "visits 2, 3 and 5; type 2 diabetes; a phase 3 trial; No. 5",
            "a 21-item scale, 2-sided, the 2nd arm",
            "see doi:10.1000/182 and https://example.org/12",
            "two of three",
        ] {
            assert_eq!(typed(sentence), [""; 0], "{sentence}");
        }
    }

    #[test]
    fn typed_references_are_told_apart() {
        let found = find("As Table 1 and Fig. 2 show, and Table 3 of Proudfoot.");
        let kinds: Vec<Typed> = found.iter().map(|f| f.kind).collect();
        assert_eq!(kinds, [Typed::Reference, Typed::Reference, Typed::Number]);
    }
}
