//! Resolving the keys of `consort`.

use super::{Analysed, Enrollment, Part, Spec, Withdrawn};
use crate::analysis::modelled::level_place;
use crate::analysis::people::Long;
use crate::analysis::{Arms, Prepared, Rows, Scope};
use crate::dataset::{Field, Kind, Level};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let rows = scope.rows(reader);
    let randomised = words(reader, "randomised_label", "Randomized");
    let allocated = words(reader, "allocated_label", "Randomized to");
    let enrollment = reader.optional_table("enrollment").map(enrollment);
    let withdrawn = reader.tables("withdrawn");
    let id = reader.optional_string("id");
    let visit = reader.optional_string("visit_column");
    let received = reader.optional_table("received");
    let visits = reader.tables("visit");
    let analysis = reader.optional_table("analysis");
    let rows = rows?;
    let arms = scope.arms(reader, &rows);
    let long = long(reader, scope, &rows, id, visit);
    let at = long.as_ref().and_then(|(_, field)| field.as_ref());
    let received = received.map(|table| part(table, scope, &rows, Kept::Received));
    let visits: Vec<Option<Part>> = visits
        .into_iter()
        .map(|table| part(table, scope, &rows, Kept::Visit(at)))
        .collect();
    let analysis = analysis.map(|table| analysed(table, scope, &rows, at));
    let withdrawn: Vec<Option<Withdrawn>> = withdrawn
        .into_iter()
        .map(|table| quoted(table, arms.as_ref()))
        .collect();
    let (arms, (long, _)) = (arms?, long?);
    if arms.levels.len() > 5 {
        let message = format!(
            "a flow diagram has 2 to 5 arms, and `{}` has {}",
            arms.variable,
            arms.levels.len()
        );
        reader.report(Diagnostic::error("too-many-arms", message).at(reader.span()));
        return None;
    }
    let spec = Spec {
        arms,
        long,
        withdrawn: withdrawn.into_iter().collect::<Option<_>>()?,
        enrollment: all_or_none(enrollment)?,
        randomised,
        allocated,
        received: all_or_none(received)?,
        visits: visits.into_iter().collect::<Option<_>>()?,
        analysis: all_or_none(analysis)?,
    };
    let inputs = vec![rows.input(columns(&spec))];
    Some(Prepared {
        spec,
        inputs,
        upstream: Vec::new(),
    })
}

/// None where a part that was written could not be resolved; `Some(None)` where it was not written.
#[allow(clippy::option_option)]
fn all_or_none<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        None => Some(None),
        Some(None) => None,
        Some(Some(part)) => Some(Some(part)),
    }
}

fn columns(spec: &Spec) -> Vec<String> {
    let parts = spec.received.iter().chain(&spec.visits);
    let of_parts = parts.flat_map(|p| std::iter::once(p.column.clone()).chain(p.reason.clone()));
    let of_analysis = spec
        .analysis
        .iter()
        .flat_map(|a| a.columns.iter().cloned().chain(a.reason.clone()));
    let of_long = spec
        .long
        .iter()
        .flat_map(|l| std::iter::once(l.id.clone()).chain(l.visit.clone()));
    std::iter::once(spec.arms.variable.clone())
        .chain(of_long)
        .chain(of_parts)
        .chain(of_analysis)
        .collect()
}

/// How participants with several rows are told apart; none after a report. With it the column of the visit.
fn long(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    id: Option<At<String>>,
    visit: Option<At<String>>,
) -> Option<(Option<Long>, Option<Field>)> {
    let Some(id) = id else {
        if let Some(visit) = visit {
            let message = "`visit_column` is for data with several rows a participant";
            let diagnostic = Diagnostic::error("no-effect", message)
                .at(visit.span)
                .help("name the column that tells participants apart: `id`");
            reader.report(diagnostic);
            return None;
        }
        return Some((None, None));
    };
    let id = scope.field(reader, rows, &id)?;
    let visit = match visit {
        None => None,
        Some(visit) => Some(scope.category(reader, rows, &visit)?),
    };
    let long = Long {
        id: id.name,
        visit: visit.as_ref().map(|field| field.name.clone()),
    };
    Some((Some(long), visit))
}

/// Participants without rows.
fn quoted(mut table: TableReader<'_>, arms: Option<&Arms>) -> Option<Withdrawn> {
    let arm = table.string("arm");
    let label = words(&mut table, "label", "Withdrew");
    let n = count(&mut table, "n");
    let source = table.string("source");
    let reason = table.optional_string("reason");
    let arm = arm.zip(arms).and_then(|(arm, arms)| {
        let is = |level: &Level| level.value == arm.value || level.label == arm.value;
        let place = arms.levels.iter().position(is);
        if place.is_none() {
            let message = format!("`{}` has no level `{}`", arms.variable, arm.value);
            let known = arms.levels.iter().map(|l| l.value.as_str());
            let diagnostic = Diagnostic::error("unknown-level", message)
                .at(arm.span)
                .suggest(&arm.value, known);
            table.report(diagnostic);
        }
        place
    });
    table.finish();
    Some(Withdrawn {
        arm: arm?,
        label,
        n: n?,
        source: source?.value,
        reason: reason.map(|r| r.value),
    })
}

/// The visit that `at` names, by value or label; the outer `None` after a report.
#[allow(clippy::option_option)]
fn at(
    table: &mut TableReader<'_>,
    visit: Option<&Field>,
    required: bool,
) -> Option<Option<String>> {
    let named = table.optional_string("at");
    match (named, visit) {
        (None, None) => Some(None),
        (None, Some(_)) if !required => Some(None),
        (None, Some(field)) => {
            let wanted = format!("the visit, a level of `{}`", field.name);
            table.missing("at", &wanted);
            None
        }
        (Some(named), Some(field)) => {
            let place = level_place(table, field, &named)?;
            field.levels.get(place).map(|l| Some(l.value.clone()))
        }
        (Some(named), None) => {
            let message = "`at` is for data with a row for each participant and visit";
            let diagnostic = Diagnostic::error("no-effect", message)
                .at(named.span)
                .help("name the columns of participant and visit: `id`, `visit_column`");
            table.report(diagnostic);
            None
        }
    }
}

fn words(reader: &mut TableReader<'_>, key: &str, default: &str) -> String {
    reader
        .optional_string(key)
        .map_or_else(|| default.to_owned(), |found| found.value)
}

fn count(reader: &mut TableReader<'_>, key: &str) -> Option<u32> {
    if !reader.has(key) {
        reader.missing(key, "a count");
        return None;
    }
    let found = reader.optional_integer(key, 0..=i64::from(u32::MAX))?;
    u32::try_from(found.value).ok()
}

fn enrollment(mut table: TableReader<'_>) -> Option<Enrollment> {
    let assessed = count(&mut table, "assessed");
    let source = table.string("source");
    let label = words(&mut table, "label", "Assessed for eligibility");
    let excluded_label = words(&mut table, "excluded_label", "Excluded");
    let mut excluded = Vec::new();
    for mut reason in table.tables("excluded") {
        let words = reason.string("reason");
        let n = count(&mut reason, "n");
        reason.finish();
        excluded.push(words.map(|w| w.value).zip(n));
    }
    table.finish();
    Some(Enrollment {
        label,
        assessed: assessed?,
        source: source?.value,
        excluded_label,
        excluded: excluded.into_iter().collect::<Option<_>>()?,
    })
}

/// What a part is about.
#[derive(Clone, Copy)]
enum Kept<'a> {
    Received,
    /// A visit, with the column of visits of long data.
    Visit(Option<&'a Field>),
}

fn part(
    mut table: TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    kept: Kept<'_>,
) -> Option<Part> {
    let column = table.string("column");
    let label = table.optional_string("label");
    let default = match kept {
        Kept::Received => "Did not receive it",
        Kept::Visit(_) => "Not assessed",
    };
    let missing = words(&mut table, "missing_label", default);
    let reason = reason(&mut table, scope, rows);
    let at = match kept {
        Kept::Received => Some(None),
        Kept::Visit(field) => at(&mut table, field, true),
    };
    let field = column.and_then(|name| scope.field(&table, rows, &name));
    if matches!(kept, Kept::Received)
        && let Some(field) = &field
        && field.kind != Kind::Boolean
    {
        let message = format!("`{}` must hold true and false", field.name);
        let diagnostic = Diagnostic::error("wrong-kind", message)
            .maybe_at(table.key_span("column"))
            .help("derive such a column in the front matter's `[derive]`");
        table.report(diagnostic);
    }
    table.finish();
    let (field, at) = (field?, at?);
    let default = match kept {
        Kept::Received => "Received it as randomized".to_owned(),
        Kept::Visit(None) => field.title,
        Kept::Visit(Some(visit)) => {
            let level = visit.levels.iter().find(|l| Some(&l.value) == at.as_ref());
            level.map_or(field.title, |l| l.label.clone())
        }
    };
    Some(Part {
        label: label.map_or(default, |l| l.value),
        column: field.name,
        missing,
        reason: reason?,
        at,
    })
}

/// The column with reasons, if named; none where it can't be used.
#[allow(clippy::option_option)]
fn reason(table: &mut TableReader<'_>, scope: &Scope<'_>, rows: &Rows) -> Option<Option<String>> {
    let Some(name) = table.optional_string("reason") else {
        return Some(None);
    };
    let field = scope.field(table, rows, &name)?;
    if matches!(field.kind, Kind::Category | Kind::Text) {
        return Some(Some(field.name));
    }
    let message = format!("`{}` must hold reasons in words", field.name);
    table.report(Diagnostic::error("wrong-kind", message).at(name.span));
    None
}

fn analysed(
    mut table: TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    visit: Option<&Field>,
) -> Option<Analysed> {
    let columns: Vec<At<String>> = table.optional_strings("columns").unwrap_or_default();
    if columns.is_empty() {
        table.missing("columns", "a list with one or more columns");
    }
    let names: Option<Vec<String>> = columns
        .iter()
        .map(|name| scope.field(&table, rows, name).map(|f| f.name))
        .collect();
    let any = table.optional_choice("require", &[("any", true), ("all", false)]);
    let label = words(&mut table, "label", "Analyzed");
    let excluded = words(&mut table, "excluded_label", "Not analyzed");
    let reason = reason(&mut table, scope, rows);
    let at = at(&mut table, visit, false);
    table.finish();
    Some(Analysed {
        columns: names.filter(|n| !n.is_empty())?,
        any: any.is_none_or(|a| a.value),
        label,
        excluded,
        reason: reason?,
        at: at?,
    })
}
