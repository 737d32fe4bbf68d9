//! Trajectories: means with intervals by arm over visits, and how many were observed.

mod counts;
mod frame;

use super::axis::{Axis, is_placeable};
use super::canvas::{Canvas, full, line_height, point};
use super::scene::{Anchor, Point, Scene, Stroke, TextRun};
use super::wrap::{plain_text, wrap};
use super::{Marker, Setting};
use crate::artefact::{Digits, Form, LinePlot, LinePoint};
use crate::diagnostic::Diagnostics;
use frame::Frame;

/// Half the width of an interval's end in points.
const CAP: f64 = 1.8;

/// Length of the line in a legend, in sizes.
const SAMPLE: f64 = 2.6;

/// Draws a line plot: a line an arm, its points moved aside a little so that intervals don't cover each other.
pub fn trajectory(plot: &LinePlot, setting: Setting) -> (Scene, Diagnostics) {
    let (frame, diagnostics) = Frame::new(plot, setting);
    let mut canvas = Canvas::new(setting);
    frame.draw_axes(&mut canvas, plot, setting);
    draw_legend(&mut canvas, &frame, setting);
    for index in 0..plot.series.len() {
        draw_series(&mut canvas, plot, index, &frame, setting);
    }
    let height = frame.draw_counts(&mut canvas, plot, setting);
    let (scene, missing) = canvas.finish(frame.width, height, describe(plot, setting));
    (scene, diagnostics.into_iter().chain(missing).collect())
}

/// A value that has a place on an axis.
fn placeable(setting: Setting, id: &crate::statistic::StatId) -> Option<f64> {
    setting.numbers.value(id).filter(|v| is_placeable(*v))
}

/// The limits of a point's interval, where both exist.
fn interval(setting: Setting, at: &LinePoint) -> Option<(f64, f64)> {
    let low = placeable(setting, at.low.as_ref()?)?;
    let high = placeable(setting, at.high.as_ref()?)?;
    Some((low.min(high), low.max(high)))
}

fn series_stroke(setting: Setting, index: usize) -> Stroke {
    Stroke {
        dash: setting.theme.dash(index),
        ..full(setting.theme.paint(index), setting.theme.data_line)
    }
}

fn draw_series(
    canvas: &mut Canvas,
    plot: &LinePlot,
    index: usize,
    frame: &Frame,
    setting: Setting,
) {
    let Some(series) = plot.series.get(index) else {
        return;
    };
    let aside = frame.aside(index);
    let paint = setting.theme.paint(index);
    let mut previous: Option<(f64, f64)> = None;
    let mut markers: Vec<Point> = Vec::new();
    for at in series.points.iter().filter(|p| is_placeable(p.x)) {
        let Some(value) = placeable(setting, &at.y) else {
            continue;
        };
        let x = frame.x(at.x) + aside;
        if let Some((low, high)) = interval(setting, at) {
            draw_interval(canvas, x, (low, high), &frame.y, &full(paint, 0.75));
        }
        if let Some(last) = previous {
            let ends = clipped(last, (x, value), &frame.y);
            if let Some(ends) = ends {
                canvas.line(ends, series_stroke(setting, index));
            }
        }
        if frame.y.shows(value) {
            markers.push(point(x, frame.y.place(value)));
        }
        previous = Some((x, value));
    }
    let marker = setting.theme.marker(index);
    for at in markers {
        canvas.marker(marker, at, setting.theme.marker_size, paint);
    }
}

/// An upright interval with ends; an end outside the axis is cut there and has no end mark.
fn draw_interval(
    canvas: &mut Canvas,
    x: f64,
    (low, high): (f64, f64),
    axis: &Axis,
    stroke: &Stroke,
) {
    if high < axis.range.low || low > axis.range.high {
        return;
    }
    let (bottom, top) = (axis.place(low), axis.place(high));
    canvas.line(vec![point(x, bottom), point(x, top)], stroke.clone());
    for (value, y) in [(low, bottom), (high, top)] {
        if axis.shows(value) {
            let ends = vec![point(x - CAP, y), point(x + CAP, y)];
            canvas.line(ends, stroke.clone());
        }
    }
}

/// What of a line between two points (place, value) lies within the axis.
fn clipped(from: (f64, f64), to: (f64, f64), axis: &Axis) -> Option<Vec<Point>> {
    let (low, high) = (axis.range.low, axis.range.high);
    let ((x0, y0), (x1, y1)) = (from, to);
    if y0.max(y1) < low || y0.min(y1) > high {
        return None;
    }
    let end = |(x, y): (f64, f64)| {
        let within = y.clamp(low, high);
        let part = if within == y {
            0.0
        } else {
            (within - y) / (y1 - y0)
        };
        point(x + part * (x1 - x0), axis.place(within))
    };
    Some(vec![end((x0, y0)), end((x1, y1))])
}

/// The legend above the plot: a line with its marker and name for each series, in rows as they fit.
fn draw_legend(canvas: &mut Canvas, frame: &Frame, setting: Setting) {
    let size = frame.size;
    let line = line_height(setting, size);
    for (index, entry) in frame.legend.iter().enumerate() {
        let y = frame.legend_top + line * entry.row as f64;
        let baseline = y + setting.metrics.ascent(size);
        let middle = baseline - setting.metrics.cap_height(size) / 2.0;
        let (from, to) = (
            point(entry.x, middle),
            point(entry.x + SAMPLE * size, middle),
        );
        canvas.line(vec![from, to], series_stroke(setting, index));
        let marker: Marker = setting.theme.marker(index);
        let at = point(entry.x + SAMPLE * size / 2.0, middle);
        let paint = setting.theme.paint(index);
        canvas.marker(marker, at, setting.theme.marker_size, paint);
        let x = to.x + 0.5 * size;
        canvas.lines(point(x, y), Anchor::Start, size, &entry.name.lines);
    }
}

/// The plot in words.
fn describe(plot: &LinePlot, setting: Setting) -> String {
    let numbers = setting.numbers;
    let interval = numbers.interval(plot.conf_level);
    let mut sentences = vec![format!(
        "Line plot of {} by {}, with {interval}.",
        plot.y, plot.x
    )];
    for series in &plot.series {
        let points: Vec<String> = series
            .points
            .iter()
            .map(|at| describe_point(plot, at, setting))
            .collect();
        sentences.push(format!("{}: {}.", series.name, points.join("; ")));
    }
    sentences.join(" ")
}

fn describe_point(plot: &LinePlot, at: &LinePoint, setting: Setting) -> String {
    let numbers = setting.numbers;
    let print = |form: Form| plain_text(&numbers.form(&form, Digits::Style));
    let tick = plot.ticks.iter().find(|(x, _)| *x == at.x);
    let place = tick.map_or(String::new(), |(_, label)| format!("{label} "));
    let value = match (&at.low, &at.high) {
        (Some(low), Some(high)) => print(Form::EstimateCi {
            estimate: at.y.clone(),
            low: low.clone(),
            high: high.clone(),
        }),
        _ => print(Form::Number {
            value: at.y.clone(),
        }),
    };
    let count = print(Form::Count { n: at.n.clone() });
    format!("{place}{value}, n = {count}")
}

/// A text in lines at most `width` points wide.
fn lines_of(setting: Setting, words: &str, size: f64, width: f64) -> super::wrap::Wrapped {
    wrap(setting.metrics, &[TextRun::plain(words)], size, width)
}
