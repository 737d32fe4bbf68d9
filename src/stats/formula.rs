//! R's model formulas: text in, terms out.
//!
//! [`Formula::parse`] reads `y ~ a * b + (1 | g)` into [`Variable`]s (columns and expressions of columns) and
//! [`Term`]s (sets of variables), expanded by the rules of Wilkinson & Rogers (1973) as R's `terms.formula` applies
//! them: terms ordered by degree, duplicates removed, `-` deleting, `0` and `-1` taking the intercept away.
//! Random-effect bars are kept apart in [`Formula::random`], with lme4's notation (Bates et al 2015).
//!
//! Divergences from R, each an error here instead of a silent surprise: `.`, `offset()`, the outcome among its own
//! predictors, a number other than 0 and 1 as a term, an interaction with nothing (`a:1`), functions other than those
//! of [`Function`].
//!
//! Every error has the byte range of what is wrong, relative to the formula's own text.

mod error;
mod expand;
mod expression;
mod parser;
mod syntax;
mod token;

pub use error::{FormulaError, FormulaErrorKind};
pub use expression::{Arithmetic, Expression, Function};
pub use syntax::Span;

/// What a formula says about one response, its fixed terms and its random effects.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// The text as it was written.
    pub text: String,
    /// All variables in the order in which they first appear; the response, if any, is the first.
    pub variables: Vec<Variable>,
    /// Whether there is a left-hand side; it is then variable 0.
    pub has_response: bool,
    /// Whether the model has an intercept.
    pub intercept: bool,
    /// The fixed terms, ordered by degree and then by appearance.
    pub terms: Vec<Term>,
    /// The random-effect terms in the order of the text.
    pub random: Vec<RandomTerm>,
}

/// A column, or an expression of columns that counts as one variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// The canonical text, as R deparses it: `age`, `log(x + 1)`, `` `my column` ``.
    pub label: String,
    /// How its values come about.
    pub expression: Expression,
    /// Where it first stands.
    pub span: Span,
}

/// The interaction of one or more variables (of one: a main effect).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Indices into [`Formula::variables`], ascending.
    pub variables: Vec<usize>,
    /// What gave rise to it.
    pub span: Span,
}

/// One random-effect bar, `(terms | groups)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomTerm {
    /// Whether there is a random intercept.
    pub intercept: bool,
    /// The terms left of the bar.
    pub terms: Vec<Term>,
    /// The grouping factors; `a/b` gives `a` and `a:b`, each with effects of its own.
    pub groups: Vec<Term>,
    /// `|`: effects of one group may correlate; `||`: they are independent.
    pub correlated: bool,
    /// The bar with both its sides.
    pub span: Span,
}

impl Formula {
    /// Parses and expands a formula; all errors of meaning are given at once, of syntax only the first.
    pub fn parse(text: &str) -> Result<Self, Vec<FormulaError>> {
        let syntax = parser::parse(text).map_err(|error| vec![error])?;
        expand::expand(text, &syntax)
    }

    /// The label of a fixed or random term, as R writes it: `a`, `a:b`.
    pub fn term_label(&self, term: &Term) -> String {
        let labels: Vec<&str> = term
            .variables
            .iter()
            .filter_map(|&index| self.variables.get(index))
            .map(|variable| variable.label.as_str())
            .collect();
        labels.join(":")
    }

    /// The labels of all fixed terms.
    pub fn term_labels(&self) -> Vec<String> {
        self.terms
            .iter()
            .map(|term| self.term_label(term))
            .collect()
    }

    /// The response variable, if the formula has one.
    pub fn response(&self) -> Option<&Variable> {
        self.variables.first().filter(|_| self.has_response)
    }

    /// The names of all columns that the formula needs, each once, in order of appearance.
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for variable in &self.variables {
            variable.expression.for_each_column(&mut |name| {
                if !names.contains(&name) {
                    names.push(name);
                }
            });
        }
        names
    }
}
