//! From the author's keys to a spec.

use super::super::describe::NumberSummary;
use super::super::keys;
use super::super::{Arms, Prepared, Rows, Scope};
use super::{
    Covariate, Effect, Measured, Observed, OutcomeKind, PAdjust, ProportionTest, Shape, Spec,
    TTestKind, VisitColumn,
};
use crate::dataset::{Field, Kind};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader, Value};

const OBSERVED: [(&str, Observed); 4] = [
    ("n/N (%)", Observed::CountOfPercent),
    ("n/N", Observed::CountOf),
    ("n", Observed::Count),
    ("none", Observed::None),
];
const SUMMARIES: [(&str, NumberSummary); 3] = [
    ("mean (sd)", NumberSummary::MeanSd),
    ("median (iqr)", NumberSummary::MedianIqr),
    ("range", NumberSummary::Range),
];
const T_TESTS: [(&str, TTestKind); 2] =
    [("welch", TTestKind::Welch), ("student", TTestKind::Student)];
const EFFECTS: [(&str, Effect); 3] = [
    ("rd", Effect::RiskDifference),
    ("rr", Effect::RiskRatio),
    ("or", Effect::OddsRatio),
];
/// The keys that name columns, which can't be judged without the dataset.
const COLUMN_KEYS: [&str; 10] = [
    "by", "outcome", "visit", "visits", "labels", "id", "adjust", "kind", "event", "test",
];

/// A column of the table with its field.
struct Named {
    name: At<String>,
    field: Field,
}

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let conf_level = keys::conf_level(reader);
    let unadjusted_p = keys::flag(reader, "unadjusted_p", false);
    let p_adjust = reader.optional_choice("p_adjust", &PAdjust::CHOICES);
    let observed = reader.optional_choice("observed", &OBSERVED);
    let digits = keys::digits(reader);
    let stub = reader.optional_string("stub");
    let effect = reader.optional_choice("effect", &EFFECTS);
    let summary = reader.optional_choice("summary", &SUMMARIES);
    let quantile = keys::quantile(reader).number();
    let Some(rows) = scope.rows(reader) else {
        for key in COLUMN_KEYS {
            reader.ignore(key);
        }
        return None;
    };
    let arms = scope.arms(reader, &rows);
    let (shape, outcomes) = shape(reader, scope, &rows, digits);
    let binary = is_binary(reader, &outcomes);
    let kind = if binary {
        for key in ["summary", "quantile"] {
            out_of_place(reader, key, "a continuous outcome");
        }
        binary_kind(reader, &outcomes, effect.map(|e| e.value))
    } else {
        for key in ["effect", "event"] {
            reader.ignore(key);
            out_of_place(reader, key, "a binary outcome");
        }
        Some(OutcomeKind::Continuous {
            summary: summary.map_or(NumberSummary::MeanSd, |s| s.value),
            quantile,
            test: reader
                .optional_choice("test", &T_TESTS)
                .map_or(TTestKind::Welch, |t| t.value),
        })
    };
    let covariates = covariates(reader, scope, &rows, &outcomes, arms.as_ref(), binary);
    if unadjusted_p && covariates.is_empty() && !reader.has("adjust") {
        let message = "without `adjust` the only P value is the unadjusted one";
        let span = reader.key_span("unadjusted_p");
        reader.report(Diagnostic::warning("no-effect", message).maybe_at(span));
    }
    let (arms, shape, kind) = (arms?, shape?, kind?);
    let columns = columns(&arms, &shape, &covariates);
    let default = if binary {
        Observed::None
    } else {
        Observed::CountOfPercent
    };
    Some(Prepared {
        inputs: vec![rows.input(columns)],
        spec: Spec {
            arms,
            shape,
            kind,
            covariates,
            p_adjust: p_adjust.map_or(PAdjust::None, |p| p.value),
            conf_level,
            unadjusted_p,
            observed: observed.map_or(default, |o| o.value),
            stub: stub.map(|s| s.value),
        },
        upstream: Vec::new(),
    })
}

fn columns(arms: &Arms, shape: &Shape, covariates: &[Covariate]) -> Vec<String> {
    let mut columns = vec![arms.variable.clone()];
    match shape {
        Shape::Wide { visits } => columns.extend(visits.iter().map(|v| v.variable.clone())),
        Shape::Long { outcome, visit, id } => {
            columns.extend([&outcome.variable, &visit.variable, id].map(Clone::clone));
        }
    }
    columns.extend(covariates.iter().map(|c| c.variable.clone()));
    columns
}

/// Reports a key that means nothing for this kind of outcome.
fn out_of_place(reader: &TableReader<'_>, key: &str, only: &str) {
    if let Some(span) = reader.key_span(key) {
        let message = format!("`{key}` is a key of {only} only");
        reader.report(Diagnostic::error("wrong-kind", message).at(span));
    }
}

/// The visits, with the columns that hold outcomes.
fn shape(
    reader: &mut TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    digits: Option<u8>,
) -> (Option<Shape>, Vec<Named>) {
    let is_long = reader.has("outcome")
        || matches!(
            reader.node("visit").map(|n| &n.value),
            Some(Value::String(_))
        );
    if is_long {
        long(reader, scope, rows, digits)
    } else {
        for key in ["visits", "labels", "id"] {
            reader.ignore(key);
            out_of_place(reader, key, "visits in rows (`outcome`, `visit`, and `id`)");
        }
        wide(reader, scope, rows, digits)
    }
}

fn wide(
    reader: &mut TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    digits: Option<u8>,
) -> (Option<Shape>, Vec<Named>) {
    if !reader.has("visit") {
        let wanted = "`[[visit]]` and below it `variable = \"…\"` for each visit; or the text `visit` with `outcome` and `id`, where visits are rows";
        reader.missing("visit", wanted);
    }
    let (mut visits, mut outcomes) = (Vec::new(), Vec::new());
    for mut table in reader.tables("visit") {
        let label = table.optional_string("label");
        let own = keys::digits(&mut table).or(digits);
        let name = table.string("variable");
        let field = name.and_then(|name| {
            let field = scope.field(&table, rows, &name)?;
            Some(Named { name, field })
        });
        table.finish();
        let Some(named) = field else { continue };
        let label = label.map_or_else(|| named.field.title.clone(), |l| l.value);
        visits.push(measured(&named.field, label, own));
        outcomes.push(named);
    }
    let names: Vec<At<String>> = outcomes.iter().map(|o| o.name.clone()).collect();
    keys::refuse_repeats(reader, &names, "a column is one row of the table");
    let shape = (!visits.is_empty()).then_some(Shape::Wide { visits });
    (shape, outcomes)
}

fn measured(field: &Field, label: String, digits: Option<u8>) -> Measured {
    Measured {
        variable: field.name.clone(),
        label,
        unit: field.unit.clone(),
        decimals: field.decimals,
        digits,
    }
}

fn long(
    reader: &mut TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    digits: Option<u8>,
) -> (Option<Shape>, Vec<Named>) {
    let outcome = reader.string("outcome");
    let visit = reader.string("visit");
    let id = reader.string("id");
    let labels = reader.optional_string_map("labels").unwrap_or_default();
    let levels = visit_values(reader);
    let named = outcome.and_then(|name| {
        let field = scope.field(reader, rows, &name)?;
        Some(Named { name, field })
    });
    let visit = visit.and_then(|name| scope.field(reader, rows, &name).map(|f| (name, f)));
    let id = id.filter(|name| scope.field(reader, rows, name).is_some());
    let visit =
        visit.and_then(|(name, field)| visit_column(reader, &name, field, &levels, &labels));
    let shape = named
        .as_ref()
        .zip(visit)
        .zip(id)
        .map(|((outcome, visit), id)| Shape::Long {
            outcome: measured(&outcome.field, outcome.field.title.clone(), digits),
            visit,
            id: id.value,
        });
    (shape, named.into_iter().collect())
}

/// The key `visits`: texts or numbers, each as text.
fn visit_values(reader: &mut TableReader<'_>) -> Vec<At<String>> {
    let Some(Value::Array(items)) = reader.node("visits").map(|node| &node.value) else {
        return reader.optional_strings("visits").unwrap_or_default();
    };
    if items.iter().all(|item| item.value.as_number().is_some()) {
        let numbers = reader.optional_numbers("visits").unwrap_or_default();
        let text = |n: At<f64>| At {
            value: (n.value + 0.0).to_string(),
            span: n.span,
        };
        return numbers.into_iter().map(text).collect();
    }
    reader.optional_strings("visits").unwrap_or_default()
}

fn visit_column(
    reader: &TableReader<'_>,
    name: &At<String>,
    field: Field,
    levels: &[At<String>],
    labels: &[(At<String>, At<String>)],
) -> Option<VisitColumn> {
    let numeric = field.kind == Kind::Number;
    if !numeric && !matches!(field.kind, Kind::Category | Kind::Boolean) {
        let message = format!(
            "`{}` must hold categories or numbers to tell visits",
            name.value
        );
        reader.report(
            Diagnostic::error("wrong-kind", message)
                .at(name.span.clone())
                .help("list its `categories` in the codebook"),
        );
        return None;
    }
    let canonical = |value: &At<String>| -> Option<String> {
        if !numeric {
            let i = keys::level(reader, &field, value)?;
            return field.levels.get(i).map(|l| l.value.clone());
        }
        if let Some(number) = value.value.parse().ok().filter(|n: &f64| n.is_finite()) {
            return Some((number + 0.0).to_string());
        }
        let message = format!(
            "`{}` is no number, as the values of `{}` are",
            value.value, field.name
        );
        reader.report(Diagnostic::error("unknown-level", message).at(value.span.clone()));
        None
    };
    keys::refuse_repeats(reader, levels, "a visit is one row of the table");
    let mut shown: Vec<String> = levels.iter().filter_map(canonical).collect();
    if shown.is_empty() {
        shown = field.levels.iter().map(|l| l.value.clone()).collect();
    }
    let own = labels
        .iter()
        .filter_map(|(value, label)| Some((canonical(value)?, label.value.clone())));
    let book = field
        .levels
        .iter()
        .map(|l| (l.value.clone(), l.label.clone()));
    Some(VisitColumn {
        labels: own.chain(book).collect(),
        variable: field.name.clone(),
        title: field.title,
        unit: field.unit,
        levels: shown,
    })
}

/// Whether the outcomes are events; they must agree in it.
fn is_binary(reader: &mut TableReader<'_>, outcomes: &[Named]) -> bool {
    let said = reader.optional_choice("kind", &[("continuous", false), ("binary", true)]);
    let events = |field: &Field| matches!(field.kind, Kind::Category | Kind::Boolean);
    let binary = said.map_or_else(
        || outcomes.first().is_some_and(|o| events(&o.field)),
        |kind| kind.value,
    );
    for outcome in outcomes {
        let fits = if binary {
            events(&outcome.field)
        } else {
            outcome.field.kind == Kind::Number
        };
        if !fits {
            let (kind, wanted) = if binary {
                ("binary", "categories")
            } else {
                ("continuous", "numbers")
            };
            let message = format!(
                "`{}` does not hold {wanted}, which the {kind} outcomes of one table do",
                outcome.name.value
            );
            reader.report(
                Diagnostic::error("wrong-kind", message)
                    .at(outcome.name.span.clone())
                    .help("outcomes of another kind need a table of their own"),
            );
        }
    }
    binary
}

fn binary_kind(
    reader: &mut TableReader<'_>,
    outcomes: &[Named],
    effect: Option<Effect>,
) -> Option<OutcomeKind> {
    let event = reader.optional_string("event");
    let test = reader
        .optional_choice("test", &ProportionTest::CHOICES)
        .map_or(ProportionTest::ChiSquared, |t| t.value);
    let boolean = outcomes.iter().all(|o| o.field.kind == Kind::Boolean);
    if event.is_none() && !boolean && !reader.has("event") {
        reader.missing("event", "the level of the outcome that is counted");
    }
    let value = event.as_ref().map_or_else(
        || boolean.then(|| "true".to_owned()),
        |event| Some(event.value.clone()),
    )?;
    let mut label = value.clone();
    for outcome in outcomes {
        let found = match &event {
            Some(event) => keys::level(reader, &outcome.field, event),
            None => outcome.field.levels.iter().position(|l| l.value == value),
        };
        if let Some(level) = found.and_then(|i| outcome.field.levels.get(i)) {
            label.clone_from(&level.label);
        }
    }
    Some(OutcomeKind::Binary {
        event: value,
        event_label: label,
        effect: effect.unwrap_or(Effect::RiskDifference),
        test,
    })
}

fn covariates(
    reader: &mut TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    outcomes: &[Named],
    arms: Option<&Arms>,
    binary: bool,
) -> Vec<Covariate> {
    let names = reader.optional_strings("adjust").unwrap_or_default();
    if let (true, Some(first)) = (binary, names.first()) {
        let message = "an adjusted difference is of a continuous outcome";
        reader.report(
            Diagnostic::error("wrong-kind", message)
                .at(first.span.clone())
                .help(
                    "leave `adjust` out: a table of a binary outcome compares the arms as they are",
                ),
        );
    }
    keys::refuse_repeats(reader, &names, "a covariate enters the model once");
    let mut found = Vec::new();
    for name in names {
        let Some(field) = scope.field(reader, rows, &name) else {
            continue;
        };
        let reason = if arms.is_some_and(|a| a.variable == name.value) {
            Some("it is the arm, which is in the model already")
        } else if outcomes.iter().any(|o| o.name.value == name.value) {
            Some("it is an outcome of this table")
        } else if matches!(field.kind, Kind::Text | Kind::Date) {
            Some("it holds neither numbers nor categories")
        } else if name.value.contains('`') {
            Some("its name has a backtick, which a formula can't hold")
        } else {
            None
        };
        if let Some(reason) = reason {
            let message = format!("can't adjust for `{}`: {reason}", name.value);
            reader.report(Diagnostic::error("wrong-covariate", message).at(name.span.clone()));
            continue;
        }
        found.push(Covariate {
            variable: name.value,
            title: field.title,
        });
    }
    found
}
