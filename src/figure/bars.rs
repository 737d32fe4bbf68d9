//! Stacked bars: level bars of 100% cut into ordered categories, a number in each part, what compares them at the
//! right.

mod grid;
mod legend;
mod segments;

use super::Setting;
use super::canvas::Canvas;
use super::scene::Scene;
use super::wrap::plain_text;
use crate::artefact::{Bar, BarGroup, BarPlot, Digits, Form};
use crate::diagnostic::{Diagnostic, Diagnostics};
use grid::Grid;

/// The greatest height in points that leaves a page room for the caption and notes.
const MOST_HEIGHT: f64 = 570.0;

/// How many bars are told in words for readers who can't see the plot.
const TOLD_BARS: usize = 120;

/// Draws stacked bars. Bars and text shrink, down to the theme's smallest size, where all would not fit on a page.
pub fn bars(plot: &BarPlot, setting: Setting) -> (Scene, Diagnostics) {
    let grid = Grid::fit(plot, setting);
    let mut diagnostics = Diagnostics::new();
    if grid.width > setting.width + 0.01 {
        let message =
            "the columns beside the bars need more than the figure's width and made it wider";
        let diagnostic =
            Diagnostic::warning("figure-too-wide", message).help("shorten labels and heads");
        diagnostics.push(diagnostic);
    }
    if grid.height > MOST_HEIGHT {
        let message = "the bars need more than a page's height";
        let diagnostic = Diagnostic::warning("figure-too-tall", message)
            .help("make two figures of it, each with a part of the measures");
        diagnostics.push(diagnostic);
    }
    let mut canvas = Canvas::new(setting);
    grid.draw(&mut canvas, setting);
    let (scene, missing) = canvas.finish(grid.width, grid.height, describe(plot, setting));
    diagnostics.extend(missing);
    (scene, diagnostics)
}

/// The plot in words.
fn describe(plot: &BarPlot, setting: Setting) -> String {
    let numbers = setting.numbers;
    let mut sentences = vec![format!(
        "Stacked bars of {}: {}.",
        plot.axis,
        plot.categories.join(", ")
    )];
    let mut told = 0;
    let mut all = 0;
    for section in &plot.sections {
        let measure = plain_text(&numbers.label(&section.label));
        for group in &section.groups {
            all += group.bars.len();
            if told >= TOLD_BARS {
                continue;
            }
            told += group.bars.len();
            let visit = group.label.as_ref().map(|l| plain_text(&numbers.label(l)));
            let place = visit.map_or(measure.clone(), |visit| format!("{measure}, {visit}"));
            let mut parts: Vec<String> = group
                .bars
                .iter()
                .map(|bar| describe_bar(plot, bar, setting))
                .collect();
            parts.extend(describe_cells(plot, group, setting));
            sentences.push(format!("{place}: {}.", parts.join("; ")));
        }
    }
    if all > told {
        sentences.push(format!("And {} more bars.", all - told));
    }
    sentences.join(" ")
}

fn describe_bar(plot: &BarPlot, bar: &Bar, setting: Setting) -> String {
    let print = |form: &Form| plain_text(&setting.numbers.form(form, Digits::Style));
    let label = plain_text(&setting.numbers.label(&bar.label));
    let total = print(&Form::Count {
        n: bar.total.clone(),
    });
    let parts: Vec<String> = plot
        .categories
        .iter()
        .zip(&bar.segments)
        .map(|(name, segment)| format!("{name} {}", print(&segment.text)))
        .collect();
    format!("{label}, n = {total}: {}", parts.join(", "))
}

/// What the columns at the right say of a group.
fn describe_cells(plot: &BarPlot, group: &BarGroup, setting: Setting) -> Vec<String> {
    let numbers = setting.numbers;
    let cells = plot.columns.iter().zip(&group.cells);
    cells
        .filter_map(|(head, cell)| {
            let head = plain_text(&numbers.label(head));
            let text = plain_text(&numbers.form(&cell.as_ref()?.form, Digits::Style));
            Some(format!("{head} {text}"))
        })
        .collect()
}
