//! Patterns of a style file: words with slots, such as `{estimate} ({level}% CI, {interval})`.
//!
//! `*…*` is italic; `**`, `{{` and `}}` print one of the doubled character.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::printed::{Printed, Rich, Run};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Words(Run),
    Slot(String),
}

/// Words with slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern(Vec<Segment>);

impl Pattern {
    /// Reads a pattern. The error says what is wrong with it.
    pub fn parse(text: &str, slots: &[&str]) -> Result<Self, String> {
        let mut segments = Vec::new();
        let mut italic = false;
        let mut words = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '*' | '{' | '}' if rest.next_if_eq(&c).is_some() => words.push(c),
                '*' => {
                    flush(&mut segments, &mut words, italic);
                    italic = !italic;
                }
                '{' => {
                    flush(&mut segments, &mut words, italic);
                    let name: String = rest.by_ref().take_while(|c| *c != '}').collect();
                    if !slots.contains(&name.as_str()) {
                        return Err(unknown_slot(&name, slots));
                    }
                    segments.push(Segment::Slot(name));
                }
                '}' => return Err("a `}` without its `{`; write `}}` for the sign itself".into()),
                _ => words.push(c),
            }
        }
        flush(&mut segments, &mut words, italic);
        if italic {
            return Err("a `*` that is not closed; write `**` for the sign itself".into());
        }
        Ok(Self(segments))
    }

    /// The names of its slots.
    pub fn slots(&self) -> BTreeSet<&str> {
        self.0
            .iter()
            .filter_map(|s| match s {
                Segment::Slot(name) => Some(name.as_str()),
                Segment::Words(_) => None,
            })
            .collect()
    }

    /// The pattern with its slots filled.
    pub fn fill(&self, mut value: impl FnMut(&str) -> Printed) -> Printed {
        let mut printed = Printed::default();
        for segment in &self.0 {
            match segment {
                Segment::Words(run) => printed.push_run(run.clone()),
                Segment::Slot(name) => printed.extend(value(name)),
            }
        }
        printed
    }

    /// The pattern with one text in all its slots.
    pub fn with(&self, text: &str) -> Rich {
        self.fill(|_| Printed::words(text)).rich()
    }
}

impl fmt::Display for Pattern {
    /// The pattern as it is written in a style file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            match segment {
                Segment::Slot(name) => write!(f, "{{{name}}}")?,
                Segment::Words(run) => {
                    let mark = if run.italic { "*" } else { "" };
                    f.write_str(mark)?;
                    for c in run.text.chars() {
                        if matches!(c, '*' | '{' | '}') {
                            f.write_char(c)?;
                        }
                        f.write_char(c)?;
                    }
                    f.write_str(mark)?;
                }
            }
        }
        Ok(())
    }
}

fn flush(segments: &mut Vec<Segment>, words: &mut String, italic: bool) {
    if !words.is_empty() {
        segments.push(Segment::Words(Run {
            text: std::mem::take(words),
            italic,
            superscript: false,
        }));
    }
}

fn unknown_slot(name: &str, slots: &[&str]) -> String {
    if slots.is_empty() {
        return format!("no slot can stand here, but there is `{{{name}}}`");
    }
    let known: Vec<String> = slots.iter().map(|s| format!("`{{{s}}}`")).collect();
    format!(
        "there is no slot `{{{name}}}` here, only {}",
        known.join(", ")
    )
}
