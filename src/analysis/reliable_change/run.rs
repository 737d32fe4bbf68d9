//! Classifying participants, counting, and the table.

use std::collections::BTreeMap;

use super::{CutOff, Scale, Spec};
use crate::analysis::column::{codes, column, numbered, numbers, row_use, some_rows};
use crate::analysis::notes::Notes;
use crate::analysis::record::Subject;
use crate::analysis::{Finding, Inputs, Number, Outcome, Recorder, RowUse};
use crate::artefact::{
    Artefact, Cell, Column, Form, Label, Measure, Quantity, Row, RowKind, Spanner, Table,
};
use crate::dataset::{ColumnData, Frame, Level};
use crate::statistic::Group;
use crate::stats::StatsError;
use crate::stats::reliable_change::{Change, ChangeScale, CutOffs, Population};
use crate::stats::summary::{mean, sd};

const CHANGES: [(Change, &str, &str); 4] = [
    (Change::Recovered, "recovered", "Recovered"),
    (Change::Improved, "improved", "Improved"),
    (Change::Unchanged, "unchanged", "Unchanged"),
    (Change::Deteriorated, "deteriorated", "Deteriorated"),
];
const CONTEXT: &str = "reliable change";

/// A participant: the arm, and the row of each visit (before, then each after).
struct Person {
    arm: Option<usize>,
    rows: Vec<Option<usize>>,
}

struct Making<'a> {
    spec: &'a Spec,
    frame: &'a Frame,
    label: &'a str,
    people: Vec<Person>,
    recorder: Recorder,
    notes: Notes,
    rows: Vec<Row>,
    uses: Vec<RowUse>,
}

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let mut making = Making {
        spec,
        frame,
        label: inputs.label,
        people: people(spec, frame)?,
        recorder: Recorder::new(inputs.label, inputs.population),
        notes: Notes::default(),
        rows: Vec::new(),
        uses: Vec::new(),
    };
    for (i, scale) in spec.measures.iter().enumerate() {
        making.measure(scale, i)?;
    }
    Ok(making.finish())
}

/// The participants by id, each with one row a visit.
fn people(spec: &Spec, frame: &Frame) -> Result<Vec<Person>, Finding> {
    let ids = keys(&column(frame, &spec.id)?.data);
    let arms = codes(column(frame, &spec.arms.variable)?, &spec.arms.levels)?;
    let visits: Vec<Level> = std::iter::once(&spec.before)
        .chain(&spec.after)
        .cloned()
        .collect();
    let visit = codes(column(frame, &spec.visit)?, &visits)?;
    let mut people: BTreeMap<&str, Person> = BTreeMap::new();
    for (row, id) in ids.iter().enumerate() {
        let Some(id) = id else { continue };
        let person = people.entry(id).or_insert_with(|| Person {
            arm: None,
            rows: vec![None; visits.len()],
        });
        if let Some(arm) = arms.get(row).copied().flatten() {
            if person.arm.is_some_and(|other| other != arm) {
                let message = format!("the participant `{id}` is in two arms");
                return Err(Finding::error("two-arms", message).at(["id".into()]));
            }
            person.arm = Some(arm);
        }
        let slot = visit
            .get(row)
            .copied()
            .flatten()
            .and_then(|v| person.rows.get_mut(v));
        if let Some(slot) = slot
            && slot.replace(row).is_some()
        {
            let message = format!("the participant `{id}` has two rows of one visit");
            return Err(Finding::error("repeated-visit", message).at(["visit".into()]));
        }
    }
    Ok(people.into_values().collect())
}

/// What tells participants apart, as text.
fn keys(data: &ColumnData) -> Vec<Option<String>> {
    fn texts<T: ToString>(values: &[Option<T>]) -> Vec<Option<String>> {
        values
            .iter()
            .map(|v| v.as_ref().map(ToString::to_string))
            .collect()
    }
    match data {
        ColumnData::Number(v) => texts(v),
        ColumnData::Category(v) => texts(v),
        ColumnData::Text(v) => v.clone(),
        ColumnData::Boolean(v) => texts(v),
        ColumnData::Date(v) => texts(v),
    }
}

impl Making<'_> {
    fn measure(&mut self, scale: &Scale, index: usize) -> Result<(), Finding> {
        let values = numbers(column(self.frame, &scale.variable)?)?.to_vec();
        let value = |row: Option<usize>| values.get(row?).copied().flatten();
        let before: Vec<(usize, f64)> = self
            .people
            .iter()
            .filter(|p| p.arm.is_some())
            .filter_map(|p| {
                let row = p.rows.first().copied().flatten();
                Some((row?, value(row)?))
            })
            .collect();
        let refused = |e: StatsError| {
            Finding::error("reliable-change", format!("`{}`: {e}", scale.variable))
                .at(["measure".into(), index.into()])
        };
        let scores: Vec<f64> = before.iter().map(|(_, score)| *score).collect();
        let sample = Population {
            mean: mean(&scores).map_err(refused)?,
            sd: sd(&scores).map_err(refused)?,
        };
        let used: Vec<usize> = before.iter().map(|(row, _)| *row).collect();
        let change = ChangeScale::new(
            scale.sd.unwrap_or(sample.sd),
            scale.reliability,
            scale.higher_is_better,
        )
        .map_err(refused)?;
        let cut_off = cut_off(scale, sample).map_err(refused)?;
        self.record_scale(scale, &change, cut_off);
        self.note_rows(scale, None, &used);
        let visits = self.spec.after.clone();
        if visits.len() > 1 {
            self.rows.push(Row {
                kind: RowKind::Section,
                indent: 0,
                label: Label::text(&scale.label),
                cells: Vec::new(),
            });
        }
        for (v, visit) in visits.iter().enumerate() {
            let mut counts = vec![vec![0_u64; CHANGES.len()]; self.spec.arms.levels.len()];
            let mut missing = vec![0_usize; counts.len()];
            let mut used = Vec::new();
            for person in &self.people {
                let Some(arm) = person.arm else { continue };
                let rows = [
                    person.rows.first().copied().flatten(),
                    person.rows.get(v + 1).copied().flatten(),
                ];
                let [Some(before), Some(after)] = rows.map(value) else {
                    missing[arm] += 1;
                    continue;
                };
                let found = change
                    .classify(before, after, cut_off, self.spec.critical)
                    .map_err(refused)?;
                let place = CHANGES.iter().position(|(c, _, _)| *c == found);
                if let Some(count) = place.and_then(|p| counts.get_mut(arm)?.get_mut(p)) {
                    *count += 1;
                }
                used.extend(rows.into_iter().flatten());
            }
            self.note_rows(scale, Some(visit), &used);
            self.count(scale, visit, &counts, &missing);
        }
        Ok(())
    }

    fn record_scale(&mut self, scale: &Scale, change: &ChangeScale, cut_off: f64) {
        let subject = self.recorder.of(CONTEXT, &scale.variable);
        let mut subject = subject.measured(scale.decimals);
        subject.add("sd", change.sd);
        subject.add("reliability", scale.reliability);
        subject.add("std.error", change.error_of_difference());
        let least = self.spec.critical * change.error_of_difference();
        subject.add("reliable", least);
        subject.add("cut.off", cut_off);
    }

    /// Writes down the counts of a visit and their test, and makes their row.
    fn count(&mut self, scale: &Scale, visit: &Level, counts: &[Vec<u64>], missing: &[usize]) {
        let spec = self.spec;
        let mut cells = Vec::new();
        for ((arm, counts), missing) in spec.arms.levels.iter().zip(counts).zip(missing) {
            let total: u64 = counts.iter().sum();
            let mut subject = of_arm(&mut self.recorder, spec, scale, visit, arm);
            let total_id = subject.add("N", total as f64);
            subject.add("N_miss", *missing);
            for ((_, name, _), n) in CHANGES.iter().zip(counts) {
                let subject = of_arm(&mut self.recorder, spec, scale, visit, arm);
                let mut subject = subject.level(name);
                let n_id = subject.add("n", *n as f64);
                let p = if total == 0 {
                    Number::Missing("nobody has both scores".to_owned())
                } else {
                    (*n as f64 / total as f64).into()
                };
                let p_id = subject.add("p", p);
                cells.push(if total == 0 {
                    let note = self.notes.undefined("nobody has both scores");
                    Cell::NotApplicable { note: Some(note) }
                } else {
                    Cell::number(Quantity::new(Form::CountPercent {
                        n: n_id,
                        p: p_id,
                        total: total_id.clone(),
                    }))
                });
            }
        }
        cells.push(self.test(scale, visit, counts));
        let several = spec.after.len() > 1;
        self.rows.push(Row {
            kind: RowKind::Item,
            indent: u8::from(several),
            label: Label::text(if several { &visit.label } else { &scale.label }),
            cells,
        });
    }

    fn test(&mut self, scale: &Scale, visit: &Level, counts: &[Vec<u64>]) -> Cell {
        let tested = self.spec.test.run(counts);
        let mut subject = self
            .recorder
            .of(self.spec.test.name(), &scale.variable)
            .within(&self.spec.visit, &visit.value);
        if let Ok(Some((statistic, df))) = tested.as_ref().map(|t| t.statistic) {
            subject.add("statistic", statistic);
            subject.add("parameter", df);
        }
        let sparse = tested.as_ref().is_ok_and(|t| t.sparse);
        let number: Number = match &tested {
            Ok(tested) => (*tested).number(),
            Err(e) => Number::Missing(e.to_string()),
        };
        let p = subject.add("p.value", number);
        match tested {
            Ok(_) => {
                let mut notes = Vec::new();
                if sparse {
                    let text = "Expected counts below 5 make the approximation doubtful.";
                    notes.push(self.notes.marked(text));
                }
                Cell::Number {
                    quantity: Quantity::new(Form::PValue { p }),
                    notes,
                }
            }
            Err(e) => {
                let note = self.notes.undefined(&e.to_string());
                Cell::NotApplicable { note: Some(note) }
            }
        }
    }

    /// Which rows the numbers of a measure come from; of a visit, those of people with both scores.
    fn note_rows(&mut self, scale: &Scale, visit: Option<&Level>, used: &[usize]) {
        let reason = match visit {
            None => "not a score before of a participant with an arm",
            Some(_) => "another visit, or one of the two scores is missing",
        };
        let mut sorted = used.to_vec();
        sorted.sort_unstable();
        let all = 0..self.frame.height();
        let rest: Vec<usize> = all
            .filter(|row| sorted.binary_search(row).is_err())
            .collect();
        let stats = [self.label, scale.variable.as_str()];
        let mut all = row_use(stats, self.frame, &sorted, [(reason.to_owned(), rest)]);
        let Some(visit) = visit else {
            self.uses.push(all);
            return;
        };
        all.groups = vec![Group::new(&self.spec.visit, &visit.value)];
        self.uses.push(all.clone());
        for (i, arm) in self.spec.arms.levels.iter().enumerate() {
            let mut members: Vec<usize> = self
                .people
                .iter()
                .filter(|p| p.arm == Some(i))
                .flat_map(|p| p.rows.iter().flatten().copied())
                .collect();
            members.sort_unstable();
            let group = Group::new(&self.spec.arms.variable, &arm.value);
            let own = all.within(&group, &numbered(self.frame, &members));
            self.uses.push(own);
        }
    }

    fn finish(mut self) -> Outcome {
        let mut table = Table {
            stub: Label::text("Measure"),
            ..Table::default()
        };
        for arm in &self.spec.arms.levels {
            table.spanners.push(Spanner {
                label: Label::text(&arm.label),
                first: table.columns.len(),
                last: table.columns.len() + CHANGES.len() - 1,
            });
            table
                .columns
                .extend(CHANGES.iter().map(|(_, _, words)| Column {
                    label: Label::text(*words).measure(Measure::CountPercent),
                    words: false,
                }));
        }
        table.columns.push(Column {
            label: Label::default().measure(Measure::PValue),
            words: false,
        });
        self.notes.general(format!(
            "Reliable change after Jacobson and Truax (1991); P by the {}.",
            self.spec.test.name()
        ));
        table.rows = self.rows;
        table.notes = self.notes.finish();
        Outcome {
            statistics: self.recorder.finish(),
            artefact: self.spec.shown.then_some(Artefact::Table(table)),
            findings: Vec::new(),
            rows: self.uses,
            models: Vec::new(),
        }
    }
}

/// What numbers of an arm at a visit are recorded as.
fn of_arm<'r>(
    recorder: &'r mut Recorder,
    spec: &Spec,
    scale: &Scale,
    visit: &Level,
    arm: &Level,
) -> Subject<'r> {
    recorder
        .of(CONTEXT, &scale.variable)
        .within(&spec.visit, &visit.value)
        .within(&spec.arms.variable, &arm.value)
}

fn cut_off(scale: &Scale, sample: Population) -> Result<f64, StatsError> {
    match scale.cut_off {
        CutOff::Score(score) => Ok(score),
        CutOff::A => CutOffs::without_norms(sample, scale.higher_is_better),
        CutOff::Norm { between, mean, sd } => {
            let functional = Population { mean, sd };
            if (mean > sample.mean) != scale.higher_is_better {
                return Err(StatsError::degenerate(
                    "reliable change",
                    "the functional mean is on the worse side of the participants'",
                ));
            }
            let cut_offs = CutOffs::new(sample, functional)?;
            Ok(if between { cut_offs.c } else { cut_offs.b })
        }
    }
}
