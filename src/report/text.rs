//! A text that is parsed, and where each of its bytes stands in the report.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};

/// A text taken out of a source. Captions are decoded from TOML, so their bytes need not lie side by side.
#[derive(Debug)]
pub struct Text<'a> {
    /// The text.
    pub content: &'a str,
    /// Where it was taken from.
    pub source: &'a Arc<Source>,
    /// Offsets in the text and in the source from which both run in step, ascending; never empty.
    segments: Vec<(usize, usize)>,
}

impl<'a> Text<'a> {
    /// A text that stands in the source as it is, from `start` on.
    pub fn plain(source: &'a Arc<Source>, content: &'a str, start: usize) -> Self {
        Self {
            content,
            source,
            segments: vec![(0, start)],
        }
    }

    /// The text of a TOML string that stands, quotes included, at `range`, and was decoded to `content`.
    pub fn toml_string(source: &'a Arc<Source>, content: &'a str, range: Range<usize>) -> Self {
        let raw = source.text.get(range.clone()).unwrap_or_default();
        let segments = string_segments(raw, content)
            .into_iter()
            .map(|(decoded, written)| (decoded, range.start + written))
            .collect();
        Self {
            content,
            source,
            segments,
        }
    }

    /// Where an offset of the text stands in the source.
    pub fn position(&self, offset: usize) -> usize {
        let after = self.segments.partition_point(|(from, _)| *from <= offset);
        let (from, to) = self.segments[after.saturating_sub(1)];
        to + offset.saturating_sub(from)
    }

    /// A range of the text as a place in the source.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(
            self.source,
            self.position(range.start)..self.position(range.end),
        )
    }
}

/// The offsets from which a decoded TOML string and its written form run in step.
fn string_segments(raw: &str, decoded: &str) -> Vec<(usize, usize)> {
    let (quotes, literal) = match raw.as_bytes() {
        [b'"', b'"', b'"', ..] => (3, false),
        [b'\'', b'\'', b'\'', ..] => (3, true),
        [b'\'', ..] => (1, true),
        _ => (1, false),
    };
    let mut at = quotes;
    if quotes == 3 {
        // A line break directly after the quotes is not part of the text.
        at += usize::from(raw[at..].starts_with('\r'));
        at += usize::from(raw.get(at..).is_some_and(|r| r.starts_with('\n')));
    }
    let mut segments = vec![(0, at)];
    if literal {
        return segments;
    }
    let mut offset = 0;
    for c in decoded.chars() {
        let mut moved = false;
        // A backslash at a line's end swallows what follows up to the next visible character.
        while let Some(width) = line_continuation(raw.get(at..).unwrap_or_default()) {
            at += width;
            moved = true;
        }
        if moved {
            segments.push((offset, at));
        }
        let rest = raw.get(at..).unwrap_or_default();
        let width = written_width(rest, c);
        at += width;
        offset += c.len_utf8();
        if width != c.len_utf8() {
            segments.push((offset, at));
        }
    }
    segments
}

fn line_continuation(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('\\')?;
    let blank = after.trim_start_matches([' ', '\t', '\r', '\n']);
    let swallowed = &after[..after.len() - blank.len()];
    swallowed.contains('\n').then(|| 1 + swallowed.len())
}

/// How many bytes a character takes as written.
fn written_width(rest: &str, c: char) -> usize {
    let bytes = rest.as_bytes();
    let width = match (bytes.first(), bytes.get(1)) {
        (Some(b'\\'), Some(b'x')) => 4,
        (Some(b'\\'), Some(b'u')) => 6,
        (Some(b'\\'), Some(b'U')) => 10,
        (Some(b'\\'), _) => 2,
        // A line break written as CR LF may have been decoded to LF.
        (Some(b'\r'), Some(b'\n')) if c == '\n' => 2,
        _ => c.len_utf8(),
    };
    width.min(rest.len())
}

/// Diagnostics up to a limit: a machine-made report of a million mistakes must not fill the memory.
#[derive(Debug, Default)]
pub struct Findings {
    found: Diagnostics,
    dropped: usize,
}

impl Findings {
    /// How many are kept.
    pub const LIMIT: usize = 1000;

    /// Adds what `make` returns, or only counts it.
    pub fn push(&mut self, make: impl FnOnce() -> Diagnostic) {
        if self.found.len() < Self::LIMIT {
            self.found.push(make());
        } else {
            self.dropped += 1;
        }
    }

    /// Adds several.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in diagnostics {
            self.push(|| diagnostic);
        }
    }

    /// All that was kept, in the order of places, and how many more there were.
    pub fn finish(mut self) -> Diagnostics {
        self.found.sort();
        if self.dropped > 0 {
            let message = format!("{} more mistakes are not shown", self.dropped);
            self.found
                .push(Diagnostic::error("too-many-mistakes", message));
        }
        self.found
    }
}
