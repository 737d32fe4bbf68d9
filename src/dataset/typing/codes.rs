//! Which values of a column mean that there is none, and why.

use std::collections::BTreeMap;

use crate::dataset::codebook::{Codebook, FieldRule};
use crate::dataset::date;
use crate::dataset::frame::Level;
use crate::dataset::raw::{MissingRule, Notes, RawValue};

/// The codes of a column that mean a missing value: those of its codebook (without one `NA`), and those of the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Codes {
    /// The codes with their labels.
    pub levels: Vec<Level>,
    /// Codes that are numbers, with their place in `levels`.
    numbers: Vec<(f64, u32)>,
    /// Ranges of numbers of which all mean a missing value; those that were seen are among `numbers`.
    ranges: Vec<(f64, f64)>,
    /// Whether the first code is only taken for missing where the file has no types: `NA` may be a text like others,
    /// such as initials, where the file can say itself that a text is missing.
    only_untyped: bool,
    /// Rows whose missing value has a tag, with the tag's place in `levels`.
    pub tags: Vec<(usize, u32)>,
}

impl Codes {
    /// Those of a column.
    pub fn new(codebook: Option<&Codebook>, rule: Option<&FieldRule>, notes: &Notes) -> Self {
        let mut codes = Self::default();
        match codebook {
            None => {
                codes.add("NA", None);
                codes.only_untyped = true;
            }
            Some(codebook) => {
                let own = rule.and_then(|r| r.missing.as_ref());
                let listed = own.or(codebook.missing.as_ref());
                for code in listed.into_iter().flatten() {
                    codes.add(&code.value, code.label.as_deref());
                }
            }
        }
        for missing in &notes.missing {
            match missing {
                MissingRule::Value(value) => {
                    let place = codes.add(&value_text(value), label(notes, value));
                    codes.only_untyped &= place > 0;
                }
                MissingRule::Range(from, to) => codes.ranges.push((*from, *to)),
            }
        }
        codes.add_tags(notes);
        codes
    }

    fn add_tags(&mut self, notes: &Notes) {
        let mut places: BTreeMap<char, u32> = BTreeMap::new();
        for (value, _) in &notes.labels {
            if let RawValue::Tag(tag) = value {
                places.insert(*tag, self.add(&value_text(value), label(notes, value)));
            }
        }
        for (row, tag) in &notes.tags {
            let place = places.entry(*tag).or_insert_with(|| {
                let value = RawValue::Tag(*tag);
                self.add(&value_text(&value), None)
            });
            self.tags.push((*row, *place));
        }
    }

    /// Adds a code that is not there yet; its place.
    fn add(&mut self, value: &str, label: Option<&str>) -> u32 {
        let value = value.trim();
        let place = self.levels.iter().position(|l| l.value == value);
        let place = place.unwrap_or_else(|| {
            self.levels.push(Level {
                value: value.to_owned(),
                label: value.to_owned(),
            });
            self.levels.len() - 1
        });
        if let (Some(label), Some(level)) = (label, self.levels.get_mut(place)) {
            label.clone_into(&mut level.label);
        }
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        if let Ok(number) = value.parse() {
            self.numbers.push((number, place));
        }
        place
    }

    /// Takes note of a number of the data: in a range, it is a code of its own.
    pub fn see(&mut self, value: f64, day: bool, notes: &Notes) {
        if self.in_range(value) && self.of_number(value).is_none() {
            let raw = RawValue::Number(value);
            let text = if day {
                day_text(value)
            } else {
                value_text(&raw)
            };
            let place = self.add(&text, label(notes, &raw));
            if day {
                self.numbers.push((value, place));
            }
        }
    }

    /// Whether they say more than that a value is missing.
    pub fn say_why(&self) -> bool {
        self.levels.len() > 1
            || self.levels.iter().any(|l| l.label != l.value)
            || !self.tags.is_empty()
    }

    /// Whether there are ranges, whose codes are only known when the data were seen.
    pub fn has_ranges(&self) -> bool {
        !self.ranges.is_empty()
    }

    fn in_range(&self, value: f64) -> bool {
        self.ranges
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&value))
    }

    /// Whether a labelled value means a missing one.
    pub fn is_missing(&self, value: &RawValue) -> bool {
        match value {
            RawValue::Number(v) => self.of_number(*v).is_some() || self.in_range(*v),
            RawValue::Text(text) => self.of_text(text, false).is_some(),
            RawValue::Tag(_) => true,
        }
    }

    /// The place of the code that a text is, whatever white space is around it; `untyped` says that the file has no
    /// types.
    pub fn of_text(&self, cell: &str, untyped: bool) -> Option<u32> {
        let cell = cell.trim();
        let place = self.levels.iter().position(|l| l.value == cell)?;
        if place == 0 && self.only_untyped && !untyped {
            return None;
        }
        u32::try_from(place).ok()
    }

    /// The place of the code that a number is.
    pub fn of_number(&self, value: f64) -> Option<u32> {
        let same = |n: f64| n == value || (n.is_nan() && value.is_nan());
        let found = self.numbers.iter().find(|(n, _)| same(*n));
        found.map(|(_, place)| *place)
    }
}

fn label<'a>(notes: &'a Notes, value: &RawValue) -> Option<&'a str> {
    let found = notes.labels.iter().find(|(v, _)| v == value);
    found.map(|(_, label)| label.as_str())
}

/// A value as text: a tag as statistics programs write it, `.a`.
pub(super) fn value_text(value: &RawValue) -> String {
    match value {
        RawValue::Number(v) => v.to_string(),
        RawValue::Text(text) => text.clone(),
        RawValue::Tag(tag) => format!(".{tag}"),
    }
}

/// A day, given as a number of days since 1970-01-01.
fn day_text(value: f64) -> String {
    // Beyond the calendar, saturated, it is still no day that data have.
    #[allow(clippy::cast_possible_truncation)]
    date::iso(value as i32)
}
