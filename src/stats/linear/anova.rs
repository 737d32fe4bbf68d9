//! Tests of whole terms.

use super::super::design::Coding;
use super::super::formula::Term;
use super::super::model_error::ModelError;
use super::super::model_frame::FrameValues;
use super::FTest;
use super::fit::{LinearFit, LinearOptions};
use super::qr::{PivotedQr, TOLERANCE};
use super::rows::WeightedRows;

/// A row of an analysis-of-variance table.
#[derive(Debug, Clone, PartialEq)]
pub struct TermTest {
    /// The term's label, or `(Intercept)`.
    pub term: String,
    /// The term's sum of squares.
    pub sum_of_squares: f64,
    /// The F test; none where each of the term's columns depends on those of others, so that there is nothing to test.
    pub test: Option<FTest>,
}

impl LinearFit {
    /// Type III tests: each term adjusted for all others, with factors coded by `contr.sum` (the model is refitted so
    /// if need be), as `car::Anova(type = 3)` (Fox & Weisberg 2019). The intercept's test comes first, if the model
    /// has one. An error where coefficients are aliased: the hypotheses would depend on which of them were dropped.
    pub fn type3(&self) -> Result<Vec<TermTest>, ModelError> {
        if self.options.coding == Coding::Sum {
            return self.wald_tests();
        }
        let options = LinearOptions {
            coding: Coding::Sum,
            ..self.options.clone()
        };
        let refit = Self::of_frame(&self.formula, self.frame.clone(), &options);
        let mut refit =
            refit.map_err(|mut errors| errors.pop().unwrap_or(ModelError::EmptyContrast))?;
        if let Some(kind) = self.robust {
            refit = refit.with_robust_covariance(kind)?;
        }
        refit.wald_tests()
    }

    fn wald_tests(&self) -> Result<Vec<TermTest>, ModelError> {
        let aliased = self.aliased();
        if !aliased.is_empty() {
            return Err(ModelError::Aliased { aliased });
        }
        let intercept = self.formula.intercept.then_some(None);
        let terms = (0..self.formula.terms.len()).map(Some);
        let mut tests = Vec::new();
        for term in intercept.into_iter().chain(terms) {
            let rows: Vec<Vec<f64>> = self
                .design
                .columns_of(term)
                .into_iter()
                .map(|column| self.unit_row(column))
                .collect();
            let test = self.joint_test(&rows)?;
            tests.push(self.term_test(term, Some(test)));
        }
        Ok(tests)
    }

    /// Type II tests: each term adjusted for all others that don't contain it, as `car::Anova(type = 2)`. Always with
    /// the model's own residual variance, also where the covariance is robust.
    pub fn type2(&self) -> Result<Vec<TermTest>, ModelError> {
        let mut tests = Vec::new();
        for (index, term) in self.formula.terms.iter().enumerate() {
            let contains = |other: &Term| {
                term.variables
                    .iter()
                    .all(|variable| other.variables.contains(variable))
            };
            let others: Vec<usize> = (0..self.design.term_of.len())
                .filter(|&column| match self.design.term_of.get(column) {
                    Some(Some(other)) => self
                        .formula
                        .terms
                        .get(*other)
                        .is_some_and(|other| !contains(other)),
                    _ => true,
                })
                .collect();
            let test = self.added_columns(&others, &self.design.columns_of(Some(index)))?;
            tests.push(self.term_test(Some(index), test));
        }
        Ok(tests)
    }

    /// The F test of columns added to others, against the residual variance of the whole model; none if they add
    /// nothing. Coefficients that are aliased count for nothing.
    pub(super) fn added_columns(
        &self,
        others: &[usize],
        added: &[usize],
    ) -> Result<Option<FTest>, ModelError> {
        let y = self.response();
        let rows = WeightedRows::new(&self.frame, &self.design.matrix, y);
        let order: Vec<usize> = others.iter().chain(added).copied().collect();
        let qr = PivotedQr::new(rows.len(), rows.columns_in_order(&order), TOLERANCE);
        let effects = qr.q_transposed(&rows.y);
        let of_added = |&(position, _): &(usize, &f64)| {
            qr.pivot.get(position).is_some_and(|&p| p >= others.len())
        };
        let (mut df, mut sum_of_squares) = (0.0, 0.0);
        for (_, effect) in effects.iter().take(qr.rank).enumerate().filter(of_added) {
            df += 1.0;
            sum_of_squares += effect * effect;
        }
        if df == 0.0 {
            return Ok(None);
        }
        let variance = self.summary.sigma * self.summary.sigma;
        let statistic = sum_of_squares / df / variance;
        FTest::new(statistic, df, self.summary.df_residual as f64).map(Some)
    }

    /// The outcome in the frame's rows.
    fn response(&self) -> &[f64] {
        match self
            .frame
            .variables
            .first()
            .map(|variable| &variable.values)
        {
            Some(FrameValues::Numeric(y)) => y,
            _ => &[],
        }
    }

    /// The contrast that is one coefficient.
    pub(super) fn unit_row(&self, column: usize) -> Vec<f64> {
        let mut row = vec![0.0; self.coefficients.len()];
        if let Some(slot) = row.get_mut(column) {
            *slot = 1.0;
        }
        row
    }

    fn term_test(&self, term: Option<usize>, test: Option<FTest>) -> TermTest {
        let term = term.and_then(|index| self.formula.terms.get(index));
        let variance = self.summary.sigma * self.summary.sigma;
        TermTest {
            term: term.map_or_else(
                || "(Intercept)".to_owned(),
                |term| self.formula.term_label(term),
            ),
            sum_of_squares: test.map_or(0.0, |test| test.statistic * test.df * variance),
            test,
        }
    }
}
