//! Resolving the keys of `consort`.

use super::{Analysed, Enrollment, Part, Spec};
use crate::analysis::{Prepared, Rows, Scope};
use crate::dataset::Kind;
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let rows = scope.rows(reader);
    let randomised = words(reader, "randomised_label", "Randomized");
    let allocated = words(reader, "allocated_label", "Randomized to");
    let enrollment = reader.optional_table("enrollment").map(enrollment);
    let received = reader.optional_table("received");
    let visits = reader.tables("visit");
    let analysis = reader.optional_table("analysis");
    let rows = rows?;
    let arms = scope.arms(reader, &rows);
    let received = received.map(|table| part(table, scope, &rows, true));
    let visits: Vec<Option<Part>> = visits
        .into_iter()
        .map(|table| part(table, scope, &rows, false))
        .collect();
    let analysis = analysis.map(|table| analysed(table, scope, &rows));
    let arms = arms?;
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
    std::iter::once(spec.arms.variable.clone())
        .chain(of_parts)
        .chain(of_analysis)
        .collect()
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

fn part(
    mut table: TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    received: bool,
) -> Option<Part> {
    let column = table.string("column");
    let label = table.optional_string("label");
    let missing = words(
        &mut table,
        "missing_label",
        if received {
            "Did not receive it"
        } else {
            "Not assessed"
        },
    );
    let reason = reason(&mut table, scope, rows);
    let field = column.and_then(|name| scope.field(&table, rows, &name));
    if received
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
    let field = field?;
    Some(Part {
        label: label.map_or_else(
            || {
                if received {
                    "Received it as randomized".to_owned()
                } else {
                    field.title.clone()
                }
            },
            |l| l.value,
        ),
        column: field.name,
        missing,
        reason: reason?,
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

fn analysed(mut table: TableReader<'_>, scope: &Scope<'_>, rows: &Rows) -> Option<Analysed> {
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
    table.finish();
    Some(Analysed {
        columns: names.filter(|n| !n.is_empty())?,
        any: any.is_none_or(|a| a.value),
        label,
        excluded,
        reason: reason?,
    })
}
