//! From rows to recorded numbers and cells.

use super::super::column::{codes, column, known, numbered, row_use, some_rows};
use super::super::describe::{NumberStats, Recorded, cell, proportion};
use super::super::notes::Notes;
use super::super::proportion_test::Tested;
use super::super::record::{Number, Recorder};
use super::super::{Finding, Inputs, LeftOut, ModelUse, Outcome, RowSet, RowUse};
use super::effect::{Adjusted, Comparison, Values, adjust_p, adjusted, formula_of, unadjusted};
use super::layout::{ArmCells, Line, table};
use super::visits::{Arm, Visit, visits};
use super::{Observed, OutcomeKind, Spec, TTestKind};
use crate::artefact::{Artefact, Cell, Form, Quantity};
use crate::dataset::{Frame, Level};
use crate::statistic::{Group, StatId};
use crate::stats::summary::QuantileType;

/// A visit with its comparisons.
struct Computed {
    visit: Visit,
    values: Values,
    unadjusted: Vec<Comparison>,
    adjusted: Option<Adjusted>,
}

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let (arms, visits, findings) = visits(spec, frame, &mut recorder)?;
    let mut computed = Vec::with_capacity(visits.len());
    for visit in visits {
        computed.push(compute(spec, visit, frame)?);
    }
    let mut primary: Vec<&mut Comparison> = computed
        .iter_mut()
        .flat_map(|c| match &mut c.adjusted {
            Some(adjusted) => adjusted.comparisons.iter_mut(),
            None => c.unadjusted.iter_mut(),
        })
        .collect();
    let family = adjust_p(spec, &mut primary);
    let mut making = Making {
        spec,
        frame,
        label: inputs.label,
        arms,
        recorder,
        notes: Notes::default(),
        uses: Vec::new(),
        models: Vec::new(),
    };
    let everyone = everyone(spec, frame, inputs.label)?;
    making.uses.push(everyone.clone());
    let mut lines = Vec::with_capacity(computed.len());
    for one in &computed {
        lines.push(making.line(one)?);
    }
    making.each_arm(&everyone);
    making.family_uses(&computed);
    let table = table(spec, &making.arms, lines, family, making.notes);
    Ok(Outcome {
        statistics: making.recorder.finish(),
        artefact: Some(Artefact::Table(table)),
        findings,
        rows: making.uses,
        models: making.models,
    })
}

fn compute(spec: &Spec, visit: Visit, frame: &Frame) -> Result<Computed, Finding> {
    let values = Values::read(&visit, &spec.kind, frame)?;
    let model = match &values {
        Values::Numbers(numbers, _) if !spec.covariates.is_empty() => {
            Some(adjusted(spec, &visit, numbers, frame)?)
        }
        _ => None,
    };
    Ok(Computed {
        unadjusted: unadjusted(spec, &values),
        adjusted: model,
        values,
        visit,
    })
}

/// All rows that have an arm.
fn everyone(spec: &Spec, frame: &Frame, label: &str) -> Result<RowUse, Finding> {
    let arms = known(&column(frame, &spec.arms.variable)?.data);
    let (with, without) = (0..frame.height()).partition(|&row| arms.get(row) == Some(&true));
    let with: Vec<usize> = with;
    let reason = format!("{} is missing", spec.arms.variable);
    Ok(row_use([label], frame, &with, [(reason, without)]))
}

/// The table under construction.
struct Making<'a> {
    spec: &'a Spec,
    frame: &'a Frame,
    label: &'a str,
    arms: Vec<Arm>,
    recorder: Recorder,
    notes: Notes,
    uses: Vec<RowUse>,
    models: Vec<ModelUse>,
}

impl Making<'_> {
    fn line(&mut self, computed: &Computed) -> Result<Line, Finding> {
        let visit = &computed.visit;
        let mut line = Line::new(&visit.label, visit.outcome.unit.clone());
        for (i, arm) in self.arms.clone().iter().enumerate() {
            let cells = self.arm(computed, i, arm)?;
            line.arms.push(cells);
        }
        let contexts = contexts(&self.spec.kind);
        let others: Vec<Level> = self.spec.arms.others().map(|(_, l)| l.clone()).collect();
        for (i, level) in others.iter().enumerate() {
            let mut cells = Vec::new();
            let primary = computed.adjusted.is_none();
            if let Some(comparison) = computed.unadjusted.get(i) {
                let shown = primary || self.spec.unadjusted_p;
                cells.extend(self.compared(
                    visit,
                    "difference",
                    level,
                    comparison,
                    contexts,
                    shown,
                ));
            }
            let model = computed.adjusted.as_ref();
            if let Some(comparison) = model.and_then(|m| m.comparisons.get(i)) {
                let both = ("lm", "lm");
                cells.extend(self.compared(visit, "adjusted", level, comparison, both, true));
            }
            line.effects.push(cells);
        }
        if let Some(model) = &computed.adjusted {
            let nobs: Number = model.nobs.clone().into();
            let mut subject = visit.subject(&mut self.recorder, "lm", Some("adjusted"), None);
            subject.add("nobs", nobs);
            line.note = self.model_note(computed, model);
        }
        self.row_uses(computed)?;
        Ok(line)
    }

    /// Where the model has fewer rows than the outcome has values.
    fn model_note(&mut self, computed: &Computed, model: &Adjusted) -> Option<String> {
        let observed: usize = (0..self.arms.len())
            .map(|a| computed.values.observed(a))
            .sum();
        let nobs = *model.nobs.as_ref().ok()?;
        let lost = observed.checked_sub(nobs).filter(|lost| *lost > 0)?;
        let verb = if lost == 1 { "lacks" } else { "lack" };
        Some(self.notes.marked(format!(
            "The adjusted difference is of {nobs} participants; {lost} {verb} a covariate."
        )))
    }

    fn arm(&mut self, computed: &Computed, i: usize, arm: &Arm) -> Result<ArmCells, Finding> {
        let visit = &computed.visit;
        let of = (self.spec.arms.variable.as_str(), &arm.level);
        let n = computed.values.observed(i);
        let mut subject = visit.subject(&mut self.recorder, "observed", Some("observed"), Some(of));
        let seen = Recorded::add(&mut subject, "n", n);
        let total = subject.add("N", arm.size);
        let p = Recorded::add(&mut subject, "p", proportion(n, arm.size));
        let n = seen.id;
        let form = match self.spec.observed {
            Observed::None => None,
            Observed::Count => Some(Form::Count { n }),
            Observed::CountOf => Some(Form::CountOf { n, total }),
            Observed::CountOfPercent => Some(Form::CountOfPercent {
                n,
                p: p.id.clone(),
                total,
            }),
        };
        Ok(ArmCells {
            observed: form.map(|form| Cell::number(Quantity::new(form))),
            summary: self.summary(computed, i, arm)?,
        })
    }

    fn summary(&mut self, computed: &Computed, i: usize, arm: &Arm) -> Result<Cell, Finding> {
        let visit = &computed.visit;
        let digits = visit.outcome.digits;
        let of = (self.spec.arms.variable.as_str(), &arm.level);
        match (&computed.values, &self.spec.kind) {
            (
                Values::Numbers(_, arms),
                OutcomeKind::Continuous {
                    summary, quantile, ..
                },
            ) => {
                let subject = visit.subject(&mut self.recorder, "summary", None, Some(of));
                let values = arms.get(i).map(Vec::as_slice).unwrap_or_default();
                let quantile = QuantileType::from_number(*quantile).unwrap_or_default();
                let stats = NumberStats::record(subject, values, quantile)
                    .map_err(|e| Finding::error("not-finite", e.to_string()))?;
                Ok(stats.cell(*summary, digits, &mut self.notes))
            }
            (Values::Events(_, arms), OutcomeKind::Binary { event, .. }) => {
                let values = arms.get(i).map(Vec::as_slice).unwrap_or_default();
                Ok(self.events(visit, of, event, values, digits))
            }
            // Values are read by the kind of outcome.
            _ => Ok(Cell::Empty),
        }
    }

    fn events(
        &mut self,
        visit: &Visit,
        of: (&str, &Level),
        event: &str,
        values: &[Option<bool>],
        digits: Option<u8>,
    ) -> Cell {
        let total = values.iter().flatten().count();
        let events = values.iter().flatten().filter(|v| **v).count();
        let mut subject = visit.subject(&mut self.recorder, "frequency", None, Some(of));
        subject.add("N", total);
        subject.add("N_miss", values.len() - total);
        let mut subject = visit.subject(&mut self.recorder, "frequency", Some(event), Some(of));
        let n = Recorded::add(&mut subject, "n", events);
        let total_id = subject.add("N", total);
        let p = Recorded::add(&mut subject, "p", proportion(events, total));
        let form = Form::CountOfPercent {
            n: n.id.clone(),
            p: p.id.clone(),
            total: total_id,
        };
        // Without any value the count of 0 says nothing.
        cell(&[&p, &n], form, digits, &mut self.notes)
    }

    /// Records a comparison. Gives the cells of the effect, of the P value if it is shown, and of the adjusted P value
    /// if there is one.
    fn compared(
        &mut self,
        visit: &Visit,
        level: &str,
        arm: &Level,
        comparison: &Comparison,
        (effect_context, test_context): (&str, &str),
        with_p: bool,
    ) -> Vec<Cell> {
        let of = (self.spec.arms.variable.as_str(), arm);
        let digits = visit.outcome.digits;
        let effect = &comparison.effect;
        let mut subject = visit.subject(&mut self.recorder, effect_context, Some(level), Some(of));
        let mut put = |stat: &str, value: Result<f64, String>| {
            let number: Number = value.into();
            Recorded::add(&mut subject, stat, number)
        };
        let part = |take: fn(&super::effect::Estimated) -> f64| {
            effect.as_ref().map(take).map_err(Clone::clone)
        };
        let estimate = put("estimate", part(|e| e.estimate));
        if let Ok(Some(error)) = effect.as_ref().map(|e| e.std_error) {
            put("std.error", Ok(error));
        }
        let low = put("conf.low", part(|e| e.low));
        let high = put("conf.high", part(|e| e.high));
        subject.add("conf.level", self.spec.conf_level);
        let mut subject = visit.subject(&mut self.recorder, test_context, Some(level), Some(of));
        let test = &comparison.test;
        if let Ok(Some((statistic, df))) = test.as_ref().map(|t| t.statistic) {
            subject.add("statistic", statistic);
            subject.add("df", df);
        }
        let p: Number = test.clone().map(Tested::number).into();
        let p = Recorded::add(&mut subject, "p.value", p);
        let form = Form::EstimateCi {
            estimate: estimate.id.clone(),
            low: low.id.clone(),
            high: high.id.clone(),
        };
        let mut cells = vec![cell(
            &[&estimate, &low, &high],
            form,
            digits,
            &mut self.notes,
        )];
        if with_p {
            cells.push(self.p_cell(&p));
            let primary = level == "adjusted" || self.spec.covariates.is_empty();
            if let Some((_, _, name)) = self.spec.p_adjust.method().filter(|_| primary) {
                let context = format!("p.adjust ({name})");
                let mut subject =
                    visit.subject(&mut self.recorder, &context, Some(level), Some(of));
                let adjusted: Number = match (comparison.p_adjusted, &p.missing) {
                    (Some(p), _) => p.into(),
                    (None, Some(reason)) => Number::Missing(reason.clone()),
                    (None, None) => Number::Missing("it could not be adjusted".to_owned()),
                };
                let adjusted = Recorded::add(&mut subject, "p.adjusted", adjusted);
                cells.push(self.p_cell(&adjusted));
            }
        }
        cells
    }

    fn p_cell(&mut self, p: &Recorded) -> Cell {
        let form = Form::PValue { p: p.id.clone() };
        cell(&[p], form, None, &mut self.notes)
    }

    /// Which rows the numbers of a visit come from: of the outcome, and of the model.
    fn row_uses(&mut self, computed: &Computed) -> Result<(), Finding> {
        let visit = &computed.visit;
        let outcome = visit.outcome.variable.as_str();
        let own = (outcome.to_owned(), computed.values.known());
        let everyone = self.row_use(visit, &[]);
        let measured = self.row_use(visit, std::slice::from_ref(&own));
        let mut modelled = vec![own];
        for covariate in &self.spec.covariates {
            let data = &column(self.frame, &covariate.variable)?.data;
            modelled.push((covariate.variable.clone(), known(data)));
        }
        let modelled = self.row_use(visit, &modelled);
        let id = |level: Option<&str>| self.stats(visit, level);
        let mut uses = vec![
            (id(None), measured.clone()),
            (id(Some("observed")), everyone),
        ];
        if let OutcomeKind::Binary { event, .. } = &self.spec.kind {
            uses.push((id(Some(event)), measured.clone()));
        }
        let named = |(stats, used)| RowUse { stats, ..used };
        let of_arms: Vec<RowUse> = uses.into_iter().map(named).collect();
        let mut both = vec![named((id(Some("difference")), measured))];
        if computed.adjusted.is_some() {
            both.push(named((id(Some("adjusted")), modelled)));
            self.models.push(ModelUse {
                stats: id(Some("adjusted")),
                method: "linear model, least squares (analysis of covariance)".to_owned(),
                formula: formula_of(self.spec, outcome),
            });
        }
        self.uses.extend(of_arms.iter().cloned().chain(both));
        for used in &of_arms {
            self.each_arm(used);
        }
        Ok(())
    }

    /// The beginning of the ids of a visit's numbers.
    fn stats(&self, visit: &Visit, level: Option<&str>) -> StatId {
        let group = visit.group.as_ref();
        let group = group.map(|g| format!("{}={}", g.variable, g.level));
        let outcome = visit.outcome.variable.as_str();
        let parts = [Some(self.label), Some(outcome), level, group.as_deref()];
        StatId::from_parts(parts.into_iter().flatten())
    }

    /// A row use for the numbers of each arm. Participants of an arm may have rows of several visits.
    fn each_arm(&mut self, all: &RowUse) {
        let variable = &self.spec.arms.variable;
        let Some(arms) = self.frame.column(variable) else {
            return;
        };
        let Ok(codes) = codes(arms, &self.spec.arms.levels) else {
            return;
        };
        for (i, level) in self.spec.arms.levels.iter().enumerate() {
            let of_arm = |row: &usize| codes.get(*row).copied().flatten() == Some(i);
            let members: Vec<usize> = (0..codes.len()).filter(of_arm).collect();
            let group = Group::new(variable, &level.value);
            let used = all.within(&group, &numbered(self.frame, &members));
            self.uses.push(used);
        }
    }

    /// An adjusted P value depends on the rows of all comparisons that it was adjusted over.
    fn family_uses(&mut self, computed: &[Computed]) {
        let primary = |one: &Computed| match one.adjusted {
            Some(_) => "adjusted",
            None => "difference",
        };
        let prefixes: Vec<StatId> = computed
            .iter()
            .map(|one| self.stats(&one.visit, Some(primary(one))))
            .collect();
        let family = || self.uses.iter().filter(|u| prefixes.contains(&u.stats));
        let used: RowSet = family().flat_map(|u| u.used.iter()).collect();
        let rest = self.frame.rows.iter().copied();
        let rest: RowSet = rest.filter(|row| !used.contains(*row)).collect();
        let mut left_out = Vec::new();
        if !rest.is_empty() {
            left_out.push(LeftOut {
                reason: "in none of the comparisons that P is adjusted over".to_owned(),
                rows: rest,
            });
        }
        let variable = &self.spec.arms.variable;
        let found: Vec<RowUse> = prefixes
            .iter()
            .flat_map(|prefix| {
                let others = self.spec.arms.others();
                others.map(move |(_, level)| {
                    let arm = StatId::from_parts([format!("{variable}={}", level.value).as_str()]);
                    prefix.join(&arm).join(&StatId::from_parts(["p.adjusted"]))
                })
            })
            .map(|stats| RowUse {
                stats,
                groups: Vec::new(),
                input: 0,
                used: used.clone(),
                left_out: left_out.clone(),
            })
            .collect();
        self.uses.extend(found);
    }

    /// The visit's rows that have a value in each of the given columns; a row is left out for the first reason.
    fn row_use(&self, visit: &Visit, known: &[(String, Vec<bool>)]) -> RowUse {
        let mut left_out = visit.left_out.clone();
        let reasons = left_out.len();
        left_out.extend(
            known
                .iter()
                .map(|(name, _)| (format!("{name} is missing"), Vec::new())),
        );
        let mut used = Vec::new();
        for row in visit.rows() {
            let has = |values: &[bool]| values.get(row).copied().unwrap_or(false);
            let lacking = known.iter().position(|(_, values)| !has(values));
            match lacking.and_then(|i| left_out.get_mut(reasons + i)) {
                Some((_, rows)) => rows.push(row),
                None => used.push(row),
            }
        }
        row_use([], self.frame, &used, left_out)
    }
}

/// What kinds of analysis the effect and the test are, for the results' context.
fn contexts(kind: &OutcomeKind) -> (&'static str, &'static str) {
    use super::Effect::{OddsRatio, RiskDifference, RiskRatio};
    match kind {
        OutcomeKind::Continuous {
            test: TTestKind::Welch,
            ..
        } => ("Welch t test", "Welch t test"),
        OutcomeKind::Continuous { .. } => ("Student t test", "Student t test"),
        OutcomeKind::Binary { effect, test, .. } => {
            let effect = match effect {
                RiskDifference => "risk difference (Newcombe)",
                RiskRatio => "risk ratio (Katz)",
                OddsRatio => "odds ratio (Woolf)",
            };
            (effect, test.name())
        }
    }
}
