//! Keys that several directives share.

use super::describe::{Denominator, Missing};
use crate::dataset::{Field, Level};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader, Value};
use crate::stats::summary::QuantileType;

/// `true` or `false`, with a default.
pub(super) fn flag(reader: &mut TableReader<'_>, key: &str, default: bool) -> bool {
    reader.optional_bool(key).map_or(default, |found| *found)
}

/// The key `digits`: decimals from 0 to 10.
pub(super) fn digits(reader: &mut TableReader<'_>) -> Option<u8> {
    let found = reader.optional_integer("digits", 0..=10)?;
    u8::try_from(found.value).ok()
}

/// The key `conf_level`: between 0.5 and 1, 0.95 by default.
pub(super) fn conf_level(reader: &mut TableReader<'_>) -> f64 {
    const DEFAULT: f64 = 0.95;
    let Some(found) = reader.optional_number("conf_level") else {
        return DEFAULT;
    };
    if found.value >= 0.5 && found.value < 1.0 {
        return found.value;
    }
    let message = "`conf_level` must be at least 0.5 and below 1";
    reader.report(
        Diagnostic::error("out-of-range", message)
            .at(found.span)
            .help("write the level as a proportion, such as `conf_level = 0.95`"),
    );
    DEFAULT
}

/// The key `quantile`: how quartiles are read off, 7 by default.
pub(super) fn quantile(reader: &mut TableReader<'_>) -> QuantileType {
    let number = reader.optional_integer("quantile", 1..=9);
    number
        .and_then(|n| u8::try_from(n.value).ok())
        .and_then(QuantileType::from_number)
        .unwrap_or_default()
}

/// The note that says how quartiles were read off.
pub(super) fn quantile_note(quantile: QuantileType) -> String {
    format!(
        "Quartiles are sample quantiles of type {} of Hyndman and Fan.",
        quantile.number()
    )
}

/// The key `denominator`.
pub(super) fn denominator(reader: &mut TableReader<'_>) -> Denominator {
    reader
        .optional_choice("denominator", &Denominator::CHOICES)
        .map_or_else(Denominator::default, |found| found.value)
}

/// The key `missing`.
pub(super) fn missing(reader: &mut TableReader<'_>) -> Missing {
    reader
        .optional_choice("missing", &Missing::CHOICES)
        .map_or_else(Missing::default, |found| found.value)
}

/// A text or a list of texts, if the key is there.
pub(super) fn one_or_many(reader: &mut TableReader<'_>, key: &str) -> Option<Vec<At<String>>> {
    match reader.node(key).map(|node| &node.value) {
        Some(Value::Array(_)) => reader.optional_strings(key),
        _ => reader.optional_string(key).map(|one| vec![one]),
    }
}

/// One of several words for each of several texts; others are reported.
pub(super) fn choices<T: Copy>(
    reader: &TableReader<'_>,
    key: &str,
    words: &[At<String>],
    known: &[(&str, T)],
) -> Vec<T> {
    let mut found = Vec::new();
    for word in words {
        if let Some((_, value)) = known.iter().find(|(name, _)| *name == word.value) {
            found.push(*value);
            continue;
        }
        let message = format!("`{key}` can't be `{}` here", word.value);
        reader.report(
            Diagnostic::error("unknown-choice", message)
                .at(word.span.clone())
                .suggest(&word.value, known.iter().map(|(name, _)| *name)),
        );
    }
    found
}

/// The place of a level that the author names; an unknown one is reported.
pub(super) fn level(reader: &TableReader<'_>, field: &Field, value: &At<String>) -> Option<usize> {
    level_among(reader, &field.name, &field.levels, value)
}

/// The place that a level of a column has in a list; one that is not there is reported.
pub(super) fn level_among(
    reader: &TableReader<'_>,
    column: &str,
    levels: &[Level],
    value: &At<String>,
) -> Option<usize> {
    let found = levels.iter().position(|l| l.value == value.value);
    if found.is_none() {
        let message = format!("`{column}` has no level `{}`", value.value);
        reader.report(
            Diagnostic::error("unknown-level", message)
                .at(value.span.clone())
                .suggest(&value.value, levels.iter().map(|l| l.value.as_str())),
        );
    }
    found
}

/// Some levels of a column, and all others after them in the codebook's order.
pub(super) fn with_others(mut levels: Vec<Level>, field: &Field) -> Vec<Level> {
    let others: Vec<Level> = field
        .levels
        .iter()
        .filter(|l| !levels.contains(l))
        .cloned()
        .collect();
    levels.extend(others);
    levels
}

/// The levels of a column in the order of the key `levels`, those it does not name after them.
pub(super) fn ordered_levels(reader: &mut TableReader<'_>, field: &Field) -> Vec<Level> {
    let named = reader.optional_strings("levels").unwrap_or_default();
    let mut levels: Vec<Level> = Vec::with_capacity(field.levels.len());
    for value in &named {
        let found = level(reader, field, value).and_then(|i| field.levels.get(i));
        match found {
            Some(level) if levels.contains(level) => {
                let message = format!("the level `{}` is named twice", value.value);
                reader.report(Diagnostic::error("repeated", message).at(value.span.clone()));
            }
            Some(level) => levels.push(level.clone()),
            None => {}
        }
    }
    with_others(levels, field)
}

/// Reports names that stand twice, such as a variable that has two rows: their statistics would have one name.
pub(super) fn refuse_repeats(reader: &TableReader<'_>, names: &[At<String>], help: &str) {
    for (i, name) in names.iter().enumerate() {
        let first = names.iter().take(i).find(|n| n.value == name.value);
        if let Some(first) = first {
            let message = format!("`{}` is named twice", name.value);
            reader.report(
                Diagnostic::error("repeated", message)
                    .at(name.span.clone())
                    .related(first.span.clone(), "first here")
                    .help(help),
            );
        }
    }
}

/// The codebook's title, and the level where a row shows one alone and the title does not say it.
pub(super) fn label_of_level(field: &Field, only: Option<&Level>) -> String {
    match only {
        Some(level) if !matches!(level.label.to_lowercase().as_str(), "yes" | "true") => {
            format!("{}: {}", field.title, level.label)
        }
        _ => field.title.clone(),
    }
}
