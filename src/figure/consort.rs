//! CONSORT flow diagrams (Schulz, Altman, Moher for the CONSORT Group 2010): enrollment, allocation, follow-up, analysis.

mod block;
mod layout;

use super::canvas::{ARROW_LENGTH, Canvas, point, short_of};
use super::scene::{Item, Point, Scene};
use super::wrap::plain_text;
use super::{Numbers, Setting};
use crate::artefact::{Digits, FlowCount, FlowDiagram, Form};
use crate::diagnostic::Diagnostics;
use crate::statistic::StatId;

pub use block::SetText;
pub use layout::{BoxKind, Connector, Layout, PlacedBox, layout};

/// Draws a flow diagram. It is as high as its boxes need; the text shrinks towards the theme's smallest size where a
/// word would not fit its box.
pub fn consort(flow: &FlowDiagram, setting: Setting) -> (Scene, Diagnostics) {
    let layout = layout(flow, setting);
    let mut canvas = Canvas::new(setting);
    draw_connectors(&mut canvas, &layout.connectors, setting);
    for placed in &layout.boxes {
        draw_box(&mut canvas, placed, &layout, setting);
    }
    let alt = describe(flow, setting.numbers);
    let (scene, mut diagnostics) = canvas.finish(layout.width, layout.height, alt);
    diagnostics.extend(layout.diagnostics);
    (scene, diagnostics)
}

fn draw_box(canvas: &mut Canvas, placed: &PlacedBox, layout: &Layout, setting: Setting) {
    let head = placed.kind == BoxKind::Head;
    let edge = canvas.edge();
    canvas.push(Item::Rect {
        at: point(placed.x, placed.y),
        width: placed.width,
        height: placed.height,
        fill: head.then_some(setting.theme.head_fill),
        stroke: (!head).then_some(edge),
    });
    for text in &placed.texts {
        canvas.text(text.at, text.anchor, layout.size, text.runs.clone());
    }
}

/// Draws every stretch of line once, though connectors share their first ones, and then the heads.
fn draw_connectors(canvas: &mut Canvas, connectors: &[Connector], setting: Setting) {
    for (from, to) in stretches(connectors) {
        canvas.edge_line(from, to);
    }
    for connector in connectors {
        if let [.., from, tip] = connector.points.as_slice() {
            canvas.arrow_head(*from, *tip, setting.theme.ink);
        }
    }
}

/// The lines of connectors, level and upright, with what overlaps joined.
fn stretches(connectors: &[Connector]) -> Vec<(Point, Point)> {
    let mut joined: Vec<(Point, Point)> = Vec::new();
    for connector in connectors {
        let last = connector.points.len().saturating_sub(2);
        for (i, pair) in connector.points.windows(2).enumerate() {
            let &[from, to] = pair else { continue };
            let end = if i == last {
                short_of(from, to, ARROW_LENGTH / 2.0)
            } else {
                to
            };
            join(&mut joined, from, end);
        }
    }
    joined
}

fn join(joined: &mut Vec<(Point, Point)>, from: Point, to: Point) {
    let level = from.y == to.y;
    for (start, end) in joined.iter_mut() {
        let same_line = if level {
            start.y == from.y && end.y == from.y
        } else {
            start.x == from.x && end.x == from.x
        };
        let along = |p: Point| if level { p.x } else { p.y };
        let (low, high) = order(along(*start), along(*end));
        let (new_low, new_high) = order(along(from), along(to));
        if same_line && new_low <= high && low <= new_high {
            let (low, high) = (low.min(new_low), high.max(new_high));
            let at = |v: f64| {
                if level {
                    point(v, from.y)
                } else {
                    point(from.x, v)
                }
            };
            (*start, *end) = (at(low), at(high));
            return;
        }
    }
    joined.push((from, to));
}

fn order(a: f64, b: f64) -> (f64, f64) {
    (a.min(b), a.max(b))
}

/// A count as the style prints it.
fn count(numbers: &dyn Numbers, n: &StatId) -> String {
    plain_text(&numbers.form(&Form::Count { n: n.clone() }, Digits::Style))
}

/// The diagram in words.
fn describe(flow: &FlowDiagram, numbers: &dyn Numbers) -> String {
    let mut sentences = vec!["Flow diagram of participants.".to_owned()];
    let trunk: Vec<String> = flow
        .trunk
        .iter()
        .flat_map(|b| b.lines.iter().chain(&b.excluded))
        .map(|line| describe_line(line, numbers))
        .collect();
    if !trunk.is_empty() {
        sentences.push(format!("{}: {}.", flow.trunk_stage, trunk.join("; ")));
    }
    for (i, stage) in flow.stages.iter().enumerate() {
        let arms: Vec<String> = flow
            .arms
            .iter()
            .filter_map(|arm| {
                let lines: Vec<String> = arm
                    .stages
                    .get(i)?
                    .lines
                    .iter()
                    .map(|line| describe_line(line, numbers))
                    .collect();
                (!lines.is_empty()).then(|| format!("in {}, {}", arm.name, lines.join("; ")))
            })
            .collect();
        if !arms.is_empty() {
            sentences.push(format!("{stage}: {}.", arms.join(". And ")));
        }
    }
    sentences.join(" ")
}

fn describe_line(line: &FlowCount, numbers: &dyn Numbers) -> String {
    let mut words = match &line.n {
        Some(n) => format!("{} {}", count(numbers, n), line.text),
        None => line.text.clone(),
    };
    let reasons: Vec<String> = line
        .reasons
        .iter()
        .map(|r| format!("{} {}", count(numbers, &r.n), r.text))
        .collect();
    if !reasons.is_empty() {
        words = format!("{words} ({})", reasons.join(", "));
    }
    words
}
