//! Inline values: from the names in a sentence to statistics, and what is wrong with names that lead nowhere.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::reader::At;
use crate::report::{Argument, Filter, Report, Value};
use crate::statistic::{ResultSet, StatId};
use crate::style::filter::{FILTERS, FilterError, Filtered, filtered, unfiltered};
use crate::style::number::MOST_DECIMALS;

/// Finds what inline values name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lookup<'a> {
    pub report: &'a Report,
    pub results: &'a ResultSet,
}

impl Lookup<'_> {
    /// What a value prints.
    pub fn resolve(&self, value: &Value, diagnostics: &mut Diagnostics) -> Option<Filtered> {
        let parts = value.path.iter().map(|p| p.value.as_str());
        let id = StatId::from_parts(parts);
        if self.results.get(&id).is_none() {
            diagnostics.push(self.unknown(value));
            return None;
        }
        let mut found = match value.filters.as_slice() {
            [] => unfiltered(&id),
            [filter] => {
                let digits = digits(filter, diagnostics)?;
                let exists = |id: &StatId| self.results.get(id).is_some();
                match filtered(&id, &filter.name, digits.as_ref().map(|d| d.value), exists) {
                    Ok(found) => found,
                    Err(error) => {
                        let place = digits.map(|d| d.span);
                        diagnostics.push(self.misapplied(&id, filter, place, &error));
                        return None;
                    }
                }
            }
            [_, second, ..] => {
                let message = "a number is printed through one filter only";
                let diagnostic = Diagnostic::error("two-filters", message)
                    .at(second.name.span.clone())
                    .label("a second filter");
                diagnostics.push(diagnostic);
                return None;
            }
        };
        self.drop_unknown_total(&mut found);
        Some(found)
    }

    /// A percentage can do without its denominator.
    fn drop_unknown_total(&self, found: &mut Filtered) {
        if let crate::artefact::Form::Percent { total, .. } = &mut found.quantity.form {
            *total = total.take().filter(|id| self.results.get(id).is_some());
        }
    }

    /// What is wrong with a path: the first part that leads nowhere, and what could stand there.
    fn unknown(&self, value: &Value) -> Diagnostic {
        let Some(label) = value.label() else {
            return Diagnostic::error("unknown-statistic", "an inline value names no statistic")
                .at(value.span.clone());
        };
        let all: Vec<Vec<String>> = self.results.ids().map(parts).collect();
        let under: Vec<&Vec<String>> = all
            .iter()
            .filter(|p| p.first() == Some(&label.value))
            .collect();
        if under.is_empty() {
            return self.unknown_label(label);
        }
        let mut depth = 1;
        let mut left = under;
        while let Some(part) = value.path.get(depth) {
            let next: Vec<&Vec<String>> = left
                .iter()
                .copied()
                .filter(|p| p.get(depth) == Some(&part.value))
                .collect();
            if next.is_empty() {
                return no_such_part(value, depth, part, &left);
            }
            left = next;
            depth += 1;
        }
        let message = format!("`{}` is not one number", written(value, depth));
        Diagnostic::error("incomplete-path", message)
            .at(value.span.clone())
            .label("more must be said")
            .help(what_follows(&left, depth))
    }

    fn unknown_label(&self, label: &At<String>) -> Diagnostic {
        let mut labels: BTreeSet<String> = self
            .results
            .ids()
            .filter_map(|id| parts(id).into_iter().next())
            .collect();
        if self.report.directive(&label.value).is_some() {
            let message = format!("the directive `{}` computes no numbers", label.value);
            return Diagnostic::error("unknown-statistic", message).at(label.span.clone());
        }
        labels.extend(self.report.directives.iter().map(|d| d.label.value.clone()));
        let message = format!("no directive has the label `{}`", label.value);
        Diagnostic::error("unknown-label", message)
            .at(label.span.clone())
            .suggest(&label.value, labels.iter().map(String::as_str))
    }

    fn misapplied(
        &self,
        id: &StatId,
        filter: &Filter,
        digits: Option<Span>,
        error: &FilterError,
    ) -> Diagnostic {
        let name = &filter.name;
        let listed = |names: &[&str]| {
            let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
            quoted.join(", ")
        };
        match error {
            FilterError::Unknown => {
                let message = format!("there is no filter `{}`", name.value);
                Diagnostic::error("unknown-filter", message)
                    .at(name.span.clone())
                    .suggest(&name.value, FILTERS.iter().map(|f| f.name))
            }
            FilterError::WrongStatistic(of) => {
                let message = format!("`{}` can't print `{}`", name.value, id.stat());
                Diagnostic::error("wrong-filter", message)
                    .at(name.span.clone())
                    .help(format!("it prints {}", listed(of)))
            }
            FilterError::Missing(missing) => self.no_sibling(name, missing),
            FilterError::NoDigits => {
                let message = format!("`{}` takes no decimals", name.value);
                Diagnostic::error("wrong-argument", message).at(digits.unwrap_or(name.span.clone()))
            }
            FilterError::WrongDigits => {
                let message = format!("decimals are a whole number from 0 to {MOST_DECIMALS}");
                Diagnostic::error("wrong-argument", message).at(digits.unwrap_or(name.span.clone()))
            }
        }
    }

    fn no_sibling(&self, name: &At<String>, missing: &StatId) -> Diagnostic {
        let message = format!("`{}` needs the statistic `{missing}`", name.value);
        let stem = missing.sibling("");
        let beside: Vec<&str> = self
            .results
            .ids()
            .filter_map(|id| id.as_str().strip_prefix(stem.as_str()))
            .filter(|rest| !rest.contains('/'))
            .collect();
        let diagnostic = Diagnostic::error("wrong-filter", message)
            .at(name.span.clone())
            .label("there is no such statistic");
        diagnostic.help(format!("beside it there is {}", quoted(&beside)))
    }
}

fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    let mut list: Vec<String> = names
        .iter()
        .take(12)
        .map(|n| format!("`{}`", n.as_ref()))
        .collect();
    if names.len() > 12 {
        list.push(format!("and {} more", names.len() - 12));
    }
    list.join(", ")
}

fn no_such_part(
    value: &Value,
    depth: usize,
    part: &At<String>,
    left: &[&Vec<String>],
) -> Diagnostic {
    let before = written(value, depth);
    let message = format!("`{before}` has no `{}`", part.value);
    let known: BTreeSet<&str> = left
        .iter()
        .filter_map(|p| p.get(depth))
        .map(String::as_str)
        .collect();
    let diagnostic = Diagnostic::error("unknown-statistic", message).at(part.span.clone());
    if known.is_empty() {
        return diagnostic.help(format!("`{before}` is a number by itself"));
    }
    diagnostic.suggest(&part.value, known)
}

/// The part of a path before `depth`, as its author would write it.
fn written(value: &Value, depth: usize) -> String {
    let mut path = String::new();
    for part in value.path.iter().take(depth) {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        if part.value.chars().all(plain) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&part.value);
        } else {
            path.extend(["[\"", &part.value, "\"]"]);
        }
    }
    path
}

fn what_follows(left: &[&Vec<String>], depth: usize) -> String {
    let next: BTreeSet<&str> = left
        .iter()
        .filter_map(|p| p.get(depth))
        .map(String::as_str)
        .collect();
    let next: Vec<&str> = next.into_iter().collect();
    format!("it can be followed by {}", quoted(&next))
}

/// The parts of an id.
fn parts(id: &StatId) -> Vec<String> {
    let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
    id.as_str().split('/').map(unescaped).collect()
}

/// The decimals that a filter is given; the outer `None` where its arguments are wrong.
#[allow(clippy::option_option)]
fn digits(filter: &Filter, diagnostics: &mut Diagnostics) -> Option<Option<At<f64>>> {
    let mut found = Vec::new();
    let mut fine = true;
    for argument in &filter.args {
        found.push(argument);
    }
    for (name, argument) in &filter.named {
        if name.value == "digits" {
            found.push(argument);
        } else {
            let message = format!("`{}` has no argument `{}`", filter.name.value, name.value);
            let diagnostic = Diagnostic::error("unknown-argument", message)
                .at(name.span.clone())
                .suggest(&name.value, ["digits"]);
            diagnostics.push(diagnostic);
            fine = false;
        }
    }
    if let Some(second) = found.get(1) {
        let message = format!("`{}` takes one argument, the decimals", filter.name.value);
        diagnostics.push(Diagnostic::error("wrong-argument", message).at(second.span.clone()));
        fine = false;
    }
    let digits = found.first().map(|argument| match &argument.value {
        Argument::Number(digits) => Some(At {
            value: *digits,
            span: argument.span.clone(),
        }),
        Argument::Text(_) | Argument::Boolean(_) => None,
    });
    if let Some(None) = digits {
        let message = "decimals are a whole number";
        let span = found.first().map(|a| a.span.clone());
        diagnostics.push(Diagnostic::error("wrong-argument", message).maybe_at(span));
        fine = false;
    }
    fine.then(|| digits.flatten())
}
