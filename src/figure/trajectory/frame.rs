//! The geometry of a trajectory: axes, legend, and the rows of counts.

use super::counts::rows_apart;
use super::{SAMPLE, interval, lines_of, placeable};
use crate::artefact::{Digits, Form, LinePlot, LineSeries, Scale};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::figure::Setting;
use crate::figure::axis::{Axis, AxisRange, TICK, is_placeable, tick_text};
use crate::figure::canvas::{Canvas, full, line_height, point, sensible_width};
use crate::figure::scene::Anchor;
use crate::figure::wrap::{TextLine, Wrapped, embolden, widest_line, wrap};

/// The most ticks of the upright axis.
const MOST_TICKS: usize = 7;

/// Height of the plot as a part of the figure's width.
const HEIGHT: f64 = 0.36;

/// How far the points of neighbouring series stand apart, in points.
const ASIDE: f64 = 5.5;

/// The most of the width that names at the left may take.
const MOST_NAMES: f64 = 0.26;

/// A name in the legend at its place.
pub struct LegendEntry {
    /// Left end of its line.
    pub x: f64,
    /// Its row, counted in lines of text.
    pub row: usize,
    /// The name.
    pub name: Wrapped,
}

/// A position on the level axis with its label and the row in which it stands.
struct Position {
    x: f64,
    value: f64,
    label: Wrapped,
    row: usize,
}

/// Where everything lies.
pub struct Frame {
    /// Size of the text in points.
    pub size: f64,
    /// Width of the whole.
    pub width: f64,
    /// The upright axis.
    pub y: Axis,
    /// Where the legend begins.
    pub legend_top: f64,
    /// The legend's names, one a series.
    pub legend: Vec<LegendEntry>,
    left: f64,
    right: f64,
    low: f64,
    high: f64,
    inset: f64,
    spread: f64,
    series: usize,
    bottom: f64,
    positions: Vec<Position>,
    title: Wrapped,
    names: Vec<Wrapped>,
    counts_head: Wrapped,
}

impl Frame {
    /// Measures everything.
    pub fn new(plot: &LinePlot, setting: Setting) -> (Self, Diagnostics) {
        let size = setting.theme.size;
        let width = sensible_width(setting.width);
        let line = line_height(setting, size);
        let (range, diagnostics) = upright_range(plot, setting);
        let (names, counts_head) = count_names(plot, setting, MOST_NAMES * width);
        let left = left_margin(&range, &names, &counts_head, setting);
        let right = width - 1.6 * size;
        let title = lines_of(setting, &plot.y, size, width);
        let legend_top = line * title.lines.len() as f64 + 0.5 * size;
        let (legend, legend_rows) = place_legend(plot, left, width, setting);
        let top = legend_top + line * legend_rows as f64 + 1.1 * size;
        let bottom = top + HEIGHT * width;
        let (low, high) = level_range(plot);
        let mut frame = Self {
            size,
            width,
            y: Axis {
                range,
                start: bottom,
                end: top,
            },
            legend_top,
            legend,
            left,
            right,
            low,
            high,
            inset: 2.4 * size,
            spread: 0.0,
            series: plot.series.len(),
            bottom,
            positions: Vec::new(),
            title,
            names,
            counts_head,
        };
        frame.place_positions(plot, setting);
        (frame, diagnostics)
    }

    /// Where a position on the level axis lies.
    pub fn x(&self, value: f64) -> f64 {
        let (start, end) = (self.left + self.inset, self.right - self.inset);
        let span = self.high - self.low;
        if span <= 0.0 {
            return start.midpoint(end);
        }
        start + (value - self.low) / span * (end - start)
    }

    /// How far a series' points stand from their position.
    pub fn aside(&self, series: usize) -> f64 {
        (series as f64 - (self.series.saturating_sub(1)) as f64 / 2.0) * self.spread
    }

    fn place_positions(&mut self, plot: &LinePlot, setting: Setting) {
        let mut ticks: Vec<&(f64, String)> =
            plot.ticks.iter().filter(|t| is_placeable(t.0)).collect();
        ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
        let places: Vec<f64> = ticks.iter().map(|t| self.x(t.0)).collect();
        let nearest = places
            .iter()
            .zip(places.iter().skip(1))
            .map(|(a, b)| b - a)
            .fold(f64::INFINITY, f64::min);
        let most = self.inset / self.series.max(1) as f64;
        self.spread = ASIDE
            .min(0.5 * nearest / self.series.max(1) as f64)
            .min(most);
        let room = nearest.clamp(7.0 * self.size, 14.0 * self.size);
        let labels: Vec<Wrapped> = ticks
            .iter()
            .map(|t| lines_of(setting, &t.1, self.size, room))
            .collect();
        let widths: Vec<(f64, f64)> = ticks
            .iter()
            .zip(&labels)
            .zip(&places)
            .map(|((tick, label), x)| {
                let label = widest_line(setting.metrics, label, self.size);
                let counts = plot.series.iter().map(|s| {
                    setting
                        .metrics
                        .width(&count_at(s, tick.0, setting), self.size)
                });
                (*x, counts.fold(label, f64::max))
            })
            .collect();
        let rows = rows_apart(&widths, 0.5 * self.size);
        self.positions = ticks
            .iter()
            .zip(labels)
            .zip(places)
            .zip(rows)
            .map(|(((tick, label), x), row)| Position {
                x,
                value: tick.0,
                label,
                row,
            })
            .collect();
    }

    /// Lines that the labels of one row of positions take.
    fn label_lines(&self) -> usize {
        let lines = self.positions.iter().map(|p| p.label.lines.len());
        lines.max().unwrap_or(0)
    }

    fn rows(&self) -> usize {
        self.positions.iter().map(|p| p.row + 1).max().unwrap_or(1)
    }

    /// The axes with ticks, labels and titles.
    pub fn draw_axes(&self, canvas: &mut Canvas, plot: &LinePlot, setting: Setting) {
        canvas.lines(point(0.0, 0.0), Anchor::Start, self.size, &self.title.lines);
        self.draw_upright(canvas, setting);
        canvas.edge_line(
            point(self.left, self.bottom),
            point(self.right, self.bottom),
        );
        let line = line_height(setting, self.size);
        for position in &self.positions {
            let down = TICK + 1.0;
            let tick_end = self.bottom + TICK;
            canvas.edge_line(point(position.x, self.bottom), point(position.x, tick_end));
            let lines = (position.row * self.label_lines()) as f64;
            let top = point(position.x, self.bottom + down + lines * line);
            canvas.lines(top, Anchor::Middle, self.size, &position.label.lines);
        }
        let title = self.level_title(plot, setting);
        let top = point(self.left.midpoint(self.right), self.title_top(setting));
        canvas.lines(top, Anchor::Middle, self.size, &title.lines);
    }

    fn draw_upright(&self, canvas: &mut Canvas, setting: Setting) {
        canvas.edge_line(point(self.left, self.y.start), point(self.left, self.y.end));
        for tick in &self.y.range.ticks {
            let y = self.y.place(tick.value);
            if setting.theme.grid && y < self.bottom {
                let stroke = full(setting.theme.guide, setting.theme.line / 2.0);
                canvas.line(vec![point(self.left, y), point(self.right, y)], stroke);
            }
            canvas.edge_line(point(self.left - TICK, y), point(self.left, y));
            let baseline = y + setting.metrics.cap_height(self.size) / 2.0;
            let at = point(self.left - TICK - 1.5, baseline);
            let text = tick_text(*tick, setting.numbers);
            canvas.text(at, Anchor::End, self.size, text);
        }
    }

    fn level_title(&self, plot: &LinePlot, setting: Setting) -> Wrapped {
        lines_of(setting, &plot.x, self.size, self.right - self.left)
    }

    fn title_top(&self, setting: Setting) -> f64 {
        let lines = (self.rows() * self.label_lines()) as f64;
        self.bottom + TICK + 1.0 + lines * line_height(setting, self.size) + 0.3 * self.size
    }

    /// The counts below the axis, a row a series; the height of the whole figure.
    pub fn draw_counts(&self, canvas: &mut Canvas, plot: &LinePlot, setting: Setting) -> f64 {
        let line = line_height(setting, self.size);
        let title = self.level_title(plot, setting).lines.len() as f64;
        let mut y = self.title_top(setting) + line * title + 0.3 * self.size;
        if plot.counts.is_none() {
            return y;
        }
        y += 0.4 * self.size;
        canvas.lines(
            point(0.0, y),
            Anchor::Start,
            self.size,
            &self.counts_head.lines,
        );
        y += line * self.counts_head.lines.len() as f64;
        for (series, name) in plot.series.iter().zip(&self.names) {
            canvas.lines(point(0.0, y), Anchor::Start, self.size, &name.lines);
            for position in &self.positions {
                let baseline = y + line * position.row as f64 + setting.metrics.ascent(self.size);
                let at = point(position.x, baseline);
                let text = count_at(series, position.value, setting);
                canvas.text(at, Anchor::Middle, self.size, text);
            }
            y += line * name.lines.len().max(self.rows()) as f64 + 0.1 * self.size;
        }
        y + 0.2 * self.size
    }
}

/// How many of a series were observed at a position; nothing where it has no point there.
fn count_at(series: &LineSeries, value: f64, setting: Setting) -> TextLine {
    let at = series.points.iter().find(|p| p.x == value);
    at.map_or(Vec::new(), |at| {
        let form = Form::Count { n: at.n.clone() };
        setting.numbers.form(&form, Digits::Style)
    })
}

/// The names at the left of the counts and their head, no wider than `most`.
fn count_names(plot: &LinePlot, setting: Setting, most: f64) -> (Vec<Wrapped>, Wrapped) {
    let Some(head) = &plot.counts else {
        return (Vec::new(), Wrapped::default());
    };
    let size = setting.theme.size;
    let names = plot.series.iter();
    let names = names
        .map(|s| lines_of(setting, &s.name, size, most))
        .collect();
    let head = embolden(setting.numbers.label(head));
    // The head stands on a line of its own and may reach below the axis.
    let wide = sensible_width(setting.width);
    (names, wrap(setting.metrics, &head, size, wide))
}

/// Room at the left for the numbers of the upright axis and for the names of the counts.
fn left_margin(range: &AxisRange, names: &[Wrapped], head: &Wrapped, setting: Setting) -> f64 {
    let size = setting.theme.size;
    let numbers = range.ticks.iter();
    let numbers = numbers
        .map(|t| setting.metrics.width(&tick_text(*t, setting.numbers), size))
        .fold(0.0, f64::max)
        + TICK
        + 1.5;
    let names = names
        .iter()
        .map(|name| widest_line(setting.metrics, name, size))
        .fold(0.0, f64::max);
    // The first count stands an inset to the right of the axis, which is room enough between name and count.
    let names = if head.lines.is_empty() { 0.0 } else { names };
    let most = MOST_NAMES * sensible_width(setting.width);
    numbers
        .max(names)
        .min(most.max(numbers))
        .min(0.5 * sensible_width(setting.width))
}

/// The legend's names in rows, and how many lines they take.
fn place_legend(
    plot: &LinePlot,
    left: f64,
    width: f64,
    setting: Setting,
) -> (Vec<LegendEntry>, usize) {
    let size = setting.theme.size;
    let sample = (SAMPLE + 0.5) * size;
    let room = width - left - sample;
    let (mut x, mut row, mut lines) = (left, 0, 0);
    let mut entries = Vec::new();
    for series in &plot.series {
        let name = lines_of(setting, &series.name, size, room);
        let wide = sample + widest_line(setting.metrics, &name, size);
        if x > left && x + wide > width {
            (x, row) = (left, lines);
        }
        lines = lines.max(row + name.lines.len().max(1));
        entries.push(LegendEntry { x, row, name });
        x += wide + 1.8 * size;
    }
    (entries, lines)
}

/// From the first to the last position that has a tick or a point.
fn level_range(plot: &LinePlot) -> (f64, f64) {
    let points = plot.series.iter().flat_map(|s| &s.points).map(|p| p.x);
    let ticks = plot.ticks.iter().map(|t| t.0);
    let places = points.chain(ticks).filter(|x| is_placeable(*x));
    let (low, high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    if low <= high { (low, high) } else { (0.0, 0.0) }
}

/// The author's limits if they can be; else from the lowest to the highest limit of an interval, and from zero where
/// no value is negative and the values reach down half the way to it.
fn upright_range(plot: &LinePlot, setting: Setting) -> (AxisRange, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    if let Some((low, high)) = plot.limits {
        if let Some(range) = AxisRange::exactly(Scale::Difference, low, high, MOST_TICKS) {
            return (range, diagnostics);
        }
        let message = format!("an axis can't go from {low} to {high}");
        let diagnostic = Diagnostic::warning("bad-limits", message)
            .help("write two different numbers, the lower one first");
        diagnostics.push(diagnostic);
    }
    let points = plot.series.iter().flat_map(|s| &s.points);
    let values = points.flat_map(|at| {
        let (low, high) = interval(setting, at).unzip();
        [placeable(setting, &at.y), low, high]
    });
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.flatten() {
        low = low.min(value);
        high = high.max(value);
    }
    if low > high {
        (low, high) = (0.0, 1.0);
    }
    if low > 0.0 && low <= 0.5 * high {
        low = 0.0;
    }
    let range = AxisRange::around(Scale::Difference, low, high, MOST_TICKS);
    (range, diagnostics)
}
