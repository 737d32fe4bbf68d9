//! The words of a paragraph as one text that remembers where it stands.

use std::ops::Range;

use crate::report::ast::Inline;

/// Stands for everything that is no prose: values, citations, code, formulas.
pub const OPAQUE: char = '\u{fffc}';

/// A paragraph's words.
#[derive(Debug, Default)]
pub struct Flat {
    /// The words.
    pub text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// Where it begins in the text.
    at: usize,
    /// Where it stands in the source.
    source: Range<usize>,
    /// Whether it is written in the source as it is in the text.
    verbatim: bool,
}

impl Flat {
    /// The words of some inlines.
    pub fn new(content: &[Inline]) -> Self {
        let mut flat = Self::default();
        flat.add(content);
        flat
    }

    fn add(&mut self, content: &[Inline]) {
        for inline in content {
            match inline {
                Inline::Text { text, span } => {
                    let verbatim = span.text() == text;
                    self.piece(span.range.clone(), verbatim);
                    self.text.push_str(text);
                }
                Inline::Emph { content }
                | Inline::Strong { content }
                | Inline::Strike { content }
                | Inline::Link { content, .. } => self.add(content),
                Inline::Break => self.text.push(' '),
                other => {
                    each_place(std::slice::from_ref(other), &mut |range| {
                        self.piece(range.clone(), false);
                    });
                    self.text.push(OPAQUE);
                }
            }
        }
    }

    fn piece(&mut self, source: Range<usize>, verbatim: bool) {
        self.pieces.push(Piece {
            at: self.text.len(),
            source,
            verbatim,
        });
    }

    /// Where an offset that ends something stands in the source.
    pub fn position(&self, end: usize) -> usize {
        let after = self.pieces.partition_point(|p| p.at < end);
        let Some(piece) = after.checked_sub(1).and_then(|i| self.pieces.get(i)) else {
            return 0;
        };
        if piece.verbatim {
            (piece.source.start + end - piece.at).min(piece.source.end)
        } else {
            piece.source.end
        }
    }

    /// Where a range of the text stands in the source.
    pub fn source_range(&self, range: Range<usize>) -> Range<usize> {
        let after = self.pieces.partition_point(|p| p.at <= range.start);
        let start = after
            .checked_sub(1)
            .and_then(|i| self.pieces.get(i))
            .map_or(0, |p| {
                if p.verbatim {
                    (p.source.start + range.start - p.at).min(p.source.end)
                } else {
                    p.source.start
                }
            });
        start..self.position(range.end).max(start)
    }

    /// The sentences, blanks between them left to the one before.
    pub fn sentences(&self) -> Vec<Range<usize>> {
        let mut sentences = Vec::new();
        let mut start = 0;
        let mut chars = self.text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if !matches!(c, '.' | '?' | '!' | '…') {
                continue;
            }
            let mut end = at + c.len_utf8();
            // Closing quotation marks and brackets belong to the sentence.
            while let Some(&(i, c)) = chars.peek() {
                if !matches!(c, '”' | '’' | '"' | '\'' | ')' | ']') {
                    break;
                }
                end = i + c.len_utf8();
                chars.next();
            }
            let rest = &self.text[end..];
            let next = rest.trim_start().chars().next();
            let begins = next
                .is_none_or(|n| !n.is_lowercase() && !n.is_ascii_digit() && !",;:.".contains(n));
            let blank = rest.is_empty() || rest.starts_with(char::is_whitespace);
            if blank && begins && !(c == '.' && is_abbreviation(&self.text[start..at])) {
                sentences.push(start..end);
                start = end;
            }
        }
        if !self.text[start..].trim().is_empty() {
            sentences.push(start..self.text.len());
        }
        sentences
    }
}

/// Whether what stands before a full stop is a shortened word.
fn is_abbreviation(before: &str) -> bool {
    const SHORT: [&str; 16] = [
        "e.g", "i.e", "vs", "cf", "al", "fig", "figs", "no", "nos", "dr", "prof", "st", "approx",
        "ca", "eg", "ie",
    ];
    let word = before
        .rsplit([' ', '(', '\n', OPAQUE])
        .next()
        .unwrap_or_default();
    // A single capital is somebody's initial.
    let initial = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase());
    initial || SHORT.contains(&word.to_lowercase().as_str())
}

/// Shows to `see` where each inline stands; footnotes by their marks.
pub fn each_place(content: &[Inline], see: &mut dyn FnMut(&Range<usize>)) {
    for inline in content {
        match inline {
            Inline::Text { span, .. }
            | Inline::Code { span, .. }
            | Inline::Math { span, .. }
            | Inline::Cite { span, .. }
            | Inline::Footnote { span, .. } => see(&span.range),
            Inline::Value(value) => see(&value.span.range),
            Inline::Quoted(quoted) => see(&quoted.span.range),
            Inline::Reference { label } => see(&label.span.range),
            Inline::Link { span, content, .. } => {
                see(&span.range);
                each_place(content, see);
            }
            Inline::Emph { content }
            | Inline::Strong { content }
            | Inline::Strike { content }
            | Inline::Superscript { content }
            | Inline::Subscript { content } => each_place(content, see),
            Inline::Break => {}
        }
    }
}
