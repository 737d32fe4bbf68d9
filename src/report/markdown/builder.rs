//! Builds blocks from the events of the Markdown parser.

use std::cell::RefCell;
use std::ops::Range;

use pulldown_cmark::{
    BrokenLink, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Parser, Tag,
};

use super::notes::Notes;
use super::{Body, is_money, options};
use crate::diagnostic::Diagnostic;
use crate::report::ast::{Align, Block, Inline};
use crate::report::directive;
use crate::report::mask::Mask;
use crate::report::text::{Findings, Text};

/// How deeply blocks and inlines may stand in each other.
pub const DEEPEST: usize = 60;

/// What is open.
#[derive(Debug, Default)]
pub struct Frame {
    kind: FrameKind,
    range: Range<usize>,
    /// Finished blocks.
    blocks: Vec<Block>,
    /// Finished inlines of the block that is being read, or of this inline.
    pub inlines: Vec<Inline>,
    /// Whether the last inline is a text exactly as it stands in the source.
    pub verbatim: bool,
    cells: Vec<Vec<Inline>>,
    rows: Vec<Vec<Vec<Inline>>>,
    items: Vec<Vec<Block>>,
}

#[derive(Debug, Default)]
enum FrameKind {
    #[default]
    Document,
    Paragraph,
    Heading {
        level: u8,
        results: bool,
    },
    Quote,
    List(Option<u64>),
    Item,
    Code {
        fenced: bool,
        text: String,
    },
    Table(Vec<Align>),
    Row,
    Cell,
    Emph,
    Strong,
    Strike,
    Superscript,
    Subscript,
    Link(String),
    Note(String),
}

/// Builds the body.
pub struct Builder<'b, 's> {
    pub text: &'b Text<'s>,
    pub covered: &'b str,
    pub masks: &'b [Mask],
    pub findings: &'b mut Findings,
    /// Everything before this offset has been dealt with as part of a mask.
    pub hidden_to: usize,
    pub notes: Notes,
    stack: Vec<Frame>,
    /// How many containers are open of which the outermost is left out.
    skipping: usize,
    too_deep: bool,
    directives: bool,
    body: Body,
}

impl<'b, 's> Builder<'b, 's> {
    /// A builder of nothing yet.
    pub fn new(
        text: &'b Text<'s>,
        covered: &'b str,
        masks: &'b [Mask],
        findings: &'b mut Findings,
    ) -> Self {
        Self {
            text,
            covered,
            masks,
            findings,
            hidden_to: 0,
            notes: Notes::default(),
            stack: vec![Frame::default()],
            skipping: 0,
            too_deep: false,
            directives: true,
            body: Body::default(),
        }
    }

    /// The same, with directives taken for code blocks.
    pub fn without_directives(mut self) -> Self {
        self.directives = false;
        self
    }

    /// Reads everything.
    pub fn run(&mut self) {
        let broken = RefCell::new(Vec::new());
        let on_broken = |link: BrokenLink<'b>| -> Option<(CowStr<'b>, CowStr<'b>)> {
            let full = matches!(link.link_type, LinkType::Reference | LinkType::Collapsed);
            if full {
                broken
                    .borrow_mut()
                    .push((link.span, link.reference.to_string()));
            }
            None
        };
        let parser =
            Parser::new_with_broken_link_callback(self.covered, options(), Some(on_broken));
        for (event, range) in parser.into_offset_iter() {
            self.event(event, range);
        }
        for (range, name) in broken.into_inner() {
            let span = self.text.span(range);
            self.findings.push(|| {
                let message = format!("nothing says where the link `{name}` leads");
                Diagnostic::warning("undefined-link", message)
                    .at(span)
                    .help(format!("write `[{name}]: https://…` on a line of its own"))
            });
        }
    }

    /// What was read.
    pub fn finish(mut self) -> Body {
        while self.stack.len() > 1 {
            self.close();
        }
        let mut document = self.stack.pop().unwrap_or_default();
        document.flush();
        self.body.blocks = document.blocks;
        self.notes.place(&mut self.body.blocks, self.findings);
        self.body
    }

    /// The innermost open frame.
    pub fn top(&mut self) -> Option<&mut Frame> {
        self.stack.last_mut()
    }

    /// Whether a footnote's text is being read.
    pub fn in_note(&self) -> bool {
        self.stack
            .iter()
            .any(|f| matches!(f.kind, FrameKind::Note(_)))
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => {
                if self.skipping > 0 || !self.open(tag, &range) {
                    self.skipping += 1;
                }
            }
            Event::End(_) if self.skipping > 0 => self.skipping -= 1,
            Event::End(_) => self.close(),
            _ if self.skipping > 0 => {}
            Event::Text(words) => match self.stack.last_mut().map(|f| &mut f.kind) {
                Some(FrameKind::Code { text, .. }) => text.push_str(&words),
                _ => self.words(range, &words),
            },
            Event::Code(_) => self.code(range),
            Event::InlineMath(_) if is_money(self.covered, &range) => {
                let covered = self.covered;
                self.words(range.clone(), covered.get(range).unwrap_or_default());
            }
            Event::InlineMath(tex) => {
                let span = self.text.span(range);
                let tex = tex.into_string();
                self.push(Inline::Math { tex, span });
            }
            Event::DisplayMath(tex) => self.display(tex.into_string(), range),
            Event::InlineHtml(_) | Event::Html(_) => self.raw_html(&range),
            Event::FootnoteReference(label) => self.note_mark(&label, range),
            Event::SoftBreak if range.start >= self.hidden_to => self.literal(" ", range),
            Event::HardBreak => self.push(Inline::Break),
            Event::Rule => self.block(Block::Rule),
            Event::SoftBreak | Event::TaskListMarker(_) => {}
        }
    }

    /// Opens a container; false if it is to be left out with all that is in it.
    fn open(&mut self, tag: Tag<'_>, range: &Range<usize>) -> bool {
        if self.stack.len() > DEEPEST {
            self.report_depth(range);
            return false;
        }
        let Some(kind) = self.frame_kind(tag, range) else {
            return false;
        };
        self.stack.push(Frame {
            kind,
            range: range.clone(),
            ..Frame::default()
        });
        true
    }

    fn frame_kind(&mut self, tag: Tag<'_>, range: &Range<usize>) -> Option<FrameKind> {
        Some(match tag {
            Tag::Paragraph => FrameKind::Paragraph,
            Tag::Heading {
                level,
                id,
                classes,
                attrs,
            } => {
                let known = classes.iter().all(|c| c.as_ref() == "results");
                if id.is_some() || !attrs.is_empty() || !known {
                    self.heading_attributes(range);
                }
                FrameKind::Heading {
                    level: heading_level(level),
                    results: classes.iter().any(|c| c.as_ref() == "results"),
                }
            }
            Tag::BlockQuote(_) => FrameKind::Quote,
            Tag::CodeBlock(kind) => FrameKind::Code {
                fenced: matches!(kind, CodeBlockKind::Fenced(_)),
                text: String::new(),
            },
            Tag::List(start) => FrameKind::List(start),
            Tag::Item => FrameKind::Item,
            Tag::FootnoteDefinition(label) => FrameKind::Note(label.into_string()),
            Tag::Table(align) => FrameKind::Table(align.into_iter().map(alignment).collect()),
            Tag::TableHead | Tag::TableRow => FrameKind::Row,
            Tag::TableCell => FrameKind::Cell,
            Tag::Emphasis => FrameKind::Emph,
            Tag::Strong => FrameKind::Strong,
            Tag::Strikethrough => FrameKind::Strike,
            Tag::Superscript => FrameKind::Superscript,
            Tag::Subscript => FrameKind::Subscript,
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => FrameKind::Link(if link_type == LinkType::Email {
                format!("mailto:{dest_url}")
            } else {
                dest_url.into_string()
            }),
            Tag::Image { .. } => {
                self.refuse_image(range);
                return None;
            }
            Tag::HtmlBlock => {
                self.raw_html(range);
                return None;
            }
            // Switched off in the options.
            Tag::MetadataBlock(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition => return None,
        })
    }

    fn close(&mut self) {
        let Some(mut frame) = self.stack.pop() else {
            return;
        };
        let span = self.text.span(frame.range.clone());
        match std::mem::take(&mut frame.kind) {
            FrameKind::Document => {}
            FrameKind::Paragraph => {
                frame.flush();
                for block in frame.blocks {
                    self.block(block);
                }
            }
            FrameKind::Heading { level, results } => {
                let content = trimmed(frame.inlines);
                self.block(Block::Heading {
                    level,
                    content,
                    results,
                    span,
                });
            }
            FrameKind::Quote => {
                frame.flush();
                self.block(Block::Quote {
                    content: frame.blocks,
                });
            }
            FrameKind::List(start) => self.block(Block::List {
                start,
                items: frame.items,
            }),
            FrameKind::Item => {
                frame.flush();
                if let Some(list) = self.top() {
                    list.items.push(frame.blocks);
                }
            }
            FrameKind::Code { fenced, text } => self.code_block(fenced, text, &frame.range),
            FrameKind::Table(align) => {
                self.table(align, frame.rows, span);
            }
            FrameKind::Row => {
                if let Some(FrameKind::Table(align)) = self.stack.last().map(|f| &f.kind) {
                    let columns = align.len();
                    self.check_row(columns, &frame.range);
                }
                if let Some(table) = self.top() {
                    table.rows.push(frame.cells);
                }
            }
            FrameKind::Cell => {
                let content = trimmed(frame.inlines);
                if let Some(row) = self.top() {
                    row.cells.push(content);
                }
            }
            FrameKind::Note(label) => {
                frame.flush();
                self.notes
                    .define(&label, &span, frame.blocks, self.findings);
            }
            kind => self.close_inline(kind, frame.inlines, &frame.range),
        }
    }

    fn close_inline(&mut self, kind: FrameKind, content: Vec<Inline>, range: &Range<usize>) {
        let inline = match kind {
            FrameKind::Emph => Inline::Emph { content },
            FrameKind::Strong => Inline::Strong { content },
            FrameKind::Strike => Inline::Strike { content },
            FrameKind::Superscript | FrameKind::Subscript if self.spaced(range) => {
                return self.not_raised(content, range);
            }
            FrameKind::Superscript => Inline::Superscript { content },
            FrameKind::Subscript => Inline::Subscript { content },
            FrameKind::Link(url) => {
                let span = self.text.span(range.clone());
                match self.checked_url(&url, &span) {
                    Some(url) => Inline::Link { url, content, span },
                    None => return,
                }
            }
            _ => return,
        };
        self.push(inline);
    }

    /// Adds a finished block to what is open.
    pub fn block(&mut self, block: Block) {
        if let Some(frame) = self.top() {
            frame.flush();
            frame.blocks.push(block);
        }
    }

    /// A displayed formula ends the paragraph that it stands in; within other things it is a formula of the line.
    fn display(&mut self, tex: String, range: Range<usize>) {
        let span = self.text.span(range);
        let in_block = matches!(
            self.stack.last().map(|f| &f.kind),
            Some(FrameKind::Paragraph | FrameKind::Item)
        );
        if in_block {
            self.block(Block::Math { tex, span });
        } else {
            self.push(Inline::Math { tex, span });
        }
    }

    fn code_block(&mut self, fenced: bool, text: String, range: &Range<usize>) {
        if !fenced {
            self.block(Block::Code { text });
            return;
        }
        let fence = directive::Fence::new(self.text, range);
        if !fence.is_directive() || !self.directives {
            fence.check_closed(self.findings);
            self.block(Block::Code { text });
        } else if self.stack.len() > 1 {
            fence.refuse_nested(self.findings);
        } else {
            let before = self.body.directives.len();
            fence.read(
                &mut self.body.directives,
                &mut self.body.broken_labels,
                self.findings,
            );
            for index in before..self.body.directives.len() {
                self.block(Block::Directive { index });
            }
        }
    }

    fn report_depth(&mut self, range: &Range<usize>) {
        if std::mem::replace(&mut self.too_deep, true) {
            return;
        }
        let start = range.start;
        let span = self.text.span(start..(start + 1).min(range.end));
        self.findings.push(|| {
            let message = format!(
                "lists, quotations and emphasis stand more than {DEEPEST} deep in each other"
            );
            Diagnostic::error("nested-too-deeply", message).at(span)
        });
    }
}

impl Frame {
    /// Makes a paragraph of the inlines that are waiting, unless they are nothing but blanks.
    fn flush(&mut self) {
        self.verbatim = false;
        let content = trimmed(std::mem::take(&mut self.inlines));
        if !content.is_empty() {
            self.blocks.push(Block::Paragraph { content });
        }
    }
}

/// Inlines without blanks and breaks at their ends, which comments leave behind.
fn trimmed(mut inlines: Vec<Inline>) -> Vec<Inline> {
    let blank = |inline: &Inline| match inline {
        Inline::Text { text, .. } => text.trim().is_empty(),
        Inline::Break => true,
        _ => false,
    };
    while inlines.last().is_some_and(blank) {
        inlines.pop();
    }
    let leading = inlines.iter().take_while(|i| blank(i)).count();
    inlines.drain(..leading);
    inlines
}

fn heading_level(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

fn alignment(align: pulldown_cmark::Alignment) -> Align {
    match align {
        pulldown_cmark::Alignment::None => Align::Default,
        pulldown_cmark::Alignment::Left => Align::Left,
        pulldown_cmark::Alignment::Center => Align::Center,
        pulldown_cmark::Alignment::Right => Align::Right,
    }
}
