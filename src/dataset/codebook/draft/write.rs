//! A draft as TOML.

use std::fmt::Write as _;

use super::{Bound, Draft, DraftField};
use crate::dataset::codebook::{DataType, MissingCode};
use crate::dataset::frame::Level;

impl Draft {
    /// The codebook's text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.comment {
            text.push_str(format!("# {}", one_line(line)).trim_end());
            text.push('\n');
        }
        let bare = text.len();
        if !self.comment.is_empty() {
            text.push('\n');
        }
        let empty = text.len();
        let mut head = Lines(&mut text);
        head.optional("title", self.title.as_deref());
        head.optional("description", self.description.as_deref());
        head.missing(&self.missing);
        match self.primary_key.as_slice() {
            [] => {}
            [one] => head.put("primaryKey", &quoted(one)),
            several => head.put("primaryKey", &list(several.iter().map(|k| quoted(k)))),
        }
        if text.len() == empty {
            // Nothing but the comment: the next table brings its own empty line.
            text.truncate(bare);
        }
        self.dialect(&mut text);
        for field in &self.fields {
            field.write(&mut text);
        }
        text
    }

    fn dialect(&self, text: &mut String) {
        let dialect = &self.dialect;
        if *dialect == super::Dialect::default() {
            return;
        }
        text.push_str("\n[dialect]\n");
        let mut lines = Lines(text);
        lines.optional("delimiter", dialect.delimiter.map(String::from).as_deref());
        lines.optional(
            "encoding",
            dialect.encoding.map(super::super::Encoding::name),
        );
        lines.optional("sheet", dialect.sheet.as_deref());
    }
}

impl DraftField {
    fn write(&self, text: &mut String) {
        text.push_str("\n[[fields]]\n");
        let mut lines = Lines(text);
        lines.put("name", &quoted(&self.name));
        lines.optional("type", self.data_type.map(DataType::name));
        lines.optional("format", self.format.as_deref());
        lines.optional("title", self.title.as_deref());
        lines.optional("description", self.description.as_deref());
        lines.optional("unit", self.unit.as_deref());
        lines.levels("categories", &self.categories);
        lines.levels("labels", &self.labels);
        if let Some(missing) = &self.missing {
            lines.missing(missing);
        }
        for (key, values) in [
            ("trueValues", &self.true_values),
            ("falseValues", &self.false_values),
        ] {
            if !values.is_empty() {
                lines.put(key, &list(values.iter().map(|v| quoted(v))));
            }
        }
        let constraints = self.constraints();
        if !constraints.is_empty() {
            lines.put("constraints", &format!("{{ {} }}", constraints.join(", ")));
        }
    }

    fn constraints(&self) -> Vec<String> {
        let rules = &self.constraints;
        let mut parts = Vec::new();
        for (key, holds) in [("required", rules.required), ("unique", rules.unique)] {
            if holds {
                parts.push(format!("{key} = true"));
            }
        }
        for (key, bound) in [("minimum", &rules.minimum), ("maximum", &rules.maximum)] {
            match bound {
                Some(Bound::Number(value)) => parts.push(format!("{key} = {}", number(*value))),
                Some(Bound::Day(day)) => parts.push(format!("{key} = {day}")),
                None => {}
            }
        }
        if !rules.members.is_empty() {
            let members = list(rules.members.iter().map(|m| quoted(m)));
            parts.push(format!("enum = {members}"));
        }
        if let Some(pattern) = &rules.pattern {
            parts.push(format!("pattern = {}", quoted(pattern)));
        }
        parts
    }
}

/// Lines `key = value`.
struct Lines<'a>(&'a mut String);

/// A list that would make a longer line has a line for each element.
const WIDTH: usize = 100;

impl Lines<'_> {
    fn put(&mut self, key: &str, value: &str) {
        // Writing to a String can't fail.
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn optional(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(key, &quoted(value));
        }
    }

    fn levels(&mut self, key: &str, levels: &[Level]) {
        let plain = key == "categories";
        let one = |level: &Level| {
            if plain && level.label == level.value {
                quoted(&level.value)
            } else {
                labelled(&level.value, &level.label)
            }
        };
        if !levels.is_empty() {
            self.list(key, &levels.iter().map(one).collect::<Vec<_>>());
        }
    }

    fn missing(&mut self, codes: &[MissingCode]) {
        let one = |code: &MissingCode| match &code.label {
            Some(label) => labelled(&code.value, label),
            None => quoted(&code.value),
        };
        if !codes.is_empty() {
            self.list("missingValues", &codes.iter().map(one).collect::<Vec<_>>());
        }
    }

    fn list(&mut self, key: &str, items: &[String]) {
        let short = list(items.iter().cloned());
        if key.len() + short.chars().count() <= WIDTH {
            self.put(key, &short);
            return;
        }
        let items: Vec<_> = items.iter().map(|i| format!("  {i},\n")).collect();
        self.put(key, &format!("[\n{}]", items.concat()));
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn labelled(value: &str, label: &str) -> String {
    format!("{{ value = {}, label = {} }}", quoted(value), quoted(label))
}

/// A text in quotes, on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A number as TOML has it: a whole one without a point.
fn number(value: f64) -> String {
    let text = value.to_string();
    // TOML's whole numbers have 64 bits.
    if value.fract() == 0.0 && value.abs() >= 9e15 {
        return format!("{text}.0");
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
