//! The arms of a trial: their order, labels and reference.

use super::keys::{level, level_among, with_others};
use crate::dataset::{Field, Level};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};
use crate::report::front_matter::Arms as DeclaredArms;

/// The arms of a trial, or the levels of another grouping variable.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Arms {
    /// The column.
    pub variable: String,
    /// The arms in the order in which they are shown, with their labels.
    pub levels: Vec<Level>,
    /// Index of the reference arm.
    pub reference: usize,
}

impl Arms {
    pub(super) fn resolve(
        reader: &TableReader<'_>,
        field: &Field,
        declared: Option<&DeclaredArms>,
    ) -> Option<Self> {
        let mut levels = field.levels.clone();
        let mut reference = 0;
        if let Some(shared) = declared {
            levels = order_levels(reader, field, &shared.order)?;
            for (value, label) in &shared.labels {
                let i = level_among(reader, &field.name, &levels, value)?;
                levels[i].label.clone_from(&label.value);
            }
            if let Some(value) = &shared.reference {
                reference = level_among(reader, &field.name, &levels, value)?;
            }
        }
        if levels.len() < 2 {
            let message = format!(
                "`{}` has {} level, but a comparison needs two",
                field.name,
                levels.len()
            );
            reader.report(Diagnostic::error("one-arm", message).at(reader.span()));
            return None;
        }
        Some(Self {
            variable: field.name.clone(),
            levels,
            reference,
        })
    }

    /// The arms without the reference, in order.
    pub fn others(&self) -> impl Iterator<Item = (usize, &Level)> {
        self.levels
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != self.reference)
    }

    /// The reference arm.
    pub fn reference_level(&self) -> &Level {
        &self.levels[self.reference]
    }
}

/// The levels in the author's order, those not named after them in the codebook's order.
fn order_levels(
    reader: &TableReader<'_>,
    field: &Field,
    order: &[At<String>],
) -> Option<Vec<Level>> {
    let mut levels: Vec<Level> = Vec::new();
    for value in order {
        let found = field.levels.get(level(reader, field, value)?)?;
        if !levels.contains(found) {
            levels.push(found.clone());
        }
    }
    Some(with_others(levels, field))
}
