//! Diagnostics as text for people and as JSON lines for programs.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};
use serde::Serialize;

use super::{Diagnostic, Severity, Source, Span};

/// A place to mark: how, where, and with what words.
type Place<'a> = (AnnotationKind, &'a Span, Option<&'a str>);

impl Diagnostic {
    /// The diagnostic as a person reads it: message, `file:line:column`, the lines, help. With ANSI colours if
    /// `color`. Ends without a line break.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level
            .primary_title(self.message.as_str())
            .id(self.code.as_ref());
        let mut group = Group::with_title(title);
        for (source, spans) in self.by_source() {
            let (lines, line) = lines_around(source, &spans);
            let offset = lines.start;
            let shown = source.text.get(lines).unwrap_or_default();
            let mut snippet = Snippet::source(shown)
                .line_start(line)
                .path(source.path.as_str());
            for (kind, span, text) in spans {
                let range = span.range.start - offset..span.range.end - offset;
                let annotation = kind.span(range);
                snippet = snippet.annotation(match text {
                    Some(text) => annotation.label(text),
                    None => annotation,
                });
            }
            group = group.element(snippet);
        }
        for help in &self.help {
            // Names in it may come from files that nobody trusts, and hold what a terminal obeys.
            group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
        }
        renderer.render(&[group])
    }

    /// Places grouped by file, so that each file's lines are shown once.
    fn by_source(&self) -> Vec<(&Source, Vec<Place<'_>>)> {
        let primary = self
            .span
            .iter()
            .map(|s| (AnnotationKind::Primary, s, self.label.as_deref()));
        let related = self
            .related
            .iter()
            .map(|(s, text)| (AnnotationKind::Context, s, Some(text.as_str())));
        let mut groups: Vec<(&Source, Vec<Place<'_>>)> = Vec::new();
        for place in primary.chain(related) {
            let source = place.1.source.as_ref();
            match groups.iter_mut().find(|(s, _)| s.path == source.path) {
                Some((_, places)) => places.push(place),
                None => groups.push((source, vec![place])),
            }
        }
        groups
    }

    /// The diagnostic as one line of JSON without a line break.
    pub fn to_json(&self) -> String {
        let line = JsonDiagnostic {
            severity: self.severity,
            code: &self.code,
            message: &self.message,
            place: self.span.as_ref().map(JsonPlace::new),
            label: self.label.as_deref(),
            related: self
                .related
                .iter()
                .map(|(span, text)| JsonRelated {
                    place: JsonPlace::new(span),
                    message: text,
                })
                .collect(),
            help: &self.help,
        };
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// `file:line:column`, if the diagnostic has a place.
    pub fn place(&self) -> Option<String> {
        let span = self.span.as_ref()?;
        let (line, column) = span.source.line_column(span.range.start);
        let mut place = String::new();
        // Writing to a string cannot fail.
        let _ = write!(place, "{}:{line}:{column}", span.source.path);
        Some(place)
    }
}

/// The whole lines from the first to the last place, and the number of the first: the rest of a large file need not
/// be looked at for every diagnostic.
fn lines_around(source: &Source, places: &[Place<'_>]) -> (Range<usize>, usize) {
    let text = source.text.as_str();
    let ranges = || places.iter().map(|(_, span, _)| &span.range);
    let first = ranges().map(|r| r.start).min().unwrap_or(0);
    let last = ranges().map(|r| r.end).max().unwrap_or(0);
    let start = text
        .get(..first)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |i| i + 1);
    let end = text
        .get(last..)
        .and_then(|after| after.find('\n'))
        .map_or(text.len(), |i| last + i);
    (start..end, source.line_column(start).0)
}

#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    severity: Severity,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<JsonPlace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<JsonRelated<'a>>,
    help: &'a [String],
}

#[derive(Serialize)]
struct JsonPlace<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    start: usize,
    end: usize,
}

impl<'a> JsonPlace<'a> {
    fn new(span: &'a Span) -> Self {
        let (line, column) = span.source.line_column(span.range.start);
        let (end_line, end_column) = span.source.line_column(span.range.end);
        Self {
            file: &span.source.path,
            line,
            column,
            end_line,
            end_column,
            start: span.range.start,
            end: span.range.end,
        }
    }
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    #[serde(flatten)]
    place: JsonPlace<'a>,
    message: &'a str,
}
