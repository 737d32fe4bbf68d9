//! The text of a flow's box, set in lines of a given width.

use super::count;
use crate::artefact::FlowCount;
use crate::figure::Setting;
use crate::figure::canvas::{line_height, point};
use crate::figure::scene::{Anchor, Point, TextRun};
use crate::figure::theme::Counts;
use crate::figure::wrap::wrap_hanging;

/// How far reasons stand to the right of what they explain, in sizes.
const INDENT: f64 = 1.0;

/// How far the words of reasons stand at least to the right of the words that they explain, in sizes.
const WORD_INDENT: f64 = 0.7;

/// Between a count and its words, in sizes.
const COUNT_GAP: f64 = 0.4;

/// Between one count and the next, in sizes.
const ITEM_GAP: f64 = 0.22;

/// The least room for words beside a count, in sizes; with less the count runs in with its words.
const LEAST_ROOM: f64 = 3.0;

/// A piece of a line at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct SetText {
    /// Where its anchor lies on the baseline.
    pub at: Point,
    /// Which point of it that is.
    pub anchor: Anchor,
    /// Its measured width in points.
    pub width: f64,
    /// What it says.
    pub runs: Vec<TextRun>,
}

impl SetText {
    /// The horizontal extent in points, left and right.
    pub fn extent(&self) -> (f64, f64) {
        let left = match self.anchor {
            Anchor::Start => self.at.x,
            Anchor::Middle => self.at.x - self.width / 2.0,
            Anchor::End => self.at.x - self.width,
        };
        (left, left + self.width)
    }

    /// The same moved by a distance.
    #[must_use]
    pub fn moved(mut self, dx: f64, dy: f64) -> Self {
        self.at = point(self.at.x + dx, self.at.y + dy);
        self
    }
}

/// Text set in lines; its origin is its top left corner.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// Its pieces.
    pub texts: Vec<SetText>,
    /// Its width in points: that of its longest line.
    pub width: f64,
    /// Its height in points.
    pub height: f64,
    /// Whether a word had to be cut.
    pub cut: bool,
}

impl Block {
    /// Counts with their words and reasons, in lines of at most `width` points.
    pub fn of_counts(lines: &[FlowCount], setting: Setting, size: f64, width: f64) -> Self {
        let mut setter = Setter::new(setting, size, width);
        let counts = setter.count_width(lines.iter().filter_map(|l| l.n.as_ref()));
        let reasons = lines.iter().flat_map(|l| &l.reasons);
        let reason_counts = setter.count_width(reasons.map(|r| &r.n));
        // The words of reasons stand to the right of the words they explain, even behind a shorter count.
        let reason_counts = reason_counts.max(counts - (INDENT - WORD_INDENT) * size);
        for (i, line) in lines.iter().enumerate() {
            if i > 0 {
                setter.block.height += ITEM_GAP * size;
            }
            match &line.n {
                Some(n) => setter.counted(&count(setting.numbers, n), &line.text, 0.0, counts),
                None => {
                    setter.words(&[TextRun::bold(&line.text)], 0.0, 0.0);
                }
            }
            for reason in &line.reasons {
                let n = count(setting.numbers, &reason.n);
                setter.counted(&n, &reason.text, INDENT * size, reason_counts);
            }
        }
        setter.block
    }

    /// A stage's head: bold words, every line in the middle of `width` points.
    pub fn of_head(words: &str, setting: Setting, size: f64, width: f64) -> Self {
        let mut setter = Setter::new(setting, size, width);
        setter.words(&[TextRun::bold(words)], 0.0, 0.0);
        for text in &mut setter.block.texts {
            text.at.x = width / 2.0;
            text.anchor = Anchor::Middle;
        }
        setter.block
    }
}

struct Setter<'a> {
    setting: Setting<'a>,
    size: f64,
    width: f64,
    block: Block,
}

impl<'a> Setter<'a> {
    fn new(setting: Setting<'a>, size: f64, width: f64) -> Self {
        Self {
            setting,
            size,
            width,
            block: Block::default(),
        }
    }

    fn measure(&self, runs: &[TextRun]) -> f64 {
        self.setting.metrics.width(runs, self.size)
    }

    /// The width of a column of counts.
    fn count_width<'b>(&self, ids: impl Iterator<Item = &'b crate::statistic::StatId>) -> f64 {
        ids.map(|n| self.measure(&[TextRun::plain(count(self.setting.numbers, n))]))
            .fold(0.0, f64::max)
    }

    /// A count with its words, as the theme has it.
    fn counted(&mut self, count: &str, words: &str, indent: f64, column: f64) {
        let start = indent + column + COUNT_GAP * self.size;
        let hanging = indent + self.size;
        match self.setting.theme.counts {
            Counts::NEquals => {
                let text = format!("{words} (n\u{a0}=\u{a0}{count})");
                self.words(&[TextRun::plain(text)], indent, hanging);
            }
            Counts::First if self.width - start < LEAST_ROOM * self.size => {
                self.words(
                    &[TextRun::plain(format!("{count} {words}"))],
                    indent,
                    indent,
                );
            }
            Counts::First => {
                let runs = vec![TextRun::plain(count)];
                let baseline = self.next_baseline();
                let at = point(indent + column, baseline);
                self.put(runs, at, Anchor::End);
                if !self.words(&[TextRun::plain(words)], start, start) {
                    self.block.height += line_height(self.setting, self.size);
                }
            }
        }
    }

    /// Words in lines, the first from `start`, the others from `hanging`; whether there were any.
    fn words(&mut self, runs: &[TextRun], start: f64, hanging: f64) -> bool {
        let (metrics, size) = (self.setting.metrics, self.size);
        let wrapped = wrap_hanging(metrics, runs, size, self.width - start, hanging - start);
        self.block.cut |= wrapped.cut;
        let any = !wrapped.lines.is_empty();
        for (i, line) in wrapped.lines.into_iter().enumerate() {
            let x = if i == 0 { start } else { hanging };
            self.put(line, point(x, self.next_baseline()), Anchor::Start);
            self.block.height += line_height(self.setting, size);
        }
        any
    }

    fn next_baseline(&self) -> f64 {
        self.block.height + self.setting.metrics.ascent(self.size)
    }

    fn put(&mut self, runs: Vec<TextRun>, at: Point, anchor: Anchor) {
        let text = SetText {
            width: self.measure(&runs),
            at,
            anchor,
            runs,
        };
        self.block.width = self.block.width.max(text.extent().1);
        self.block.texts.push(text);
    }
}
