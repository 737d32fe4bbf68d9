//! The rows that count, weighted.

use super::super::model_frame::ModelFrame;
use nalgebra::DMatrix;

/// The rows with positive weight, multiplied by its square root.
pub(in super::super) struct WeightedRows {
    /// Their places in the frame.
    pub places: Vec<usize>,
    frame_rows: usize,
    /// Their weights.
    pub weights: Vec<f64>,
    /// The columns of X.
    pub columns: Vec<Vec<f64>>,
    /// The outcome.
    pub y: Vec<f64>,
}

impl WeightedRows {
    pub fn new(frame: &ModelFrame, x: &DMatrix<f64>, y: &[f64]) -> Self {
        let weight = |row: usize| match &frame.weights {
            Some(weights) => weights.get(row).copied().unwrap_or(0.0),
            None => 1.0,
        };
        let places: Vec<usize> = (0..frame.len()).filter(|&row| weight(row) > 0.0).collect();
        let weights: Vec<f64> = places.iter().map(|&row| weight(row)).collect();
        let take = |values: &[f64]| -> Vec<f64> {
            let kept = places.iter().filter_map(|&row| values.get(row));
            kept.zip(&weights)
                .map(|(value, weight)| value * weight.sqrt())
                .collect()
        };
        Self {
            columns: x
                .column_iter()
                .map(|column| take(column.as_slice()))
                .collect(),
            y: take(y),
            frame_rows: frame.len(),
            places,
            weights,
        }
    }

    /// The number of rows that count.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The columns in the order of `order`, with those left out that it doesn't name.
    pub fn columns_in_order(&self, order: &[usize]) -> Vec<Vec<f64>> {
        order
            .iter()
            .filter_map(|&column| self.columns.get(column).cloned())
            .collect()
    }

    /// Values of the rows that count as values of all rows, 0 for the others.
    pub fn spread(&self, values: &[f64]) -> Vec<f64> {
        let mut all = vec![0.0; self.frame_rows];
        for (&place, &value) in self.places.iter().zip(values) {
            if let Some(slot) = all.get_mut(place) {
                *slot = value;
            }
        }
        all
    }
}
