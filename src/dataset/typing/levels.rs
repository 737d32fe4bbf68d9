//! The levels of a category, and which of them a value is.

use std::collections::BTreeMap;

use crate::dataset::frame::Level;

use super::number::number;

/// Finds values among levels.
#[derive(Debug, Clone)]
pub(super) struct Levels {
    texts: BTreeMap<String, u32>,
    numbers: Vec<(f64, u32)>,
    /// Whether texts are compared as numbers too: `1`, `1.0` and `01` are the same code.
    numeric: bool,
}

impl Levels {
    /// Finds values among these.
    pub fn new(levels: &[Level], numeric: bool) -> Self {
        let mut texts = BTreeMap::new();
        let mut numbers = Vec::new();
        for (level, index) in levels.iter().zip(0..) {
            texts.entry(level.value.clone()).or_insert(index);
            if let Ok(value) = number(&level.value) {
                numbers.push((value, index));
            }
        }
        Self {
            texts,
            numbers,
            numeric,
        }
    }

    /// Whether all levels are numbers, and are to be compared as such.
    pub fn are_numbers(&self, levels: &[Level]) -> bool {
        self.numeric && self.numbers.len() == levels.len()
    }

    /// The level that a text is.
    pub fn of_text(&self, cell: &str) -> Option<u32> {
        let found = self.texts.get(cell).or_else(|| self.texts.get(cell.trim()));
        found.copied().or_else(|| {
            let value = number(cell).ok().filter(|_| self.numeric)?;
            self.of_number(value)
        })
    }

    /// The level that a number is.
    pub fn of_number(&self, value: f64) -> Option<u32> {
        let found = self.numbers.iter().find(|(n, _)| *n == value);
        found.map(|(_, index)| *index)
    }
}
