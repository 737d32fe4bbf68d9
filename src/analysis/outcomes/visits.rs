//! Which rows belong to which visit and arm.

use std::collections::{BTreeMap, BTreeSet};

use super::super::column::{codes, column, texts};
use super::super::record::{Recorder, Subject};
use super::super::strata::{Strata, counted};
use super::super::{Arms, Finding};
use super::{Measured, Shape, Spec, VisitColumn};
use crate::dataset::{Column, ColumnData, Frame, Level};
use crate::statistic::{Group, StatId};

/// An arm with its size.
#[derive(Debug, Clone)]
pub(super) struct Arm {
    /// The level.
    pub level: Level,
    /// How many participants it has.
    pub size: usize,
    /// The id of that number.
    pub size_id: StatId,
}

/// An outcome at a visit.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    /// The outcome's column.
    pub outcome: Measured,
    /// What is printed for the visit.
    pub label: String,
    /// The visit where it is a column's value.
    pub group: Option<Group>,
    /// Rows of the visit by arm.
    pub arms: Vec<Vec<usize>>,
    /// Rows of no arm, or of another visit, by reason.
    pub left_out: Vec<(String, Vec<usize>)>,
}

impl Visit {
    /// All rows of the visit that have an arm, ascending.
    pub fn rows(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = self.arms.iter().flatten().copied().collect();
        rows.sort_unstable();
        rows
    }

    /// What statistics of the outcome at this visit are recorded as.
    pub fn subject<'r>(
        &self,
        recorder: &'r mut Recorder,
        context: &str,
        level: Option<&str>,
        arm: Option<(&str, &Level)>,
    ) -> Subject<'r> {
        let mut subject = recorder
            .of(context, &self.outcome.variable)
            .measured(self.outcome.decimals);
        if let Some(level) = level {
            subject = subject.level(level);
        }
        if let Some(group) = &self.group {
            subject = subject.within(&group.variable, &group.level);
        }
        match arm {
            Some((variable, level)) => subject.within(variable, &level.value),
            None => subject,
        }
    }
}

/// The arms and visits of the rows. Records the arms' sizes.
pub(super) fn visits(
    spec: &Spec,
    frame: &Frame,
    recorder: &mut Recorder,
) -> Result<Found, Finding> {
    match &spec.shape {
        Shape::Wide { visits } => wide(&spec.arms, visits, frame, recorder),
        Shape::Long { outcome, visit, id } => {
            let long = Long::read(&spec.arms, visit, id, frame)?;
            long.visits(&spec.arms, outcome, visit, recorder)
        }
    }
}

/// The arms, the visits, and what is remarkable about them.
type Found = (Vec<Arm>, Vec<Visit>, Vec<Finding>);

fn wide(
    arms: &Arms,
    outcomes: &[Measured],
    frame: &Frame,
    recorder: &mut Recorder,
) -> Result<Found, Finding> {
    let strata = Strata::by(frame, arms, false, recorder)?;
    let shown = arms.levels.iter().zip(&strata.shown);
    let found: Vec<Arm> = shown
        .map(|(level, stratum)| Arm {
            level: level.clone(),
            size: stratum.rows.len(),
            size_id: stratum.size.clone(),
        })
        .collect();
    refuse_empty(&found)?;
    let no_arm = (
        format!("{} is missing", arms.variable),
        strata.left_out.clone(),
    );
    let visit = |outcome: &Measured| Visit {
        label: outcome.label.clone(),
        outcome: outcome.clone(),
        group: None,
        arms: strata.shown.iter().map(|s| s.rows.clone()).collect(),
        left_out: vec![no_arm.clone()],
    };
    let visits = outcomes.iter().map(visit).collect();
    Ok((found, visits, strata.findings()))
}

/// A comparison needs participants in every arm.
fn refuse_empty(arms: &[Arm]) -> Result<(), Finding> {
    match arms.iter().find(|arm| arm.size == 0) {
        None => Ok(()),
        Some(arm) => {
            let message = format!(
                "the arm `{}` has no participants to compare",
                arm.level.label
            );
            Err(Finding::error("empty-arm", message)
                .help("check the population's condition, or the levels of the arm in the codebook"))
        }
    }
}

/// Rows in long form.
struct Long {
    arm: Vec<Option<usize>>,
    visit: Vec<Option<String>>,
    /// Visits that occur in rows with an arm, in order where they are numbers.
    occurring: Vec<String>,
    participants: Vec<BTreeSet<String>>,
}

impl Long {
    fn read(arms: &Arms, visit: &VisitColumn, id: &str, frame: &Frame) -> Result<Self, Finding> {
        let arm = codes(column(frame, &arms.variable)?, &arms.levels)?;
        let visit_column = column(frame, &visit.variable)?;
        let visits = texts(visit_column);
        let ids = texts(column(frame, id)?);
        let mut participants = vec![BTreeSet::new(); arms.levels.len()];
        let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut arm_of: BTreeMap<&str, usize> = BTreeMap::new();
        for (row, who) in ids.iter().enumerate() {
            let Some(arm) = arm.get(row).copied().flatten() else {
                continue;
            };
            let Some(who) = who else {
                return Err(without_id(id, frame, row));
            };
            if *arm_of.entry(who).or_insert(arm) != arm {
                return Err(two_arms(id, who, &arms.variable));
            }
            if let Some(own) = participants.get_mut(arm) {
                own.insert(who.clone());
            }
            if let Some(at) = visits.get(row).and_then(Option::as_deref)
                && let Some(first) = seen.insert((who, at), row)
            {
                return Err(seen_twice(id, who, at, frame, (first, row)));
            }
        }
        Ok(Self {
            occurring: occurring(visit_column, &arm),
            participants,
            visit: visits,
            arm,
        })
    }

    fn visits(
        self,
        arms: &Arms,
        outcome: &Measured,
        visit: &VisitColumn,
        recorder: &mut Recorder,
    ) -> Result<Found, Finding> {
        let sized = arms.levels.iter().zip(&self.participants);
        let found: Vec<Arm> = sized
            .map(|(level, participants)| Arm {
                level: level.clone(),
                size: participants.len(),
                size_id: recorder
                    .overall("summary")
                    .within(&arms.variable, &level.value)
                    .add("N", participants.len()),
            })
            .collect();
        refuse_empty(&found)?;
        let levels = if visit.levels.is_empty() {
            &self.occurring
        } else {
            &visit.levels
        };
        let visits: Vec<Visit> = levels
            .iter()
            .map(|level| self.visit(arms, outcome, visit, level))
            .collect();
        Ok((found, visits, self.findings(arms, visit, levels)))
    }

    fn visit(&self, arms: &Arms, outcome: &Measured, visit: &VisitColumn, level: &str) -> Visit {
        let mut by_arm = vec![Vec::new(); arms.levels.len()];
        let reasons = [
            format!("{} is missing", arms.variable),
            format!("{} is missing", visit.variable),
            "it is of another visit".to_owned(),
        ];
        let mut left_out = reasons.map(|reason| (reason, Vec::new()));
        for (row, (arm, at)) in self.arm.iter().zip(&self.visit).enumerate() {
            match (arm.and_then(|a| by_arm.get_mut(a)), at.as_deref()) {
                (None, _) => left_out[0].1.push(row),
                (_, None) => left_out[1].1.push(row),
                (Some(rows), Some(at)) if at == level => rows.push(row),
                _ => left_out[2].1.push(row),
            }
        }
        let label = visit.labels.iter().find(|(value, _)| value == level);
        Visit {
            outcome: outcome.clone(),
            label: label.map_or_else(|| level.to_owned(), |(_, label)| label.clone()),
            group: Some(Group::new(&visit.variable, level)),
            arms: by_arm,
            left_out: left_out.into(),
        }
    }

    fn findings(&self, arms: &Arms, visit: &VisitColumn, levels: &[String]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let missing = |values: &[bool]| values.iter().filter(|known| !**known).count();
        let known_arm: Vec<bool> = self.arm.iter().map(Option::is_some).collect();
        let known_visit: Vec<bool> = self.visit.iter().map(Option::is_some).collect();
        for (code, variable, count) in [
            ("missing-arm", &arms.variable, missing(&known_arm)),
            ("missing-visit", &visit.variable, missing(&known_visit)),
        ] {
            if count > 0 {
                let rows = counted(count, "row", "rows");
                let message =
                    format!("`{variable}` is missing in {rows}, which the table leaves out");
                findings.push(Finding::warning(code, message));
            }
        }
        for level in levels.iter().filter(|l| !self.occurring.contains(l)) {
            let message = format!("no row is of the visit `{level}`");
            findings.push(Finding::warning("empty-visit", message));
        }
        findings
    }
}

/// The visits of rows with an arm: numbers ascending, others as they come.
fn occurring(column: &Column, arm: &[Option<usize>]) -> Vec<String> {
    let has_arm = |row: &usize| arm.get(*row).copied().flatten().is_some();
    if let ColumnData::Number(values) = &column.data {
        let rows = (0..values.len()).filter(has_arm);
        let mut numbers: Vec<f64> = rows
            .filter_map(|row| values.get(row).copied().flatten())
            .collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        return numbers.iter().map(f64::to_string).collect();
    }
    let texts = texts(column);
    let rows = (0..texts.len()).filter(has_arm);
    let mut found: Vec<String> = Vec::new();
    for level in rows.filter_map(|row| texts.get(row).cloned().flatten()) {
        if !found.contains(&level) {
            found.push(level);
        }
    }
    found
}

fn row_number(frame: &Frame, row: usize) -> u64 {
    frame.rows.get(row).copied().unwrap_or_default()
}

fn without_id(id: &str, frame: &Frame, row: usize) -> Finding {
    let number = row_number(frame, row);
    Finding::error("missing-id", format!("`{id}` is missing in row {number}"))
        .at(["id".into()])
        .help("every row of a table of visits says whose it is")
}

fn two_arms(id: &str, who: &str, arm: &str) -> Finding {
    let message = format!("the participant `{who}` of `{id}` has two values of `{arm}`");
    Finding::error("two-arms", message).at(["id".into()])
}

fn seen_twice(id: &str, who: &str, visit: &str, frame: &Frame, rows: (usize, usize)) -> Finding {
    let (first, second) = (row_number(frame, rows.0), row_number(frame, rows.1));
    let message = format!(
        "the participant `{who}` of `{id}` has two rows of the visit `{visit}`: {first} and {second}"
    );
    Finding::error("repeated-visit", message)
        .at(["id".into()])
        .help("name the column that tells participants apart, or a population with one row a visit")
}
