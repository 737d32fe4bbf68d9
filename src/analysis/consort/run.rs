//! Counting participants.

use std::collections::BTreeSet;

use super::{Analysed, Enrollment, Part, Spec};
use crate::analysis::column::{codes, column, row_use, some_rows};
use crate::analysis::{Finding, Inputs, Outcome, Recorder, RowUse};
use crate::artefact::{Arm, ArmStage, Artefact, FlowBox, FlowCount, FlowDiagram, Reason};
use crate::dataset::{Column, ColumnData, Frame};
use crate::statistic::{Group, StatId};

const CONTEXT: &str = "flow";

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let arms = arms_of(spec, frame)?;
    let mut flow = Flow {
        frame,
        label: inputs.label,
        recorder: Recorder::new(inputs.label, inputs.population),
        rows: Vec::new(),
        analysed: (Vec::new(), Vec::new()),
    };
    let trunk = flow.trunk(spec)?;
    let mut drawn = Vec::with_capacity(arms.len());
    for (level, members) in spec.arms.levels.iter().zip(&arms) {
        let arm = flow.arm(spec, &level.value, &level.label, members)?;
        drawn.push(arm);
    }
    for part in spec.received.iter().chain(&spec.visits) {
        flow.note_rows(part, &arms)?;
    }
    if let Some(analysed) = &spec.analysis {
        flow.note_analysed(analysed);
    }
    let artefact = FlowDiagram {
        trunk,
        arms: drawn,
        stages: stages(spec),
        trunk_stage: "Enrollment".to_owned(),
    };
    Ok(Outcome {
        statistics: flow.recorder.finish(),
        artefact: Some(Artefact::Flow(artefact)),
        findings: Vec::new(),
        rows: flow.rows,
        models: Vec::new(),
    })
}

fn stages(spec: &Spec) -> Vec<String> {
    let mut stages = vec!["Allocation".to_owned()];
    if !spec.visits.is_empty() {
        stages.push("Follow-up".to_owned());
    }
    if spec.analysis.is_some() {
        stages.push("Analysis".to_owned());
    }
    stages
}

/// The rows of each arm, as indices into the frame.
fn arms_of(spec: &Spec, frame: &Frame) -> Result<Vec<Vec<usize>>, Finding> {
    let codes = codes(column(frame, &spec.arms.variable)?, &spec.arms.levels)?;
    let mut arms = vec![Vec::new(); spec.arms.levels.len()];
    let mut without = 0_usize;
    for (row, code) in codes.into_iter().enumerate() {
        match code.and_then(|c| arms.get_mut(c)) {
            Some(arm) => arm.push(row),
            None => without += 1,
        }
    }
    if without > 0 {
        let message = format!(
            "{without} of {} rows have no `{}`",
            frame.height(),
            spec.arms.variable
        );
        return Err(Finding::error("missing-arm", message)
            .help("a row of a flow is somebody who was randomized; name a population of those"));
    }
    Ok(arms)
}

struct Flow<'a> {
    frame: &'a Frame,
    label: &'a str,
    recorder: Recorder,
    rows: Vec<RowUse>,
    /// Rows of all arms that are analysed, and rows that are not.
    analysed: (Vec<usize>, Vec<usize>),
}

/// An arm, for the recorder.
#[derive(Clone, Copy)]
struct Within<'a> {
    variable: &'a str,
    level: &'a str,
}

impl Analysed {
    /// Why somebody is not analysed.
    fn reason_to_exclude(&self) -> &'static str {
        if self.any {
            "none of the analysed columns is known"
        } else {
            "one of the analysed columns is missing"
        }
    }
}

impl Flow<'_> {
    /// Which rows numbers within an arm come from; those that are not named are of other arms.
    fn note<const N: usize>(
        &mut self,
        stats: [&str; N],
        within: Within<'_>,
        used: &[usize],
        mut left_out: Vec<(String, Vec<usize>)>,
    ) {
        let named: BTreeSet<usize> = left_out
            .iter()
            .flat_map(|(_, rows)| rows)
            .chain(used)
            .copied()
            .collect();
        let others = (0..self.frame.height()).filter(|row| !named.contains(row));
        let reason = format!("{} is not {}", within.variable, within.level);
        left_out.insert(0, (reason, others.collect()));
        self.rows.push(RowUse {
            groups: vec![Group::new(within.variable, within.level)],
            ..row_use(stats, self.frame, used, left_out)
        });
    }

    fn trunk(&mut self, spec: &Spec) -> Result<Vec<FlowBox>, Finding> {
        let total = self.frame.height();
        let mut trunk = Vec::new();
        if let Some(enrollment) = &spec.enrollment {
            trunk.push(self.enrollment(enrollment, total)?);
        }
        let n = self.recorder.of(CONTEXT, "randomised").add("n", total);
        trunk.push(FlowBox {
            lines: vec![FlowCount {
                text: spec.randomised.clone(),
                n: Some(n),
                reasons: Vec::new(),
            }],
            excluded: None,
        });
        let all: Vec<usize> = (0..total).collect();
        for stats in ["randomised", "allocated"] {
            self.rows
                .push(row_use([self.label, stats], self.frame, &all, Vec::new()));
        }
        Ok(trunk)
    }

    fn enrollment(&mut self, quoted: &Enrollment, randomised: usize) -> Result<FlowBox, Finding> {
        let excluded: u64 = quoted.excluded.iter().map(|(_, n)| u64::from(*n)).sum();
        if u64::from(quoted.assessed) != excluded + randomised as u64 {
            let message = format!(
                "{} assessed less {excluded} excluded does not give the {randomised} rows that were randomized",
                quoted.assessed
            );
            return Err(Finding::error("not-conserved", message)
                .at(["enrollment".into()])
                .help("quote every reason of exclusion, or correct the population"));
        }
        let context = format!("quoted from {}", quoted.source);
        let count = |recorder: &mut Recorder, variable: &str, level: Option<&str>, n: f64| {
            let subject = recorder.of(&context, variable);
            match level {
                Some(level) => subject.level(level).add("n", n),
                None => {
                    let mut subject = subject;
                    subject.add("n", n)
                }
            }
        };
        let recorder = &mut self.recorder;
        let assessed = count(recorder, "assessed", None, f64::from(quoted.assessed));
        let n = count(recorder, "excluded", None, excluded as f64);
        let reasons = quoted
            .excluded
            .iter()
            .map(|(text, n)| Reason {
                text: text.clone(),
                n: count(recorder, "excluded", Some(text), f64::from(*n)),
            })
            .collect();
        Ok(FlowBox {
            lines: vec![FlowCount {
                text: quoted.label.clone(),
                n: Some(assessed),
                reasons: Vec::new(),
            }],
            excluded: Some(FlowCount {
                text: quoted.excluded_label.clone(),
                n: Some(n),
                reasons,
            }),
        })
    }

    fn arm(
        &mut self,
        spec: &Spec,
        level: &str,
        name: &str,
        members: &[usize],
    ) -> Result<Arm, Finding> {
        let within = Within {
            variable: &spec.arms.variable,
            level,
        };
        let n = self.count("allocated", None, within, members.len());
        self.note([self.label, "allocated"], within, members, Vec::new());
        let mut first = vec![FlowCount {
            text: format!("{} {name}", spec.allocated),
            n: Some(n),
            reasons: Vec::new(),
        }];
        if let Some(part) = &spec.received {
            first.extend(self.part(part, within, members)?);
        }
        let mut stages = vec![ArmStage { lines: first }];
        if !spec.visits.is_empty() {
            let mut lines = Vec::new();
            for part in &spec.visits {
                lines.extend(self.part(part, within, members)?);
            }
            stages.push(ArmStage { lines });
        }
        if let Some(analysed) = &spec.analysis {
            let lines = self.analysed(analysed, within, members)?;
            stages.push(ArmStage { lines });
        }
        Ok(Arm {
            name: name.to_owned(),
            stages,
        })
    }

    fn count(
        &mut self,
        variable: &str,
        level: Option<&str>,
        within: Within<'_>,
        n: usize,
    ) -> StatId {
        let mut subject = self.recorder.of(CONTEXT, variable);
        if let Some(level) = level {
            subject = subject.level(level);
        }
        subject.within(within.variable, within.level).add("n", n)
    }

    /// Who has it in one line, who has not in the next with the reasons.
    fn part(
        &mut self,
        part: &Part,
        within: Within<'_>,
        members: &[usize],
    ) -> Result<Vec<FlowCount>, Finding> {
        let has = present(column(self.frame, &part.column)?);
        let (with, without): (Vec<usize>, Vec<usize>) = members
            .iter()
            .partition(|&&row| has.get(row).copied().unwrap_or(false));
        let n = self.count(&part.column, Some("measured"), within, with.len());
        let left_out = vec![(format!("{} is missing", part.column), without.clone())];
        self.note(
            [self.label, &part.column, "measured"],
            within,
            &with,
            left_out,
        );
        let left_out = vec![(format!("{} is known", part.column), with)];
        let stats = [self.label, &part.column, "missing"];
        self.note(stats, within, &without, left_out);
        let mut lines = vec![FlowCount {
            text: part.label.clone(),
            n: Some(n),
            reasons: Vec::new(),
        }];
        let missing = self.missing(
            &part.column,
            &part.missing,
            part.reason.as_deref(),
            within,
            &without,
        )?;
        lines.push(missing);
        Ok(lines)
    }

    fn missing(
        &mut self,
        variable: &str,
        text: &str,
        reason: Option<&str>,
        within: Within<'_>,
        rows: &[usize],
    ) -> Result<FlowCount, Finding> {
        let n = self.count(variable, Some("missing"), within, rows.len());
        let mut reasons = Vec::new();
        if let Some(reason) = reason {
            for (text, of_reason) in tally(column(self.frame, reason)?, rows) {
                let level = format!("missing: {text}");
                let n = self.count(variable, Some(&level), within, of_reason.len());
                let mut others = rows.to_vec();
                others.retain(|row| of_reason.binary_search(row).is_err());
                let left_out = vec![("another reason is given".to_owned(), others)];
                self.note([self.label, variable, &level], within, &of_reason, left_out);
                reasons.push(Reason { text, n });
            }
        }
        Ok(FlowCount {
            text: text.to_owned(),
            n: Some(n),
            reasons,
        })
    }

    fn analysed(
        &mut self,
        analysed: &Analysed,
        within: Within<'_>,
        members: &[usize],
    ) -> Result<Vec<FlowCount>, Finding> {
        let mut columns = Vec::with_capacity(analysed.columns.len());
        for name in &analysed.columns {
            columns.push(present(column(self.frame, name)?));
        }
        let has = |row: usize| {
            let mut each = columns.iter().map(|c| c.get(row).copied().unwrap_or(false));
            if analysed.any {
                each.any(|h| h)
            } else {
                each.all(|h| h)
            }
        };
        let (with, without): (Vec<usize>, Vec<usize>) = members.iter().partition(|&&row| has(row));
        let n = self.count("analysed", None, within, with.len());
        let reason = analysed.reason_to_exclude();
        let left_out = vec![(reason.to_owned(), without.clone())];
        self.note([self.label, "analysed"], within, &with, left_out);
        self.analysed.0.extend(&with);
        self.analysed.1.extend(&without);
        let left_out = vec![("it is analysed".to_owned(), with)];
        self.note(
            [self.label, "analysed", "missing"],
            within,
            &without,
            left_out,
        );
        let excluded = self.missing(
            "analysed",
            &analysed.excluded,
            analysed.reason.as_deref(),
            within,
            &without,
        )?;
        Ok(vec![
            FlowCount {
                text: analysed.label.clone(),
                n: Some(n),
                reasons: Vec::new(),
            },
            excluded,
        ])
    }

    fn note_analysed(&mut self, analysed: &Analysed) {
        let (with, without) = std::mem::take(&mut self.analysed);
        let left_out = vec![(analysed.reason_to_exclude().to_owned(), without)];
        let stats = [self.label, "analysed"];
        self.rows.push(row_use(stats, self.frame, &with, left_out));
    }

    fn note_rows(&mut self, part: &Part, arms: &[Vec<usize>]) -> Result<(), Finding> {
        let has = present(column(self.frame, &part.column)?);
        let (with, without): (Vec<usize>, Vec<usize>) = arms
            .iter()
            .flatten()
            .partition(|&&row| has.get(row).copied().unwrap_or(false));
        let left_out = vec![(format!("{} is missing", part.column), without)];
        let stats = [self.label, &part.column, "measured"];
        self.rows.push(row_use(stats, self.frame, &with, left_out));
        Ok(())
    }
}

/// For each row whether it has the thing: its value is there, and true where values are true or false.
fn present(column: &Column) -> Vec<bool> {
    match &column.data {
        ColumnData::Boolean(values) => values.iter().map(|v| v.unwrap_or(false)).collect(),
        ColumnData::Number(values) => values.iter().map(Option::is_some).collect(),
        ColumnData::Category(values) => values.iter().map(Option::is_some).collect(),
        ColumnData::Text(values) => values.iter().map(Option::is_some).collect(),
        ColumnData::Date(values) => values.iter().map(Option::is_some).collect(),
    }
}

/// Which of the rows give each reason: a category's in the codebook's order, texts sorted; those without come last.
fn tally(column: &Column, rows: &[usize]) -> Vec<(String, Vec<usize>)> {
    let mut counts: Vec<(String, Vec<usize>)> = column
        .field
        .levels
        .iter()
        .map(|l| (l.label.clone(), Vec::new()))
        .collect();
    let mut unknown = Vec::new();
    for &row in rows {
        let reason = match &column.data {
            ColumnData::Category(codes) => codes
                .get(row)
                .copied()
                .flatten()
                .and_then(|c| column.field.levels.get(c as usize))
                .map(|l| l.label.clone()),
            ColumnData::Text(texts) => texts.get(row).cloned().flatten(),
            _ => None,
        };
        match reason {
            None => unknown.push(row),
            Some(reason) => match counts.iter_mut().find(|(text, _)| *text == reason) {
                Some((_, found)) => found.push(row),
                None => counts.push((reason, vec![row])),
            },
        }
    }
    if column.field.levels.is_empty() {
        counts.sort();
    }
    counts.retain(|(_, found)| !found.is_empty());
    if !unknown.is_empty() {
        counts.push(("Reason not recorded".to_owned(), unknown));
    }
    counts
}
