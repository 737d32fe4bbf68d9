//! Frames and terms to a model matrix with named columns: R's `model.matrix`.
//!
//! Whether a factor is coded by contrasts or by an indicator for every level follows R: by contrasts where the term
//! without it is contained in an earlier term (Chambers & Hastie 1992, p. 38); and without an intercept, the first
//! factor of the first term that has one gets indicators.

use super::formula::Term;
use super::model_error::ModelError;
use super::model_frame::{FrameValues, FrameVariable, ModelFrame};
use nalgebra::DMatrix;
use std::fmt;
use std::ops::Range;

/// More columns than any trial's model; keeps interactions of identifiers from filling the memory.
const MAX_COLUMNS: usize = 10_000;
/// The greatest number of entries of a model matrix (1.6 GB).
const MAX_ENTRIES: usize = 200_000_000;

/// How a factor that is coded by contrasts becomes columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coding {
    /// Each level but the first against the first (`contr.treatment`).
    #[default]
    Treatment,
    /// Each level but the last against the mean of all (`contr.sum`).
    Sum,
}

/// One variable in a coefficient's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamePart {
    /// The variable's label.
    pub variable: String,
    /// The level, where the variable is a factor.
    pub level: Option<String>,
}

/// A coefficient's name: `(Intercept)`, `age`, `arm[CCT]:time[post]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoefficientName {
    /// The variables that interact; none for the intercept.
    pub parts: Vec<NamePart>,
}

impl fmt::Display for CoefficientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.parts.is_empty() {
            return write!(f, "(Intercept)");
        }
        for (index, part) in self.parts.iter().enumerate() {
            let colon = if index > 0 { ":" } else { "" };
            write!(f, "{colon}{}", part.variable)?;
            if let Some(level) = &part.level {
                write!(f, "[{level}]")?;
            }
        }
        Ok(())
    }
}

/// The value of a variable in one row or cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CellValue {
    /// A number.
    Number(f64),
    /// A level in use, as an index.
    Level(usize),
}

/// How rows of values become rows of a model matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignPlan {
    intercept: bool,
    terms: Vec<Vec<CodedVariable>>,
}

/// A variable within a term.
#[derive(Debug, Clone, Copy, PartialEq)]
struct CodedVariable {
    /// The index in the frame.
    index: usize,
    columns: Columns,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Columns {
    Number,
    /// Of a factor with so many levels; without a coding, an indicator for each of them.
    Factor {
        levels: usize,
        coding: Option<Coding>,
    },
}

/// A column's value in a row.
type ByRow<'a> = dyn Fn(usize) -> f64 + 'a;

/// A model matrix with the names and origins of its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Rows as in the frame.
    pub matrix: DMatrix<f64>,
    /// The columns' names.
    pub names: Vec<CoefficientName>,
    /// The index of the term that each column belongs to; none for the intercept (R's `assign`).
    pub term_of: Vec<Option<usize>>,
    /// How it was built, for rows of other values.
    pub plan: DesignPlan,
}

impl Design {
    /// Builds the model matrix of terms, which are ordered by degree as the formula gives them.
    pub fn build(
        frame: &ModelFrame,
        terms: &[Term],
        intercept: bool,
        coding: Coding,
    ) -> Result<Self, Vec<ModelError>> {
        check_levels(frame, terms)?;
        let plan = DesignPlan::new(frame, terms, intercept, coding);
        let columns = plan.column_count();
        if columns > MAX_COLUMNS || columns.saturating_mul(frame.len()) > MAX_ENTRIES {
            return Err(vec![ModelError::TooManyColumns { columns }]);
        }
        let (names, term_of) = plan.names(frame);
        Ok(Self {
            matrix: DMatrix::from_vec(frame.len(), columns, plan.all_rows(frame)),
            names,
            term_of,
            plan,
        })
    }

    /// The indices of the columns of a term (`None`: of the intercept).
    pub fn columns_of(&self, term: Option<usize>) -> Vec<usize> {
        let of_term = |&column: &usize| self.term_of.get(column) == Some(&term);
        (0..self.term_of.len()).filter(of_term).collect()
    }
}

/// A factor of a term with fewer than two levels can't have contrasts; R refuses it even where it codes by indicators.
fn check_levels(frame: &ModelFrame, terms: &[Term]) -> Result<(), Vec<ModelError>> {
    let mut errors = Vec::new();
    for (index, variable) in frame.variables.iter().enumerate() {
        let used = terms.iter().any(|term| term.variables.contains(&index));
        if let FrameValues::Factor { levels, .. } = &variable.values
            && used
            && levels.len() < 2
        {
            errors.push(ModelError::OneLevel {
                factor: variable.label.clone(),
                level: levels.first().cloned(),
                span: variable.span,
            });
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

impl DesignPlan {
    fn new(frame: &ModelFrame, terms: &[Term], intercept: bool, coding: Coding) -> Self {
        let is_factor = |index: usize| {
            let variable = frame.variables.get(index);
            variable.is_some_and(|variable| matches!(variable.values, FrameValues::Factor { .. }))
        };
        let first_factor = terms.iter().enumerate().find_map(|(term_index, term)| {
            let factor = term.variables.iter().find(|&&index| is_factor(index));
            factor.map(|&index| (term_index, index))
        });
        let mut planned = Vec::with_capacity(terms.len());
        for (term_index, term) in terms.iter().enumerate() {
            let earlier = terms.get(..term_index).unwrap_or(&[]);
            let mut variables = Vec::with_capacity(term.variables.len());
            for &index in &term.variables {
                let Some(variable) = frame.variables.get(index) else {
                    continue;
                };
                let takes_intercept = !intercept && first_factor == Some((term_index, index));
                let contrasts = !takes_intercept && margin_is_present(term, index, earlier);
                variables.push(CodedVariable {
                    index,
                    columns: Columns::of(variable, contrasts.then_some(coding)),
                });
            }
            planned.push(variables);
        }
        Self {
            intercept,
            terms: planned,
        }
    }

    /// How many columns the plan gives; saturates.
    pub fn column_count(&self) -> usize {
        let of_terms = self.terms.iter().map(|term| {
            let counts = term.iter().map(|variable| variable.columns.count());
            counts.fold(1, usize::saturating_mul)
        });
        of_terms.fold(usize::from(self.intercept), usize::saturating_add)
    }

    /// The columns for all rows of a frame, one after the other.
    fn all_rows(&self, frame: &ModelFrame) -> Vec<f64> {
        let n = frame.len();
        let mut out = Vec::with_capacity(self.column_count() * n);
        if self.intercept {
            out.resize(n, 1.0);
        }
        for term in &self.terms {
            let start = out.len();
            out.resize(start + n, 1.0);
            for (position, variable) in term.iter().enumerate() {
                let block = (position > 0).then(|| out.split_off(start));
                out.truncate(start);
                let variable_values = frame.variables.get(variable.index);
                let values = variable_values.map(|variable| &variable.values);
                let block = block.as_deref();
                variable.columns.for_each_column(values, &mut |code| {
                    // The first variable's columns vary fastest.
                    match block {
                        None => out.extend((0..n).map(code)),
                        Some(block) => {
                            for column in block.chunks_exact(n) {
                                let rows = column.iter().enumerate();
                                out.extend(rows.map(|(row, value)| value * code(row)));
                            }
                        }
                    }
                });
            }
        }
        out
    }

    /// Appends the row for the values that `value_of` gives for each variable of the frame. Nothing comes of a value
    /// of the wrong kind: the caller takes values from the same frame.
    fn fill(&self, value_of: &dyn Fn(usize) -> Option<CellValue>, out: &mut Vec<f64>) {
        if self.intercept {
            out.push(1.0);
        }
        for term in &self.terms {
            let start = out.len();
            out.push(1.0);
            for variable in term {
                let block = out.split_off(start);
                // The first variable's columns vary fastest.
                variable
                    .columns
                    .for_each_code(value_of(variable.index), &mut |code| {
                        out.extend(block.iter().map(|value| value * code));
                    });
            }
        }
    }

    /// The row for a cell of values, one for each variable of the frame.
    pub fn row(&self, values: &[CellValue]) -> Vec<f64> {
        let mut out = Vec::with_capacity(self.column_count());
        self.fill(&|index| values.get(index).copied(), &mut out);
        out
    }

    fn names(&self, frame: &ModelFrame) -> (Vec<CoefficientName>, Vec<Option<usize>>) {
        let (mut names, mut term_of) = (Vec::new(), Vec::new());
        if self.intercept {
            names.push(CoefficientName { parts: Vec::new() });
            term_of.push(None);
        }
        for (term_index, term) in self.terms.iter().enumerate() {
            let mut block = vec![CoefficientName { parts: Vec::new() }];
            for variable in term {
                block = variable.extend_names(&block, frame);
            }
            term_of.extend(block.iter().map(|_| Some(term_index)));
            names.extend(block);
        }
        (names, term_of)
    }
}

/// Whether a term without one of its variables is contained in an earlier term (or is empty).
fn margin_is_present(term: &Term, variable: usize, earlier: &[Term]) -> bool {
    let margin: Vec<usize> = term
        .variables
        .iter()
        .copied()
        .filter(|&index| index != variable)
        .collect();
    let contains = |other: &Term| margin.iter().all(|index| other.variables.contains(index));
    margin.is_empty() || earlier.iter().any(contains)
}

impl CodedVariable {
    /// The names of a block, each continued by every column of this variable.
    fn extend_names(&self, block: &[CoefficientName], frame: &ModelFrame) -> Vec<CoefficientName> {
        let variable = frame.variables.get(self.index);
        let levels: Vec<Option<&String>> = match variable.map(|variable| &variable.values) {
            Some(FrameValues::Factor { levels, .. }) => {
                let named = levels.get(self.columns.named_levels()).unwrap_or(&[]);
                named.iter().map(Some).collect()
            }
            _ => vec![None],
        };
        let label = variable.map_or("", |variable| variable.label.as_str());
        let mut extended = Vec::with_capacity(block.len() * levels.len());
        for level in levels {
            for name in block {
                let mut parts = name.parts.clone();
                parts.push(NamePart {
                    variable: label.to_owned(),
                    level: level.cloned(),
                });
                extended.push(CoefficientName { parts });
            }
        }
        extended
    }
}

impl Columns {
    fn of(variable: &FrameVariable, coding: Option<Coding>) -> Self {
        match &variable.values {
            FrameValues::Numeric(_) => Self::Number,
            FrameValues::Factor { levels, .. } => Self::Factor {
                levels: levels.len(),
                coding,
            },
        }
    }

    /// The levels that have a column named after them.
    fn named_levels(self) -> Range<usize> {
        match self {
            Self::Number => 0..0,
            Self::Factor { levels, coding } => match coding {
                None => 0..levels,
                Some(Coding::Treatment) => 1..levels,
                Some(Coding::Sum) => 0..levels.saturating_sub(1),
            },
        }
    }

    fn count(self) -> usize {
        match self {
            Self::Number => 1,
            Self::Factor { .. } => self.named_levels().len(),
        }
    }

    /// Calls `visit` for each column with the function from a row to the value; not at all for values of the wrong
    /// kind.
    fn for_each_column(self, values: Option<&FrameValues>, visit: &mut dyn FnMut(&ByRow)) {
        match (self, values) {
            (Self::Number, Some(FrameValues::Numeric(values))) => visit(&|row| values[row]),
            (Self::Factor { levels, coding }, Some(FrameValues::Factor { codes, .. })) => {
                for named in self.named_levels() {
                    visit(&|row| code_of(codes[row], named, levels, coding));
                }
            }
            _ => {}
        }
    }

    /// Calls `visit` with the value in each column; not at all for a value of the wrong kind.
    fn for_each_code(self, value: Option<CellValue>, visit: &mut dyn FnMut(f64)) {
        match (self, value) {
            (Self::Number, Some(CellValue::Number(value))) => visit(value),
            (Self::Factor { levels, coding }, Some(CellValue::Level(level))) => {
                for named in self.named_levels() {
                    visit(code_of(level, named, levels, coding));
                }
            }
            _ => {}
        }
    }
}

/// The value of a level in the column named after another.
fn code_of(level: usize, named: usize, levels: usize, coding: Option<Coding>) -> f64 {
    if coding == Some(Coding::Sum) && level + 1 == levels {
        return -1.0;
    }
    f64::from(u8::from(named == level))
}
