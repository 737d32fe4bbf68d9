//! Tables of results as calls of `results` in `blocks.typ`.

use super::body::Body;
use crate::diagnostic::Diagnostic;
use crate::document::Inline;
use crate::document::table::{HeadCell, Piece, PrintedCell, PrintedRow, PrintedTable};

impl Body<'_> {
    /// Writes a table of results.
    pub(super) fn results(&mut self, label: &str, caption: &[Inline], table: &PrintedTable) {
        self.writer
            .syntax("#results(\n  ")
            .string(label)
            .syntax(", ");
        self.caption(label, caption);
        if self.has_entry(label) {
            self.writer.syntax(",\n  plain: ");
            self.without_links(caption);
        }
        self.writer
            .syntax(",\n  float: ")
            .flag(self.floats.contains(label))
            .syntax(", columns: ")
            .integer(table.columns.max(1) as u64)
            .syntax(",\n  words: (");
        for column in 0..table.columns.max(1) {
            let words = table.words.get(column).copied().unwrap_or(column == 0);
            self.writer.flag(words).syntax(", ");
        }
        self.writer.syntax("),\n  head: (");
        for row in &table.head {
            self.head_row(label, table.columns, row);
        }
        self.writer.syntax("\n  ),\n  rows: (");
        for row in &table.rows {
            self.row(label, table.columns, row);
        }
        self.writer.syntax("\n  ),\n  notes: (");
        for note in &table.notes {
            self.writer.syntax("\n    (mark: ");
            match &note.mark {
                Some(mark) => self.writer.string(mark),
                None => self.writer.syntax("none"),
            };
            self.writer.syntax(", body: ");
            self.block_of(&note.content);
            self.writer.syntax("),");
        }
        self.writer.syntax("\n  ),\n)");
    }

    fn head_row(&mut self, label: &str, columns: usize, row: &[HeadCell]) {
        self.fits(
            label,
            "head row",
            columns,
            row.iter().map(|c| c.span.max(1)).sum(),
        );
        self.writer.syntax("\n    (");
        for cell in row {
            self.writer
                .syntax("(span: ")
                .integer(cell.span.max(1) as u64)
                .syntax(", rule: ")
                .flag(cell.rule)
                .syntax(", body: ");
            self.block_of(&cell.content);
            self.writer.syntax("), ");
        }
        self.writer.syntax("),");
    }

    fn row(&mut self, label: &str, columns: usize, row: &PrintedRow) {
        self.fits(label, "row", columns, row.cells.len() + 1);
        self.writer
            .syntax("\n    (section: ")
            .flag(row.section)
            .syntax(", indent: ")
            .integer(u64::from(row.indent))
            .syntax(", keep: ")
            .flag(row.keep_with_next)
            .syntax(", label: ");
        self.block_of(&row.label);
        self.writer.syntax(", cells: (");
        for cell in &row.cells {
            self.cell(cell);
            self.writer.syntax(", ");
        }
        self.writer.syntax(")),");
    }

    fn cell(&mut self, cell: &PrintedCell) {
        self.writer.syntax("[");
        self.pieces(&cell.pieces);
        self.writer.syntax("]");
    }

    /// What a cell shows, and what only takes its width.
    pub(super) fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Shown { content } => self.inlines(content),
                // A blank at the edge of a line has no width, a no-break space has a blank's.
                Piece::Phantom { text, superscript } => {
                    let text = text.replace(' ', "\u{a0}");
                    let raised = ["#hide(", "#hide(super("][usize::from(*superscript)];
                    self.writer.syntax(raised).string(&text);
                    self.writer.syntax([")", "))"][usize::from(*superscript)]);
                    self.writer.end_expression();
                }
            }
        }
    }

    fn fits(&mut self, label: &str, what: &str, columns: usize, cells: usize) {
        if cells > columns {
            self.writer.problem(
                Diagnostic::error(
                    "internal-table-shape",
                    format!("a {what} of `{label}` has {cells} cells in {columns} columns"),
                )
                .help("this is a mistake in trialbook, please report it"),
            );
        }
    }
}
