//! The axis of a forest plot with its boxes, intervals and diamonds, and what stands below it.

use super::centred_text;
use super::grid::Grid;
use super::range::{Wanted, null};
use crate::artefact::{ForestEffect, ForestPlot};
use crate::figure::Setting;
use crate::figure::axis::{Axis, AxisRange};
use crate::figure::canvas::{ARROW_LENGTH, Canvas, diamond, full, line_height, point};
use crate::figure::scene::{Anchor, Point, Stroke, TextRun};
use crate::figure::wrap::{widest_line, wrap};

/// The most ticks of the axis.
const MOST_TICKS: usize = 8;

/// The smallest box, in points: smaller ones can't be seen.
const LEAST_BOX: f64 = 1.6;

/// Boxes without weights, relative to the largest.
const PLAIN_BOX: f64 = 0.7;

/// The axis and the measure of the boxes.
pub struct Plot {
    axis: Axis,
    null: f64,
    most_weight: f64,
    bottom: f64,
    top: f64,
    size: f64,
}

impl Plot {
    /// An axis that shows what is wanted, with as many ticks as their numbers have room.
    pub fn new(forest: &ForestPlot, wanted: Wanted, grid: &Grid, setting: Setting) -> Self {
        let weights = forest.rows.iter().filter_map(|r| r.effect.as_ref()?.weight);
        let weights = weights.filter(|w| w.is_finite());
        Self {
            axis: axis(forest, wanted, grid, setting),
            null: null(forest.scale),
            most_weight: weights.fold(0.0, f64::max),
            top: grid.rows_top,
            bottom: grid.rows_bottom() + 0.4 * grid.size,
            size: grid.size,
        }
    }

    /// The line of no effect, if the axis reaches it.
    pub fn draw_null_line(&self, canvas: &mut Canvas, setting: Setting) {
        if !self.axis.shows(self.null) {
            return;
        }
        let x = self.axis.place(self.null);
        let stroke = Stroke {
            dash: vec![2.0, 1.5],
            ..full(setting.theme.guide, setting.theme.line)
        };
        let top = self.top - 0.2 * self.size;
        canvas.line(vec![point(x, top), point(x, self.bottom)], stroke);
    }

    /// An effect at height `y`; nothing where it has no estimate.
    pub fn draw_effect(
        &self,
        canvas: &mut Canvas,
        effect: &ForestEffect,
        y: f64,
        setting: Setting,
    ) {
        let value = |id| setting.numbers.value(id).filter(|v: &f64| !v.is_nan());
        let Some(estimate) = value(&effect.estimate) else {
            return;
        };
        let low = value(&effect.low).unwrap_or(estimate).min(estimate);
        let high = value(&effect.high).unwrap_or(estimate).max(estimate);
        if effect.diamond {
            self.draw_diamond(canvas, [low, estimate, high], y, setting);
            return;
        }
        self.draw_whiskers(canvas, low, high, y, setting);
        if self.axis.shows(estimate) {
            let at = point(self.axis.place(estimate), y);
            let side = self.box_side(effect.weight, setting);
            canvas.square(at, side / 2.0, Some(setting.theme.effect), None);
        }
    }

    /// The side of a box whose area is proportional to its weight.
    fn box_side(&self, weight: Option<f64>, setting: Setting) -> f64 {
        let most = setting.theme.box_size;
        match weight {
            None => most * PLAIN_BOX,
            Some(w) if w > 0.0 && w.is_finite() => {
                (most * (w / self.most_weight).sqrt()).max(LEAST_BOX)
            }
            Some(_) => LEAST_BOX,
        }
    }

    /// The interval, with an arrow at each end that lies outside the axis.
    fn draw_whiskers(&self, canvas: &mut Canvas, low: f64, high: f64, y: f64, setting: Setting) {
        let stroke = full(setting.theme.effect, setting.theme.line.max(0.75));
        let paint = stroke.paint;
        let range = &self.axis.range;
        let (cut_left, cut_right) = (low < range.low, high > range.high);
        let mut left = self.axis.place(low);
        let mut right = self.axis.place(high);
        // An interval wholly outside is an arrow at the end it lies beyond.
        if high < range.low {
            right = left + 2.0 * ARROW_LENGTH;
        }
        if low > range.high {
            left = right - 2.0 * ARROW_LENGTH;
        }
        let cut_left = cut_left && low <= range.high;
        let cut_right = cut_right && high >= range.low;
        let inside = |x: f64, cut: bool, way: f64| {
            if cut { x + way * ARROW_LENGTH / 2.0 } else { x }
        };
        let from = point(inside(left, cut_left, 1.0), y);
        let to = point(inside(right, cut_right, -1.0), y);
        if to.x > from.x {
            canvas.line(vec![from, to], stroke);
        }
        if cut_left {
            canvas.arrow_head(point(left + 1.0, y), point(left, y), paint);
        }
        if cut_right {
            canvas.arrow_head(point(right - 1.0, y), point(right, y), paint);
        }
    }

    /// A pooled effect: a diamond from limit to limit, cut off where the axis ends.
    fn draw_diamond(
        &self,
        canvas: &mut Canvas,
        [low, estimate, high]: [f64; 3],
        y: f64,
        setting: Setting,
    ) {
        let outside = high < self.axis.range.low || low > self.axis.range.high;
        if outside {
            self.draw_whiskers(canvas, low, high, y, setting);
            return;
        }
        let half = setting.theme.box_size * 0.55;
        let place = |value: f64| self.unclipped(value);
        let corners = vec![
            point(place(low), y),
            point(place(estimate), y - half),
            point(place(high), y),
            point(place(estimate), y + half),
        ];
        let mut shape = clip(&corners, self.axis.start, 1.0);
        shape = clip(&shape, self.axis.end, -1.0);
        let wide = shape.iter().map(|p| p.x).fold(f64::NEG_INFINITY, f64::max)
            - shape.iter().map(|p| p.x).fold(f64::INFINITY, f64::min);
        if wide < 1.0 {
            let x = self.axis.place(estimate);
            shape = diamond(point(x, y), half * 0.6, half);
        }
        canvas.shape(shape, setting.theme.effect);
    }

    /// Where a value lies even outside the axis, though no farther than ten axes away.
    fn unclipped(&self, value: f64) -> f64 {
        let part = self.axis.range.part(value).clamp(-10.0, 10.0);
        self.axis.start + part * (self.axis.end - self.axis.start)
    }

    /// The axis with its numbers, the words at its sides and its title; the height of the whole figure.
    pub fn draw_foot(
        &self,
        canvas: &mut Canvas,
        forest: &ForestPlot,
        grid: &Grid,
        setting: Setting,
    ) -> f64 {
        let mut y = self.bottom;
        y += self
            .axis
            .draw_level(canvas, setting, y, self.size, grid.width);
        y += self.draw_sides(canvas, forest, y, grid, setting);
        let centre = self.axis.start.midpoint(self.axis.end);
        let room = (2.0 * centre.min(grid.width - centre)).max(self.axis.end - self.axis.start);
        let title = [TextRun::plain(&forest.axis)];
        y += 0.2 * self.size;
        let taken = centred_text(
            canvas,
            setting,
            &title,
            self.size,
            (centre, y),
            (room, grid.width),
        );
        y + taken + 0.1 * self.size
    }

    /// The words about which side favours whom, each under an arrow away from no effect; their height.
    fn draw_sides(
        &self,
        canvas: &mut Canvas,
        forest: &ForestPlot,
        top: f64,
        grid: &Grid,
        setting: Setting,
    ) -> f64 {
        let middle = if self.axis.shows(self.null) {
            self.axis.place(self.null)
        } else {
            self.axis.start.midpoint(self.axis.end)
        };
        let gap = 0.6 * self.size;
        let sides = [
            (&forest.favors_left, -1.0, self.axis.start, 0.0, Anchor::End),
            (
                &forest.favors_right,
                1.0,
                self.axis.end,
                grid.width,
                Anchor::Start,
            ),
        ];
        let mut height = 0.0_f64;
        for (words, way, end, edge, anchor) in sides {
            let Some(words) = words else { continue };
            let start = middle + way * gap;
            let most = (edge - start).abs();
            let room = (end - start).abs().max(14.0 * self.size).min(most);
            let text = wrap(setting.metrics, &[TextRun::plain(words)], self.size, room);
            let widest = widest_line(setting.metrics, &text, self.size);
            let length = widest
                .min((end - start).abs())
                .max(2.5 * ARROW_LENGTH)
                .min(most);
            let arrow_y = top + 0.6 * self.size;
            let tip = point(start + way * length, arrow_y);
            canvas.arrow(point(start, arrow_y), tip, canvas.edge());
            let text_top = arrow_y + 0.4 * self.size;
            canvas.lines(point(start, text_top), anchor, self.size, &text.lines);
            let lines = line_height(setting, self.size) * text.lines.len() as f64;
            height = height.max(text_top + lines - top);
        }
        height
    }
}

fn axis(forest: &ForestPlot, wanted: Wanted, grid: &Grid, setting: Setting) -> Axis {
    let Wanted { low, high, fixed } = wanted;
    let with = |most: usize| {
        let exact = fixed.then(|| AxisRange::exactly(forest.scale, low, high, most));
        Axis {
            range: exact
                .flatten()
                .unwrap_or_else(|| AxisRange::around(forest.scale, low, high, most)),
            start: grid.plot_left,
            end: grid.plot_right,
        }
    };
    let mut most = MOST_TICKS;
    let mut axis = with(most);
    while most > 3 && !axis.numbers_fit(setting, grid.size) {
        most -= 1;
        axis = with(most);
    }
    axis
}

/// What of a convex shape lies on one side of an upright line: right of `x` for `way` 1, left of it for −1.
fn clip(corners: &[Point], x: f64, way: f64) -> Vec<Point> {
    let inside = |p: &Point| (p.x - x) * way >= 0.0;
    let next = corners.iter().cycle().skip(1);
    let mut kept = Vec::new();
    for (a, b) in corners.iter().zip(next) {
        if inside(a) {
            kept.push(*a);
        }
        if inside(a) != inside(b) {
            let part = (x - a.x) / (b.x - a.x);
            kept.push(point(x, a.y + part * (b.y - a.y)));
        }
    }
    kept
}
