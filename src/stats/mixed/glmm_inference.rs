//! Tests and intervals of the fixed effects of a generalised mixed model: normal, and χ².

use super::super::design::Coding;
use super::super::linear::contrast::estimable_part;
use super::super::linear::{Coefficient, Estimate, FTest};
use super::super::model_error::ModelError;
use super::anova::{MixedTermTest, type3_tests};
use super::glmm::GlmmFit;
use super::ratio::RatioTest;
use super::rotated::rotate;
use nalgebra::{DMatrix, DVector};

impl GlmmFit {
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

    /// The covariance of several estimable combinations of coefficients.
    pub fn contrast_covariance(&self, rows: &[Vec<f64>]) -> Result<DMatrix<f64>, ModelError> {
        let rows: Vec<DVector<f64>> = rows
            .iter()
            .map(|row| self.estimable_part(row))
            .collect::<Result<_, _>>()?;
        let covariance = |i: usize, j: usize| rows[i].dot(&(&self.covariance * &rows[j]));
        Ok(DMatrix::from_fn(rows.len(), rows.len(), covariance))
    }

    /// Wald's test that several combinations are all zero: `statistic` times `df` is χ². Rows that depend on others add
    /// no degree of freedom.
    pub fn joint_test(&self, rows: &[Vec<f64>]) -> Result<FTest, ModelError> {
        let mut combined = Vec::with_capacity(rows.len());
        for row in rows {
            let weights = self.estimable_part(row)?;
            if weights.iter().any(|&weight| weight != 0.0) {
                combined.push((weights, 0.0));
            }
        }
        let beta = DVector::from_column_slice(&self.beta);
        let rotated = rotate(combined, &self.covariance, &beta, 1.0, true)?;
        let squares = rotated.estimates.iter().zip(&rotated.variances);
        let df = rotated.estimates.len() as f64;
        let statistic = squares.map(|(e, v)| e * e / v).sum::<f64>() / df;
        FTest::new(statistic, df, f64::INFINITY)
    }

    /// Type III tests: each term adjusted for all others, the hypotheses those of factors coded by `contr.sum`. An error
    /// where coefficients are aliased.
    pub fn type3(&self) -> Result<Vec<MixedTermTest>, ModelError> {
        let test = |rows: &[Vec<f64>]| self.joint_test(rows);
        type3_tests(self, Coding::Treatment, self.aliased(), test)
    }

    /// The likelihood-ratio test of this model against a larger one that contains it, which the caller has to see to.
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
            return refuse("their numbers of trials differ");
        }
        let (own, other) = (&self.options, &larger.options);
        if own.family != other.family || own.points != other.points {
            return refuse("they are of different distributions or approximations");
        }
        if larger.parameters <= self.parameters {
            return refuse("the second has no more parameters than the first");
        }
        let df = (larger.parameters - self.parameters) as f64;
        RatioTest::new((self.criterion - larger.criterion).max(0.0), df)
    }

    pub(super) fn infer(&self) -> Result<Vec<Coefficient>, ModelError> {
        let mut coefficients = Vec::with_capacity(self.design.names.len());
        let columns = self.design.names.iter().zip(&self.design.term_of);
        for (column, (name, &term)) in columns.enumerate() {
            let estimate = match self.estimable.binary_search(&column) {
                Ok(position) => {
                    let std_error = self.covariance[(position, position)].sqrt();
                    let beta = self.beta[position];
                    let level = self.options.level;
                    Some(Estimate::new(beta, std_error, f64::INFINITY, level)?)
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
