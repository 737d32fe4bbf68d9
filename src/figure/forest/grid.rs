//! The columns and rows of a forest plot: what stands where, and what is left for the axis.

use super::{cell_text, effect_form, is_head};
use crate::artefact::{ForestPlot, Label, Measure};
use crate::figure::canvas::{Canvas, line_height, point, sensible_width};
use crate::figure::column::HeadedColumn;
use crate::figure::scene::Anchor;
use crate::figure::wrap::{TextLine, Wrapped, embolden, wrap};
use crate::figure::{Setting, shrinking};

/// Between columns, in sizes.
const GAP: f64 = 1.5;

/// Between the axis and the columns beside it, in sizes; the first and last numbers at ticks reach into it.
const PLOT_GAP: f64 = 2.0;

/// The narrowest axis, in sizes.
const LEAST_PLOT: f64 = 15.0;

/// The widest axis, as a part of the figure.
const MOST_PLOT: f64 = 0.42;

/// The narrowest column of labels, in sizes.
const LEAST_STUB: f64 = 9.0;

/// How far a label is indented by a step, in sizes.
const INDENT: f64 = 1.0;

/// Between the texts of two rows, in sizes.
const ROW_GAP: f64 = 0.5;

/// A row's label and place.
pub struct GridRow {
    /// Its upper edge in points.
    pub top: f64,
    /// Its height.
    pub height: f64,
    indent: f64,
    label: Wrapped,
}

/// A forest plot's columns and rows at their places.
pub struct Grid {
    /// Size of the text in points.
    pub size: f64,
    /// Width of the whole.
    pub width: f64,
    /// Left end of the axis.
    pub plot_left: f64,
    /// Right end of the axis.
    pub plot_right: f64,
    /// Where the rows begin.
    pub rows_top: f64,
    /// The rows.
    pub rows: Vec<GridRow>,
    stub_head: Wrapped,
    columns: Vec<HeadedColumn>,
    first_middle: f64,
    ascent: f64,
    cut: bool,
}

impl Grid {
    /// The grid in the largest text whose columns leave room for the axis, or in the theme's smallest.
    pub fn fit(forest: &ForestPlot, setting: Setting) -> Self {
        let width = sensible_width(setting.width);
        let fits = |grid: &Self| grid.width <= width + 0.01 && !grid.cut;
        shrinking(setting.theme, |size| Self::new(forest, setting, size), fits)
    }

    fn new(forest: &ForestPlot, setting: Setting, size: f64) -> Self {
        let metrics = setting.metrics;
        let mut left = number_columns(forest, setting, size);
        left.push(effect_column(forest, setting, size));
        let mut right = Vec::from_iter(p_column(forest, setting, size));
        let stub_head = embolden(setting.numbers.label(&forest.stub));
        let labels = labels(forest, setting);
        let natural = labels
            .iter()
            .map(|(indent, runs)| indent * size + metrics.width(runs, size))
            .chain([metrics.width(&stub_head, size)])
            .fold(0.0, f64::max);

        let margin = PLOT_GAP * size;
        let beside: f64 = left.iter().map(|c| c.width + GAP * size).sum::<f64>()
            + right.iter().map(|c| c.width).sum::<f64>()
            + 2.0 * margin;
        let given = sensible_width(setting.width);
        let room = given - beside - LEAST_PLOT * size;
        let mut stub = natural.min(room.max(LEAST_STUB * size));
        let plot = (given - beside - stub).clamp(LEAST_PLOT * size, MOST_PLOT * given);
        stub = stub.max(given - beside - plot);

        let mut x = stub;
        for column in &mut left {
            column.x = x + GAP * size;
            x = column.x + column.width;
        }
        let plot_left = x + margin;
        let plot_right = plot_left + plot;
        x = plot_right + margin;
        for column in &mut right {
            column.x = x;
            x += column.width;
        }
        left.append(&mut right);
        let mut grid = Self {
            size,
            // Sums of widths are not exact: what is as wide as given is just that.
            width: if x < given + 0.01 { given } else { x },
            plot_left,
            plot_right,
            rows_top: 0.0,
            rows: Vec::new(),
            stub_head: wrap(metrics, &stub_head, size, stub),
            columns: left,
            first_middle: metrics.ascent(size) - metrics.cap_height(size) / 2.0,
            ascent: metrics.ascent(size),
            cut: false,
        };
        grid.place_rows(labels, stub, setting);
        grid
    }

    fn place_rows(&mut self, labels: Vec<(f64, TextLine)>, stub: f64, setting: Setting) {
        let line = line_height(setting, self.size);
        let heads = self.columns.iter().map(|c| &c.head);
        let lines = heads.chain([&self.stub_head]).map(|h| h.lines.len()).max();
        self.rows_top = line * lines.unwrap_or(0) as f64 + 0.9 * self.size;
        let mut top = self.rows_top;
        for (indent, runs) in labels {
            let indent = (indent * self.size).min(0.5 * stub);
            let label = wrap(setting.metrics, &runs, self.size, stub - indent);
            self.cut |= label.cut;
            let height = line * label.lines.len().max(1) as f64 + ROW_GAP * self.size;
            self.rows.push(GridRow {
                top,
                height,
                indent,
                label,
            });
            top += height;
        }
    }

    /// Where the rows end.
    pub fn rows_bottom(&self) -> f64 {
        self.rows
            .last()
            .map_or(self.rows_top, |row| row.top + row.height)
    }

    /// The height of a row's effect: the middle of its first line's capitals.
    pub fn middle(&self, index: usize) -> f64 {
        let top = self.rows.get(index).map_or(self.rows_top, |row| row.top);
        top + ROW_GAP * self.size / 2.0 + self.first_middle
    }

    /// Draws the heads, their last lines on one height, over a rule.
    pub fn draw_heads(&self, canvas: &mut Canvas, setting: Setting) {
        let line = line_height(setting, self.size);
        let rule = self.rows_top - 0.4 * self.size;
        let bottom = rule - 0.3 * self.size;
        let top = |wrapped: &Wrapped| bottom - line * wrapped.lines.len() as f64;
        let at = point(0.0, top(&self.stub_head));
        canvas.lines(at, Anchor::Start, self.size, &self.stub_head.lines);
        for column in &self.columns {
            column.draw_head(canvas, setting, bottom);
        }
        canvas.edge_line(point(0.0, rule), point(self.width, rule));
    }

    /// Draws a row's label and its cells.
    pub fn draw_row(&self, canvas: &mut Canvas, index: usize) {
        let Some(row) = self.rows.get(index) else {
            return;
        };
        let top = row.top + ROW_GAP * self.size / 2.0;
        let at = point(row.indent, top);
        canvas.lines(at, Anchor::Start, self.size, &row.label.lines);
        for column in &self.columns {
            column.draw(canvas, index, top + self.ascent);
        }
    }
}

/// The rows' labels with their indents in steps; heads are bold.
fn labels(forest: &ForestPlot, setting: Setting) -> Vec<(f64, TextLine)> {
    let label = |row| {
        let forest_row: &crate::artefact::ForestRow = row;
        let runs = setting.numbers.label(&forest_row.label);
        let runs = if is_head(forest_row) {
            embolden(runs)
        } else {
            runs
        };
        (INDENT * f64::from(forest_row.indent), runs)
    };
    forest.rows.iter().map(label).collect()
}

fn number_columns(forest: &ForestPlot, setting: Setting, size: f64) -> Vec<HeadedColumn> {
    forest
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let head = embolden(setting.numbers.label(&column.label));
            let cells = forest
                .rows
                .iter()
                .map(|row| cell_text(row.cells.get(i).and_then(Option::as_ref), setting))
                .collect();
            HeadedColumn::new(&head, cells, setting, size)
        })
        .collect()
}

fn effect_column(forest: &ForestPlot, setting: Setting, size: f64) -> HeadedColumn {
    let label = Label {
        conf_level: Some(forest.conf_level),
        ..Label::text(&forest.effect).measure(Measure::EstimateCi)
    };
    let head = embolden(setting.numbers.label(&label));
    let cells = forest
        .rows
        .iter()
        .map(|row| {
            let form = effect_form(row.effect.as_ref()?);
            Some(setting.numbers.form(&form, forest.digits))
        })
        .collect();
    HeadedColumn::new(&head, cells, setting, size)
}

/// The column of P values, where a row has one.
fn p_column(forest: &ForestPlot, setting: Setting, size: f64) -> Option<HeadedColumn> {
    forest.rows.iter().find(|row| row.p.is_some())?;
    let head = forest.p_head.as_ref();
    let head = head.map_or(Vec::new(), |head| embolden(setting.numbers.label(head)));
    let cells = forest
        .rows
        .iter()
        .map(|row| row.p.as_ref().map(|p| setting.numbers.p_value(p)))
        .collect();
    Some(HeadedColumn::new(&head, cells, setting, size))
}
