//! What can be wrong with a formula.

use super::Span;
use std::fmt;

/// An error with its place in the formula's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaError {
    /// What is wrong.
    pub kind: FormulaErrorKind,
    /// The bytes it is about, relative to the formula's text; empty at the end of the text.
    pub span: Span,
    /// What to write instead, where there is something to say.
    pub help: Option<String>,
}

/// The kinds of formula errors.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormulaErrorKind {
    /// A character that no formula contains.
    UnexpectedCharacter(char),
    /// A backtick without its partner, or nothing between two.
    BadBacktick,
    /// A number that can't be read.
    BadNumber(String),
    /// Something else stands where an operand or the end should be.
    Unexpected {
        /// What was found, in words.
        found: String,
        /// What could have stood there.
        expected: &'static str,
    },
    /// No `~`, or more than one.
    Tilde,
    /// A `(` without `)`.
    Unclosed,
    /// Parentheses, powers or chains of operators deeper than any model needs.
    TooDeep,
    /// The formula expands to more terms than any model has.
    TooManyTerms,
    /// `.` for all other columns.
    Dot,
    /// A number that is not 0 or 1 used as a term.
    NumberAsTerm(String),
    /// An exponent of a formula's `^` that is not a positive whole number.
    BadPower,
    /// An operand of `:`, `*`, `/` or `%in%` without any variable.
    EmptyOperand,
    /// A function that formulas don't know.
    UnknownFunction(String),
    /// A function that R knows and this program refuses.
    RefusedFunction(String),
    /// The wrong number of arguments.
    ArgumentCount {
        /// The function's name.
        function: String,
        /// How many it was given.
        found: usize,
    },
    /// Formula syntax inside an expression.
    NotArithmetic(&'static str),
    /// An expression of numbers only.
    NoColumn,
    /// The outcome stands among its predictors.
    ResponseAsTerm(String),
    /// A random-effect bar outside parentheses, or where no sum allows it.
    MisplacedBar,
    /// A bar whose right-hand side names no grouping factor.
    BadGrouping,
    /// A bar with neither intercept nor terms on its left.
    EmptyBar,
}

impl FormulaError {
    /// An error without help.
    pub(super) fn new(kind: FormulaErrorKind, span: Span) -> Self {
        Self {
            kind,
            span,
            help: None,
        }
    }

    /// The same error with help.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for FormulaErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedCharacter(c) => write!(f, "a formula can't contain {c:?}"),
            Self::BadBacktick => write!(f, "a name in backticks is empty or not closed"),
            Self::BadNumber(text) => write!(f, "`{text}` is not a number"),
            Self::Unexpected { found, expected } => {
                write!(f, "found {found} where {expected} should be")
            }
            Self::Tilde => write!(f, "a formula has one `~` between outcome and terms"),
            Self::Unclosed => write!(f, "this parenthesis is never closed"),
            Self::TooDeep => write!(f, "the formula is nested too deeply"),
            Self::TooManyTerms => write!(f, "the formula expands to too many terms"),
            Self::Dot => write!(f, "`.` is not supported: a report names its variables"),
            Self::NumberAsTerm(number) => write!(f, "`{number}` can't be a term"),
            Self::BadPower => write!(f, "the power of a formula is a whole number from 1"),
            Self::EmptyOperand => write!(f, "there is no variable here to interact with"),
            Self::UnknownFunction(name) => write!(f, "formulas know no function `{name}`"),
            Self::RefusedFunction(name) => write!(f, "`{name}()` is not supported in formulas"),
            Self::ArgumentCount { function, found } => {
                write!(f, "`{function}()` takes one argument, not {found}")
            }
            Self::NotArithmetic(what) => write!(f, "{what} has no meaning inside an expression"),
            Self::NoColumn => write!(f, "this expression uses no column"),
            Self::ResponseAsTerm(label) => {
                write!(
                    f,
                    "the outcome `{label}` also stands on the right-hand side"
                )
            }
            Self::MisplacedBar => write!(f, "a random-effect bar can't stand here"),
            Self::BadGrouping => write!(f, "this is no grouping factor"),
            Self::EmptyBar => write!(f, "this random-effect bar has no effects on its left"),
        }
    }
}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for FormulaError {}
