//! Estimated marginal means: predictions over a reference grid, averaged with equal weights (Searle, Speed & Milliken
//! 1980) or others ([`MeanWeights`]), as the R package emmeans gives them.
//!
//! The grid holds every level in use of the model's factors, and each numeric column at its mean over the rows of the
//! fit, or at the values asked for. An expression of a column (`log(x)`) is evaluated at the column's value, so the
//! grid has the logarithm of the mean, not the mean of the logarithm. Unlike emmeans' default, a numeric column with
//! two distinct values is a number here (`cov.keep = 1` there).

use super::super::design::{CellValue, Design};
use super::super::formula::Formula;
use super::super::model_error::ModelError;
use super::super::model_frame::{FrameValues, ModelFrame};
use super::estimate::Estimate;
use super::fit::LinearFit;
use super::mean_weights::{Levels, MeanWeights, cell_weights, level_of};
use nalgebra::DMatrix;
use std::collections::BTreeSet;

/// More predictions than any table averages over.
const MAX_CELLS: usize = 100_000;

/// A level or number in the name of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum GridValue {
    /// A factor's level.
    Level(String),
    /// A number.
    Number(f64),
}

/// Values of the reference grid other than the default.
#[derive(Debug, Clone, PartialEq)]
pub struct AtValues {
    /// The column.
    pub column: String,
    /// Its values: levels of a factor or numbers.
    pub values: Vec<GridValue>,
}

/// Which means are asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeansRequest {
    /// The columns whose combinations the means are of.
    pub of: Vec<String>,
    /// Columns within whose combinations the means are compared.
    pub by: Vec<String>,
    /// Values to use instead of all levels, or of the mean.
    pub at: Vec<AtValues>,
    /// How the cells that a mean is averaged over are weighted.
    pub weights: MeanWeights,
}

/// An estimated marginal mean.
#[derive(Debug, Clone, PartialEq)]
pub struct MarginalMean {
    /// Column and value for each column of `by`.
    pub by: Vec<(String, GridValue)>,
    /// Column and value for each column of `of`.
    pub of: Vec<(String, GridValue)>,
    /// The combination of coefficients.
    pub weights: Vec<f64>,
    /// The mean, or why the data can't tell it.
    pub estimate: Result<Estimate, ModelError>,
}

/// Which differences of means are asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// Each mean less each later one.
    Pairwise,
    /// Each mean less each earlier one.
    ReversePairwise,
    /// Each other mean less the one with these values of the columns of `of`.
    Against(Vec<GridValue>),
}

/// A difference of two marginal means within one combination of `by`.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanDifference {
    /// Column and value for each column of `by`.
    pub by: Vec<(String, GridValue)>,
    /// The mean that is reduced.
    pub left: Vec<(String, GridValue)>,
    /// The mean that is taken off.
    pub right: Vec<(String, GridValue)>,
    /// The combination of coefficients.
    pub weights: Vec<f64>,
    /// The difference, or why the data can't tell it.
    pub estimate: Result<Estimate, ModelError>,
}

/// A column of the reference grid with its values; levels also as indices.
struct Axis {
    column: String,
    values: Vec<(GridValue, CellValue)>,
}

/// A choice of one value on each of several axes.
type Cell<'a> = Vec<(&'a Axis, &'a (GridValue, CellValue))>;

/// A fitted model as its means see it: coefficients of a design, and a rule of inference for combinations of them.
pub(in super::super) trait FixedEffects {
    /// The formula.
    fn formula(&self) -> &Formula;
    /// The rows and variables.
    fn frame(&self) -> &ModelFrame;
    /// The design whose columns the coefficients belong to.
    fn design(&self) -> &Design;
    /// The combination of coefficients with the given weights, tested against zero.
    fn contrast(&self, weights: &[f64]) -> Result<Estimate, ModelError>;
    /// The covariance of several estimable combinations.
    fn contrast_covariance(&self, rows: &[Vec<f64>]) -> Result<DMatrix<f64>, ModelError>;
    /// The confidence level of intervals.
    fn level(&self) -> f64;
}

/// What all fits that have fixed effects offer of their means. The type has `formula`, `frame`, `design`,
/// `options.level`, `contrast` and `contrast_covariance`; `$scale` says what the means are measured in.
macro_rules! offer_means {
    ($fit:ty, $scale:literal) => {
        const _: () = {
            use $crate::stats::contrast::ContrastKind;
            use $crate::stats::design::Design;
            use $crate::stats::formula::Formula;
            use $crate::stats::linear::{
                Comparison, Estimate, MarginalMean, MeanDifference, MeanFamily, MeansAdjustment,
                MeansRequest, mean_contrasts, means,
            };
            use $crate::stats::model_error::ModelError;
            use $crate::stats::model_frame::ModelFrame;

            impl means::FixedEffects for $fit {
                fn formula(&self) -> &Formula {
                    &self.formula
                }

                fn frame(&self) -> &ModelFrame {
                    &self.frame
                }

                fn design(&self) -> &Design {
                    &self.design
                }

                fn contrast(&self, weights: &[f64]) -> Result<Estimate, ModelError> {
                    self.contrast(weights)
                }

                fn contrast_covariance(
                    &self,
                    rows: &[Vec<f64>],
                ) -> Result<nalgebra::DMatrix<f64>, ModelError> {
                    self.contrast_covariance(rows)
                }

                fn level(&self) -> f64 {
                    self.options.level
                }
            }

            impl $fit {
                #[doc = concat!("The marginal means of a request, ", $scale, "; those of one combination of")]
                /// `by` stand together, the first column of `of` varying fastest.
                pub fn marginal_means(
                    &self,
                    request: &MeansRequest,
                ) -> Result<Vec<MarginalMean>, ModelError> {
                    means::marginal_means(self, request)
                }

                #[doc = concat!("Differences of the marginal means of a request, ", $scale, ".")]
                pub fn mean_differences(
                    &self,
                    request: &MeansRequest,
                    comparison: &Comparison,
                ) -> Result<Vec<MeanDifference>, ModelError> {
                    means::mean_differences(self, request, comparison)
                }

                /// The adjusted difference between two arms: the marginal mean of `level` less that of `reference` (with
                /// a baseline among the predictors, analysis of covariance).
                pub fn adjusted_difference(
                    &self,
                    arm: &str,
                    level: &str,
                    reference: &str,
                ) -> Result<Estimate, ModelError> {
                    means::adjusted_difference(self, arm, level, reference)
                }

                #[doc = concat!("Contrasts of the marginal means of a request, ", $scale, ", a family for")]
                /// each combination of `by`.
                pub fn mean_contrasts(
                    &self,
                    request: &MeansRequest,
                    kind: &ContrastKind,
                    adjustment: MeansAdjustment,
                ) -> Result<Vec<MeanFamily>, ModelError> {
                    mean_contrasts::mean_contrasts(self, request, kind, adjustment)
                }
            }
        };
    };
}
pub(in super::super) use offer_means;

offer_means!(LinearFit, "in the outcome's units");

/// The marginal means of a request; those of one combination of `by` stand together, the first column of `of`
/// varying fastest.
pub(in super::super) fn marginal_means(
    model: &dyn FixedEffects,
    request: &MeansRequest,
) -> Result<Vec<MarginalMean>, ModelError> {
    let axes = axes(model, request)?;
    let pick = |names: &[String]| -> Result<Vec<&Axis>, ModelError> {
        names.iter().map(|name| find_axis(&axes, name)).collect()
    };
    let (of, by) = (pick(&request.of)?, pick(&request.by)?);
    let named =
        |axis: &&Axis| request.of.contains(&axis.column) || request.by.contains(&axis.column);
    let averaged: Vec<&Axis> = axes.iter().filter(|axis| !named(axis)).collect();
    let cells = axes
        .iter()
        .map(|axis| axis.values.len())
        .fold(1, usize::saturating_mul);
    if cells > MAX_CELLS {
        return Err(ModelError::GridTooLarge { cells });
    }
    let averaged = combinations(&averaged);
    let mut means = Vec::new();
    for by in combinations(&by) {
        for of in combinations(&of) {
            let weights = average_row(model, &by, &of, &averaged, request.weights)?;
            means.push(MarginalMean {
                by: described(&by),
                of: described(&of),
                estimate: model.contrast(&weights),
                weights,
            });
        }
    }
    Ok(means)
}

/// Differences of the marginal means of a request.
pub(in super::super) fn mean_differences(
    model: &dyn FixedEffects,
    request: &MeansRequest,
    comparison: &Comparison,
) -> Result<Vec<MeanDifference>, ModelError> {
    let means = marginal_means(model, request)?;
    let mut differences = Vec::new();
    for group in means.chunk_by(|a, b| a.by == b.by) {
        for (left, right) in pairs(group, comparison)? {
            let weights: Vec<f64> = left
                .weights
                .iter()
                .zip(&right.weights)
                .map(|(a, b)| a - b)
                .collect();
            differences.push(MeanDifference {
                by: left.by.clone(),
                left: left.of.clone(),
                right: right.of.clone(),
                estimate: model.contrast(&weights),
                weights,
            });
        }
    }
    Ok(differences)
}

/// The adjusted difference between two arms: the marginal mean of `level` less that of `reference` (analysis of
/// covariance).
pub(in super::super) fn adjusted_difference(
    model: &dyn FixedEffects,
    arm: &str,
    level: &str,
    reference: &str,
) -> Result<Estimate, ModelError> {
    let differences = arm_differences(model, arm, level, reference, &[])?;
    let only = differences.into_iter().next();
    only.map_or(Err(ModelError::EmptyContrast), |difference| {
        difference.estimate
    })
}

/// `level` less `reference` of a factor, within each combination of `by`.
pub(super) fn arm_differences(
    model: &dyn FixedEffects,
    arm: &str,
    level: &str,
    reference: &str,
    by: &[String],
) -> Result<Vec<MeanDifference>, ModelError> {
    if level == reference {
        return Err(ModelError::EmptyContrast);
    }
    let reference = GridValue::Level(reference.to_owned());
    let request = MeansRequest {
        of: vec![arm.to_owned()],
        by: by.to_vec(),
        at: vec![AtValues {
            column: arm.to_owned(),
            values: vec![reference.clone(), GridValue::Level(level.to_owned())],
        }],
        ..MeansRequest::default()
    };
    mean_differences(model, &request, &Comparison::Against(vec![reference]))
}

/// The axes of the reference grid: every column that the fixed terms use.
fn axes(model: &dyn FixedEffects, request: &MeansRequest) -> Result<Vec<Axis>, ModelError> {
    let mut columns: Vec<&str> = Vec::new();
    let used: BTreeSet<usize> = model
        .formula()
        .terms
        .iter()
        .flat_map(|term| term.variables.iter().copied())
        .collect();
    for variable in used
        .iter()
        .filter_map(|&index| model.formula().variables.get(index))
    {
        variable.expression.for_each_column(&mut |name| {
            if !columns.contains(&name) {
                columns.push(name);
            }
        });
    }
    let requested = request
        .of
        .iter()
        .chain(&request.by)
        .chain(request.at.iter().map(|at| &at.column));
    for name in requested {
        if !columns.contains(&name.as_str()) {
            return Err(ModelError::NotInModel {
                name: name.clone(),
                available: columns.into_iter().map(str::to_owned).collect(),
            });
        }
    }
    let asked = |name: &str| {
        request
            .at
            .iter()
            .find(|at| at.column == name)
            .map(|at| at.values.as_slice())
    };
    columns
        .into_iter()
        .map(|name| axis(model, name, asked(name)))
        .collect()
}

fn axis(
    model: &dyn FixedEffects,
    column: &str,
    asked: Option<&[GridValue]>,
) -> Result<Axis, ModelError> {
    let values = match (model.frame().column_means.get(column), asked) {
        (Some(&mean), None) => Ok(vec![(GridValue::Number(mean), CellValue::Number(mean))]),
        (Some(_), Some(asked)) => asked.iter().map(|value| number(column, value)).collect(),
        (None, asked) => {
            let (levels, _) = model.frame().factor(column)?;
            let all: Vec<GridValue> = levels.iter().cloned().map(GridValue::Level).collect();
            asked
                .unwrap_or(&all)
                .iter()
                .map(|value| level(column, levels, value))
                .collect()
        }
    };
    let values: Vec<(GridValue, CellValue)> = values?;
    if values.is_empty() {
        return Err(ModelError::EmptyContrast);
    }
    Ok(Axis {
        column: column.to_owned(),
        values,
    })
}

/// The mean of the model matrix' rows over the cells of `averaged`, with the other axes fixed.
fn average_row(
    model: &dyn FixedEffects,
    by: &Cell,
    of: &Cell,
    averaged: &[Cell],
    weights: MeanWeights,
) -> Result<Vec<f64>, ModelError> {
    let mut total = vec![0.0; model.design().names.len()];
    let fixed = by.iter().chain(of).filter_map(level_in).collect();
    let levels: Vec<Levels> = averaged
        .iter()
        .map(|cell| cell.iter().filter_map(level_in).collect())
        .collect();
    let weights = cell_weights(model.frame(), weights, &fixed, &levels)?;
    for (cell, weight) in averaged.iter().zip(weights) {
        let value_of = |name: &str| {
            let mut all = by.iter().chain(of).chain(cell);
            all.find(|(axis, _)| axis.column == name)
                .map(|(_, value)| value.1)
        };
        let row = model.design().plan.row(&cell_values(model, &value_of)?);
        for (total, value) in total.iter_mut().zip(row) {
            *total += weight * value;
        }
    }
    Ok(total)
}

/// The column and level of a choice, if it is one of levels.
fn level_in<'a>((axis, value): &(&'a Axis, &(GridValue, CellValue))) -> Option<(&'a str, usize)> {
    Some((axis.column.as_str(), level_of(value.1)?))
}

/// The value of every variable of the frame, given those of columns.
fn cell_values(
    model: &dyn FixedEffects,
    value_of: &dyn Fn(&str) -> Option<CellValue>,
) -> Result<Vec<CellValue>, ModelError> {
    let mut values = Vec::with_capacity(model.frame().variables.len());
    for (index, variable) in model.frame().variables.iter().enumerate() {
        let used = model
            .formula()
            .terms
            .iter()
            .any(|term| term.variables.contains(&index));
        let level = match &variable.values {
            FrameValues::Factor { .. } => variable.transform.plain_column().and_then(value_of),
            FrameValues::Numeric(_) => None,
        };
        let number = |name: &str| match value_of(name) {
            Some(CellValue::Number(value)) => Some(value),
            _ => None,
        };
        values.push(match (level, variable.transform.value(&number)) {
            (Some(level), _) => level,
            (None, Some(value)) if value.is_finite() => CellValue::Number(value),
            // The outcome, and variables that no term uses, have no place in the grid.
            _ if !used => CellValue::Number(0.0),
            _ => {
                return Err(ModelError::UndefinedAt {
                    variable: variable.label.clone(),
                });
            }
        });
    }
    Ok(values)
}

fn number(column: &str, value: &GridValue) -> Result<(GridValue, CellValue), ModelError> {
    match value {
        GridValue::Number(number) if number.is_finite() => {
            Ok((value.clone(), CellValue::Number(*number)))
        }
        GridValue::Number(_) => Err(ModelError::UndefinedAt {
            variable: column.to_owned(),
        }),
        GridValue::Level(_) => Err(ModelError::NotFactor {
            name: column.to_owned(),
        }),
    }
}

fn level(
    column: &str,
    levels: &[String],
    value: &GridValue,
) -> Result<(GridValue, CellValue), ModelError> {
    let GridValue::Level(name) = value else {
        return Err(ModelError::NotNumeric {
            name: column.to_owned(),
            span: None,
        });
    };
    match levels.iter().position(|level| level == name) {
        Some(index) => Ok((value.clone(), CellValue::Level(index))),
        None => Err(ModelError::UnknownLevel {
            factor: column.to_owned(),
            level: name.clone(),
            available: levels.to_vec(),
        }),
    }
}

fn find_axis<'a>(axes: &'a [Axis], name: &str) -> Result<&'a Axis, ModelError> {
    axes.iter()
        .find(|axis| axis.column == name)
        .ok_or_else(|| ModelError::NotInModel {
            name: name.to_owned(),
            available: axes.iter().map(|axis| axis.column.clone()).collect(),
        })
}

/// All combinations of the axes' values, the first axis varying fastest; of no axes, the one empty combination.
fn combinations<'a>(axes: &[&'a Axis]) -> Vec<Cell<'a>> {
    let mut cells: Vec<Cell<'a>> = vec![Vec::new()];
    for &axis in axes {
        let mut longer = Vec::with_capacity(cells.len() * axis.values.len());
        for value in &axis.values {
            for cell in &cells {
                let mut cell = cell.clone();
                cell.push((axis, value));
                longer.push(cell);
            }
        }
        cells = longer;
    }
    cells
}

fn described(cell: &Cell) -> Vec<(String, GridValue)> {
    cell.iter()
        .map(|(axis, value)| (axis.column.clone(), value.0.clone()))
        .collect()
}

type Pair<'a> = (&'a MarginalMean, &'a MarginalMean);

/// The pairs of a comparison within the means of one combination of `by`.
fn pairs<'a>(
    group: &'a [MarginalMean],
    comparison: &Comparison,
) -> Result<Vec<Pair<'a>>, ModelError> {
    let mut pairs = Vec::new();
    match comparison {
        Comparison::Pairwise => {
            for (index, earlier) in group.iter().enumerate() {
                pairs.extend(group.iter().skip(index + 1).map(|later| (earlier, later)));
            }
        }
        Comparison::ReversePairwise => {
            for (index, later) in group.iter().enumerate() {
                pairs.extend(group.iter().take(index).map(|earlier| (later, earlier)));
            }
        }
        Comparison::Against(values) => {
            let is_reference =
                |mean: &&MarginalMean| mean.of.iter().map(|(_, value)| value).eq(values);
            let Some(reference) = group.iter().find(is_reference) else {
                return Err(ModelError::NotInModel {
                    name: label(values.iter()),
                    available: group
                        .iter()
                        .map(|mean| label(mean.of.iter().map(|(_, value)| value)))
                        .collect(),
                });
            };
            pairs.extend(
                group
                    .iter()
                    .filter(|mean| !is_reference(mean))
                    .map(|mean| (mean, reference)),
            );
        }
    }
    Ok(pairs)
}

fn label<'a>(values: impl Iterator<Item = &'a GridValue>) -> String {
    let texts: Vec<String> = values
        .map(|value| match value {
            GridValue::Level(level) => level.clone(),
            GridValue::Number(number) => number.to_string(),
        })
        .collect();
    texts.join(" ")
}
