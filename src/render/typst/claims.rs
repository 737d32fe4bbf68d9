//! The appendix of claims as a call of `published` in `claims.typ`.

use super::appendix::Way;
use super::body::Body;
use crate::document::{
    ClaimsAppendix, ClaimsCell, ClaimsPart, ClaimsRow, Exception, ExceptionGroup, Inline, Tone,
};

impl Body<'_> {
    /// Writes the appendix.
    pub(super) fn claims(&mut self, appendix: &ClaimsAppendix) {
        let head = &self.settings.words.claims;
        self.writer.syntax("\n#import \"claims.typ\": published\n");
        self.writer.syntax("#published(").string(head);
        self.writer.syntax(",\n  about: ");
        self.block_of(&appendix.about);
        self.writer.syntax(",\n  exceptions: (");
        for group in &appendix.exceptions {
            self.exception_group(group);
        }
        self.writer.syntax("\n  ),\n  parts: (");
        for part in &appendix.parts {
            self.part(part);
        }
        self.writer.syntax("\n  ),\n)\n");
    }

    fn exception_group(&mut self, group: &ExceptionGroup) {
        self.writer.syntax("\n    (title: ");
        self.words(&group.place);
        self.writer.syntax(", rows: (");
        for row in &group.rows {
            self.exception(row);
        }
        self.writer.syntax("\n    )),");
    }

    fn exception(&mut self, row: &Exception) {
        self.writer.syntax("\n      (label: ");
        self.optional_words(row.label.as_deref());
        self.writer.syntax(", name: ");
        match &row.name {
            Some(name) => {
                let name = self.writer.printable(name);
                self.writer.string(&name);
            }
            None => {
                self.writer.syntax("none");
            }
        }
        self.writer.syntax(", printed: ");
        self.claims_cell(&row.printed);
        self.writer.syntax(", recomputed: ");
        self.claims_cell(&row.recomputed);
        self.writer.syntax(", verdict: ");
        self.words(&row.verdict);
        self.writer.syntax(", remark: ");
        self.words(&row.remark);
        self.writer.syntax("),");
    }

    fn part(&mut self, part: &ClaimsPart) {
        self.writer.syntax("\n    (title: ");
        self.optional_words(part.title.as_deref());
        self.writer.syntax(", heads: (");
        for head in &part.heads {
            self.words(head);
            self.writer.syntax(", ");
        }
        self.writer.syntax("), groups: (");
        for group in &part.groups {
            self.writer.syntax("\n      (title: ");
            self.optional_words(Some(group.title.as_str()).filter(|t| !t.is_empty()));
            self.writer.syntax(", rows: (");
            for row in &group.rows {
                self.claims_row(row);
            }
            self.writer.syntax("\n      )),");
        }
        self.writer.syntax("\n    )),");
    }

    fn claims_row(&mut self, row: &ClaimsRow) {
        self.writer.syntax("\n        (label: ");
        self.traced_line(std::slice::from_ref(&row.label));
        self.writer.syntax(", cells: (");
        for cell in &row.cells {
            self.claims_cell(cell);
            self.writer.syntax(", ");
        }
        self.writer.syntax(")),");
    }

    fn claims_cell(&mut self, cell: &ClaimsCell) {
        self.writer.syntax("(tone: ").syntax(match cell.tone {
            Tone::Plain => "\"plain\"",
            Tone::Slight => "\"slight\"",
            Tone::Grave => "\"grave\"",
            Tone::Open => "\"open\"",
        });
        self.writer.syntax(", to: ");
        match cell.stat.as_ref().and_then(|id| self.entries.way(id)) {
            Some(Way::Value(index)) => self
                .writer
                .syntax("\"entry ")
                .integer(index as u64)
                .syntax("\""),
            Some(Way::Step(label)) => self.writer.syntax("\"entry of \" + ").string(label),
            None => self.writer.syntax("none"),
        };
        self.writer.syntax(", lines: (");
        for line in &cell.lines {
            self.writer.syntax("[");
            self.pieces(line);
            self.writer.syntax("], ");
        }
        self.writer.syntax("))");
    }

    fn optional_words(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.words(text),
            None => {
                self.writer.syntax("none");
            }
        }
    }

    fn words(&mut self, text: &str) {
        self.traced_line(&[Inline::text(text)]);
    }
}
