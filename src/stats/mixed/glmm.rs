//! Generalised linear mixed models: logistic and Poisson, with random effects of one grouping factor.

use super::super::StatsError;
use super::super::design::{Coding, Design};
use super::super::formula::Formula;
use super::super::linear::contrast::estimable_part;
use super::super::linear::fit::{column_lengths, response};
use super::super::linear::means::{self, FixedEffects};
use super::super::linear::rows::WeightedRows;
use super::super::linear::solution::Solution;
use super::super::linear::{
    Coefficient, Comparison, Estimate, MarginalMean, MeanDifference, MeansRequest,
};
use super::super::model_data::ModelData;
use super::super::model_error::ModelError;
use super::super::model_frame::ModelFrame;
use super::components::{TermComponents, components};
use super::covariance::Template;
use super::family::Family;
use super::glmm_likelihood::{GlmmGroup, GlmmLikelihood};
use super::hermite::gauss_hermite;
use super::modes::ConditionalModes;
use super::random::Random;
use super::search::{SINGULAR, search_by_differences};
use nalgebra::{DMatrix, DVector};

/// More points than any integrand here needs.
const MAX_POINTS: usize = 100;
/// The variance of a coefficient, of a column with a root mean square of 1 and on the scale of the link, at which the data
/// say nothing of it: where outcomes are certain, its estimate has no end.
const KNOWN_NOTHING: f64 = 400.0;

/// What a generalised fit can be asked for besides its formula.
#[derive(Debug, Clone, PartialEq)]
pub struct GlmmOptions {
    /// The distribution of the outcome.
    pub family: Family,
    /// The column of numbers of trials ([`Family::Binomial`] only); without it each row is one.
    pub trials: Option<String>,
    /// Points of the adaptive Gauss–Hermite quadrature: 1 is Laplace's approximation; more need a single random effect.
    pub points: usize,
    /// The confidence level of intervals.
    pub level: f64,
}

impl GlmmOptions {
    /// Laplace's approximation for a family.
    pub fn of(family: Family) -> Self {
        Self {
            family,
            trials: None,
            points: 1,
            level: 0.95,
        }
    }
}

/// A fitted generalised linear mixed model: given random effects b, normal with covariance Λ Λᵀ, outcomes are
/// independent with g(E y) = X β + Z b for the canonical link g. β and Λ maximise the likelihood approximated by
/// Laplace's method or adaptive Gauss–Hermite quadrature, together, as lme4's `glmer` does.
#[derive(Debug, Clone)]
pub struct GlmmFit {
    /// The formula.
    pub formula: Formula,
    /// The options.
    pub options: GlmmOptions,
    /// The rows and variables.
    pub frame: ModelFrame,
    /// X.
    pub design: Design,
    /// β on the scale of the link, with Wald z inference, a coefficient for each column of X.
    pub coefficients: Vec<Coefficient>,
    /// The covariance of the estimable coefficients: of the inverse Hessian of β and θ together.
    pub covariance: DMatrix<f64>,
    /// The columns of X that can be estimated, ascending.
    pub estimable: Vec<usize>,
    /// The entries of Λ: by term, within a term by columns of the lower triangle.
    pub theta: Vec<f64>,
    /// The standard deviations and correlations of the random effects, on the scale of the link.
    pub components: Vec<TermComponents>,
    /// The grouping factor with the number of its levels.
    pub groups: Vec<(String, usize)>,
    /// −2 log likelihood, with all constants.
    pub criterion: f64,
    /// −½ `criterion`.
    pub log_lik: f64,
    /// `criterion` + 2 `parameters`.
    pub aic: f64,
    /// `criterion` + log(nobs) `parameters`.
    pub bic: f64,
    /// Estimable coefficients and entries of θ.
    pub parameters: usize,
    /// Rows with trials.
    pub nobs: usize,
    /// Whether the random effects have fewer dimensions than the formula gives them.
    pub singular: bool,
    /// The expected outcome of every row given the modes of the random effects.
    pub fitted: Vec<f64>,
    /// The modes of the random effects given the data.
    pub modes: Vec<ConditionalModes>,
    beta: Vec<f64>,
    column_lengths: Vec<f64>,
    null_space: Vec<Vec<f64>>,
}

/// The pieces that a fit is found from.
struct Setup {
    random: Random,
    template: Template,
    likelihood: GlmmLikelihood,
    solution: Solution,
    n: usize,
}

impl GlmmFit {
    /// Fits a formula to data.
    ///
    /// Errors besides those of a mixed model: more than one grouping factor, outcomes that the family does not have,
    /// quadrature of several effects, and outcomes that are certain (separation).
    pub fn new(
        formula: &Formula,
        data: &ModelData,
        options: &GlmmOptions,
    ) -> Result<Self, Vec<ModelError>> {
        let mut errors = refusals(formula, options);
        let frame = match ModelFrame::build(formula, data, options.trials.as_deref()) {
            Ok(frame) if errors.is_empty() => frame,
            Ok(_) => return Err(errors),
            Err(more) => {
                errors.extend(more);
                return Err(errors);
            }
        };
        let y = response(formula, &frame).map_err(|error| vec![error])?;
        let design = Design::build(&frame, &formula.terms, formula.intercept, Coding::Treatment)?;
        let setup = Setup::new(formula, &frame, &design, &y, options)?;
        setup
            .fit(formula, frame, design, options)
            .map_err(|error| vec![error])
    }

    /// The names of the coefficients that depend on others.
    pub fn aliased(&self) -> Vec<String> {
        let all = self.design.names.iter().enumerate();
        all.filter(|(column, _)| self.estimable.binary_search(column).is_err())
            .map(|(_, name)| name.to_string())
            .collect()
    }

    /// The weights of the estimable coefficients, if the data can tell the combination.
    fn estimable_part(&self, weights: &[f64]) -> Result<DVector<f64>, ModelError> {
        let aliased = || self.aliased();
        let weights = estimable_part(
            weights,
            &self.estimable,
            &self.column_lengths,
            &self.null_space,
            &aliased,
        )?;
        Ok(DVector::from_vec(weights))
    }

    /// The combination of coefficients with the given weights, one for each coefficient, tested against zero.
    pub fn contrast(&self, weights: &[f64]) -> Result<Estimate, ModelError> {
        let weights = self.estimable_part(weights)?;
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(ModelError::EmptyContrast);
        }
        let estimate = weights.dot(&DVector::from_column_slice(&self.beta));
        let std_error = weights.dot(&(&self.covariance * &weights)).sqrt();
        Estimate::new(estimate, std_error, f64::INFINITY, self.options.level)
    }

    /// The marginal means of a request, on the scale of the link.
    pub fn marginal_means(&self, request: &MeansRequest) -> Result<Vec<MarginalMean>, ModelError> {
        means::marginal_means(self, request)
    }

    /// Differences of the marginal means of a request: log odds ratios, or log ratios of rates.
    pub fn mean_differences(
        &self,
        request: &MeansRequest,
        comparison: &Comparison,
    ) -> Result<Vec<MeanDifference>, ModelError> {
        means::mean_differences(self, request, comparison)
    }
}

impl FixedEffects for GlmmFit {
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

    fn contrast_covariance(&self, rows: &[Vec<f64>]) -> Result<DMatrix<f64>, ModelError> {
        let rows: Vec<DVector<f64>> = rows
            .iter()
            .map(|row| self.estimable_part(row))
            .collect::<Result<_, _>>()?;
        let covariance = |i: usize, j: usize| rows[i].dot(&(&self.covariance * &rows[j]));
        Ok(DMatrix::from_fn(rows.len(), rows.len(), covariance))
    }

    fn level(&self) -> f64 {
        self.options.level
    }
}

impl Setup {
    fn new(
        formula: &Formula,
        frame: &ModelFrame,
        design: &Design,
        y: &[f64],
        options: &GlmmOptions,
    ) -> Result<Self, Vec<ModelError>> {
        let one = |error| vec![error];
        let family = options.family;
        let ones = vec![1.0; y.len()];
        let weights = frame.weights.as_ref().unwrap_or(&ones);
        for (position, (&y, &weight)) in y.iter().zip(weights).enumerate() {
            if !family.admits(y, weight) {
                let row = frame.rows.get(position).copied().unwrap_or(position);
                return Err(vec![ModelError::ImpossibleOutcome { row }]);
            }
        }
        // Rows without trials say nothing, but do no harm either.
        let plain = ModelFrame {
            weights: None,
            ..frame.clone()
        };
        let rows = WeightedRows::new(&plain, &design.matrix, y);
        let random = Random::build(formula, frame, &rows.places)?;
        if let [_, second, ..] = random.groupings.as_slice() {
            return Err(vec![ModelError::SecondGrouping {
                group: second.label.clone(),
            }]);
        }
        let template = Template::new(&random);
        let q = template.sizes.iter().sum();
        if q > 1 && options.points > 1 {
            return Err(vec![ModelError::Quadrature { effects: q }]);
        }
        let solution = Solution::new(&rows, design.matrix.ncols()).map_err(one)?;
        let (n, p) = (rows.len(), solution.qr.rank);
        let likelihood = GlmmLikelihood {
            family,
            groups: groups(&random, &template, &solution, y, weights),
            q,
            p,
            quadrature: gauss_hermite(options.points),
            constant: y
                .iter()
                .zip(weights)
                .map(|(&y, &w)| family.constant(y, w))
                .sum(),
        };
        Ok(Self {
            random,
            template,
            likelihood,
            solution,
            n,
        })
    }

    /// Λ and β of parameters that hold θ before β.
    fn unpack(&self, x: &DVector<f64>) -> (DMatrix<f64>, Vec<f64>) {
        let (theta, beta) = x.as_slice().split_at(self.template.len());
        let lambda = self.template.factors(theta).pop();
        (
            lambda.unwrap_or_else(|| DMatrix::zeros(0, 0)),
            beta.to_vec(),
        )
    }

    fn deviance(&self, x: &DVector<f64>) -> Option<f64> {
        let (lambda, beta) = self.unpack(x);
        self.likelihood.deviance(&lambda, &beta)
    }

    fn fit(
        self,
        formula: &Formula,
        frame: ModelFrame,
        design: Design,
        options: &GlmmOptions,
    ) -> Result<GlmmFit, ModelError> {
        let (k, p) = (self.template.len(), self.likelihood.p);
        let value = |x: &DVector<f64>| self.deviance(x);
        let found = search_by_differences(&self.template, &value, p)?;
        let (lambda, basis) = self.unpack(&found.x);
        let root = &self.solution.unscaled_factor * (self.n as f64).sqrt();
        let beta = &root * DVector::from_column_slice(&basis);
        let inverse = found.hessian.clone().try_inverse();
        let inverse = inverse.ok_or(ModelError::Numerical("the Hessian of the mixed model"))?;
        let inverse = inverse.view((k, k), (p, p)) * 2.0;
        if inverse
            .diagonal()
            .iter()
            .any(|variance| variance.is_nan() || *variance > KNOWN_NOTHING)
        {
            return Err(StatsError::degenerate(
                "a generalised mixed model",
                "some outcomes can be told without error, so that no finite coefficients fit best",
            )
            .into());
        }
        let covariance = &root * inverse * root.transpose();
        let modes = self
            .likelihood
            .modes(&lambda, &basis)
            .ok_or(ModelError::Numerical("the modes of the random effects"))?;
        let effects = DMatrix::from_fn(modes.len(), self.likelihood.q, |level, column| {
            lambda
                .row(column)
                .iter()
                .zip(&modes[level].u)
                .map(|(l, u)| l * u)
                .sum()
        });
        let eta = self.predictor(&design, &beta, &effects);
        let theta = &found.x.as_slice()[..k];
        let diagonal = self.template.diagonal();
        let parameters = k + p;
        let counts = frame.weights.as_ref();
        let nobs = counts.map_or(frame.len(), |w| w.iter().filter(|w| **w > 0.0).count());
        let mut fit = GlmmFit {
            formula: formula.clone(),
            options: options.clone(),
            coefficients: Vec::new(),
            covariance,
            estimable: self.solution.estimable.clone(),
            theta: self.template.unscaled(theta),
            components: components(&self.template, &self.random, theta, 1.0),
            groups: self
                .random
                .groupings
                .iter()
                .map(|g| (g.label.clone(), g.levels.len()))
                .collect(),
            criterion: found.value,
            log_lik: -0.5 * found.value,
            aic: found.value + 2.0 * parameters as f64,
            bic: found.value + (nobs as f64).ln() * parameters as f64,
            parameters,
            nobs,
            singular: diagonal.iter().any(|&index| theta[index] < SINGULAR),
            fitted: eta.iter().map(|&eta| options.family.mean(eta)).collect(),
            modes: self.named_modes(&effects),
            beta: beta.as_slice().to_vec(),
            column_lengths: column_lengths(&design),
            null_space: self.solution.null_space,
            frame,
            design,
        };
        fit.coefficients = fit.infer()?;
        Ok(fit)
    }

    /// X β + Z b of every row.
    fn predictor(&self, design: &Design, beta: &DVector<f64>, effects: &DMatrix<f64>) -> Vec<f64> {
        let mut eta = DVector::zeros(design.matrix.nrows());
        for (&column, &beta) in self.solution.estimable.iter().zip(beta.iter()) {
            eta.axpy(beta, &design.matrix.column(column), 1.0);
        }
        for (term, &(factor, offset, _)) in self.random.effects.iter().zip(&self.template.terms) {
            let codes = &self.random.groupings[factor].codes;
            for (index, column) in term.columns.iter().enumerate() {
                let divisor = self.divisor(offset + index);
                for (row, (value, &level)) in column.iter().zip(codes).enumerate() {
                    eta[row] += value / divisor * effects[(level, offset + index)];
                }
            }
        }
        eta.as_slice().to_vec()
    }

    /// The divisor of a column of Z.
    fn divisor(&self, column: usize) -> f64 {
        self.template
            .divisors
            .iter()
            .flatten()
            .nth(column)
            .copied()
            .unwrap_or(1.0)
    }

    fn named_modes(&self, effects: &DMatrix<f64>) -> Vec<ConditionalModes> {
        let terms = self.random.effects.iter().zip(&self.template.terms);
        terms
            .map(|(term, &(factor, offset, size))| {
                let grouping = &self.random.groupings[factor];
                ConditionalModes {
                    group: grouping.label.clone(),
                    levels: grouping.levels.clone(),
                    names: term.names.clone(),
                    values: DMatrix::from_fn(effects.nrows(), size, |level, column| {
                        effects[(level, offset + column)] / self.divisor(offset + column)
                    }),
                }
            })
            .collect()
    }
}

impl GlmmFit {
    fn infer(&self) -> Result<Vec<Coefficient>, ModelError> {
        let mut coefficients = Vec::with_capacity(self.design.names.len());
        for (column, (name, &term)) in self
            .design
            .names
            .iter()
            .zip(&self.design.term_of)
            .enumerate()
        {
            let estimate = match self.estimable.binary_search(&column) {
                Ok(position) => {
                    let std_error = self.covariance[(position, position)].sqrt();
                    let level = self.options.level;
                    Some(Estimate::new(
                        self.beta[position],
                        std_error,
                        f64::INFINITY,
                        level,
                    )?)
                }
                Err(_) => None,
            };
            coefficients.push(Coefficient {
                name: name.clone(),
                term,
                estimate,
            });
        }
        Ok(coefficients)
    }
}

/// The rows of each group, X replaced by √n times an orthonormal basis of its columns and Z divided.
fn groups(
    random: &Random,
    template: &Template,
    solution: &Solution,
    y: &[f64],
    weights: &[f64],
) -> Vec<GlmmGroup> {
    let n = y.len();
    let mut basis = Vec::with_capacity(solution.qr.rank);
    for column in 0..solution.qr.rank {
        let mut unit = vec![0.0; n];
        unit[column] = (n as f64).sqrt();
        basis.push(solution.qr.q(&unit));
    }
    let z: Vec<(&Vec<f64>, f64)> = random
        .effects
        .iter()
        .zip(&template.divisors)
        .flat_map(|(effects, divisors)| effects.columns.iter().zip(divisors.iter().copied()))
        .collect();
    let Some(grouping) = random.groupings.first() else {
        return Vec::new();
    };
    let empty = || GlmmGroup {
        y: Vec::new(),
        weights: Vec::new(),
        z: Vec::new(),
        x: Vec::new(),
    };
    let mut groups: Vec<GlmmGroup> = grouping.levels.iter().map(|_| empty()).collect();
    for (row, &level) in grouping.codes.iter().enumerate() {
        let group = &mut groups[level];
        group.y.push(y[row]);
        group.weights.push(weights[row]);
        group
            .z
            .extend(z.iter().map(|(column, divisor)| column[row] / divisor));
        group.x.extend(basis.iter().map(|column| column[row]));
    }
    groups
}

/// What can be refused before looking at the data.
fn refusals(formula: &Formula, options: &GlmmOptions) -> Vec<ModelError> {
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
    if !(1..=MAX_POINTS).contains(&options.points) {
        let error = StatsError::OutOfRange {
            what: "number of quadrature points",
            value: options.points as f64,
            allowed: "from 1 to 100",
        };
        errors.push(error.into());
    }
    errors
}
