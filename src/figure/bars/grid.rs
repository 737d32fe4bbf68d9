//! The columns and lines of stacked bars: what stands where.

use super::MOST_HEIGHT;
use super::legend::Legend;
use super::segments::{LEADER, Segments};
use crate::artefact::{BarCell, BarGroup, BarPlot, BarSegment, Digits, Form, Label, Scale};
use crate::figure::axis::{Axis, AxisRange, level_height};
use crate::figure::canvas::{Canvas, line_height, point, sensible_width};
use crate::figure::column::HeadedColumn;
use crate::figure::scene::{Anchor, TextRun};
use crate::figure::wrap::{TextLine, Wrapped, embolden, wrap};
use crate::figure::{Setting, shrinking};
use crate::statistic::StatId;

/// Between columns, in sizes.
const GAP: f64 = 1.4;

/// Between the bars and the columns at the right, in sizes; half of the axis's last number reaches into it.
const PLOT_GAP: f64 = 1.8;

/// The shortest bars, in sizes.
const LEAST_PLOT: f64 = 22.0;

/// The narrowest column of labels that is kept where there is little room, in sizes.
const LEAST_STUB: f64 = 9.0;

/// The widest column of labels as a part of the figure.
const MOST_STUB: f64 = 0.33;

/// How far a label is indented by a step, in sizes.
const INDENT: f64 = 1.0;

/// The most ticks of the axis.
const MOST_TICKS: usize = 6;

/// Distances that are tried one after the other until all fits on a page, in sizes.
const SPACINGS: [Spacing; 4] = [
    Spacing::new(1.5, 0.4, 1.0, true),
    Spacing::new(1.35, 0.25, 0.7, true),
    Spacing::new(1.15, 0.15, 0.4, false),
    Spacing::new(1.05, 0.05, 0.4, false),
];

/// How close lines stand, in sizes.
#[derive(Clone, Copy)]
struct Spacing {
    /// Height of a bar.
    bar: f64,
    /// Between two bars of a group.
    between: f64,
    /// Between sections.
    section: f64,
    /// Whether all bars of a group stand equally far apart, though not all have numbers over them.
    even: bool,
}

impl Spacing {
    const fn new(bar: f64, between: f64, section: f64, even: bool) -> Self {
        Self {
            bar,
            between,
            section,
            even,
        }
    }
}

/// A line: a head, or a bar.
struct Line {
    /// Upper edge of the label's first line.
    label_top: f64,
    indent: f64,
    label: Wrapped,
    /// The group whose cells stand on the line.
    cells: Option<usize>,
    bar: Option<BarAt>,
}

/// A bar at its place.
struct BarAt {
    /// Counted over all groups.
    index: usize,
    top: f64,
    /// Its segments; the style's words for a missing number where there are none.
    content: Result<Segments, TextLine>,
}

/// Columns and lines at their places.
pub struct Grid {
    /// Width of the whole.
    pub width: f64,
    /// Height of the whole.
    pub height: f64,
    size: f64,
    spacing: Spacing,
    axis: Axis,
    stub: f64,
    total: HeadedColumn,
    columns: Vec<HeadedColumn>,
    legend: Legend,
    title: Wrapped,
    lines: Vec<Line>,
    lines_top: f64,
    lines_bottom: f64,
    cut: bool,
}

impl Grid {
    /// The grid in the largest text and the widest spacing that fit on a page, or in the smallest.
    pub fn fit(plot: &BarPlot, setting: Setting) -> Self {
        let width = sensible_width(setting.width);
        let fits =
            |grid: &Self| grid.width <= width + 0.01 && grid.height <= MOST_HEIGHT && !grid.cut;
        // Only height is gained where lines stand closer.
        let closest = |size: f64| {
            let grid = |spacing: Spacing| Self::new(plot, setting, size, spacing);
            let [widest, closer @ ..] = SPACINGS;
            closer.into_iter().fold(grid(widest), |best, spacing| {
                if best.height <= MOST_HEIGHT {
                    best
                } else {
                    grid(spacing)
                }
            })
        };
        shrinking(setting.theme, closest, fits)
    }

    fn new(plot: &BarPlot, setting: Setting, size: f64, spacing: Spacing) -> Self {
        let given = sensible_width(setting.width);
        let mut total = total_column(plot, setting, size);
        let mut columns = cell_columns(plot, setting, size);
        let margin = if columns.is_empty() { 1.0 } else { PLOT_GAP } * size;
        let gaps = GAP * size * columns.len().saturating_sub(1) as f64;
        let right: f64 = columns.iter().map(|c| c.width).sum::<f64>() + gaps;
        let beside = 2.0 * GAP * size + total.width + margin + right;
        let room = given - beside - LEAST_PLOT * size;
        let stub = stub_width(plot, setting, size)
            .min(MOST_STUB * given)
            .min(room.max(LEAST_STUB * size));
        total.x = stub + GAP * size;
        let start = total.x + total.width + GAP * size;
        let bars = (given - beside - stub).max(LEAST_PLOT * size);
        let end = start + bars;
        let mut x = end + margin;
        for column in &mut columns {
            column.x = x;
            x += column.width + GAP * size;
        }
        let width = end + margin + right;
        let title = [TextRun::plain(&plot.axis)];
        let mut grid = Self {
            // Sums of widths are not exact: what is as wide as given is just that.
            width: if width < given + 0.01 { given } else { width },
            height: 0.0,
            size,
            spacing,
            axis: percent_axis(start, end),
            stub,
            total,
            columns,
            legend: Legend::new(plot, bars, setting, size),
            title: wrap(setting.metrics, &title, size, bars),
            lines: Vec::new(),
            lines_top: 0.0,
            lines_bottom: 0.0,
            cut: false,
        };
        grid.place_lines(plot, setting);
        grid
    }

    fn place_lines(&mut self, plot: &BarPlot, setting: Setting) {
        let line = line_height(setting, self.size);
        let heads = self.columns.iter().chain([&self.total]);
        let heads = heads.map(|c| c.head.lines.len()).chain([self.legend.lines]);
        self.lines_top = line * heads.max().unwrap_or(0) as f64 + 0.9 * self.size;
        let mut placing = Placing {
            top: self.lines_top + 0.15 * self.size,
            groups: 0,
            bars: 0,
        };
        for (index, section) in plot.sections.iter().enumerate() {
            if index > 0 {
                placing.top += self.spacing.section * self.size;
            }
            let label = embolden(setting.numbers.label(&section.label));
            let labelled = !section.label.text.is_empty();
            let mut open = section.groups.first().is_none_or(|g| g.label.is_none());
            if labelled {
                let cells = std::mem::take(&mut open).then_some(placing.groups);
                self.place_head(&mut placing, (0.0, label), cells, setting);
            }
            for (index, group) in section.groups.iter().enumerate() {
                if index > 0 {
                    placing.top += 0.4 * self.spacing.section * self.size;
                }
                let indent = f64::from(u8::from(labelled)) * INDENT * self.size;
                self.place_group(&mut placing, group, indent, (index > 0 || open, setting));
            }
        }
        self.lines_bottom = placing.top;
        let foot = level_height(setting, self.size) + line * self.title.lines.len() as f64;
        self.height = self.lines_bottom + 0.4 * self.size + foot + 0.3 * self.size;
    }

    fn place_head(
        &mut self,
        placing: &mut Placing,
        (indent, runs): (f64, TextLine),
        cells: Option<usize>,
        setting: Setting,
    ) {
        let label = wrap(setting.metrics, &runs, self.size, self.axis.end - indent);
        self.cut |= label.cut;
        let lines = label.lines.len().max(1) as f64;
        self.lines.push(Line {
            label_top: placing.top,
            indent,
            label,
            cells,
            bar: None,
        });
        placing.top += line_height(setting, self.size) * lines + 0.15 * self.size;
    }

    /// Places a group's bars under its label. Its cells stand at its label; where it has none and `cells_open`, at its
    /// first bar.
    fn place_group(
        &mut self,
        placing: &mut Placing,
        group: &BarGroup,
        mut indent: f64,
        (mut cells_open, setting): (bool, Setting),
    ) {
        let cells = Some(placing.groups);
        placing.groups += 1;
        if let Some(label) = &group.label {
            let runs = setting.numbers.label(label);
            self.place_head(placing, (indent, runs), cells, setting);
            indent += INDENT * self.size;
            cells_open = false;
        }
        let ends = (self.axis.start, self.axis.end);
        let contents: Vec<Option<Segments>> = group
            .bars
            .iter()
            .map(|bar| Segments::new(bar, setting, self.size, ends))
            .collect();
        let over =
            |content: &Option<Segments>| content.as_ref().is_some_and(Segments::needs_room_over);
        let all_over = self.spacing.even && contents.iter().any(over);
        for (bar, content) in group.bars.iter().zip(contents) {
            if all_over || over(&content) {
                placing.top += setting.metrics.ascent(self.size) + LEADER * self.size;
            }
            let label = setting.numbers.label(&bar.label);
            let label = wrap(setting.metrics, &label, self.size, self.stub - indent);
            self.cut |= label.cut;
            let content = content.ok_or_else(|| missing(&bar.segments, setting));
            let cells = cells.filter(|_| std::mem::take(&mut cells_open));
            self.place_bar(placing, (indent, label), content, (cells, setting));
        }
    }

    fn place_bar(
        &mut self,
        placing: &mut Placing,
        (indent, label): (f64, Wrapped),
        content: Result<Segments, TextLine>,
        (cells, setting): (Option<usize>, Setting),
    ) {
        let bar = self.spacing.bar * self.size;
        let line = line_height(setting, self.size);
        let more = line * label.lines.len().saturating_sub(1) as f64;
        let height = bar.max(more + line);
        let middle = placing.top + height / 2.0;
        let baseline = middle + setting.metrics.cap_height(self.size) / 2.0 - more / 2.0;
        self.lines.push(Line {
            label_top: baseline - setting.metrics.ascent(self.size),
            indent,
            label,
            cells,
            bar: Some(BarAt {
                index: placing.bars,
                top: middle - bar / 2.0,
                content,
            }),
        });
        placing.bars += 1;
        placing.top += height + self.spacing.between * self.size;
    }

    /// Draws everything.
    pub fn draw(&self, canvas: &mut Canvas, setting: Setting) {
        self.draw_heads(canvas, setting);
        for line in &self.lines {
            self.draw_line(canvas, line, setting);
        }
        let y = self.lines_bottom + 0.4 * self.size;
        let below = self
            .axis
            .draw_level(canvas, setting, y, self.size, self.width);
        let middle = self.axis.start.midpoint(self.axis.end);
        let at = point(middle, y + below + 0.1 * self.size);
        canvas.lines(at, Anchor::Middle, self.size, &self.title.lines);
    }

    /// The heads and the legend, their last lines on one height, over a rule.
    fn draw_heads(&self, canvas: &mut Canvas, setting: Setting) {
        let rule = self.lines_top - 0.4 * self.size;
        let bottom = rule - 0.3 * self.size;
        for column in self.columns.iter().chain([&self.total]) {
            column.draw_head(canvas, setting, bottom);
        }
        self.legend.draw(canvas, self.axis.start, bottom, setting);
        canvas.edge_line(point(0.0, rule), point(self.width, rule));
    }

    fn draw_line(&self, canvas: &mut Canvas, line: &Line, setting: Setting) {
        let at = point(line.indent, line.label_top);
        canvas.lines(at, Anchor::Start, self.size, &line.label.lines);
        if let Some(group) = line.cells {
            let baseline = line.label_top + setting.metrics.ascent(self.size);
            for column in &self.columns {
                column.draw(canvas, group, baseline);
            }
        }
        let Some(bar) = &line.bar else { return };
        let height = self.spacing.bar * self.size;
        let baseline = bar.top + height / 2.0 + setting.metrics.cap_height(self.size) / 2.0;
        self.total.draw(canvas, bar.index, baseline);
        match &bar.content {
            Ok(segments) => segments.draw(canvas, bar.top, height, setting),
            Err(words) => {
                let at = point(self.axis.start + 0.3 * self.size, baseline);
                canvas.text(at, Anchor::Start, self.size, words.clone());
            }
        }
    }
}

/// How far the lines have come.
struct Placing {
    top: f64,
    groups: usize,
    bars: usize,
}

/// An axis of percentages.
fn percent_axis(start: f64, end: f64) -> Axis {
    let range = AxisRange::exactly(Scale::Difference, 0.0, 100.0, MOST_TICKS);
    Axis {
        range: range
            .unwrap_or_else(|| AxisRange::around(Scale::Difference, 0.0, 100.0, MOST_TICKS)),
        start,
        end,
    }
}

/// What is printed of a bar with nobody in it: that of a segment, which has no value.
fn missing(segments: &[BarSegment], setting: Setting) -> TextLine {
    let first = segments.first();
    first.map_or_else(Vec::new, |s| setting.numbers.form(&s.text, Digits::Style))
}

/// The widest label of a bar with its indent.
fn stub_width(plot: &BarPlot, setting: Setting, size: f64) -> f64 {
    let mut widest: f64 = 0.0;
    for section in &plot.sections {
        for group in &section.groups {
            let steps = u8::from(!section.label.text.is_empty()) + u8::from(group.label.is_some());
            let indent = f64::from(steps) * INDENT * size;
            for bar in &group.bars {
                let label = setting.numbers.label(&bar.label);
                widest = widest.max(indent + setting.metrics.width(&label, size));
            }
        }
    }
    widest
}

fn groups(plot: &BarPlot) -> impl Iterator<Item = &BarGroup> {
    plot.sections.iter().flat_map(|s| &s.groups)
}

fn total_column(plot: &BarPlot, setting: Setting, size: f64) -> HeadedColumn {
    let head = embolden(setting.numbers.label(&plot.total));
    let count = |n: &StatId| {
        setting
            .numbers
            .form(&Form::Count { n: n.clone() }, Digits::Style)
    };
    let bars = groups(plot).flat_map(|g| &g.bars);
    let cells = bars.map(|bar| Some(count(&bar.total))).collect();
    HeadedColumn::new(&head, cells, setting, size)
}

fn cell_columns(plot: &BarPlot, setting: Setting, size: f64) -> Vec<HeadedColumn> {
    let text = |cell: &BarCell| {
        let mut runs = setting.numbers.form(&cell.form, Digits::Style);
        runs.extend(setting.numbers.label(&cell.marks));
        runs
    };
    let column = |(i, head): (usize, &Label)| {
        let head = embolden(setting.numbers.label(head));
        let cells = groups(plot).map(|g| g.cells.get(i).and_then(Option::as_ref).map(text));
        HeadedColumn::new(&head, cells.collect(), setting, size)
    };
    plot.columns.iter().enumerate().map(column).collect()
}
