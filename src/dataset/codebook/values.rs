//! Lists of values in a codebook: missing ones and labelled ones.

use crate::diagnostic::{Diagnostic, Span};
use crate::reader::{At, Node, TableReader, Value};

use super::MissingCode;
use crate::dataset::frame::Level;

/// `missingValues`: texts, or tables with value and label.
pub(super) fn missing(table: &mut TableReader<'_>) -> Option<Vec<MissingCode>> {
    let key = "missingValues";
    let node = table.node(key)?;
    let Value::Array(items) = &node.value else {
        table.report(not_a_list(table, key, node).help(MISSING_HELP));
        return None;
    };
    let mut codes: Vec<MissingCode> = Vec::with_capacity(items.len());
    for item in items {
        let code = match &item.value {
            Value::String(value) => Some(MissingCode {
                value: value.clone(),
                label: None,
            }),
            Value::Table(_) => labelled(table, item, "a missing value").map(|level| MissingCode {
                value: level.0,
                label: level.1,
            }),
            _ => {
                let message = format!("an element of `{key}` must be a text in quotes or a table");
                let diagnostic = Diagnostic::error("wrong-type", message);
                table.report(diagnostic.at(table.node_span(item)).help(MISSING_HELP));
                None
            }
        };
        let Some(code) = code else { continue };
        let double = codes
            .iter()
            .any(|c| c.value == code.value && (c.label.is_some() || code.label.is_some()));
        if double {
            table.report(double_value(table, item, "missing value", &code.value));
        } else {
            codes.push(code);
        }
    }
    Some(codes)
}

const MISSING_HELP: &str =
    "write `missingValues = [\"NA\", { value = \"99\", label = \"Refused\" }]`";

/// `labels`: labels of single values.
pub(super) fn labels(table: &mut TableReader<'_>) -> Vec<Level> {
    let key = "labels";
    let Some(node) = table.node(key) else {
        return Vec::new();
    };
    let Value::Array(items) = &node.value else {
        table.report(not_a_list(table, key, node).help(LABELS_HELP));
        return Vec::new();
    };
    if table.has("categories") {
        let message = "a field has either `categories` or `labels`";
        let diagnostic = Diagnostic::error("labels-and-categories", message)
            .at(table.node_span(node))
            .help("`categories` list all values and label them; `labels` are of single values");
        table.report(diagnostic);
        return Vec::new();
    }
    let mut levels: Vec<Level> = Vec::with_capacity(items.len());
    for item in items {
        let Some((value, label)) = labelled(table, item, "a label") else {
            continue;
        };
        let Some(label) = label else {
            let diagnostic = Diagnostic::error("wrong-type", "a label needs `value` and `label`");
            table.report(diagnostic.at(table.node_span(item)).help(LABELS_HELP));
            continue;
        };
        if levels.iter().any(|l| l.value == value) {
            table.report(double_value(table, item, "labelled value", &value));
        } else {
            levels.push(Level { value, label });
        }
    }
    levels
}

const LABELS_HELP: &str =
    "write `labels = [{ value = 0, label = \"not at all\" }, { value = 10, label = \"worst\" }]`";

/// `categories`: values, or tables with value and label.
pub(super) fn categories(table: &mut TableReader<'_>) -> Option<At<Vec<Level>>> {
    let nodes = list(table, "categories")?;
    let mut levels: Vec<Level> = Vec::with_capacity(nodes.value.len());
    for node in nodes.value {
        let Some((value, label)) = labelled(table, node, "a category") else {
            continue;
        };
        if levels.iter().any(|l| l.value == value) {
            let message = format!("the category `{value}` is there twice");
            let diagnostic = Diagnostic::error("duplicate-category", message);
            table.report(diagnostic.at(table.node_span(node)));
        } else {
            let label = label.unwrap_or_else(|| value.clone());
            levels.push(Level { value, label });
        }
    }
    Some(At {
        value: levels,
        span: nodes.span,
    })
}

/// `enum` of the constraints.
pub(super) fn members(table: &mut TableReader<'_>) -> Option<At<Vec<String>>> {
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

const CATEGORIES_HELP: &str =
    "write `categories = [\"No\", \"Yes\"]` or `[{ value = 0, label = \"No\" }, …]`";

/// A value, or a table of a value and perhaps a label.
fn labelled(table: &TableReader<'_>, node: &Node, what: &str) -> Option<(String, Option<String>)> {
    let Value::Table(entries) = &node.value else {
        let value = value_text(&node.value);
        if value.is_none() {
            table.report(not_a_value(table, node, what));
        }
        return value.map(|value| (value, None));
    };
    for entry in entries {
        if entry.key != "value" && entry.key != "label" {
            let message = format!("{what} has no key `{}`", entry.key);
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
        table.report(not_a_value(table, node, &format!("the `value` of {what}")));
        return None;
    };
    Some((value, of("label")))
}

fn double_value(table: &TableReader<'_>, node: &Node, what: &str, value: &str) -> Diagnostic {
    let message = format!("the {what} `{value}` is there twice");
    Diagnostic::error("duplicate-value", message).at(table.node_span(node))
}

fn not_a_value(table: &TableReader<'_>, node: &Node, what: &str) -> Diagnostic {
    let help = match what.rsplit(' ').next() {
        Some("category") => CATEGORIES_HELP,
        Some("label") => LABELS_HELP,
        Some("value") => MISSING_HELP,
        _ => "write `enum = [\"No\", \"Yes\"]`",
    };
    Diagnostic::error("wrong-type", format!("{what} must be a text or a number"))
        .at(table.node_span(node))
        .help(help)
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
        table.report(not_a_list(table, key, node));
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

fn not_a_list(table: &TableReader<'_>, key: &str, node: &Node) -> Diagnostic {
    let message = format!("`{key}` must be a list, not {}", node.value.describe());
    Diagnostic::error("wrong-type", message).at(table.node_span(node))
}
