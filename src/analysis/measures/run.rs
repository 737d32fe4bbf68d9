//! Summaries by visit and arm, and the table.

use super::{Scale, Score, Spec};
use crate::analysis::column::{column, known, numbers, row_use, some_rows};
use crate::analysis::describe::{NumberStats, NumberSummary};
use crate::analysis::notes::{Notes, listed};
use crate::analysis::people::{Long, People};
use crate::analysis::strata::counted;
use crate::analysis::{Finding, Inputs, Outcome, Recorder, RowUse};
use crate::artefact::{
    Artefact, Cell, Column, Form, Label, Measure, Quantity, Row, RowKind, Spanner, Table,
};
use crate::dataset::Frame;
use crate::statistic::{Group, StatId};
use crate::stats::summary::QuantileType;

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let (cells, findings) = cells(spec, frame)?;
    let mut summaries = Summaries {
        frame,
        cells,
        label: inputs.label,
        recorder: Recorder::new(inputs.label, inputs.population),
        notes: Notes::default(),
        rows: Vec::new(),
    };
    let table = summaries.table(spec)?;
    Ok(Outcome {
        statistics: summaries.recorder.finish(),
        artefact: Some(Artefact::Table(table)),
        findings,
        rows: summaries.rows,
        models: Vec::new(),
    })
}

/// The rows of an arm, at a visit where there are several.
struct Stratum {
    groups: Vec<Group>,
    rows: Vec<usize>,
}

/// What the columns are of, visit by visit, and what is remarkable.
fn cells(spec: &Spec, frame: &Frame) -> Result<(Vec<Stratum>, Vec<Finding>), Finding> {
    let long = spec.id.as_ref().map(|id| Long {
        id: id.clone(),
        visit: spec.visit.as_ref().map(|(column, _)| column.clone()),
    });
    let people = People::read(&spec.arms, long.as_ref(), frame)?;
    let mut findings = Vec::new();
    if !people.without_arm.is_empty() {
        let who = counted(people.without_arm.len(), "participant", "participants");
        let message = format!(
            "`{}` is missing of {who}, whom the table leaves out",
            spec.arms.variable
        );
        findings.push(
            Finding::warning("missing-arm", message)
                .help("name a population that holds rows with a known arm only"),
        );
    }
    let visits: Vec<Option<Group>> = match &spec.visit {
        None => vec![None],
        Some((column, levels)) => {
            let group = |level: &crate::dataset::Level| Some(Group::new(column, &level.value));
            levels.iter().map(group).collect()
        }
    };
    let mut cells = Vec::new();
    for visit in visits {
        let at = visit.as_ref().map(|group| group.level.as_str());
        for (level, members) in spec.arms.levels.iter().zip(&people.arms) {
            let arm = Group::new(&spec.arms.variable, &level.value);
            cells.push(Stratum {
                groups: visit.iter().cloned().chain([arm]).collect(),
                rows: people.rows_of(members, at),
            });
        }
    }
    if cells.iter().all(|cell| cell.rows.is_empty()) {
        let message = "no row is of these visits and arms";
        return Err(Finding::error("empty-population", message));
    }
    Ok((cells, findings))
}

struct Summaries<'a> {
    frame: &'a Frame,
    cells: Vec<Stratum>,
    label: &'a str,
    recorder: Recorder,
    notes: Notes,
    rows: Vec<RowUse>,
}

/// What is shown of a score.
struct Line {
    counts: Vec<(usize, Cell)>,
    means: Vec<Cell>,
}

impl Summaries<'_> {
    fn table(&mut self, spec: &Spec) -> Result<Table, Finding> {
        let quoted = spec.scales.iter().any(|s| s.reliability.is_some());
        let mut rows = Vec::new();
        for scale in &spec.scales {
            rows.extend(self.scale(spec, scale, quoted)?);
        }
        let mut columns = Vec::new();
        if quoted {
            columns.push(head(Label::text("\u{3b1}")));
        }
        let mut spanners = Vec::new();
        let arms = spec.arms.levels.iter();
        let arms: Vec<Column> = arms.map(|l| head(Label::text(&l.label))).collect();
        match &spec.visit {
            None => columns.extend(arms),
            Some((_, levels)) => {
                for level in levels {
                    let first = columns.len();
                    columns.extend(arms.iter().cloned());
                    spanners.push(Spanner {
                        label: Label::text(&level.label),
                        first,
                        last: columns.len().saturating_sub(1),
                    });
                }
            }
        }
        if quoted {
            self.notes.general(reliability_note(spec));
        }
        Ok(Table {
            stub: Label::text(&spec.stub).measure(Measure::MeanSd),
            columns,
            spanners,
            rows,
            notes: std::mem::take(&mut self.notes).finish(),
            ..Table::default()
        })
    }

    /// The head of a scale with its reliability, its scores, and how many participants have them: in one row where that
    /// is the same for all scores, else below each.
    fn scale(&mut self, spec: &Spec, scale: &Scale, quoted: bool) -> Result<Vec<Row>, Finding> {
        let reliability = quoted.then(|| match &scale.reliability {
            None => Cell::Empty,
            Some(found) => {
                let context = format!("quoted from {}", found.source);
                let mut subject = self.recorder.of(&context, &scale.label);
                let value = subject.add("alpha", found.value);
                Cell::number(Quantity::new(Form::Number { value }).with_digits(Some(2)))
            }
        });
        let lines: Vec<Line> = scale
            .scores
            .iter()
            .map(|score| self.score(spec, score))
            .collect::<Result<_, _>>()?;
        let counts = |line: &Line| line.counts.iter().map(|(n, _)| *n).collect::<Vec<_>>();
        let alike = lines.windows(2).all(|pair| match pair {
            [a, b] => counts(a) == counts(b),
            _ => true,
        });
        let empty = || quoted.then_some(Cell::Empty);
        let row = |indent: u8, label: Label, first: Option<Cell>, cells: Vec<Cell>| Row {
            kind: RowKind::Item,
            indent,
            label,
            cells: first.into_iter().chain(cells).collect(),
        };
        let count = |indent: u8, line: &Line| {
            let cells = line.counts.iter().map(|(_, cell)| cell.clone()).collect();
            let label = Label::default().measure(Measure::Count);
            row(indent, label, empty(), cells)
        };
        let mut rows = Vec::new();
        if let ([score], [line]) = (scale.scores.as_slice(), lines.as_slice())
            && score.label == scale.label
        {
            let label = Label::text(&scale.label);
            rows.push(row(0, label, reliability, line.means.clone()));
            rows.push(count(1, line));
            return Ok(rows);
        }
        let none = vec![Cell::Empty; self.cells.len()];
        rows.push(row(0, Label::text(&scale.label), reliability, none));
        for (score, line) in scale.scores.iter().zip(&lines) {
            let label = Label::text(&score.label);
            rows.push(row(1, label, empty(), line.means.clone()));
            if !alike {
                rows.push(count(2, line));
            }
        }
        if alike {
            rows.extend(lines.first().map(|line| count(1, line)));
        }
        Ok(rows)
    }

    fn score(&mut self, spec: &Spec, score: &Score) -> Result<Line, Finding> {
        let column = column(self.frame, &score.variable)?;
        let values = numbers(column)?;
        let known = known(&column.data);
        let mut line = Line {
            counts: Vec::new(),
            means: Vec::new(),
        };
        let mut uses = Vec::new();
        for cell in &self.cells {
            let mut subject = self.recorder.of("summary", &score.variable);
            subject = subject.measured(score.decimals);
            for group in &cell.groups {
                subject = subject.within(&group.variable, &group.level);
            }
            let own: Vec<Option<f64>> = cell
                .rows
                .iter()
                .map(|row| values.get(*row).copied().flatten())
                .collect();
            let stats = NumberStats::record(subject, &own, QuantileType::default())
                .map_err(|error| Finding::error("no-summary", error.to_string()))?;
            let n = own.iter().flatten().count();
            let count = stats.cell(NumberSummary::Count, None, &mut self.notes);
            line.counts.push((n, count));
            let mean = stats.cell(NumberSummary::MeanSd, spec.digits, &mut self.notes);
            line.means.push(mean);
            uses.extend(self.uses(&score.variable, cell, &known));
        }
        self.rows.extend(uses);
        Ok(line)
    }

    /// The rows of a cell's numbers, and of its count of missing values.
    fn uses(&self, variable: &str, cell: &Stratum, known: &[bool]) -> [RowUse; 2] {
        let has = |row: &usize| known.get(*row).copied().unwrap_or(false);
        let (used, missing): (Vec<usize>, Vec<usize>) = cell.rows.iter().partition(|row| has(row));
        let others = (0..self.frame.height()).filter(|row| cell.rows.binary_search(row).is_err());
        let elsewhere = (
            "it is of another arm or visit".to_owned(),
            others.collect::<Vec<usize>>(),
        );
        let groups = cell.groups.iter();
        let groups: Vec<String> = groups
            .map(|g| format!("{}={}", g.variable, g.level))
            .collect();
        let inside = [self.label, variable]
            .into_iter()
            .chain(groups.iter().map(String::as_str));
        let left_out = [
            (format!("{variable} is missing"), missing),
            elsewhere.clone(),
        ];
        let own = RowUse {
            groups: cell.groups.clone(),
            ..row_use([self.label, variable], self.frame, &used, left_out)
        };
        let everyone = RowUse {
            groups: cell.groups.clone(),
            stats: StatId::from_parts(inside.chain(["N_miss"])),
            ..row_use([self.label, variable], self.frame, &cell.rows, [elsewhere])
        };
        [own, everyone]
    }
}

fn head(label: Label) -> Column {
    Column {
        label,
        words: false,
    }
}

fn reliability_note(spec: &Spec) -> String {
    let mut sources: Vec<String> = Vec::new();
    for quoted in spec.scales.iter().filter_map(|s| s.reliability.as_ref()) {
        if !sources.contains(&quoted.source) {
            sources.push(quoted.source.clone());
        }
    }
    format!(
        "\u{3b1} is Cronbach\u{2019}s, quoted from {}; it is not computed here.",
        listed(&sources)
    )
}
