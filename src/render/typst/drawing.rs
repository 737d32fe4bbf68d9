//! Scenes as calls of `drawing` in `blocks.typ`.

use super::body::Body;
use crate::document::Inline;
use crate::figure::{Anchor, Item, Paint, Point, Scene, Stroke, TextRun, Weight};

impl Body<'_> {
    /// Writes a figure.
    pub(super) fn figure(
        &mut self,
        label: &str,
        caption: &[Inline],
        scene: &Scene,
        notes: &[Vec<Inline>],
    ) {
        self.writer
            .syntax("#drawing(\n  ")
            .string(label)
            .syntax(", ");
        self.caption(label, caption);
        let float = self.floats.contains(label);
        self.writer.syntax(",\n  float: ").flag(float);
        self.writer.syntax(", width: ").points(scene.width);
        self.writer.syntax(", height: ").points(scene.height);
        self.writer.syntax(", font: ").string(&scene.font);
        self.writer.syntax(",\n  alt: ").string(&scene.alt);
        self.writer.syntax(",\n  notes: (");
        for note in notes {
            self.block_of(note);
            self.writer.syntax(", ");
        }
        self.writer.syntax("),\n  {");
        for item in &scene.items {
            self.writer.syntax("\n    ");
            self.item(item);
        }
        self.writer.syntax("\n  },\n)");
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Rect {
                at,
                width,
                height,
                fill,
                stroke,
            } => {
                self.writer.syntax("rect-at(");
                self.point(*at);
                self.writer.syntax(", ").points(*width);
                self.writer.syntax(", ").points(*height);
                self.inside_and_edge(fill.as_ref(), stroke.as_ref());
            }
            Item::Path {
                points,
                fill,
                stroke,
            } => {
                self.writer.syntax("path-at((");
                for point in points {
                    self.point(*point);
                    self.writer.syntax(", ");
                }
                self.writer.syntax(")");
                self.inside_and_edge(fill.as_ref(), stroke.as_ref());
            }
            Item::Circle {
                at,
                radius,
                fill,
                stroke,
            } => {
                self.writer.syntax("circle-at(");
                self.point(*at);
                self.writer.syntax(", ").points(*radius);
                self.inside_and_edge(fill.as_ref(), stroke.as_ref());
            }
            Item::Text {
                at,
                anchor,
                size,
                paint,
                runs,
            } => self.text(*at, *anchor, *size, *paint, runs),
        }
    }

    fn text(&mut self, at: Point, anchor: Anchor, size: f64, paint: Paint, runs: &[TextRun]) {
        self.writer.syntax("text-at(");
        self.point(at);
        self.writer.syntax(match anchor {
            Anchor::Start => ", 0%, ",
            Anchor::Middle => ", 50%, ",
            Anchor::End => ", 100%, ",
        });
        self.writer.points(size).syntax(", ");
        self.paint(paint);
        for run in runs {
            self.writer.syntax(", run(").string(&run.text);
            if run.weight == Weight::Bold {
                self.writer.syntax(", bold: true");
            }
            if run.italic {
                self.writer.syntax(", italic: true");
            }
            if run.superscript {
                self.writer.syntax(", raised: true");
            }
            self.writer.syntax(")");
        }
        self.writer.syntax(")");
    }

    fn point(&mut self, point: Point) {
        self.writer.syntax("(").points(point.x);
        self.writer.syntax(", ").points(point.y).syntax(")");
    }

    fn inside_and_edge(&mut self, fill: Option<&Paint>, stroke: Option<&Stroke>) {
        if let Some(paint) = fill {
            self.writer.syntax(", fill: ");
            self.paint(*paint);
        }
        if let Some(stroke) = stroke {
            self.writer.syntax(", stroke: (paint: ");
            self.paint(stroke.paint);
            self.writer.syntax(", thickness: ").points(stroke.width);
            if !stroke.dash.is_empty() {
                self.writer.syntax(", dash: (");
                for length in &stroke.dash {
                    self.writer.points(*length).syntax(", ");
                }
                self.writer.syntax(")");
            }
            self.writer.syntax(")");
        }
        self.writer.syntax(")");
    }

    fn paint(&mut self, Paint(red, green, blue): Paint) {
        self.writer.syntax("rgb(").integer(u64::from(red));
        self.writer.syntax(", ").integer(u64::from(green));
        self.writer
            .syntax(", ")
            .integer(u64::from(blue))
            .syntax(")");
    }
}
