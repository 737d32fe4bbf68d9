//! What all figures draw with: lines, arrows, markers and text in the theme's manner.

use super::Setting;
use super::scene::{Anchor, Item, Paint, Point, Scene, Stroke, TextRun};
use super::theme::Marker;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Length of an arrow's head in points.
pub const ARROW_LENGTH: f64 = 4.2;

/// Half the width of an arrow's head in points.
const ARROW_HALF_WIDTH: f64 = 1.7;

/// A place.
pub fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// A drawing that grows.
pub struct Canvas<'a> {
    setting: Setting<'a>,
    items: Vec<Item>,
}

impl<'a> Canvas<'a> {
    /// An empty drawing.
    pub fn new(setting: Setting<'a>) -> Self {
        Self {
            setting,
            items: Vec::new(),
        }
    }

    /// Adds an item.
    pub fn push(&mut self, item: Item) {
        self.items.push(item);
    }

    /// The stroke of axes and edges.
    pub fn edge(&self) -> Stroke {
        full(self.setting.theme.ink, self.setting.theme.line)
    }

    /// A line through points.
    pub fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        self.items.push(Item::Path {
            points,
            fill: None,
            stroke: Some(stroke),
        });
    }

    /// A straight line in the stroke of axes.
    pub fn edge_line(&mut self, from: Point, to: Point) {
        let stroke = self.edge();
        self.line(vec![from, to], stroke);
    }

    /// A closed, filled shape.
    pub fn shape(&mut self, points: Vec<Point>, fill: Paint) {
        self.items.push(Item::Path {
            points,
            fill: Some(fill),
            stroke: None,
        });
    }

    /// The head of an arrow whose tip lies at `tip`, coming from `from`.
    pub fn arrow_head(&mut self, from: Point, tip: Point, paint: Paint) {
        let (dx, dy) = (tip.x - from.x, tip.y - from.y);
        let length = dx.hypot(dy);
        if length == 0.0 {
            return;
        }
        let (ux, uy) = (dx / length, dy / length);
        let base = point(tip.x - ux * ARROW_LENGTH, tip.y - uy * ARROW_LENGTH);
        let (sx, sy) = (-uy * ARROW_HALF_WIDTH, ux * ARROW_HALF_WIDTH);
        let points = vec![
            tip,
            point(base.x + sx, base.y + sy),
            point(base.x - sx, base.y - sy),
        ];
        self.shape(points, paint);
    }

    /// A straight arrow; its line ends inside its head, so that the tip stays sharp.
    pub fn arrow(&mut self, from: Point, tip: Point, stroke: Stroke) {
        let paint = stroke.paint;
        let end = short_of(from, tip, ARROW_LENGTH / 2.0);
        self.line(vec![from, end], stroke);
        self.arrow_head(from, tip, paint);
    }

    /// A line of text.
    pub fn text(&mut self, at: Point, anchor: Anchor, size: f64, runs: Vec<TextRun>) {
        if runs.iter().all(|run| run.text.is_empty()) {
            return;
        }
        self.items.push(Item::Text {
            at,
            anchor,
            size,
            paint: self.setting.theme.ink,
            runs,
        });
    }

    /// Lines of text one below the other, the first line's top at `top`.
    pub fn lines(&mut self, top: Point, anchor: Anchor, size: f64, lines: &[Vec<TextRun>]) {
        let metrics = self.setting.metrics;
        let mut baseline = top.y + metrics.ascent(size);
        for line in lines {
            self.text(point(top.x, baseline), anchor, size, line.clone());
            baseline += line_height(self.setting, size);
        }
    }

    /// A series' point of side `size`, in its colour.
    pub fn marker(&mut self, marker: Marker, at: Point, size: f64, paint: Paint) {
        let half = size / 2.0;
        match marker {
            Marker::Circle => self.disc(at, half, Some(paint), None),
            Marker::OpenCircle => {
                self.disc(at, half - 0.4, Some(Paint::WHITE), Some(full(paint, 0.8)));
            }
            Marker::Square => self.square(at, half * 0.9, Some(paint), None),
            Marker::OpenSquare => {
                let inside = Some(Paint::WHITE);
                self.square(at, half * 0.9 - 0.4, inside, Some(full(paint, 0.8)));
            }
            Marker::Triangle => {
                let (wide, up, down) = (half * 1.12, half * 1.2, half * 0.85);
                let points = vec![
                    point(at.x, at.y - up),
                    point(at.x + wide, at.y + down),
                    point(at.x - wide, at.y + down),
                ];
                self.shape(points, paint);
            }
            Marker::Diamond => self.shape(diamond(at, half * 1.2, half * 1.2), paint),
        }
    }

    fn disc(&mut self, at: Point, radius: f64, fill: Option<Paint>, stroke: Option<Stroke>) {
        self.items.push(Item::Circle {
            at,
            radius,
            fill,
            stroke,
        });
    }

    /// A square around its centre.
    pub fn square(&mut self, at: Point, half: f64, fill: Option<Paint>, stroke: Option<Stroke>) {
        self.items.push(Item::Rect {
            at: point(at.x - half, at.y - half),
            width: 2.0 * half,
            height: 2.0 * half,
            fill,
            stroke,
        });
    }

    /// The drawing, and what its font lacks.
    pub fn finish(self, width: f64, height: f64, alt: String) -> (Scene, Diagnostics) {
        let scene = Scene {
            width,
            height,
            font: self.setting.theme.font.clone(),
            items: self.items,
            alt,
        };
        let missing = self.setting.metrics.missing(&scene);
        let diagnostics = missing.into_iter().map(missing_glyph).collect();
        (scene, diagnostics)
    }
}

fn missing_glyph(c: char) -> Diagnostic {
    let code = u32::from(c);
    let message = format!("the figures' font has no character `{c}` (U+{code:04X})");
    Diagnostic::warning("missing-glyph", message)
        .help("use another character in the figure's words")
}

/// A full line.
pub fn full(paint: Paint, width: f64) -> Stroke {
    Stroke {
        paint,
        width,
        dash: Vec::new(),
    }
}

/// The corners of a diamond around its centre.
pub fn diamond(at: Point, half_width: f64, half_height: f64) -> Vec<Point> {
    vec![
        point(at.x - half_width, at.y),
        point(at.x, at.y - half_height),
        point(at.x + half_width, at.y),
        point(at.x, at.y + half_height),
    ]
}

/// The place on the way from `from` to `to` that lies `distance` before `to`.
pub fn short_of(from: Point, to: Point, distance: f64) -> Point {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx.hypot(dy);
    if length <= distance {
        return from;
    }
    let part = distance / length;
    point(to.x - dx * part, to.y - dy * part)
}

/// From one baseline to the next, in points.
pub fn line_height(setting: Setting, size: f64) -> f64 {
    setting.metrics.ascent(size) + setting.metrics.descent(size)
}

/// A width that a figure can be drawn in: what was asked for, if it is a sensible number of points.
pub fn sensible_width(width: f64) -> f64 {
    if width.is_finite() {
        width.clamp(216.0, 2000.0)
    } else {
        super::FULL_WIDTH
    }
}
