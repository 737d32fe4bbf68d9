//! From the author's keys to a spec.

use super::super::keys;
use super::super::proportion_test::ProportionTest;
use super::super::{Prepared, Rows, Scope};
use super::{RowSpec, Spec};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let overall = keys::flag(reader, "overall", true);
    let ci = keys::flag(reader, "ci", false);
    let conf_level = keys::conf_level(reader);
    let test = reader.optional_choice("test", &ProportionTest::CHOICES);
    let missing = keys::missing(reader);
    let denominator = keys::denominator(reader);
    let digits = keys::digits(reader);
    let named = reader.optional_strings("variables").unwrap_or_default();
    let tables = reader.tables("row");
    if !reader.has("variables") && !reader.has("row") {
        reader.missing(
            "variables",
            "a list of columns; or `[[row]]` and below it `variable = \"…\"`",
        );
    }
    let grouped = reader.has("by");
    for key in ["test", "overall"] {
        if let (false, Some(span)) = (grouped, reader.key_span(key)) {
            let message = format!("`{key}` needs groups");
            let diagnostic = Diagnostic::error("missing-key", message).at(span);
            reader.report(diagnostic.help("name their column: `by = \"…\"`"));
        }
    }
    let Some(rows) = scope.rows(reader) else {
        reader.ignore("by");
        return None;
    };
    let groups = grouped.then(|| scope.arms(reader, &rows));
    let mut names = Vec::new();
    let mut specs = Vec::new();
    for name in named {
        specs.extend(plain(reader, scope, &rows, name, digits, &mut names));
    }
    for mut table in tables {
        specs.extend(row(&mut table, scope, &rows, digits, &mut names));
        table.finish();
    }
    keys::refuse_repeats(reader, &names, "a variable stands in the table once");
    let groups = match groups {
        Some(found) => Some(found?),
        None => None,
    };
    let columns: Vec<String> = specs.iter().map(|row| row.variable.clone()).collect();
    let by = groups.iter().map(|g| g.variable.clone());
    Some(Prepared {
        inputs: vec![rows.input(columns.into_iter().chain(by))],
        spec: Spec {
            groups,
            rows: specs,
            overall,
            interval: ci.then_some(conf_level),
            test: test.map(|t| t.value),
            missing,
            denominator,
        },
        upstream: Vec::new(),
    })
}

/// A variable that is only named.
fn plain(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    name: At<String>,
    digits: Option<u8>,
    names: &mut Vec<At<String>>,
) -> Option<RowSpec> {
    let field = scope.category(reader, rows, &name)?;
    let spec = RowSpec {
        variable: name.value.clone(),
        label: field.title,
        levels: field.levels,
        only: None,
        digits,
    };
    names.push(name);
    Some(spec)
}

fn row(
    reader: &mut TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    digits: Option<u8>,
    names: &mut Vec<At<String>>,
) -> Option<RowSpec> {
    let label = reader.optional_string("label");
    let level = reader.optional_string("level");
    let digits = keys::digits(reader).or(digits);
    let name = reader.string("variable");
    let field = name
        .as_ref()
        .and_then(|name| scope.category(reader, rows, name));
    let (Some(name), Some(field)) = (name, field) else {
        reader.ignore("levels");
        return None;
    };
    let levels = keys::ordered_levels(reader, &field);
    let only = level.and_then(|value| {
        let found = field.levels.get(keys::level(reader, &field, &value)?)?;
        levels.iter().position(|l| l == found)
    });
    let own = || keys::label_of_level(&field, only.and_then(|i| levels.get(i)));
    let spec = RowSpec {
        variable: name.value.clone(),
        label: label.map_or_else(own, |l| l.value),
        levels,
        only,
        digits,
    };
    names.push(name);
    Some(spec)
}
