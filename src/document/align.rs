//! Decimal alignment: invisible characters that give the cells of a column the same width up to their points.
//!
//! Digits are taken to be tabular and the minus sign as wide as a digit, as in the styles' fonts. Other signs (`<`,
//! blanks between thousands) are held by themselves, so that the widths agree in any font.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use super::Inline;
use super::inline::inlines;
use super::table::Piece;
use crate::artefact::Form;
use crate::style::{Part, Printed, Rich, Run};

/// A printed quantity in a column.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its form; only cells of one form are aligned with each other.
    pub form: Discriminant<Form>,
    /// What is printed.
    pub printed: Printed,
    /// The marks of its notes.
    pub marks: String,
}

impl Entry {
    pub fn new(form: &Form, printed: Printed, marks: String) -> Self {
        Self {
            form: discriminant(form),
            printed,
            marks,
        }
    }

    /// What stands between its numbers: cells that differ in it have no points to align.
    fn shape(&self) -> Vec<Option<&Run>> {
        let part = |part| match part {
            &Part::Number(_) => None,
            Part::Words(run) => Some(run),
        };
        self.printed.parts.iter().map(part).collect()
    }

    fn is_like(&self, other: &Self) -> bool {
        self.form == other.form && self.shape() == other.shape()
    }

    fn widths(&self) -> Vec<Slot> {
        let number = |part: &Part| match part {
            Part::Number(number) => Some(Slot {
                lead: Width::of(&number.lead),
                tail: Width::of(&number.tail),
            }),
            Part::Words(_) => None,
        };
        self.printed.parts.iter().filter_map(number).collect()
    }
}

/// How much room characters take: digits (and minus signs), and others by their sign.
#[derive(Debug, Clone, Default, PartialEq)]
struct Width {
    digits: usize,
    others: BTreeMap<char, usize>,
}

#[derive(Debug, Clone, Default)]
struct Slot {
    lead: Width,
    tail: Width,
}

impl Width {
    fn of(text: &str) -> Self {
        let mut width = Self::default();
        for c in text.chars() {
            if c.is_ascii_digit() || c == '−' {
                width.digits += 1;
            } else {
                // Relations are of one width.
                let c = if "<>≤≥≈≠".contains(c) { '<' } else { c };
                *width.others.entry(c).or_default() += 1;
            }
        }
        width
    }

    fn grow(&mut self, other: &Self) {
        self.digits = self.digits.max(other.digits);
        for (c, count) in &other.others {
            let here = self.others.entry(*c).or_default();
            *here = (*here).max(*count);
        }
    }

    /// Characters that fill `text` up to this width.
    fn filler(&self, text: &str) -> String {
        let here = Self::of(text);
        let mut filler = String::new();
        for (c, count) in &self.others {
            let present = here.others.get(c).copied().unwrap_or(0);
            filler.extend(std::iter::repeat_n(*c, count.saturating_sub(present)));
        }
        filler.push_str(&"0".repeat(self.digits.saturating_sub(here.digits)));
        filler
    }
}

/// The pieces of a column's cells, in their order.
pub(super) fn align(column: &[Entry]) -> Vec<Vec<Piece>> {
    let pieces = |entry: &Entry| {
        let alike = || column.iter().filter(|e| e.is_like(entry));
        let mut slots = entry.widths();
        for other in alike() {
            for (slot, width) in slots.iter_mut().zip(other.widths()) {
                slot.lead.grow(&width.lead);
                slot.tail.grow(&width.tail);
            }
        }
        let marks = alike().map(|e| e.marks.as_str());
        let widest = marks.max_by_key(|m| m.chars().count()).unwrap_or("");
        laid_out(entry, &slots, widest)
    };
    column.iter().map(pieces).collect()
}

fn laid_out(entry: &Entry, slots: &[Slot], widest_marks: &str) -> Vec<Piece> {
    let mut line = Line::default();
    let mut slots = slots.iter();
    let mut parts = entry.printed.parts.iter().peekable();
    // Room that a number leaves behind it.
    let mut behind = String::new();
    let mut opened = true;
    while let Some(part) = parts.next() {
        match part {
            Part::Words(run) => {
                let closes = run.text.starts_with([')', ']']);
                if !closes {
                    line.phantom(&std::mem::take(&mut behind));
                }
                let before_number = matches!(parts.peek(), Some(Part::Number(_)));
                opened = run.text.ends_with(['(', '[']);
                if before_number && opened {
                    line.phantom(&next_filler(&slots, parts.peek().copied()));
                }
                line.show(run.clone());
                if closes {
                    line.phantom(&std::mem::take(&mut behind));
                }
            }
            Part::Number(number) => {
                let Some(slot) = slots.next() else { continue };
                let lead = slot.lead.filler(&number.lead);
                let first = line.is_empty();
                if first {
                    line.phantom(&lead);
                } else if !opened {
                    behind.push_str(&lead);
                }
                line.show(Run::plain(number.text()));
                behind.push_str(&slot.tail.filler(&number.tail));
            }
        }
    }
    line.phantom(&behind);
    line.marks(&entry.marks, widest_marks);
    line.finish()
}

/// What fills the next number before its point: it stands before the bracket that opens in front of it.
fn next_filler(slots: &std::slice::Iter<'_, Slot>, part: Option<&Part>) -> String {
    match (slots.as_slice().first(), part) {
        (Some(slot), Some(Part::Number(number))) => slot.lead.filler(&number.lead),
        _ => String::new(),
    }
}

/// A cell's pieces as they are put together.
#[derive(Default)]
struct Line {
    pieces: Vec<Piece>,
    shown: Rich,
}

impl Line {
    fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.shown.is_empty()
    }

    fn show(&mut self, run: Run) {
        self.shown.push(run);
    }

    fn phantom(&mut self, text: &str) {
        if !text.is_empty() {
            self.flush();
            self.pieces.push(Piece::Phantom {
                text: text.to_owned(),
                superscript: false,
            });
        }
    }

    /// The cell's marks, and room for those that another cell has more.
    fn marks(&mut self, marks: &str, widest: &str) {
        self.show(Run {
            text: marks.to_owned(),
            italic: false,
            superscript: true,
        });
        self.flush();
        let rest: String = widest.chars().skip(marks.chars().count()).collect();
        if !rest.is_empty() {
            self.pieces.push(Piece::Phantom {
                text: rest,
                superscript: true,
            });
        }
    }

    fn flush(&mut self) {
        let shown = std::mem::take(&mut self.shown);
        if !shown.is_empty() {
            let content: Vec<Inline> = inlines(&shown);
            self.pieces.push(Piece::Shown { content });
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.flush();
        self.pieces
    }
}
