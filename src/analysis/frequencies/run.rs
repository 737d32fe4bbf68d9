//! From rows to the table.

use super::super::column::{codes, column, some_rows};
use super::super::describe::{CategoryStats, Missing, Recorded, cell};
use super::super::notes::Notes;
use super::super::proportion_test::Tested;
use super::super::reasons;
use super::super::record::{Number, Recorder};
use super::super::strata::{Strata, Stratum};
use super::super::{Finding, Inputs, Outcome, RowUse};
use super::{RowSpec, Spec};
use crate::artefact::{
    Artefact, Cell, Column, Form, Label, Measure, Quantity, Row, RowKind, Spanner, Table,
};
use crate::dataset::{Frame, Level};
use crate::statistic::StatId;
use crate::stats::StatsError;
use crate::stats::interval::{Interval, Proportion, wilson};

/// The table under construction.
struct Making<'a> {
    spec: &'a Spec,
    frame: &'a Frame,
    label: &'a str,
    strata: Strata,
    recorder: Recorder,
    notes: Notes,
    rows: Vec<Row>,
    uses: Vec<RowUse>,
}

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let strata = match &spec.groups {
        Some(groups) => Strata::by(frame, groups, spec.overall, &mut recorder)?,
        None => Strata::whole(frame, &mut recorder),
    };
    let everyone = strata.row_use([inputs.label], frame, &[]);
    let of_arms = strata.each_arm(&everyone, frame);
    let mut making = Making {
        spec,
        frame,
        label: inputs.label,
        uses: vec![everyone],
        strata,
        recorder,
        notes: Notes::default(),
        rows: Vec::new(),
    };
    for row in &spec.rows {
        making.variable(row)?;
    }
    making.uses.extend(of_arms);
    Ok(making.finish())
}

impl Making<'_> {
    fn finish(mut self) -> Outcome {
        let mut table = Table::default();
        for stratum in &self.strata.shown {
            self.spec.heads(stratum, &mut table);
        }
        if let Some(test) = self.spec.test {
            let label = Label::default().measure(Measure::PValue);
            let label = self.notes.mark(label, format!("{}.", test.name()));
            table.columns.push(number(label));
        }
        if self.spec.interval.is_some() {
            self.notes
                .general("Confidence intervals by the method of Wilson.");
        }
        table.rows = self.rows;
        table.notes = self.notes.finish();
        Outcome {
            statistics: self.recorder.finish(),
            artefact: Some(Artefact::Table(table)),
            findings: self.strata.findings(),
            rows: self.uses,
            models: Vec::new(),
        }
    }

    fn variable(&mut self, row: &RowSpec) -> Result<(), Finding> {
        let codes = codes(column(self.frame, &row.variable)?, &row.levels)?;
        let mut stats = Vec::new();
        let mut intervals = Vec::new();
        for stratum in &self.strata.shown {
            let (recorder, of) = (&mut self.recorder, self.spec.denominator);
            let picked = stratum.pick(&codes);
            let counted =
                CategoryStats::record(recorder, stratum, &row.variable, &row.levels, &picked, of);
            intervals.push(match self.spec.interval {
                Some(level) => limits(recorder, stratum, row, &counted, level),
                None => Vec::new(),
            });
            stats.push(counted);
        }
        let p = self.test(row, &stats);
        let missing: Vec<_> = stats.iter().map(|s| s.missing.clone()).collect();
        if missing.iter().any(|(n, _)| *n > 0) {
            self.notes.general(self.spec.denominator.note());
        }
        let mut name = Label::text(&row.label).measure(Measure::CountPercent);
        if self.spec.missing == Missing::Note {
            name = self.strata.missing_note(name, &missing, &mut self.notes);
        }
        if let Some(level) = row.only {
            let cells = self.level(row, &stats, &intervals, level, p);
            self.item(0, name, cells);
        } else {
            self.head(name, p);
            for (i, Level { label, .. }) in row.levels.iter().enumerate() {
                let beside = self.spec.test.map(|_| Cell::Empty);
                let cells = self.level(row, &stats, &intervals, i, beside);
                self.item(1, Label::text(label), cells);
            }
        }
        self.missing_rows(row, &missing)?;
        let known: Vec<bool> = codes.iter().map(Option::is_some).collect();
        let used = (self.strata).row_uses(self.frame, self.label, &row.variable, &known);
        self.uses.extend(used);
        Ok(())
    }

    fn level(
        &mut self,
        row: &RowSpec,
        stats: &[CategoryStats],
        intervals: &[Vec<(Recorded, Recorded)>],
        level: usize,
        beside: Option<Cell>,
    ) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (counted, limits) in stats.iter().zip(intervals) {
            cells.push(counted.cell(level, row.digits, &mut self.notes));
            if let Some((low, high)) = limits.get(level) {
                let form = Form::PercentInterval {
                    low: low.id.clone(),
                    high: high.id.clone(),
                    total: low.id.sibling("N"),
                };
                cells.push(cell(&[low, high], form, row.digits, &mut self.notes));
            }
        }
        cells.extend(beside);
        cells
    }

    /// Tests the association of the variable, or of the level that is shown alone, with the groups.
    fn test(&mut self, row: &RowSpec, stats: &[CategoryStats]) -> Option<Cell> {
        let test = self.spec.test?;
        let groups = stats.iter().take(self.strata.arms().len());
        let counts: Vec<Vec<u64>> = groups.map(|s| split(s.counts(), row.only)).collect();
        let tested = test.run(&counts);
        let mut subject = self.recorder.of(test.name(), &row.variable);
        if let Ok(Tested {
            statistic: Some((statistic, df)),
            ..
        }) = tested
        {
            subject.add("statistic", statistic);
            subject.add("parameter", df);
        }
        let p: Number = tested.map(Tested::number).into();
        let p = Recorded::add(&mut subject, "p.value", p);
        let form = Form::PValue { p: p.id.clone() };
        Some(cell(&[&p], form, None, &mut self.notes))
    }

    /// The rows of missing values, if they are shown so and there are some.
    fn missing_rows(&mut self, row: &RowSpec, missing: &[(usize, StatId)]) -> Result<(), Finding> {
        if !self.spec.missing.in_rows() || missing.iter().all(|(n, _)| *n == 0) {
            return Ok(());
        }
        let cells = self.counts(missing.iter().map(|(_, id)| id));
        self.item(1, Label::text("Missing").measure(Measure::Count), cells);
        if self.spec.missing != Missing::Reasons {
            return Ok(());
        }
        let (frame, variable) = (self.frame, &row.variable);
        for reason in reasons::record(frame, &self.strata, &mut self.recorder, variable)? {
            let cells = self.counts(&reason.counts);
            self.item(2, Label::text(reason.label), cells);
        }
        let codes = &column(frame, variable)?.field.missing;
        let uses = reasons::row_uses(&self.strata, frame, self.label, variable, codes);
        self.uses.extend(uses);
        Ok(())
    }

    /// The cells of a row of counts.
    fn counts<'s>(&self, ids: impl IntoIterator<Item = &'s StatId>) -> Vec<Cell> {
        let mut cells = Vec::new();
        for id in ids {
            let form = Form::Count { n: id.clone() };
            cells.push(Cell::number(Quantity::new(form)));
            cells.extend(self.spec.interval.map(|_| Cell::Empty));
        }
        cells.extend(self.spec.test.map(|_| Cell::Empty));
        cells
    }

    fn item(&mut self, indent: u8, label: Label, cells: Vec<Cell>) {
        self.rows.push(Row {
            kind: RowKind::Item,
            indent,
            label,
            cells,
        });
    }

    /// A variable's row over its levels, with nothing but the P value, if there is one.
    fn head(&mut self, label: Label, p: Option<Cell>) {
        let Some(p) = p else {
            self.rows.push(Row {
                kind: RowKind::Section,
                indent: 0,
                label,
                cells: Vec::new(),
            });
            return;
        };
        let each = if self.spec.interval.is_some() { 2 } else { 1 };
        let mut cells = vec![Cell::Empty; each * self.strata.shown.len()];
        cells.push(p);
        self.item(0, label, cells);
    }
}

impl Spec {
    /// The columns of a stratum.
    fn heads(&self, stratum: &Stratum, table: &mut Table) {
        let Some(level) = self.interval else {
            table.columns.push(number(stratum.head()));
            return;
        };
        let first = table.columns.len();
        let count = Label::default().measure(Measure::CountPercent);
        let interval = Label {
            conf_level: Some(level),
            ..Label::default().measure(Measure::Interval)
        };
        table.columns.extend([number(count), number(interval)]);
        table.spanners.push(Spanner {
            label: stratum.head(),
            first,
            last: first + 1,
        });
    }
}

fn number(label: Label) -> Column {
    Column {
        label,
        words: false,
    }
}

/// The counts of all levels, or of one and of the others together.
fn split(counts: Vec<u64>, only: Option<usize>) -> Vec<u64> {
    let Some(level) = only else { return counts };
    let own = counts.get(level).copied().unwrap_or_default();
    vec![own, counts.iter().sum::<u64>() - own]
}

/// Records the Wilson limits of each level.
fn limits(
    recorder: &mut Recorder,
    stratum: &Stratum,
    row: &RowSpec,
    counted: &CategoryStats,
    level: f64,
) -> Vec<(Recorded, Recorded)> {
    let counts = counted.counts();
    let total = counted.total as u64;
    let mut found = Vec::with_capacity(counts.len());
    for (count, category) in counts.into_iter().zip(&row.levels) {
        let interval = Proportion::new(count, total).and_then(|p| wilson(p, level));
        let end = |take: fn(&Interval) -> f64| -> Result<f64, StatsError> {
            interval.as_ref().map(take).map_err(Clone::clone)
        };
        let mut subject = stratum
            .subject(recorder, "proportion (Wilson)", &row.variable)
            .level(&category.value);
        found.push((
            Recorded::add(&mut subject, "conf.low", end(|i| i.low)),
            Recorded::add(&mut subject, "conf.high", end(|i| i.high)),
        ));
        subject.add("conf.level", level);
    }
    found
}
