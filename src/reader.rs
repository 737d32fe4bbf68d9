//! TOML with a place for every value: what manifests, codebooks, styles, front matter and directives are read with.
//!
//! A [`TableReader`] takes keys one after another and collects a diagnostic for everything that is wrong: a missing
//! key, a wrong type, a value outside its choices, and, when it is finished, every key that nobody asked for.

mod tree;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::{Deref, Range};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
pub use tree::{Entry, KeyPath, KeyStep, Node, Value, parse};

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Where readers put what they find wrong.
#[derive(Debug, Default)]
pub struct Sink(RefCell<Diagnostics>);

impl Sink {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a diagnostic.
    pub fn push(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(diagnostic);
    }

    /// Adds several.
    pub fn extend(&self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.0.borrow_mut().extend(diagnostics);
    }

    /// All that was found.
    pub fn into_inner(self) -> Diagnostics {
        self.0.into_inner()
    }
}

/// Takes the keys of one table.
#[derive(Debug)]
pub struct TableReader<'a> {
    source: &'a Arc<Source>,
    entries: &'a [Entry],
    range: Range<usize>,
    what: String,
    seen: BTreeSet<String>,
    sink: &'a Sink,
}

impl<'a> TableReader<'a> {
    /// A reader of a table's `entries`, which stand at `range`; `what` names the table in messages, such as
    /// "`table1`" or "`[[row]]`".
    pub fn new(
        source: &'a Arc<Source>,
        entries: &'a [Entry],
        range: Range<usize>,
        what: impl Into<String>,
        sink: &'a Sink,
    ) -> Self {
        Self {
            source,
            entries,
            range,
            what: what.into(),
            seen: BTreeSet::new(),
            sink,
        }
    }

    /// Where the table stands.
    pub fn span(&self) -> Span {
        Span::new(self.source, self.range.clone())
    }

    /// Where the table's key stands, for messages about a key as such.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.entry(key)
            .map(|e| Span::new(self.source, e.key_range.clone()))
    }

    /// Whether the key is there; it stays to be taken.
    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// All keys of the table in order; they stay to be taken.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.entries.iter().map(|e| e.key.as_str())
    }

    /// Marks a key as known without reading it.
    pub fn ignore(&mut self, key: &str) {
        self.seen.insert(key.to_owned());
    }

    /// Reports something about this table.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.sink.push(diagnostic);
    }

    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// The value of a key as it is, if it is there.
    pub fn node(&mut self, key: &str) -> Option<&'a Node> {
        self.seen.insert(key.to_owned());
        self.entry(key).map(|e| &e.node)
    }

    /// Where a node of this table stands.
    pub fn node_span(&self, node: &Node) -> Span {
        Span::new(self.source, node.range.clone())
    }

    fn typed<T>(
        &mut self,
        key: &str,
        wanted: &str,
        take: impl Fn(&Value) -> Option<T>,
    ) -> Option<At<T>> {
        let node = self.node(key)?;
        let span = self.node_span(node);
        if let Some(value) = take(&node.value) {
            return Some(At { value, span });
        }
        self.report(wrong_type(key, wanted, &node.value, span));
        None
    }

    fn required<T>(&mut self, key: &str, wanted: &str, found: Option<At<T>>) -> Option<At<T>> {
        if !self.has(key) {
            self.missing(key, wanted);
        }
        found
    }

    /// Reports that a key is missing; `wanted` says what it should be, such as "a text".
    pub fn missing(&self, key: &str, wanted: &str) {
        let diagnostic = Diagnostic::error(
            "missing-key",
            format!("{} needs the key `{key}`", self.what),
        )
        .at(self.span())
        .help(format!("write `{key} = …` ({wanted})"));
        self.report(diagnostic);
    }

    /// A text that must be there.
    pub fn string(&mut self, key: &str) -> Option<At<String>> {
        let found = self.optional_string(key);
        self.required(key, "a text", found)
    }

    /// A text, if the key is there.
    pub fn optional_string(&mut self, key: &str) -> Option<At<String>> {
        self.typed(key, "a text in quotes", |v| match v {
            Value::String(s) => Some(s.clone()),
            _ => None,
        })
    }

    /// `true` or `false`, if the key is there.
    pub fn optional_bool(&mut self, key: &str) -> Option<At<bool>> {
        self.typed(key, "true or false", |v| match v {
            Value::Boolean(b) => Some(*b),
            _ => None,
        })
    }

    /// A finite number, if the key is there.
    pub fn optional_number(&mut self, key: &str) -> Option<At<f64>> {
        self.typed(key, "a number", Value::as_number)
    }

    /// A whole number within `allowed`, if the key is there.
    pub fn optional_integer(
        &mut self,
        key: &str,
        allowed: std::ops::RangeInclusive<i64>,
    ) -> Option<At<i64>> {
        let found = self.typed(key, "a whole number", |v| match v {
            Value::Integer(i) => Some(*i),
            _ => None,
        })?;
        if allowed.contains(&found.value) {
            return Some(found);
        }
        let message = format!(
            "`{key}` must be from {} to {}; it is {}",
            allowed.start(),
            allowed.end(),
            found.value
        );
        self.report(Diagnostic::error("out-of-range", message).at(found.span));
        None
    }

    /// One of several words, if the key is there.
    pub fn optional_choice<T: Clone>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<At<T>> {
        let word = self.optional_string(key)?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == word.value) {
            return Some(At {
                value: value.clone(),
                span: word.span,
            });
        }
        let message = format!("`{key}` can't be `{}`", word.value);
        let diagnostic = Diagnostic::error("unknown-choice", message)
            .at(word.span.clone())
            .suggest(&word.value, choices.iter().map(|(name, _)| *name));
        self.report(diagnostic);
        None
    }

    /// An array of texts, if the key is there; elements that are no texts are reported and left out.
    pub fn optional_strings(&mut self, key: &str) -> Option<Vec<At<String>>> {
        self.optional_array(key, "a text in quotes", |v| match v {
            Value::String(s) => Some(s.clone()),
            _ => None,
        })
    }

    /// An array of finite numbers, if the key is there; other elements are reported and left out.
    pub fn optional_numbers(&mut self, key: &str) -> Option<Vec<At<f64>>> {
        self.optional_array(key, "a number", Value::as_number)
    }

    fn optional_array<T>(
        &mut self,
        key: &str,
        wanted: &str,
        take: impl Fn(&Value) -> Option<T>,
    ) -> Option<Vec<At<T>>> {
        let node = self.node(key)?;
        let Value::Array(items) = &node.value else {
            let span = self.node_span(node);
            let help = format!("write `{key} = [ … ]`, each element {wanted}");
            self.report(wrong_type(key, "a list", &node.value, span).help(help));
            return None;
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let span = self.node_span(item);
            match take(&item.value) {
                Some(value) => values.push(At { value, span }),
                None => self.report(wrong_type(key, wanted, &item.value, span)),
            }
        }
        Some(values)
    }

    /// A table, if the key is there.
    pub fn optional_table(&mut self, key: &str) -> Option<TableReader<'a>> {
        let node = self.node(key)?;
        if let Value::Table(entries) = &node.value {
            let what = format!("`[{key}]`");
            return Some(Self::new(
                self.source,
                entries,
                node.range.clone(),
                what,
                self.sink,
            ));
        }
        let span = self.node_span(node);
        let help = format!("write `[{key}]` on a line of its own and its keys below");
        self.report(wrong_type(key, "a table", &node.value, span).help(help));
        None
    }

    /// The tables of an array of tables (`[[key]]`); none where the key is not there.
    pub fn tables(&mut self, key: &str) -> Vec<TableReader<'a>> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let Value::Array(items) = &node.value else {
            let span = self.node_span(node);
            let help = format!("write `[[{key}]]`, in double brackets, once for each");
            self.report(wrong_type(key, "a list of tables", &node.value, span).help(help));
            return Vec::new();
        };
        let mut readers = Vec::with_capacity(items.len());
        for item in items {
            if let Value::Table(entries) = &item.value {
                let what = format!("`[[{key}]]`");
                readers.push(Self::new(
                    self.source,
                    entries,
                    item.range.clone(),
                    what,
                    self.sink,
                ));
            } else {
                self.report(wrong_type(
                    key,
                    "a table",
                    &item.value,
                    self.node_span(item),
                ));
            }
        }
        readers
    }

    /// The entries of a table whose keys are the author's own names and whose values are texts, in order.
    pub fn optional_string_map(&mut self, key: &str) -> Option<Vec<(At<String>, At<String>)>> {
        let mut table = self.optional_table(key)?;
        let mut pairs = Vec::new();
        for entry in table.entries {
            let name = At {
                value: entry.key.clone(),
                span: Span::new(self.source, entry.key_range.clone()),
            };
            if let Some(value) = table.optional_string(&entry.key) {
                pairs.push((name, value));
            }
        }
        Some(pairs)
    }

    /// Reports every key that was not taken.
    pub fn finish(self) {
        for entry in self.entries.iter().filter(|e| !self.seen.contains(&e.key)) {
            let message = format!("{} has no key `{}`", self.what, entry.key);
            let diagnostic = Diagnostic::error("unknown-key", message)
                .at(Span::new(self.source, entry.key_range.clone()))
                .suggest(&entry.key, self.seen.iter().map(String::as_str));
            self.sink.push(diagnostic);
        }
    }
}

fn wrong_type(key: &str, wanted: &str, found: &Value, span: Span) -> Diagnostic {
    let message = format!("`{key}` must be {wanted}, not {}", found.describe());
    Diagnostic::error("wrong-type", message).at(span)
}
