//! Directives: fenced blocks whose info string is `{name #label}` and whose body is TOML.

mod fence;

use std::ops::Range;

use super::ast::{Inline, Part, visit_inlines};
use crate::diagnostic::Span;
use crate::reader::{At, Entry, Sink, TableReader};
pub(super) use fence::Fence;

/// A directive.
#[derive(Debug, Clone, PartialEq)]
pub struct Directive {
    /// Its kind, such as `table1`.
    pub kind: At<String>,
    /// Its label without the `#`; empty where the author gave none, which has been reported.
    pub label: At<String>,
    /// The whole block, fences included.
    pub span: Span,
    /// The keys of its body but `caption` and `notes`, which belong to the report: a new caption re-runs nothing.
    pub entries: Vec<Entry>,
    /// The bytes of its body in the report.
    pub body: Range<usize>,
    /// Whether the whole body could be read; if not, a key that seems to be missing may only be unreadable.
    pub readable: bool,
    /// The caption; empty where there is none.
    pub caption: Vec<Inline>,
    /// Where the caption stands, if there is one.
    pub caption_span: Option<Span>,
    /// Notes below a table or figure.
    pub notes: Vec<Vec<Inline>>,
}

impl Directive {
    /// A reader of the body that knows of `caption` and `notes`. It reports into `sink`.
    pub fn reader<'a>(&'a self, sink: &'a Sink) -> TableReader<'a> {
        let what = format!("`{}`", self.kind.value);
        let mut reader = TableReader::new(
            &self.span.source,
            &self.entries,
            self.kind.span.range.clone(),
            what,
            sink,
        );
        reader.ignore("caption");
        reader.ignore("notes");
        reader
    }

    /// Shows every inline of caption and notes to `see`.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Inline)) {
        let mut inline = |part: Part<'a>| {
            if let Part::Inline(inline) = part {
                see(inline);
            }
        };
        visit_inlines(&self.caption, &mut inline);
        for note in &self.notes {
            visit_inlines(note, &mut inline);
        }
    }
}
