//! The tables of models: of one outcome a row for each coefficient, of many a row for each outcome.

use super::data::words;
use super::{Modelled, Show, Spec};
use crate::analysis::Finding;
use crate::artefact::{
    Cell, Column, Form, Label, Measure, Note, Quantity, Row, RowKind, Spanner, Table,
};
use crate::statistic::StatId;
use crate::stats::design::CoefficientName;
use crate::stats::mixed::MixedFit;

/// A fitted outcome.
pub(super) struct Shown<'a> {
    pub outcome: &'a Modelled,
    pub fit: MixedFit,
    pub terms: Vec<TermIds>,
}

/// The ids of a coefficient's statistics.
#[derive(Debug, Clone)]
pub(super) struct TermIds {
    pub name: CoefficientName,
    /// None where the data can't tell it.
    pub estimate: Option<StatId>,
    pub std_error: StatId,
    /// None where there are no limits.
    pub limits: Option<(StatId, StatId)>,
    pub p: StatId,
}

pub(super) fn table(spec: &Spec, shown: &[Shown<'_>]) -> Result<Table, Finding> {
    let terms = terms(spec, shown)?;
    let mut table = match shown {
        [one] if spec.models.groups.is_empty() => long(spec, one, &terms),
        many if spec.stacked => stacked(spec, many, &terms),
        many => wide(spec, many, &terms),
    };
    let has_interval = spec
        .show
        .iter()
        .any(|s| matches!(s, Show::Ci | Show::EstimateCi));
    let limits = if has_interval {
        format!("; {}", spec.interval.words())
    } else {
        String::new()
    };
    let method = spec.models.method();
    let mut letters = method.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    let text = format!("{}{}{limits}.", first.unwrap_or_default(), letters.as_str());
    table.notes.push(Note {
        text,
        ..Note::default()
    });
    let se = |show: &Show| matches!(show, Show::Se | Show::EstimateSe);
    if spec.show.iter().any(se) {
        let abbreviation = ("SE".to_owned(), "standard error".to_owned());
        table.abbreviations.push(abbreviation);
    }
    Ok(table)
}

/// The coefficients that are shown: those asked for, or all; of several outcomes without the intercept.
fn terms(spec: &Spec, shown: &[Shown<'_>]) -> Result<Vec<CoefficientName>, Finding> {
    let mut all: Vec<&CoefficientName> = Vec::new();
    for term in shown.iter().flat_map(|s| &s.terms) {
        if !all.contains(&&term.name) {
            all.push(&term.name);
        }
    }
    let Some(asked) = &spec.terms else {
        let intercept = shown.len() == 1;
        all.retain(|name| intercept || !name.parts.is_empty());
        return Ok(all.into_iter().cloned().collect());
    };
    let find = |(i, text): (usize, &String)| {
        let found = all.iter().find(|name| name.to_string() == *text);
        found.map(|name| (*name).clone()).ok_or_else(|| {
            let known: Vec<String> = all.iter().map(|n| format!("`{n}`")).collect();
            Finding::error(
                "unknown-term",
                format!("the models have no coefficient `{text}`"),
            )
            .at(["terms".into(), i.into()])
            .help(format!("they have {}", known.join(", ")))
        })
    };
    asked.iter().enumerate().map(find).collect()
}

/// The columns of a block, as heads.
fn heads(spec: &Spec) -> Vec<Column> {
    let head = |show: &Show| Column {
        label: head(spec, *show),
        words: false,
    };
    spec.show.iter().map(head).collect()
}

/// What a cell is, in words.
fn head(spec: &Spec, show: Show) -> Label {
    let measured = |measure: Measure, conf_level: Option<f64>| Label {
        measure: Some(measure),
        conf_level,
        ..Label::default()
    };
    let level = Some(spec.models.conf_level);
    match show {
        Show::Estimate => Label::text("b"),
        Show::Se => Label::text("SE"),
        Show::Ci => measured(Measure::Interval, level),
        Show::EstimateSe => Label::text("b").measure(Measure::EstimateSe),
        Show::EstimateCi => measured(Measure::EstimateCi, level),
        Show::P => measured(Measure::PValue, None),
    }
}

fn cells(spec: &Spec, ids: Option<&TermIds>) -> Vec<Cell> {
    let cell = |show: &Show| {
        let absent = Cell::NotApplicable { note: None };
        let Some((ids, estimate)) = ids.and_then(|ids| Some((ids, ids.estimate.clone()?))) else {
            return absent;
        };
        let form = match (show, ids.limits.clone()) {
            (Show::Estimate, _) => Form::Estimate { estimate },
            (Show::Se, _) => Form::Number {
                value: ids.std_error.clone(),
            },
            (Show::EstimateSe, _) => Form::EstimateSe {
                estimate,
                std_error: ids.std_error.clone(),
            },
            (Show::Ci, Some((low, high))) => Form::Interval { low, high },
            (Show::EstimateCi, Some((low, high))) => Form::EstimateCi {
                estimate,
                low,
                high,
            },
            (Show::P, _) => {
                let p = ids.p.clone();
                return Cell::number(Quantity::new(Form::PValue { p }));
            }
            (Show::Ci | Show::EstimateCi, None) => return absent,
        };
        Cell::number(Quantity::new(form).with_digits(spec.models.digits))
    };
    spec.show.iter().map(cell).collect()
}

fn ids_of<'a>(shown: &'a Shown<'_>, name: &CoefficientName) -> Option<&'a TermIds> {
    shown.terms.iter().find(|ids| ids.name == *name)
}

/// One outcome: a row for each coefficient.
fn long(spec: &Spec, shown: &Shown<'_>, terms: &[CoefficientName]) -> Table {
    let mut rows = Vec::with_capacity(terms.len());
    let mut factor: Option<&str> = None;
    for name in terms {
        let single = match name.parts.as_slice() {
            [part] if part.level.is_some() => Some(part.variable.as_str()),
            _ => None,
        };
        if let Some(variable) = single.filter(|_| factor != single) {
            rows.extend(factor_rows(spec, shown, variable));
        }
        factor = single;
        rows.push(Row {
            kind: RowKind::Item,
            indent: u8::from(single.is_some()),
            label: Label::text(words(&spec.models, &name.parts)),
            cells: cells(spec, ids_of(shown, name)),
        });
    }
    Table {
        stub: Label::text(spec.stub.as_deref().unwrap_or("Term")),
        columns: heads(spec),
        rows,
        ..Table::default()
    }
}

/// The head of a factor's rows, and its reference level.
fn factor_rows(spec: &Spec, shown: &Shown<'_>, variable: &str) -> Vec<Row> {
    let mut rows = vec![Row {
        kind: RowKind::Section,
        indent: 0,
        label: Label::text(spec.models.column_words(variable)),
        cells: Vec::new(),
    }];
    let levels = shown.fit.frame.factor(variable).map(|(levels, _)| levels);
    // Without an intercept a factor may have a coefficient for each level and no reference.
    if let Ok([reference, ..]) = levels
        && shown.fit.formula.intercept
    {
        let effect = |s: &Show| matches!(s, Show::Estimate | Show::EstimateSe | Show::EstimateCi);
        let place = spec.show.iter().position(effect);
        let cell = |i: usize| {
            if Some(i) == place {
                Cell::Reference { ratio: false }
            } else {
                Cell::Empty
            }
        };
        rows.push(Row {
            kind: RowKind::Item,
            indent: 1,
            label: Label::text(spec.models.level_words(variable, reference)),
            cells: (0..spec.show.len()).map(cell).collect(),
        });
    }
    rows
}

/// Several outcomes: a row for each, a block of columns for each coefficient.
fn wide(spec: &Spec, shown: &[Shown<'_>], terms: &[CoefficientName]) -> Table {
    let mut table = Table {
        stub: Label::text(spec.stub.as_deref().unwrap_or("Outcome")),
        ..Table::default()
    };
    for name in terms {
        let first = table.columns.len();
        table.columns.extend(heads(spec));
        table.spanners.push(Spanner {
            label: Label::text(words(&spec.models, &name.parts)),
            first,
            last: table.columns.len().saturating_sub(1),
        });
    }
    table.rows = by_outcome(spec, shown, |one, label, indent| {
        vec![Row {
            kind: RowKind::Item,
            indent,
            label,
            cells: terms
                .iter()
                .flat_map(|name| cells(spec, ids_of(one, name)))
                .collect(),
        }]
    });
    table
}

/// Several outcomes: a column for each coefficient, and for each outcome a row for each thing that is shown of it.
fn stacked(spec: &Spec, shown: &[Shown<'_>], terms: &[CoefficientName]) -> Table {
    let column = |name: &CoefficientName| Column {
        label: Label::text(words(&spec.models, &name.parts)),
        words: false,
    };
    let rows = by_outcome(spec, shown, |one, label, indent| {
        let of_terms: Vec<Vec<Cell>> = terms
            .iter()
            .map(|name| cells(spec, ids_of(one, name)))
            .collect();
        let line = |(i, show): (usize, &Show)| Row {
            kind: RowKind::Item,
            indent: if i == 0 { indent } else { indent + 1 },
            label: if i == 0 {
                label.clone()
            } else {
                head(spec, *show)
            },
            cells: of_terms
                .iter()
                .map(|cells| cells.get(i).cloned().unwrap_or(Cell::Empty))
                .collect(),
        };
        spec.show.iter().enumerate().map(line).collect()
    });
    Table {
        stub: stacked_stub(spec),
        columns: terms.iter().map(column).collect(),
        rows,
        ..Table::default()
    }
}

/// The head of the outcomes' labels, with what their first lines are.
fn stacked_stub(spec: &Spec) -> Label {
    let stub = spec.stub.as_deref().unwrap_or("Outcome");
    let Some(first) = spec.show.first() else {
        return Label::text(stub);
    };
    let what = head(spec, *first);
    let text = match what.text.as_str() {
        "" => stub.to_owned(),
        word => format!("{stub}, {word}"),
    };
    Label { text, ..what }
}

/// The rows of each outcome, given its label and indent, under the heads of their groups.
fn by_outcome(
    spec: &Spec,
    shown: &[Shown<'_>],
    rows_of: impl Fn(&Shown<'_>, Label, u8) -> Vec<Row>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut group = None;
    for one in shown {
        if one.outcome.group != group {
            group = one.outcome.group;
            rows.extend(group_row(spec, group));
        }
        let label = spec.models.labelled(&one.outcome.name);
        let label = Label::text(label.unwrap_or(&one.outcome.title));
        rows.extend(rows_of(one, label, u8::from(group.is_some())));
    }
    rows
}

fn group_row(spec: &Spec, group: Option<usize>) -> Option<Row> {
    let label = spec.models.groups.get(group?)?;
    Some(Row {
        kind: RowKind::Section,
        indent: 0,
        label: Label::text(label),
        cells: Vec::new(),
    })
}
