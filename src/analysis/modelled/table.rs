//! The tables of models: of one outcome a row for each coefficient, of many a row for each outcome.

use serde::{Deserialize, Serialize};

use super::coefficients::TermIds;
use super::{Fitted, Modelled, Models};
use crate::analysis::keys::{choices, one_or_many};
use crate::analysis::{Finding, Scope};
use crate::artefact::{
    Cell, Column, Form, Label, Measure, Note, Quantity, Row, RowKind, Spanner, Table,
};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};
use crate::stats::design::CoefficientName;

/// What a table's columns hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::analysis) enum Show {
    Estimate,
    Se,
    Ci,
    EstimateSe,
    EstimateCi,
    P,
}

const SHOW: [(&str, Show); 6] = [
    ("estimate", Show::Estimate),
    ("se", Show::Se),
    ("ci", Show::Ci),
    ("estimate (se)", Show::EstimateSe),
    ("estimate (ci)", Show::EstimateCi),
    ("p", Show::P),
];

/// How models are shown, as the author says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::analysis) struct Layout {
    terms: Option<Vec<String>>,
    show: Option<Vec<Show>>,
    stub: Option<String>,
    /// Whether what is shown of a coefficient stands one below the other.
    stacked: bool,
    /// Whether a table is shown.
    pub shown: bool,
}

impl Layout {
    /// Reads `terms`, `show`, `stub` and `stacked`.
    pub fn read(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Self {
        let terms = one_or_many(reader, "terms");
        let show = one_or_many(reader, "show").map(|words| choices(reader, "show", &words, &SHOW));
        let stub = reader.optional_string("stub");
        let stacked = reader.optional_bool("stacked");
        let value = |text: At<String>| text.value;
        Self {
            terms: terms.map(|terms| terms.into_iter().map(value).collect()),
            show,
            stub: stub.map(value),
            stacked: stacked.is_some_and(|s| s.value),
            shown: scope.label.starts_with("tbl-"),
        }
    }

    /// Reports what has no effect on the table of these models.
    pub fn check(&self, reader: &mut TableReader<'_>, models: &Models) {
        if self.stacked && models.outcomes.len() == 1 && models.groups.is_empty() {
            let place = reader.node("stacked").map(|node| reader.node_span(node));
            let message = "`stacked` is for the table of several outcomes";
            reader.report(Diagnostic::error("no-effect", message).maybe_at(place));
        }
    }

    /// Whether the author asks for standard errors.
    pub fn shows_errors(&self) -> bool {
        let error = |s: &Show| matches!(s, Show::Se | Show::EstimateSe);
        self.show.iter().flatten().any(error)
    }
}

/// How estimates are called and shown, as the directive says.
pub(in crate::analysis) struct Look {
    /// How intervals are found, in words.
    pub intervals: String,
    /// Whether estimates are ratios.
    pub ratio: bool,
    /// The head of a column of estimates alone.
    pub head: &'static str,
    /// The head of a column of estimates with their intervals; the style's if empty.
    pub head_ci: &'static str,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            intervals: "Wald intervals".to_owned(),
            ratio: false,
            head: "b",
            head_ci: "",
        }
    }
}

/// A fitted outcome.
pub(super) struct Shown<'a> {
    pub outcome: &'a Modelled,
    pub fit: Box<dyn Fitted>,
    pub terms: Vec<TermIds>,
}

/// What a table is made of.
struct Frame<'a> {
    models: &'a Models,
    layout: &'a Layout,
    look: &'a Look,
    show: Vec<Show>,
}

pub(super) fn table(
    models: &Models,
    layout: &Layout,
    look: &Look,
    method: &str,
    shown: &[Shown<'_>],
) -> Result<Table, Finding> {
    let show = layout.show.clone().unwrap_or_else(|| match shown {
        [_] => vec![Show::EstimateCi, Show::P],
        _ if look.ratio => vec![Show::EstimateCi],
        _ => vec![Show::EstimateSe, Show::Ci],
    });
    let spec = &Frame {
        models,
        layout,
        look,
        show,
    };
    let terms = terms(spec, shown)?;
    let mut table = match shown {
        [one] if models.groups.is_empty() => long(spec, one, &terms),
        many if layout.stacked => stacked(spec, many, &terms),
        many => wide(spec, many, &terms),
    };
    let has_interval = |s: &Show| matches!(s, Show::Ci | Show::EstimateCi);
    let limits = if spec.show.iter().any(has_interval) {
        format!("; {}", look.intervals)
    } else {
        String::new()
    };
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
fn terms(spec: &Frame<'_>, shown: &[Shown<'_>]) -> Result<Vec<CoefficientName>, Finding> {
    let mut all: Vec<&CoefficientName> = Vec::new();
    for term in shown.iter().flat_map(|s| &s.terms) {
        if !all.contains(&&term.name) {
            all.push(&term.name);
        }
    }
    let Some(asked) = &spec.layout.terms else {
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
fn heads(spec: &Frame<'_>) -> Vec<Column> {
    let head = |show: &Show| Column {
        label: head(spec, *show),
        words: false,
    };
    spec.show.iter().map(head).collect()
}

/// What a cell is, in words.
fn head(spec: &Frame<'_>, show: Show) -> Label {
    let measured = |measure: Measure, conf_level: Option<f64>| Label {
        measure: Some(measure),
        conf_level,
        ..Label::default()
    };
    let level = Some(spec.models.conf_level);
    match show {
        Show::Estimate => Label::text(spec.look.head),
        Show::Se => Label::text("SE"),
        Show::Ci => measured(Measure::Interval, level),
        Show::EstimateSe => Label::text(spec.look.head).measure(Measure::EstimateSe),
        Show::EstimateCi => Label {
            text: spec.look.head_ci.to_owned(),
            ..measured(Measure::EstimateCi, level)
        },
        Show::P => measured(Measure::PValue, None),
    }
}

fn cells(spec: &Frame<'_>, ids: Option<&TermIds>) -> Vec<Cell> {
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
fn long(spec: &Frame<'_>, shown: &Shown<'_>, terms: &[CoefficientName]) -> Table {
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
            label: Label::text(spec.models.words(&name.parts)),
            cells: cells(spec, ids_of(shown, name)),
        });
    }
    Table {
        stub: Label::text(spec.layout.stub.as_deref().unwrap_or("Term")),
        columns: heads(spec),
        rows,
        ..Table::default()
    }
}

/// The head of a factor's rows, and its reference level.
fn factor_rows(spec: &Frame<'_>, shown: &Shown<'_>, variable: &str) -> Vec<Row> {
    let mut rows = vec![Row {
        kind: RowKind::Section,
        indent: 0,
        label: Label::text(spec.models.column_words(variable)),
        cells: Vec::new(),
    }];
    let levels = shown.fit.frame().factor(variable).map(|(levels, _)| levels);
    // Without an intercept a factor may have a coefficient for each level and no reference.
    if let Ok([reference, ..]) = levels
        && shown.fit.formula().intercept
    {
        let effect = |s: &Show| matches!(s, Show::Estimate | Show::EstimateSe | Show::EstimateCi);
        let place = spec.show.iter().position(effect);
        let cell = |i: usize| {
            if Some(i) == place {
                Cell::Reference {
                    ratio: spec.look.ratio,
                }
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
fn wide(spec: &Frame<'_>, shown: &[Shown<'_>], terms: &[CoefficientName]) -> Table {
    let mut table = Table {
        stub: Label::text(spec.layout.stub.as_deref().unwrap_or("Outcome")),
        ..Table::default()
    };
    for name in terms {
        let first = table.columns.len();
        table.columns.extend(heads(spec));
        table.spanners.push(Spanner {
            label: Label::text(spec.models.words(&name.parts)),
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
fn stacked(spec: &Frame<'_>, shown: &[Shown<'_>], terms: &[CoefficientName]) -> Table {
    let column = |name: &CoefficientName| Column {
        label: Label::text(spec.models.words(&name.parts)),
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
fn stacked_stub(spec: &Frame<'_>) -> Label {
    let stub = spec.layout.stub.as_deref().unwrap_or("Outcome");
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
    spec: &Frame<'_>,
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

fn group_row(spec: &Frame<'_>, group: Option<usize>) -> Option<Row> {
    let label = spec.models.groups.get(group?)?;
    Some(Row {
        kind: RowKind::Section,
        indent: 0,
        label: Label::text(label),
        cells: Vec::new(),
    })
}
