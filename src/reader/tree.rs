//! The values of a TOML text with their byte ranges.

use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its bytes in the whole source.
    pub range: Range<usize>,
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A decimal number; may be infinite or NaN, which [`Value::as_number`] refuses.
    Float(f64),
    /// A truth value.
    Boolean(bool),
    /// A date, a time, or both, as written.
    Datetime(String),
    /// A list.
    Array(Vec<Node>),
    /// A table.
    Table(Vec<Entry>),
}

impl Value {
    /// What it is, in words.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::String(_) => "a text",
            Self::Integer(_) => "a whole number",
            Self::Float(f) if f.is_finite() => "a decimal number",
            Self::Float(_) => "a number that is not finite",
            Self::Boolean(_) => "true or false",
            Self::Datetime(_) => "a date or time",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    /// A finite number.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            // A whole number beyond 2^53 would lose digits.
            Self::Integer(i) if i.unsigned_abs() <= 1 << 53 => Some(*i as f64),
            Self::Float(f) if f.is_finite() => Some(*f),
            _ => None,
        }
    }
}

/// A key of a table with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its bytes in the whole source.
    pub key_range: Range<usize>,
    /// Its value.
    pub node: Node,
}

/// A step into a tree of values.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum KeyStep {
    /// Into a list, counted from 0.
    Index(usize),
    /// Into a table.
    Key(String),
}

impl From<&str> for KeyStep {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for KeyStep {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A place inside a directive that does not depend on where the directive stands: `row`, 2, `variable`.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct KeyPath(pub Vec<KeyStep>);

impl KeyPath {
    /// The bytes of what the path leads to in a table, or of the last part of it that exists.
    pub fn find(&self, entries: &[Entry]) -> Option<Range<usize>> {
        let mut found = None;
        let mut table = Some(entries);
        let mut array: Option<&[Node]> = None;
        for step in &self.0 {
            let node = match step {
                KeyStep::Key(key) => table
                    .and_then(|t| t.iter().find(|e| &e.key == key))
                    .map(|e| &e.node),
                KeyStep::Index(i) => array.and_then(|a| a.get(*i)),
            };
            let Some(node) = node else { break };
            found = Some(node.range.clone());
            (table, array) = match &node.value {
                Value::Table(entries) => (Some(entries.as_slice()), None),
                Value::Array(items) => (None, Some(items.as_slice())),
                _ => (None, None),
            };
        }
        found
    }
}

/// Parses the TOML that stands in `range` of a source. What can't be parsed is reported and left out.
pub fn parse(source: &Arc<Source>, range: Range<usize>) -> (Vec<Entry>, Diagnostics) {
    let offset = range.start;
    let Some(text) = source.text.get(range.clone()) else {
        return (Vec::new(), Diagnostics::new());
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut diagnostics: Diagnostics = errors
        .iter()
        .map(|e| {
            let place = e
                .span()
                .map_or(range.clone(), |s| offset + s.start..offset + s.end);
            let span = Span::new(source, place);
            // The parser speaks of quotes even where there is nothing to quote.
            let missing = span.text().trim().is_empty() && e.message().contains("must be quoted");
            let message = if missing {
                "a value is missing here".to_owned()
            } else {
                format!("this is not TOML: {}", one_line(e.message()))
            };
            Diagnostic::error("toml-syntax", message).at(span)
        })
        .collect();
    let mut reading = Reading {
        source,
        offset,
        diagnostics: &mut diagnostics,
    };
    let entries = reading.entries(table.get_ref());
    (entries, diagnostics)
}

fn one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join("; ")
}

struct Reading<'a> {
    source: &'a Arc<Source>,
    offset: usize,
    diagnostics: &'a mut Diagnostics,
}

impl Reading<'_> {
    fn range(&self, span: &Range<usize>) -> Range<usize> {
        self.offset + span.start..self.offset + span.end
    }

    fn entries(&mut self, table: &DeTable<'_>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                key_range: self.range(&key.span()),
                node: Node {
                    range: self.range(&value.span()),
                    value: self.value(value.get_ref(), &value.span()),
                },
            })
            .collect();
        // In the order in which the author wrote them, whatever order the parser's map has.
        entries.sort_by_key(|e| e.key_range.start);
        entries
    }

    fn value(&mut self, value: &DeValue<'_>, span: &Range<usize>) -> Value {
        match value {
            DeValue::String(s) => Value::String(s.to_string()),
            DeValue::Integer(i) => {
                let digits = i.as_str();
                i64::from_str_radix(digits, i.radix())
                    .map_or_else(|_| self.unreadable(span), Value::Integer)
            }
            DeValue::Float(f) => f
                .as_str()
                .parse()
                .map_or_else(|_| self.unreadable(span), Value::Float),
            DeValue::Boolean(b) => Value::Boolean(*b),
            DeValue::Datetime(d) => Value::Datetime(d.to_string()),
            DeValue::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|item| Node {
                        range: self.range(&item.span()),
                        value: self.value(item.get_ref(), &item.span()),
                    })
                    .collect(),
            ),
            DeValue::Table(table) => Value::Table(self.entries(table)),
        }
    }

    fn unreadable(&mut self, span: &Range<usize>) -> Value {
        let place = Span::new(self.source, self.range(span));
        let message = format!("the number `{}` is too large to be held", place.text());
        self.diagnostics
            .push(Diagnostic::error("out-of-range", message).at(place));
        Value::Integer(0)
    }
}
