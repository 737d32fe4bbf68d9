//! Classifying participants and counting them.

use std::collections::BTreeMap;

use super::counted::{Counted, CountedArm, CountedChange, CountedTest, CountedVisit};
use super::{CutOff, Scale, Shown, Spec, chart, table};
use crate::analysis::column::{codes, column, numbered, numbers, row_use, some_rows, texts};
use crate::analysis::record::Subject;
use crate::analysis::{Finding, Inputs, Number, Outcome, Recorder, RowUse};
use crate::artefact::Artefact;
use crate::dataset::{Frame, Level};
use crate::statistic::Group;
use crate::stats::StatsError;
use crate::stats::reliable_change::{Change, ChangeScale, Criteria, CutOffs, Population};
use crate::stats::summary::{mean, sd};

/// The categories, the best first: as they are recorded, and as a reader sees them.
pub(super) const CHANGES: [(Change, &str, &str); 4] = [
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
    counted: Vec<Counted<'a>>,
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
        counted: Vec::new(),
        uses: Vec::new(),
    };
    for (i, scale) in spec.measures.iter().enumerate() {
        making.measure(scale, i)?;
    }
    Ok(making.finish())
}

/// The participants by id, each with one row a visit.
fn people(spec: &Spec, frame: &Frame) -> Result<Vec<Person>, Finding> {
    let ids = texts(column(frame, &spec.id)?);
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

impl<'a> Making<'a> {
    fn measure(&mut self, scale: &'a Scale, index: usize) -> Result<(), Finding> {
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
        let criteria = Criteria {
            start: self.spec.start.into(),
            deteriorated: self.spec.deteriorated.into(),
            ..Criteria::new(cut_off, self.spec.critical)
        };
        let mut visits = Vec::new();
        for (v, visit) in self.spec.after.iter().enumerate() {
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
                let found = change.classify(before, after, &criteria).map_err(refused)?;
                let place = CHANGES.iter().position(|(c, _, _)| *c == found);
                if let Some(count) = place.and_then(|p| counts.get_mut(arm)?.get_mut(p)) {
                    *count += 1;
                }
                used.extend(rows.into_iter().flatten());
            }
            self.note_rows(scale, Some(visit), &used);
            visits.push(self.count(scale, visit, &counts, &missing));
        }
        self.counted.push(Counted { scale, visits });
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

    /// Writes down the counts of a visit and their test.
    fn count(
        &mut self,
        scale: &Scale,
        visit: &'a Level,
        counts: &[Vec<u64>],
        missing: &[usize],
    ) -> CountedVisit<'a> {
        let spec = self.spec;
        let mut arms = Vec::new();
        for ((arm, counts), missing) in spec.arms.levels.iter().zip(counts).zip(missing) {
            let total: u64 = counts.iter().sum();
            let mut subject = of_arm(&mut self.recorder, spec, scale, visit, arm);
            let total_id = subject.add("N", total as f64);
            let missing_id = subject.add("N_miss", *missing);
            let mut changes = Vec::new();
            for ((_, name, _), n) in CHANGES.iter().zip(counts) {
                let subject = of_arm(&mut self.recorder, spec, scale, visit, arm);
                let mut subject = subject.level(name);
                let n_id = subject.add("n", *n as f64);
                let p = if total == 0 {
                    Number::Missing("nobody has both scores".to_owned())
                } else {
                    (*n as f64 / total as f64).into()
                };
                let p = subject.add("p", p);
                changes.push(CountedChange { n: n_id, p });
            }
            arms.push(CountedArm {
                total,
                missing: *missing,
                total_id,
                missing_id,
                changes,
            });
        }
        let test = self.test(scale, visit, counts);
        CountedVisit { visit, arms, test }
    }

    fn test(&mut self, scale: &Scale, visit: &Level, counts: &[Vec<u64>]) -> CountedTest {
        let tested = self.spec.test.run(counts);
        let mut subject = self
            .recorder
            .of(self.spec.test.name(), &scale.variable)
            .within(&self.spec.visit, &visit.value);
        let statistic = match &tested {
            Ok(tested) => tested.statistic.map(|(x, df)| (x.into(), df.into())),
            Err(e) if self.spec.test.has_statistic() => {
                let reason = || Number::Missing(e.to_string());
                Some((reason(), reason()))
            }
            Err(_) => None,
        };
        let statistic = statistic.map(|(x, df): (Number, Number)| {
            (subject.add("statistic", x), subject.add("parameter", df))
        });
        let number: Number = match &tested {
            Ok(tested) => (*tested).number(),
            Err(e) => Number::Missing(e.to_string()),
        };
        CountedTest {
            statistic,
            p: subject.add("p.value", number),
            sparse: tested.as_ref().is_ok_and(|t| t.sparse),
            refused: tested.err().map(|e| e.to_string()),
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

    fn finish(self) -> Outcome {
        let artefact = match self.spec.shown {
            Shown::Nothing => None,
            Shown::Table => Some(Artefact::Table(table::table(self.spec, &self.counted))),
            Shown::Figure => Some(Artefact::Bars(chart::chart(self.spec, &self.counted))),
        };
        Outcome {
            statistics: self.recorder.finish(),
            artefact,
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
