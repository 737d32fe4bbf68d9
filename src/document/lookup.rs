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
        let id = diagnostics.ok(self.find(value))?;
        match value.filters.as_slice() {
            [] => Some(unfiltered(&id, self.results)),
            [filter] => {
                let digits = digits(filter, diagnostics)?;
                let decimals = digits.as_ref().map(|d| d.value);
                filtered(&id, &filter.name, decimals, self.results)
                    .map_err(|error| {
                        let place = digits.map(|d| d.span);
                        diagnostics.push(self.misapplied(&id, filter, place, &error));
                    })
                    .ok()
            }
            [_, second, ..] => {
                let message = "a number is printed through one filter only";
                let diagnostic = Diagnostic::error("two-filters", message)
                    .at(second.name.span.clone())
                    .label("a second filter");
                diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// The statistic that a path names. A name with a dot in it (`p.value`) reads as two parts of the path.
    fn find(&self, value: &Value) -> Result<StatId, Diagnostic> {
        let exact = StatId::from_parts(value.path.iter().map(|p| p.value.as_str()));
        if self.results.get(&exact).is_some() {
            return Ok(exact);
        }
        let path = dotted(value.path.iter().map(|p| p.value.as_str()));
        let same = |id: &&StatId| dotted(parts(id).iter().map(String::as_str)) == path;
        let found: Vec<&StatId> = self.results.ids().filter(same).collect();
        match found.as_slice() {
            [] => Err(self.unknown(value)),
            [id] => Ok((*id).clone()),
            several => {
                let ids: Vec<String> = several.iter().map(|id| written(&parts(id))).collect();
                let message = format!("`{path}` can be read in {} ways", several.len());
                Err(Diagnostic::error("ambiguous-path", message)
                    .at(value.span.clone())
                    .help(format!("write {}", ids.join(" or "))))
            }
        }
    }

    /// What is wrong with a path: the first part that leads nowhere, and what could stand there.
    fn unknown(&self, value: &Value) -> Diagnostic {
        let Some(label) = value.label() else {
            return Diagnostic::error("unknown-statistic", "an inline value names no statistic")
                .at(value.span.clone());
        };
        let all: Vec<Vec<String>> = self.results.ids().map(parts).collect();
        if !all.iter().any(|id| id.first() == Some(&label.value)) {
            return self.unknown_label(label);
        }
        // The longest beginning of the path that is the beginning of ids, and what follows it in them.
        let beginnings = (1..=value.path.len()).rev().map(|k| {
            let path = dotted(value.path.iter().take(k).map(|p| p.value.as_str()));
            let begun = all
                .iter()
                .filter_map(|id| Some(id.get(begun(id, &path)?).map(String::as_str)));
            (k, begun.collect::<BTreeSet<Option<&str>>>())
        });
        let mut beginnings = beginnings.filter(|(_, next)| !next.is_empty());
        let (known, next) = beginnings.next().unwrap_or_default();
        let next: Vec<&str> = next.into_iter().flatten().collect();
        let names: Vec<&str> = value.path.iter().map(|p| p.value.as_str()).collect();
        let before = written(names.get(..known).unwrap_or_default());
        let Some(part) = value.path.get(known) else {
            let message = format!("`{before}` is not one number");
            return Diagnostic::error("incomplete-path", message)
                .at(value.span.clone())
                .label("more must be said")
                .help(format!("it can be followed by {}", quoted(&next)));
        };
        no_such_part(&before, &next, part, value.path.get(known + 1))
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
    before: &str,
    next: &[&str],
    part: &At<String>,
    following: Option<&At<String>>,
) -> Diagnostic {
    // A misspelt `p.value` is two parts of the path, but one name.
    let stem = format!("{}.", part.value);
    let split = following.filter(|_| next.iter().any(|name| name.starts_with(&stem)));
    let name = split.map_or_else(|| part.value.clone(), |f| format!("{stem}{}", f.value));
    let end = split.map_or(&part.span, |f| &f.span).range.end;
    let span = Span::new(&part.span.source, part.span.range.start..end);
    let message = format!("`{before}` has no `{name}`");
    let diagnostic = Diagnostic::error("unknown-statistic", message).at(span);
    if next.is_empty() {
        return diagnostic.help(format!("`{before}` is a number by itself"));
    }
    diagnostic.suggest(&name, next.iter().copied())
}

fn dotted<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    parts.collect::<Vec<_>>().join(".")
}

/// If an id begins with a dotted path: how many of its parts that is.
fn begun(id: &[String], path: &str) -> Option<usize> {
    (1..=id.len()).find(|k| dotted(id.iter().take(*k).map(String::as_str)) == path)
}

/// A path as its author would write it.
fn written<S: AsRef<str>>(parts: &[S]) -> String {
    let mut path = String::new();
    for part in parts.iter().map(AsRef::as_ref) {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        if part.chars().all(plain) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        } else {
            path.extend(["[\"", part, "\"]"]);
        }
    }
    path
}

/// The parts of an id.
fn parts(id: &StatId) -> Vec<String> {
    id.parts()
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
