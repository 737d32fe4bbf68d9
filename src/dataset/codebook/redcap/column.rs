//! From a field of the dictionary and the cells of its column to a field of the codebook.

use super::dictionary::Entry;
use super::export::Seen;
use super::words::{choices, plain};
use crate::dataset::codebook::{Bound, DataType, DraftField};
use crate::dataset::date::{DatePattern, iso};
use crate::dataset::frame::Level;
use crate::dataset::raw::{Examples, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The field of a column that has the entry's name.
pub(super) fn field(entry: &Entry, column: &Seen, found: &mut Diagnostics) -> DraftField {
    let mut field = match entry.kind.as_str() {
        "radio" | "dropdown" => coded(column, &entry.levels()),
        "yesno" => coded(column, &pairs(&[("1", "Yes"), ("0", "No")])),
        "truefalse" => coded(column, &pairs(&[("1", "True"), ("0", "False")])),
        "slider" => typed(column, DataType::Integer),
        "calc" => typed(column, DataType::Number),
        "text" => validated(entry, column),
        "notes" | "file" | "sql" | "descriptive" | "checkbox" => typed(column, DataType::String),
        other => {
            let message = format!(
                "{} has the field type {}, which is not known",
                shown(&entry.name),
                shown(other)
            );
            found.push(
                Diagnostic::warning("unknown-field-type", message).help("it is taken for text"),
            );
            typed(column, DataType::String)
        }
    };
    if matches!(entry.kind.as_str(), "radio" | "dropdown") && field.categories.is_empty() {
        let message = format!("{} has no choices in the dictionary", shown(&entry.name));
        found.push(Diagnostic::warning("no-choices", message).help("it is taken for text"));
    }
    describe(&mut field, entry, None);
    let mut notes = Vec::new();
    if entry.kind == "slider" && !entry.choices.is_empty() {
        let ends = entry
            .choices
            .split('|')
            .map(plain)
            .filter(|e| !e.is_empty());
        let ends: Vec<String> = ends.collect();
        notes.push(format!("Slider from {}.", ends.join(" to ")));
    }
    if entry.kind == "calc" && !entry.choices.is_empty() {
        notes.push(format!(
            "Calculated: {}.",
            plain(&entry.choices).trim_end_matches('.')
        ));
    }
    range(&mut field, entry, column, &mut notes, found);
    if entry.required {
        if column.is_complete() {
            field.constraints.required = true;
        } else {
            notes.push("An answer is required where it is asked.".to_owned());
        }
    }
    append(&mut field, &notes);
    field
}

/// The field of a column `name___code` of a checkbox; none if it is not one of the entry's.
pub(super) fn checkbox(entry: &Entry, column: &Seen) -> Option<DraftField> {
    if entry.kind != "checkbox" {
        return None;
    }
    let code = column.name.strip_prefix(&entry.name)?.strip_prefix("___")?;
    // A code's signs can't stand in a name: `-1` is `_1`.
    let in_name = |code: &str| -> String {
        let plain = |c: char| {
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        };
        code.chars().map(plain).collect()
    };
    let level = entry
        .levels()
        .into_iter()
        .find(|l| in_name(&l.value) == code.to_lowercase())?;
    let mut field = coded(column, &pairs(&[("0", "Unchecked"), ("1", "Checked")]));
    describe(&mut field, entry, Some(&level.label));
    Some(field)
}

/// Codes with their labels.
pub(super) fn pairs(pairs: &[(&str, &str)]) -> Vec<Level> {
    let level = |(value, label): &(&str, &str)| Level {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
    };
    pairs.iter().map(level).collect()
}

/// A field of codes, or of their labels if that is what the column holds.
pub(super) fn coded(column: &Seen, levels: &[Level]) -> DraftField {
    if levels.is_empty() {
        return typed(column, DataType::String);
    }
    let count = |of: fn(&Level) -> &str| {
        let known = |v: &&str| levels.iter().any(|l| of(l) == *v);
        column.values().filter(known).count()
    };
    let labels = count(|l| &l.label) > count(|l| &l.value);
    let mut categories: Vec<Level> = Vec::new();
    for level in levels {
        let value = if labels { &level.label } else { &level.value };
        // Two codes with one label can't be told apart any more.
        if categories.iter().all(|c| c.value != *value) {
            categories.push(Level {
                value: value.clone(),
                label: level.label.clone(),
            });
        }
    }
    let whole = |l: &Level| {
        l.value
            .parse::<i32>()
            .is_ok_and(|v| v.to_string() == l.value)
    };
    let data_type = if categories.iter().all(whole) {
        DataType::Integer
    } else {
        DataType::String
    };
    DraftField {
        categories,
        ..typed(column, data_type)
    }
}

fn typed(column: &Seen, data_type: DataType) -> DraftField {
    DraftField {
        name: column.name.clone(),
        data_type: Some(data_type),
        ..DraftField::default()
    }
}

/// A text field by its validation. What the data contradict stays a text.
fn validated(entry: &Entry, column: &Seen) -> DraftField {
    let validation = entry.validation.as_str();
    let numbers = || {
        column
            .values()
            .all(|v| v.parse::<f64>().is_ok_and(f64::is_finite))
    };
    if validation == "integer" {
        return typed(column, DataType::Integer);
    }
    // With a decimal comma a number is none.
    if validation.starts_with("number") && numbers() {
        return typed(column, DataType::Number);
    }
    if let Some(order) = validation.strip_prefix("date_") {
        let format = patterns(order).find(|p| column.values().all(|v| p.parse(v).is_some()));
        if let Some(format) = format {
            let named = (format != DatePattern::default()).then(|| format.as_str().to_owned());
            return DraftField {
                format: named,
                ..typed(column, DataType::Date)
            };
        }
    }
    typed(column, DataType::String)
}

/// How days may be written: as REDCap exports them, else as somebody's spreadsheet saved them, in the field's order.
fn patterns(order: &str) -> impl Iterator<Item = DatePattern> {
    let own: &[&str] = match order {
        "dmy" => &["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y"],
        "mdy" => &["%m-%d-%Y", "%m/%d/%Y"],
        _ => &["%Y/%m/%d"],
    };
    std::iter::once("%Y-%m-%d")
        .chain(own.iter().copied())
        .filter_map(DatePattern::new)
}

/// Title and description.
fn describe(field: &mut DraftField, entry: &Entry, choice: Option<&str>) {
    let title = match choice {
        Some(choice) if entry.label.is_empty() => choice.to_owned(),
        Some(choice) => format!("{}: {choice}", entry.label.trim_end_matches(':')),
        None => entry.label.clone(),
    };
    field.title = (!title.is_empty()).then_some(title);
    let mut notes = Vec::new();
    if !entry.section.is_empty() {
        notes.push(sentence(&format!("Section: {}", entry.section)));
    }
    if !entry.note.is_empty() {
        notes.push(sentence(&entry.note));
    }
    if !entry.form.is_empty() {
        notes.push(format!("Form: {}.", entry.form.replace('_', " ")));
    }
    if entry.identifier {
        notes.push("It identifies a person.".to_owned());
    }
    if !entry.branching.is_empty() {
        notes.push(format!("Asked only if {}.", entry.branching));
    }
    append(field, &notes);
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

fn append(field: &mut DraftField, notes: &[String]) {
    let parts: Vec<&str> = field
        .description
        .iter()
        .chain(notes)
        .map(String::as_str)
        .collect();
    field.description = (!parts.is_empty()).then(|| parts.join(" "));
}

/// The smallest and largest value: rules where the data keep them, else a note.
fn range(
    field: &mut DraftField,
    entry: &Entry,
    column: &Seen,
    notes: &mut Vec<String>,
    found: &mut Diagnostics,
) {
    for (text, least) in [(&entry.minimum, true), (&entry.maximum, false)] {
        if text.is_empty() {
            continue;
        }
        let word = if least { "minimum" } else { "maximum" };
        let Some((limit, bound)) = limit(field, text) else {
            notes.push(format!("Its {word} is {}.", plain(text)));
            continue;
        };
        let mut beyond = Examples::default();
        for (row, cell) in &column.cells {
            let value = value(field, cell);
            if value.is_some_and(|v| if least { v < limit } else { v > limit }) {
                beyond.add(|| format!("row {}: {}", row + 1, shown(cell)));
            }
        }
        if beyond.is_empty() {
            let place = if least {
                &mut field.constraints.minimum
            } else {
                &mut field.constraints.maximum
            };
            *place = Some(bound);
            continue;
        }
        notes.push(format!("Its {word} is {text}, which was overridden."));
        let message = format!(
            "{} has values beyond its {word} {text}: {}",
            shown(&entry.name),
            beyond.text()
        );
        found.push(Diagnostic::warning("overridden-range", message).help(
            "REDCap lets its users override it, so that it is no constraint in the codebook",
        ));
    }
}

/// A limit as a number and as the codebook writes it; days are counted.
fn limit(field: &DraftField, text: &str) -> Option<(f64, Bound)> {
    match field.data_type? {
        DataType::Integer | DataType::Number if field.categories.is_empty() => {
            let value: f64 = text.parse().ok().filter(|v: &f64| v.is_finite())?;
            Some((value, Bound::Number(value)))
        }
        DataType::Date => {
            let day = DatePattern::default().parse(text)?;
            Some((f64::from(day), Bound::Day(iso(day))))
        }
        _ => None,
    }
}

fn value(field: &DraftField, cell: &str) -> Option<f64> {
    if field.data_type != Some(DataType::Date) {
        return cell.parse().ok();
    }
    let own = field.format.as_deref().and_then(DatePattern::new);
    own.unwrap_or_default().parse(cell).map(f64::from)
}

/// The missing data codes of a project, written as choices are: `-99, Refused | -98, Unknown`.
pub(super) fn missing_codes(text: &str) -> Vec<crate::dataset::codebook::MissingCode> {
    let code = |level: Level| crate::dataset::codebook::MissingCode {
        label: (level.label != level.value).then_some(level.label),
        value: level.value,
    };
    choices(text).into_iter().map(code).collect()
}
