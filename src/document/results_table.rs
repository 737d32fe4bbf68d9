//! Tables of results, printed: labels composed, numbers aligned, notes marked.

use super::align::{Entry, align};
use super::inline::{inlines, value};
use super::notes::Notes;
use super::table::{HeadCell, Piece, PrintedCell, PrintedRow, PrintedTable};
use super::{Inline, Printing};
use crate::artefact::{Cell, Form, Label, Quantity, Row, RowKind, Table};
use crate::style::{Printer, Rich, Run, Setting, StyleRule};

/// What is wrong with a table of an analysis; never the author's fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableFault {
    /// A label or cell names a note that the table does not have.
    UnknownNote(String),
    /// A row has another number of cells than the table has columns.
    WrongRow {
        /// Which row, from 0.
        row: usize,
        /// How many cells it has.
        cells: usize,
    },
    /// A spanner lies outside the columns or over another one.
    WrongSpanner(String),
}

/// Prints a table. `authors` are the author's own notes.
pub fn print_table(
    table: &Table,
    printer: Printer<'_>,
    authors: Vec<Vec<Inline>>,
) -> (PrintedTable, Vec<TableFault>) {
    let mut notes = Notes::new(printer, &table.notes, &table.abbreviations);
    let mut faults = Vec::new();
    let mut printing = TablePrinting {
        printer,
        notes: &mut notes,
    };
    let head = printing.head(table, &mut faults);
    let rows = printing.rows(table, &mut faults);
    faults.extend(notes.unknown().iter().cloned().map(TableFault::UnknownNote));
    let words = table.columns.iter().map(|c| c.words);
    let printed = PrintedTable {
        head,
        columns: table.columns.len() + 1,
        words: std::iter::once(true).chain(words).collect(),
        rows,
        notes: notes.finish(authors),
    };
    (printed, faults)
}

struct TablePrinting<'a, 'n> {
    printer: Printer<'a>,
    notes: &'n mut Notes<'a>,
}

/// A cell before its column is aligned.
enum Draft {
    Empty,
    Words(Rich),
    Number(Entry, StyleRule),
}

impl TablePrinting<'_, '_> {
    fn head(&mut self, table: &Table, faults: &mut Vec<TableFault>) -> Vec<Vec<HeadCell>> {
        let mut head = Vec::new();
        if !table.spanners.is_empty() {
            head.push(self.spanners(table, faults));
        }
        let mut stub = table.stub.clone();
        if stub.text.is_empty() && stub.measure.is_none() && stub.unit.is_none() {
            stub.text
                .clone_from(&self.printer.style.rules.words.characteristic);
        }
        let labels = std::iter::once(&stub).chain(table.columns.iter().map(|c| &c.label));
        let cells = labels.map(|label| HeadCell {
            content: self.label(label, true),
            span: 1,
            rule: false,
        });
        head.push(cells.collect());
        head
    }

    fn spanners(&mut self, table: &Table, faults: &mut Vec<TableFault>) -> Vec<HeadCell> {
        let empty = |span| HeadCell {
            content: Vec::new(),
            span,
            rule: false,
        };
        let mut spanners: Vec<_> = table.spanners.iter().collect();
        spanners.sort_by_key(|s| s.first);
        let mut cells = vec![empty(1)];
        let mut next = 0;
        for spanner in spanners {
            let inside = spanner.last < table.columns.len() && spanner.first <= spanner.last;
            if spanner.first < next || !inside {
                faults.push(TableFault::WrongSpanner(spanner.label.text.clone()));
                continue;
            }
            cells.extend(std::iter::repeat_n(empty(1), spanner.first - next));
            cells.push(HeadCell {
                content: self.label(&spanner.label, true),
                span: spanner.last - spanner.first + 1,
                rule: true,
            });
            next = spanner.last + 1;
        }
        cells.extend(std::iter::repeat_n(
            empty(1),
            table.columns.len().saturating_sub(next),
        ));
        cells
    }

    /// A label with its count and marks; a head has its count on a line of its own.
    fn label(&mut self, label: &Label, head: bool) -> Vec<Inline> {
        let printed = self.printer.label(label);
        self.notes.sees(&printed.words.text());
        let mut content = inlines(&printed.words);
        if let Some(count) = printed.count {
            if !content.is_empty() {
                content.push(if head {
                    Inline::Break
                } else {
                    Inline::text(" ")
                });
            }
            content.push(self.count(&count, label));
        }
        let mut marks = Rich::default();
        marks.push(raised(self.notes.marks(&label.notes)));
        content.extend(inlines(&marks));
        content
    }

    fn count(&self, printed: &Rich, label: &Label) -> Inline {
        let Some(n) = label.n.clone() else {
            return Inline::text(printed.text());
        };
        let quantity = Quantity::new(Form::Count { n: n.clone() });
        let rule = self.printer.rule_of(&quantity, Setting::CELL);
        value(printed, vec![n], rule)
    }

    fn rows(&mut self, table: &Table, faults: &mut Vec<TableFault>) -> Vec<PrintedRow> {
        let signed = self.signed_columns(table);
        let mut labels = Vec::new();
        let mut columns: Vec<Vec<Draft>> = table.columns.iter().map(|_| Vec::new()).collect();
        for (index, row) in table.rows.iter().enumerate() {
            let fits = row.cells.len() == table.columns.len();
            if !(fits || row.kind == RowKind::Section && row.cells.is_empty()) {
                faults.push(TableFault::WrongRow {
                    row: index,
                    cells: row.cells.len(),
                });
            }
            labels.push(self.label(&row.label, false));
            for (i, column) in columns.iter_mut().enumerate() {
                let of_column = signed.get(i).map_or(&[][..], Vec::as_slice);
                column.push(self.draft(row.cells.get(i).unwrap_or(&Cell::Empty), of_column));
            }
        }
        let printings: Vec<Vec<Option<Printing>>> = columns.iter().map(|c| printings(c)).collect();
        let columns: Vec<Vec<Vec<Piece>>> = columns.into_iter().map(aligned).collect();
        let rows = table.rows.iter().zip(labels).enumerate();
        rows.map(|(i, (row, label))| {
            let cell = |(column, printed): (&Vec<Vec<Piece>>, &Vec<Option<Printing>>)| {
                let pieces = column.get(i).cloned().unwrap_or_default();
                (pieces, printed.get(i).cloned().flatten())
            };
            let cells = columns.iter().zip(&printings).map(cell).collect();
            self.row(table, i, row, label, cells)
        })
        .collect()
    }

    fn row(
        &self,
        table: &Table,
        index: usize,
        row: &Row,
        label: Vec<Inline>,
        cells: Vec<(Vec<Piece>, Option<Printing>)>,
    ) -> PrintedRow {
        let next = table.rows.get(index + 1);
        let heads = next.is_some_and(|next| next.indent > row.indent);
        let section = row.kind == RowKind::Section;
        let cell = |(i, (pieces, printing))| PrintedCell {
            pieces,
            printing,
            stats: row
                .cells
                .get(i)
                .map_or_else(Vec::new, |cell| self.stats(cell)),
        };
        PrintedRow {
            section,
            indent: row.indent,
            keep_with_next: next.is_some() && (section || heads),
            label,
            cells: if section && row.cells.is_empty() {
                Vec::new()
            } else {
                cells.into_iter().enumerate().map(cell).collect()
            },
        }
    }

    fn stats(&self, cell: &Cell) -> Vec<crate::statistic::StatId> {
        let Cell::Number { quantity, .. } = cell else {
            return Vec::new();
        };
        let stats = quantity.form.stats().into_iter();
        stats
            .filter(|id| self.printer.results.get(id).is_some())
            .cloned()
            .collect()
    }

    /// For each column the forms of which a limit is negative: then all of that form are written with "to".
    fn signed_columns(&self, table: &Table) -> Vec<Vec<std::mem::Discriminant<Form>>> {
        let forms = |i: usize| {
            let cells = table.rows.iter().filter_map(move |row| row.cells.get(i));
            cells
                .filter_map(|cell| match cell {
                    Cell::Number { quantity, .. } => Some(&quantity.form),
                    _ => None,
                })
                .filter(|form| self.printer.is_signed(form))
                .map(std::mem::discriminant)
                .collect()
        };
        (0..table.columns.len()).map(forms).collect()
    }

    fn draft(&mut self, cell: &Cell, signed: &[std::mem::Discriminant<Form>]) -> Draft {
        let words = &self.printer.style.rules.words;
        match cell {
            Cell::Empty => Draft::Empty,
            Cell::NotApplicable { note } => {
                let mut rich = Rich::plain(&words.not_available);
                self.notes.sees(&words.not_available);
                rich.push(raised(self.notes.marks(note)));
                Draft::Words(rich)
            }
            Cell::Reference { ratio } => {
                let text = if *ratio {
                    &words.reference_ratio
                } else {
                    &words.reference_difference
                };
                Draft::Words(Rich::plain(text))
            }
            Cell::Words { text } => {
                self.notes.sees(text);
                Draft::Words(Rich::plain(text))
            }
            Cell::Number { quantity, notes } => self.number(quantity, notes, signed),
        }
    }

    fn number(
        &mut self,
        quantity: &Quantity,
        notes: &[String],
        signed: &[std::mem::Discriminant<Form>],
    ) -> Draft {
        let form = &quantity.form;
        let setting = Setting::Cell {
            signed: signed.contains(&std::mem::discriminant(form)),
        };
        let printed = self.printer.quantity(quantity, setting);
        self.notes.sees(&printed.text());
        let marks = self.notes.cell_marks(notes, form);
        let rule = self.printer.rule_of(quantity, setting);
        Draft::Number(Entry::new(form, printed, marks), rule)
    }
}

fn raised(text: String) -> Run {
    Run {
        text,
        italic: false,
        superscript: true,
    }
}

/// What the cells of a column print of numbers.
fn printings(column: &[Draft]) -> Vec<Option<Printing>> {
    let printing = |draft: &Draft| match draft {
        Draft::Number(entry, rule) => Some(Printing {
            text: entry.printed.text(),
            rule: rule.clone(),
        }),
        Draft::Empty | Draft::Words(_) => None,
    };
    column.iter().map(printing).collect()
}

/// The cells of a column as pieces, its numbers aligned.
fn aligned(column: Vec<Draft>) -> Vec<Vec<Piece>> {
    let mut entries = Vec::new();
    let mut cells: Vec<Option<Vec<Piece>>> = Vec::with_capacity(column.len());
    for draft in column {
        cells.push(match draft {
            Draft::Empty => Some(Vec::new()),
            Draft::Words(rich) => Some(vec![Piece::Shown {
                content: inlines(&rich),
            }]),
            Draft::Number(entry, _) => {
                entries.push(entry);
                None
            }
        });
    }
    let mut numbers = align(&entries).into_iter();
    cells
        .into_iter()
        .map(|cell| cell.or_else(|| numbers.next()).unwrap_or_default())
        .collect()
}
