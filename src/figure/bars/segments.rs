//! A bar's segments: where they lie, and where their numbers stand.

use crate::artefact::{Bar, Digits};
use crate::figure::Setting;
use crate::figure::canvas::{Canvas, full, point};
use crate::figure::scene::{Anchor, Item, Paint, Stroke};
use crate::figure::wrap::TextLine;

/// Least space between a number and its segment's ends, in sizes.
const PADDING: f64 = 0.15;

/// Least space between two numbers over a bar, in sizes.
const APART: f64 = 0.4;

/// From the baseline of a number over a bar to the bar, in sizes; a line leads from the one to the other.
pub const LEADER: f64 = 0.5;

/// A segment at its place.
struct Segment {
    category: usize,
    left: f64,
    right: f64,
    text: TextLine,
    text_width: f64,
}

impl Segment {
    fn middle(&self) -> f64 {
        self.left.midpoint(self.right)
    }

    fn holds_its_text(&self, size: f64) -> bool {
        self.text_width + 2.0 * PADDING * size <= self.right - self.left
    }
}

/// The segments of a bar that have a length, from the left.
pub struct Segments {
    parts: Vec<Segment>,
    /// The middles of the numbers that stand over the bar, by segment; none of a number within its segment.
    over: Vec<Option<f64>>,
    left: f64,
    right: f64,
    size: f64,
}

impl Segments {
    /// Places a bar's segments between `left` and `right`; none where nobody is in the bar.
    pub fn new(bar: &Bar, setting: Setting, size: f64, (left, right): (f64, f64)) -> Option<Self> {
        let mut segments = Vec::new();
        let mut reached = 0.0;
        for (category, segment) in bar.segments.iter().enumerate() {
            let part = setting.numbers.value(&segment.p);
            let part = part.filter(|p| p.is_finite()).unwrap_or(0.0);
            let part = part.min(1.0 - reached);
            if part <= 0.0 {
                continue;
            }
            let text = setting.numbers.form(&segment.text, Digits::Style);
            let start = reached;
            reached += part;
            segments.push(Segment {
                category,
                left: left + start * (right - left),
                right: left + reached * (right - left),
                text_width: setting.metrics.width(&text, size),
                text,
            });
        }
        let over = numbers_over(&segments, size, (left, right));
        (!segments.is_empty()).then_some(Self {
            parts: segments,
            over,
            left,
            right,
            size,
        })
    }

    /// Whether a number stands over the bar.
    pub fn needs_room_over(&self) -> bool {
        self.over.iter().any(Option::is_some)
    }

    /// Draws the bar from `top`, `height` points high, the numbers over it with their lower edges above it.
    pub fn draw(&self, canvas: &mut Canvas, top: f64, height: f64, setting: Setting) {
        for segment in &self.parts {
            canvas.push(Item::Rect {
                at: point(segment.left, top),
                width: segment.right - segment.left,
                height,
                fill: Some(setting.theme.category(segment.category)),
                stroke: None,
            });
        }
        for segment in self.parts.iter().skip(1) {
            let ends = vec![point(segment.left, top), point(segment.left, top + height)];
            canvas.line(ends, full(Paint::WHITE, 0.6));
        }
        let reached = self.parts.last().map_or(self.left, |s| s.right);
        canvas.push(Item::Rect {
            at: point(self.left, top),
            width: reached.min(self.right) - self.left,
            height,
            fill: None,
            stroke: Some(edge(setting)),
        });
        let middle = top + height / 2.0;
        for (segment, over) in self.parts.iter().zip(&self.over) {
            match over {
                None if segment.holds_its_text(self.size) => {
                    let baseline = middle + setting.metrics.cap_height(self.size) / 2.0;
                    let paint = legible(setting.theme.category(segment.category), setting);
                    self.write(canvas, segment, (segment.middle(), baseline), paint);
                }
                None => {}
                Some(x) => self.draw_over(canvas, segment, *x, top, setting),
            }
        }
    }

    /// A number over the bar with a line that leads to its segment.
    fn draw_over(
        &self,
        canvas: &mut Canvas,
        segment: &Segment,
        x: f64,
        top: f64,
        setting: Setting,
    ) {
        let baseline = top - LEADER * self.size;
        let end = baseline + 0.15 * self.size;
        let stroke = full(setting.theme.ink, setting.theme.line.min(0.4));
        canvas.line(vec![point(x, end), point(segment.middle(), top)], stroke);
        self.write(canvas, segment, (x, baseline), setting.theme.ink);
    }

    fn write(&self, canvas: &mut Canvas, segment: &Segment, (x, y): (f64, f64), paint: Paint) {
        canvas.push(Item::Text {
            at: point(x, y),
            anchor: Anchor::Middle,
            size: self.size,
            paint,
            runs: segment.text.clone(),
        });
    }
}

/// The edge of bars and swatches: light categories need one on white paper.
pub fn edge(setting: Setting) -> Stroke {
    full(setting.theme.guide, setting.theme.line.min(0.5))
}

/// The colour of text on a colour: the theme's ink or white, whichever differs more.
fn legible(behind: Paint, setting: Setting) -> Paint {
    let ink = setting.theme.ink;
    if ink.contrast(behind) >= Paint::WHITE.contrast(behind) {
        ink
    } else {
        Paint::WHITE
    }
}

/// Where the numbers stand that are wider than their segments: over the bar, as near to their segments as they keep
/// apart. None stands there if they have no room beside each other.
fn numbers_over(segments: &[Segment], size: f64, (left, right): (f64, f64)) -> Vec<Option<f64>> {
    let outside = |s: &&Segment| !s.holds_its_text(size) && s.text_width > 0.0;
    let half = |s: &Segment| s.text_width.midpoint(APART * size);
    let wide: Vec<&Segment> = segments.iter().filter(outside).collect();
    let needed: f64 = wide.iter().map(|s| 2.0 * half(s)).sum();
    if needed > right - left {
        return vec![None; segments.len()];
    }
    let mut places: Vec<f64> = wide.iter().map(|s| s.middle()).collect();
    let mut least = left;
    for (place, segment) in places.iter_mut().zip(&wide) {
        *place = place.max(least + half(segment));
        least = *place + half(segment);
    }
    let mut most = right;
    for (place, segment) in places.iter_mut().zip(&wide).rev() {
        *place = place.min(most - half(segment));
        most = *place - half(segment);
    }
    let mut places = places.into_iter();
    segments
        .iter()
        .map(|s| outside(&s).then(|| places.next()).flatten())
        .collect()
}
