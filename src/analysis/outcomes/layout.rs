//! The table: arms in columns where there are two, in rows where there are more.

use super::super::keys::quantile_note;
use super::super::notes::{Notes, listed, within_sentence};
use super::visits::Arm;
use super::{Effect, OutcomeKind, Shape, Spec, TTestKind};
use crate::artefact::{Cell, Column, Label, Measure, Row, RowKind, Spanner, Table};
use crate::stats::summary::QuantileType;

/// A visit's cells.
#[derive(Debug, Clone)]
pub(super) struct Line {
    label: Label,
    /// Key of the note on the model's rows.
    pub note: Option<String>,
    /// For each arm.
    pub arms: Vec<ArmCells>,
    /// For each arm but the reference: effect, P, adjusted P, then the same adjusted for covariates.
    pub effects: Vec<Vec<Cell>>,
}

impl Line {
    /// A line without cells yet.
    pub fn new(label: &str, unit: Option<String>) -> Self {
        Self {
            label: Label::text(label).unit(unit),
            note: None,
            arms: Vec::new(),
            effects: Vec::new(),
        }
    }
}

/// The cells of an arm at a visit.
#[derive(Debug, Clone)]
pub(super) struct ArmCells {
    /// How many have the outcome.
    pub observed: Option<Cell>,
    /// The summary, or the events.
    pub summary: Cell,
}

impl ArmCells {
    fn cells(self) -> impl Iterator<Item = Cell> {
        self.observed.into_iter().chain([self.summary])
    }
}

/// The table of the lines. `family` is how many P values were adjusted together.
pub(super) fn table(
    spec: &Spec,
    arms: &[Arm],
    lines: Vec<Line>,
    family: usize,
    mut notes: Notes,
) -> Table {
    let effects = effect_heads(spec, family, &mut notes);
    general_notes(spec, &mut notes);
    let mut table = if let [_, _] = arms {
        side_by_side(spec, arms, lines, effects)
    } else {
        one_below_another(spec, arms, lines, effects)
    };
    table.stub = stub(spec, arms.len());
    table.notes = notes.finish();
    table
}

fn stub(spec: &Spec, arms: usize) -> Label {
    if let Some(own) = &spec.stub {
        return Label::text(own);
    }
    match &spec.shape {
        Shape::Long { visit, .. } if arms == 2 => {
            Label::text(&visit.title).unit(visit.unit.clone())
        }
        Shape::Long { visit, .. } => Label::text(format!("{} and arm", visit.title)),
        Shape::Wide { .. } => Label::text("Outcome"),
    }
}

fn number(label: Label) -> Column {
    Column {
        label,
        words: false,
    }
}

/// The heads of an arm's columns.
fn arm_heads(spec: &Spec) -> Vec<Label> {
    let summary = match &spec.kind {
        OutcomeKind::Continuous { summary, .. } => summary.measure(),
        OutcomeKind::Binary { .. } => Measure::CountOfPercent,
    };
    let observed = spec.observed.measure();
    let measures = observed.into_iter().chain([summary]);
    measures.map(|m| Label::default().measure(m)).collect()
}

fn side_by_side(spec: &Spec, arms: &[Arm], lines: Vec<Line>, effects: Vec<Label>) -> Table {
    let heads = arm_heads(spec);
    let mut table = Table::default();
    for arm in arms {
        let label = Label::text(&arm.level.label).n(arm.size_id.clone());
        let first = table.columns.len();
        if let [one] = heads.as_slice() {
            let label = Label {
                measure: one.measure,
                ..label
            };
            table.columns.push(number(label));
            continue;
        }
        table.columns.extend(heads.iter().cloned().map(number));
        table.spanners.push(Spanner {
            label,
            first,
            last: table.columns.len() - 1,
        });
    }
    table.columns.extend(effects.into_iter().map(number));
    table.rows = lines.into_iter().map(beside).collect();
    table
}

fn beside(line: Line) -> Row {
    let arms = line.arms.into_iter().flat_map(ArmCells::cells);
    Row {
        kind: RowKind::Item,
        indent: 0,
        label: Label {
            notes: line.note.into_iter().collect(),
            ..line.label
        },
        cells: arms.chain(line.effects.into_iter().flatten()).collect(),
    }
}

fn one_below_another(spec: &Spec, arms: &[Arm], lines: Vec<Line>, effects: Vec<Label>) -> Table {
    let ratio = matches!(
        spec.kind,
        OutcomeKind::Binary {
            effect: Effect::RiskRatio | Effect::OddsRatio,
            ..
        }
    );
    let reference: Vec<Cell> = effects
        .iter()
        .map(|head| match head.measure {
            Some(Measure::EstimateCi) => Cell::Reference { ratio },
            _ => Cell::Empty,
        })
        .collect();
    let heads = arm_heads(spec).into_iter().chain(effects);
    let mut table = Table {
        columns: heads.map(number).collect(),
        ..Table::default()
    };
    for line in lines {
        table.rows.push(Row {
            kind: RowKind::Section,
            indent: 0,
            label: Label {
                notes: line.note.into_iter().collect(),
                ..line.label
            },
            cells: Vec::new(),
        });
        let mut others = line.effects.into_iter();
        for (i, (arm, cells)) in arms.iter().zip(line.arms).enumerate() {
            let effects = if i == spec.arms.reference {
                reference.clone()
            } else {
                others.next().unwrap_or_default()
            };
            table.rows.push(Row {
                kind: RowKind::Item,
                indent: 1,
                label: Label::text(&arm.level.label).n(arm.size_id.clone()),
                cells: cells.cells().chain(effects).collect(),
            });
        }
    }
    table
}

/// The heads of the effects' columns, with their notes.
fn effect_heads(spec: &Spec, family: usize, notes: &mut Notes) -> Vec<Label> {
    let interval = |text: &str| Label {
        conf_level: Some(spec.conf_level),
        ..Label::text(text).measure(Measure::EstimateCi)
    };
    let p = || Label::default().measure(Measure::PValue);
    let (name, method, test) = match &spec.kind {
        OutcomeKind::Continuous { test, .. } => {
            let name = match test {
                TTestKind::Welch => "Welch",
                TTestKind::Student => "Student",
            };
            (
                "Difference",
                format!(
                    "Difference of means, {}; {name} interval.",
                    direction(spec, "−")
                ),
                format!("{name} t test."),
            )
        }
        OutcomeKind::Binary { effect, test, .. } => {
            let (name, method) = proportions(spec, *effect);
            (name, method, format!("{}.", test.name()))
        }
    };
    let mut heads = vec![notes.mark(interval(name), method)];
    if spec.covariates.is_empty() {
        heads.push(notes.mark(p(), test));
    } else {
        if spec.unadjusted_p {
            heads.push(notes.mark(p(), test));
        }
        heads.push(notes.mark(interval("Adjusted difference"), adjustment(spec)));
        heads.push(notes.mark(p(), "Of the adjusted difference."));
    }
    if let Some((_, name, _)) = spec.p_adjust.method() {
        let label = Label::default().measure(Measure::PAdjusted);
        let text = match family {
            1 => format!("There is one comparison; adjusted by the method of {name}."),
            n => format!("Adjusted over the {n} comparisons of the table by the method of {name}."),
        };
        heads.push(notes.mark(label, text));
    }
    heads
}

fn proportions(spec: &Spec, effect: Effect) -> (&'static str, String) {
    match effect {
        Effect::RiskDifference => (
            "Risk difference",
            format!(
                "Difference of proportions, {}; Newcombe interval.",
                direction(spec, "−")
            ),
        ),
        Effect::RiskRatio => (
            "Risk ratio",
            format!("Ratio of proportions, {}.", direction(spec, "/")),
        ),
        Effect::OddsRatio => (
            "Odds ratio",
            format!("Ratio of odds, {}.", direction(spec, "/")),
        ),
    }
}

/// Which arm is compared with which: `Intervention − control`.
fn direction(spec: &Spec, sign: &str) -> String {
    let reference = &spec.arms.reference_level().label;
    let others: Vec<&str> = spec.arms.others().map(|(_, l)| l.label.as_str()).collect();
    match others.as_slice() {
        [one] => format!("{one} {sign} {reference}"),
        _ => format!("each arm {sign} {reference}"),
    }
}

fn adjustment(spec: &Spec) -> String {
    let titles: Vec<String> = spec
        .covariates
        .iter()
        .map(|c| within_sentence(&c.title))
        .collect();
    format!(
        "{}, adjusted for {} in a linear model (analysis of covariance).",
        direction(spec, "−"),
        listed(&titles)
    )
}

fn general_notes(spec: &Spec, notes: &mut Notes) {
    match &spec.kind {
        OutcomeKind::Continuous {
            summary, quantile, ..
        } => {
            if summary.measure() == Measure::MedianIqr {
                let quantile = QuantileType::from_number(*quantile).unwrap_or_default();
                notes.general(quantile_note(quantile));
            }
        }
        OutcomeKind::Binary { event_label, .. } => {
            if !matches!(event_label.to_lowercase().as_str(), "yes" | "true") {
                notes.general(format!("Counted are participants with “{event_label}”."));
            }
        }
    }
}
