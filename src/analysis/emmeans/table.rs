//! The table of means or of contrasts: outcomes, within them the levels of `by`, within those a row each.

use super::{Adjust, Spec};
use crate::analysis::lmm::Modelled;
use crate::artefact::{Cell, Column, Form, Label, Measure, Note, Quantity, Row, RowKind, Table};
use crate::statistic::StatId;

/// What is shown of one outcome within one combination of `by`.
pub(super) struct Shown<'a> {
    pub outcome: &'a Modelled,
    /// The levels of `by`; empty without `by`.
    pub by: String,
    pub items: Vec<Item>,
}

/// A mean or a contrast.
pub(super) struct Item {
    pub words: String,
    /// The ids of estimate and limits; none where the data can't tell it.
    pub estimate: Option<[StatId; 3]>,
    /// The id of its P value, adjusted if it is adjusted.
    pub p: Option<StatId>,
}

pub(super) fn table(spec: &Spec, shown: &[Shown<'_>]) -> Table {
    let contrasts = spec.contrasts.is_some();
    let several = spec.models.outcomes.len() > 1;
    let mut rows = Vec::new();
    let mut last: Option<&str> = None;
    for one in shown {
        let outcome = one.outcome.name.as_str();
        let mut indent = 0;
        if several {
            if last != Some(outcome) {
                let label = spec.models.labelled(outcome);
                rows.push(head(label.unwrap_or(&one.outcome.title), indent));
            }
            indent += 1;
        }
        last = Some(outcome);
        if !one.by.is_empty() {
            rows.push(head(&one.by, indent));
            indent += 1;
        }
        rows.extend(one.items.iter().map(|item| row(spec, item, indent)));
    }
    let column = |measure: Measure, conf_level: Option<f64>| Column {
        label: Label {
            measure: Some(measure),
            conf_level,
            ..Label::default()
        },
        words: false,
    };
    let mut columns = vec![column(Measure::EstimateCi, Some(spec.models.conf_level))];
    if contrasts {
        let p = match spec.adjust {
            Adjust::None => Measure::PValue,
            _ => Measure::PAdjusted,
        };
        columns.push(column(p, None));
    }
    Table {
        stub: Label::text(if contrasts { "Contrast" } else { "Mean" }),
        columns,
        rows,
        notes: vec![Note {
            text: note(spec),
            ..Note::default()
        }],
        ..Table::default()
    }
}

fn head(text: &str, indent: u8) -> Row {
    Row {
        kind: RowKind::Section,
        indent,
        label: Label::text(text),
        cells: Vec::new(),
    }
}

fn row(spec: &Spec, item: &Item, indent: u8) -> Row {
    let absent = || Cell::NotApplicable { note: None };
    let mut cells = vec![match item.estimate.clone() {
        Some([estimate, low, high]) => Cell::number(
            Quantity::new(Form::EstimateCi {
                estimate,
                low,
                high,
            })
            .with_digits(spec.models.digits),
        ),
        None => absent(),
    }];
    if spec.contrasts.is_some() {
        cells.push(match item.p.clone() {
            Some(p) => Cell::number(Quantity::new(Form::PValue { p })),
            None => absent(),
        });
    }
    Row {
        kind: RowKind::Item,
        indent,
        label: Label::text(&item.words),
        cells,
    }
}

fn note(spec: &Spec) -> String {
    let mut text = format!("Estimated marginal means of a {}", spec.models.method());
    if spec.contrasts.is_some() {
        let within = if spec.by.is_empty() {
            "over the contrasts of an outcome".to_owned()
        } else {
            let by: Vec<String> = spec
                .by
                .iter()
                .map(|column| spec.models.column_words(column))
                .collect();
            format!("within each level of {}", by.join(" and "))
        };
        let method = spec.adjust.words(spec.contrasts.as_ref());
        let adjusted = match spec.adjust {
            Adjust::None => "; P values and intervals are not adjusted".to_owned(),
            Adjust::Bh | Adjust::By => {
                format!("; P values adjusted {within} by {method}, intervals not adjusted")
            }
            Adjust::Holm | Adjust::Hochberg | Adjust::Hommel => {
                format!("; P values adjusted {within} by {method}, intervals by Bonferroni's")
            }
            _ => format!("; P values and intervals adjusted {within} by {method}"),
        };
        text.push_str(&adjusted);
    }
    text.push('.');
    text
}
