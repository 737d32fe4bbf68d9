//! Resolving the keys of `emmeans`.

use super::{Adjust, Contrasts, Fits, Spec, Value, Weights};
use crate::analysis::keys::{conf_level, digits, one_or_many, refuse_repeats};
use crate::analysis::modelled::{Models, level_place};
use crate::analysis::{Prepared, Rows, Scope, glmm, lmm, mmrm};
use crate::dataset::{Field, Kind};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, Node, TableReader, Value as Toml};

const ADJUST: [(&str, Adjust); 13] = [
    ("none", Adjust::None),
    ("tukey", Adjust::Tukey),
    ("scheffe", Adjust::Scheffe),
    ("dunnett", Adjust::Mvt),
    ("mvt", Adjust::Mvt),
    ("sidak", Adjust::Sidak),
    ("holm", Adjust::Holm),
    ("hochberg", Adjust::Hochberg),
    ("hommel", Adjust::Hommel),
    ("bonferroni", Adjust::Bonferroni),
    ("bh", Adjust::Bh),
    ("fdr", Adjust::Bh),
    ("by", Adjust::By),
];
const CONTRASTS: [(&str, Contrasts); 8] = [
    ("pairwise", Contrasts::Pairwise),
    ("reverse pairwise", Contrasts::ReversePairwise),
    ("reference", Contrasts::Reference(None)),
    ("consecutive", Contrasts::Consecutive),
    ("average", Contrasts::Average),
    ("others", Contrasts::Others),
    ("polynomial", Contrasts::Polynomial(None)),
    ("custom", Contrasts::Custom(Vec::new())),
];
const WEIGHTS: [(&str, Weights); 3] = [
    ("equal", Weights::Equal),
    ("proportional", Weights::Proportional),
    ("cells", Weights::Cells),
];
const TYPE: [(&str, bool); 2] = [("link", false), ("response", true)];
/// The directives whose models have means.
const MODELS: [&str; 3] = ["lmm", "mmrm", "glmm"];
/// The keys that can't be judged without the model.
const MODEL_KEYS: [&str; 6] = ["of", "by", "at", "outcomes", "reference", "type"];

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let from = reader.string("from");
    let from = from.and_then(|label| scope.upstream(reader, &label, &MODELS));
    let weights = reader.optional_choice("weights", &WEIGHTS);
    let level = reader.has("conf_level").then(|| conf_level(reader));
    let digits = digits(reader);
    let labels = reader.optional_string_map("labels").unwrap_or_default();
    let contrasts = contrasts(reader);
    let adjust = reader.optional_choice("adjust", &ADJUST);
    let terms = one_or_many(reader, "terms");
    let wide = reader.optional_bool("wide");
    let found = from.and_then(|from| {
        let (fits, rows) = scope.read_other(&from, |other| fits(other, scope, &from))?;
        Some((from, fits, rows))
    });
    let Some((from, mut fits, rows)) = found else {
        for key in MODEL_KEYS {
            reader.ignore(key);
        }
        return None;
    };
    let response = response(reader, &fits);
    let models = fits.models_mut();
    let of = factors(reader, models, "of");
    let by = factors(reader, models, "by");
    if of.is_empty() {
        reader.missing("of", "the columns whose means are asked for");
        return None;
    }
    refuse_repeats(
        reader,
        &[of.clone(), by.clone()].concat(),
        "a column is either in `of` or in `by`",
    );
    let at = grid(reader, models);
    let contrasts = reference(reader, models, &of, contrasts?)?;
    let adjust = adjustment(reader, contrasts.as_ref(), adjust)?;
    keep_outcomes(reader, models);
    models.conf_level = level.unwrap_or(models.conf_level);
    models.digits = digits.or(models.digits);
    let own = labels.into_iter().map(|(k, v)| (k.value, v.value));
    models.labels.splice(0..0, own);
    let inputs = vec![rows.input(models.all_columns())];
    let names = |columns: Vec<At<String>>| columns.into_iter().map(|c| c.value).collect();
    let spec = Spec {
        of: names(of),
        by: names(by),
        at: at?,
        weights: weights.map_or(Weights::Equal, |w| w.value),
        contrasts,
        adjust,
        terms: terms.map(|terms| terms.into_iter().map(|t| t.value).collect()),
        wide: wide.is_some_and(|w| w.value),
        response,
        shown: scope.label.starts_with("tbl-"),
        fits,
    };
    Some(Prepared {
        spec,
        inputs,
        upstream: vec![from],
    })
}

/// Reads the models of another directive once more.
fn fits(reader: &mut TableReader<'_>, scope: &Scope<'_>, from: &str) -> Option<(Fits, Rows)> {
    match scope.kind_of(from)? {
        "lmm" => lmm::fits(reader, scope).map(|(fits, rows)| (Fits::Lmm(fits), rows)),
        "mmrm" => mmrm::fits(reader, scope).map(|(fits, rows)| (Fits::Mmrm(fits), rows)),
        "glmm" => glmm::fits(reader, scope).map(|(fits, rows)| (Fits::Glmm(fits), rows)),
        _ => None,
    }
}

/// The key `type`, which only a model with a link has.
fn response(reader: &mut TableReader<'_>, fits: &Fits) -> bool {
    let Some(kind) = reader.optional_choice("type", &TYPE) else {
        return false;
    };
    if !matches!(fits, Fits::Glmm(_)) {
        let message = "`type` is for the means of a `glmm`";
        reader.report(Diagnostic::error("no-effect", message).at(kind.span));
    }
    kind.value
}

/// Columns of the formula that hold numbers or categories.
fn factors(reader: &mut TableReader<'_>, models: &Models, key: &str) -> Vec<At<String>> {
    let named = one_or_many(reader, key).unwrap_or_default();
    let known = |name: &At<String>| model_field(reader, models, name).is_some();
    named.into_iter().filter(known).collect()
}

fn model_field<'m>(
    reader: &TableReader<'_>,
    models: &'m Models,
    name: &At<String>,
) -> Option<&'m Field> {
    let found = models.fields.iter().find(|f| f.name == name.value);
    if found.is_none() {
        let message = format!("the model has no `{}`", name.value);
        let known = models.fields.iter().map(|f| f.name.as_str());
        let diagnostic = Diagnostic::error("not-in-formula", message)
            .at(name.span.clone())
            .suggest(&name.value, known);
        reader.report(diagnostic);
    }
    found
}

/// The key `at`: from columns to the values that they have in the grid.
fn grid(reader: &mut TableReader<'_>, models: &Models) -> Option<Vec<(String, Vec<Value>)>> {
    let Some(mut table) = reader.optional_table("at") else {
        return (!reader.has("at")).then(Vec::new);
    };
    let keys: Vec<&str> = table.keys().collect();
    let mut at = Vec::new();
    let mut sound = true;
    for key in keys {
        let Some(span) = table.key_span(key) else {
            continue;
        };
        let name = At {
            value: key.to_owned(),
            span,
        };
        let node = table.node(key);
        let values = model_field(&table, models, &name)
            .zip(node)
            .and_then(|(field, node)| grid_values(&table, field, node));
        sound &= values.is_some();
        at.extend(values.map(|values| (name.value, values)));
    }
    sound.then_some(at)
}

fn grid_values(table: &TableReader<'_>, field: &Field, node: &Node) -> Option<Vec<Value>> {
    let items = match &node.value {
        Toml::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let value = |item: &Node| -> Option<Value> {
        let span = table.node_span(item);
        let number = item.value.as_number();
        if field.kind == Kind::Number {
            if number.is_none() {
                let message = format!("`{}` holds numbers", field.name);
                table.report(Diagnostic::error("wrong-type", message).at(span));
            }
            return number.map(Value::Number);
        }
        let text = match (&item.value, number) {
            (Toml::String(text), _) => text.clone(),
            (_, Some(number)) => (number + 0.0).to_string(),
            _ => {
                let message = format!("`{}` holds categories", field.name);
                table.report(Diagnostic::error("wrong-type", message).at(span));
                return None;
            }
        };
        let place = level_place(table, field, &At { value: text, span })?;
        Some(Value::Level(field.levels.get(place)?.value.clone()))
    };
    let values: Vec<Option<Value>> = items.iter().map(value).collect();
    if values.is_empty() {
        let message = format!("`{}` has no values here", field.name);
        let diagnostic = Diagnostic::error("empty", message).at(table.node_span(node));
        table.report(diagnostic);
        return None;
    }
    values.into_iter().collect()
}

/// The keys `contrasts`, `degree` and `[[contrast]]`; the outer `None` after a report.
#[allow(clippy::option_option)]
fn contrasts(reader: &mut TableReader<'_>) -> Option<Option<Contrasts>> {
    let kind = reader.optional_choice("contrasts", &CONTRASTS);
    let failed = kind.is_none() && reader.has("contrasts");
    let degree = reader.optional_integer("degree", 1..=6);
    let own: Vec<(At<String>, Vec<f64>)> = reader
        .tables("contrast")
        .into_iter()
        .filter_map(|mut table| {
            let name = table.string("name");
            let weights = table.optional_numbers("weights");
            if weights.is_none() {
                table.missing("weights", "a number for each mean, which add up to 0");
            }
            table.finish();
            Some((name?, weights?.into_iter().map(|w| w.value).collect()))
        })
        .collect();
    let names: Vec<At<String>> = own.iter().map(|(name, _)| name.clone()).collect();
    refuse_repeats(reader, &names, "name each contrast differently");
    let asked = kind.map(|k| k.value);
    let out_of_place = |key: &str, only: &str| {
        let message = format!("`{key}` belongs to `contrasts = \"{only}\"`");
        let span = reader.key_span(key);
        reader.report(Diagnostic::error("no-effect", message).maybe_at(span));
    };
    let polynomial = matches!(asked, Some(Contrasts::Polynomial(_)));
    if degree.is_some() && !polynomial {
        out_of_place("degree", "polynomial");
    }
    let custom = matches!(asked, Some(Contrasts::Custom(_)) | None);
    if !own.is_empty() && !custom {
        out_of_place("contrast", "custom");
    }
    if failed {
        return None;
    }
    let degree = degree.and_then(|d| usize::try_from(d.value).ok());
    let own: Vec<(String, Vec<f64>)> = own.into_iter().map(|(n, w)| (n.value, w)).collect();
    Some(match asked {
        Some(Contrasts::Polynomial(_)) => Some(Contrasts::Polynomial(degree)),
        Some(Contrasts::Custom(_)) if own.is_empty() => {
            reader.missing("contrast", "`[[contrast]]` with `name` and `weights`");
            return None;
        }
        Some(Contrasts::Custom(_)) => Some(Contrasts::Custom(own)),
        None if !own.is_empty() => Some(Contrasts::Custom(own)),
        other => other,
    })
}

/// The key `reference`, the level that others are compared with.
#[allow(clippy::option_option)]
fn reference(
    reader: &mut TableReader<'_>,
    models: &Models,
    of: &[At<String>],
    contrasts: Option<Contrasts>,
) -> Option<Option<Contrasts>> {
    let Some(value) = reader.optional_string("reference") else {
        return Some(contrasts);
    };
    let ([column], Some(Contrasts::Reference(_))) = (of, &contrasts) else {
        let message = "`reference` belongs to `contrasts = \"reference\"` of one column";
        reader.report(Diagnostic::error("no-effect", message).at(value.span));
        return None;
    };
    let field = model_field(reader, models, column)?;
    let place = level_place(reader, field, &value)?;
    let level = field.levels.get(place)?.value.clone();
    Some(Some(Contrasts::Reference(Some(level))))
}

/// The key `adjust`; what is usual for the contrasts if it is not there.
fn adjustment(
    reader: &TableReader<'_>,
    contrasts: Option<&Contrasts>,
    adjust: Option<At<Adjust>>,
) -> Option<Adjust> {
    let pairwise = matches!(
        contrasts,
        Some(Contrasts::Pairwise | Contrasts::ReversePairwise)
    );
    let Some(adjust) = adjust else {
        return Some(match contrasts {
            _ if pairwise => Adjust::Tukey,
            Some(Contrasts::Reference(_) | Contrasts::Consecutive) => Adjust::Mvt,
            Some(Contrasts::Average | Contrasts::Others) => Adjust::Holm,
            _ => Adjust::None,
        });
    };
    if adjust.value == Adjust::Tukey && !pairwise {
        let message = "Tukey's method is for all pairwise differences";
        let diagnostic = Diagnostic::error("wrong-adjustment", message)
            .at(adjust.span)
            .help("write `adjust = \"mvt\"` or \"holm\"");
        reader.report(diagnostic);
        return None;
    }
    if contrasts.is_none() {
        let message = "without `contrasts` there is nothing to adjust";
        reader.report(Diagnostic::error("no-effect", message).at(adjust.span));
        return None;
    }
    Some(adjust.value)
}

/// The key `outcomes`: some of the model's.
fn keep_outcomes(reader: &mut TableReader<'_>, models: &mut Models) {
    let Some(named) = one_or_many(reader, "outcomes") else {
        return;
    };
    for name in &named {
        if !models.outcomes.iter().any(|o| o.name == name.value) {
            let message = format!("the model has no outcome `{}`", name.value);
            let known = models.outcomes.iter().map(|o| o.name.as_str());
            let diagnostic = Diagnostic::error("unknown-outcome", message)
                .at(name.span.clone())
                .suggest(&name.value, known);
            reader.report(diagnostic);
        }
    }
    let asked = |name: &str| named.iter().any(|n| n.value == name);
    models.outcomes.retain(|o| asked(&o.name));
}
