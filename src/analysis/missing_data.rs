//! `missing_data`: how much is missing, and whether completely at random (Little 1988).

use serde::{Deserialize, Serialize};

use super::column::{codes, column, known, numbered, numbers, row_use, some_rows};
use super::keys::{one_or_many, refuse_repeats};
use super::notes::{Notes, listed};
use super::{
    Analysis, Finding, Inputs, Number, Outcome, Prepared, Recorder, RowUse, Rows, Scope, Shows,
};
use crate::artefact::{
    Artefact, Cell, Column, Form, Label, Measure, Quantity, Row, RowKind, Table,
};
use crate::dataset::{Field, Frame, Level};
use crate::reader::{At, TableReader};
use crate::statistic::{Group, StatId};
use crate::stats::missingness::{CovarianceKind, little_mcar};

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct MissingData;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    columns: Vec<Counted>,
    /// The column of visits with its levels.
    visit: Option<(String, Vec<Level>)>,
    /// The columns of Little's test; none if it is not asked for.
    mcar: Vec<Counted>,
    unbiased: bool,
    /// Whether a table is shown.
    shown: bool,
}

/// A column whose values are counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Counted {
    variable: String,
    label: String,
}

impl Analysis for MissingData {
    type Spec = Spec;
    const NAME: &'static str = "missing_data";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = include_str!("missing_data/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        let rows = scope.rows(reader);
        let names = one_or_many(reader, "columns");
        let visit = reader.optional_string("visit");
        let labels = reader.optional_string_map("labels").unwrap_or_default();
        let mcar = one_or_many(reader, "mcar").unwrap_or_default();
        let covariance = reader.optional_choice("covariance", &[("ml", false), ("unbiased", true)]);
        if names.as_ref().is_none_or(Vec::is_empty) {
            reader.missing("columns", "the columns whose missing values are counted");
        }
        let (rows, names) = (rows?, names?);
        refuse_repeats(reader, &names, "a column is one row of the table");
        refuse_repeats(reader, &mcar, "a column enters the test once");
        let find = |name: &At<String>| scope.field(reader, &rows, name);
        let columns: Vec<Option<Field>> = names.iter().map(find).collect();
        let visit = match visit {
            Some(name) => Some(scope.category(reader, &rows, &name)?),
            None => None,
        };
        let mcar = mcar_columns(reader, scope, &rows, &mcar)?;
        let words = |name: &str| {
            let own = labels.iter().find(|(k, _)| k.value == name);
            own.map(|(_, words)| words.value.clone())
        };
        let counted = |field: Field| Counted {
            label: words(&field.name).unwrap_or(field.title),
            variable: field.name,
        };
        let mcar: Vec<Counted> = mcar.into_iter().map(counted).collect();
        let columns: Option<Vec<Counted>> = columns.into_iter().map(|f| f.map(counted)).collect();
        let columns = columns.filter(|c| !c.is_empty())?;
        let visit = visit.map(|field| {
            let worded = |level: Level| Level {
                label: words(&level.value).unwrap_or(level.label),
                value: level.value,
            };
            (field.name, field.levels.into_iter().map(worded).collect())
        });
        let wanted = columns
            .iter()
            .map(|c| c.variable.clone())
            .chain(visit.iter().map(|(name, _)| name.clone()))
            .chain(mcar.iter().map(|c| c.variable.clone()));
        Some(Prepared {
            inputs: vec![rows.input(wanted)],
            spec: Spec {
                columns,
                visit,
                mcar,
                unbiased: covariance.is_some_and(|c| c.value),
                shown: scope.label.starts_with("tbl-"),
            },
            upstream: Vec::new(),
        })
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}

fn mcar_columns(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    names: &[At<String>],
) -> Option<Vec<Field>> {
    let found: Vec<Option<Field>> = names
        .iter()
        .map(|name| scope.number(reader, rows, name))
        .collect();
    found.into_iter().collect()
}

/// Some rows: those of a visit, or all.
struct Part {
    group: Option<Group>,
    words: String,
    rows: Vec<usize>,
}

fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let parts = parts(spec, frame)?;
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let mut notes = Notes::default();
    let mut uses = Vec::new();
    let mut rows = Vec::new();
    for counted in &spec.columns {
        let known = known(&column(frame, &counted.variable)?.data);
        let mut cells = Vec::new();
        for part in &parts {
            cells.push(count(&mut recorder, &mut notes, counted, part, &known));
            uses.push(part_use(inputs.label, frame, counted, part));
        }
        rows.push(Row {
            kind: RowKind::Item,
            indent: 0,
            label: Label::text(&counted.label),
            cells,
        });
    }
    if !spec.mcar.is_empty() {
        let (cell, used) = little(spec, frame, &mut recorder, &mut notes, inputs.label)?;
        let rest = std::iter::repeat_n(Cell::Empty, parts.len().saturating_sub(1));
        rows.push(Row {
            kind: RowKind::Item,
            indent: 0,
            label: Label::text("Little\u{2019}s test").measure(Measure::PValue),
            cells: std::iter::once(cell).chain(rest).collect(),
        });
        uses.push(used);
    }
    let head = |part: &Part| Column {
        label: Label::text(&part.words).measure(Measure::CountPercent),
        words: false,
    };
    let table = Table {
        stub: Label::text("Missing"),
        columns: parts.iter().map(head).collect(),
        rows,
        notes: notes.finish(),
        ..Table::default()
    };
    Ok(Outcome {
        statistics: recorder.finish(),
        artefact: spec.shown.then_some(Artefact::Table(table)),
        rows: uses,
        ..Outcome::default()
    })
}

/// The visits, and all rows.
fn parts(spec: &Spec, frame: &Frame) -> Result<Vec<Part>, Finding> {
    let mut parts = Vec::new();
    if let Some((variable, levels)) = &spec.visit {
        let codes = codes(column(frame, variable)?, levels)?;
        for (i, level) in levels.iter().enumerate() {
            let at = |row: &usize| codes.get(*row).copied().flatten() == Some(i);
            parts.push(Part {
                group: Some(Group::new(variable, &level.value)),
                words: level.label.clone(),
                rows: (0..frame.height()).filter(at).collect(),
            });
        }
    }
    parts.push(Part {
        group: None,
        words: "All".to_owned(),
        rows: (0..frame.height()).collect(),
    });
    Ok(parts)
}

fn count(
    recorder: &mut Recorder,
    notes: &mut Notes,
    counted: &Counted,
    part: &Part,
    known: &[bool],
) -> Cell {
    let missing = |row: &&usize| !known.get(**row).copied().unwrap_or(false);
    let n = part.rows.iter().filter(missing).count();
    let total = part.rows.len();
    let mut subject = recorder
        .of("missing values", &counted.variable)
        .level("missing");
    if let Some(group) = &part.group {
        subject = subject.within(&group.variable, &group.level);
    }
    let n_id = subject.add("n", n);
    let total_id = subject.add("N", total);
    let none = "there are no such rows";
    let p = if total == 0 {
        Number::Missing(none.to_owned())
    } else {
        (n as f64 / total as f64).into()
    };
    let p = subject.add("p", p);
    if total == 0 {
        let note = notes.undefined(none);
        return Cell::NotApplicable { note: Some(note) };
    }
    Cell::number(Quantity::new(Form::CountPercent {
        n: n_id,
        p,
        total: total_id,
    }))
}

fn part_use(label: &str, frame: &Frame, counted: &Counted, part: &Part) -> RowUse {
    let all: Vec<usize> = (0..frame.height()).collect();
    let everyone = row_use([label, counted.variable.as_str()], frame, &all, []);
    match &part.group {
        Some(group) => everyone.within(group, &numbered(frame, &part.rows)),
        None => everyone,
    }
}

/// Little's test, and the rows with any of its columns.
fn little(
    spec: &Spec,
    frame: &Frame,
    recorder: &mut Recorder,
    notes: &mut Notes,
    label: &str,
) -> Result<(Cell, RowUse), Finding> {
    const LEVEL: &str = "MCAR";
    let columns: Vec<Vec<Option<f64>>> = spec
        .mcar
        .iter()
        .map(|of| Ok(numbers(column(frame, &of.variable)?)?.to_vec()))
        .collect::<Result<_, Finding>>()?;
    let kind = if spec.unbiased {
        CovarianceKind::Unbiased
    } else {
        CovarianceKind::MaximumLikelihood
    };
    let test = little_mcar(&columns, kind);
    let number = |pick: fn(&crate::stats::missingness::McarTest) -> f64| match &test {
        Ok(test) => Number::from(pick(test)),
        Err(error) => Number::Missing(error.to_string()),
    };
    let mut subject = recorder.overall("Little's MCAR test").level(LEVEL);
    subject.add("statistic", number(|t| t.statistic));
    subject.add("parameter", number(|t| t.df));
    let p = subject.add("p.value", number(|t| t.p_value));
    subject.add("patterns", number(|t| t.patterns as f64));
    subject.add("nobs", number(|t| t.rows as f64));
    let any = |row: &usize| {
        columns
            .iter()
            .any(|c| c.get(*row).copied().flatten().is_some())
    };
    let (used, empty): (Vec<usize>, Vec<usize>) = (0..frame.height()).partition(any);
    let reason = "no value in any of the columns of the test".to_owned();
    let mut rows = row_use([label, LEVEL], frame, &used, [(reason, empty)]);
    rows.stats = StatId::from_parts([label, LEVEL]);
    let tested: Vec<&str> = spec.mcar.iter().map(|c| c.label.as_str()).collect();
    notes.general(format!(
        "Little\u{2019}s test that values are missing completely at random is over {}.",
        listed(&tested)
    ));
    let cell = match &test {
        Ok(_) => Cell::number(Quantity::new(Form::PValue { p })),
        Err(error) => Cell::NotApplicable {
            note: Some(notes.undefined(&error.to_string())),
        },
    };
    Ok((cell, rows))
}
