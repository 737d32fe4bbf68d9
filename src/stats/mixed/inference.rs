//! Tests and intervals of fixed effects.

use super::super::linear::contrast::estimable_part;
use super::super::linear::{Coefficient, Estimate, FTest};
use super::super::model_error::ModelError;
use super::fit::MixedFit;
use super::kenward_roger::KenwardRoger;
use super::options::{DfMethod, Estimation};
use super::rotated::{Rotated, rotate};
use super::satterthwaite::{Satterthwaite, joint_df};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// What a method of inference has prepared.
#[derive(Debug, Clone)]
pub(super) enum Method {
    Wald,
    Satterthwaite(Satterthwaite),
    KenwardRoger(KenwardRoger),
}

impl MixedFit {
    /// The same fit with another method for the tests and intervals of fixed effects.
    pub fn with_df(&self, method: DfMethod) -> Result<Self, ModelError> {
        let mut fit = self.clone();
        fit.options.df = method;
        fit.prepare_inference()?;
        Ok(fit)
    }

    /// Prepares the options' method and infers all coefficients by it.
    pub(super) fn prepare_inference(&mut self) -> Result<(), ModelError> {
        let at = Arc::clone(&self.at);
        self.method = match self.options.df {
            DfMethod::Wald => Method::Wald,
            DfMethod::Satterthwaite => Method::Satterthwaite(Satterthwaite::new(
                &self.problem,
                self.options.estimation,
                &self.scaled,
                &at,
            )?),
            DfMethod::KenwardRoger if self.options.estimation == Estimation::Ml => {
                return Err(ModelError::NeedsReml("Kenward and Roger's method"));
            }
            DfMethod::KenwardRoger => Method::KenwardRoger(KenwardRoger::new(&self.problem, &at)?),
        };
        self.coefficients = self.infer_coefficients()?;
        Ok(())
    }

    fn infer_coefficients(&self) -> Result<Vec<Coefficient>, ModelError> {
        let p = self.estimable.len();
        let mut units = Vec::with_capacity(p);
        for position in 0..p {
            let mut unit = vec![0.0; p];
            unit[position] = 1.0;
            units.push(unit);
        }
        let mut estimates = self.estimates(&units)?.into_iter();
        let mut coefficients = Vec::with_capacity(self.design.names.len());
        for (column, (name, &term)) in self
            .design
            .names
            .iter()
            .zip(&self.design.term_of)
            .enumerate()
        {
            let estimate = match self.estimable.binary_search(&column) {
                Ok(_) => estimates.next(),
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

    /// The covariance of the coefficients of Q that the method works with, in computing units.
    fn method_covariance(&self) -> DMatrix<f64> {
        match &self.method {
            Method::KenwardRoger(method) => method.covariance.clone(),
            _ => &self.at.inverse * self.at.variance(),
        }
    }

    /// Combinations of the estimable coefficients, each tested against zero.
    fn estimates(&self, rows: &[Vec<f64>]) -> Result<Vec<Estimate>, ModelError> {
        let at = &*self.at;
        let combined: Vec<(DVector<f64>, f64)> = rows
            .iter()
            .map(|row| self.problem.units.combination(row))
            .collect();
        let combinations: Vec<DVector<f64>> = combined
            .iter()
            .map(|(weights, _)| weights.clone())
            .collect();
        let dfs = match &self.method {
            Method::Wald => vec![f64::INFINITY; rows.len()],
            Method::Satterthwaite(method) => method.df(&self.problem, at, &combinations),
            Method::KenwardRoger(method) => {
                let df = |l: &DVector<f64>| Ok(method.df_and_scale(std::slice::from_ref(l))?.0);
                combinations
                    .iter()
                    .map(df)
                    .collect::<Result<_, ModelError>>()?
            }
        };
        let covariance = self.method_covariance();
        let mut estimates = Vec::with_capacity(rows.len());
        for ((weights, fixed), df) in combined.iter().zip(dfs) {
            let estimate = fixed + self.problem.units.length * weights.dot(&at.beta);
            let variance = weights.dot(&(&covariance * weights));
            let std_error = variance.sqrt() * self.problem.units.length;
            estimates.push(Estimate::new(estimate, std_error, df, self.options.level)?);
        }
        Ok(estimates)
    }

    /// The weights of the estimable coefficients, if the data can tell the combination.
    pub(super) fn estimable_part(&self, weights: &[f64]) -> Result<Vec<f64>, ModelError> {
        let null_space = &self.problem.units.null_space;
        let aliased = || self.aliased();
        estimable_part(
            weights,
            &self.estimable,
            &self.column_lengths,
            null_space,
            &aliased,
        )
    }

    /// The combination of coefficients with the given weights, one for each coefficient, tested against zero.
    pub fn contrast(&self, weights: &[f64]) -> Result<Estimate, ModelError> {
        let weights = self.estimable_part(weights)?;
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(ModelError::EmptyContrast);
        }
        let mut estimates = self.estimates(&[weights])?;
        estimates.pop().ok_or(ModelError::EmptyContrast)
    }

    /// The covariance of several estimable combinations of coefficients, by the method of inference.
    pub fn contrast_covariance(&self, rows: &[Vec<f64>]) -> Result<DMatrix<f64>, ModelError> {
        let mut combined = Vec::with_capacity(rows.len());
        for row in rows {
            let weights = self.estimable_part(row)?;
            combined.push(self.problem.units.combination(&weights).0);
        }
        let covariance = self.method_covariance();
        let squared = self.problem.units.length * self.problem.units.length;
        let size = rows.len();
        Ok(DMatrix::from_fn(size, size, |a, b| {
            combined[a].dot(&(&covariance * &combined[b])) * squared
        }))
    }

    /// The same with coefficients by name, as in `arm[CCT]:time[post]`; the others have weight 0.
    pub fn combination(&self, weights: &[(&str, f64)]) -> Result<Estimate, ModelError> {
        let names: Vec<String> = self.design.names.iter().map(ToString::to_string).collect();
        let mut row = vec![0.0; names.len()];
        for (name, weight) in weights {
            match names.iter().position(|other| other == name) {
                Some(index) => row[index] += weight,
                None => {
                    let name = (*name).to_owned();
                    return Err(ModelError::NotInModel {
                        name,
                        available: names,
                    });
                }
            }
        }
        self.contrast(&row)
    }

    /// The test that several combinations are all zero. Rows that depend on others add no degree of freedom. With
    /// [`DfMethod::Wald`] the denominator has infinitely many degrees of freedom: `statistic` times `df` is χ².
    pub fn joint_test(&self, rows: &[Vec<f64>]) -> Result<FTest, ModelError> {
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            kept.push(self.estimable_part(row)?);
        }
        let at = &*self.at;
        let rotated = self.rotated(&kept, true)?;
        let squares = rotated
            .estimates
            .iter()
            .zip(&rotated.variances)
            .map(|(e, v)| e * e / v);
        let df = rotated.estimates.len() as f64;
        let mut statistic = squares.sum::<f64>() / df;
        let df_residual = match &self.method {
            Method::Wald => f64::INFINITY,
            Method::Satterthwaite(method) => {
                // The parts depend on the contrasts' scale; lmerTest's are those of the contrasts as they are.
                let plain = self.rotated(&kept, false)?;
                let same = plain.combinations.len() == rotated.combinations.len();
                let parts = if same { &plain } else { &rotated };
                joint_df(&method.df(&self.problem, at, &parts.combinations))
            }
            Method::KenwardRoger(method) => {
                let (df_residual, scale) = method.df_and_scale(&rotated.combinations)?;
                statistic *= scale;
                df_residual
            }
        };
        FTest::new(statistic, df, df_residual)
    }

    /// Rotates contrasts to independent ones. If they are first divided by their standard errors, their scale does not
    /// decide which of them count as dependent; it is only Satterthwaite's method to which the scale matters.
    fn rotated(&self, rows: &[Vec<f64>], standardise: bool) -> Result<Rotated, ModelError> {
        let combined: Vec<(DVector<f64>, f64)> = rows
            .iter()
            .filter(|row| row.iter().any(|&weight| weight != 0.0))
            .map(|row| self.problem.units.combination(row))
            .collect();
        let covariance = self.method_covariance();
        rotate(
            combined,
            &covariance,
            &self.at.beta,
            self.problem.units.length,
            standardise,
        )
    }
}
