//! Labels: a name with what its numbers are, their unit, and a count that belongs to it.

use super::printed::{Printed, Rich, Run};
use super::quantity::{Printer, Setting};
use crate::artefact::{Form, Label, Quantity};

/// A composed label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrintedLabel {
    /// The words: `Age, mean (SD), y`.
    pub words: Rich,
    /// A count that belongs to it: `(n = 52)`; heads set it on a line of its own.
    pub count: Option<Rich>,
}

impl Printer<'_> {
    /// A label without its marks.
    pub fn label(&self, label: &Label) -> PrintedLabel {
        let mut words = Rich::plain(&label.text);
        let level = || Printed::words(self.level(label.conf_level.unwrap_or(0.95)));
        let measure = label
            .measure
            .and_then(|m| self.style.rules.measures.get(&m));
        if let Some(measure) = measure {
            let pattern = if words.is_empty() {
                &measure.alone
            } else {
                &measure.after
            };
            words.extend(pattern.fill(|_| level()).rich());
        }
        if let Some(unit) = label.unit.as_deref().filter(|u| !u.trim().is_empty()) {
            let unit = if words.is_empty() {
                Rich::plain(unit)
            } else {
                self.style.rules.words.unit.with(unit)
            };
            words.extend(unit);
        }
        let count = label.n.clone().map(|n| {
            let quantity = Quantity::new(Form::Count { n });
            let n = self.quantity(&quantity, Setting::CELL);
            self.style.rules.words.n.fill(|_| n.clone()).rich()
        });
        PrintedLabel { words, count }
    }
}

impl PrintedLabel {
    /// The label on one line.
    pub fn line(mut self) -> Rich {
        if let Some(count) = self.count {
            if !self.words.is_empty() {
                self.words.push(Run::plain(" "));
            }
            self.words.extend(count);
        }
        self.words
    }
}
