//! Generalised linear mixed models: logistic and Poisson.

use super::super::StatsError;
use super::super::design::{Coding, Design};
use super::super::formula::Formula;
use super::super::linear::Coefficient;
use super::super::linear::fit::{column_lengths, response};
use super::super::linear::rows::WeightedRows;
use super::super::linear::solution::Solution;
use super::super::model_data::ModelData;
use super::super::model_error::ModelError;
use super::super::model_frame::ModelFrame;
use super::components::{TermComponents, components};
use super::covariance::Template;
use super::family::Family;
use super::glmm_crossed::CrossedLikelihood;
use super::glmm_likelihood::GlmmLikelihood;
use super::glmm_offset::{offset, start, with_known_offset};
use super::glmm_rows::{basis, rows_by_group, several};
use super::hermite::gauss_hermite;
use super::modes::ConditionalModes;
use super::random::Random;
use super::search::{Differences, SINGULAR, search_jointly};
use nalgebra::{DMatrix, DVector};

/// Newton's steps for crossed factors factor a dense matrix of up to this order.
const MAX_DENSE: usize = 2000;
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
    /// A column of numbers that the linear predictor has besides X β and Z b, such as the logarithm of the time under
    /// observation.
    pub offset: Option<String>,
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
            offset: None,
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
    /// Each grouping factor with the number of its levels.
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
    pub(super) beta: Vec<f64>,
    pub(super) column_lengths: Vec<f64>,
    pub(super) null_space: Vec<Vec<f64>>,
}

/// The pieces that a fit is found from.
struct Setup {
    random: Random,
    template: Template,
    likelihood: Likelihood,
    solution: Solution,
    /// The offset of each row; a last column of X, whose coefficient is 1.
    offset: Option<Vec<f64>>,
    /// Where the search for the coefficients begins.
    start: DVector<f64>,
    n: usize,
}

/// The likelihood, by how many grouping factors there are.
enum Likelihood {
    One(GlmmLikelihood),
    Several(CrossedLikelihood),
}

impl GlmmFit {
    /// Fits a formula to data.
    ///
    /// Errors besides those of a mixed model: outcomes that the family does not have, quadrature of several effects, and
    /// outcomes that are certain (separation).
    pub fn new(
        formula: &Formula,
        data: &ModelData,
        options: &GlmmOptions,
    ) -> Result<Self, Vec<ModelError>> {
        let mut errors = refusals(formula, options);
        let known = with_known_offset(formula, data, options).map_err(|error| vec![error])?;
        let data = known.as_ref().unwrap_or(data);
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
        let offset = offset(data, options, &frame).map_err(|error| vec![error])?;
        let setup = Setup::new(formula, &frame, &design, (&y, offset), options)?;
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
}

impl Setup {
    fn new(
        formula: &Formula,
        frame: &ModelFrame,
        design: &Design,
        (y, offset): (&[f64], Option<Vec<f64>>),
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
        let template = Template::new(&random);
        let q = template.sizes.iter().sum();
        if q > 1 && options.points > 1 {
            return Err(vec![ModelError::Quadrature { effects: q }]);
        }
        let solution = Solution::new(&rows, design.matrix.ncols()).map_err(one)?;
        let n = rows.len();
        let constant = y
            .iter()
            .zip(weights)
            .map(|(&y, &w)| family.constant(y, w))
            .sum();
        let basis = basis(&solution, n);
        let start = start(&basis, y, offset.as_deref());
        let x: Vec<Vec<f64>> = basis.into_iter().chain(offset.clone()).collect();
        let likelihood = if random.groupings.len() > 1 {
            let several = several(&random, &template, &x, (y, weights), family, constant);
            if several.largest() > MAX_DENSE {
                let order = several.largest();
                return Err(vec![ModelError::TooManyCrossed { order }]);
            }
            Likelihood::Several(several)
        } else {
            let rows = rows_by_group(&random, &template, &x, y, weights);
            let quadrature = gauss_hermite(options.points);
            Likelihood::One(GlmmLikelihood::new(
                family,
                rows,
                (q, x.len()),
                quadrature,
                constant,
            ))
        };
        Ok(Self {
            random,
            template,
            likelihood,
            solution,
            offset,
            start,
            n,
        })
    }

    /// Each factor's Λ, and β, of parameters that hold θ before β.
    fn unpack(&self, x: &DVector<f64>) -> (Vec<DMatrix<f64>>, Vec<f64>) {
        let (theta, beta) = x.as_slice().split_at(self.template.len());
        let mut beta = beta.to_vec();
        beta.extend(self.offset.as_ref().map(|_| 1.0));
        (self.template.factors(theta), beta)
    }

    /// −2 log likelihood with its gradient, of which the entries before `from` may be missing.
    fn deviance(&self, x: &DVector<f64>, from: usize) -> Option<(f64, DVector<f64>)> {
        match &self.likelihood {
            Likelihood::One(one) => {
                let (lambda, beta) = self.unpack(x);
                let found = one.gradient(lambda.first()?, &beta)?;
                let mut gradient = self.template.gather(&[found.lambda]);
                gradient.extend(found.beta);
                // X may have a column more than there are coefficients, an offset.
                gradient.truncate(x.len());
                Some((found.value, DVector::from_vec(gradient)))
            }
            Likelihood::Several(several) => {
                let value = |x: &DVector<f64>| {
                    let (lambda, beta) = self.unpack(x);
                    several.deviance(&lambda, &beta)
                };
                gradient_by_differences(&value, x, from)
            }
        }
    }

    /// The random effects at their mode: for each factor a row for each level.
    fn effects(&self, x: &DVector<f64>) -> Option<Vec<DMatrix<f64>>> {
        let (lambda, beta) = self.unpack(x);
        match &self.likelihood {
            Likelihood::One(one) => {
                let lambda = lambda.first()?;
                let modes = one.modes(lambda, &beta)?;
                let q = lambda.nrows();
                let modes = DMatrix::from_row_slice(modes.len() / q, q, &modes);
                Some(vec![modes * lambda.transpose()])
            }
            Likelihood::Several(several) => {
                let groupings = self.random.groupings.iter();
                let counts: Vec<usize> = groupings.map(|g| g.levels.len()).collect();
                several.effects(&lambda, &beta, &counts)
            }
        }
    }

    fn fit(
        self,
        formula: &Formula,
        frame: ModelFrame,
        design: Design,
        options: &GlmmOptions,
    ) -> Result<GlmmFit, ModelError> {
        let (k, p) = (self.template.len(), self.solution.qr.rank);
        let value = |x: &DVector<f64>, from: usize| self.deviance(x, from);
        let differences = match &self.likelihood {
            Likelihood::One(_) => Differences::OfGradients,
            Likelihood::Several(_) => Differences::OfValues,
        };
        let found = search_jointly(&self.template, &value, self.start.clone(), differences)?;
        let basis = &found.x.as_slice()[k..];
        let root = &self.solution.unscaled_factor * (self.n as f64).sqrt();
        let beta = &root * DVector::from_column_slice(basis);
        let inverse = found.hessian.clone().try_inverse();
        let inverse = inverse.ok_or(ModelError::Numerical("the Hessian of the mixed model"))?;
        let inverse = inverse.view((k, k), (p, p)) * 2.0;
        if inverse
            .diagonal()
            .iter()
            .any(|variance| !(*variance > 0.0 && *variance <= KNOWN_NOTHING))
        {
            return Err(StatsError::degenerate(
                "a generalised mixed model",
                "some outcomes can be told without error, so that no finite coefficients fit best",
            )
            .into());
        }
        let covariance = &root * inverse * root.transpose();
        let effects = self
            .effects(&found.x)
            .ok_or(ModelError::Numerical("the modes of the random effects"))?;
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
    fn predictor(
        &self,
        design: &Design,
        beta: &DVector<f64>,
        effects: &[DMatrix<f64>],
    ) -> Vec<f64> {
        let mut eta = match &self.offset {
            Some(offset) => DVector::from_column_slice(offset),
            None => DVector::zeros(design.matrix.nrows()),
        };
        for (&column, &beta) in self.solution.estimable.iter().zip(beta.iter()) {
            eta.axpy(beta, &design.matrix.column(column), 1.0);
        }
        for (term, &(factor, offset, _)) in self.random.effects.iter().zip(&self.template.terms) {
            let codes = &self.random.groupings[factor].codes;
            for (index, column) in term.columns.iter().enumerate() {
                let divisor = self.divisor(factor, offset + index);
                for (row, (value, &level)) in column.iter().zip(codes).enumerate() {
                    eta[row] += value / divisor * effects[factor][(level, offset + index)];
                }
            }
        }
        eta.as_slice().to_vec()
    }

    /// The divisor of a column of Z.
    fn divisor(&self, factor: usize, column: usize) -> f64 {
        let terms = self.template.terms.iter().zip(&self.template.divisors);
        let own = terms.filter(|((of, _, _), _)| *of == factor);
        own.flat_map(|(_, divisors)| divisors)
            .nth(column)
            .copied()
            .unwrap_or(1.0)
    }

    fn named_modes(&self, effects: &[DMatrix<f64>]) -> Vec<ConditionalModes> {
        let terms = self.random.effects.iter().zip(&self.template.terms);
        terms
            .map(|(term, &(factor, offset, size))| {
                let grouping = &self.random.groupings[factor];
                ConditionalModes {
                    group: grouping.label.clone(),
                    levels: grouping.levels.clone(),
                    names: term.names.clone(),
                    values: DMatrix::from_fn(grouping.levels.len(), size, |level, column| {
                        effects[factor][(level, offset + column)]
                            / self.divisor(factor, offset + column)
                    }),
                }
            })
            .collect()
    }
}

/// −2 log likelihood with its gradient by central differences, from one entry on.
fn gradient_by_differences(
    value: &dyn Fn(&DVector<f64>) -> Option<f64>,
    at: &DVector<f64>,
    from: usize,
) -> Option<(f64, DVector<f64>)> {
    let here = value(at)?;
    let mut gradient = DVector::zeros(at.len());
    for i in from..at.len() {
        let step = 1e-4 * at[i].abs().max(1.0);
        let moved = |times: f64| {
            let mut x = at.clone();
            x[i] += times * step;
            value(&x)
        };
        gradient[i] = (moved(1.0)? - moved(-1.0)?) / (2.0 * step);
    }
    Some((here, gradient))
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
