//! The one writer of Typst source.
//!
//! Only two things can enter the source: syntax, which must be a `&'static str` and so can't come from an author, and
//! text, which is escaped. Nothing else has a way in.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::characters::{Coverage, Objection};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Typst source under construction.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    out: String,
    coverage: &'a Coverage,
    /// Whether the last thing written is an embedded expression, which following punctuation would continue.
    after_expression: bool,
    reported: BTreeSet<char>,
    problems: Diagnostics,
}

impl<'a> Writer<'a> {
    /// A writer that refuses characters without a glyph in `coverage`.
    pub(super) fn new(coverage: &'a Coverage) -> Self {
        Self {
            out: String::new(),
            coverage,
            after_expression: false,
            reported: BTreeSet::new(),
            problems: Diagnostics::new(),
        }
    }

    /// The source, or what can't be printed.
    pub(super) fn finish(self) -> (String, Diagnostics) {
        (self.out, self.problems)
    }

    /// Takes note of something that is wrong.
    pub(super) fn problem(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }

    /// Writes syntax.
    pub(super) fn syntax(&mut self, syntax: &'static str) -> &mut Self {
        self.out.push_str(syntax);
        self.after_expression = false;
        self
    }

    /// Marks the end of an expression embedded in markup by `#`.
    pub(super) fn end_expression(&mut self) {
        self.after_expression = true;
    }

    /// Writes text within markup.
    pub(super) fn markup(&mut self, text: &str) {
        self.check(text);
        if self.after_expression && text.starts_with(continues_expression) {
            self.out.push(';');
        }
        if !text.is_empty() {
            self.after_expression = false;
        }
        let mut previous = None;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let next = rest.peek().copied();
            self.markup_char(previous, c, next);
            previous = Some(c);
        }
    }

    fn markup_char(&mut self, previous: Option<char>, c: char, next: Option<char>) {
        match c {
            ' ' | '\n' | '\r' | '\t' => {
                // Typst would fold runs of blanks, which is right in prose but not for a level named "a  b".
                let blank = |c: Option<char>| matches!(c, Some(' ' | '\n' | '\r' | '\t'));
                self.out
                    .push_str(if blank(previous) { "\\u{20}" } else { " " });
            }
            '.' if !dot_is_plain(previous, next) => self.out.push_str("\\."),
            '-' if !(is_letter(previous) && is_letter(next)) => self.out.push_str("\\-"),
            c if c.is_ascii_alphanumeric() || ".,:;()!?%&-".contains(c) => self.out.push(c),
            c if c.is_ascii() => self.out.extend(['\\', c]),
            c if is_visible(c) => self.out.push(c),
            c => self.code_point(c),
        }
    }

    /// Writes text as a string literal of Typst's code.
    pub(super) fn string(&mut self, text: &str) -> &mut Self {
        self.check(text);
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.out.extend(['\\', c]),
                ' ' => self.out.push(' '),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                c if c.is_ascii_graphic() || is_visible(c) => self.out.push(c),
                c => self.code_point(c),
            }
        }
        self.out.push('"');
        self.after_expression = false;
        self
    }

    /// Writes a single character within a formula, so that it is that character and no operator of Typst's.
    pub(super) fn symbol(&mut self, c: char) {
        self.check(c.encode_utf8(&mut [0; 4]));
        match c {
            c if c.is_ascii_alphanumeric() => self.out.push(c),
            c if c.is_ascii_graphic() => self.out.extend(['\\', c]),
            c => self.code_point(c),
        }
    }

    /// Writes a whole number.
    pub(super) fn integer(&mut self, value: u64) -> &mut Self {
        let _ = write!(self.out, "{value}");
        self
    }

    /// Writes a length in points, to a thousandth of a point; what is not finite is none at all.
    pub(super) fn points(&mut self, value: f64) -> &mut Self {
        let value = if value.is_finite() { value } else { 0.0 };
        let text = format!("{value:.3}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        let text = if text == "-0" { "0" } else { text };
        let _ = write!(self.out, "{text}pt");
        self
    }

    /// Writes a length in em.
    pub(super) fn em(&mut self, value: f64) -> &mut Self {
        let value = if value.is_finite() { value } else { 0.0 };
        let _ = write!(self.out, "{value:.3}em");
        self
    }

    /// Writes `true` or `false`.
    pub(super) fn flag(&mut self, value: bool) -> &mut Self {
        self.syntax(if value { "true" } else { "false" })
    }

    /// A text in which every character that can't be printed is written out, such as `\u{1f600}`.
    pub(super) fn printable(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match self.coverage.objection(c) {
                None => out.push(c),
                Some(_) => {
                    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                }
            }
        }
        out
    }

    fn code_point(&mut self, c: char) {
        let _ = write!(self.out, "\\u{{{:x}}}", u32::from(c));
    }

    fn check(&mut self, text: &str) {
        for c in text.chars() {
            let Some(objection) = self.coverage.objection(c) else {
                continue;
            };
            if self.reported.insert(c) {
                self.problems.push(refusal(c, objection, text));
            }
        }
    }
}

fn refusal(c: char, objection: Objection, text: &str) -> Diagnostic {
    let shown = match objection {
        Objection::NoGlyph => format!("“{c}” (U+{:04X})", u32::from(c)),
        _ => format!("U+{:04X}", u32::from(c)),
    };
    Diagnostic::error(
        "unprintable-character",
        format!(
            "the character {shown} {} (in “{}”)",
            objection.reason(),
            excerpt(c, text)
        ),
    )
    .help(objection.help())
}

/// The words around the first `c` in `text`, with every character that can't be shown written out.
fn excerpt(c: char, text: &str) -> String {
    const AROUND: usize = 24;
    let place = text.chars().position(|x| x == c).unwrap_or(0);
    let start = place.saturating_sub(AROUND);
    let mut out = String::new();
    if start > 0 {
        out.push('…');
    }
    for x in text.chars().skip(start).take(2 * AROUND) {
        if x == ' ' || x.is_ascii_graphic() || is_visible(x) {
            out.push(x);
        } else {
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(x));
        }
    }
    if text.chars().count() > start + 2 * AROUND {
        out.push('…');
    }
    out
}

/// Whether a character beyond ASCII stands for itself in a source that people read.
fn is_visible(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{bf}' | '×' | '÷')
        || matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20c0}' | '\u{2100}'..='\u{2bff}')
}

fn is_letter(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphabetic)
}

/// Whether a full stop can't be read as an ellipsis or as the end of a list's number.
fn dot_is_plain(previous: Option<char>, next: Option<char>) -> bool {
    match previous {
        None | Some('.') => false,
        Some(c) if c.is_numeric() => next.is_some_and(char::is_alphanumeric),
        Some(_) => next != Some('.'),
    }
}

/// What would be read as part of an expression before it: arguments, fields, the end of a statement.
fn continues_expression(c: char) -> bool {
    matches!(c, '(' | '.' | ';')
}
