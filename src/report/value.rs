//! Inline values: `{{ label.part["any text"].stat | filter(args) }}` and `{{ quoted(10.7, "key", "place") }}`.

mod parse;

use crate::diagnostic::Span;
use crate::reader::At;
pub(super) use parse::parse;

/// A statistic named in prose.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Where it stands, braces included.
    pub span: Span,
    /// Its parts: first the label of a directive, then what leads to the statistic. Never empty.
    pub path: Vec<At<String>>,
    /// How it is printed, applied from left to right.
    pub filters: Vec<Filter>,
}

impl Value {
    /// The label of the directive that the value is of.
    pub fn label(&self) -> Option<&At<String>> {
        self.path.first()
    }
}

/// A filter of an inline value, such as `num(2)` or `pct(digits=1)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Its name.
    pub name: At<String>,
    /// Arguments by position.
    pub args: Vec<At<Argument>>,
    /// Arguments by name.
    pub named: Vec<(At<String>, At<Argument>)>,
}

/// An argument of a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
}

/// A number that comes from elsewhere, printed as it was typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Quoted {
    /// Where it stands, braces included.
    pub span: Span,
    /// The number as typed, or a text such as `<.001`.
    pub text: At<String>,
    /// The key of its source in the bibliography.
    pub key: At<String>,
    /// Where in the source it stands, such as `Table 3`.
    pub place: At<String>,
}
