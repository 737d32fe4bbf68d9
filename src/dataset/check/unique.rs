//! Values that must be different in every row. Only a number for each row is kept; where two are the same, the data are
//! read once more to see whether the values are.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::RandomState;

use crate::dataset::frame::{ColumnData, Field};
use crate::dataset::raw::Examples;
use crate::dataset::typing::example;

use super::{hash_of, value_text};

/// The keys of all rows, as numbers.
#[derive(Debug, Default)]
pub(in crate::dataset) struct Keys {
    hasher: RandomState,
    hashes: Vec<u64>,
    missing: Examples,
}

/// Keys that are there more than once, and rows where a part of the key is missing.
#[derive(Debug, Default)]
pub(in crate::dataset) struct Repeats {
    /// Rows with a key that was there before.
    pub double: Examples,
    /// Rows without a whole key.
    pub missing: Examples,
    hasher: RandomState,
    suspects: BTreeSet<u64>,
    first: BTreeMap<Vec<String>, usize>,
}

/// The values of the key's columns in a row.
fn key(columns: &[(&Field, &ColumnData)], row: usize) -> Option<Vec<String>> {
    let parts = columns.iter();
    parts
        .map(|(field, data)| value_text(field, data, row))
        .collect()
}

impl Keys {
    /// Takes note of the keys of some rows; `columns` are its parts.
    pub fn piece(&mut self, columns: &[(&Field, &ColumnData)], first: usize) {
        for row in 0..columns.first().map_or(0, |(_, data)| data.len()) {
            match key(columns, row) {
                Some(key) => self.hashes.push(hash_of(&self.hasher, &key)),
                None => self.missing.add(|| format!("row {}", first + row + 1)),
            }
        }
    }

    /// What may be there twice; [`Repeats::piece`] must see all rows again if there is such.
    pub fn repeats(mut self) -> Repeats {
        self.hashes.sort_unstable();
        let pairs = self.hashes.windows(2);
        let suspects = pairs.filter_map(|pair| match pair {
            [a, b] if a == b => Some(*a),
            _ => None,
        });
        Repeats {
            suspects: suspects.collect(),
            hasher: self.hasher,
            missing: self.missing,
            ..Repeats::default()
        }
    }
}

impl Repeats {
    /// Whether the rows must be seen again.
    pub fn is_suspicious(&self) -> bool {
        !self.suspects.is_empty()
    }

    /// Looks at the keys of some rows again.
    pub fn piece(&mut self, columns: &[(&Field, &ColumnData)], first: usize) {
        for row in 0..columns.first().map_or(0, |(_, data)| data.len()) {
            let Some(key) = key(columns, row) else {
                continue;
            };
            if !self.suspects.contains(&hash_of(&self.hasher, &key)) {
                continue;
            }
            let row = first + row;
            if let Some(before) = self.first.get(&key) {
                let text = key.join(", ");
                self.double
                    .add(|| format!("{} as in row {}", example(row, &text), before + 1));
            } else {
                self.first.insert(key, row);
            }
        }
    }
}
