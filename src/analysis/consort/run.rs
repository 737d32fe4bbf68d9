//! Counting participants.

use std::collections::BTreeSet;

use super::{Analysed, Enrollment, Part, Spec, Withdrawn};
use crate::analysis::column::{column, row_use, some_rows};
use crate::analysis::people::People;
use crate::analysis::{Finding, Inputs, Number, Outcome, Recorder, RowUse};
use crate::artefact::{Arm, ArmStage, Artefact, FlowBox, FlowCount, FlowDiagram, Reason};
use crate::dataset::{Column, ColumnData, Frame};
use crate::statistic::{Group, StatId};

const CONTEXT: &str = "flow";

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let people = People::read(&spec.arms, spec.long.as_ref(), frame)?;
    everybody_in_an_arm(spec, &people)?;
    let arms = people.arms.clone();
    let mut flow = Flow {
        frame,
        people,
        label: inputs.label,
        recorder: Recorder::new(inputs.label, inputs.population),
        rows: Vec::new(),
        analysed: (Vec::new(), Vec::new()),
    };
    let trunk = flow.trunk(spec)?;
    let mut drawn = Vec::with_capacity(arms.len());
    for (place, members) in arms.iter().enumerate() {
        drawn.extend(flow.arm(spec, place, members)?);
    }
    for part in spec.received.iter().chain(&spec.visits) {
        flow.note_rows(spec, part)?;
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

fn everybody_in_an_arm(spec: &Spec, people: &People) -> Result<(), Finding> {
    let without = people.without_arm.len();
    if without == 0 {
        return Ok(());
    }
    let (what, who) = match spec.long {
        None => ("rows", "a row of a flow is somebody who was randomized"),
        Some(_) => ("participants", "who is in a flow was randomized"),
    };
    let message = format!(
        "{without} of {} {what} have no `{}`",
        people.count(),
        spec.arms.variable
    );
    Err(Finding::error("missing-arm", message).help(format!("{who}; name a population of those")))
}

struct Flow<'a> {
    frame: &'a Frame,
    people: People,
    label: &'a str,
    recorder: Recorder,
    rows: Vec<RowUse>,
    /// Participants of all arms who are analysed, and those who are not.
    analysed: (Vec<usize>, Vec<usize>),
}

/// What is said of rows at another visit.
const OTHER_VISIT: &str = "it is of another visit";

/// An arm, and the visit of long data, for the recorder.
#[derive(Clone, Copy)]
struct Within<'a> {
    variable: &'a str,
    level: &'a str,
    visit: Option<(&'a str, &'a str)>,
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
        let visit = within.visit.into_iter();
        let visit = visit.map(|(variable, level)| Group::new(variable, level));
        let arm = Group::new(within.variable, within.level);
        self.rows.push(RowUse {
            groups: visit.chain([arm]).collect(),
            ..row_use(stats, self.frame, used, left_out)
        });
    }

    fn trunk(&mut self, spec: &Spec) -> Result<Vec<FlowBox>, Finding> {
        let quoted: usize = spec.withdrawn.iter().map(|w| w.n as usize).sum();
        let total = self.people.count() + quoted;
        let mut trunk = Vec::new();
        if let Some(enrollment) = &spec.enrollment {
            trunk.push(self.enrollment(enrollment, total)?);
        }
        let n = counted(total, spec.withdrawn.iter());
        let n = self.recorder.of(CONTEXT, "randomised").add("n", n);
        trunk.push(FlowBox {
            lines: vec![FlowCount {
                text: spec.randomised.clone(),
                n: Some(n),
                reasons: Vec::new(),
            }],
            excluded: None,
        });
        let all: Vec<usize> = (0..self.frame.height()).collect();
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
                "{} assessed less {excluded} excluded does not give the {randomised} participants who were randomized",
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
        place: usize,
        members: &[usize],
    ) -> Result<Option<Arm>, Finding> {
        let Some(level) = spec.arms.levels.get(place) else {
            return Ok(None);
        };
        let within = Within {
            variable: &spec.arms.variable,
            level: &level.value,
            visit: None,
        };
        let quoted: Vec<&Withdrawn> = spec.withdrawn.iter().filter(|w| w.arm == place).collect();
        let withdrawn: usize = quoted.iter().map(|w| w.n as usize).sum();
        let n = counted(members.len() + withdrawn, quoted.iter().copied());
        let n = self.count("allocated", None, within, n);
        let rows = self.people.rows_of(members, None);
        self.note([self.label, "allocated"], within, &rows, Vec::new());
        let mut first = vec![FlowCount {
            text: format!("{} {}", spec.allocated, level.label),
            n: Some(n),
            reasons: Vec::new(),
        }];
        for withdrawn in quoted {
            first.push(self.withdrawn(withdrawn, within));
        }
        if let Some(part) = &spec.received {
            first.extend(self.part(part, within, members)?);
        }
        let mut stages = vec![ArmStage { lines: first }];
        if !spec.visits.is_empty() {
            let mut lines = Vec::new();
            for part in &spec.visits {
                let visit = visit_of(spec, part);
                lines.extend(self.part(part, Within { visit, ..within }, members)?);
            }
            stages.push(ArmStage { lines });
        }
        if let Some(analysed) = &spec.analysis {
            let lines = self.analysed(analysed, within, members)?;
            stages.push(ArmStage { lines });
        }
        Ok(Some(Arm {
            name: level.label.clone(),
            stages,
        }))
    }

    /// A quoted count, with its reason below it.
    fn withdrawn(&mut self, quoted: &Withdrawn, within: Within<'_>) -> FlowCount {
        let context = format!("quoted from {}", quoted.source);
        let mut count = |level: Option<&str>| {
            let mut subject = self.recorder.of(&context, "withdrawn");
            subject = subject.level(level.unwrap_or(&quoted.label));
            let mut subject = subject.within(within.variable, within.level);
            subject.add("n", f64::from(quoted.n))
        };
        let n = count(None);
        let reasons = quoted.reason.iter().map(|text| Reason {
            text: text.clone(),
            n: count(Some(text)),
        });
        FlowCount {
            text: quoted.label.clone(),
            n: Some(n),
            reasons: reasons.collect(),
        }
    }

    fn count(
        &mut self,
        variable: &str,
        level: Option<&str>,
        within: Within<'_>,
        n: impl Into<Number>,
    ) -> StatId {
        let mut subject = self.recorder.of(CONTEXT, variable);
        if let Some(level) = level {
            subject = subject.level(level);
        }
        if let Some((variable, visit)) = within.visit {
            subject = subject.within(variable, visit);
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
        let at = part.at.as_deref();
        let has = present(column(self.frame, &part.column)?);
        let has = |row: usize| has.get(row).copied().unwrap_or(false);
        let (with, without) = self.people.split(members, at, has);
        let n = self.count(&part.column, Some("measured"), within, with.len());
        let rows = |people: &[usize]| self.people.rows_of(people, at);
        let (rows_with, rows_without) = (rows(&with), rows(&without));
        let other = self.elsewhere(members, at);
        let missing = format!("{} is missing", part.column);
        let left_out = vec![(missing, rows_without.clone()), other.clone()];
        let stats = [self.label, &part.column, "measured"];
        self.note(stats, within, &rows_with, left_out);
        let left_out = vec![(format!("{} is known", part.column), rows_with), other];
        let stats = [self.label, &part.column, "missing"];
        self.note(stats, within, &rows_without, left_out);
        let lines = FlowCount {
            text: part.label.clone(),
            n: Some(n),
            reasons: Vec::new(),
        };
        let absent = Absent {
            variable: &part.column,
            text: &part.missing,
            reason: part.reason.as_deref(),
            people: &without,
            at,
        };
        Ok(vec![lines, self.missing(&absent, within)?])
    }

    /// The rows of participants at other visits, with what is said of them.
    fn elsewhere(&self, people: &[usize], at: Option<&str>) -> (String, Vec<usize>) {
        let here = self.people.rows_of(people, at);
        let mut rows = self.people.rows_of(people, None);
        rows.retain(|row| here.binary_search(row).is_err());
        (OTHER_VISIT.to_owned(), rows)
    }

    fn missing(&mut self, absent: &Absent<'_>, within: Within<'_>) -> Result<FlowCount, Finding> {
        let n = self.count(
            absent.variable,
            Some("missing"),
            within,
            absent.people.len(),
        );
        let mut reasons = Vec::new();
        if let Some(reason) = absent.reason {
            let row = |person: &usize| {
                let rows = self.people.rows_of(&[*person], absent.at);
                (*person, rows.first().copied())
            };
            let rows: Vec<_> = absent.people.iter().map(row).collect();
            for (text, people) in tally(column(self.frame, reason)?, &rows) {
                let level = format!("missing: {text}");
                let n = self.count(absent.variable, Some(&level), within, people.len());
                let mut others = absent.people.to_vec();
                others.retain(|person| !people.contains(person));
                let others = self.people.rows_of(&others, absent.at);
                let left_out = vec![
                    ("another reason is given".to_owned(), others),
                    self.elsewhere(absent.people, absent.at),
                ];
                let own = self.people.rows_of(&people, absent.at);
                let stats = [self.label, absent.variable, &level];
                self.note(stats, within, &own, left_out);
                reasons.push(Reason { text, n });
            }
        }
        Ok(FlowCount {
            text: absent.text.to_owned(),
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
        let (with, without) = self.people.split(members, analysed.at.as_deref(), has);
        let n = self.count("analysed", None, within, with.len());
        let reason = analysed.reason_to_exclude();
        let rows = |people: &[usize]| self.people.rows_of(people, None);
        let (rows_with, rows_without) = (rows(&with), rows(&without));
        let left_out = vec![(reason.to_owned(), rows_without.clone())];
        self.note([self.label, "analysed"], within, &rows_with, left_out);
        let left_out = vec![("it is analysed".to_owned(), rows_with)];
        self.note(
            [self.label, "analysed", "missing"],
            within,
            &rows_without,
            left_out,
        );
        let excluded = self.missing(
            &Absent {
                variable: "analysed",
                text: &analysed.excluded,
                reason: analysed.reason.as_deref(),
                people: &without,
                at: analysed.at.as_deref(),
            },
            within,
        )?;
        self.analysed.0.extend(with);
        self.analysed.1.extend(without);
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
        let rows = |people: &[usize]| self.people.rows_of(people, None);
        let left_out = vec![(analysed.reason_to_exclude().to_owned(), rows(&without))];
        let stats = [self.label, "analysed"];
        self.rows
            .push(row_use(stats, self.frame, &rows(&with), left_out));
    }

    fn note_rows(&mut self, spec: &Spec, part: &Part) -> Result<(), Finding> {
        let at = part.at.as_deref();
        let has = present(column(self.frame, &part.column)?);
        let has = |row: usize| has.get(row).copied().unwrap_or(false);
        let everybody: Vec<usize> = (0..self.people.count()).collect();
        let (with, without) = self.people.split(&everybody, at, has);
        let rows = |people: &[usize]| self.people.rows_of(people, at);
        let left_out = vec![
            (format!("{} is missing", part.column), rows(&without)),
            self.elsewhere(&everybody, at),
        ];
        let stats = [self.label, &part.column, "measured"];
        self.rows.push(RowUse {
            groups: visit_of(spec, part)
                .map(|(variable, visit)| Group::new(variable, visit))
                .into_iter()
                .collect(),
            ..row_use(stats, self.frame, &rows(&with), left_out)
        });
        Ok(())
    }
}

/// Those who lack something.
struct Absent<'a> {
    variable: &'a str,
    text: &'a str,
    /// The column with reasons.
    reason: Option<&'a str>,
    people: &'a [usize],
    at: Option<&'a str>,
}

/// The visit of a part of long data: its column and level.
fn visit_of<'a>(spec: &'a Spec, part: &'a Part) -> Option<(&'a str, &'a str)> {
    let variable = spec.long.as_ref()?.visit.as_deref()?;
    Some((variable, part.at.as_deref()?))
}

/// A count with what it owes to other sources than the rows.
fn counted<'a>(n: usize, quoted: impl Iterator<Item = &'a Withdrawn>) -> Number {
    let notes: Vec<String> = quoted
        .map(|w| {
            format!(
                "{} of them quoted from {}, of whom there are no rows",
                w.n, w.source
            )
        })
        .collect();
    if notes.is_empty() {
        n.into()
    } else {
        Number::Noted(n as f64, notes.join("; "))
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

/// Who gives each reason, of people with the row that says it: a category's in the codebook's order, texts sorted; those
/// without come last.
fn tally(column: &Column, rows: &[(usize, Option<usize>)]) -> Vec<(String, Vec<usize>)> {
    let mut counts: Vec<(String, Vec<usize>)> = column
        .field
        .levels
        .iter()
        .map(|l| (l.label.clone(), Vec::new()))
        .collect();
    let mut unknown = Vec::new();
    for &(person, row) in rows {
        let reason = match (&column.data, row) {
            (ColumnData::Category(codes), Some(row)) => codes
                .get(row)
                .copied()
                .flatten()
                .and_then(|c| column.field.levels.get(c as usize))
                .map(|l| l.label.clone()),
            (ColumnData::Text(texts), Some(row)) => texts.get(row).cloned().flatten(),
            _ => None,
        };
        match reason {
            None => unknown.push(person),
            Some(reason) => match counts.iter_mut().find(|(text, _)| *text == reason) {
                Some((_, found)) => found.push(person),
                None => counts.push((reason, vec![person])),
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
