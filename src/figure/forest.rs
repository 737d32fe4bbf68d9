//! Forest plots: a row an effect, with its text, its box and its interval along a common axis (Lewis & Clarke 2001).

mod grid;
mod plot;
mod range;

use super::canvas::{Canvas, line_height, point};
use super::scene::{Anchor, Item, Scene};
use super::wrap::{plain_text, wrap};
use super::{Setting, TextRun};
use crate::artefact::{Digits, ForestEffect, ForestPlot, ForestRow, Form};
use crate::diagnostic::{Diagnostic, Diagnostics};
use grid::Grid;
use plot::Plot;

/// How many rows are told in words for readers who can't see the plot.
const TOLD_ROWS: usize = 60;

/// Draws a forest plot. It is as high as its rows need; the text shrinks towards the theme's smallest size where the
/// columns need more than the width.
pub fn forest(forest: &ForestPlot, setting: Setting) -> (Scene, Diagnostics) {
    let (range, mut diagnostics) = range::choose(forest, setting.numbers);
    let grid = Grid::fit(forest, setting);
    if grid.width > setting.width + 0.01 {
        let message = "the forest plot's columns need more than its width and made it wider";
        let diagnostic = Diagnostic::warning("figure-too-wide", message)
            .help("shorten labels and heads, or leave a column out");
        diagnostics.push(diagnostic);
    }
    let mut canvas = Canvas::new(setting);
    let plot = Plot::new(forest, range, &grid, setting);
    draw_bands(&mut canvas, &grid, setting);
    grid.draw_heads(&mut canvas, setting);
    plot.draw_null_line(&mut canvas, setting);
    for (index, row) in forest.rows.iter().enumerate() {
        grid.draw_row(&mut canvas, index);
        if let Some(effect) = &row.effect {
            plot.draw_effect(&mut canvas, effect, grid.middle(index), setting);
        }
    }
    let height = plot.draw_foot(&mut canvas, forest, &grid, setting);
    let (scene, missing) = canvas.finish(grid.width, height, describe(forest, setting));
    diagnostics.extend(missing);
    (scene, diagnostics)
}

fn draw_bands(canvas: &mut Canvas, grid: &Grid, setting: Setting) {
    let Some(paint) = setting.theme.band else {
        return;
    };
    for row in grid.rows.iter().skip(1).step_by(2) {
        canvas.push(Item::Rect {
            at: point(0.0, row.top),
            width: grid.width,
            height: row.height,
            fill: Some(paint),
            stroke: None,
        });
    }
}

/// The effect with its interval as the style prints it.
fn effect_form(effect: &ForestEffect) -> Form {
    Form::EstimateCi {
        estimate: effect.estimate.clone(),
        low: effect.low.clone(),
        high: effect.high.clone(),
    }
}

/// A head over rows: nothing but words.
fn is_head(row: &ForestRow) -> bool {
    row.effect.is_none() && row.cells.iter().all(Option::is_none)
}

/// The plot in words.
fn describe(forest: &ForestPlot, setting: Setting) -> String {
    let numbers = setting.numbers;
    let interval = numbers.interval(forest.conf_level);
    let mut sentences = vec![format!("Forest plot of {} with {interval}.", forest.axis)];
    let mut head = String::new();
    for row in forest.rows.iter().take(TOLD_ROWS) {
        let label = plain_text(&numbers.label(&row.label));
        let p = row.p.as_ref().map(|p| plain_text(&numbers.p_value(p)));
        let p = p.map_or(String::new(), |p| format!(", P value {p}"));
        let Some(effect) = &row.effect else {
            if !p.is_empty() {
                sentences.push(format!("{label}{p}."));
            }
            head = format!("{label}, ");
            continue;
        };
        let told = plain_text(&numbers.form(&effect_form(effect), forest.digits));
        let within = if row.indent > 0 { head.as_str() } else { "" };
        sentences.push(format!("{within}{label}: {told}{p}."));
    }
    let more = forest.rows.len().saturating_sub(TOLD_ROWS);
    if more > 0 {
        sentences.push(format!("And {more} more rows."));
    }
    let ends = [&forest.favors_left, &forest.favors_right];
    let sides = ["left", "right"];
    for (words, side) in ends.into_iter().zip(sides) {
        if let Some(words) = words {
            sentences.push(format!("Values to the {side}: {words}."));
        }
    }
    sentences.join(" ")
}

/// A text's lines at most `width` points wide, centred below `top` and kept between the figure's edges; the height that
/// they take.
fn centred_text(
    canvas: &mut Canvas,
    setting: Setting,
    runs: &[TextRun],
    size: f64,
    (centre, top): (f64, f64),
    (width, figure): (f64, f64),
) -> f64 {
    let wrapped = wrap(setting.metrics, runs, size, width);
    for (i, line) in wrapped.lines.iter().enumerate() {
        let half = setting.metrics.width(line, size) / 2.0;
        let x = centre.min(figure - half).max(half);
        let baseline = top + line_height(setting, size) * i as f64 + setting.metrics.ascent(size);
        canvas.text(point(x, baseline), Anchor::Middle, size, line.clone());
    }
    line_height(setting, size) * wrapped.lines.len() as f64
}

/// The text of a column's cell.
fn cell_text(form: Option<&Form>, setting: Setting) -> Option<Vec<TextRun>> {
    form.map(|form| setting.numbers.form(form, Digits::Style))
}
