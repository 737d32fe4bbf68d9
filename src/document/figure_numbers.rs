//! How the figures' numbers are printed: by the journal's style.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::{Discriminant, discriminant};

use super::Printing;
use super::inline::text_runs;
use super::notes::Notes;
use crate::artefact::{
    Artefact, BarGroup, BarPlot, Digits, FlowDiagram, ForestPlot, Form, Label, Note, Quantity,
};
use crate::figure::{Numbers, TextRun};
use crate::statistic::{ResultSet, StatId};
use crate::style::number::Decimal;
use crate::style::{Printer, Rich, Run, Setting};

/// The numbers of one figure.
#[derive(Debug)]
pub(super) struct FigureNumbers<'a> {
    printer: Printer<'a>,
    /// The marks of notes by key, given in reading order before the figure is laid out.
    marks: BTreeMap<String, String>,
    /// The forms of which a limit is negative: all of such a form are written alike.
    signed: Vec<Discriminant<Form>>,
}

impl<'a> FigureNumbers<'a> {
    /// Numbers for a figure, whose notes are marked in reading order.
    pub fn new(artefact: &Artefact, printer: Printer<'a>, notes: &mut Notes<'_>) -> Self {
        let mut marks = BTreeMap::new();
        for label in labels(artefact) {
            notes.sees(&printer.label(label).words.text());
            for key in &label.notes {
                let mark = notes.marks([key]);
                marks.insert(key.clone(), mark);
            }
        }
        let forms = forms(artefact);
        for form in &forms {
            notes.explains(form);
            let quantity = Quantity::new(form.clone());
            notes.sees(&printer.quantity(&quantity, Setting::CELL).text());
        }
        let signed = forms.iter().filter(|form| printer.is_signed(form));
        let numbers = Self {
            printer,
            marks,
            signed: signed.map(discriminant).collect(),
        };
        if let Artefact::Forest(forest) = artefact {
            notes.sees(&numbers.interval(forest.conf_level));
        }
        numbers
    }
}

impl FigureNumbers<'_> {
    /// What the figure prints of numbers, in reading order.
    pub fn printed(&self, artefact: &Artefact) -> Vec<(Vec<StatId>, Printing)> {
        let counts = labels(artefact).into_iter().filter_map(|l| l.n.clone());
        let counts = counts.map(|n| Quantity::new(Form::Count { n }));
        let effects = match artefact {
            Artefact::Forest(forest) => forest.digits,
            _ => Digits::Style,
        };
        let others = forms(artefact).into_iter().map(|form| Quantity {
            digits: match form {
                Form::EstimateCi { .. } => effects,
                _ => Digits::Style,
            },
            form,
        });
        let known = |id: &&StatId| self.printer.results.get(id).is_some();
        let print = |quantity: Quantity| {
            let setting = self.setting(&quantity.form);
            let stats = quantity.form.stats().into_iter().filter(known).cloned();
            let printing = Printing {
                text: self.printer.quantity(&quantity, setting).text(),
                rule: self.printer.rule_of(&quantity, setting),
            };
            (stats.collect(), printing)
        };
        counts.chain(others).map(print).collect()
    }

    fn setting(&self, form: &Form) -> Setting {
        Setting::Cell {
            signed: self.signed.contains(&discriminant(form)),
        }
    }
}

impl Numbers for FigureNumbers<'_> {
    fn form(&self, form: &Form, digits: Digits) -> Vec<TextRun> {
        let quantity = Quantity {
            form: form.clone(),
            digits,
        };
        let setting = self.setting(form);
        text_runs(&self.printer.quantity(&quantity, setting).rich())
    }

    fn value(&self, id: &StatId) -> Option<f64> {
        self.printer.results.value(id).filter(|v| v.is_finite())
    }

    fn p_value(&self, id: &StatId) -> Vec<TextRun> {
        self.form(&Form::PValue { p: id.clone() }, Digits::Style)
    }

    fn axis(&self, value: f64, decimals: u8) -> String {
        Decimal::new(value).map_or_else(String::new, |v| self.printer.style.text(&v, decimals))
    }

    fn label(&self, label: &Label) -> Vec<TextRun> {
        let mut line = self.printer.label(label).line();
        let marks = label.notes.iter().filter_map(|key| self.marks.get(key));
        let marks: Vec<&str> = marks
            .map(String::as_str)
            .filter(|m| !m.is_empty())
            .collect();
        line.push(Run {
            text: marks.join(","),
            italic: false,
            superscript: true,
        });
        text_runs(&line)
    }

    fn interval(&self, conf_level: f64) -> String {
        let level = self.printer.level(conf_level);
        let words: Rich = self.printer.style.rules.words.interval.with(&level);
        words.text()
    }
}

/// The labels of a figure in reading order.
fn labels(artefact: &Artefact) -> Vec<&Label> {
    match artefact {
        Artefact::Forest(forest) => {
            let heads = std::iter::once(&forest.stub);
            let columns = forest.columns.iter().map(|c| &c.label);
            let rows = forest.rows.iter().map(|r| &r.label);
            heads
                .chain(columns)
                .chain(&forest.p_head)
                .chain(rows)
                .collect()
        }
        Artefact::LinePlot(plot) => plot.counts.iter().collect(),
        Artefact::Bars(plot) => bar_labels(plot),
        Artefact::Flow(_) | Artefact::Table(_) => Vec::new(),
    }
}

/// The numbers that a figure prints as text, in reading order.
pub(super) fn forms(artefact: &Artefact) -> Vec<Form> {
    match artefact {
        Artefact::Forest(forest) => forest_forms(forest),
        Artefact::Flow(flow) => flow_counts(flow)
            .into_iter()
            .map(|n| Form::Count { n })
            .collect(),
        Artefact::LinePlot(plot) => {
            let points = plot.series.iter().flat_map(|s| &s.points);
            points
                .map(|p| Form::Count { n: p.n.clone() })
                .filter(|_| plot.counts.is_some())
                .collect()
        }
        Artefact::Bars(plot) => bar_forms(plot),
        Artefact::Table(_) => Vec::new(),
    }
}

fn bar_labels(plot: &BarPlot) -> Vec<&Label> {
    let mut labels: Vec<&Label> = std::iter::once(&plot.total).chain(&plot.columns).collect();
    for section in &plot.sections {
        labels.push(&section.label);
        for group in &section.groups {
            labels.extend(&group.label);
            labels.extend(group.cells.iter().flatten().map(|cell| &cell.marks));
            labels.extend(group.bars.iter().map(|bar| &bar.label));
        }
    }
    labels
}

fn bar_groups(plot: &BarPlot) -> impl Iterator<Item = &BarGroup> {
    plot.sections.iter().flat_map(|s| &s.groups)
}

fn bar_forms(plot: &BarPlot) -> Vec<Form> {
    let mut forms = Vec::new();
    for group in bar_groups(plot) {
        forms.extend(group.cells.iter().flatten().map(|cell| cell.form.clone()));
        for bar in &group.bars {
            let n = bar.total.clone();
            forms.push(Form::Count { n });
            forms.extend(bar.segments.iter().map(|s| s.text.clone()));
        }
    }
    forms
}

fn forest_forms(forest: &ForestPlot) -> Vec<Form> {
    let mut forms = Vec::new();
    for row in &forest.rows {
        forms.extend(row.cells.iter().flatten().cloned());
        forms.extend(row.effect.iter().map(|effect| Form::EstimateCi {
            estimate: effect.estimate.clone(),
            low: effect.low.clone(),
            high: effect.high.clone(),
        }));
        forms.extend(row.p.iter().map(|p| Form::PValue { p: p.clone() }));
    }
    forms
}

fn flow_counts(flow: &FlowDiagram) -> Vec<StatId> {
    let mut counts = Vec::new();
    let mut line = |line: &crate::artefact::FlowCount| {
        counts.extend(line.n.clone());
        counts.extend(line.reasons.iter().map(|r| r.n.clone()));
    };
    for trunk in &flow.trunk {
        trunk.lines.iter().for_each(&mut line);
        trunk.excluded.iter().for_each(&mut line);
    }
    for stage in flow.arms.iter().flat_map(|arm| &arm.stages) {
        stage.lines.iter().for_each(&mut line);
    }
    counts
}

/// Every statistic that a figure shows, as text or as a place on its axes, in reading order and once.
pub(super) fn stats(artefact: &Artefact, results: &ResultSet) -> Vec<StatId> {
    let mut stats: Vec<StatId> = labels(artefact)
        .into_iter()
        .filter_map(|label| label.n.clone())
        .collect();
    stats.extend(
        forms(artefact)
            .iter()
            .flat_map(|f| f.stats().into_iter().cloned()),
    );
    if let Artefact::LinePlot(plot) = artefact {
        for point in plot.series.iter().flat_map(|s| &s.points) {
            stats.push(point.y.clone());
            stats.extend(point.low.iter().chain(&point.high).cloned());
        }
    }
    if let Artefact::Bars(plot) = artefact {
        let segments = bar_groups(plot)
            .flat_map(|g| &g.bars)
            .flat_map(|b| &b.segments);
        stats.extend(segments.flat_map(|s| [s.n.clone(), s.p.clone()]));
    }
    let mut seen = BTreeSet::new();
    stats.retain(|id| results.get(id).is_some() && seen.insert(id.clone()));
    stats
}

/// The notes and abbreviations of an artefact.
pub(super) fn notes_of(artefact: &Artefact) -> (&[Note], &[(String, String)]) {
    match artefact {
        Artefact::Table(table) => (&table.notes, &table.abbreviations),
        Artefact::Forest(forest) => (&forest.notes, &forest.abbreviations),
        Artefact::LinePlot(plot) => (&plot.notes, &plot.abbreviations),
        Artefact::Bars(plot) => (&plot.notes, &plot.abbreviations),
        Artefact::Flow(_) => (&[], &[]),
    }
}
