//! Which numbers and citations a document shows, and where.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::table::{Piece, PrintedTable};
use super::{Block, Document, Inline, Printing};
use crate::statistic::StatId;

/// Where a number is shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "place")]
pub enum Place {
    /// In the abstract.
    Abstract,
    /// In the text under a heading; none before the first one.
    Text {
        /// The heading.
        heading: Option<String>,
    },
    /// In the head of a table.
    Head {
        /// The table's label.
        label: String,
    },
    /// In a cell of a table.
    Cell {
        /// The table's label.
        label: String,
        /// The row, counted from 1, heads not counted.
        row: usize,
        /// The column, counted from 1, the row labels' column not counted.
        column: usize,
    },
    /// In a row's label.
    RowLabel {
        /// The table's label.
        label: String,
        /// The row, counted from 1.
        row: usize,
    },
    /// In a figure.
    Figure {
        /// The figure's label.
        label: String,
    },
    /// In a caption, or a note below a table or figure.
    Caption {
        /// The label of the table or figure.
        label: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Abstract => f.write_str("abstract"),
            Self::Text { heading: None } => f.write_str("text"),
            Self::Text {
                heading: Some(heading),
            } => write!(f, "text under “{heading}”"),
            Self::Head { label } => write!(f, "head of {label}"),
            Self::Cell { label, row, column } => write!(f, "{label}, row {row}, column {column}"),
            Self::RowLabel { label, row } => write!(f, "{label}, label of row {row}"),
            Self::Figure { label } => f.write_str(label),
            Self::Caption { label } => write!(f, "caption or notes of {label}"),
        }
    }
}

/// Some statistics shown at a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Showing {
    /// The statistics, the main one first.
    pub stats: Vec<StatId>,
    /// What is printed of them, and by which rule; none where they are drawn.
    pub printing: Option<Printing>,
    /// Where.
    pub place: Place,
    /// The text in its faces, of numbers in running text; empty for others.
    #[serde(skip)]
    pub content: Vec<Inline>,
}

/// What a reader meets on the way through a document.
enum Met<'a> {
    Stats(&'a [StatId], Option<&'a Printing>, Place, &'a [Inline]),
    Citation(&'a [String]),
}

/// Whatever shows numbers, in reading order. What a figure draws and does not print comes after what it prints.
pub fn showings(document: &Document) -> Vec<Showing> {
    let mut found = Vec::new();
    walk(document, &mut |met| match met {
        Met::Stats(stats, printing, place, content) if !stats.is_empty() => found.push(Showing {
            stats: stats.to_vec(),
            printing: printing.cloned(),
            place,
            content: content.to_vec(),
        }),
        Met::Stats(..) | Met::Citation(_) => {}
    });
    found
}

/// Every number with every place where it is shown, in reading order.
pub fn shown(document: &Document) -> Vec<(StatId, Place)> {
    let all = showings(document).into_iter();
    all.flat_map(|Showing { stats, place, .. }| {
        stats.into_iter().map(move |id| (id, place.clone()))
    })
    .collect()
}

/// Every number that is shown, once, in the order of first appearance.
pub fn first_shown(document: &Document) -> Vec<StatId> {
    let mut seen = BTreeSet::new();
    let ids = shown(document).into_iter().map(|(id, _)| id);
    ids.filter(|id| seen.insert(id.clone())).collect()
}

/// The keys that are cited, once, in the order of first citation.
pub(super) fn cited(document: &Document) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut keys = Vec::new();
    walk(document, &mut |met| {
        if let Met::Citation(cited) = met {
            keys.extend(cited.iter().filter(|k| seen.insert((*k).clone())).cloned());
        }
    });
    keys
}

fn walk<'a>(document: &'a Document, see: &mut dyn FnMut(Met<'a>)) {
    let mut walker = Walker {
        see,
        place: Place::Abstract,
    };
    walker.blocks(&document.summary);
    walker.place = Place::Text { heading: None };
    walker.blocks(&document.body);
    if let Some(claims) = &document.claims {
        walker.inlines(&claims.about);
    }
}

struct Walker<'a, 's> {
    see: &'s mut dyn FnMut(Met<'a>),
    place: Place,
}

impl<'a> Walker<'a, '_> {
    fn blocks(&mut self, blocks: &'a [Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Heading { content, .. } => {
                if let Place::Text { heading } = &mut self.place {
                    *heading = Some(text(content));
                }
                self.inlines(content);
            }
            Block::Paragraph { content } => self.inlines(content),
            Block::List { items, .. } => items.iter().for_each(|item| self.blocks(item)),
            Block::Quote { content } => self.blocks(content),
            Block::Table { head, rows, .. } => {
                let cells = head.iter().chain(rows.iter().flatten());
                cells.for_each(|cell| self.inlines(cell));
            }
            Block::Results {
                label,
                caption,
                table,
            } => self.results(label, caption, table),
            Block::Figure {
                label,
                caption,
                notes,
                stats,
                printed,
                ..
            } => self.figure(label, caption, notes, (stats, printed)),
            Block::Code { .. } | Block::Math { .. } | Block::Rule => {}
        }
    }

    fn results(&mut self, label: &str, caption: &'a [Inline], table: &'a PrintedTable) {
        let label = || label.to_owned();
        self.within(Place::Caption { label: label() }, |w| w.inlines(caption));
        self.within(Place::Head { label: label() }, |w| {
            let heads = table.head.iter().flatten();
            heads.for_each(|cell| w.inlines(&cell.content));
        });
        for (row, printed) in table.rows.iter().enumerate() {
            let place = Place::RowLabel {
                label: label(),
                row: row + 1,
            };
            self.within(place, |w| w.inlines(&printed.label));
            for (column, cell) in printed.cells.iter().enumerate() {
                let place = Place::Cell {
                    label: label(),
                    row: row + 1,
                    column: column + 1,
                };
                self.within(place, |w| {
                    w.stats(&cell.stats, cell.printing.as_ref());
                    for piece in &cell.pieces {
                        if let Piece::Shown { content } = piece {
                            w.inlines(content);
                        }
                    }
                });
            }
        }
        self.within(Place::Caption { label: label() }, |w| {
            table.notes.iter().for_each(|note| w.inlines(&note.content));
        });
    }

    fn figure(
        &mut self,
        label: &str,
        caption: &'a [Inline],
        notes: &'a [Vec<Inline>],
        (stats, printed): (&'a [StatId], &'a [(Vec<StatId>, Printing)]),
    ) {
        let label = || label.to_owned();
        self.within(Place::Caption { label: label() }, |w| w.inlines(caption));
        self.within(Place::Figure { label: label() }, |w| {
            let mut drawn: Vec<&StatId> = stats.iter().collect();
            for (ids, printing) in printed {
                w.stats(ids, Some(printing));
                drawn.retain(|id| !ids.contains(id));
            }
            for id in drawn {
                w.stats(std::slice::from_ref(id), None);
            }
        });
        self.within(Place::Caption { label: label() }, |w| {
            for note in notes {
                w.inlines(note);
            }
        });
    }

    fn within(&mut self, place: Place, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.place, place);
        walk(self);
        self.place = outer;
    }

    fn stats(&mut self, stats: &'a [StatId], printing: Option<&'a Printing>) {
        (self.see)(Met::Stats(stats, printing, self.place.clone(), &[]));
    }

    fn inlines(&mut self, inlines: &'a [Inline]) {
        for inline in inlines {
            self.inline(inline);
        }
    }

    fn inline(&mut self, inline: &'a Inline) {
        match inline {
            Inline::Emph { content }
            | Inline::Strong { content }
            | Inline::Strike { content }
            | Inline::Superscript { content }
            | Inline::Subscript { content }
            | Inline::Link { content, .. } => self.inlines(content),
            Inline::Value {
                content,
                stats,
                printing,
            } => {
                let place = self.place.clone();
                (self.see)(Met::Stats(stats, printing.as_deref(), place, content));
                self.inlines(content);
            }
            Inline::Cite { keys } => (self.see)(Met::Citation(keys)),
            Inline::Footnote { content } => self.blocks(content),
            Inline::Text { .. }
            | Inline::Code { .. }
            | Inline::Math { .. }
            | Inline::Reference { .. }
            | Inline::Break => {}
        }
    }
}

/// The words of a line without their faces.
pub(super) fn text(inlines: &[Inline]) -> String {
    let mut words = String::new();
    for inline in inlines {
        match inline {
            Inline::Text { text } | Inline::Code { text } | Inline::Math { tex: text } => {
                words.push_str(text);
            }
            Inline::Emph { content }
            | Inline::Strong { content }
            | Inline::Strike { content }
            | Inline::Superscript { content }
            | Inline::Subscript { content }
            | Inline::Link { content, .. }
            | Inline::Value { content, .. } => words.push_str(&text(content)),
            Inline::Reference { label } => words.push_str(label),
            Inline::Break => words.push(' '),
            Inline::Cite { .. } | Inline::Footnote { .. } => {}
        }
    }
    words
}
