//! A formula's sides, with the place of each of their parts.

use crate::analysis::{Rows, Scope};
use crate::dataset::{Field, Kind};
use crate::diagnostic::{Diagnostic, Span};
use crate::reader::{At, TableReader};
use crate::stats::formula::{Expression, Formula};

/// Whether a formula has random effects, `(1 | id)`.
#[derive(Debug, Clone, Copy)]
pub(in crate::analysis) enum Bars {
    /// One at least.
    Needed,
    /// None, and why.
    None {
        why: &'static str,
        help: &'static str,
    },
}

/// A formula's two sides with its place in the report.
pub(super) struct Sides<'a> {
    text: &'a At<String>,
    pub formula: Formula,
    /// Left of the tilde; none where there is no tilde.
    pub left: Option<String>,
    pub right: String,
    /// How many bytes stand before the author's text in the text that was parsed.
    before: usize,
}

impl<'a> Sides<'a> {
    pub fn read(reader: &TableReader<'_>, text: &'a At<String>, bars: Bars) -> Option<Self> {
        let tilde = tilde(&text.value);
        let added = if tilde.is_some() { "" } else { "~ " };
        let before = added.len();
        let place = |span: crate::stats::formula::Span| {
            let start = span.start.saturating_sub(before);
            within(text, start..span.end.saturating_sub(before).max(start))
        };
        let formula = match Formula::parse(&format!("{added}{}", text.value)) {
            Ok(formula) => formula,
            Err(errors) => {
                for error in errors {
                    let mut diagnostic =
                        Diagnostic::error("formula", error.to_string()).at(place(error.span));
                    if let Some(help) = error.help {
                        diagnostic = diagnostic.help(help);
                    }
                    reader.report(diagnostic);
                }
                return None;
            }
        };
        let bars = match bars {
            Bars::Needed => formula.random.is_empty().then(|| no_bar(text)),
            Bars::None { why, help } => formula.random.first().map(|bar| {
                Diagnostic::error("random-effects", why)
                    .at(place(bar.span))
                    .help(help)
            }),
        };
        if let Some(diagnostic) = bars {
            reader.report(diagnostic);
            return None;
        }
        let (left, right) = match tilde {
            Some(at) => (
                Some(text.value[..at].trim().to_owned()).filter(|left| !left.is_empty()),
                text.value[at + 1..].trim().to_owned(),
            ),
            None => (None, text.value.trim().to_owned()),
        };
        Some(Self {
            text,
            formula,
            left,
            right,
            before,
        })
    }

    /// The columns of the outcome in the formula.
    pub fn response_columns(&self) -> Vec<String> {
        let mut columns = Vec::new();
        if let Some(variable) = self.formula.response() {
            let mut add = |name: &str| columns.push(name.to_owned());
            variable.expression.for_each_column(&mut |name| add(name));
        }
        columns
    }

    /// The columns of the right-hand side, described; each must be of a kind that its role allows.
    pub fn fields(
        &self,
        reader: &TableReader<'_>,
        scope: &Scope<'_>,
        rows: &Rows,
    ) -> Option<Vec<Field>> {
        let response = usize::from(self.formula.has_response);
        let mut fields: Vec<Field> = Vec::new();
        let mut sound = true;
        for (index, variable) in self.formula.variables.iter().enumerate().skip(response) {
            let groups_only = self.groups_only(index);
            let mut names: Vec<String> = Vec::new();
            variable
                .expression
                .for_each_column(&mut |name| names.push(name.to_owned()));
            for name in names {
                if fields.iter().any(|f| f.name == name) {
                    continue;
                }
                let name = self.at(&name, variable.span);
                let Some(field) = scope.field(reader, rows, &name) else {
                    sound = false;
                    continue;
                };
                let enters = matches!(field.kind, Kind::Number | Kind::Category | Kind::Boolean);
                if enters || groups_only {
                    fields.push(field);
                    continue;
                }
                let message = format!("`{}` holds neither numbers nor categories", field.name);
                reader.report(Diagnostic::error("wrong-kind", message).at(name.span));
                sound = false;
            }
        }
        sound.then_some(fields)
    }

    /// Whether a variable stands for nothing but groups: identifiers may be texts.
    fn groups_only(&self, index: usize) -> bool {
        let plain = self
            .formula
            .variables
            .get(index)
            .is_some_and(|v| matches!(v.expression, Expression::Column { .. }));
        let random = &self.formula.random;
        let uses = |terms: &[crate::stats::formula::Term]| {
            terms.iter().any(|term| term.variables.contains(&index))
        };
        plain
            && random.iter().any(|r| uses(&r.groups))
            && !uses(&self.formula.terms)
            && !random.iter().any(|r| uses(&r.terms))
    }

    /// A column's name at its place within the variable that it stands in.
    pub fn at(&self, name: &str, span: crate::stats::formula::Span) -> At<String> {
        let from = span.start.saturating_sub(self.before);
        let rest = self.text.value.get(from..).unwrap_or_default();
        let start = from + rest.find(name).unwrap_or(0);
        At {
            value: name.to_owned(),
            span: within(self.text, start..start + name.len()),
        }
    }
}

/// A formula without random effects, of a model that needs some.
fn no_bar(text: &At<String>) -> Diagnostic {
    Diagnostic::error("no-random-effect", "a mixed model needs a random effect")
        .at(text.span.clone())
        .help("write a random intercept such as `(1 | id)`, or use `model` for a linear model")
}

/// Where the tilde of a formula stands; one within backticks is part of a name.
fn tilde(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(i, c)| {
        quoted ^= c == '`';
        (c == '~' && !quoted).then_some(i)
    })
}

/// A place inside a quoted text; the whole text where its characters are not written as they are.
fn within(text: &At<String>, range: std::ops::Range<usize>) -> Span {
    let written = text.span.text();
    match written.find(&text.value) {
        Some(start) if !text.value.is_empty() && range.end <= text.value.len() => {
            text.span.within(start + range.start..start + range.end)
        }
        _ => text.span.clone(),
    }
}
