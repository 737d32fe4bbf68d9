//! Reads a codebook's text and reports everything that is wrong with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use crate::reader::{self, At, Node, Sink, TableReader, Value};

use super::super::date::DatePattern;
use super::super::frame::Level;
use super::{Codebook, Constraints, DataType, FieldRule};

const TYPES: [(&str, DataType); 5] = [
    ("string", DataType::String),
    ("integer", DataType::Integer),
    ("number", DataType::Number),
    ("boolean", DataType::Boolean),
    ("date", DataType::Date),
];

/// See [`Codebook::parse`].
pub(super) fn codebook(source: &Arc<Source>) -> (Codebook, Diagnostics) {
    let whole = 0..source.text.len();
    let (entries, mut diagnostics) = reader::parse(source, whole.clone());
    let sink = Sink::new();
    let mut table = TableReader::new(source, &entries, whole, "the codebook", &sink);
    let title = table.optional_string("title").map(|t| t.value);
    let description = table.optional_string("description").map(|t| t.value);
    let missing = texts(&mut table, "missingValues");
    let delimiter = table.optional_table("dialect").and_then(delimiter);
    let primary_key = primary_key(&mut table);
    let fields: Vec<_> = table
        .tables("fields")
        .into_iter()
        .filter_map(field)
        .collect();
    table.finish();
    check_names(&fields, &primary_key, &sink);
    diagnostics.extend(sink.into_inner());
    diagnostics.sort();
    let codebook = Codebook {
        source: Arc::clone(source),
        title,
        description,
        primary_key,
        fields,
        missing,
        delimiter,
    };
    (codebook, diagnostics)
}

fn field(mut table: TableReader<'_>) -> Option<FieldRule> {
    let name = table.string("name");
    let data_type = table.optional_choice("type", &TYPES);
    let declared = data_type.as_ref().map(|t| t.value);
    let title = table.optional_string("title").map(|t| t.value);
    let description = table.optional_string("description").map(|t| t.value);
    let unit = table.optional_string("unit").map(|t| t.value);
    let categories = categories(&mut table);
    let missing = texts(&mut table, "missingValues");
    let date = date_pattern(&mut table, declared);
    let mut truth = |key: &str, default: [&str; 4]| {
        texts(&mut table, key).unwrap_or_else(|| default.map(str::to_owned).into())
    };
    let true_values = truth("trueValues", ["true", "True", "TRUE", "1"]);
    let false_values = truth("falseValues", ["false", "False", "FALSE", "0"]);
    let constraints = table
        .optional_table("constraints")
        .map(|c| constraints(c, declared, &date))
        .unwrap_or_default();
    // Standard names that say nothing that is checked.
    for key in ["example", "rdfType", "categoriesOrdered"] {
        table.ignore(key);
    }
    table.finish();
    Some(FieldRule {
        name: name?,
        data_type,
        title,
        description,
        unit,
        categories,
        constraints,
        missing,
        date,
        true_values,
        false_values,
    })
}

fn constraints(
    mut table: TableReader<'_>,
    declared: Option<DataType>,
    date: &DatePattern,
) -> Constraints {
    let mut flag = |key: &str| {
        let set = table.optional_bool(key)?;
        set.value.then_some(set.span)
    };
    let (required, unique) = (flag("required"), flag("unique"));
    let minimum = bound(&mut table, "minimum", declared, date);
    let maximum = bound(&mut table, "maximum", declared, date);
    if let (Some(least), Some(most)) = (&minimum, &maximum)
        && least.value > most.value
    {
        let diagnostic = Diagnostic::error("empty-range", "`minimum` is above `maximum`")
            .at(least.span.clone())
            .related(most.span.clone(), "the maximum");
        table.report(diagnostic);
    }
    let members = members(&mut table);
    let pattern = table.optional_string("pattern");
    table.finish();
    Constraints {
        required,
        unique,
        minimum,
        maximum,
        members,
        pattern,
    }
}

/// A bound: a number, or for dates a day as a TOML date or a text in the column's format.
fn bound(
    table: &mut TableReader<'_>,
    key: &str,
    declared: Option<DataType>,
    date: &DatePattern,
) -> Option<At<f64>> {
    if declared != Some(DataType::Date) {
        return table.optional_number(key);
    }
    let node = table.node(key)?;
    let span = table.node_span(node);
    let day = match &node.value {
        Value::Datetime(text) => DatePattern::default().parse(text),
        Value::String(text) => date.parse(text),
        _ => None,
    };
    if let Some(day) = day {
        return Some(At {
            value: f64::from(day),
            span,
        });
    }
    let message = format!("`{key}` of a date must be a day");
    let diagnostic = Diagnostic::error("wrong-type", message)
        .at(span)
        .help(format!("write `{key} = 2023-06-23`"));
    table.report(diagnostic);
    None
}

fn members(table: &mut TableReader<'_>) -> Option<At<Vec<String>>> {
    let nodes = list(table, "enum")?;
    let mut values = Vec::with_capacity(nodes.value.len());
    for node in nodes.value {
        match value_text(&node.value) {
            Some(value) => values.push(value),
            None => table.report(not_a_value(table, node, "an element of `enum`")),
        }
    }
    Some(At {
        value: values,
        span: nodes.span,
    })
}

fn categories(table: &mut TableReader<'_>) -> Option<At<Vec<Level>>> {
    let nodes = list(table, "categories")?;
    let mut levels: Vec<Level> = Vec::with_capacity(nodes.value.len());
    for node in nodes.value {
        let Some(level) = level(table, node) else {
            continue;
        };
        if levels.iter().any(|l| l.value == level.value) {
            let message = format!("the category `{}` is there twice", level.value);
            let diagnostic = Diagnostic::error("duplicate-category", message);
            table.report(diagnostic.at(table.node_span(node)));
        } else {
            levels.push(level);
        }
    }
    Some(At {
        value: levels,
        span: nodes.span,
    })
}

fn level(table: &TableReader<'_>, node: &Node) -> Option<Level> {
    let Value::Table(entries) = &node.value else {
        let value = value_text(&node.value);
        if value.is_none() {
            table.report(not_a_value(table, node, "a category"));
        }
        return value.map(|value| Level {
            label: value.clone(),
            value,
        });
    };
    for entry in entries {
        if entry.key != "value" && entry.key != "label" {
            let message = format!("a category has no key `{}`", entry.key);
            let place = Span::new(&table.span().source, entry.key_range.clone());
            let diagnostic = Diagnostic::error("unknown-key", message)
                .at(place)
                .suggest(&entry.key, ["value", "label"]);
            table.report(diagnostic);
        }
    }
    let of = |key: &str| {
        let entry = entries.iter().find(|e| e.key == key)?;
        value_text(&entry.node.value)
    };
    let Some(value) = of("value") else {
        table.report(not_a_value(table, node, "the `value` of a category"));
        return None;
    };
    let label = of("label").unwrap_or_else(|| value.clone());
    Some(Level { value, label })
}

fn not_a_value(table: &TableReader<'_>, node: &Node, what: &str) -> Diagnostic {
    Diagnostic::error("wrong-type", format!("{what} must be a text or a number"))
        .at(table.node_span(node))
        .help("write `categories = [\"No\", \"Yes\"]` or `[{ value = 0, label = \"No\" }, …]`")
}

/// A text, a finite number or a truth value as it stands in data.
fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(i) => Some(i.to_string()),
        Value::Float(f) if f.is_finite() => Some(f.to_string()),
        Value::Boolean(b) => Some(b.to_string()),
        Value::Datetime(day) => Some(day.clone()),
        _ => None,
    }
}

fn list<'a>(table: &mut TableReader<'a>, key: &str) -> Option<At<Vec<&'a Node>>> {
    let node = table.node(key)?;
    let span = table.node_span(node);
    let Value::Array(items) = &node.value else {
        let message = format!("`{key}` must be a list, not {}", node.value.describe());
        table.report(Diagnostic::error("wrong-type", message).at(span));
        return None;
    };
    if items.is_empty() {
        let message = format!("`{key}` is empty: no value could be right");
        table.report(Diagnostic::error("empty-list", message).at(span));
        return None;
    }
    Some(At {
        value: items.iter().collect(),
        span,
    })
}

fn texts(table: &mut TableReader<'_>, key: &str) -> Option<Vec<String>> {
    let values = table.optional_strings(key)?;
    Some(values.into_iter().map(|v| v.value).collect())
}

fn date_pattern(table: &mut TableReader<'_>, declared: Option<DataType>) -> DatePattern {
    let Some(text) = table.optional_string("format") else {
        return DatePattern::default();
    };
    if text.value == "default" {
        return DatePattern::default();
    }
    let problem = if declared == Some(DataType::Date) {
        match DatePattern::new(&text.value) {
            Some(pattern) => return pattern,
            None => "must have `%Y`, `%m` and `%d` once each and nothing else with `%`",
        }
    } else {
        "is only known for the type `date`"
    };
    let diagnostic = Diagnostic::error("bad-format", format!("`format` {problem}"))
        .at(text.span)
        .help("write `type = \"date\"` and, for example, `format = \"%d/%m/%Y\"`");
    table.report(diagnostic);
    DatePattern::default()
}

fn delimiter(mut table: TableReader<'_>) -> Option<char> {
    let text = table.optional_string("delimiter");
    let found = text.as_ref().and_then(|text| {
        let mut chars = text.chars();
        let only = chars.next().filter(|_| chars.next().is_none());
        only.filter(|c| !matches!(c, '"' | '\n' | '\r' | '\0'))
    });
    if let Some(text) = &text
        && found.is_none()
    {
        let diagnostic = Diagnostic::error("bad-delimiter", "`delimiter` must be one character")
            .at(text.span.clone())
            .help("write `delimiter = \";\"`; a quote or a line end can't separate cells");
        table.report(diagnostic);
    }
    table.finish();
    found
}

fn primary_key(table: &mut TableReader<'_>) -> Vec<At<String>> {
    let one = match table.node("primaryKey") {
        None => return Vec::new(),
        Some(node) => matches!(node.value, Value::String(_)),
    };
    if one {
        table.optional_string("primaryKey").into_iter().collect()
    } else {
        table.optional_strings("primaryKey").unwrap_or_default()
    }
}

fn check_names(fields: &[FieldRule], primary_key: &[At<String>], sink: &Sink) {
    let mut seen: BTreeMap<&str, &Span> = BTreeMap::new();
    for field in fields {
        let name = field.name.as_str();
        if let Some(first) = seen.get(name) {
            let message = format!("the field `{name}` is there twice");
            let diagnostic = Diagnostic::error("duplicate-field", message)
                .at(field.name.span.clone())
                .related((*first).clone(), "first here");
            sink.push(diagnostic);
        } else {
            seen.insert(name, &field.name.span);
        }
    }
    for key in primary_key
        .iter()
        .filter(|k| !seen.contains_key(k.as_str()))
    {
        let message = format!("`primaryKey` names `{}`, which is no field", key.value);
        let diagnostic = Diagnostic::error("unknown-field", message)
            .at(key.span.clone())
            .suggest(&key.value, seen.keys().copied());
        sink.push(diagnostic);
    }
}
