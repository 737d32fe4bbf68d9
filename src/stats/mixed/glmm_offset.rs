//! Offsets of generalised mixed models: a part of the linear predictor without a coefficient.

use super::super::formula::Formula;
use super::super::model_data::{ModelColumn, ModelData};
use super::super::model_error::ModelError;
use super::super::model_frame::ModelFrame;
use super::glmm::GlmmOptions;
use nalgebra::DVector;

/// Coefficients of the basis to begin with: zero, or, where an offset may be far from zero, what least squares make of the
/// outcome's logarithm less the offset.
pub(super) fn start(basis: &[Vec<f64>], y: &[f64], offset: Option<&[f64]>) -> DVector<f64> {
    let Some(offset) = offset else {
        return DVector::zeros(basis.len());
    };
    let target = || y.iter().zip(offset).map(|(y, o)| (y + 0.5).ln() - o);
    let product = |column: &Vec<f64>| column.iter().zip(target()).map(|(x, t)| x * t).sum::<f64>();
    DVector::from_iterator(
        basis.len(),
        basis.iter().map(|c| product(c) / y.len() as f64),
    )
}

/// The data with the rows left incomplete that have no offset; none if there is nothing to leave.
pub(super) fn with_known_offset(
    formula: &Formula,
    data: &ModelData,
    options: &GlmmOptions,
) -> Result<Option<ModelData>, ModelError> {
    let Some(name) = &options.offset else {
        return Ok(None);
    };
    let Some(column) = data.column(name) else {
        return Err(ModelError::UnknownColumn {
            name: name.clone(),
            span: None,
            available: data.names(),
        });
    };
    let ModelColumn::Numeric(values) = column else {
        return Err(ModelError::NotNumeric {
            name: name.clone(),
            span: None,
        });
    };
    let first = formula.columns().first().copied();
    let Some((name, mut marked)) = first.and_then(|n| Some((n, data.column(n)?.clone()))) else {
        return Ok(None);
    };
    match &mut marked {
        ModelColumn::Numeric(own) => clear_unknown(own, values),
        ModelColumn::Factor { codes, .. } => clear_unknown(codes, values),
    }
    let mut known = data.clone();
    known.insert(name, marked)?;
    Ok(Some(known))
}

fn clear_unknown<T>(own: &mut [Option<T>], values: &[Option<f64>]) {
    for (own, value) in own.iter_mut().zip(values) {
        if value.is_none() {
            *own = None;
        }
    }
}

/// The offset of every row of the frame.
pub(super) fn offset(
    data: &ModelData,
    options: &GlmmOptions,
    frame: &ModelFrame,
) -> Result<Option<Vec<f64>>, ModelError> {
    let Some(name) = &options.offset else {
        return Ok(None);
    };
    let Some(ModelColumn::Numeric(values)) = data.column(name) else {
        return Ok(None);
    };
    let value = |&row: &usize| {
        let value = values.get(row).copied().flatten();
        value
            .filter(|v| v.is_finite())
            .ok_or_else(|| ModelError::NotFinite {
                variable: name.clone(),
                row,
                span: None,
            })
    };
    frame
        .rows
        .iter()
        .map(value)
        .collect::<Result<_, _>>()
        .map(Some)
}
