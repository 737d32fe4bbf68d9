//! What stands within a line: text with its values, citations and references put back; and what is refused there.

use std::ops::Range;

use super::builder::Builder;
use crate::diagnostic::{Diagnostic, Span};
use crate::reader::At;
use crate::report::ast::Inline;
use crate::report::mask::{Kind, Mask};
use crate::report::{citation, value};

impl Builder<'_, '_> {
    /// Words at `range`, which the parser gave as `content`.
    pub fn words(&mut self, range: Range<usize>, content: &str) {
        self.find_strays(&range);
        // Where the parser changed the text (quotation marks, entities), there is nothing hidden in it.
        if self.covered.get(range.clone()) != Some(content) {
            if range.start >= self.hidden_to {
                self.literal(content, range);
            }
            return;
        }
        let mut at = range.start.max(self.hidden_to);
        let masks = self.masks;
        let first = masks.partition_point(|m| m.range.start < at);
        for mask in masks.iter().skip(first) {
            if mask.range.start >= range.end {
                break;
            }
            self.plain(at..mask.range.start);
            self.uncover(mask);
            at = mask.range.end;
            self.hidden_to = at;
        }
        self.plain(at..range.end);
    }

    /// Words exactly as they stand in the text.
    fn plain(&mut self, range: Range<usize>) {
        let Some(words) = self
            .text
            .content
            .get(range.clone())
            .filter(|w| !w.is_empty())
        else {
            return;
        };
        let span = self.text.span(range);
        // A caption's bytes may be written differently in the report.
        let verbatim = span.range.len() == words.len();
        let Some(frame) = self.top() else { return };
        if let (
            true,
            true,
            Some(Inline::Text {
                text: last,
                span: at,
            }),
        ) = (frame.verbatim, verbatim, frame.inlines.last_mut())
            && at.range.end == span.range.start
        {
            last.push_str(words);
            at.range.end = span.range.end;
            return;
        }
        frame.verbatim = verbatim;
        frame.inlines.push(Inline::Text {
            text: words.to_owned(),
            span,
        });
    }

    /// Words that stand for what is written at `range`.
    pub fn literal(&mut self, words: &str, range: Range<usize>) {
        let span = self.text.span(range);
        self.push(Inline::Text {
            text: words.to_owned(),
            span,
        });
    }

    /// Adds a finished inline to what is open.
    pub fn push(&mut self, inline: Inline) {
        if let Some(frame) = self.top() {
            frame.verbatim = false;
            frame.inlines.push(inline);
        }
    }

    fn uncover(&mut self, mask: &Mask) {
        let read = match mask.kind {
            Kind::Comment => return,
            Kind::Raised | Kind::Lowered => Ok(self.raised(mask)),
            Kind::Value => value::parse(self.text, &mask.range),
            Kind::Cite => citation::parse(self.text, &mask.range),
            Kind::Reference => {
                let name = self.text.content.get(mask.range.start + 1..mask.range.end);
                Ok(Inline::Reference {
                    label: At {
                        value: name.unwrap_or_default().to_owned(),
                        span: self.text.span(mask.range.clone()),
                    },
                })
            }
        };
        match read {
            Ok(inline) => self.push(inline),
            Err(diagnostic) => self.findings.push(|| diagnostic),
        }
    }

    fn raised(&self, mask: &Mask) -> Inline {
        let range = mask.range.start + 1..mask.range.end - 1;
        let content = vec![Inline::Text {
            text: self
                .text
                .content
                .get(range.clone())
                .unwrap_or_default()
                .to_owned(),
            span: self.text.span(range),
        }];
        if mask.kind == Kind::Raised {
            Inline::Superscript { content }
        } else {
            Inline::Subscript { content }
        }
    }

    /// Code within a line, from the source: the parser's copy may be covered.
    pub fn code(&mut self, range: Range<usize>) {
        let written = self.text.content.get(range.clone()).unwrap_or_default();
        let ticks = written.len() - written.trim_start_matches('`').len();
        let inner = written.get(ticks..written.len().saturating_sub(ticks));
        let inner = inner.unwrap_or_default().replace(['\n', '\r'], " ");
        let padded = inner.starts_with(' ') && inner.ends_with(' ') && !inner.trim().is_empty();
        let text = if padded {
            inner[1..inner.len() - 1].to_owned()
        } else {
            inner
        };
        let span = self.text.span(range);
        self.push(Inline::Code { text, span });
    }

    /// `^` or `~` around words with blanks, which are no super- or subscript but, say, "about": `~5 and 6~`.
    pub fn spaced(&self, range: &Range<usize>) -> bool {
        let written = self.covered.get(range.clone()).unwrap_or_default();
        written.contains([' ', '\t', '\n'])
    }

    /// Puts back what was taken for super- or subscript.
    pub fn not_raised(&mut self, content: Vec<Inline>, range: &Range<usize>) {
        self.plain(range.start..range.start + 1);
        for inline in content {
            self.push(inline);
        }
        self.plain(range.end.saturating_sub(1)..range.end);
    }

    /// Finds what was meant as a value, a comment or a footnote and is none.
    fn find_strays(&mut self, range: &Range<usize>) {
        let bytes = self.covered.as_bytes();
        let mut at = range.start;
        while at < range.end {
            let rest = &bytes[at..];
            let escaped = at > 0 && bytes[at - 1] == b'\\';
            let length = match rest {
                _ if escaped => 1,
                [b'{', b'{', ..] => self.unclosed_value(at),
                [b'<', b'!', b'-', b'-', ..] => self.unclosed_comment(&(at..at + 4)),
                [b'[', b'^', ..] => self.undefined_note(at),
                _ => 1,
            };
            at += length;
        }
    }

    fn unclosed_value(&mut self, at: usize) -> usize {
        let span = self.text.span(at..at + 2);
        self.findings.push(|| {
            Diagnostic::error("unclosed-value", "this `{{` has no `}}`")
                .at(span)
                .help("a value ends in `}}` before the next blank line: `{{ tbl-baseline.age.mean }}`")
                .help("write `\\{{` for the braces themselves")
        });
        2
    }

    fn unclosed_comment(&mut self, range: &Range<usize>) -> usize {
        let span = self.text.span(range.clone());
        self.findings
            .push(|| Diagnostic::error("unclosed-comment", "this comment has no `-->`").at(span));
        4
    }

    fn undefined_note(&mut self, at: usize) -> usize {
        const LONGEST: usize = 60;
        let rest = self.covered.get(at + 2..).unwrap_or_default();
        let end = rest
            .bytes()
            .take(LONGEST)
            .position(|b| b == b']' || b.is_ascii_whitespace());
        let name = end
            .filter(|&end| end > 0 && rest.as_bytes()[end] == b']')
            .and_then(|end| rest.get(..end));
        if let Some(name) = name {
            let span = self.text.span(at..at + name.len() + 3);
            self.findings.push(|| {
                let message = format!("the footnote `{name}` is not defined");
                Diagnostic::error("undefined-footnote", message)
                    .at(span)
                    .help(format!("write `[^{name}]: …` on a line of its own"))
            });
        }
        2
    }

    /// The address of a link as it is printed, unless its scheme is refused.
    pub fn checked_url(&mut self, url: &str, span: &Span) -> Option<String> {
        let scheme = url.split_once(':').map(|(s, _)| s.to_ascii_lowercase());
        let clean = !url.contains(|c: char| c.is_control() || c.is_whitespace());
        match scheme.as_deref() {
            Some("http" | "https" | "mailto") if clean => return Some(url.to_owned()),
            Some("doi") if clean => return Some(format!("https://doi.org/{}", &url[4..])),
            _ => {}
        }
        let span = span.clone();
        self.findings.push(|| {
            let message = match scheme {
                _ if !clean => "the address of this link has a blank or a control character in it".to_owned(),
                _ if url.is_empty() => "this link leads nowhere".to_owned(),
                Some(scheme) => format!("a link can't lead to `{scheme}:`"),
                None => format!("the link `{url}` has no scheme"),
            };
            Diagnostic::error("refused-link", message)
                .at(span)
                .help("a link starts with `https:`, `http:`, `mailto:` or `doi:`")
                .help("a table or figure of the report is referred to as `@tbl-label` or `@fig-label`")
        });
        None
    }

    /// Reports an image.
    pub fn refuse_image(&mut self, range: &Range<usize>) {
        let span = self.text.span(range.clone());
        self.findings.push(|| {
            Diagnostic::error("image", "a report holds no images")
                .at(span)
                .help("figures are drawn from the data by directives, such as `{forest #fig-effects}`")
        });
    }

    /// Reports HTML.
    pub fn raw_html(&mut self, range: &Range<usize>) {
        let written = self.text.content.get(range.clone()).unwrap_or_default();
        if written.trim_start().starts_with("<!--") {
            let start = range.start + written.len() - written.trim_start().len();
            self.unclosed_comment(&(start..start + 4));
            return;
        }
        let first_line = written.lines().next().unwrap_or_default();
        let span = self
            .text
            .span(range.start..range.start + first_line.trim_end().len());
        self.findings.push(|| {
            Diagnostic::error("raw-html", "a report holds no HTML")
                .at(span)
                .help("write `\\<` for the sign itself")
                .help("comments `<!-- … -->` are allowed and not printed")
        });
    }

    /// Reports attributes of a heading that mean nothing.
    pub fn heading_attributes(&mut self, range: &Range<usize>) {
        let written = self.text.content.get(range.clone()).unwrap_or_default();
        let line = written.lines().next().unwrap_or_default();
        let start = line.rfind('{').unwrap_or(0);
        let span = self
            .text
            .span(range.start + start..range.start + line.trim_end().len());
        self.findings.push(|| {
            Diagnostic::error(
                "heading-attribute",
                "a heading knows no other attribute than `{.results}`",
            )
            .at(span)
            .help("`## Results {.results}` marks a section whose numbers must come from the data")
        });
    }
}
