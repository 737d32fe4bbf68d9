//! Finds numbers typed by hand where they should come from the data.
//!
//! In a section marked `{.results}` (and the sections within it) every number in a sentence, a list, a quotation, a
//! footnote or a plain table is reported, but for those that [`number`] tells apart: names, visits, years, levels of
//! confidence. Headings, captions, notes, code and formulas are not looked at. `Table 1` typed by hand is reported in
//! every section.
//!
//! `<!-- allow-number: reason -->` silences the sentence in or before which it stands; on a line of its own, the whole
//! block that follows.

mod number;
mod sentence;

use std::ops::Range;

use super::ast::{Block, Inline, Part};
use super::markdown::{Body, Comment};
use super::text::Findings;
use crate::diagnostic::{Diagnostic, Source, Span};
use number::{Found, Typed};
use sentence::Flat;

/// Checks the whole body, which was parsed from `source`.
pub fn check(body: &Body, source: &std::sync::Arc<Source>, findings: &mut Findings) {
    let mut lint = Lint {
        source,
        findings,
        allowances: Vec::new(),
        behind: 0,
        results: None,
    };
    for comment in &body.comments {
        lint.read_comment(comment);
    }
    for block in &body.blocks {
        lint.top_level(block);
    }
    lint.report_unused();
}

/// A comment that silences this lint.
struct Allowance {
    range: Range<usize>,
    alone: bool,
    used: bool,
}

struct Lint<'a> {
    source: &'a std::sync::Arc<Source>,
    findings: &'a mut Findings,
    /// In order of their places.
    allowances: Vec<Allowance>,
    /// Where the last sentence ended, in the source.
    behind: usize,
    /// The level of the heading that marks the section as results.
    results: Option<u8>,
}

impl Lint<'_> {
    fn read_comment(&mut self, comment: &Comment) {
        let Some(rest) = comment.text.strip_prefix("allow-") else {
            return;
        };
        let span = Span::new(self.source, comment.range.clone());
        let (name, reason) = match rest.split_once(':') {
            Some((name, reason)) => (name.trim(), reason.trim()),
            None => (rest.trim(), ""),
        };
        if name != "number" {
            self.findings.push(|| {
                Diagnostic::error(
                    "unknown-lint",
                    format!("nothing is silenced by `allow-{name}`"),
                )
                .at(span)
                .help("write `<!-- allow-number: reason -->`")
            });
            return;
        }
        if reason.is_empty() {
            self.findings.push(|| {
                Diagnostic::error(
                    "missing-reason",
                    "this comment does not say why the number is typed by hand",
                )
                .at(span)
                .help("write `<!-- allow-number: reason -->`")
            });
        }
        self.allowances.push(Allowance {
            range: comment.range.clone(),
            alone: comment.alone,
            // Reported already.
            used: reason.is_empty(),
        });
    }

    fn top_level(&mut self, block: &Block) {
        if let Block::Heading { level, results, .. } = block
            && self.results.is_none_or(|marked| *level <= marked)
        {
            self.results = results.then_some(*level);
        }
        let silenced = extent(block).and_then(|e| self.alone_before(e.start));
        self.block(block, silenced);
        if let Some(extent) = extent(block) {
            self.behind = extent.end;
        }
    }

    /// The comment on lines of its own between the block before and `start`.
    fn alone_before(&self, start: usize) -> Option<usize> {
        let from = self
            .allowances
            .partition_point(|a| a.range.start < self.behind);
        let between = self.allowances.iter().enumerate().skip(from);
        let mut between = between.take_while(|(_, a)| a.range.start < start);
        between.find(|(_, a)| a.alone).map(|(i, _)| i)
    }

    fn block(&mut self, block: &Block, silenced: Option<usize>) {
        match block {
            Block::Paragraph { content } => self.paragraph(content, silenced),
            Block::List { items, .. } => {
                for block in items.iter().flatten() {
                    self.block(block, silenced);
                }
            }
            Block::Quote { content } => {
                for block in content {
                    self.block(block, silenced);
                }
            }
            Block::Table { head, rows, .. } => {
                for cell in head.iter().chain(rows.iter().flatten()) {
                    self.paragraph(cell, silenced);
                }
            }
            Block::Heading { .. }
            | Block::Code { .. }
            | Block::Math { .. }
            | Block::Rule
            | Block::Directive { .. } => {}
        }
    }

    fn paragraph(&mut self, content: &[Inline], silenced: Option<usize>) {
        let flat = Flat::new(content);
        for range in flat.sentences() {
            let end = flat.position(range.end);
            let typed = number::find(&flat.text[range.clone()]);
            let start = self.behind;
            self.behind = end.max(start);
            let typed: Vec<(Found, Span)> = typed
                .into_iter()
                .filter(|t| self.results.is_some() || t.kind == Typed::Reference)
                .map(|t| {
                    let at = range.start + t.range.start..range.start + t.range.end;
                    let span = Span::new(self.source, flat.source_range(at));
                    (t, span)
                })
                .collect();
            if typed.is_empty() {
                continue;
            }
            match silenced.or_else(|| self.within(start..end)) {
                Some(comment) => self.use_comment(comment),
                None => self.report(&typed),
            }
        }
        for inline in content {
            inline.visit(&mut |part| {
                if let Part::Inline(Inline::Footnote { content, .. }) = part {
                    // Its own place in the text is elsewhere: comments inside it are looked for there.
                    let behind = self.behind;
                    for block in content {
                        self.behind =
                            extent(block).map_or(behind, |e| line_start(self.source, e.start));
                        self.block(block, silenced);
                    }
                    self.behind = behind;
                }
            });
        }
    }

    /// The comment within a range of the source.
    fn within(&self, range: Range<usize>) -> Option<usize> {
        let first = self
            .allowances
            .partition_point(|a| a.range.start < range.start);
        let found = self.allowances.get(first);
        found.filter(|a| a.range.start < range.end).map(|_| first)
    }

    fn use_comment(&mut self, index: usize) {
        if let Some(comment) = self.allowances.get_mut(index) {
            comment.used = true;
        }
    }

    fn report(&mut self, typed: &[(Found, Span)]) {
        for (_, span) in typed.iter().filter(|(t, _)| t.kind == Typed::Reference) {
            self.findings.push(|| {
                let message = format!("`{}` is typed by hand", span.text());
                Diagnostic::warning("typed-reference", message)
                    .at(span.clone())
                    .help("write `@tbl-label` or `@fig-label`, which follows when tables are moved")
            });
        }
        let mut numbers = typed.iter().filter(|(t, _)| t.kind == Typed::Number);
        let Some((_, first)) = numbers.next() else {
            return;
        };
        self.findings.push(|| {
            let message = format!("`{}` is typed by hand into a sentence of the results", first.text());
            let diagnostic = Diagnostic::warning("typed-number", message).at(first.clone());
            let diagnostic = numbers.fold(diagnostic, |d, (_, span)| d.related(span.clone(), "and this"));
            diagnostic
                .help("name the statistic, such as `{{ tbl-baseline.age.mean }}`, or its source: `{{ quoted(10.7, \"key\", \"Table 3\") }}`")
                .help("if it must be typed, say why before the sentence: `<!-- allow-number: reason -->`")
        });
    }

    fn report_unused(&mut self) {
        for comment in self.allowances.iter().filter(|a| !a.used) {
            let span = Span::new(self.source, comment.range.clone());
            self.findings.push(|| {
                Diagnostic::warning("unused-allowance", "this comment silences nothing")
                    .at(span)
                    .help(
                        "remove it, or put it into or directly before the sentence that it is for",
                    )
            });
        }
    }
}

/// From where to where the words of a block stand in the source; none if it has no words.
fn extent(block: &Block) -> Option<Range<usize>> {
    let mut found: Option<Range<usize>> = None;
    // Footnotes are written elsewhere.
    let mut see = |range: &Range<usize>| {
        let whole = found.get_or_insert_with(|| range.clone());
        whole.start = whole.start.min(range.start);
        whole.end = whole.end.max(range.end);
    };
    own_places(block, &mut see);
    found
}

fn own_places(block: &Block, see: &mut dyn FnMut(&Range<usize>)) {
    match block {
        Block::Heading { span, .. } | Block::Math { span, .. } | Block::Table { span, .. } => {
            see(&span.range);
        }
        Block::Paragraph { content } => sentence::each_place(content, see),
        Block::List { items, .. } => {
            for block in items.iter().flatten() {
                own_places(block, see);
            }
        }
        Block::Quote { content } => {
            for block in content {
                own_places(block, see);
            }
        }
        Block::Code { .. } | Block::Rule | Block::Directive { .. } => {}
    }
}

fn line_start(source: &Source, at: usize) -> usize {
    let before = source.text.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |i| i + 1)
}
