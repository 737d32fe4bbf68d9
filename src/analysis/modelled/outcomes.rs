//! The outcomes of models, as the formula or other keys name them.

use super::sides::Sides;
use super::{Modelled, in_formula};
use crate::analysis::keys::{one_or_many, refuse_repeats};
use crate::analysis::{Rows, Scope};
use crate::dataset::Field;
use crate::diagnostic::Diagnostic;
use crate::reader::{At, KeyPath, KeyStep, TableReader};
use crate::stats::formula::Expression;

/// Finds a column that can be an outcome; reports one that can't.
pub(in crate::analysis) type OutcomeField<'a> =
    &'a dyn Fn(&TableReader<'_>, &Scope<'_>, &Rows, &At<String>) -> Option<Field>;

/// Outcomes as the author names them.
pub(super) struct NamedOutcomes {
    groups: Vec<String>,
    outcomes: Vec<(At<String>, Option<usize>, KeyPath)>,
}

pub(super) fn named_outcomes(reader: &mut TableReader<'_>) -> NamedOutcomes {
    let mut named = NamedOutcomes {
        groups: Vec::new(),
        outcomes: Vec::new(),
    };
    let path = |steps: Vec<KeyStep>| KeyPath(steps);
    let plain = one_or_many(reader, "outcomes").unwrap_or_default();
    for (i, name) in plain.into_iter().enumerate() {
        let key = path(vec!["outcomes".into(), i.into()]);
        named.outcomes.push((name, None, key));
    }
    for (g, mut table) in reader.tables("group").into_iter().enumerate() {
        let label = table.string("label");
        let outcomes = table.optional_strings("outcomes");
        if outcomes.as_ref().is_none_or(Vec::is_empty) {
            table.missing("outcomes", "a list of columns");
        }
        table.finish();
        named
            .groups
            .push(label.map(|l| l.value).unwrap_or_default());
        for (i, name) in outcomes.unwrap_or_default().into_iter().enumerate() {
            let key = path(vec!["group".into(), g.into(), "outcomes".into(), i.into()]);
            named.outcomes.push((name, Some(g), key));
        }
    }
    named
}

/// The heads of groups, and all outcomes.
pub(super) type Grouped = (Vec<String>, Vec<Modelled>);

pub(super) fn outcomes(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    sides: &Sides<'_>,
    (named, fit): (NamedOutcomes, OutcomeField<'_>),
) -> Option<Grouped> {
    if let Some(left) = &sides.left {
        for (name, _, _) in named.outcomes.iter().take(1) {
            let message = format!("the formula has an outcome already, `{left}`");
            let diagnostic = Diagnostic::error("two-outcomes", message)
                .at(name.span.clone())
                .help("leave it out of the formula, whose right-hand side is enough");
            reader.report(diagnostic);
        }
        let own = named.outcomes.is_empty();
        let outcome = of_formula(reader, scope, rows, sides, (left, fit))?;
        return own.then(|| (Vec::new(), vec![outcome]));
    }
    if named.outcomes.is_empty() {
        let wanted = "a list of columns; or write `outcome ~ …` in `formula`";
        reader.missing("outcomes", wanted);
        return None;
    }
    let names: Vec<At<String>> = named.outcomes.iter().map(|(n, _, _)| n.clone()).collect();
    refuse_repeats(reader, &names, "an outcome has one model");
    let mut outcomes = Vec::with_capacity(names.len());
    let mut sound = true;
    for (name, group, key) in named.outcomes {
        let found = one_outcome(reader, scope, rows, sides, (&name, fit));
        sound &= found.is_some();
        outcomes.extend(found.map(|field| Modelled {
            left: in_formula(&field.name),
            columns: vec![field.name.clone()],
            name: field.name,
            title: field.title,
            decimals: field.decimals,
            group,
            key,
        }));
    }
    sound.then_some((named.groups, outcomes))
}

fn one_outcome(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    sides: &Sides<'_>,
    (name, fit): (&At<String>, OutcomeField<'_>),
) -> Option<Field> {
    let field = fit(reader, scope, rows, name)?;
    if sides.formula.columns().contains(&name.value.as_str()) {
        let message = format!("the outcome `{}` is among its own predictors", name.value);
        reader.report(Diagnostic::error("outcome-predicts", message).at(name.span.clone()));
        return None;
    }
    Some(field)
}

/// The outcome that the formula names: a column or an expression of columns.
fn of_formula(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    sides: &Sides<'_>,
    (left, fit): (&str, OutcomeField<'_>),
) -> Option<Modelled> {
    let response = sides.formula.response()?;
    let columns = sides.response_columns();
    let plain = matches!(response.expression, Expression::Column { .. });
    let field = |name: &String| {
        let name = sides.at(name, response.span);
        if plain {
            fit(reader, scope, rows, &name)
        } else {
            scope.number(reader, rows, &name)
        }
    };
    let fields: Vec<Option<Field>> = columns.iter().map(field).collect();
    let fields: Vec<Field> = fields.into_iter().collect::<Option<_>>()?;
    let only = fields.first().filter(|_| plain);
    Some(Modelled {
        name: only.map_or_else(|| response.label.clone(), |f| f.name.clone()),
        left: left.to_owned(),
        title: only.map_or_else(|| response.label.clone(), |f| f.title.clone()),
        decimals: only.and_then(|f| f.decimals),
        columns,
        group: None,
        key: KeyPath(vec!["formula".into()]),
    })
}
