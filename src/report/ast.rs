//! The body of a report: what [`crate::document`] mirrors once values are numbers and numbers are text.

use super::value::{Quoted, Value};
use crate::diagnostic::Span;
use crate::reader::At;

/// A block of the body.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 to 6, as many as there are `#`.
        level: u8,
        /// Its words.
        content: Vec<Inline>,
        /// Whether its section is marked as results (`{.results}`); holds for the sections within it as well.
        results: bool,
        /// Where it stands.
        span: Span,
    },
    /// A paragraph.
    Paragraph {
        /// Its words.
        content: Vec<Inline>,
    },
    /// A list.
    List {
        /// The first number of an ordered list; none for bullets.
        start: Option<u64>,
        /// The items.
        items: Vec<Vec<Block>>,
    },
    /// A quotation.
    Quote {
        /// What is quoted.
        content: Vec<Block>,
    },
    /// Preformatted text.
    Code {
        /// The text.
        text: String,
    },
    /// A displayed formula in LaTeX's notation.
    Math {
        /// The formula.
        tex: String,
        /// Where it stands.
        span: Span,
    },
    /// A plain Markdown table (not a result).
    Table {
        /// Alignment of each column.
        align: Vec<Align>,
        /// Head cells.
        head: Vec<Vec<Inline>>,
        /// Rows of cells, each as long as the head.
        rows: Vec<Vec<Vec<Inline>>>,
        /// Where it stands.
        span: Span,
    },
    /// A rule across the page.
    Rule,
    /// A directive.
    Directive {
        /// Its place in [`super::Report::directives`].
        index: usize,
    },
}

/// Alignment of a column of a plain table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// As the page has it.
    Default,
    /// Left.
    Left,
    /// Centred.
    Center,
    /// Right.
    Right,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Words.
    Text {
        /// The words; quotation marks and dashes are typographic already.
        text: String,
        /// Where they stand.
        span: Span,
    },
    /// Emphasis (italic).
    Emph {
        /// What is emphasised.
        content: Vec<Inline>,
    },
    /// Strong emphasis (bold).
    Strong {
        /// What is emphasised.
        content: Vec<Inline>,
    },
    /// Struck through.
    Strike {
        /// What is struck through.
        content: Vec<Inline>,
    },
    /// Raised.
    Superscript {
        /// What is raised.
        content: Vec<Inline>,
    },
    /// Lowered.
    Subscript {
        /// What is lowered.
        content: Vec<Inline>,
    },
    /// Code.
    Code {
        /// The code.
        text: String,
        /// Where it stands.
        span: Span,
    },
    /// A link; its scheme is http, https, mailto or doi.
    Link {
        /// Where to; a `doi:` is written as `https://doi.org/` already.
        url: String,
        /// Its words.
        content: Vec<Inline>,
        /// Where it stands.
        span: Span,
    },
    /// A formula within a line, in LaTeX's notation.
    Math {
        /// The formula.
        tex: String,
        /// Where it stands.
        span: Span,
    },
    /// A number of the results.
    Value(Value),
    /// A number from elsewhere.
    Quoted(Quoted),
    /// A citation; every key is in the bibliography unless that was reported.
    Cite {
        /// The keys.
        keys: Vec<At<String>>,
        /// Where it stands, brackets included.
        span: Span,
    },
    /// A reference to a table or figure; the label exists unless that was reported.
    Reference {
        /// The label, without its `@`.
        label: At<String>,
    },
    /// A footnote.
    Footnote {
        /// What it says; no footnote of its own in it.
        content: Vec<Block>,
        /// Where its mark stands.
        span: Span,
    },
    /// A line break that the author wants.
    Break,
}

/// What a visitor sees.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// A block, before what is in it.
    Block(&'a Block),
    /// An inline, before what is in it.
    Inline(&'a Inline),
}

impl Block {
    /// Shows the block and everything in it to `see`, in the order of the text. The depth is bounded by the parser.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(Part<'a>)) {
        see(Part::Block(self));
        match self {
            Self::Heading { content, .. } | Self::Paragraph { content } => {
                visit_inlines(content, see);
            }
            Self::List { items, .. } => items.iter().flatten().for_each(|b| b.visit(see)),
            Self::Quote { content } => content.iter().for_each(|b| b.visit(see)),
            Self::Table { head, rows, .. } => {
                let cells = head.iter().chain(rows.iter().flatten());
                cells.for_each(|cell| visit_inlines(cell, see));
            }
            Self::Code { .. } | Self::Math { .. } | Self::Rule | Self::Directive { .. } => {}
        }
    }
}

impl Inline {
    /// Shows the inline and everything in it to `see`, in the order of the text.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(Part<'a>)) {
        see(Part::Inline(self));
        match self {
            Self::Emph { content }
            | Self::Strong { content }
            | Self::Strike { content }
            | Self::Superscript { content }
            | Self::Subscript { content }
            | Self::Link { content, .. } => visit_inlines(content, see),
            Self::Footnote { content, .. } => content.iter().for_each(|b| b.visit(see)),
            Self::Text { .. }
            | Self::Code { .. }
            | Self::Math { .. }
            | Self::Value(_)
            | Self::Quoted(_)
            | Self::Cite { .. }
            | Self::Reference { .. }
            | Self::Break => {}
        }
    }
}

/// Shows inlines and everything in them to `see`.
pub fn visit_inlines<'a>(inlines: &'a [Inline], see: &mut dyn FnMut(Part<'a>)) {
    for inline in inlines {
        inline.visit(see);
    }
}
