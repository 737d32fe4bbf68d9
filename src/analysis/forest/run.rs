//! The rows of a forest plot.

use super::labels::row_labels;
use super::{Factor, SectionRows, Spec, Subgroups};
use crate::analysis::column::{codes, column, frame, numbered, row_use};
use crate::analysis::modelled::{formula, in_formula, model_data, refused};
use crate::analysis::{Finding, Inputs, ModelUse, Number, Outcome, Recorder, RowUse};
use crate::artefact::{
    Artefact, Digits, ForestColumn, ForestEffect, ForestPlot, ForestRow, Form, Label, Measure,
    Note, Scale,
};
use crate::dataset::Frame;
use crate::statistic::{Group, StatId, Statistic};
use crate::stats::linear::{LinearFit, LinearOptions, SubgroupAnalysis, SubgroupEffect};

/// Key of the note at heads whose P value is of an interaction.
const INTERACTION: &str = "interaction";
/// The level under which `outcomes` counts who was observed.
const OBSERVED: &str = "observed";

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let mut drawing = Drawing {
        spec,
        inputs,
        recorder: Recorder::new(inputs.label, inputs.population),
        rows: Vec::new(),
        row_uses: Vec::new(),
        models: Vec::new(),
        findings: Vec::new(),
        effects_with_p: false,
        adjusted: false,
        interactions: false,
    };
    for (i, section) in spec.sections.iter().enumerate() {
        let indent = u8::from(section.label.is_some());
        if let Some(label) = &section.label {
            drawing.rows.push(head(Label::text(label), 0, None));
        }
        match &section.rows {
            SectionRows::Of {
                from,
                levels,
                outcomes,
                labels,
            } => drawing.of_another(from, (levels, outcomes), labels, indent, i)?,
            SectionRows::Subgroups(subgroups) => drawing.subgroups(subgroups, indent, i)?,
        }
    }
    Ok(drawing.finish())
}

fn head(label: Label, indent: u8, p: Option<StatId>) -> ForestRow {
    ForestRow {
        label,
        indent,
        cells: Vec::new(),
        effect: None,
        p,
    }
}

struct Drawing<'a> {
    spec: &'a Spec,
    inputs: &'a Inputs<'a>,
    recorder: Recorder,
    rows: Vec<ForestRow>,
    row_uses: Vec<RowUse>,
    models: Vec<ModelUse>,
    findings: Vec<Finding>,
    effects_with_p: bool,
    /// Whether a P value is adjusted.
    adjusted: bool,
    interactions: bool,
}

impl Drawing<'_> {
    /// The arms of the text columns: those of the first section with subgroups.
    fn arms(&self) -> Option<(&Subgroups, [usize; 2])> {
        self.spec.sections.iter().find_map(|s| match &s.rows {
            SectionRows::Subgroups(subgroups) => {
                Some((subgroups, [subgroups.arm, subgroups.arms.reference]))
            }
            SectionRows::Of { .. } => None,
        })
    }

    fn of_another(
        &mut self,
        from: &str,
        (levels, outcomes): (&[String], &[String]),
        labels: &[(String, String)],
        indent: u8,
        section: usize,
    ) -> Result<(), Finding> {
        let upstream = self.inputs.upstream.get(from).ok_or_else(|| {
            Finding::error(
                "internal",
                format!("the step was not given the results of `{from}`"),
            )
        })?;
        let estimates: Vec<&Statistic> = upstream
            .statistics
            .iter()
            .filter(|s| {
                s.key.stat == "estimate" && s.key.level.as_ref().is_some_and(|l| levels.contains(l))
            })
            .collect();
        if estimates.is_empty() {
            let mut known: Vec<&str> = upstream
                .statistics
                .iter()
                .filter(|s| s.key.stat == "estimate")
                .filter_map(|s| s.key.level.as_deref())
                .collect();
            known.dedup();
            let message = format!(
                "`{from}` has no estimates of the level `{}`",
                levels.join("`, `")
            );
            return Err(Finding::error("unknown-statistic", message)
                .at(["section".into(), section.into(), "estimate".into()])
                .help(format!("it has those of `{}`", known.join("`, `"))));
        }
        let estimates = of_outcomes(estimates, outcomes).map_err(|name| {
            let message = format!("`{from}` has no such estimate of `{name}`");
            Finding::error("unknown-statistic", message).at([
                "section".into(),
                section.into(),
                "outcomes".into(),
            ])
        })?;
        let names = row_labels(upstream, &estimates, labels);
        for (estimate, label) in estimates.into_iter().zip(names) {
            let id = estimate.id();
            let value = |stat: &str| {
                let sibling = id.sibling(stat);
                upstream
                    .statistics
                    .iter()
                    .find(|s| s.id() == sibling)
                    .and_then(|s| s.value)
            };
            let known = |stat: &str| value(stat).map(|_| id.sibling(stat));
            self.check_ratio(&label, value("conf.low"), section);
            let adjusted = known("p.adjusted");
            self.adjusted |= adjusted.is_some();
            let p = adjusted.or_else(|| known("p.value"));
            self.effects_with_p |= p.is_some();
            let row = ForestRow {
                label: Label::text(label),
                indent,
                cells: self.counts_of_another(upstream, estimate),
                effect: value("conf.low")
                    .and(value("conf.high"))
                    .map(|_| ForestEffect {
                        estimate: id.clone(),
                        low: id.sibling("conf.low"),
                        high: id.sibling("conf.high"),
                        weight: self.weight(&value),
                        diamond: false,
                    }),
                p,
            };
            self.rows.push(row);
        }
        Ok(())
    }

    /// The precision of an effect on its axis: of a ratio, that of its logarithm, from its limits.
    fn weight(&self, value: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        let std_error = value("std.error")?;
        match self.spec.scale {
            Scale::Difference => precision(std_error),
            Scale::Ratio => precision(value("conf.high")?.ln() - value("conf.low")?.ln()),
        }
    }

    /// The counts by arm that another directive has recorded for the outcome of an estimate.
    fn counts_of_another(&self, upstream: &Outcome, estimate: &Statistic) -> Vec<Option<Form>> {
        let Some((subgroups, arms)) = self.arms() else {
            return Vec::new();
        };
        let arm_variable = &subgroups.arms.variable;
        // A visit, if the counts are of one.
        let elsewhere = |s: &Statistic| -> Vec<Group> {
            let groups = s.key.groups.iter();
            groups
                .filter(|g| &g.variable != arm_variable)
                .cloned()
                .collect()
        };
        let count = |arm: usize| {
            let level = &subgroups.arms.levels.get(arm)?.value;
            let found = upstream.statistics.iter().find(|s| {
                let key = &s.key;
                key.stat == "n"
                    && key.level.as_deref().is_none_or(|l| l == OBSERVED)
                    && key.variable == estimate.key.variable
                    && key
                        .groups
                        .iter()
                        .any(|g| &g.variable == arm_variable && &g.level == level)
                    && elsewhere(s) == elsewhere(estimate)
            });
            found.map(|s| Form::Count { n: s.id() })
        };
        arms.into_iter().map(count).collect()
    }

    /// A ratio must be positive to lie on a logarithmic axis.
    fn check_ratio(&mut self, label: &str, low: Option<f64>, section: usize) {
        if self.spec.scale == Scale::Ratio && low.is_some_and(|l| l <= 0.0) {
            let message = format!("`{label}` reaches to 0 or below, which no ratio does");
            self.findings.push(
                Finding::error("not-a-ratio", message)
                    .at(["section".into(), section.into()])
                    .help("write `scale = \"difference\"`"),
            );
        }
    }

    fn subgroups(
        &mut self,
        subgroups: &Subgroups,
        indent: u8,
        section: usize,
    ) -> Result<(), Finding> {
        let frame = frame(self.inputs, subgroups.input)?;
        for factor in &subgroups.factors {
            let place = |f: Finding| f.at(["section".into(), section.into()]);
            let terms = terms(subgroups, factor);
            let (fit, analysis) =
                fit(frame, subgroups, factor, &terms, self.spec.conf_level).map_err(place)?;
            self.factor(subgroups, factor, &analysis, indent);
            let formula = format!("{} ~ {}", in_formula(&subgroups.outcome), terms.join(" + "));
            self.note_rows(frame, subgroups, factor, &fit, &formula);
            self.note_counts(frame, subgroups, factor).map_err(place)?;
        }
        Ok(())
    }

    fn factor(
        &mut self,
        subgroups: &Subgroups,
        factor: &Factor,
        analysis: &SubgroupAnalysis,
        indent: u8,
    ) {
        let test = &analysis.interaction;
        let mut subject = self
            .recorder
            .of("lm: F test of the interaction", &subgroups.outcome)
            .level(&factor.column);
        subject.add("statistic", test.statistic);
        subject.add("df", test.df);
        subject.add("df.residual", test.df_residual);
        let p = subject.add("p.value", test.p_value);
        self.interactions = true;
        let label = Label::text(&factor.title).note(INTERACTION);
        self.rows.push(head(label, indent, Some(p)));
        for level in &factor.levels {
            let effect = analysis.effects.iter().find(|e| e.level == level.value);
            let row = self.effect(
                subgroups,
                factor,
                (&level.value, &level.label),
                effect,
                indent + 1,
            );
            self.rows.push(row);
        }
    }

    fn effect(
        &mut self,
        subgroups: &Subgroups,
        factor: &Factor,
        (level, label): (&str, &str),
        effect: Option<&SubgroupEffect>,
        indent: u8,
    ) -> ForestRow {
        let arms = &subgroups.arms;
        let counts = [
            (subgroups.arm, effect.map_or(0, |e| e.n)),
            (arms.reference, effect.map_or(0, |e| e.n_reference)),
        ];
        let cells = counts
            .into_iter()
            .map(|(arm, n)| {
                let mut subject = self
                    .recorder
                    .of("lm", &subgroups.outcome)
                    .within(&factor.column, level)
                    .within(&arms.variable, &arms.levels[arm].value);
                Some(Form::Count {
                    n: subject.add("n", n),
                })
            })
            .collect();
        let estimate = match effect.map(|e| &e.estimate) {
            Some(Ok(estimate)) => Ok(*estimate),
            Some(Err(reason)) => Err(reason.to_string()),
            None => Err(format!("nobody has `{}` = {label}", factor.column)),
        };
        let number = |pick: fn(&crate::stats::linear::Estimate) -> f64| match &estimate {
            Ok(estimate) => Number::from(pick(estimate)),
            Err(reason) => Number::Missing(reason.clone()),
        };
        let mut subject = self
            .recorder
            .of("lm", &subgroups.outcome)
            .within(&factor.column, level)
            .within(&arms.variable, &arms.levels[subgroups.arm].value)
            .measured(subgroups.decimals);
        let id = subject.add("estimate", number(|e| e.estimate));
        subject.add("std.error", number(|e| e.std_error));
        subject.add("df", number(|e| e.df));
        subject.add("statistic", number(|e| e.statistic));
        subject.add("p.value", number(|e| e.p_value));
        let low = subject.add("conf.low", number(|e| e.conf_low));
        let high = subject.add("conf.high", number(|e| e.conf_high));
        ForestRow {
            label: Label::text(label),
            indent,
            cells,
            effect: estimate.ok().map(|e| ForestEffect {
                estimate: id,
                low,
                high,
                weight: precision(e.std_error),
                diamond: false,
            }),
            p: None,
        }
    }

    fn note_rows(
        &mut self,
        frame: &Frame,
        subgroups: &Subgroups,
        factor: &Factor,
        fit: &LinearFit,
        formula: &str,
    ) {
        let used = &fit.frame.rows;
        let rest: Vec<usize> = (0..frame.height())
            .filter(|row| !used.contains(row))
            .collect();
        let left_out = vec![(
            "the outcome, the arm, the subgroup or a covariate is missing".to_owned(),
            rest,
        )];
        let levels = std::iter::once(factor.column.clone()).chain(
            factor
                .levels
                .iter()
                .map(|l| format!("{}={}", factor.column, l.value)),
        );
        for level in levels {
            let stats = [self.inputs.label, &subgroups.outcome, &level];
            let mut rows = row_use(stats, frame, used, left_out.clone());
            rows.input = subgroups.input;
            self.models.push(ModelUse {
                stats: rows.stats.clone(),
                method: "linear model, least squares, with the interaction of arm and subgroup"
                    .to_owned(),
                formula: formula.to_owned(),
            });
            self.row_uses.push(rows);
        }
    }

    /// A count of a subgroup in an arm is of those rows of the model alone.
    fn note_counts(
        &mut self,
        frame: &Frame,
        subgroups: &Subgroups,
        factor: &Factor,
    ) -> Result<(), Finding> {
        let arms = codes(
            column(frame, &subgroups.arms.variable)?,
            &subgroups.arms.levels,
        )?;
        let levels = codes(column(frame, &factor.column)?, &factor.levels)?;
        let having = |codes: &[Option<usize>], code: usize| {
            let rows = 0..codes.len();
            let rows: Vec<usize> = rows.filter(|r| codes[*r] == Some(code)).collect();
            numbered(frame, &rows)
        };
        for (i, level) in factor.levels.iter().enumerate() {
            let group = Group::new(&factor.column, &level.value);
            let name = format!("{}={}", group.variable, group.level);
            let prefix = StatId::from_parts([self.inputs.label, &subgroups.outcome, &name]);
            let Some(all) = self.row_uses.iter().find(|u| u.stats == prefix) else {
                continue;
            };
            let of_level = RowUse {
                groups: Vec::new(),
                ..all.within(&group, &having(&levels, i))
            };
            for arm in [subgroups.arm, subgroups.arms.reference] {
                let Some(arm_level) = subgroups.arms.levels.get(arm) else {
                    continue;
                };
                let arm_group = Group::new(&subgroups.arms.variable, &arm_level.value);
                let name = format!("{}={}", arm_group.variable, arm_group.level);
                let stats = prefix.join(&StatId::from_parts([&name, "n"]));
                let used = of_level.within(&arm_group, &having(&arms, arm));
                self.row_uses.push(RowUse {
                    stats,
                    groups: Vec::new(),
                    ..used
                });
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Outcome {
        let columns: Vec<ForestColumn> = self.arms().map_or_else(Vec::new, |(subgroups, arms)| {
            let head =
                |arm: usize| Label::text(&subgroups.arms.levels[arm].label).measure(Measure::Count);
            arms.into_iter()
                .map(|arm| ForestColumn { label: head(arm) })
                .collect()
        });
        let mut notes = Vec::new();
        let p_head = match (self.effects_with_p, self.interactions) {
            (false, false) => None,
            (true, false) if self.adjusted => Some(Label::default().measure(Measure::PAdjusted)),
            (true, false) => Some(Label::default().measure(Measure::PValue)),
            (false, true) => Some(Label::default().measure(Measure::PInteraction)),
            (true, true) => {
                notes.push(Note {
                    key: Some(INTERACTION.to_owned()),
                    text: "P value for interaction.".to_owned(),
                    numbers: Vec::new(),
                });
                Some(Label::default().measure(Measure::PValue))
            }
        };
        if notes.is_empty() {
            // The column's head says it already.
            self.rows.iter_mut().for_each(|r| r.label.notes.clear());
        }
        let plot = ForestPlot {
            stub: Label::default(),
            columns,
            rows: self.rows,
            scale: self.spec.scale,
            axis: self.spec.axis.clone(),
            conf_level: self.spec.conf_level,
            favors_left: self.spec.favors.0.clone(),
            favors_right: self.spec.favors.1.clone(),
            limits: self.spec.limits,
            effect: self.spec.effect.clone(),
            digits: self.spec.digits.map_or(Digits::Style, Digits::Fixed),
            p_head,
            notes,
            abbreviations: Vec::new(),
        };
        Outcome {
            statistics: self.recorder.finish(),
            artefact: Some(Artefact::Forest(plot)),
            findings: self.findings,
            rows: self.row_uses,
            models: self.models,
        }
    }
}

fn precision(std_error: f64) -> Option<f64> {
    let weight = (std_error * std_error).recip();
    weight.is_finite().then_some(weight)
}

/// The estimates of those outcomes, in their order; all if none is named. An error is the name of one that has none.
fn of_outcomes<'a>(
    estimates: Vec<&'a Statistic>,
    outcomes: &[String],
) -> Result<Vec<&'a Statistic>, String> {
    if outcomes.is_empty() {
        return Ok(estimates);
    }
    let mut found = Vec::new();
    for name in outcomes {
        let is = |s: &&&Statistic| s.key.variable.as_ref() == Some(name);
        let own: Vec<&Statistic> = estimates.iter().filter(is).copied().collect();
        if own.is_empty() {
            return Err(name.clone());
        }
        found.extend(own);
    }
    Ok(found)
}

/// The terms of the model with the interaction of arm and factor.
fn terms(subgroups: &Subgroups, factor: &Factor) -> Vec<String> {
    let arms = &subgroups.arms;
    let interaction = format!(
        "{} * {}",
        in_formula(&arms.variable),
        in_formula(&factor.column)
    );
    let covariates = subgroups
        .adjust
        .iter()
        .filter(|c| **c != factor.column && **c != arms.variable)
        .map(|c| in_formula(c));
    std::iter::once(interaction).chain(covariates).collect()
}

/// One model with the interaction of arm and factor.
fn fit(
    frame: &Frame,
    subgroups: &Subgroups,
    factor: &Factor,
    terms: &[String],
    conf_level: f64,
) -> Result<(LinearFit, SubgroupAnalysis), Finding> {
    let arms = &subgroups.arms;
    let formula = formula(&subgroups.outcome, terms)?;
    let columns: Vec<String> = formula.columns().into_iter().map(str::to_owned).collect();
    let data = model_data(frame, &columns, Some(arms))?;
    let options = LinearOptions {
        level: conf_level,
        ..LinearOptions::default()
    };
    let fit = LinearFit::new(&formula, &data, &options).map_err(|errors| refused(&errors))?;
    let level = &arms.levels[subgroups.arm].value;
    let analysis = fit
        .subgroup_effects(
            &arms.variable,
            level,
            &arms.reference_level().value,
            &factor.column,
        )
        .map_err(|e| refused(&[e]))?;
    Ok((fit, analysis))
}
