//! Least squares.

use super::super::design::{Coding, CoefficientName, Design};
use super::super::formula::Formula;
use super::super::model_data::ModelData;
use super::super::model_error::ModelError;
use super::super::model_frame::{FrameValues, ModelFrame};
use super::estimate::Estimate;
use super::qr::{PivotedQr, TOLERANCE};
use super::{FTest, RobustKind};
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

/// What describes a fitted model as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct FitSummary {
    /// Rows with positive weight.
    pub nobs: usize,
    /// Estimable coefficients.
    pub rank: usize,
    /// Residual degrees of freedom.
    pub df_residual: usize,
    /// The residual sum of squares, weighted.
    pub rss: f64,
    /// The residual standard deviation.
    pub sigma: f64,
    /// R²; about zero, not about the mean, where there is no intercept. None where nothing but the intercept is
    /// estimated.
    pub r_squared: Option<f64>,
    /// R² adjusted for the number of coefficients.
    pub adj_r_squared: Option<f64>,
    /// The test of all coefficients but the intercept.
    pub f_test: Option<FTest>,
    /// The log-likelihood at the maximum-likelihood σ.
    pub log_lik: f64,
    /// −2 log-likelihood + 2 (rank + 1).
    pub aic: f64,
    /// −2 log-likelihood + log(nobs) (rank + 1).
    pub bic: f64,
    /// The residuals are as small as rounding errors (R: "essentially perfect fit"): standard errors mean nothing.
    pub essentially_perfect: bool,
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
    /// For each column that is not estimable, the combination of columns that is zero.
    pub(super) null_space: Vec<Vec<f64>>,
}

impl LinearFit {
    /// Fits a formula to data.
    ///
    /// Errors besides those of the frame and the design: no outcome or a factor as outcome, random effects, an outcome
    /// that is constant, no residual degrees of freedom, residuals that are all exactly zero.
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
            null_space: solution.null_space,
            estimable: solution.estimable,
            frame,
            design,
        };
        fit.coefficients = fit.infer_coefficients();
        Ok(fit)
    }

    /// Each coefficient's inference from the covariance as it stands.
    pub(super) fn infer_coefficients(&self) -> Vec<Coefficient> {
        let df = self.summary.df_residual as f64;
        let estimate = |column: usize| {
            let position = self.estimable.binary_search(&column).ok()?;
            let beta = self.beta.get(position)?;
            let std_error = self.factor.row(position).norm();
            Some(Estimate::new(*beta, std_error, df, self.options.level))
        };
        let named = self
            .design
            .names
            .iter()
            .zip(&self.design.term_of)
            .enumerate();
        named
            .map(|(column, (name, &term))| Coefficient {
                name: name.clone(),
                term,
                estimate: estimate(column),
            })
            .collect()
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
fn response(formula: &Formula, frame: &ModelFrame) -> Result<Vec<f64>, ModelError> {
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

/// The rows with positive weight, multiplied by its square root.
pub(super) struct WeightedRows {
    /// Their places in the frame.
    places: Vec<usize>,
    frame_rows: usize,
    weights: Vec<f64>,
    columns: Vec<Vec<f64>>,
    y: Vec<f64>,
}

impl WeightedRows {
    pub(super) fn new(frame: &ModelFrame, x: &DMatrix<f64>, y: &[f64]) -> Self {
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
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The columns in the order of `order`, with those left out that it doesn't name.
    pub(super) fn columns_in_order(&self, order: &[usize]) -> Vec<Vec<f64>> {
        order
            .iter()
            .filter_map(|&column| self.columns.get(column).cloned())
            .collect()
    }

    /// The outcome.
    pub(super) fn y(&self) -> &[f64] {
        &self.y
    }

    /// Values of the rows that count as values of all rows, 0 for the others.
    fn spread(&self, values: &[f64]) -> Vec<f64> {
        let mut all = vec![0.0; self.frame_rows];
        for (&place, &value) in self.places.iter().zip(values) {
            if let Some(slot) = all.get_mut(place) {
                *slot = value;
            }
        }
        all
    }
}

/// The solved least-squares problem.
struct Solution {
    qr: PivotedQr,
    estimable: Vec<usize>,
    beta: Vec<f64>,
    unscaled_factor: DMatrix<f64>,
    null_space: Vec<Vec<f64>>,
    rss: f64,
}

impl Solution {
    fn new(rows: &WeightedRows, p: usize) -> Result<Self, ModelError> {
        let qr = PivotedQr::new(rows.len(), rows.columns.clone(), TOLERANCE);
        if qr.rank == 0 {
            return Err(ModelError::NoCoefficients);
        }
        let independent: Vec<usize> = qr.pivot.iter().copied().take(qr.rank).collect();
        let mut estimable = independent.clone();
        estimable.sort_unstable();
        let position = |column: &usize| estimable.binary_search(column).unwrap_or(0);
        let positions: Vec<usize> = independent.iter().map(position).collect();

        let effects = qr.q_transposed(&rows.y);
        let mut beta = vec![0.0; qr.rank];
        for (&position, value) in positions.iter().zip(qr.solve_upper(&effects)) {
            if let Some(slot) = beta.get_mut(position) {
                *slot = value;
            }
        }
        let mut unscaled_factor = DMatrix::zeros(qr.rank, qr.rank);
        for (column, values) in qr.inverse_columns().iter().enumerate() {
            for (&row, &value) in positions.iter().zip(values) {
                unscaled_factor[(row, column)] = value;
            }
        }
        if !beta
            .iter()
            .chain(unscaled_factor.iter())
            .all(|value| value.is_finite())
        {
            return Err(ModelError::Numerical(
                "the solution of the least-squares problem",
            ));
        }
        let rss = effects
            .iter()
            .skip(qr.rank)
            .map(|effect| effect * effect)
            .sum();
        let null_space = (qr.rank..p)
            .map(|aliased| null_vector(&qr, aliased, &independent, p))
            .collect();
        Ok(Self {
            qr,
            estimable,
            beta,
            unscaled_factor,
            null_space,
            rss,
        })
    }

    /// β with zeros for the coefficients that are not estimable.
    fn full_beta(&self, design: &Design) -> Vec<f64> {
        let mut full = vec![0.0; design.names.len()];
        for (&column, &value) in self.estimable.iter().zip(&self.beta) {
            if let Some(slot) = full.get_mut(column) {
                *slot = value;
            }
        }
        full
    }
}

/// The combination of columns, with the dependent one at pivoted position `position`, that is zero.
fn null_vector(qr: &PivotedQr, position: usize, independent: &[usize], p: usize) -> Vec<f64> {
    let mut vector = vec![0.0; p];
    for (&column, value) in independent.iter().zip(qr.dependence(position)) {
        if let Some(slot) = vector.get_mut(column) {
            *slot = value;
        }
    }
    if let Some(slot) = qr
        .pivot
        .get(position)
        .and_then(|&column| vector.get_mut(column))
    {
        *slot = -1.0;
    }
    vector
}

fn summarise(
    rows: &WeightedRows,
    solution: &Solution,
    fitted: &[f64],
    residuals: &[f64],
    intercept: bool,
) -> Result<FitSummary, ModelError> {
    let (nobs, rank) = (rows.len(), solution.qr.rank);
    if nobs <= rank {
        return Err(ModelError::NoResidualDf { rows: nobs, rank });
    }
    let df_residual = nobs - rank;
    let (n, df) = (nobs as f64, df_residual as f64);
    let weighted = |values: &[f64]| -> Vec<(f64, f64)> {
        let kept = rows
            .places
            .iter()
            .filter_map(|&row| values.get(row).copied());
        rows.weights.iter().copied().zip(kept).collect()
    };
    // From the residuals, as R's summary; the orthogonal effects give the same up to rounding.
    let rss: f64 = weighted(residuals)
        .iter()
        .map(|(w, residual)| w * residual * residual)
        .sum();
    let variance = rss / df;
    if !(rss.is_finite() && solution.rss.is_finite()) {
        return Err(ModelError::Numerical("the residual sum of squares"));
    }
    if rss == 0.0 {
        return Err(ModelError::PerfectFit);
    }
    let fitted = weighted(fitted);
    let total_weight: f64 = rows.weights.iter().sum();
    let mean = fitted.iter().map(|(w, fitted)| w * fitted).sum::<f64>() / total_weight;
    let centre = if intercept { mean } else { 0.0 };
    let model_ss: f64 = fitted
        .iter()
        .map(|(w, fitted)| w * (fitted - centre) * (fitted - centre))
        .sum();
    let df_intercept = usize::from(intercept);
    let has_terms = rank > df_intercept;
    let r_squared = model_ss / (model_ss + rss);
    let log_weights: f64 = rows.weights.iter().map(|w| w.ln()).sum();
    let log_lik =
        0.5 * (log_weights - n * ((2.0 * std::f64::consts::PI).ln() + 1.0 - n.ln() + rss.ln()));
    let parameters = (rank + 1) as f64;
    let df_model = (rank - df_intercept) as f64;
    let spread = fitted
        .iter()
        .map(|(_, fitted)| (fitted - mean) * (fitted - mean))
        .sum::<f64>()
        / (n - 1.0).max(1.0);
    Ok(FitSummary {
        nobs,
        rank,
        df_residual,
        rss,
        sigma: variance.sqrt(),
        r_squared: has_terms.then_some(r_squared),
        adj_r_squared: has_terms
            .then(|| 1.0 - (1.0 - r_squared) * ((n - df_intercept as f64) / df)),
        f_test: has_terms.then(|| FTest::new(model_ss / df_model / variance, df_model, df)),
        log_lik,
        aic: -2.0 * log_lik + 2.0 * parameters,
        bic: -2.0 * log_lik + n.ln() * parameters,
        essentially_perfect: variance < (mean * mean + spread) * 1e-30,
    })
}
