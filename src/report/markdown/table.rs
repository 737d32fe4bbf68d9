//! Plain Markdown tables.

use std::ops::Range;

use super::builder::Builder;
use crate::diagnostic::{Diagnostic, Span};
use crate::report::ast::{Align, Block, Inline};

impl Builder<'_, '_> {
    /// Adds a finished table.
    pub fn table(&mut self, align: Vec<Align>, mut rows: Vec<Vec<Vec<Inline>>>, span: Span) {
        if rows.is_empty() {
            return;
        }
        let head = rows.remove(0);
        for row in &mut rows {
            row.resize(head.len(), Vec::new());
        }
        self.block(Block::Table {
            align,
            head,
            rows,
            span,
        });
    }

    /// Reports cells beyond the head's, which the parser leaves out.
    pub fn check_row(&mut self, columns: usize, range: &Range<usize>) {
        let row = self.covered.get(range.clone()).unwrap_or_default().trim();
        let row = row.strip_prefix('|').unwrap_or(row);
        let row = row
            .strip_suffix('|')
            .filter(|r| !r.ends_with('\\'))
            .unwrap_or(row);
        let bars = row.match_indices('|').map(|(at, _)| at);
        let bars = bars.filter(|&at| !row[..at].ends_with('\\'));
        let cells = bars.count() + 1;
        if cells <= columns {
            return;
        }
        let span = self.text.span(range.start..range.start + row.len());
        self.findings.push(|| {
            let message = format!("this row has {cells} cells, its table {columns} columns");
            Diagnostic::error("extra-cell", message)
                .at(span)
                .help("write `\\|` for a bar that parts no cells")
        });
    }
}
