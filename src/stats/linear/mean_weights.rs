//! How the cells that a marginal mean is averaged over are weighted.

use super::super::StatsError;
use super::super::design::CellValue;
use super::super::model_error::ModelError;
use super::super::model_frame::ModelFrame;

/// The weights of the cells that a marginal mean is averaged over, as the `weights` of emmeans. They count rows of the
/// fit, whatever their prior weights; a number in the grid has no part in them. A mean whose cells are all without rows
/// is an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MeanWeights {
    /// All alike: as if every combination were as frequent as the others.
    #[default]
    Equal,
    /// As frequent as the combination of the averaged factors' levels is among all rows: the same for every mean.
    Proportional,
    /// As frequent as the cell itself is: each mean has weights of its own, and is that of its rows if the model has all
    /// interactions.
    Cells,
}

/// The level of each factor in a cell, by its column.
pub(super) type Levels<'a> = Vec<(&'a str, usize)>;

/// The weights of the `averaged` cells within the cell `fixed`, which add up to 1.
pub(super) fn cell_weights(
    frame: &ModelFrame,
    weights: MeanWeights,
    fixed: &Levels,
    averaged: &[Levels],
) -> Result<Vec<f64>, ModelError> {
    if averaged.len() == 1 {
        return Ok(vec![1.0]);
    }
    let fixed = match weights {
        MeanWeights::Equal => return Ok(vec![(averaged.len() as f64).recip(); averaged.len()]),
        MeanWeights::Proportional => [].as_slice(),
        MeanWeights::Cells => fixed.as_slice(),
    };
    let mut counts = Vec::with_capacity(averaged.len());
    for cell in averaged {
        let levels: Vec<_> = fixed.iter().chain(cell).copied().collect();
        counts.push(rows_with(frame, &levels)?);
    }
    let total: f64 = counts.iter().sum();
    if total <= 0.0 {
        return Err(ModelError::Statistic(StatsError::degenerate(
            "a weighted marginal mean",
            "no row has its combination of levels",
        )));
    }
    Ok(counts.iter().map(|count| count / total).collect())
}

/// How many rows have these levels.
fn rows_with(frame: &ModelFrame, levels: &[(&str, usize)]) -> Result<f64, ModelError> {
    let mut columns = Vec::with_capacity(levels.len());
    for (column, level) in levels {
        let (_, codes) = frame.factor(column)?;
        columns.push((codes, *level));
    }
    let has = |row: usize| {
        columns
            .iter()
            .all(|(codes, level)| codes.get(row) == Some(level))
    };
    Ok((0..frame.len()).filter(|&row| has(row)).count() as f64)
}

/// The level of a cell's value, if it has one.
pub(super) fn level_of(value: CellValue) -> Option<usize> {
    match value {
        CellValue::Level(level) => Some(level),
        CellValue::Number(_) => None,
    }
}
