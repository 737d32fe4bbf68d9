//! What is wrong with an SQL expression, and where.

use std::fmt;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Span, suggestion};

/// Which expression it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlPlace {
    /// The condition of a population or filter.
    Condition,
    /// The expression of the derived column of that name.
    Derived(String),
    /// A column that was asked for by name.
    Column(String),
    /// A whole query.
    Query,
}

impl fmt::Display for SqlPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition => f.write_str("the condition"),
            Self::Derived(name) => write!(f, "the derived column `{name}`"),
            Self::Column(name) => write!(f, "the column `{name}`"),
            Self::Query => f.write_str("the query"),
        }
    }
}

/// Something wrong with an SQL expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// Which expression.
    pub place: SqlPlace,
    /// The diagnostic's code.
    pub code: &'static str,
    /// What is wrong, in one sentence that names the place.
    pub message: String,
    /// The SQL text; empty for a column.
    pub sql: String,
    /// The bytes of the SQL text, where they are known.
    pub range: Option<Range<usize>>,
    /// What to write instead.
    pub help: Vec<String>,
}

impl SqlError {
    pub(super) fn new(
        place: &SqlPlace,
        sql: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            place: place.clone(),
            code,
            message: message.into(),
            sql: sql.to_owned(),
            range: None,
            help: Vec::new(),
        }
    }

    pub(super) fn range(mut self, range: Option<Range<usize>>) -> Self {
        self.range = range;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    pub(super) fn suggest<'a>(
        mut self,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.help.extend(suggestion(name, known));
        self
    }

    /// The diagnostic, where `expression` is the place of the expression in the author's text, with or without the
    /// quotes around it. Where the SQL text stands there letter by letter, the diagnostic points into it.
    pub fn diagnostic(&self, expression: Option<Span>) -> Diagnostic {
        let span = expression.map(|whole| {
            let start = whole.text().find(&self.sql);
            match (&self.range, start) {
                (Some(range), Some(start)) if !self.sql.is_empty() => {
                    whole.within(start + range.start..start + range.end)
                }
                _ => whole,
            }
        });
        let diagnostic = Diagnostic::error(self.code, self.message.as_str()).maybe_at(span);
        self.help.iter().fold(diagnostic, Diagnostic::help)
    }
}
