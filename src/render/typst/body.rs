//! Blocks of a document as Typst markup that calls the functions of `blocks.typ`.

use std::collections::BTreeSet;

use super::PageSettings;
use super::appendix::Entries;
use super::characters::Coverage;
use super::math;
use super::writer::Writer;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Align, Block, Document, Inline};

/// Blocks deeper than this are refused: neither paper nor the engine has room for them.
const DEEPEST: usize = 24;

/// The body of a document on its way to Typst source.
pub(super) struct Body<'a> {
    pub(super) writer: Writer<'a>,
    pub(super) document: &'a Document,
    pub(super) settings: &'a PageSettings,
    pub(super) labels: Vec<String>,
    pub(super) floats: &'a BTreeSet<String>,
    pub(super) entries: Entries<'a>,
    /// Whether what is written stands within a link.
    pub(super) in_link: bool,
    last_level: usize,
    depth: usize,
}

impl<'a> Body<'a> {
    /// A body without any block yet; `floats` are the labels of tables and figures that go to the head of a page.
    pub(super) fn new(
        document: &'a Document,
        settings: &'a PageSettings,
        coverage: &'a Coverage,
        floats: &'a BTreeSet<String>,
    ) -> Self {
        let mut labels: Vec<String> = Vec::new();
        let mut writer = Writer::new(coverage);
        for label in labels_of(&document.summary).chain(labels_of(&document.body)) {
            if label.is_empty() || labels.iter().any(|l| l == label) {
                writer.problem(Diagnostic::error(
                    "duplicate-label",
                    format!("the label `{label}` stands on more than one table or figure"),
                ));
            }
            labels.push(label.to_owned());
        }
        Self {
            writer,
            document,
            settings,
            labels,
            floats,
            entries: Entries::of(document),
            in_link: false,
            last_level: 0,
            depth: 0,
        }
    }

    /// Writes the whole report.
    pub(super) fn report(mut self) -> (String, Diagnostics) {
        self.writer
            .syntax("#import \"blocks.typ\": *\n#import \"page.typ\": shell\n#show: shell\n\n");
        if !self.document.summary.is_empty() {
            self.writer.syntax("#abstract[\n");
            // The box brings a heading of the first level.
            self.last_level = 1;
            self.summary();
            self.writer.syntax("]\n\n");
        }
        let document = self.document;
        self.blocks(&document.body);
        if document
            .bibliography
            .as_ref()
            .is_some_and(|b| !b.cited.is_empty())
        {
            self.writer.syntax("\n#references()\n");
        }
        if let Some(claims) = &document.claims {
            self.claims(claims);
        }
        if let Some(appendix) = &document.appendix {
            self.appendix(appendix);
        }
        self.writer.finish()
    }

    /// The abstract: its headings run into the paragraph that follows, as journals set them.
    fn summary(&mut self) {
        let document = self.document;
        let mut blocks = document.summary.iter().peekable();
        while let Some(block) = blocks.next() {
            let Block::Heading { content, .. } = block else {
                self.block(block);
                continue;
            };
            self.writer.syntax("#abstract-part");
            self.block_of(content);
            self.writer.syntax("[");
            if let Some(Block::Paragraph { content }) = blocks.peek() {
                self.inlines(content);
                blocks.next();
            }
            self.writer.syntax("]\n\n");
        }
    }

    /// Writes blocks, each with a blank line after it.
    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.writer.problem(Diagnostic::error(
                "too-deep",
                format!("lists and quotations are nested more than {DEEPEST} deep"),
            ));
        } else {
            for block in blocks {
                self.block(block);
            }
        }
        self.depth -= 1;
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level, content } => self.heading(*level, content),
            Block::Paragraph { content } => self.inlines(content),
            Block::List { start, items } => self.list(*start, items),
            Block::Quote { content } => {
                self.writer.syntax("#quote(block: true)[");
                self.blocks(content);
                self.writer.syntax("]");
            }
            Block::Code { text } => {
                self.writer
                    .syntax("#raw(block: true, ")
                    .string(text.trim_end_matches('\n'))
                    .syntax(")");
            }
            Block::Math { tex } => math::write(&mut self.writer, tex, true),
            Block::Table { align, head, rows } => self.plain_table(align, head, rows),
            Block::Rule => {
                self.writer.syntax("#rule()");
            }
            Block::Results {
                label,
                caption,
                table,
            } => self.results(label, caption, table),
            Block::Figure {
                label,
                caption,
                scene,
                notes,
                ..
            } => self.figure(label, caption, scene, notes),
        }
        self.writer.syntax("\n\n");
    }

    /// A heading. Accessible documents may not skip a level on the way down, so a skipped one is closed up.
    fn heading(&mut self, level: u8, content: &[Inline]) {
        let level = usize::from(level).clamp(1, self.last_level + 1);
        self.last_level = level;
        for _ in 0..level {
            self.writer.syntax("=");
        }
        self.writer.syntax(" ");
        self.inlines(content);
    }

    fn list(&mut self, start: Option<u64>, items: &[Vec<Block>]) {
        let tight = items.iter().all(|item| {
            item.iter()
                .all(|b| matches!(b, Block::Paragraph { .. } | Block::List { .. }))
                && item.len() <= 2
        });
        match start {
            Some(first) => self.writer.syntax("#enum(start: ").integer(first),
            None => self.writer.syntax("#list(spacing: auto"),
        };
        self.writer.syntax(", tight: ").flag(tight).syntax(",");
        for item in items {
            self.writer.syntax("\n  [");
            self.blocks(item);
            self.writer.syntax("],");
        }
        self.writer.syntax("\n)");
    }

    fn plain_table(&mut self, align: &[Align], head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) {
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        let columns = longest.max(head.len()).max(1);
        self.writer.syntax("#plain-table(\n  align: (");
        for column in 0..columns {
            self.writer.syntax(match align.get(column) {
                Some(Align::Right) => "right, ",
                Some(Align::Center) => "center, ",
                _ => "left, ",
            });
        }
        self.writer.syntax("),\n  head: (");
        self.plain_cells(columns, head);
        self.writer.syntax("),\n");
        for row in rows {
            self.writer.syntax("  (");
            self.plain_cells(columns, row);
            self.writer.syntax("),\n");
        }
        self.writer.syntax(")");
    }

    fn plain_cells(&mut self, columns: usize, cells: &[Vec<Inline>]) {
        for column in 0..columns {
            self.block_of(cells.get(column).map_or(&[][..], Vec::as_slice));
            self.writer.syntax(", ");
        }
    }
}

/// The labels of tables and figures, wherever they stand.
fn labels_of(blocks: &[Block]) -> Box<dyn Iterator<Item = &str> + '_> {
    Box::new(
        blocks
            .iter()
            .flat_map(|block| -> Box<dyn Iterator<Item = &str>> {
                match block {
                    Block::Results { label, .. } | Block::Figure { label, .. } => {
                        Box::new(std::iter::once(label.as_str()))
                    }
                    Block::Quote { content } => labels_of(content),
                    Block::List { items, .. } => Box::new(items.iter().flat_map(|i| labels_of(i))),
                    _ => Box::new(std::iter::empty()),
                }
            }),
    )
}
