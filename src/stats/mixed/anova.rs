//! Tests of whole terms.

use super::super::design::{Coding, Design};
use super::super::formula::Formula;
use super::super::linear::FTest;
use super::super::linear::means::FixedEffects;
use super::super::linear::qr::{PivotedQr, TOLERANCE};
use super::super::model_error::ModelError;
use super::super::model_frame::ModelFrame;
use super::fit::MixedFit;
use nalgebra::DMatrix;

/// Entries below this, relative to a row's largest, are rounding errors.
const ZERO: f64 = 1e-9;

/// A row of a table of tests of fixed terms.
#[derive(Debug, Clone, PartialEq)]
pub struct MixedTermTest {
    /// The term's label.
    pub term: String,
    /// The F test, its denominator by the fit's method.
    pub test: FTest,
}

/// A term's label and rows of weights of coefficients that are zero together.
type Hypotheses = (String, Vec<Vec<f64>>);

impl MixedFit {
    /// Type III tests: each term adjusted for all others, the hypotheses those of factors coded by `contr.sum`, by the
    /// fit's method, as lmerTest's `anova(type = 3)`. An error where coefficients are aliased: the hypotheses would
    /// depend on which of them were dropped.
    pub fn type3(&self) -> Result<Vec<MixedTermTest>, ModelError> {
        let test = |rows: &[Vec<f64>]| self.joint_test(rows);
        type3_tests(self, self.options.coding, self.aliased(), test)
    }
}

/// Type III tests of a fit coded by `coding`, each by `joint_test`; an error where coefficients are aliased.
pub(in super::super) fn type3_tests(
    fit: &dyn FixedEffects,
    coding: Coding,
    aliased: Vec<String>,
    joint_test: impl Fn(&[Vec<f64>]) -> Result<FTest, ModelError>,
) -> Result<Vec<MixedTermTest>, ModelError> {
    if !aliased.is_empty() {
        return Err(ModelError::Aliased { aliased });
    }
    let hypotheses = type3_hypotheses(fit.formula(), fit.frame(), fit.design(), coding)?;
    let test = |(term, rows): Hypotheses| {
        let test = joint_test(&rows)?;
        Ok(MixedTermTest { term, test })
    };
    hypotheses.into_iter().map(test).collect()
}

/// The hypotheses of type III tests of a design of full rank, coded by `coding`, for each term.
fn type3_hypotheses(
    formula: &Formula,
    frame: &ModelFrame,
    design: &Design,
    coding: Coding,
) -> Result<Vec<Hypotheses>, ModelError> {
    let coded = |other: Coding| {
        if other == coding {
            return Ok(design.clone());
        }
        Design::build(frame, &formula.terms, formula.intercept, other)
            .map_err(|mut errors| errors.pop().unwrap_or(ModelError::EmptyContrast))
    };
    let treatment = coded(Coding::Treatment)?;
    let single = formula.terms.len() == 1;
    let hypotheses = if single {
        sequential(&treatment.matrix)?
    } else {
        coefficients_on(&treatment.matrix, &coded(Coding::Sum)?.matrix)?
    };
    // Hypotheses on coefficients of treatment coding become those on the fit's own.
    let own = match coding {
        Coding::Treatment => None,
        Coding::Sum => Some(coefficients_on(&design.matrix, &treatment.matrix)?),
    };
    let mut found = Vec::new();
    for (index, term) in formula.terms.iter().enumerate() {
        let mut rows = hypotheses.select_rows(&treatment.columns_of(Some(index)));
        reduce(&mut rows, single);
        if let Some(own) = &own {
            rows *= own;
        }
        let rows = rows
            .row_iter()
            .map(|row| row.iter().copied().collect())
            .collect();
        found.push((formula.term_label(term), rows));
    }
    Ok(found)
}

fn columns(matrix: &DMatrix<f64>) -> Vec<Vec<f64>> {
    matrix
        .column_iter()
        .map(|column| column.as_slice().to_vec())
        .collect()
}

/// The matrix C with `of` = `on` C, for matrices whose columns span the same space.
fn coefficients_on(of: &DMatrix<f64>, on: &DMatrix<f64>) -> Result<DMatrix<f64>, ModelError> {
    let p = on.ncols();
    let qr = PivotedQr::new(on.nrows(), columns(on), TOLERANCE);
    if qr.rank < p {
        return Err(ModelError::Numerical(
            "the coding of factors for type III tests",
        ));
    }
    let mut coefficients = DMatrix::zeros(p, of.ncols());
    for (column, values) in columns(of).into_iter().enumerate() {
        let solution = qr.solve_upper(&qr.q_transposed(&values));
        for (&row, value) in qr.pivot.iter().zip(solution) {
            coefficients[(row, column)] = value;
        }
    }
    Ok(coefficients)
}

/// The triangle R of X = Q R with its rows divided by the diagonal: each coefficient and what those after it add to it.
/// The hypotheses of a model with one term are the same in every type; this is the form in which lmerTest tests them,
/// on which Satterthwaite's degrees of freedom depend.
fn sequential(x: &DMatrix<f64>) -> Result<DMatrix<f64>, ModelError> {
    let lost = ModelError::Numerical("the hypotheses of the term");
    let mut triangle = x.clone().qr().r();
    for (index, mut row) in triangle.row_iter_mut().enumerate() {
        let pivot = row[index];
        if pivot == 0.0 {
            return Err(lost);
        }
        row /= pivot;
    }
    Ok(triangle)
}

/// Brings rows into reduced echelon form, so that of all bases of the same hypotheses there is one; or, if only rounding
/// errors are to be cleared, leaves them.
fn reduce(rows: &mut DMatrix<f64>, clear_only: bool) {
    let largest = rows.amax();
    let clear = |rows: &mut DMatrix<f64>| {
        rows.iter_mut()
            .filter(|value| value.abs() < ZERO * largest)
            .for_each(|value| *value = 0.0);
    };
    clear(rows);
    if clear_only {
        return;
    }
    let mut pivot_row = 0;
    for column in 0..rows.ncols() {
        let below = (pivot_row..rows.nrows())
            .max_by(|&a, &b| rows[(a, column)].abs().total_cmp(&rows[(b, column)].abs()));
        let Some(best) = below.filter(|&row| rows[(row, column)].abs() > ZERO * largest) else {
            continue;
        };
        rows.swap_rows(pivot_row, best);
        let pivot = rows[(pivot_row, column)];
        rows.row_mut(pivot_row).scale_mut(1.0 / pivot);
        let source = rows.row(pivot_row).into_owned();
        for row in (0..rows.nrows()).filter(|&row| row != pivot_row) {
            let share = rows[(row, column)];
            let mut row = rows.row_mut(row);
            row -= &source * share;
        }
        clear(rows);
        pivot_row += 1;
    }
}
