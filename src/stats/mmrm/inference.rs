//! Tests and intervals of the coefficients.

use super::super::linear::contrast::estimable_part;
use super::super::linear::{Coefficient, Estimate, FTest};
use super::super::mixed::anova::type3_tests;
use super::super::mixed::dense::{cholesky, inverse};
use super::super::mixed::kenward_roger::KenwardRoger;
use super::super::mixed::rotated::{Rotated, rotate};
use super::super::mixed::satterthwaite::joint_df;
use super::super::mixed::{Estimation, MixedTermTest, RatioTest};
use super::super::model_error::ModelError;
use super::empirical::Empirical;
use super::error::RepeatedError;
use super::fit::{Problem, RepeatedFit, Variation};
use super::options::{CoefficientCovariance, Information, RepeatedDf, RepeatedOptions};
use super::search::Found;
use nalgebra::{DMatrix, DVector};

/// What a method of inference has prepared; of the coefficients of Q and in computing units.
pub(super) struct Inference {
    /// The covariance of the coefficients.
    pub covariance: DMatrix<f64>,
    /// The covariance of the parameters of the covariance matrices.
    pub theta_covariance: DMatrix<f64>,
    /// Φ, and `Φ N_k Φ`: its derivatives by those parameters.
    slopes: KenwardRoger,
    empirical: Option<Empirical>,
}

impl Inference {
    pub fn new(
        problem: &Problem,
        found: &Found,
        options: &RepeatedOptions,
    ) -> Result<Self, ModelError> {
        let likelihood = &problem.likelihood;
        let (point, derivatives) = (&found.point, &found.derivatives);
        let information = match options.information {
            Information::Observed => &derivatives.observed,
            Information::Expected => &derivatives.expected,
        };
        let factor = cholesky(information).ok_or(ModelError::Numerical(
            "the information on the covariance of the visits",
        ))?;
        let weights = inverse(&factor) * 2.0;
        let phi = &point.phi;
        let turned: Vec<DMatrix<f64>> = derivatives.first.iter().map(|n| phi * n * phi).collect();
        let empirical = match options.coefficient_covariance {
            CoefficientCovariance::Model => None,
            kind => Some(Empirical::new(problem, point, kind)?),
        };
        let covariance = match (&empirical, options.df) {
            (Some(empirical), _) => empirical.covariance.clone(),
            (None, RepeatedDf::KenwardRoger | RepeatedDf::KenwardRogerLinear) => {
                let second = options.df == RepeatedDf::KenwardRoger;
                let mut middle = likelihood.corrections(point, &weights, second);
                let k = turned.len();
                for i in 0..k {
                    let mut mixed = DMatrix::zeros(phi.nrows(), phi.ncols());
                    for j in 0..k {
                        mixed += &derivatives.first[j] * weights[(i, j)];
                    }
                    middle -= &derivatives.first[i] * phi * mixed;
                }
                let correction = phi * middle * phi;
                phi + &correction + correction.transpose()
            }
            (None, _) => phi.clone(),
        };
        if covariance.iter().any(|value| !value.is_finite()) {
            return Err(ModelError::Numerical("the covariance of the coefficients"));
        }
        if empirical.is_none() && cholesky(&covariance).is_none() {
            return Err(ModelError::Repeated(RepeatedError::NoVariance));
        }
        Ok(Self {
            slopes: KenwardRoger {
                covariance: covariance.clone(),
                phi: phi.clone(),
                turned,
                weights: weights.clone(),
            },
            covariance,
            theta_covariance: weights,
            empirical,
        })
    }

    /// Satterthwaite's degrees of freedom of a combination of the coefficients of Q; Kenward and Roger's, too, which
    /// for one combination are the same function.
    fn satterthwaite(&self, combination: &DVector<f64>) -> f64 {
        if let Some(empirical) = &self.empirical {
            return empirical.df(combination);
        }
        let slopes = &self.slopes;
        let variance = combination.dot(&(&slopes.phi * combination));
        let each = slopes.turned.iter();
        let gradient: Vec<f64> = each
            .map(|turned| combination.dot(&(turned * combination)))
            .collect();
        let gradient = DVector::from_vec(gradient);
        2.0 * variance * variance / gradient.dot(&(&slopes.weights * &gradient))
    }
}

impl RepeatedFit {
    pub(super) fn infer_coefficients(&self) -> Result<Vec<Coefficient>, ModelError> {
        let p = self.estimable.len();
        let mut coefficients = Vec::with_capacity(self.design.names.len());
        let columns = self.design.names.iter().zip(&self.design.term_of);
        for (column, (name, &term)) in columns.enumerate() {
            let estimate = match self.estimable.binary_search(&column) {
                Ok(position) => {
                    let mut unit = vec![0.0; p];
                    unit[position] = 1.0;
                    Some(self.estimate(&unit)?)
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

    /// A combination of the estimable coefficients, tested against zero.
    fn estimate(&self, weights: &[f64]) -> Result<Estimate, ModelError> {
        let (combination, _) = self.units.combination(weights);
        let estimate = weights
            .iter()
            .zip(self.beta.iter())
            .map(|(w, b)| w * b)
            .sum();
        let variance = combination.dot(&(&self.inference.covariance * &combination));
        let std_error = variance.sqrt() * self.units.length;
        let df = match self.options.df {
            RepeatedDf::Satterthwaite
            | RepeatedDf::KenwardRoger
            | RepeatedDf::KenwardRogerLinear => self.inference.satterthwaite(&combination),
            _ => self.counted_df(&[weights.to_vec()])?,
        };
        Estimate::new(estimate, std_error, df, self.options.level)
    }

    /// The degrees of freedom of the methods that count.
    fn counted_df(&self, rows: &[Vec<f64>]) -> Result<f64, ModelError> {
        let (n, p) = (self.nobs as f64, self.estimable.len() as f64);
        let df = match self.options.df {
            RepeatedDf::Residual => n - p,
            RepeatedDf::BetweenWithin => self.between_within(rows),
            _ => return Ok(f64::INFINITY),
        };
        if df > 0.0 {
            Ok(df)
        } else {
            Err(ModelError::NoResidualDf {
                rows: self.nobs,
                rank: self.estimable.len(),
            })
        }
    }

    fn between_within(&self, rows: &[Vec<f64>]) -> f64 {
        let variation = &self.problem.variation;
        let count =
            |kind: Variation| variation.iter().filter(|&&other| other == kind).count() as f64;
        let (n, m) = (self.nobs as f64, self.subjects as f64);
        let between = m - count(Variation::Intercept) - count(Variation::Between);
        let within = n - m - count(Variation::Within);
        let involved = |column: usize| {
            rows.iter()
                .any(|row| row.get(column).is_some_and(|w| *w != 0.0))
        };
        let of = |kind: &Variation| match kind {
            Variation::Between => between,
            Variation::Intercept | Variation::Within => within,
        };
        let columns = variation
            .iter()
            .enumerate()
            .filter(|(column, _)| involved(*column));
        columns
            .map(|(_, kind)| of(kind))
            .fold(f64::INFINITY, f64::min)
    }

    /// The weights of the estimable coefficients, if the data can tell the combination.
    fn estimable_part(&self, weights: &[f64]) -> Result<Vec<f64>, ModelError> {
        estimable_part(
            weights,
            &self.estimable,
            &self.column_lengths,
            &self.units.null_space,
            &|| self.aliased(),
        )
    }

    /// The combination of coefficients with the given weights, one for each coefficient, tested against zero.
    pub fn contrast(&self, weights: &[f64]) -> Result<Estimate, ModelError> {
        let weights = self.estimable_part(weights)?;
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(ModelError::EmptyContrast);
        }
        self.estimate(&weights)
    }

    /// The same with coefficients by name, as in `arm[CCT]:time[post]`; the others have weight 0.
    pub fn combination(&self, weights: &[(&str, f64)]) -> Result<Estimate, ModelError> {
        let names: Vec<String> = self.design.names.iter().map(ToString::to_string).collect();
        let mut row = vec![0.0; names.len()];
        for (name, weight) in weights {
            let Some(index) = names.iter().position(|other| other == name) else {
                return Err(ModelError::NotInModel {
                    name: (*name).to_owned(),
                    available: names,
                });
            };
            row[index] += weight;
        }
        self.contrast(&row)
    }

    /// The covariance of several estimable combinations of coefficients, by the method of inference.
    pub fn contrast_covariance(&self, rows: &[Vec<f64>]) -> Result<DMatrix<f64>, ModelError> {
        let mut combined = Vec::with_capacity(rows.len());
        for row in rows {
            combined.push(self.units.combination(&self.estimable_part(row)?).0);
        }
        let covariance = &self.inference.covariance;
        let squared = self.units.length * self.units.length;
        Ok(DMatrix::from_fn(rows.len(), rows.len(), |a, b| {
            combined[a].dot(&(covariance * &combined[b])) * squared
        }))
    }

    /// The test that several combinations are all zero. Rows that depend on others add no degree of freedom. With
    /// [`RepeatedDf::Asymptotic`] the denominator has infinitely many degrees of freedom: `statistic` times `df` is χ².
    pub fn joint_test(&self, rows: &[Vec<f64>]) -> Result<FTest, ModelError> {
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            let row = self.estimable_part(row)?;
            if row.iter().any(|&weight| weight != 0.0) {
                kept.push(row);
            }
        }
        let rotated = self.rotated(&kept, true)?;
        let squares = rotated.estimates.iter().zip(&rotated.variances);
        let df = rotated.estimates.len() as f64;
        let mut statistic = squares.map(|(e, v)| e * e / v).sum::<f64>() / df;
        let df_residual = match self.options.df {
            RepeatedDf::Satterthwaite => {
                // The parts depend on the contrasts' scale; mmrm's are those of the contrasts as they are.
                let plain = self.rotated(&kept, false)?;
                let same = plain.combinations.len() == rotated.combinations.len();
                let parts = if same { &plain } else { &rotated };
                let each = parts.combinations.iter();
                joint_df(
                    &each
                        .map(|l| self.inference.satterthwaite(l))
                        .collect::<Vec<f64>>(),
                )
            }
            RepeatedDf::KenwardRoger | RepeatedDf::KenwardRogerLinear => {
                match rotated.combinations.as_slice() {
                    [one] => self.inference.satterthwaite(one),
                    several => {
                        let (df, scale) = self.inference.slopes.df_and_scale(several)?;
                        statistic *= scale;
                        df
                    }
                }
            }
            _ => self.counted_df(&kept)?,
        };
        FTest::new(statistic, df, df_residual)
    }

    fn rotated(&self, rows: &[Vec<f64>], standardise: bool) -> Result<Rotated, ModelError> {
        rotate(
            rows.iter().map(|row| self.units.combination(row)).collect(),
            &self.inference.covariance,
            &self.found.point.beta,
            self.units.length,
            standardise,
        )
    }

    /// Type III tests: each term adjusted for all others, the hypotheses those of factors coded by `contr.sum`, by the
    /// fit's method. An error where coefficients are aliased: the hypotheses would depend on which of them were dropped.
    pub fn type3(&self) -> Result<Vec<MixedTermTest>, ModelError> {
        let test = |rows: &[Vec<f64>]| self.joint_test(rows);
        type3_tests(self, self.options.coding, self.aliased(), test)
    }

    /// The likelihood-ratio test of this model against a larger one that contains it, which the caller has to see to.
    /// Both must be fitted to the same values of the same outcome, by ML unless their fixed effects are the same.
    pub fn likelihood_ratio(&self, larger: &Self) -> Result<RatioTest, ModelError> {
        let refuse = |why| Err(ModelError::NotComparable(why));
        let outcome = |fit: &Self| {
            let first = fit.frame.variables.first();
            first.map(|v| (v.label.clone(), v.values.clone()))
        };
        if outcome(self) != outcome(larger) || self.frame.rows != larger.frame.rows {
            return refuse("they are of different outcomes or rows");
        }
        if self.frame.weights != larger.frame.weights {
            return refuse("their weights differ");
        }
        if self.options.estimation != larger.options.estimation {
            return refuse("one is by REML and one by ML");
        }
        let reml = self.options.estimation == Estimation::Reml;
        if reml && self.design.matrix != larger.design.matrix {
            return refuse("by REML, models whose fixed effects differ have different likelihoods");
        }
        if larger.parameters <= self.parameters {
            return refuse("the second has no more parameters than the first");
        }
        let df = (larger.parameters - self.parameters) as f64;
        RatioTest::new((self.criterion - larger.criterion).max(0.0), df)
    }
}
