//! Resolving the keys of `forest`.

use super::{Factor, Section, SectionRows, Spec, Subgroups};
use crate::analysis::keys::{conf_level, digits, one_or_many};
use crate::analysis::trajectory::limits;
use crate::analysis::{Arms, InputSpec, Prepared, Rows, Scope};
use crate::artefact::Scale;
use crate::dataset::Field;
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

/// The directives whose estimates can be shown.
const EFFECTS: [&str; 6] = ["outcomes", "model", "lmm", "mmrm", "glmm", "emmeans"];

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let axis = reader.string("axis");
    let effect = reader.optional_string("effect");
    let favors = (
        reader.optional_string("favors_left").map(|f| f.value),
        reader.optional_string("favors_right").map(|f| f.value),
    );
    let limits = limits(reader, "limits");
    let scale = reader.optional_choice(
        "scale",
        &[("difference", Scale::Difference), ("ratio", Scale::Ratio)],
    );
    let digits = digits(reader);
    let conf_level = conf_level(reader);
    let tables = reader.tables("section");
    if tables.is_empty() {
        reader.missing("section", "`[[section]]` once or more often");
    }
    let mut inputs = Vec::new();
    let sections: Vec<Option<Section>> = tables
        .into_iter()
        .map(|table| section(table, scope, &mut inputs))
        .collect();
    let sections = sections.into_iter().collect::<Option<Vec<Section>>>()?;
    refuse_repeats(reader, &sections);
    let mut upstream: Vec<String> = Vec::new();
    for section in &sections {
        if let SectionRows::Of { from, .. } = &section.rows
            && !upstream.contains(from)
        {
            upstream.push(from.clone());
        }
    }
    let spec = Spec {
        axis: axis?.value,
        effect: effect.map(|e| e.value).unwrap_or_default(),
        favors,
        limits: limits?,
        digits,
        conf_level,
        scale: scale.map_or(Scale::Difference, |s| s.value),
        sections,
    };
    Some(Prepared {
        spec,
        inputs,
        upstream,
    })
}

/// The same factor for the same outcome twice would give one number two places.
fn refuse_repeats(reader: &TableReader<'_>, sections: &[Section]) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for section in sections {
        let SectionRows::Subgroups(subgroups) = &section.rows else {
            continue;
        };
        for factor in &subgroups.factors {
            let pair = (subgroups.outcome.as_str(), factor.column.as_str());
            if seen.contains(&pair) {
                let message = format!(
                    "the subgroups of `{}` by `{}` are there twice",
                    pair.0, pair.1
                );
                reader.report(Diagnostic::error("duplicate-subgroup", message).at(reader.span()));
            }
            seen.push(pair);
        }
    }
}

fn section(
    mut table: TableReader<'_>,
    scope: &Scope<'_>,
    inputs: &mut Vec<InputSpec>,
) -> Option<Section> {
    let label = table.optional_string("label").map(|l| l.value);
    let rows = if table.has("from") {
        of_another(&mut table, scope)
    } else {
        subgroups(&mut table, scope, inputs).map(SectionRows::Subgroups)
    };
    table.finish();
    Some(Section { label, rows: rows? })
}

fn of_another(table: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<SectionRows> {
    let from = table.string("from");
    let levels = one_or_many(table, "estimate");
    let outcomes = one_or_many(table, "outcomes").unwrap_or_default();
    let labels = table.optional_string_map("labels").unwrap_or_default();
    let from = scope.upstream(table, &from?, &EFFECTS)?;
    if levels.as_ref().is_none_or(Vec::is_empty) {
        table.missing("estimate", "which estimates, such as \"adjusted\"");
    }
    Some(SectionRows::Of {
        from,
        levels: levels?.into_iter().map(|l| l.value).collect(),
        outcomes: outcomes.into_iter().map(|o| o.value).collect(),
        labels: labels
            .into_iter()
            .map(|(k, v)| (k.value, v.value))
            .collect(),
    })
}

fn subgroups(
    table: &mut TableReader<'_>,
    scope: &Scope<'_>,
    inputs: &mut Vec<InputSpec>,
) -> Option<Subgroups> {
    let rows = scope.rows(table);
    let outcome = table.string("outcome");
    let factors = table.optional_strings("subgroups");
    let adjust = table.optional_strings("adjust").unwrap_or_default();
    let compare = table.optional_string("compare");
    if factors.as_ref().is_none_or(Vec::is_empty) {
        table.missing(
            "subgroups",
            "a list of factors; or `from`, the label of another directive",
        );
    }
    let rows = rows?;
    let arms = scope.arms(table, &rows);
    let outcome = outcome.and_then(|name| scope.number(table, &rows, &name));
    let factors: Vec<Option<Factor>> = factors?
        .iter()
        .map(|name| factor(table, scope, &rows, name))
        .collect();
    let adjust: Vec<Option<Field>> = adjust
        .iter()
        .map(|name| scope.field(table, &rows, name))
        .collect();
    let (arms, outcome) = (arms?, outcome?);
    let arm = arm(table, &arms, compare.as_ref())?;
    let factors = factors.into_iter().collect::<Option<Vec<Factor>>>()?;
    let adjust: Vec<String> = adjust
        .into_iter()
        .map(|f| f.map(|f| f.name))
        .collect::<Option<_>>()?;
    let columns = [arms.variable.clone(), outcome.name.clone()]
        .into_iter()
        .chain(adjust.iter().cloned())
        .chain(factors.iter().map(|f| f.column.clone()));
    inputs.push(rows.input(columns));
    Some(Subgroups {
        input: inputs.len() - 1,
        arms,
        arm,
        decimals: outcome.decimals,
        outcome: outcome.name,
        adjust,
        factors,
    })
}

fn factor(
    table: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    name: &At<String>,
) -> Option<Factor> {
    let field = scope.category(table, rows, name)?;
    if field.levels.len() < 2 {
        let message = format!("`{}` has one level, so it makes no subgroups", field.name);
        table.report(Diagnostic::error("one-level", message).at(name.span.clone()));
        return None;
    }
    Some(Factor {
        column: field.name,
        title: field.title,
        levels: field.levels,
    })
}

/// The arm that is compared with the reference.
fn arm(table: &TableReader<'_>, arms: &Arms, compare: Option<&At<String>>) -> Option<usize> {
    let others: Vec<usize> = arms.others().map(|(i, _)| i).collect();
    let Some(name) = compare else {
        if let [only] = others.as_slice() {
            return Some(*only);
        }
        table.missing(
            "compare",
            "of more than two arms, the one that is compared with the reference",
        );
        return None;
    };
    let found = others
        .iter()
        .copied()
        .find(|&i| arms.levels[i].value == name.value);
    if found.is_none() {
        let message = format!("`{}` has no arm `{}` to compare", arms.variable, name.value);
        let known = arms.others().map(|(_, l)| l.value.as_str());
        let diagnostic = Diagnostic::error("unknown-level", message)
            .at(name.span.clone())
            .suggest(&name.value, known);
        table.report(diagnostic);
    }
    found
}
