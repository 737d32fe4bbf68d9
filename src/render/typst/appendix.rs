//! The provenance appendix as a call of `provenance` in `blocks.typ`, and the links that lead to it.

use std::collections::BTreeMap;

use super::body::Body;
use crate::document::{Appendix, AppendixStep, AppendixValue, Document, Inline};
use crate::statistic::StatId;

/// Which entries of the appendix there are.
#[derive(Debug, Default)]
pub(super) struct Entries<'a> {
    /// The places of numbers among the appendix's values.
    values: BTreeMap<(&'a [StatId], &'a str), usize>,
    /// The first of those places for each statistic.
    statistics: BTreeMap<&'a StatId, usize>,
    /// The labels of tables and figures with an entry.
    steps: Vec<&'a str>,
}

/// Where a statistic has its entry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way<'a> {
    /// Among the numbers of the text.
    Value(usize),
    /// With the others of its step.
    Step(&'a str),
}

impl<'a> Entries<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let Some(appendix) = &document.appendix else {
            return Self::default();
        };
        let values = || appendix.values.iter().enumerate();
        // The first entry is the last one put in.
        let statistics = values().rev();
        Self {
            values: values()
                .map(|(i, v)| ((v.stats.as_slice(), v.text.as_str()), i))
                .collect(),
            statistics: statistics
                .flat_map(|(i, v)| v.stats.iter().map(move |id| (id, i)))
                .collect(),
            steps: appendix.steps.iter().map(|s| s.label.as_str()).collect(),
        }
    }

    /// The entry that tells most of a statistic, if there is any.
    pub(super) fn way(&self, id: &StatId) -> Option<Way<'a>> {
        if let Some(index) = self.statistics.get(id) {
            return Some(Way::Value(*index));
        }
        let label = id.as_str().split('/').next()?;
        let step = self.steps.iter().find(|step| **step == label)?;
        Some(Way::Step(step))
    }
}

impl Body<'_> {
    /// Writes a number of the text, which leads to its entry.
    pub(super) fn value(&mut self, content: &[Inline], stats: &[StatId], text: Option<&str>) {
        let entry = text.and_then(|text| self.entries.values.get(&(stats, text)));
        let Some(entry) = entry.copied().filter(|_| !self.in_link) else {
            return self.inlines(content);
        };
        self.writer
            .syntax("#traced(\"")
            .integer(entry as u64)
            .syntax("\")");
        self.block_of(content);
        self.writer.end_expression();
    }

    /// Writes the caption of a table or figure, whose words lead to its entry.
    pub(super) fn caption(&mut self, label: &str, caption: &[Inline]) {
        if !self.has_entry(label) {
            return self.block_of(caption);
        }
        self.writer.syntax("[");
        let mut rest = caption;
        while let Some(first) = rest.first() {
            let plain = is_plain(first);
            let length = rest.iter().take_while(|i| is_plain(i) == plain).count();
            let (run, after) = rest.split_at(length);
            if plain {
                self.writer.syntax("#entry(").string(label).syntax(")");
                self.block_of(run);
                self.writer.end_expression();
            } else {
                self.inlines(run);
            }
            rest = after;
        }
        self.writer.syntax("]");
    }

    /// Whether the appendix has an entry for a table or figure.
    pub(super) fn has_entry(&self, label: &str) -> bool {
        self.entries.steps.contains(&label)
    }

    /// Writes words as a content block whose numbers lead nowhere.
    pub(super) fn without_links(&mut self, content: &[Inline]) {
        let outer = std::mem::replace(&mut self.in_link, true);
        self.block_of(content);
        self.in_link = outer;
    }

    /// Writes the appendix.
    pub(super) fn appendix(&mut self, appendix: &Appendix) {
        let head = &self.settings.words.provenance;
        self.writer.syntax("\n#provenance(").string(head);
        self.writer.syntax(",\n  about: ");
        self.traced_line(&appendix.about);
        self.writer.syntax(",\n  steps: (");
        for step in &appendix.steps {
            self.appendix_step(step);
        }
        self.writer.syntax("\n  ),\n  values: (");
        for (index, value) in appendix.values.iter().enumerate() {
            self.appendix_value(index, value);
        }
        self.writer.syntax("\n  ),\n)\n");
    }

    fn appendix_step(&mut self, step: &AppendixStep) {
        self.writer.syntax("\n    (name: ").string(&step.label);
        let directive = self.writer.printable(&step.directive);
        self.writer.syntax(", directive: ").string(&directive);
        self.writer.syntax(", line: ").integer(step.line as u64);
        self.writer.syntax(", drawn: ").flag(step.drawn);
        for (name, lines) in [
            (", data: (", &step.data),
            (", rows: (", &step.rows),
            (", result: (", &step.result),
        ] {
            self.writer.syntax(name);
            for line in lines {
                self.traced_line(line);
                self.writer.syntax(", ");
            }
            self.writer.syntax(")");
        }
        self.writer.syntax("),");
    }

    fn appendix_value(&mut self, index: usize, value: &AppendixValue) {
        self.writer
            .syntax("\n    (name: \"")
            .integer(index as u64)
            .syntax("\", body: ");
        self.block_of(&value.content);
        self.writer.syntax(", step: ").string(&value.step);
        self.writer.syntax(", parts: (");
        let main = value.stats.first();
        for (id, number) in value.stats.iter().zip(&value.numbers) {
            let beside = main.is_some_and(|main| main != id && main.sibling(id.stat()) == *id);
            let name = if beside { id.stat() } else { id.as_str() };
            let name = self.writer.printable(name);
            self.writer.syntax("(beside: ").flag(beside);
            self.writer.syntax(", name: ").string(&name);
            self.writer.syntax(", value: ").string(number);
            self.writer.syntax("), ");
        }
        self.writer.syntax(")),");
    }

    /// A line about data: names and SQL may hold characters that no font has.
    pub(super) fn traced_line(&mut self, line: &[Inline]) {
        let printable: Vec<Inline> = line
            .iter()
            .map(|inline| match inline {
                Inline::Text { text } => Inline::text(self.writer.printable(text)),
                Inline::Code { text } => Inline::Code {
                    text: self.writer.printable(text),
                },
                other => other.clone(),
            })
            .collect();
        self.block_of(&printable);
    }
}

/// Whether nothing within leads elsewhere already.
fn is_plain(inline: &Inline) -> bool {
    match inline {
        Inline::Text { .. } | Inline::Code { .. } | Inline::Math { .. } => true,
        Inline::Emph { content }
        | Inline::Strong { content }
        | Inline::Strike { content }
        | Inline::Superscript { content }
        | Inline::Subscript { content } => content.iter().all(is_plain),
        Inline::Link { .. }
        | Inline::Value { .. }
        | Inline::Cite { .. }
        | Inline::Reference { .. }
        | Inline::Footnote { .. }
        | Inline::Break => false,
    }
}
