//! A fitted model for repeated measures.

use super::super::design::Design;
use super::super::formula::Formula;
use super::super::linear::Coefficient;
use super::super::linear::fit::{column_lengths, response};
use super::super::linear::rows::WeightedRows;
use super::super::linear::solution::Solution;
use super::super::mixed::units::{Unit, Units};
use super::super::mixed::{Convergence, Estimation};
use super::super::model_data::ModelData;
use super::super::model_error::ModelError;
use super::super::model_frame::ModelFrame;
use super::error::RepeatedError;
use super::inference::Inference;
use super::likelihood::Likelihood;
use super::options::RepeatedOptions;
use super::parameters::Structure;
use super::pattern::Pattern;
use super::search::{Found, search};
use super::structure::CovarianceKind;
use super::subjects::{Subjects, refusals, with_known_visits};
use nalgebra::{DMatrix, DVector};
use std::collections::BTreeMap;
use std::sync::Arc;

/// More parameters of covariance than this are not fitted: the Hessian's cost grows with their square.
const MAX_PARAMETERS: usize = 600;

/// The covariance matrix of the visits.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitCovariance {
    /// The group whose it is; none if all share it.
    pub group: Option<String>,
    /// Rows and columns as the fit's visits, in squared units of the outcome, of a row of weight 1.
    pub matrix: DMatrix<f64>,
    /// Its parameters: the logarithms of standard deviations (unstructured: of D in `Σ = D U Uᵀ D` with a unit triangle
    /// U), then those of correlations.
    pub theta: Vec<f64>,
}

/// A fitted model for repeated measures: y = X β + ε, ε normal, independent between subjects and with a covariance
/// matrix over the visits within (Mallinckrodt et al 2008).
#[derive(Clone)]
pub struct RepeatedFit {
    /// The formula.
    pub formula: Formula,
    /// The options.
    pub options: RepeatedOptions,
    /// The rows and variables.
    pub frame: ModelFrame,
    /// X.
    pub design: Design,
    /// β with its inference by the options' method, a coefficient for each column of X.
    pub coefficients: Vec<Coefficient>,
    /// The covariance of the estimable coefficients by the options' method.
    pub coefficient_covariance: DMatrix<f64>,
    /// The columns of X that can be estimated, ascending.
    pub estimable: Vec<usize>,
    /// The visits in order.
    pub visits: Vec<String>,
    /// The covariance matrix of the visits, one for each group.
    pub covariances: Vec<VisitCovariance>,
    /// The asymptotic covariance of their parameters, those of the first group first.
    pub theta_covariance: DMatrix<f64>,
    /// −2 log restricted likelihood, or −2 log likelihood, at the estimates.
    pub criterion: f64,
    /// −½ `criterion`.
    pub log_lik: f64,
    /// `criterion` + 2 `parameters`.
    pub aic: f64,
    /// `criterion` + log(subjects) `parameters`.
    pub bic: f64,
    /// Parameters of the covariance; by ML, estimable coefficients, too.
    pub parameters: usize,
    /// Rows with positive weight.
    pub nobs: usize,
    /// Subjects with such rows.
    pub subjects: usize,
    /// How the optimum was found.
    pub convergence: Convergence,
    /// X β for all rows of the frame.
    pub fitted: Vec<f64>,
    /// y − X β, not weighted.
    pub residuals: Vec<f64>,
    pub(super) units: Arc<Units>,
    pub(super) beta: DVector<f64>,
    pub(super) column_lengths: Vec<f64>,
    pub(super) problem: Arc<Problem>,
    pub(super) found: Arc<Found>,
    pub(super) inference: Arc<Inference>,
}

/// What inference needs of the data, in computing units.
pub(super) struct Problem {
    pub likelihood: Likelihood,
    pub subjects: Subjects,
    /// (Q, y) of the rows that count.
    pub rows: DMatrix<f64>,
    /// For each estimable column of X, whether and how it varies.
    pub variation: Vec<Variation>,
}

/// Where a column of X varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variation {
    Intercept,
    Between,
    Within,
}

impl std::fmt::Debug for RepeatedFit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RepeatedFit")
            .field("formula", &self.formula.text)
            .field("coefficients", &self.coefficients)
            .field("covariances", &self.covariances)
            .field("criterion", &self.criterion)
            .finish_non_exhaustive()
    }
}

impl RepeatedFit {
    /// Fits a formula to data.
    ///
    /// Errors besides those of the frame and the design: no outcome or a factor as outcome, random effects, an
    /// outcome that is constant or a function of its predictors, what [`RepeatedError`] lists, and an optimum that
    /// can't be found.
    pub fn new(
        formula: &Formula,
        data: &ModelData,
        options: &RepeatedOptions,
    ) -> Result<Self, Vec<ModelError>> {
        let mut errors = refusals(options);
        if formula.response().is_none() {
            errors.push(ModelError::NoResponse);
        }
        if let Some(random) = formula.random.first() {
            errors.push(ModelError::RandomEffects { span: random.span });
        }
        let marked = formula.columns().first().copied();
        let masked = match with_known_visits(data, options, marked) {
            Ok(masked) => masked,
            Err(more) => {
                errors.extend(more);
                return Err(errors);
            }
        };
        match ModelFrame::build(formula, &masked, options.weights.as_deref()) {
            Ok(frame) if errors.is_empty() => Self::of_frame(formula, frame, &masked, options),
            Ok(_) => Err(errors),
            Err(more) => {
                errors.extend(more);
                Err(errors)
            }
        }
    }

    fn of_frame(
        formula: &Formula,
        frame: ModelFrame,
        data: &ModelData,
        options: &RepeatedOptions,
    ) -> Result<Self, Vec<ModelError>> {
        let one = |error| vec![error];
        let y = response(formula, &frame).map_err(one)?;
        let design = Design::build(&frame, &formula.terms, formula.intercept, options.coding)?;
        let rows = WeightedRows::new(&frame, &design.matrix, &y);
        let places: Vec<usize> = rows.places.iter().map(|&place| frame.rows[place]).collect();
        if places.is_empty() {
            return Err(vec![ModelError::NoRows]);
        }
        let subjects = Subjects::new(data, options, &places)?;
        let solution = Solution::new(&rows, design.matrix.ncols()).map_err(one)?;
        let (units, columns) = Units::new(&rows, solution, Unit::Deviation).map_err(one)?;
        let orthonormal = DMatrix::from_vec(rows.len(), columns.len(), columns.concat());
        let variation = variation(&design, &units.estimable, &rows, &subjects);
        let likelihood = likelihood(&subjects, &orthonormal, options.covariance).map_err(one)?;
        let found = search(&likelihood, options.estimation).map_err(one)?;
        let problem = Problem {
            likelihood,
            subjects,
            rows: orthonormal,
            variation,
        };
        Self::assembled(formula, frame, design, &y, options, units, problem, found).map_err(one)
    }

    #[allow(clippy::too_many_arguments, reason = "each part once, here only")]
    fn assembled(
        formula: &Formula,
        frame: ModelFrame,
        design: Design,
        y: &[f64],
        options: &RepeatedOptions,
        units: Units,
        problem: Problem,
        found: Found,
    ) -> Result<Self, ModelError> {
        let inference = Inference::new(&problem, &found, options)?;
        let likelihood = &problem.likelihood;
        let (n, p, m) = (likelihood.n, likelihood.p, problem.subjects.members.len());
        let ml = options.estimation == Estimation::Ml;
        let parameters = likelihood.parameters() + if ml { p } else { 0 };
        let criterion = found.point.value + units.constant(options.estimation);
        let beta = units.coefficients(&found.point.beta);
        let mut full = DVector::zeros(design.names.len());
        for (&column, &value) in units.estimable.iter().zip(beta.iter()) {
            full[column] = value;
        }
        let fitted: Vec<f64> = (&design.matrix * full).iter().copied().collect();
        let residuals = y
            .iter()
            .zip(&fitted)
            .map(|(y, fitted)| y - fitted)
            .collect();
        let root = &units.back * units.length;
        let mut fit = Self {
            formula: formula.clone(),
            options: options.clone(),
            coefficients: Vec::new(),
            coefficient_covariance: &root * &inference.covariance * root.transpose(),
            estimable: units.estimable.clone(),
            visits: problem.subjects.visits.clone(),
            covariances: covariances(&problem, &found, units.length),
            theta_covariance: inference.theta_covariance.clone(),
            criterion,
            log_lik: -0.5 * criterion,
            aic: criterion + 2.0 * parameters as f64,
            bic: criterion + (m as f64).ln() * parameters as f64,
            parameters,
            nobs: n,
            subjects: m,
            convergence: found.convergence,
            fitted,
            residuals,
            column_lengths: column_lengths(&design),
            beta,
            units: Arc::new(units),
            problem: Arc::new(problem),
            found: Arc::new(found),
            inference: Arc::new(inference),
            frame,
            design,
        };
        fit.coefficients = fit.infer_coefficients()?;
        Ok(fit)
    }

    /// The names of the coefficients that depend on others.
    pub fn aliased(&self) -> Vec<String> {
        let all = self.design.names.iter().enumerate();
        all.filter(|(column, _)| self.estimable.binary_search(column).is_err())
            .map(|(_, name)| name.to_string())
            .collect()
    }

    /// The criterion, REML or ML, at other parameters than the best: those of the covariance matrices, as
    /// [`VisitCovariance::theta`] has them, the first group's first. None where it has no value there.
    pub fn criterion_at(&self, theta: &[f64], estimation: Estimation) -> Option<f64> {
        let likelihood = &self.problem.likelihood;
        if theta.len() != likelihood.parameters() {
            return None;
        }
        let variances = likelihood.structure.variances();
        let unit = self.units.length.ln();
        let scaled = theta.iter().enumerate().map(|(index, value)| {
            let is_log = index % likelihood.block() < variances;
            value - if is_log { unit } else { 0.0 }
        });
        let point = likelihood.at(&scaled.collect::<Vec<f64>>(), estimation)?;
        Some(point.value + self.units.constant(estimation))
    }

    /// The same fit with another method for the tests and intervals of the coefficients.
    pub fn with_inference(&self, options: &RepeatedOptions) -> Result<Self, Vec<ModelError>> {
        let mut fit = self.clone();
        fit.options.df = options.df;
        fit.options.information = options.information;
        fit.options.coefficient_covariance = options.coefficient_covariance;
        fit.options.level = options.level;
        let errors = refusals(&fit.options);
        if !errors.is_empty() {
            return Err(errors);
        }
        let one = |error| vec![error];
        let inference = Inference::new(&fit.problem, &fit.found, &fit.options).map_err(one)?;
        let root = &fit.units.back * fit.units.length;
        fit.coefficient_covariance = &root * &inference.covariance * root.transpose();
        fit.theta_covariance = inference.theta_covariance.clone();
        fit.inference = Arc::new(inference);
        fit.coefficients = fit.infer_coefficients().map_err(one)?;
        Ok(fit)
    }
}

/// Subjects by group and visits.
fn likelihood(
    subjects: &Subjects,
    rows: &DMatrix<f64>,
    kind: CovarianceKind,
) -> Result<Likelihood, ModelError> {
    let mut together: BTreeMap<(usize, Vec<usize>), Vec<DMatrix<f64>>> = BTreeMap::new();
    for subject in &subjects.members {
        let visits = subject.rows.iter().map(|row| row.0).collect();
        let places: Vec<usize> = subject.rows.iter().map(|row| row.1).collect();
        let own = rows.select_rows(&places);
        together
            .entry((subject.group, visits))
            .or_default()
            .push(own);
    }
    let likelihood = Likelihood {
        n: rows.nrows(),
        p: rows.ncols() - 1,
        structure: Structure {
            kind,
            visits: subjects.visits.len(),
            times: subjects.times.clone(),
        },
        groups: subjects.groups.len(),
        patterns: together
            .into_iter()
            .map(|((group, visits), rows)| Pattern::new(group, visits, rows))
            .collect(),
    };
    let count = likelihood.parameters();
    if count > MAX_PARAMETERS {
        return Err(ModelError::Repeated(RepeatedError::TooMany {
            what: "parameters of the covariance",
            count,
            limit: MAX_PARAMETERS,
        }));
    }
    Ok(likelihood)
}

/// The matrices and parameters in the outcome's units.
fn covariances(problem: &Problem, found: &Found, length: f64) -> Vec<VisitCovariance> {
    let likelihood = &problem.likelihood;
    let variances = likelihood.structure.variances();
    let thetas = found.theta.as_slice().chunks(likelihood.block());
    let parts = problem
        .subjects
        .groups
        .iter()
        .zip(&found.point.jets)
        .zip(thetas);
    parts
        .map(|((group, jet), theta)| {
            let mut theta = theta.to_vec();
            for log in theta.iter_mut().take(variances) {
                *log += length.ln();
            }
            VisitCovariance {
                group: group.clone(),
                matrix: &jet.sigma * (length * length),
                theta,
            }
        })
        .collect()
}

/// Whether each estimable column of X is the intercept, constant within subjects, or not.
fn variation(
    design: &Design,
    estimable: &[usize],
    rows: &WeightedRows,
    subjects: &Subjects,
) -> Vec<Variation> {
    let of = |column: usize| {
        if design.names[column].parts.is_empty() {
            return Variation::Intercept;
        }
        let value = |place: usize| design.matrix[(rows.places[place], column)];
        let varies = subjects.members.iter().any(|subject| {
            let first = subject.rows.first().map(|row| value(row.1));
            subject.rows.iter().any(|row| Some(value(row.1)) != first)
        });
        if varies {
            Variation::Within
        } else {
            Variation::Between
        }
    };
    estimable.iter().map(|&column| of(column)).collect()
}
