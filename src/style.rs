//! How a journal prints: the only place where a number becomes text.
//!
//! A style is data: `templates/<journal>/style.toml`. [`JournalStyle`] applies its rules to quantities, labels and
//! notes; [`number`] holds all rounding of the program.

pub mod filter;
mod fonts;
mod label;
mod load;
pub mod number;
mod p_value;
mod pattern;
mod printed;
mod quantity;
mod rule;
mod rules;
mod templates;

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Source};
use crate::reader::{Entry, Sink, TableReader};
pub use fonts::{Family, Fonts};
pub use label::PrintedLabel;
pub use pattern::Pattern;
pub use printed::{Part, Printed, Rich, Run};
pub use quantity::{Printer, Setting};
pub use rule::{DecimalsUse, PatternUse, StyleRule};
pub use rules::{
    Band, BandDigits, DecimalRules, FormPatterns, Limits, Marks, MeasureWords, NoteRules,
    PPatterns, PRules, Rules, StatDecimals, Words,
};
pub use templates::Templates;

/// A journal's style.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalStyle {
    /// Its name: the folder below `templates/`.
    pub name: String,
    /// The journal's name.
    pub title: String,
    /// The language of its words as a BCP 47 tag, such as `en-US`.
    pub lang: String,
    /// The name of its citation style in the Citation Style Language.
    pub citations: String,
    /// How it prints numbers, labels and notes.
    pub rules: Rules,
    /// `[figure]`: how its figures look; empty where the file has no such table.
    pub figure: Section,
    /// `[page]`: fonts, sizes and columns for the shells of its pages.
    pub page: Section,
}

/// A table of a style file that another room reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// The style file.
    pub source: Arc<Source>,
    /// Its keys and values.
    pub entries: Vec<Entry>,
    /// Its bytes in the file.
    pub range: Range<usize>,
}

impl Section {
    /// A reader of the table.
    pub fn reader<'a>(&'a self, sink: &'a Sink) -> TableReader<'a> {
        let what = format!("`[{}]`", self.name);
        TableReader::new(&self.source, &self.entries, self.range.clone(), what, sink)
    }
}

impl JournalStyle {
    /// Reads a style file; none where anything in it is wrong. `name` is the folder it lies in.
    pub fn load(name: &str, source: &Arc<Source>) -> (Option<Self>, Diagnostics) {
        load::load(name, source)
    }
}
