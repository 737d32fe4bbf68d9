//! From the author's keys to a spec.

use super::super::describe::NumberSummary;
use super::super::keys;
use super::super::{Prepared, Rows, Scope};
use super::{Content, RowSpec, Spec};
use crate::dataset::{Field, Kind};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    refuse_p(reader);
    let overall = keys::flag(reader, "overall", true);
    let smd = keys::flag(reader, "smd", false);
    let missing = keys::missing(reader);
    let denominator = keys::denominator(reader);
    let quantile = keys::quantile(reader).number();
    let tables = reader.tables("row");
    if !reader.has("row") {
        reader.missing(
            "row",
            "`[[row]]` and below it `variable = \"…\"`, for each row",
        );
    }
    let Some(rows) = scope.rows(reader) else {
        reader.ignore("by");
        return None;
    };
    let arms = scope.arms(reader, &rows);
    let mut specs = Vec::new();
    let mut names = Vec::new();
    for mut table in tables {
        specs.extend(row(&mut table, scope, &rows, &mut names));
        table.finish();
    }
    keys::refuse_repeats(
        reader,
        &names,
        "give one row several summaries: `summary = [\"mean (sd)\", \"median (iqr)\"]`",
    );
    let arms = arms?;
    let columns: Vec<String> = specs.iter().map(|row| row.variable.clone()).collect();
    let input = rows.input(columns.into_iter().chain([arms.variable.clone()]));
    Some(Prepared {
        spec: Spec {
            arms,
            rows: specs,
            overall,
            smd,
            missing,
            denominator,
            quantile,
        },
        inputs: vec![input],
        upstream: Vec::new(),
    })
}

/// Tests of baseline differences are refused, with the reason.
fn refuse_p(reader: &mut TableReader<'_>) {
    if let Some(p) = reader.optional_bool("p").filter(|p| p.value) {
        let message = "a table of baseline characteristics carries no P values";
        reader.report(
            Diagnostic::error("p-at-baseline", message)
                .at(p.span)
                .label("P values are refused here")
                .help("in a randomised trial every baseline difference is due to chance, so a test of it answers no question (CONSORT 2010, item 15; Senn, Stat Med 1994;13:1715-1726)")
                .help("to show how large the differences are, write `smd = true`: standardised mean differences"),
        );
    }
}

fn row(
    reader: &mut TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    names: &mut Vec<At<String>>,
) -> Option<RowSpec> {
    let label = reader.optional_string("label");
    let digits = keys::digits(reader);
    let summary = keys::one_or_many(reader, "summary");
    let level = reader.optional_string("level");
    let variable = reader.string("variable");
    let field = variable
        .as_ref()
        .and_then(|name| scope.field(reader, rows, name));
    let (Some(variable), Some(field)) = (variable, field) else {
        reader.ignore("levels");
        return None;
    };
    let content = match field.kind {
        Kind::Number => numbers(reader, &field, summary.as_deref(), level.as_ref()),
        Kind::Category | Kind::Boolean => {
            categories(reader, &field, summary.as_deref(), level.as_ref())
        }
        Kind::Text | Kind::Date => {
            // Gives the message for a column that holds no categories.
            scope.category(reader, rows, &variable);
            reader.ignore("levels");
            return None;
        }
    };
    names.push(variable.clone());
    let label = label.map_or_else(|| own_label(&field, &content), |label| label.value);
    Some(RowSpec {
        variable: variable.value,
        label,
        unit: field
            .unit
            .filter(|_| matches!(content, Content::Numbers { .. })),
        digits,
        content,
    })
}

fn numbers(
    reader: &mut TableReader<'_>,
    field: &Field,
    summary: Option<&[At<String>]>,
    level: Option<&At<String>>,
) -> Content {
    reader.ignore("levels");
    let keys = [level.map(|l| l.span.clone()), reader.key_span("levels")];
    for span in keys.into_iter().flatten() {
        let message = format!("`{}` holds numbers, which have no levels", field.name);
        reader.report(
            Diagnostic::error("wrong-kind", message)
                .at(span)
                .help("list its `categories` in the codebook if the numbers are codes"),
        );
    }
    let summaries = summary.map_or_else(
        || vec![NumberSummary::MeanSd],
        |words| keys::choices(reader, "summary", words, &NumberSummary::CHOICES),
    );
    let mut shown: Vec<NumberSummary> = Vec::new();
    for (i, one) in summaries.iter().enumerate() {
        if shown.contains(one) {
            let message = "the same summary is named twice";
            let span = summary
                .and_then(|words| words.get(i))
                .map(|w| w.span.clone());
            reader.report(Diagnostic::error("repeated", message).maybe_at(span));
        } else {
            shown.push(*one);
        }
    }
    if shown.is_empty() && summary.is_some_and(<[_]>::is_empty) {
        reader.missing("summary", "at least one summary, such as \"mean (sd)\"");
    }
    Content::Numbers {
        summaries: shown,
        decimals: field.decimals,
    }
}

fn categories(
    reader: &mut TableReader<'_>,
    field: &Field,
    summary: Option<&[At<String>]>,
    level: Option<&At<String>>,
) -> Content {
    if let Some(words) = summary {
        keys::choices(reader, "summary", words, &[("n (%)", ())]);
    }
    let levels = keys::ordered_levels(reader, field);
    let named = level.and_then(|value| {
        let i = keys::level(reader, field, value)?;
        levels.iter().position(|l| l.value == field.levels[i].value)
    });
    let truth = (field.kind == Kind::Boolean && level.is_none() && !reader.has("levels"))
        .then(|| levels.iter().position(|l| l.value == "true"))
        .flatten();
    Content::Categories {
        levels,
        only: named.or(truth),
    }
}

fn own_label(field: &Field, content: &Content) -> String {
    let only = match content {
        Content::Categories { levels, only } => only.and_then(|i| levels.get(i)),
        Content::Numbers { .. } => None,
    };
    keys::label_of_level(field, only)
}
