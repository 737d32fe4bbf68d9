//! The table of means or of contrasts: outcomes, within them the levels of `by`, within those a row each.

use super::{Adjust, Spec};
use crate::analysis::Finding;
use crate::analysis::modelled::Modelled;
use crate::artefact::{
    Cell, Column, Form, Label, Measure, Note, Quantity, Row, RowKind, Spanner, Table,
};
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
    /// As ids name it.
    pub name: String,
    pub words: String,
    /// The ids of estimate and limits; none where the data can't tell it.
    pub estimate: Option<[StatId; 3]>,
    /// The id of its P value, adjusted if it is adjusted.
    pub p: Option<StatId>,
}

pub(super) fn table(spec: &Spec, shown: &[Shown<'_>]) -> Result<Table, Finding> {
    let terms = terms(spec, shown)?;
    let (stub, columns, spanners, rows) = if spec.wide {
        let (columns, spanners) = blocks(spec, &terms);
        let rows = by_outcome(spec, shown, |one, label, indent| {
            let of_term = |(name, _): &(&str, &str)| {
                let item = one.items.iter().find(|item| item.name == *name);
                cells(spec, item)
            };
            vec![Row {
                kind: RowKind::Item,
                indent,
                label: Label::text(label),
                cells: terms.iter().flat_map(of_term).collect(),
            }]
        });
        ("Outcome", columns, spanners, rows)
    } else {
        let rows = by_outcome(spec, shown, |one, label, indent| {
            let own = one.items.iter();
            let own = own.filter(|item| terms.iter().any(|(name, _)| item.name == *name));
            let inner = indent + u8::from(!label.is_empty());
            let heads = (!label.is_empty()).then(|| head(label, indent));
            let row = |item: &Item| Row {
                kind: RowKind::Item,
                indent: inner,
                label: Label::text(&item.words),
                cells: cells(spec, Some(item)),
            };
            heads.into_iter().chain(own.map(row)).collect()
        });
        let stub = if spec.contrasts.is_some() {
            "Contrast"
        } else {
            "Mean"
        };
        (stub, heads(spec), Vec::new(), rows)
    };
    Ok(Table {
        stub: Label::text(stub),
        columns,
        spanners,
        rows,
        notes: vec![Note {
            text: note(spec),
            ..Note::default()
        }],
        ..Table::default()
    })
}

/// Names and words of the means or contrasts that are shown.
fn terms<'a>(spec: &Spec, shown: &'a [Shown<'_>]) -> Result<Vec<(&'a str, &'a str)>, Finding> {
    let mut all: Vec<(&str, &str)> = Vec::new();
    for item in shown.iter().flat_map(|one| &one.items) {
        if all.iter().all(|(name, _)| *name != item.name) {
            all.push((&item.name, &item.words));
        }
    }
    let Some(asked) = &spec.terms else {
        return Ok(all);
    };
    let find = |(i, text): (usize, &String)| {
        let found = all.iter().find(|(name, _)| name == text);
        found.copied().ok_or_else(|| {
            let known: Vec<String> = all.iter().map(|(name, _)| format!("`{name}`")).collect();
            Finding::error("unknown-term", format!("there is no `{text}` to show"))
                .at(["terms".into(), i.into()])
                .help(format!("there are {}", known.join(", ")))
        })
    };
    asked.iter().enumerate().map(find).collect()
}

/// The columns of a mean or contrast.
fn heads(spec: &Spec) -> Vec<Column> {
    let column = |measure: Measure, conf_level: Option<f64>| Column {
        label: Label {
            measure: Some(measure),
            conf_level,
            ..Label::default()
        },
        words: false,
    };
    let mut columns = vec![column(Measure::EstimateCi, Some(spec.models().conf_level))];
    if let (Some(family), [first]) = (spec.undone(), columns.as_mut_slice()) {
        let head = if spec.contrasts.is_some() {
            family.ratio()
        } else {
            family.response()
        };
        head.clone_into(&mut first.label.text);
    }
    if spec.contrasts.is_some() {
        let p = match spec.adjust {
            Adjust::None => Measure::PValue,
            _ => Measure::PAdjusted,
        };
        columns.push(column(p, None));
    }
    columns
}

/// The columns of all of them, side by side.
fn blocks(spec: &Spec, terms: &[(&str, &str)]) -> (Vec<Column>, Vec<Spanner>) {
    let mut columns = Vec::new();
    let mut spanners = Vec::new();
    for (_, words) in terms {
        let first = columns.len();
        columns.extend(heads(spec));
        spanners.push(Spanner {
            label: Label::text(*words),
            first,
            last: columns.len().saturating_sub(1),
        });
    }
    (columns, spanners)
}

/// The rows of each outcome and combination of `by`, under the heads of groups and outcomes. They get the label and
/// indent that are left to them: the combination of `by`, else the outcome, else nothing.
fn by_outcome(
    spec: &Spec,
    shown: &[Shown<'_>],
    rows_of: impl Fn(&Shown<'_>, &str, u8) -> Vec<Row>,
) -> Vec<Row> {
    let several = spec.models().outcomes.len() > 1 || spec.wide;
    let mut rows = Vec::new();
    let mut group = None;
    let mut last: Option<&str> = None;
    for one in shown {
        let outcome = one.outcome.name.as_str();
        let label = spec.models().labelled(outcome);
        let label = label.unwrap_or(&one.outcome.title);
        if one.outcome.group != group {
            group = one.outcome.group;
            let label = group.and_then(|group| spec.models().groups.get(group));
            rows.extend(label.map(|label| head(label, 0)));
        }
        let indent = u8::from(group.is_some());
        if one.by.is_empty() {
            rows.extend(rows_of(one, if several { label } else { "" }, indent));
            continue;
        }
        if several && last != Some(outcome) {
            rows.push(head(label, indent));
        }
        last = Some(outcome);
        rows.extend(rows_of(one, &one.by, indent + u8::from(several)));
    }
    rows
}

fn head(text: &str, indent: u8) -> Row {
    Row {
        kind: RowKind::Section,
        indent,
        label: Label::text(text),
        cells: Vec::new(),
    }
}

fn cells(spec: &Spec, item: Option<&Item>) -> Vec<Cell> {
    let absent = || Cell::NotApplicable { note: None };
    let estimate = item.and_then(|item| item.estimate.clone());
    let mut cells = vec![match estimate {
        Some([estimate, low, high]) => Cell::number(
            Quantity::new(Form::EstimateCi {
                estimate,
                low,
                high,
            })
            .with_digits(spec.models().digits),
        ),
        None => absent(),
    }];
    if spec.contrasts.is_some() {
        cells.push(match item.and_then(|item| item.p.clone()) {
            Some(p) => Cell::number(Quantity::new(Form::PValue { p })),
            None => absent(),
        });
    }
    cells
}

fn note(spec: &Spec) -> String {
    let mut text = format!("Estimated marginal means of a {}", spec.fits.method());
    if spec.undone().is_some() {
        text.push_str("; of a participant whose random effects are 0");
    }
    if spec.contrasts.is_some() {
        let within = if spec.by.is_empty() {
            "over the contrasts of an outcome".to_owned()
        } else {
            let by: Vec<String> = spec
                .by
                .iter()
                .map(|column| spec.models().column_words(column))
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
