//! The columns that models are fitted to.

use super::model_error::ModelError;
use std::collections::{BTreeMap, BTreeSet};

/// A column of a data frame; `None` is a missing value.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelColumn {
    /// Numbers.
    Numeric(Vec<Option<f64>>),
    /// Categories.
    Factor {
        /// All levels, the reference first.
        levels: Vec<String>,
        /// Each row's level, as an index.
        codes: Vec<Option<usize>>,
    },
}

impl ModelColumn {
    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Numeric(values) => values.len(),
            Self::Factor { codes, .. } => codes.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether row `row` has a value.
    pub(super) fn is_present(&self, row: usize) -> bool {
        match self {
            Self::Numeric(values) => matches!(values.get(row), Some(Some(_))),
            Self::Factor { codes, .. } => matches!(codes.get(row), Some(Some(_))),
        }
    }

    /// Sets what `present` has for the rows without a value to false.
    pub(super) fn mark_missing(&self, present: &mut [bool]) {
        match self {
            Self::Numeric(values) => mark(values, present),
            Self::Factor { codes, .. } => mark(codes, present),
        }
    }

    fn is_sound(&self) -> bool {
        match self {
            Self::Numeric(_) => true,
            Self::Factor { levels, codes } => {
                let names: BTreeSet<&String> = levels.iter().collect();
                names.len() == levels.len()
                    && codes.iter().flatten().all(|&code| code < levels.len())
            }
        }
    }
}

fn mark<T>(values: &[Option<T>], present: &mut [bool]) {
    for (present, value) in present.iter_mut().zip(values) {
        *present &= value.is_some();
    }
}

/// Named columns of equal length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelData {
    rows: usize,
    columns: BTreeMap<String, ModelColumn>,
}

impl ModelData {
    /// No columns yet, for so many rows.
    pub fn new(rows: usize) -> Self {
        Self {
            rows,
            columns: BTreeMap::new(),
        }
    }

    /// Adds or replaces a column. Its length must be the number of rows, its codes must point to levels, and no
    /// two levels may have one name.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        column: ModelColumn,
    ) -> Result<(), ModelError> {
        let name = name.into();
        if column.len() != self.rows {
            return Err(ModelError::ColumnLength {
                name,
                found: column.len(),
                expected: self.rows,
            });
        }
        if !column.is_sound() {
            return Err(ModelError::BadFactor { name });
        }
        self.columns.insert(name, column);
        Ok(())
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&ModelColumn> {
        self.columns.get(name)
    }

    /// All names in alphabetical order.
    pub fn names(&self) -> Vec<String> {
        self.columns.keys().cloned().collect()
    }
}
