//! A report as its author wrote it: front matter, prose, directives, inline values, citations, cross-references.
//!
//! # The language
//!
//! - Between `+++` lines at the very start, TOML: see [`FrontMatter`]. `title` and `date` must be there.
//! - Then Markdown with tables, footnotes (`[^name]`, one mark each), `~~strikethrough~~`, `x^2^`, `CO~2~`, formulas
//!   (`$…$` and `$$…$$`, LaTeX's notation), typographic quotation marks and dashes. HTML and images are refused;
//!   comments `<!-- … -->` vanish. Links lead to `https:`, `http:`, `mailto:` or `doi:`.
//! - A fence with `{kind #label}` is a [`Directive`], its body TOML; every directive has a label. `caption` and
//!   `notes` hold Markdown of their own and all of the following. Labels that start with `tbl-` or `fig-` can be
//!   referred to as `@tbl-label`; `\@` is a plain at sign.
//! - `[@key]` and `[@key; @other]` cite `references.bib`; prefixes and page numbers belong into the sentence.
//! - `{{ label.part["any text"].stat | filter(2, digits=1) }}` is a [`Value`], `{{ quoted(10.7, "key", "Table 3") }}` a
//!   [`Quoted`] number; they stand anywhere in prose but in code and formulas, over one line or several. `\{{` are
//!   plain braces.
//! - `## Results {.results}` marks a section (and those within it) as results: numbers typed by hand into it are
//!   reported. `<!-- allow-number: reason -->` in or before a sentence silences that for the sentence; on lines of its
//!   own, for the block that follows.
//!
//! # What happens here
//!
//! Nothing is computed here. Names of columns, statistics, filters and kinds of directives are only read, with their
//! places; the rooms that know what exists check them.

pub mod ast;
mod citation;
pub mod directive;
pub mod front_matter;
mod lint;
mod markdown;
mod mask;
mod resolve;
mod text;
pub mod value;

use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Source};
pub use ast::{Align, Block, Inline};
pub use directive::Directive;
pub use front_matter::FrontMatter;
use text::{Findings, Text};
pub use value::{Argument, Filter, Quoted, Value};

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its name: its folder below `reports/`.
    pub name: String,
    /// Its text.
    pub source: Arc<Source>,
    /// What holds for the whole report.
    pub front: FrontMatter,
    /// The body in order.
    pub blocks: Vec<Block>,
    /// The directives in order; [`Block::Directive`] names them by their index.
    pub directives: Vec<Directive>,
    /// The bibliography, if there is a `references.bib`.
    pub bibliography: Option<References>,
}

/// The bibliography of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct References {
    /// The text of `references.bib`.
    pub source: Arc<Source>,
    /// All keys, sorted.
    pub keys: Vec<String>,
    /// The keys that the report cites, in order of first citation.
    pub cited: Vec<String>,
}

impl Report {
    /// Reads a report and its bibliography. All mistakes are reported; what could be read is returned.
    pub fn parse(
        name: impl Into<String>,
        source: Arc<Source>,
        bibliography: Option<Arc<Source>>,
    ) -> (Self, Diagnostics) {
        let mut findings = Findings::default();
        let (front, start) = front_matter::read(&source, &mut findings);
        let text = Text::plain(&source, source.text.get(start..).unwrap_or_default(), start);
        let body = markdown::body(&text, &mut findings);
        lint::check(&body, &source, &mut findings);
        let mut report = Self {
            name: name.into(),
            front,
            source,
            blocks: body.blocks,
            directives: body.directives,
            bibliography: None,
        };
        report.bibliography = resolve::citations(&report, bibliography, &mut findings);
        resolve::labels(&report, &body.broken_labels, &mut findings);
        resolve::references(&report, &body.broken_labels, &mut findings);
        (report, findings.finish())
    }

    /// The directive of a label; the first, should the label have been given twice.
    pub fn directive(&self, label: &str) -> Option<&Directive> {
        self.directives.iter().find(|d| d.label.value == label)
    }

    /// Every inline of the report in order: of the prose, and of captions and notes where their directives stand.
    pub fn inlines(&self) -> Vec<&Inline> {
        let mut found = Vec::new();
        for block in &self.blocks {
            block.visit(&mut |part| match part {
                ast::Part::Inline(inline) => found.push(inline),
                ast::Part::Block(Block::Directive { index }) => {
                    if let Some(directive) = self.directives.get(*index) {
                        directive.visit(&mut |inline| found.push(inline));
                    }
                }
                ast::Part::Block(_) => {}
            });
        }
        found
    }

    /// Every inline value of the report in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.inlines().into_iter().filter_map(|i| match i {
            Inline::Value(value) => Some(value),
            _ => None,
        })
    }
}
