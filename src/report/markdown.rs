//! Markdown to blocks and inlines.
//!
//! Markdown as in the `CommonMark` standard, with tables, footnotes, strikethrough, super- and subscript, heading attributes, typographic
//! punctuation and formulas (`$…$`, `$$…$$`; as in pandoc, a closing `$` before a digit is money). Raw HTML and images
//! are refused; comments vanish.

mod builder;
mod notes;
mod table;
mod words;

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::ast::{Block, Inline};
use super::directive::Directive;
use super::mask::{self, Kind, Mask};
use super::text::{Findings, Text};
use crate::diagnostic::Diagnostic;
use crate::reader::At;
use builder::Builder;

/// A comment of the prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its bytes in the source.
    pub range: Range<usize>,
    /// What it says, trimmed.
    pub text: String,
    /// Whether nothing else stands on its lines.
    pub alone: bool,
}

/// The body of a report.
#[derive(Debug, Default)]
pub struct Body {
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Labels of directives too broken to be kept: what refers to them is not wrong.
    pub broken_labels: Vec<At<String>>,
    /// Its comments in order.
    pub comments: Vec<Comment>,
}

/// Reads the body of a report, which must be a plain text.
pub fn body(text: &Text<'_>, findings: &mut Findings) -> Body {
    let (masks, covered) = cover(text.content);
    let comments = comments(text, &masks);
    let mut builder = Builder::new(text, &covered, &masks, findings);
    builder.run();
    let mut body = builder.finish();
    body.comments = comments;
    body
}

/// Reads words with inline Markdown, such as a caption; `what` names them in messages.
pub fn words(text: &Text<'_>, what: &str, findings: &mut Findings) -> Vec<Inline> {
    let (masks, covered) = cover(text.content);
    let mut builder = Builder::new(text, &covered, &masks, findings).without_directives();
    builder.run();
    let mut blocks = builder.finish().blocks;
    match (blocks.pop(), blocks.is_empty()) {
        (None, _) => Vec::new(),
        (Some(Block::Paragraph { content }), true) => content,
        _ => {
            findings.push(|| {
                let message = format!("a {what} is one paragraph of words, without lists, headings or code blocks");
                Diagnostic::error("words-only", message)
                    .at(text.span(0..text.content.len()))
                    .help("a backslash before a `#`, `-`, `>` or a number's full stop at the start keeps it as it is")
            });
            Vec::new()
        }
    }
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_SUPERSCRIPT
        | Options::ENABLE_SUBSCRIPT
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_SMART_PUNCTUATION
        | Options::ENABLE_MATH
}

/// What is hidden from the Markdown parser, and the text as the parser sees it.
fn cover(text: &str) -> (Vec<Mask>, String) {
    /// A candidate within a refused candidate comes up one parse later; nothing sensible is nested deeper.
    const PARSES: usize = 8;
    let mut refused = BTreeSet::new();
    let mut masks = mask::candidates(text, &refused);
    let mut covered = mask::cover(text, &masks);
    for _ in 0..PARSES {
        let places = Places::of(&covered);
        let before = refused.len();
        refused.extend(
            masks
                .iter()
                .filter(|m| !places.allow(m))
                .map(|m| m.range.start),
        );
        if refused.len() == before {
            break;
        }
        masks = mask::candidates(text, &refused);
        covered = mask::cover(text, &masks);
    }
    (masks, covered)
}

/// Where prose stands, and where code, formulas and HTML do.
#[derive(Default)]
struct Places {
    prose: Vec<Range<usize>>,
    verbatim: Vec<Range<usize>>,
}

impl Places {
    fn of(covered: &str) -> Self {
        let mut places = Self::default();
        // Depth of code blocks and of links that are their own text.
        let mut literal = 0_usize;
        for (event, range) in Parser::new_ext(covered, options()).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(_)) => {
                    literal += 1;
                    places.verbatim.push(range);
                }
                Event::Start(Tag::Link { link_type, .. }) if is_automatic(link_type) => {
                    literal += 1;
                }
                Event::Start(Tag::Link { .. }) if literal > 0 => literal += 1,
                Event::End(TagEnd::CodeBlock | TagEnd::Link) => literal = literal.saturating_sub(1),
                Event::Start(Tag::HtmlBlock)
                | Event::Code(_)
                | Event::InlineHtml(_)
                | Event::DisplayMath(_) => places.verbatim.push(range),
                Event::InlineMath(_) if !is_money(covered, &range) => places.verbatim.push(range),
                Event::InlineMath(_) => places.prose.push(range),
                Event::Text(_) if literal == 0 => places.prose.push(range),
                _ => {}
            }
        }
        for ranges in [&mut places.prose, &mut places.verbatim] {
            ranges.sort_by_key(|r| (r.start, r.end));
        }
        places
    }

    /// Whether a mask may stay where it is.
    fn allow(&self, mask: &Mask) -> bool {
        let at = mask.range.start;
        match mask.kind {
            Kind::Comment => !holds(&self.verbatim, at),
            _ => holds(&self.prose, at),
        }
    }
}

/// Whether one of the ranges, which are sorted and do not overlap, holds the offset.
fn holds(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|r| r.start <= at);
    after
        .checked_sub(1)
        .and_then(|i| ranges.get(i))
        .is_some_and(|r| r.contains(&at))
}

fn is_automatic(link: LinkType) -> bool {
    matches!(link, LinkType::Autolink | LinkType::Email)
}

/// Whether what looks like a formula is two sums of money: `from $5–$10`.
fn is_money(covered: &str, range: &Range<usize>) -> bool {
    let next = covered.as_bytes().get(range.end);
    next.is_some_and(u8::is_ascii_digit)
}

fn comments(text: &Text<'_>, masks: &[Mask]) -> Vec<Comment> {
    masks
        .iter()
        .filter(|m| m.kind == Kind::Comment)
        .map(|m| {
            let whole = text.content.get(m.range.clone()).unwrap_or_default();
            let inner = whole.strip_prefix("<!--").unwrap_or_default();
            Comment {
                range: text.span(m.range.clone()).range,
                text: inner.strip_suffix("-->").unwrap_or(inner).trim().to_owned(),
                alone: mask::on_own_lines(text.content, &m.range),
            }
        })
        .collect()
}
