//! Reads a fenced block as a directive.

use std::ops::Range;

use super::Directive;
use crate::diagnostic::{Diagnostic, Span};
use crate::reader::{self, At, Entry, Sink, TableReader};
use crate::report::ast::Inline;
use crate::report::markdown;
use crate::report::text::{Findings, Text};

/// A fenced block of the body.
pub struct Fence<'f, 's> {
    text: &'f Text<'s>,
    /// The whole block, without the line break at its end.
    range: Range<usize>,
    /// The character and the number of the opening fence.
    mark: char,
    count: usize,
    /// What follows the opening fence on its line.
    info: Range<usize>,
}

/// What an info string says.
struct Header {
    kind: Option<At<String>>,
    label: Option<At<String>>,
}

impl<'f, 's> Fence<'f, 's> {
    /// The fenced block at `range`.
    pub fn new(text: &'f Text<'s>, range: &Range<usize>) -> Self {
        let written = text.content.get(range.clone()).unwrap_or_default();
        let start = range.start + written.len() - written.trim_start_matches([' ', '\t']).len();
        let end = range.start + written.trim_end_matches(['\n', '\r']).len();
        Self::opening(text, start..end.max(start))
    }

    fn opening(text: &'f Text<'s>, range: Range<usize>) -> Self {
        let written = text.content.get(range.clone()).unwrap_or_default();
        let line = written.lines().next().unwrap_or_default();
        let mark = line.chars().next().unwrap_or('`');
        let after = line.trim_start_matches(mark);
        let count = line.len() - after.len();
        let leading = after.len() - after.trim_start().len();
        let start = range.start + count + leading;
        let info = start..start + after.trim().len();
        Self {
            text,
            range,
            mark,
            count,
            info,
        }
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.content.get(range).unwrap_or_default()
    }

    fn info_span(&self) -> Span {
        self.text.span(self.info.clone())
    }

    fn opening_span(&self) -> Span {
        self.text.span(self.range.start..self.info.end)
    }

    /// Whether the info string starts with a brace.
    pub fn is_directive(&self) -> bool {
        self.slice(self.info.clone()).starts_with('{')
    }

    /// Reports a fence without end.
    pub fn check_closed(&self, findings: &mut Findings) {
        if self.closing_line().is_none() {
            self.report_unclosed("code block", None, findings);
        }
    }

    /// Reports a directive inside a list or quotation.
    pub fn refuse_nested(&self, findings: &mut Findings) {
        let span = self.opening_span();
        findings.push(|| {
            Diagnostic::error(
                "nested-directive",
                "a directive can't stand inside a list, a quotation or a footnote",
            )
            .at(span)
            .help("move it to the margin, between two paragraphs")
        });
    }

    fn report_unclosed(&self, what: &str, next: Option<Span>, findings: &mut Findings) {
        let span = self.opening_span();
        let fence = self.mark.to_string().repeat(self.count);
        findings.push(|| {
            let diagnostic =
                Diagnostic::error("unclosed-fence", format!("this {what} is never closed"))
                    .at(span)
                    .help(format!("end it with a line that holds nothing but {fence}"));
            match next {
                Some(next) => diagnostic.related(next, "the next one begins here"),
                None => diagnostic,
            }
        });
    }

    /// Where the closing fence's line starts, if there is one.
    fn closing_line(&self) -> Option<usize> {
        let written = self.slice(self.range.clone());
        let (before, last) = written.rsplit_once('\n')?;
        let fence = last.trim_start_matches([' ', '\t', '>']).trim_end();
        let closes = fence.len() >= self.count && fence.chars().all(|c| c == self.mark);
        closes.then(|| self.range.start + before.len() + 1)
    }

    /// Where the first line after the opening one starts.
    fn body_start(&self) -> usize {
        let written = self.slice(self.range.clone());
        let line = written.find('\n').map_or(written.len(), |i| i + 1);
        self.range.start + line
    }

    /// Reads the directive, or the several of which all but the last lack their closing fences.
    pub fn read(
        &self,
        directives: &mut Vec<Directive>,
        broken_labels: &mut Vec<At<String>>,
        findings: &mut Findings,
    ) {
        let closing = self.closing_line();
        let mut openings = vec![self.range.start];
        openings.extend(self.inner_openings(closing.unwrap_or(self.range.end)));
        for (i, &start) in openings.iter().enumerate() {
            let next = openings.get(i + 1).copied();
            let fence = Self::opening(self.text, start..next.unwrap_or(self.range.end));
            let header = fence.header(findings);
            let end = closing.filter(|_| next.is_none());
            if let Some(end) = end {
                let body = fence.body_start().min(end)..end;
                directives.extend(header.and_then(|h| fence.directive(h, body, findings)));
            } else {
                let next = next.map(|n| Self::opening(self.text, n..self.range.end).opening_span());
                fence.report_unclosed("directive", next, findings);
                broken_labels.extend(header.and_then(|h| h.label));
            }
        }
    }

    /// Where lines within the block open further directives.
    fn inner_openings(&self, end: usize) -> Vec<usize> {
        let start = self.body_start().min(end);
        let mut at = start;
        let mut found = Vec::new();
        for line in self.slice(start..end).split_inclusive('\n') {
            let fence = line.trim_start_matches(' ');
            let info = fence.trim_start_matches(self.mark);
            let opens = fence.len() - info.len() >= 3 && info.trim_start().starts_with('{');
            if opens && line.len() - fence.len() <= 3 {
                found.push(at + line.len() - fence.len());
            }
            at += line.len();
        }
        found
    }

    /// Reads `{name #label}`. What is wrong is reported; none if not even the braces are right.
    fn header(&self, findings: &mut Findings) -> Option<Header> {
        let info = self.slice(self.info.clone());
        let Some(close) = info.find('}') else {
            let span = self.info_span();
            findings.push(|| header_error("the brace of this directive is not closed", span));
            return None;
        };
        let junk = self.info.start + close + 1..self.info.end;
        if !junk.is_empty() {
            let span = self.text.span(junk);
            findings.push(|| header_error("nothing may follow the brace", span));
        }
        let mut header = Header {
            kind: None,
            label: None,
        };
        for (i, word) in self
            .words(self.info.start + 1..self.info.start + close)
            .enumerate()
        {
            Self::header_word(i == 0, &word, &mut header, findings);
        }
        if header.kind.is_none() && header.label.is_none() && info[1..close].trim().is_empty() {
            let span = self.info_span();
            findings.push(|| header_error("this directive has no name", span));
        }
        Some(header)
    }

    /// The words of a range, with their places.
    fn words(&self, range: Range<usize>) -> impl Iterator<Item = At<String>> {
        let start = range.start;
        let slice = self.slice(range);
        slice.split_whitespace().map(move |word| {
            // The words are slices of the range, so that their distance is their place in it.
            let offset = start + (word.as_ptr() as usize - slice.as_ptr() as usize);
            At {
                value: word.to_owned(),
                span: self.text.span(offset..offset + word.len()),
            }
        })
    }

    fn header_word(first: bool, word: &At<String>, header: &mut Header, findings: &mut Findings) {
        let at = |value: &str| At {
            value: value.to_owned(),
            span: word.span.clone(),
        };
        if let Some(label) = word.value.strip_prefix('#') {
            if let Some(earlier) = &header.label {
                let earlier = earlier.span.clone();
                findings.push(|| {
                    header_error("a directive has one label", word.span.clone())
                        .related(earlier, "the first")
                });
            } else if is_name(label) {
                header.label = Some(at(label));
            } else {
                findings.push(|| {
                    header_error(&format!("`{label}` can't be a label"), word.span.clone())
                        .help("a label starts with a letter and goes on with letters, digits, `-` and `_`")
                });
                // Known as written, so that it is not reported as missing as well.
                header.label = Some(at(label));
            }
        } else if first && is_name(&word.value) {
            header.kind = Some(at(&word.value));
        } else if first {
            let message = format!("`{}` can't be the name of a directive", word.value);
            findings.push(|| header_error(&message, word.span.clone()));
        } else {
            let message = format!("`{}` can't stand here", word.value);
            findings.push(|| {
                header_error(&message, word.span.clone()).help(
                    "a label starts with `#`; everything else stands in the lines below, as TOML",
                )
            });
        }
    }

    fn directive(
        &self,
        header: Header,
        body: Range<usize>,
        findings: &mut Findings,
    ) -> Option<Directive> {
        let source = self.text.source;
        let body = self.text.span(body).range;
        let (entries, problems) = reader::parse(source, body.clone());
        let readable = !problems.has_errors();
        findings.extend(problems);
        let (own, entries): (Vec<Entry>, Vec<Entry>) = entries
            .into_iter()
            .partition(|e| matches!(e.key.as_str(), "caption" | "notes"));
        let kind = header.kind?;
        let label = header.label.unwrap_or_else(|| {
            let at = self.info.start + 1 + kind.value.len();
            let label = format!("`{{{} #tbl-name}}`", kind.value);
            findings.push(|| {
                Diagnostic::error("missing-label", format!("the directive `{}` has no label", kind.value))
                    .at(self.info_span())
                    .help(format!("write {label}; `tbl-` for what shows a table, `fig-` a figure, any other name for what shows nothing"))
            });
            At {
                value: String::new(),
                span: self.text.span(at..at),
            }
        });
        let sink = Sink::new();
        let mut own = TableReader::new(
            source,
            &own,
            kind.span.range.clone(),
            "the directive",
            &sink,
        );
        let caption = own.optional_string("caption");
        let notes = own.optional_strings("notes").unwrap_or_default();
        findings.extend(sink.into_inner());
        let mut words = |text: &At<String>, what: &str| self.caption(text, what, findings);
        Some(Directive {
            span: self.text.span(self.range.clone()),
            caption: caption
                .as_ref()
                .map(|c| words(c, "caption"))
                .unwrap_or_default(),
            notes: notes.iter().map(|n| words(n, "note")).collect(),
            caption_span: caption.map(|c| c.span),
            kind,
            label,
            entries,
            body,
            readable,
        })
    }

    fn caption(&self, text: &At<String>, what: &str, findings: &mut Findings) -> Vec<Inline> {
        if text.value.trim().is_empty() {
            let span = text.span.clone();
            findings
                .push(|| Diagnostic::error("empty-text", format!("this {what} is empty")).at(span));
            return Vec::new();
        }
        let range = text.span.range.clone();
        let text = Text::toml_string(self.text.source, &text.value, range);
        markdown::words(&text, what, findings)
    }
}

fn header_error(message: &str, span: Span) -> Diagnostic {
    Diagnostic::error("directive-header", message)
        .at(span)
        .help("a directive begins with a line ```{name #label}, such as ```{table1 #tbl-baseline}")
}

/// A letter, then letters, digits, hyphens and underscores.
pub fn is_name(word: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.chars().all(rest)
}
