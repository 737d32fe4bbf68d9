//! Least squares.

use super::super::design::{Coding, CoefficientName, Design};
use super::super::formula::Formula;
use super::super::model_data::ModelData;
use super::super::model_error::ModelError;
use super::super::model_frame::{FrameValues, ModelFrame};
use super::RobustKind;
use super::estimate::Estimate;
use super::rows::WeightedRows;
use super::solution::Solution;
use super::summary::{FitSummary, summarise};
use nalgebra::DMatrix;

/// What a fit can be asked for besides its formula.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearOptions {
    /// The column of weights: the residual variance of a row is σ² / weight. A weight of 0 leaves the row out.
    pub weights: Option<String>,
    /// How factors become columns.
    pub coding: Coding,
    /// The confidence level of intervals.
    pub level: f64,
}

impl Default for LinearOptions {
    fn default() -> Self {
        Self {
            weights: None,
            coding: Coding::Treatment,
            level: 0.95,
        }
    }
}

/// A coefficient of a fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficient {
    /// Its name.
    pub name: CoefficientName,
    /// The index of its term in the formula; none for the intercept.
    pub term: Option<usize>,
    /// Its estimate; none where its column depends on others (R shows NA).
    pub estimate: Option<Estimate>,
}

/// A fitted linear model: y = X β + ε, ε independent normal with variance σ² / w.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearFit {
    /// The formula.
    pub formula: Formula,
    /// The options.
    pub options: LinearOptions,
    /// The rows and variables.
    pub frame: ModelFrame,
    /// X.
    pub design: Design,
    /// β with its inference, a coefficient for each column of X.
    pub coefficients: Vec<Coefficient>,
    /// The model as a whole.
    pub summary: FitSummary,
    /// X β for all rows of the frame.
    pub fitted: Vec<f64>,
    /// y − X β, not weighted.
    pub residuals: Vec<f64>,
    /// The diagonal of the projection on the columns of W^½ X; 0 where the weight is 0.
    pub leverage: Vec<f64>,
    /// Which estimator the covariance comes from; none: the model's own σ² (XᵀWX)⁻¹.
    pub robust: Option<RobustKind>,
    /// The columns of X that are estimable, ascending.
    pub(super) estimable: Vec<usize>,
    /// β of the estimable columns.
    pub(super) beta: Vec<f64>,
    /// F with covariance of `beta` = F Fᵀ.
    pub(super) factor: DMatrix<f64>,
    /// (XᵀWX)⁻¹ = U Uᵀ for the estimable columns.
    pub(super) unscaled_factor: DMatrix<f64>,
    /// The Euclidean length of each column of X; 1 for a column of zeros.
    pub(super) column_lengths: Vec<f64>,
    /// For each column that is not estimable, the combination of columns that is zero.
    pub(super) null_space: Vec<Vec<f64>>,
}

impl LinearFit {
    /// Fits a formula to data.
    ///
    /// Errors besides those of the frame and the design: no outcome or a factor as outcome, random effects, an outcome
    /// that is constant, no residual degrees of freedom, residuals that are nothing but rounding errors (R warns of an
    /// "essentially perfect fit").
    pub fn new(
        formula: &Formula,
        data: &ModelData,
        options: &LinearOptions,
    ) -> Result<Self, Vec<ModelError>> {
        let mut errors = refusals(formula, options);
        match ModelFrame::build(formula, data, options.weights.as_deref()) {
            Ok(frame) if errors.is_empty() => Self::of_frame(formula, frame, options),
            Ok(_) => Err(errors),
            Err(more) => {
                errors.extend(more);
                Err(errors)
            }
        }
    }

    /// Fits a formula to a frame built from it.
    pub(super) fn of_frame(
        formula: &Formula,
        frame: ModelFrame,
        options: &LinearOptions,
    ) -> Result<Self, Vec<ModelError>> {
        let y = response(formula, &frame).map_err(|error| vec![error])?;
        let design = Design::build(&frame, &formula.terms, formula.intercept, options.coding)?;
        let rows = WeightedRows::new(&frame, &design.matrix, &y);
        let solution = Solution::new(&rows, design.matrix.ncols()).map_err(|error| vec![error])?;
        let fitted: Vec<f64> = (&design.matrix
            * nalgebra::DVector::from_vec(solution.full_beta(&design)))
        .iter()
        .copied()
        .collect();
        let residuals: Vec<f64> = y
            .iter()
            .zip(&fitted)
            .map(|(y, fitted)| y - fitted)
            .collect();
        let summary = summarise(&rows, &solution, &fitted, &residuals, formula.intercept)
            .map_err(|error| vec![error])?;
        let factor = &solution.unscaled_factor * summary.sigma;
        let mut fit = Self {
            formula: formula.clone(),
            options: options.clone(),
            coefficients: Vec::new(),
            summary,
            fitted,
            residuals,
            leverage: rows.spread(&solution.qr.leverages()),
            robust: None,
            beta: solution.beta,
            factor,
            unscaled_factor: solution.unscaled_factor,
            column_lengths: column_lengths(&design),
            null_space: solution.null_space,
            estimable: solution.estimable,
            frame,
            design,
        };
        fit.coefficients = fit.infer_coefficients().map_err(|error| vec![error])?;
        Ok(fit)
    }

    /// Each coefficient's inference from the covariance as it stands.
    pub(super) fn infer_coefficients(&self) -> Result<Vec<Coefficient>, ModelError> {
        let df = self.summary.df_residual as f64;
        let mut coefficients = Vec::with_capacity(self.design.names.len());
        let named = self.design.names.iter().zip(&self.design.term_of);
        for (column, (name, &term)) in named.enumerate() {
            let position = self.estimable.binary_search(&column).ok();
            let beta = position.and_then(|position| Some((position, *self.beta.get(position)?)));
            let estimate = |(position, beta): (usize, f64)| {
                let std_error = self.factor.row(position).norm();
                Estimate::new(beta, std_error, df, self.options.level)
            };
            coefficients.push(Coefficient {
                name: name.clone(),
                term,
                estimate: beta.map(estimate).transpose()?,
            });
        }
        Ok(coefficients)
    }

    /// The covariance of the estimable coefficients and which they are (indices into `coefficients`).
    pub fn covariance(&self) -> (DMatrix<f64>, &[usize]) {
        (&self.factor * self.factor.transpose(), &self.estimable)
    }

    /// The names of the coefficients that depend on others.
    pub fn aliased(&self) -> Vec<String> {
        let aliased = self
            .coefficients
            .iter()
            .filter(|coefficient| coefficient.estimate.is_none());
        aliased
            .map(|coefficient| coefficient.name.to_string())
            .collect()
    }

    /// The weights of the frame's rows, 1 where there are none.
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.frame
            .weights
            .as_ref()
            .and_then(|weights| weights.get(row))
            .copied()
            .unwrap_or(1.0)
    }
}

pub(in super::super) fn column_lengths(design: &Design) -> Vec<f64> {
    let lengths = design.matrix.column_iter().map(|column| column.norm());
    lengths
        .map(|length| if length > 0.0 { length } else { 1.0 })
        .collect()
}

/// What can be refused before looking at the data.
fn refusals(formula: &Formula, options: &LinearOptions) -> Vec<ModelError> {
    let mut errors = Vec::new();
    if formula.response().is_none() {
        errors.push(ModelError::NoResponse);
    }
    for bar in &formula.random {
        errors.push(ModelError::RandomEffects { span: bar.span });
    }
    if !(options.level > 0.0 && options.level < 1.0) {
        errors.push(ModelError::ConfidenceLevel(options.level));
    }
    errors
}

/// The outcome's values: numbers that are not all the same where they count.
pub(in super::super) fn response(
    formula: &Formula,
    frame: &ModelFrame,
) -> Result<Vec<f64>, ModelError> {
    let variable = frame
        .variables
        .first()
        .filter(|_| formula.has_response)
        .ok_or(ModelError::NoResponse)?;
    let FrameValues::Numeric(y) = &variable.values else {
        return Err(ModelError::FactorResponse {
            name: variable.label.clone(),
            span: variable.span,
        });
    };
    let counts = |row: usize| {
        let weights = frame.weights.as_ref();
        weights.is_none_or(|weights| weights.get(row).is_some_and(|&weight| weight > 0.0))
    };
    let mut counting = y
        .iter()
        .enumerate()
        .filter(|(row, _)| counts(*row))
        .map(|(_, y)| y);
    let first = counting.next().ok_or(ModelError::NoRows)?;
    if counting.next().is_some()
        && y.iter()
            .enumerate()
            .all(|(row, y)| y == first || !counts(row))
    {
        return Err(ModelError::ConstantResponse {
            name: variable.label.clone(),
        });
    }
    Ok(y.clone())
}
