//! Reads a codebook's text and reports everything that is wrong with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use crate::reader::{self, At, Sink, TableReader, Value};

use super::super::date::DatePattern;
use super::{Codebook, Constraints, DataType, FieldRule, dialect, values};

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
    let missing = values::missing(&mut table);
    let dialect = table
        .optional_table("dialect")
        .map(dialect::read)
        .unwrap_or_default();
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
        dialect,
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
    let categories = values::categories(&mut table);
    let labels = values::labels(&mut table);
    let missing = values::missing(&mut table);
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
        labels,
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
    let members = values::members(&mut table);
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
