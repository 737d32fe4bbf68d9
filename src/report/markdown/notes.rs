//! Footnotes: brought from where they are written to where their mark stands.

use std::collections::BTreeMap;
use std::ops::Range;

use super::builder::Builder;
use crate::diagnostic::{Diagnostic, Span};
use crate::report::ast::{Block, Inline};
use crate::report::text::Findings;

/// The footnotes of a text.
#[derive(Debug, Default)]
pub struct Notes {
    defined: BTreeMap<String, Note>,
    /// The labels of the marks, by where the marks stand.
    marks: BTreeMap<usize, String>,
    first_marks: BTreeMap<String, Span>,
}

#[derive(Debug)]
struct Note {
    span: Span,
    content: Vec<Block>,
}

impl Notes {
    /// Takes a definition.
    pub fn define(
        &mut self,
        label: &str,
        span: &Span,
        content: Vec<Block>,
        findings: &mut Findings,
    ) {
        let head = first_line(span);
        let key = label.to_lowercase();
        if let Some(first) = self.defined.get(&key) {
            findings.push(|| {
                Diagnostic::error(
                    "duplicate-footnote",
                    format!("the footnote `{label}` is defined twice"),
                )
                .at(head)
                .related(first_line(&first.span), "first here")
            });
            return;
        }
        if content.is_empty() {
            findings.push(|| {
                Diagnostic::error(
                    "empty-footnote",
                    format!("the footnote `{label}` says nothing"),
                )
                .at(head.clone())
            });
        }
        let span = head;
        self.defined.insert(key, Note { span, content });
    }

    /// Puts every footnote to its mark and reports those without one.
    pub fn place(mut self, blocks: &mut [Block], findings: &mut Findings) {
        each_note(blocks, &mut |content, span| {
            let label = self.marks.get(&span.range.start);
            if let Some(note) = label.and_then(|l| self.defined.get_mut(l)) {
                *content = std::mem::take(&mut note.content);
            }
        });
        for (label, note) in &self.defined {
            if self.first_marks.contains_key(label) {
                continue;
            }
            findings.push(|| {
                Diagnostic::warning(
                    "unused-footnote",
                    format!("nothing refers to the footnote `{label}`"),
                )
                .at(note.span.clone())
                .help(format!(
                    "write `[^{label}]` where its mark should stand, or remove it"
                ))
            });
        }
    }
}

impl Builder<'_, '_> {
    /// A footnote's mark.
    pub fn note_mark(&mut self, label: &str, range: Range<usize>) {
        let span = self.text.span(range);
        // Names of footnotes do not differ by case.
        let key = label.to_lowercase();
        if self.in_note() {
            self.notes.first_marks.insert(key, span.clone());
            self.findings.push(|| {
                Diagnostic::error(
                    "nested-footnote",
                    "a footnote can't have a footnote of its own",
                )
                .at(span)
            });
            return;
        }
        if let Some(first) = self.notes.first_marks.get(&key) {
            let first = first.clone();
            self.findings.push(|| {
                Diagnostic::error(
                    "repeated-footnote",
                    format!("the footnote `{label}` has two marks"),
                )
                .at(span)
                .related(first, "first here")
                .help("a footnote has one mark; write it again under another name")
            });
            return;
        }
        self.notes.first_marks.insert(key.clone(), span.clone());
        self.notes.marks.insert(span.range.start, key);
        self.push(Inline::Footnote {
            content: Vec::new(),
            span,
        });
    }
}

fn first_line(span: &Span) -> Span {
    let line = span.text().lines().next().unwrap_or_default();
    span.within(0..line.trim_end().len())
}

/// Shows every footnote in the blocks to `see`. The depth is bounded by the builder.
fn each_note(blocks: &mut [Block], see: &mut dyn FnMut(&mut Vec<Block>, &Span)) {
    for block in blocks {
        match block {
            Block::Heading { content, .. } | Block::Paragraph { content } => in_line(content, see),
            Block::List { items, .. } => items.iter_mut().for_each(|item| each_note(item, see)),
            Block::Quote { content } => each_note(content, see),
            Block::Table { head, rows, .. } => {
                for cell in head.iter_mut().chain(rows.iter_mut().flatten()) {
                    in_line(cell, see);
                }
            }
            Block::Code { .. } | Block::Math { .. } | Block::Rule | Block::Directive { .. } => {}
        }
    }
}

fn in_line(inlines: &mut [Inline], see: &mut dyn FnMut(&mut Vec<Block>, &Span)) {
    for inline in inlines {
        match inline {
            Inline::Footnote { content, span } => see(content, span),
            Inline::Emph { content }
            | Inline::Strong { content }
            | Inline::Strike { content }
            | Inline::Superscript { content }
            | Inline::Subscript { content }
            | Inline::Link { content, .. } => in_line(content, see),
            _ => {}
        }
    }
}
