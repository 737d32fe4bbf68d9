//! Notes below a table or figure: marks in the order in which a reader meets them, abbreviations, and why numbers are
//! missing.

use std::collections::BTreeSet;

use super::Inline;
use super::inline::{inlines, value};
use super::table::PrintedNote;
use crate::artefact::{Form, Note, Quantity};
use crate::style::{Printed, Printer, Setting};

/// The notes of one table or figure, while it is printed.
#[derive(Debug)]
pub(super) struct Notes<'a> {
    printer: Printer<'a>,
    given: &'a [Note],
    own: &'a [(String, String)],
    /// The notes that are marked, in the order of their marks.
    marked: Vec<Marked>,
    /// Reasons why numbers are missing that no mark can stand at.
    unmarked: Vec<String>,
    /// Keys that name no note.
    unknown: BTreeSet<String>,
    /// Words that were printed, among which abbreviations are found.
    words: BTreeSet<String>,
}

#[derive(Debug, PartialEq)]
enum Marked {
    /// The artefact's note of that key.
    Key(String),
    /// A reason why there is no number.
    Reason(String),
}

impl<'a> Notes<'a> {
    pub fn new(printer: Printer<'a>, notes: &'a [Note], own: &'a [(String, String)]) -> Self {
        Self {
            printer,
            given: notes,
            own,
            unmarked: Vec::new(),
            marked: Vec::new(),
            unknown: BTreeSet::new(),
            words: BTreeSet::new(),
        }
    }

    /// Remembers words that the reader sees.
    pub fn sees(&mut self, text: &str) {
        let words = text.split(|c: char| !c.is_alphanumeric());
        self.words
            .extend(words.filter(|w| !w.is_empty()).map(str::to_owned));
    }

    /// The marks of notes by key; at their first call, notes get the next marks.
    pub fn marks<'k>(&mut self, keys: impl IntoIterator<Item = &'k String>) -> String {
        let mut marks = Vec::new();
        for key in keys {
            if self.text(key).is_some() {
                marks.push(self.mark(Marked::Key(key.clone())));
            } else {
                self.unknown.insert(key.clone());
            }
        }
        joined(&marks)
    }

    /// The marks of a cell: of its notes, and of the reasons why its numbers are missing.
    pub fn cell_marks(&mut self, keys: &[String], form: &Form) -> String {
        let mut marks = vec![self.marks(keys)];
        for reason in self.reasons(form) {
            if !keys.iter().any(|key| self.says(key, &reason)) {
                marks.push(self.mark(Marked::Reason(reason)));
            }
        }
        marks.retain(|m| !m.is_empty());
        joined(&marks)
    }

    /// Whether the note of that key gives that reason already.
    fn says(&self, key: &str, reason: &str) -> bool {
        let reason = reason.trim_end_matches('.').to_lowercase();
        self.text(key)
            .is_some_and(|text| text.to_lowercase().contains(&reason))
    }

    /// Takes note of why a figure's numbers are missing; figures have no place for such marks.
    pub fn explains(&mut self, form: &Form) {
        for reason in self.reasons(form) {
            if !self.unmarked.contains(&reason) {
                self.unmarked.push(reason);
            }
        }
    }

    /// Why numbers of a form are missing, each reason once.
    fn reasons(&self, form: &Form) -> Vec<String> {
        let mut reasons = Vec::new();
        for statistic in self.printer.missing(form) {
            let reason = sentence(&statistic.warnings.join("; "));
            if !reason.is_empty() && !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    }

    fn note(&self, key: &str) -> Option<&'a Note> {
        self.given.iter().find(|n| n.key.as_deref() == Some(key))
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.note(key).map(|n| n.text.as_str())
    }

    /// A note's words with its numbers between them.
    fn content(&self, note: &Note) -> Vec<Inline> {
        let mut content = vec![Inline::text(&note.text)];
        for number in &note.numbers {
            let quantity = Quantity::new(number.form.clone());
            let printed = self.printer.quantity(&quantity, Setting::CELL);
            let stats = number.form.stats().into_iter().cloned().collect();
            let rule = self.printer.rule_of(&quantity, Setting::CELL);
            content.push(value(&printed.rich(), stats, rule));
            content.push(Inline::text(&number.after));
        }
        content
    }

    fn mark(&mut self, marked: Marked) -> String {
        let known = self.marked.iter().position(|m| *m == marked);
        let index = known.unwrap_or_else(|| {
            self.marked.push(marked);
            self.marked.len() - 1
        });
        self.printer.style.rules.notes.marks.mark(index)
    }

    /// Keys that labels or cells name and that no note has.
    pub fn unknown(&self) -> &BTreeSet<String> {
        &self.unknown
    }

    /// All notes in order: abbreviations, general notes (the author's first), marked notes.
    pub fn finish(mut self, authors: Vec<Vec<Inline>>) -> Vec<PrintedNote> {
        for note in self.given {
            self.sees(&note.text);
        }
        let general = |content| PrintedNote {
            mark: None,
            content,
        };
        let mut printed: Vec<PrintedNote> = self.abbreviations().map(general).into_iter().collect();
        printed.extend(authors.into_iter().map(general));
        for note in self.given {
            let shown = |m: &Marked| matches!(m, Marked::Key(k) if note.key.as_ref() == Some(k));
            if !self.marked.iter().any(shown) {
                printed.push(general(self.content(note)));
            }
        }
        for reason in &self.unmarked {
            let na = &self.printer.style.rules.words.not_available;
            printed.push(general(vec![Inline::text(format!("{na}: {reason}"))]));
        }
        for (index, marked) in self.marked.iter().enumerate() {
            let content = match marked {
                Marked::Key(key) => self.note(key).map_or_else(Vec::new, |n| self.content(n)),
                Marked::Reason(reason) => vec![Inline::text(reason)],
            };
            printed.push(PrintedNote {
                mark: Some(self.printer.style.rules.notes.marks.mark(index)),
                content,
            });
        }
        printed
    }

    fn abbreviations(&self) -> Option<Vec<Inline>> {
        let rules = &self.printer.style.rules.notes;
        let own = self.own.iter();
        let mut list: Vec<&(String, String)> = own.collect();
        let known = rules.known.iter().filter(|(short, _)| {
            self.words.contains(short) && !self.own.iter().any(|(own, _)| own == short)
        });
        list.extend(known);
        list.sort_by_key(|(short, _)| (short.to_lowercase(), short.clone()));
        list.dedup();
        let line = match list.len() {
            0 => return None,
            1 => &rules.one_abbreviation,
            _ => &rules.abbreviations,
        };
        let mut text = Printed::default();
        for (i, (short, long)) in list.into_iter().enumerate() {
            if i > 0 {
                text.extend(Printed::words(&rules.separator));
            }
            text.extend(
                rules
                    .abbreviation
                    .fill(|slot| Printed::words(if slot == "short" { short } else { long })),
            );
        }
        Some(inlines(&line.fill(|_| text.clone()).rich()))
    }
}

/// Marks side by side: letters with commas, for `ab` would be one mark.
fn joined(marks: &[String]) -> String {
    let letters = |m: &String| m.chars().any(char::is_alphanumeric);
    let between = if marks.iter().any(letters) { "," } else { "" };
    marks.join(between)
}

/// A warning as a sentence: with a capital and a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    let stop = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{}{}{stop}", first.to_uppercase(), chars.as_str())
}
