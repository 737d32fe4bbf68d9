//! What the colours mean: a swatch and a name for each category, in rows as they fit.

use super::segments::edge;
use crate::artefact::BarPlot;
use crate::figure::Setting;
use crate::figure::canvas::{Canvas, line_height, point};
use crate::figure::scene::{Anchor, Item, TextRun};
use crate::figure::wrap::{Wrapped, widest_line, wrap};

/// Side of a swatch, in sizes.
const SWATCH: f64 = 0.85;

/// Between a swatch and its name, in sizes.
const NAME_GAP: f64 = 0.4;

/// Between one entry and the next, in sizes.
const GAP: f64 = 1.5;

struct Entry {
    x: f64,
    line: usize,
    name: Wrapped,
}

/// The legend, laid out from a left edge.
pub struct Legend {
    entries: Vec<Entry>,
    size: f64,
    /// How many lines of text it is high.
    pub lines: usize,
}

impl Legend {
    /// The categories in rows at most `width` points wide.
    pub fn new(plot: &BarPlot, width: f64, setting: Setting, size: f64) -> Self {
        let swatch = (SWATCH + NAME_GAP) * size;
        let (mut x, mut line, mut lines) = (0.0, 0, 0);
        let mut entries = Vec::new();
        for category in &plot.categories {
            let name = wrap(
                setting.metrics,
                &[TextRun::plain(category)],
                size,
                width - swatch,
            );
            let wide = swatch + widest_line(setting.metrics, &name, size);
            if x > 0.0 && x + wide > width + 0.01 {
                (x, line) = (0.0, lines);
            }
            lines = lines.max(line + name.lines.len().max(1));
            entries.push(Entry { x, line, name });
            x += wide + GAP * size;
        }
        Self {
            entries,
            size,
            lines,
        }
    }

    /// Draws it with its left edge at `left` and its last line's lower edge at `bottom`.
    pub fn draw(&self, canvas: &mut Canvas, left: f64, bottom: f64, setting: Setting) {
        let size = self.size;
        let line = line_height(setting, size);
        let top = bottom - line * self.lines as f64;
        for (category, entry) in self.entries.iter().enumerate() {
            let y = top + line * entry.line as f64;
            let baseline = y + setting.metrics.ascent(size);
            let middle = baseline - setting.metrics.cap_height(size) / 2.0;
            let side = SWATCH * size;
            let x = left + entry.x;
            canvas.push(Item::Rect {
                at: point(x, middle - side / 2.0),
                width: side,
                height: side,
                fill: Some(setting.theme.category(category)),
                stroke: Some(edge(setting)),
            });
            let at = point(x + side + NAME_GAP * size, y);
            canvas.lines(at, Anchor::Start, size, &entry.name.lines);
        }
    }
}
