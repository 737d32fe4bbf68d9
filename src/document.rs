//! The finished document: prose, tables and figures with all numbers as text. What renderers print.

mod align;
mod appendix;
mod assemble;
mod claims_appendix;
mod figure_numbers;
mod inline;
mod lookup;
mod notes;
mod results_table;
mod shown;
pub mod table;

use serde::{Deserialize, Serialize};

use crate::figure::Scene;
use crate::statistic::StatId;
use crate::style::StyleRule;
pub use appendix::{Appendix, AppendixStep, AppendixValue};
pub use assemble::{Materials, assemble};
pub use claims_appendix::{
    ClaimLine, ClaimsAppendix, ClaimsCell, ClaimsGroup, ClaimsPart, ClaimsRow, Exception,
    ExceptionGroup, Tone, aligned, with_claims,
};
pub use results_table::{TableFault, print_table};
pub use shown::{Place, Showing, first_shown, showings, shown};
use table::PrintedTable;

/// A document ready to be rendered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The report's name: its folder below `reports/`.
    pub name: String,
    /// The title.
    pub title: String,
    /// The authors in order.
    pub authors: Vec<Author>,
    /// Language of the text as a BCP 47 tag, such as `en-US`.
    pub lang: String,
    /// The date as days since 1970-01-01, printed by the shell; from the injected time.
    pub date: i32,
    /// Keywords for the document's metadata.
    pub keywords: Vec<String>,
    /// Short title for the running head.
    pub running_title: String,
    /// A sentence for every page's margin, such as that the data are simulated; none for ordinary data.
    pub banner: Option<String>,
    /// The abstract, if the report has one: what stands under a heading `Abstract` before the first other heading.
    pub summary: Vec<Block>,
    /// The body.
    pub body: Vec<Block>,
    /// The bytes of the bibliography, if anything is cited (BibTeX), and the keys cited in order.
    pub bibliography: Option<Bibliography>,
    /// What publications print beside what was recomputed; none where the report has no claims or wants no appendix.
    #[serde(default)]
    pub claims: Option<ClaimsAppendix>,
    /// Where its numbers come from, for readers; none where the report wants none.
    #[serde(default)]
    pub appendix: Option<Appendix>,
}

/// An author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The name as printed.
    pub name: String,
    /// The ORCID iD as `0000-0000-0000-0000`, its check digit verified.
    pub orcid: Option<String>,
    /// Degrees, such as `PhD`.
    pub degrees: Option<String>,
    /// Affiliation.
    pub affiliation: Option<String>,
    /// Address for correspondence.
    pub email: Option<String>,
}

/// The references of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bibliography {
    /// The text of `references.bib`.
    pub bibtex: String,
    /// The cited keys in order of first citation.
    pub cited: Vec<String>,
}

/// A block of the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "block")]
pub enum Block {
    /// A heading; level 1 is the highest below the title.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its words.
        content: Vec<Inline>,
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
    },
    /// A plain Markdown table (not a result).
    Table {
        /// Alignment of each column.
        align: Vec<Align>,
        /// Head cells.
        head: Vec<Vec<Inline>>,
        /// Rows of cells.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A rule across the page.
    Rule,
    /// A table of results.
    Results {
        /// The directive's label, such as `tbl-baseline`; what cross-references name.
        label: String,
        /// The caption.
        caption: Vec<Inline>,
        /// The table.
        table: PrintedTable,
    },
    /// A figure.
    Figure {
        /// The directive's label, such as `fig-flow`.
        label: String,
        /// The caption.
        caption: Vec<Inline>,
        /// The drawing.
        scene: Scene,
        /// Lines below the drawing.
        notes: Vec<Vec<Inline>>,
        /// The statistics that it shows, as text or as places on its axes, in reading order.
        #[serde(default)]
        stats: Vec<StatId>,
        /// Those that it prints as text, with that text.
        #[serde(default)]
        printed: Vec<(Vec<StatId>, Printing)>,
    },
}

/// What was printed of some statistics, and by which rule of the style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printing {
    /// The text, without faces and marks.
    pub text: String,
    /// The rule.
    pub rule: StyleRule,
}

/// Alignment of a column of a plain table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "inline")]
pub enum Inline {
    /// Words.
    Text {
        /// The words, printed as they are.
        text: String,
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
    /// Raised, such as a note's mark.
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
    },
    /// A link to the web or a mail address (http, https, mailto, doi only).
    Link {
        /// Where to.
        url: String,
        /// Its words.
        content: Vec<Inline>,
    },
    /// A formula within a line, in LaTeX's notation.
    Math {
        /// The formula.
        tex: String,
    },
    /// A number of the results, as printed.
    Value {
        /// Its printed form.
        content: Vec<Inline>,
        /// The statistics it is made of; none for a quoted number.
        stats: Vec<StatId>,
        /// The text and the rule that printed it; none for a quoted number.
        #[serde(default)]
        printing: Option<Box<Printing>>,
    },
    /// A citation.
    Cite {
        /// Keys into the bibliography.
        keys: Vec<String>,
    },
    /// A reference to a table or figure: prints `Table 1`, links to it.
    Reference {
        /// The label.
        label: String,
    },
    /// A footnote.
    Footnote {
        /// What it says.
        content: Vec<Block>,
    },
    /// A line break that the author wants.
    Break,
}

impl Inline {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
}
