//! The rows and values that a formula takes from the data.

use super::formula::{Expression, Formula, Span, Variable};
use super::model_data::{ModelColumn, ModelData};
use super::model_error::ModelError;
use super::transform::Transform;
use std::collections::BTreeMap;

/// A variable's values in the rows kept.
#[derive(Debug, Clone, PartialEq)]
pub enum FrameValues {
    /// Numbers, all finite.
    Numeric(Vec<f64>),
    /// Categories; only levels that occur.
    Factor {
        /// The levels in use, in the data's order.
        levels: Vec<String>,
        /// Each row's level, as an index.
        codes: Vec<usize>,
    },
}

/// A variable of the formula with its values.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameVariable {
    /// As the formula labels it.
    pub label: String,
    /// How it is computed from columns.
    pub transform: Transform,
    /// Its values in the rows kept.
    pub values: FrameValues,
    /// Levels of the data that no kept row has.
    pub dropped_levels: Vec<String>,
    /// Where the formula first names it.
    pub span: Span,
}

/// The complete rows of the data for one formula: R's `model.frame` with `na.omit` and `drop.unused.levels`.
///
/// A variable that the formula mentions only to delete it (`- b`) still has to be present in every row, as in R.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFrame {
    /// As [`Formula::variables`], in the same order.
    pub variables: Vec<FrameVariable>,
    /// The rows kept, as indices into the data, ascending.
    pub rows: Vec<usize>,
    /// The rows left out because a value is missing.
    pub omitted: Vec<usize>,
    /// The weights of the rows kept.
    pub weights: Option<Vec<f64>>,
    /// The mean over the rows kept of every numeric column that the formula uses.
    pub column_means: BTreeMap<String, f64>,
}

impl ModelFrame {
    /// Takes a formula's variables, and perhaps a column of weights, from the data. Reports all that is wrong with
    /// the columns at once.
    pub fn build(
        formula: &Formula,
        data: &ModelData,
        weights: Option<&str>,
    ) -> Result<Self, Vec<ModelError>> {
        check_columns(formula, data, weights)?;
        let (rows, omitted) = complete_rows(formula, data, weights);
        if rows.is_empty() {
            return Err(vec![ModelError::NoRows]);
        }
        let mut errors = Vec::new();
        let mut variables = Vec::new();
        for variable in &formula.variables {
            match frame_variable(variable, data, &rows) {
                Ok(variable) => variables.push(variable),
                Err(error) => errors.push(error),
            }
        }
        let weights = weights
            .map(|name| kept_weights(name, data, &rows))
            .transpose();
        match weights {
            Ok(weights) if errors.is_empty() => Ok(Self {
                variables,
                column_means: column_means(formula, data, &rows),
                rows,
                omitted,
                weights,
            }),
            Ok(_) => Err(errors),
            Err(error) => {
                errors.push(error);
                Err(errors)
            }
        }
    }

    /// The number of rows kept.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Never true: a frame without rows is an error.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The levels in use and codes of a factor, by its column's name.
    pub fn factor(&self, name: &str) -> Result<(&[String], &[usize]), ModelError> {
        let found = self
            .variables
            .iter()
            .find(|variable| variable.transform.plain_column() == Some(name));
        match found.map(|variable| &variable.values) {
            Some(FrameValues::Factor { levels, codes }) => Ok((levels, codes)),
            Some(FrameValues::Numeric(_)) => Err(ModelError::NotFactor {
                name: name.to_owned(),
            }),
            None => Err(ModelError::NotInModel {
                name: name.to_owned(),
                available: self.factor_names(),
            }),
        }
    }

    /// The columns that enter the model as factors.
    pub fn factor_names(&self) -> Vec<String> {
        self.variables
            .iter()
            .filter(|variable| matches!(variable.values, FrameValues::Factor { .. }))
            .filter_map(|variable| variable.transform.plain_column())
            .map(str::to_owned)
            .collect()
    }
}

/// Unknown columns, and factors in arithmetic.
fn check_columns(
    formula: &Formula,
    data: &ModelData,
    weights: Option<&str>,
) -> Result<(), Vec<ModelError>> {
    let mut errors = Vec::new();
    for variable in &formula.variables {
        let plain = matches!(variable.expression, Expression::Column { .. });
        check_expression(&variable.expression, plain, data, &mut errors);
    }
    if let Some(name) = weights {
        match data.column(name) {
            None => errors.push(unknown(name, None, data)),
            Some(ModelColumn::Factor { .. }) => errors.push(ModelError::NotNumeric {
                name: name.to_owned(),
                span: None,
            }),
            Some(ModelColumn::Numeric(_)) => {}
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

fn check_expression(
    expression: &Expression,
    plain: bool,
    data: &ModelData,
    errors: &mut Vec<ModelError>,
) {
    match expression {
        Expression::Column { name, span } => match data.column(name) {
            None => errors.push(unknown(name, Some(*span), data)),
            Some(ModelColumn::Factor { .. }) if !plain => errors.push(ModelError::NotNumeric {
                name: name.clone(),
                span: Some(*span),
            }),
            Some(_) => {}
        },
        Expression::Number(_) => {}
        Expression::Negative(operand) => check_expression(operand, false, data, errors),
        Expression::Binary { left, right, .. } => {
            check_expression(left, false, data, errors);
            check_expression(right, false, data, errors);
        }
        Expression::Call { argument, .. } => check_expression(argument, false, data, errors),
    }
}

fn unknown(name: &str, span: Option<Span>, data: &ModelData) -> ModelError {
    ModelError::UnknownColumn {
        name: name.to_owned(),
        span,
        available: data.names(),
    }
}

/// Rows where all columns are present, and the others.
fn complete_rows(
    formula: &Formula,
    data: &ModelData,
    weights: Option<&str>,
) -> (Vec<usize>, Vec<usize>) {
    let mut present = vec![true; data.rows()];
    for name in formula.columns().into_iter().chain(weights) {
        if let Some(column) = data.column(name) {
            column.mark_missing(&mut present);
        }
    }
    let count = present.iter().filter(|&&present| present).count();
    let mut kept = Vec::with_capacity(count);
    let mut omitted = Vec::with_capacity(present.len() - count);
    for (row, present) in present.into_iter().enumerate() {
        if present { &mut kept } else { &mut omitted }.push(row);
    }
    (kept, omitted)
}

fn frame_variable(
    variable: &Variable,
    data: &ModelData,
    rows: &[usize],
) -> Result<FrameVariable, ModelError> {
    let (label, span) = (variable.label.clone(), variable.span);
    let transform = Transform::prepare(&variable.expression, data, &label, span)?;
    let column = transform.plain_column().and_then(|name| data.column(name));
    let (values, dropped_levels) = match column {
        Some(ModelColumn::Factor { levels, codes }) => used_levels(levels, codes, rows),
        _ => (
            numeric_values(&transform, data, rows, &label, span)?,
            Vec::new(),
        ),
    };
    Ok(FrameVariable {
        label,
        transform,
        values,
        dropped_levels,
        span,
    })
}

fn numeric_values(
    transform: &Transform,
    data: &ModelData,
    rows: &[usize],
    label: &str,
    span: Span,
) -> Result<FrameValues, ModelError> {
    // A plain column is looked up once, not for every row.
    let plain = transform.plain_column().and_then(|name| data.column(name));
    let value = |row: usize| match plain {
        Some(ModelColumn::Numeric(values)) => values.get(row).copied().flatten(),
        _ => transform.row(data, row),
    };
    let mut values = Vec::with_capacity(rows.len());
    for &row in rows {
        match value(row) {
            Some(value) if value.is_finite() => values.push(value),
            _ => {
                return Err(ModelError::NotFinite {
                    variable: label.to_owned(),
                    row,
                    span: Some(span),
                });
            }
        }
    }
    Ok(FrameValues::Numeric(values))
}

/// The factor in the kept rows with the levels that occur there, and the levels that don't.
fn used_levels(
    levels: &[String],
    codes: &[Option<usize>],
    rows: &[usize],
) -> (FrameValues, Vec<String>) {
    let kept: Vec<usize> = rows
        .iter()
        .filter_map(|&row| codes.get(row).copied().flatten())
        .collect();
    let mut used = vec![false; levels.len()];
    for &code in &kept {
        if let Some(used) = used.get_mut(code) {
            *used = true;
        }
    }
    let mut new_code = Vec::with_capacity(levels.len());
    let (mut in_use, mut dropped) = (Vec::new(), Vec::new());
    for (level, &used) in levels.iter().zip(&used) {
        new_code.push(in_use.len());
        if used { &mut in_use } else { &mut dropped }.push(level.clone());
    }
    let codes = kept
        .iter()
        .filter_map(|&code| new_code.get(code).copied())
        .collect();
    let values = FrameValues::Factor {
        levels: in_use,
        codes,
    };
    (values, dropped)
}

fn kept_weights(name: &str, data: &ModelData, rows: &[usize]) -> Result<Vec<f64>, ModelError> {
    let transform = Transform::Column(name.to_owned());
    let mut weights = Vec::with_capacity(rows.len());
    for &row in rows {
        match transform.row(data, row) {
            Some(weight) if weight.is_finite() && weight >= 0.0 => weights.push(weight),
            Some(weight) if weight < 0.0 => return Err(ModelError::NegativeWeight { row }),
            _ => {
                return Err(ModelError::NotFinite {
                    variable: name.to_owned(),
                    row,
                    span: None,
                });
            }
        }
    }
    Ok(weights)
}

fn column_means(formula: &Formula, data: &ModelData, rows: &[usize]) -> BTreeMap<String, f64> {
    let mut means = BTreeMap::new();
    for name in formula.columns() {
        if let Some(ModelColumn::Numeric(values)) = data.column(name) {
            let kept: Vec<f64> = rows
                .iter()
                .filter_map(|&row| values.get(row).copied().flatten())
                .collect();
            let n = kept.len() as f64;
            let mean = kept.iter().sum::<f64>() / n;
            // A second pass takes the rounding of the first away.
            let correction = kept.iter().map(|value| value - mean).sum::<f64>() / n;
            means.insert(name.to_owned(), mean + correction);
        }
    }
    means
}
