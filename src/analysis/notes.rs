//! Notes below a table, and how their sentences are made.

use crate::artefact::{Label, Note, NoteNumber};

/// The notes of a table under construction. The same words are one note.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes(Vec<Note>);

impl Notes {
    /// Adds a note without a mark.
    pub fn general(&mut self, text: impl Into<String>) {
        let note = Note {
            text: text.into(),
            ..Note::default()
        };
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// The key of the marked note with these words.
    pub fn marked(&mut self, text: impl Into<String>) -> String {
        let text = text.into();
        let known = self.0.iter();
        let known = known
            .filter(|n| n.key.is_some() && n.numbers.is_empty())
            .find(|n| n.text == text);
        if let Some(key) = known.and_then(|n| n.key.clone()) {
            return key;
        }
        let key = format!("note-{}", self.0.len() + 1);
        self.0.push(Note {
            key: Some(key.clone()),
            text,
            numbers: Vec::new(),
        });
        key
    }

    /// The key of a new marked note with numbers behind its words.
    pub fn counted(&mut self, text: impl Into<String>, numbers: Vec<NoteNumber>) -> String {
        let key = format!("note-{}", self.0.len() + 1);
        self.0.push(Note {
            key: Some(key.clone()),
            text: text.into(),
            numbers,
        });
        key
    }

    /// Adds a note without a mark and with numbers behind its words.
    pub fn counted_general(&mut self, text: impl Into<String>, numbers: Vec<NoteNumber>) {
        self.0.push(Note {
            key: None,
            text: text.into(),
            numbers,
        });
    }

    /// The key of the note that says why there is no number.
    pub fn undefined(&mut self, reason: &str) -> String {
        self.marked(format!("Not available: {reason}."))
    }

    /// The label, marked with a note of these words.
    pub fn mark(&mut self, label: Label, text: impl Into<String>) -> Label {
        let key = self.marked(text);
        label.note(key)
    }

    /// All of them, as the table holds them.
    pub fn finish(self) -> Vec<Note> {
        self.0
    }
}

/// `a`, `a and b`, `a, b, and c`.
pub(super) fn listed<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [one, two] => format!("{} and {}", one.as_ref(), two.as_ref()),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{}, and {}", first.join(", "), last.as_ref())
        }
    }
}

/// A title within a sentence: its first letter small, unless its first word looks like an abbreviation or a name
/// (`BDI-II at baseline`, `eGFR`).
pub(super) fn within_sentence(title: &str) -> String {
    let first = title.split(char::is_whitespace).next().unwrap_or_default();
    let plain = first
        .chars()
        .skip(1)
        .all(|c| c.is_lowercase() || matches!(c, '-' | ',' | '\''));
    let mut letters = title.chars();
    match letters.next() {
        Some(initial) if plain && first.chars().count() > 1 => {
            initial.to_lowercase().chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}
