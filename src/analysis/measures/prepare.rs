//! Resolving the keys of `measures`.

use super::{Quoted, Scale, Score, Spec};
use crate::analysis::keys::{digits, refuse_repeats};
use crate::analysis::modelled::level_place;
use crate::analysis::{Prepared, Rows, Scope};
use crate::dataset::{Field, Level};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let rows = scope.rows(reader);
    let visit = reader.optional_string("visit");
    let visits = reader.optional_strings("visits");
    let id = reader.optional_string("id");
    let digits = digits(reader);
    let stub = reader.optional_string("stub");
    let labels = reader.optional_string_map("labels").unwrap_or_default();
    let tables = reader.tables("scale");
    if tables.is_empty() {
        reader.missing("scale", "`[[scale]]` once or more often");
    }
    let Some(rows) = rows else {
        reader.ignore("by");
        return None;
    };
    let arms = scope.arms(reader, &rows);
    let id = id.map(|id| scope.field(reader, &rows, &id));
    let labels: Vec<(String, String)> = labels
        .into_iter()
        .map(|(k, v)| (k.value, v.value))
        .collect();
    let mut visit = shown_visits(reader, scope, &rows, visit, visits);
    if let Some(Some((_, levels))) = &mut visit {
        for level in levels {
            if let Some((_, words)) = labels.iter().find(|(value, _)| *value == level.value) {
                level.label.clone_from(words);
            }
        }
    }
    let mut names = Vec::new();
    let scales: Vec<Option<Scale>> = tables
        .into_iter()
        .map(|table| scale(table, scope, &rows, &labels, &mut names))
        .collect();
    refuse_repeats(reader, &names, "a score is one row of the table");
    let (arms, visit) = (arms?, visit?);
    let id = match id {
        Some(field) => Some(field?.name),
        None => None,
    };
    if visit.is_some() && id.is_none() {
        reader.missing("id", "the column that tells participants apart");
        return None;
    }
    let scales = scales.into_iter().collect::<Option<Vec<Scale>>>()?;
    let columns = std::iter::once(arms.variable.clone())
        .chain(visit.iter().map(|(column, _)| column.clone()))
        .chain(id.clone())
        .chain(names.into_iter().map(|name| name.value));
    let inputs = vec![rows.input(columns)];
    let spec = Spec {
        arms,
        visit,
        id,
        scales,
        digits,
        stub: stub.map_or_else(|| "Measure".to_owned(), |s| s.value),
    };
    Some(Prepared {
        spec,
        inputs,
        upstream: Vec::new(),
    })
}

/// The column of visits with those that are shown; the outer `None` after a report.
#[allow(clippy::option_option)]
fn shown_visits(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    visit: Option<At<String>>,
    visits: Option<Vec<At<String>>>,
) -> Option<Option<(String, Vec<Level>)>> {
    let Some(visit) = visit else {
        if let Some(named) = visits.and_then(|v| v.into_iter().next()) {
            let message = "`visits` is for data with a row for each participant and visit";
            let diagnostic = Diagnostic::error("no-effect", message).at(named.span);
            reader.report(diagnostic.help("name the column of the visits: `visit`"));
            return None;
        }
        return Some(None);
    };
    let field = scope.category(reader, rows, &visit)?;
    let levels = match visits {
        None => field.levels.clone(),
        Some(named) => {
            refuse_repeats(reader, &named, "a visit is one block of columns");
            let level = |name: &At<String>| level(reader, &field, name);
            named.iter().map(level).collect::<Option<_>>()?
        }
    };
    Some(Some((field.name, levels)))
}

fn level(reader: &TableReader<'_>, field: &Field, name: &At<String>) -> Option<Level> {
    let place = level_place(reader, field, name)?;
    field.levels.get(place).cloned()
}

fn scale(
    mut table: TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    labels: &[(String, String)],
    names: &mut Vec<At<String>>,
) -> Option<Scale> {
    let label = table.string("label");
    let reliability = table.optional_number("reliability");
    let source = table.optional_string("source");
    let variables = table.optional_strings("variables").unwrap_or_default();
    if variables.is_empty() {
        table.missing("variables", "a list with one column or more");
    }
    if let Some(found) = &reliability {
        if !(0.0..=1.0).contains(&found.value) {
            let message = "a reliability is from 0 to 1";
            table.report(Diagnostic::error("out-of-range", message).at(found.span.clone()));
            return None;
        }
        if source.is_none() && !table.has("source") {
            table.missing("source", "a key of the references: whose number it is");
        }
    }
    let score = |name: &At<String>| {
        let field = scope.number(&table, rows, name)?;
        let own = labels.iter().find(|(column, _)| *column == field.name);
        Some(Score {
            label: own.map_or(field.title, |(_, label)| label.clone()),
            decimals: field.decimals,
            variable: field.name,
        })
    };
    let scores: Vec<Option<Score>> = variables.iter().map(score).collect();
    names.extend(variables);
    table.finish();
    let reliability = match reliability {
        Some(found) => Some(Quoted {
            value: found.value,
            source: source?.value,
        }),
        None => None,
    };
    Some(Scale {
        label: label?.value,
        reliability,
        scores: scores.into_iter().collect::<Option<_>>()?,
    })
}
