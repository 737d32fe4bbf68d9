//! From rows to the table.

use super::super::column::{codes, column, numbers, some_rows};
use super::super::describe::{CategoryStats, Missing, NumberStats, NumberSummary, Recorded, cell};
use super::super::keys::quantile_note;
use super::super::notes::Notes;
use super::super::reasons;
use super::super::record::{Number, Recorder};
use super::super::strata::{Strata, Stratum};
use super::super::{Finding, Inputs, Outcome, RowUse};
use super::{Content, RowSpec, Spec, balance};
use crate::artefact::{
    Artefact, Cell, Column, Form, Label, Measure, Quantity, Row, RowKind, Table,
};
use crate::dataset::{Frame, Level};
use crate::statistic::StatId;
use crate::stats::summary::QuantileType;

/// The table under construction.
struct Making<'a> {
    spec: &'a Spec,
    frame: &'a Frame,
    label: &'a str,
    quantile: QuantileType,
    strata: Strata,
    recorder: Recorder,
    notes: Notes,
    rows: Vec<Row>,
    uses: Vec<RowUse>,
}

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let strata = Strata::by(frame, &spec.arms, spec.overall, &mut recorder)?;
    let everyone = strata.row_use([inputs.label], frame, &[]);
    let of_arms = strata.each_arm(&everyone, frame);
    let mut making = Making {
        spec,
        frame,
        label: inputs.label,
        quantile: QuantileType::from_number(spec.quantile).unwrap_or_default(),
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
        let columns = self.columns();
        if self.spec.rows.iter().any(shows_quartiles) {
            self.notes.general(quantile_note(self.quantile));
        }
        let table = Table {
            columns,
            rows: self.rows,
            notes: self.notes.finish(),
            ..Table::default()
        };
        Outcome {
            statistics: self.recorder.finish(),
            artefact: Some(Artefact::Table(table)),
            findings: self.strata.findings(),
            rows: self.uses,
            models: Vec::new(),
        }
    }

    fn columns(&mut self) -> Vec<Column> {
        let mut heads: Vec<Label> = self.strata.shown.iter().map(Stratum::head).collect();
        if self.spec.smd {
            let label = Label::default().measure(Measure::Smd);
            let note = balance::note(self.spec.arms.levels.len());
            heads.push(self.notes.mark(label, note));
        }
        let number = |label| Column {
            label,
            words: false,
        };
        heads.into_iter().map(number).collect()
    }

    fn variable(&mut self, row: &RowSpec) -> Result<(), Finding> {
        let known = match &row.content {
            Content::Numbers {
                summaries,
                decimals,
            } => self.numbers(row, summaries, *decimals)?,
            Content::Categories { levels, only } => self.categories(row, levels, *only)?,
        };
        let used = (self.strata).row_uses(self.frame, self.label, &row.variable, &known);
        self.uses.extend(used);
        Ok(())
    }

    /// The rows of a numeric variable. Gives for each row of the frame whether it has a value.
    fn numbers(
        &mut self,
        row: &RowSpec,
        summaries: &[NumberSummary],
        decimals: Option<u8>,
    ) -> Result<Vec<bool>, Finding> {
        let values = numbers(column(self.frame, &row.variable)?)?;
        let mut stats = Vec::new();
        for stratum in &self.strata.shown {
            let subject = stratum
                .subject(&mut self.recorder, "summary", &row.variable)
                .measured(decimals);
            let recorded = NumberStats::record(subject, &stratum.pick(values), self.quantile);
            stats.push(recorded.map_err(|e| Finding::error("not-finite", e.to_string()))?);
        }
        let smd = self.spec.smd.then(|| {
            let arms = self.strata.arms().iter();
            let arms: Vec<_> = arms
                .map(|a| (a.label.as_str(), a.present(values)))
                .collect();
            balance::of_numbers(&arms)
        });
        let smd = smd.map(|smd| self.smd(row, smd));
        let missing: Vec<_> = stats.iter().map(|s| s.missing.clone()).collect();
        let name = Label::text(&row.label).unit(row.unit.clone());
        let name = self.missing_note(name, &missing);
        if let [one] = summaries {
            let cells = self.summary_cells(row, &stats, *one, smd);
            self.item(0, name.measure(one.measure()), cells);
        } else {
            self.head(name, smd);
            for summary in summaries {
                let beside = self.spec.smd.then_some(Cell::Empty);
                let cells = self.summary_cells(row, &stats, *summary, beside);
                self.item(1, Label::default().measure(summary.measure()), cells);
            }
        }
        self.missing_rows(row, &missing)?;
        Ok(values.iter().map(Option::is_some).collect())
    }

    fn summary_cells(
        &mut self,
        row: &RowSpec,
        stats: &[NumberStats],
        summary: NumberSummary,
        smd: Option<Cell>,
    ) -> Vec<Cell> {
        let notes = &mut self.notes;
        let cells = stats.iter().map(|s| s.cell(summary, row.digits, notes));
        cells.collect::<Vec<_>>().into_iter().chain(smd).collect()
    }

    /// The rows of a categorical variable. Gives for each row of the frame whether it has a value.
    fn categories(
        &mut self,
        row: &RowSpec,
        levels: &[Level],
        only: Option<usize>,
    ) -> Result<Vec<bool>, Finding> {
        let codes = codes(column(self.frame, &row.variable)?, levels)?;
        let mut stats = Vec::new();
        for stratum in &self.strata.shown {
            let picked = stratum.pick(&codes);
            let of = self.spec.denominator;
            let recorder = &mut self.recorder;
            let counted =
                CategoryStats::record(recorder, stratum, &row.variable, levels, &picked, of);
            stats.push(counted);
        }
        let smd = self.spec.smd.then(|| {
            let arms = self.strata.arms().iter().zip(&stats);
            let arms: Vec<_> = arms.map(|(a, s)| (a.label.as_str(), s.counts())).collect();
            balance::of_categories(&arms, only)
        });
        let smd = smd.map(|smd| self.smd(row, smd));
        let missing: Vec<_> = stats.iter().map(|s| s.missing.clone()).collect();
        if missing.iter().any(|(n, _)| *n > 0) {
            self.notes.general(self.spec.denominator.note());
        }
        let name = Label::text(&row.label).measure(Measure::CountPercent);
        let name = self.missing_note(name, &missing);
        if let Some(level) = only {
            let cells = self.level_cells(row, &stats, level, smd);
            self.item(0, name, cells);
        } else {
            self.head(name, smd);
            for (i, level) in levels.iter().enumerate() {
                let beside = self.spec.smd.then_some(Cell::Empty);
                let cells = self.level_cells(row, &stats, i, beside);
                self.item(1, Label::text(&level.label), cells);
            }
        }
        self.missing_rows(row, &missing)?;
        Ok(codes.iter().map(Option::is_some).collect())
    }

    fn level_cells(
        &mut self,
        row: &RowSpec,
        stats: &[CategoryStats],
        level: usize,
        smd: Option<Cell>,
    ) -> Vec<Cell> {
        let notes = &mut self.notes;
        let cells = stats.iter().map(|s| s.cell(level, row.digits, notes));
        cells.collect::<Vec<_>>().into_iter().chain(smd).collect()
    }

    fn smd(&mut self, row: &RowSpec, number: Number) -> Cell {
        let mut subject = self.recorder.of("smd", &row.variable);
        let smd = Recorded::add(&mut subject, "smd", number);
        let form = Form::Smd {
            smd: smd.id.clone(),
        };
        cell(&[&smd], form, None, &mut self.notes)
    }

    /// The label of a variable with a note on its missing values, if they are shown so.
    fn missing_note(&mut self, label: Label, missing: &[(usize, StatId)]) -> Label {
        if self.spec.missing != Missing::Note {
            return label;
        }
        self.strata.missing_note(label, missing, &mut self.notes)
    }

    /// The rows of missing values, if they are shown so and there are some.
    fn missing_rows(&mut self, row: &RowSpec, missing: &[(usize, StatId)]) -> Result<(), Finding> {
        if !self.spec.missing.in_rows() || missing.iter().all(|(n, _)| *n == 0) {
            return Ok(());
        }
        let beside = || self.spec.smd.then_some(Cell::Empty);
        let count = |n: &StatId| Cell::number(Quantity::new(Form::Count { n: n.clone() }));
        let cells = missing.iter().map(|(_, n)| count(n));
        let cells = cells.chain(beside()).collect();
        self.item(1, Label::text("Missing").measure(Measure::Count), cells);
        if self.spec.missing != Missing::Reasons {
            return Ok(());
        }
        let (frame, variable) = (self.frame, &row.variable);
        for reason in reasons::record(frame, &self.strata, &mut self.recorder, variable)? {
            let cells = reason.counts.iter().map(count);
            let cells = cells.chain(beside()).collect();
            self.item(2, Label::text(reason.label), cells);
        }
        let codes = &column(frame, variable)?.field.missing;
        let uses = reasons::row_uses(&self.strata, frame, self.label, variable, codes);
        self.uses.extend(uses);
        Ok(())
    }

    fn item(&mut self, indent: u8, label: Label, cells: Vec<Cell>) {
        self.rows.push(Row {
            kind: RowKind::Item,
            indent,
            label,
            cells,
        });
    }

    /// A row over others, with nothing but the standardised mean difference, if there is one.
    fn head(&mut self, label: Label, smd: Option<Cell>) {
        let cells = smd.map(|smd| {
            let empty = vec![Cell::Empty; self.strata.shown.len()];
            empty.into_iter().chain([smd]).collect()
        });
        self.rows.push(Row {
            kind: if cells.is_some() {
                RowKind::Item
            } else {
                RowKind::Section
            },
            indent: 0,
            label,
            cells: cells.unwrap_or_default(),
        });
    }
}

fn shows_quartiles(row: &RowSpec) -> bool {
    match &row.content {
        Content::Numbers { summaries, .. } => summaries.contains(&NumberSummary::MedianIqr),
        Content::Categories { .. } => false,
    }
}
