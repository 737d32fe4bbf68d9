//! A fitted linear mixed model.

use super::super::design::Design;
use super::super::formula::Formula;
use super::super::linear::Coefficient;
use super::super::linear::fit::{column_lengths, response};
use super::super::linear::rows::WeightedRows;
use super::super::model_data::ModelData;
use super::super::model_error::ModelError;
use super::super::model_frame::ModelFrame;
use super::components::{TermComponents, components};
use super::criterion::{Profiled, Target};
use super::inference::Method;
use super::modes::{ConditionalModes, conditional_modes, fitted_values};
use super::options::{Estimation, MixedOptions};
use super::problem::Problem;
use super::random::Random;
use super::search::{Convergence, Found, SINGULAR, search};
use nalgebra::DMatrix;
use std::sync::Arc;

/// A fitted linear mixed model: y = X β + Z b + ε, with b normal with covariance σ² Λ Λᵀ, ε independent normal with
/// variance σ² / w (Laird & Ware 1982; Bates et al 2015).
#[derive(Clone)]
pub struct MixedFit {
    /// The formula.
    pub formula: Formula,
    /// The options.
    pub options: MixedOptions,
    /// The rows and variables.
    pub frame: ModelFrame,
    /// X.
    pub design: Design,
    /// β with its inference by the options' method, a coefficient for each column of X.
    pub coefficients: Vec<Coefficient>,
    /// The covariance of the estimable coefficients, σ² (Xᵀ V⁻¹ X)⁻¹.
    pub covariance: DMatrix<f64>,
    /// The columns of X that can be estimated, ascending.
    pub estimable: Vec<usize>,
    /// σ, the residual standard deviation.
    pub sigma: f64,
    /// The entries of the relative Cholesky factors Λ: by term, within a term by columns of the lower triangle, as
    /// lme4 orders them.
    pub theta: Vec<f64>,
    /// The standard deviations and correlations of the random effects, terms in the order of `theta`.
    pub components: Vec<TermComponents>,
    /// Each grouping factor with the number of its levels.
    pub groups: Vec<(String, usize)>,
    /// −2 log restricted likelihood, or −2 log likelihood, at the estimates.
    pub criterion: f64,
    /// −½ `criterion`.
    pub log_lik: f64,
    /// `criterion` + 2 `parameters`.
    pub aic: f64,
    /// `criterion` + log(nobs) `parameters`.
    pub bic: f64,
    /// Estimable coefficients, entries of θ, and σ.
    pub parameters: usize,
    /// Rows with positive weight.
    pub nobs: usize,
    /// Whether a variance is zero or effects are linear functions of each other: the random effects then have fewer
    /// dimensions than the formula gives them, and their likelihood is not near normal.
    pub singular: bool,
    /// How the optimum was found.
    pub convergence: Convergence,
    /// X β + Z b for all rows of the frame.
    pub fitted: Vec<f64>,
    /// y − `fitted`, not weighted.
    pub residuals: Vec<f64>,
    /// The conditional modes of the random effects (best linear unbiased predictions), terms as in `theta`.
    pub modes: Vec<ConditionalModes>,
    /// θ in computing units.
    pub(super) scaled: Vec<f64>,
    pub(super) problem: Arc<Problem>,
    /// The model at its optimum.
    pub(super) at: Arc<Profiled>,
    pub(super) column_lengths: Vec<f64>,
    pub(super) method: Method,
}

impl std::fmt::Debug for MixedFit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MixedFit")
            .field("formula", &self.formula.text)
            .field("coefficients", &self.coefficients)
            .field("components", &self.components)
            .field("sigma", &self.sigma)
            .field("criterion", &self.criterion)
            .finish_non_exhaustive()
    }
}

impl MixedFit {
    /// Fits a formula to data.
    ///
    /// Errors besides those of the frame and the designs: no outcome or a factor as outcome, no random effect, an
    /// outcome that is constant or a function of its predictors, grouping factors with one level or one for every row,
    /// as many random effects as rows, an effect twice, and an optimum that can't be found.
    pub fn new(
        formula: &Formula,
        data: &ModelData,
        options: &MixedOptions,
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

    pub(super) fn of_frame(
        formula: &Formula,
        frame: ModelFrame,
        options: &MixedOptions,
    ) -> Result<Self, Vec<ModelError>> {
        let y = response(formula, &frame).map_err(|error| vec![error])?;
        let design = Design::build(&frame, &formula.terms, formula.intercept, options.coding)?;
        let rows = WeightedRows::new(&frame, &design.matrix, &y);
        let random = Random::build(formula, &frame, &rows.places)?;
        let one = |error| vec![error];
        let problem = Problem::new(&rows, design.matrix.ncols(), &random).map_err(one)?;
        let found = search(&problem, &Target::of(options.estimation), None).map_err(one)?;
        let parts = Parts {
            formula,
            options,
            frame,
            design,
            y,
        };
        parts.assemble(&random, problem, found).map_err(one)
    }

    /// The names of the coefficients that depend on others.
    pub fn aliased(&self) -> Vec<String> {
        let all = self.design.names.iter().enumerate();
        all.filter(|(column, _)| self.estimable.binary_search(column).is_err())
            .map(|(_, name)| name.to_string())
            .collect()
    }

    /// The criterion, REML or ML, at other values of θ than the best; none where it has no value there.
    pub fn criterion_at(&self, theta: &[f64], estimation: Estimation) -> Option<f64> {
        if theta.len() != self.problem.template.len() {
            return None;
        }
        let theta = self.problem.template.scaled(theta);
        let at = self.problem.evaluate(&theta, &Target::of(estimation))?;
        Some(at.value + self.problem.units.constant(estimation))
    }
}

/// What a fit is assembled from.
struct Parts<'a> {
    formula: &'a Formula,
    options: &'a MixedOptions,
    frame: ModelFrame,
    design: Design,
    y: Vec<f64>,
}

impl Parts<'_> {
    fn assemble(
        self,
        random: &Random,
        problem: Problem,
        found: Found,
    ) -> Result<MixedFit, ModelError> {
        let options = self.options;
        let at = problem
            .evaluate(&found.theta, &Target::of(options.estimation))
            .ok_or(ModelError::Numerical("the criterion at its optimum"))?;
        let sigma = problem.units.length * at.variance().sqrt();
        let root = &problem.units.back * sigma;
        let covariance = &root * &at.inverse * root.transpose();
        let criterion = at.value + problem.units.constant(options.estimation);
        let parameters = problem.p + problem.template.len() + 1;
        let nobs = problem.n;
        let beta = problem.units.coefficients(&at.beta);
        let modes = conditional_modes(&problem, random, &self.frame, &self.design, &self.y, &at);
        let fitted = fitted_values(
            &self.design,
            &problem.units.estimable,
            &beta,
            random,
            &modes,
            &self.frame,
        );
        let residuals = self
            .y
            .iter()
            .zip(&fitted)
            .map(|(y, fitted)| y - fitted)
            .collect();
        let diagonal = problem.template.diagonal();
        let singular = diagonal.iter().any(|&index| found.theta[index] < SINGULAR);
        let groups = random
            .groupings
            .iter()
            .map(|g| (g.label.clone(), g.levels.len()))
            .collect();
        let mut fit = MixedFit {
            formula: self.formula.clone(),
            options: options.clone(),
            coefficients: Vec::new(),
            covariance,
            estimable: problem.units.estimable.clone(),
            sigma,
            theta: problem.template.unscaled(&found.theta),
            components: components(&problem.template, random, &found.theta, sigma),
            groups,
            criterion,
            log_lik: -0.5 * criterion,
            aic: criterion + 2.0 * parameters as f64,
            bic: criterion + (nobs as f64).ln() * parameters as f64,
            parameters,
            nobs,
            singular,
            convergence: found.convergence,
            fitted,
            residuals,
            modes,
            column_lengths: column_lengths(&self.design),
            scaled: found.theta,
            method: Method::Wald,
            problem: Arc::new(problem),
            at: Arc::new(at),
            frame: self.frame,
            design: self.design,
        };
        fit.prepare_inference()?;
        Ok(fit)
    }
}

/// What can be refused before looking at the data.
fn refusals(formula: &Formula, options: &MixedOptions) -> Vec<ModelError> {
    let mut errors = Vec::new();
    if formula.response().is_none() {
        errors.push(ModelError::NoResponse);
    }
    if formula.random.is_empty() {
        errors.push(ModelError::NoRandomEffects);
    }
    if !(options.level > 0.0 && options.level < 1.0) {
        errors.push(ModelError::ConfidenceLevel(options.level));
    }
    errors
}
