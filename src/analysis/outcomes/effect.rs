//! What is compared at a visit: numbers before they are recorded.

use super::super::column::{codes, column, numbers};
use super::super::modelled::in_formula;
use super::super::proportion_test::{ProportionTest, Tested};
use super::super::{Arms, Finding};
use super::visits::Visit;
use super::{Covariate, Effect, OutcomeKind, Spec, TTestKind};
use crate::dataset::{ColumnData, Frame, Level};
use crate::stats::StatsError;
use crate::stats::adjust::adjust;
use crate::stats::formula::Formula;
use crate::stats::interval::{Proportion, difference_of_proportions, odds_ratio, risk_ratio};
use crate::stats::linear::{LinearFit, LinearOptions};
use crate::stats::model_data::{ModelColumn, ModelData};
use crate::stats::t_test::{TTest, student, welch};

/// A comparison of an arm with the reference.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    /// The estimate with its interval, or why there is none.
    pub effect: Result<Estimated, String>,
    /// The test, or why there is none.
    pub test: Result<Tested, String>,
    /// The P value adjusted over the comparisons of the table.
    pub p_adjusted: Option<f64>,
}

/// An estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimated {
    pub estimate: f64,
    /// Standard error, of means.
    pub std_error: Option<f64>,
    pub low: f64,
    pub high: f64,
}

/// The outcome at a visit in all arms.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Numbers for each row, and by arm.
    Numbers(Vec<Option<f64>>, Vec<Vec<Option<f64>>>),
    /// For each row whether the event happened, and by arm.
    Events(Vec<Option<bool>>, Vec<Vec<Option<bool>>>),
}

impl Values {
    /// The outcome of a visit.
    pub fn read(visit: &Visit, kind: &OutcomeKind, frame: &Frame) -> Result<Self, Finding> {
        let column = column(frame, &visit.outcome.variable)?;
        match kind {
            OutcomeKind::Continuous { .. } => {
                let values = numbers(column)?.to_vec();
                let by_arm = by_arm(visit, &values);
                Ok(Self::Numbers(values, by_arm))
            }
            OutcomeKind::Binary { event, .. } => {
                let levels = &column.field.levels;
                let place = levels.iter().position(|l| &l.value == event);
                let codes = codes(column, levels)?.into_iter();
                let values: Vec<Option<bool>> =
                    codes.map(|c| c.map(|c| Some(c) == place)).collect();
                let by_arm = by_arm(visit, &values);
                Ok(Self::Events(values, by_arm))
            }
        }
    }

    /// For each row of the frame whether it has a value.
    pub fn known(&self) -> Vec<bool> {
        match self {
            Self::Numbers(values, _) => values.iter().map(Option::is_some).collect(),
            Self::Events(values, _) => values.iter().map(Option::is_some).collect(),
        }
    }

    /// How many values the i-th arm has.
    pub fn observed(&self, arm: usize) -> usize {
        match self {
            Self::Numbers(_, arms) => arms.get(arm).map_or(0, |v| v.iter().flatten().count()),
            Self::Events(_, arms) => arms.get(arm).map_or(0, |v| v.iter().flatten().count()),
        }
    }
}

fn by_arm<T: Copy>(visit: &Visit, values: &[Option<T>]) -> Vec<Vec<Option<T>>> {
    let pick = |rows: &Vec<usize>| {
        let values = rows.iter().map(|&row| values.get(row).copied().flatten());
        values.collect()
    };
    visit.arms.iter().map(pick).collect()
}

/// Each other arm compared with the reference, as the data are.
pub(super) fn unadjusted(spec: &Spec, values: &Values) -> Vec<Comparison> {
    let reference = spec.arms.reference;
    let others = spec.arms.others();
    match (values, &spec.kind) {
        (Values::Numbers(_, arms), OutcomeKind::Continuous { test, .. }) => others
            .map(|(arm, _)| of_means(&present(arms, arm), &present(arms, reference), *test, spec))
            .collect(),
        (Values::Events(_, arms), OutcomeKind::Binary { effect, test, .. }) => others
            .map(|(arm, _)| {
                let counts = [counts(arms, arm), counts(arms, reference)];
                of_proportions(counts, *effect, *test, spec.conf_level)
            })
            .collect(),
        // Values are read by the kind of outcome.
        _ => Vec::new(),
    }
}

fn present(arms: &[Vec<Option<f64>>], arm: usize) -> Vec<f64> {
    let values = arms.get(arm).into_iter().flatten();
    values.copied().flatten().collect()
}

/// How many have the event, and how many do not.
fn counts(arms: &[Vec<Option<bool>>], arm: usize) -> [u64; 2] {
    let count = |event: bool| {
        let values = arms.get(arm).into_iter().flatten().flatten();
        values.filter(|v| **v == event).count() as u64
    };
    [count(true), count(false)]
}

fn of_means(x: &[f64], y: &[f64], kind: TTestKind, spec: &Spec) -> Comparison {
    let test = match kind {
        TTestKind::Welch => welch(x, y, spec.conf_level),
        TTestKind::Student => student(x, y, spec.conf_level),
    };
    let test: Result<TTest, String> = test.map_err(|e| e.to_string());
    let effect = |t: &TTest| Estimated {
        estimate: t.estimate,
        std_error: Some(t.std_error),
        low: t.interval.low,
        high: t.interval.high,
    };
    Comparison {
        effect: test.as_ref().map(effect).map_err(Clone::clone),
        test: test.map(|t| Tested {
            statistic: Some((t.statistic, t.df)),
            p_value: t.p_value,
            sparse: false,
        }),
        p_adjusted: None,
    }
}

fn of_proportions(
    counts: [[u64; 2]; 2],
    effect: Effect,
    test: ProportionTest,
    level: f64,
) -> Comparison {
    let share = |[events, others]: [u64; 2]| Proportion::new(events, events + others);
    let estimate = || -> Result<Estimated, StatsError> {
        let [first, second] = [share(counts[0])?, share(counts[1])?];
        let found = match effect {
            Effect::RiskDifference => difference_of_proportions(first, second, level)?,
            Effect::RiskRatio => risk_ratio(first, second, level)?,
            Effect::OddsRatio => odds_ratio(first, second, level)?,
        };
        Ok(Estimated {
            estimate: found.value,
            std_error: None,
            low: found.interval.low,
            high: found.interval.high,
        })
    };
    let tested = test.run(&counts.map(Vec::from));
    Comparison {
        effect: estimate().map_err(|e| e.to_string()),
        test: tested.map_err(|e| e.to_string()),
        p_adjusted: None,
    }
}

/// The comparisons of a visit adjusted for covariates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Adjusted {
    /// Each other arm against the reference.
    pub comparisons: Vec<Comparison>,
    /// How many rows the model has, or why there is none.
    pub nobs: Result<usize, String>,
}

/// Analysis of covariance: a linear model of the outcome on the arm and the covariates.
pub(super) fn adjusted(
    spec: &Spec,
    visit: &Visit,
    values: &[Option<f64>],
    frame: &Frame,
) -> Result<Adjusted, Finding> {
    let rows = visit.rows();
    let data = model_data(spec, visit, values, frame, &rows)?;
    let fit = data.and_then(|data| fit(spec, &visit.outcome.variable, &data));
    let reference = &spec.arms.reference_level().value;
    let compare = |level: &Level| -> Comparison {
        let estimate = fit.as_ref().map_err(Clone::clone).and_then(|fit| {
            fit.adjusted_difference(&spec.arms.variable, &level.value, reference)
                .map_err(|e| e.to_string())
        });
        let sound = estimate.and_then(|e| {
            let all = [
                e.estimate,
                e.std_error,
                e.statistic,
                e.conf_low,
                e.conf_high,
            ];
            if all.iter().all(|v| v.is_finite()) && e.p_value.is_finite() {
                Ok(e)
            } else {
                Err("the model's estimate is not finite".to_owned())
            }
        });
        Comparison {
            effect: sound.as_ref().map_err(Clone::clone).map(|e| Estimated {
                estimate: e.estimate,
                std_error: Some(e.std_error),
                low: e.conf_low,
                high: e.conf_high,
            }),
            test: sound.map(|e| Tested {
                statistic: Some((e.statistic, e.df)),
                p_value: e.p_value,
                sparse: false,
            }),
            p_adjusted: None,
        }
    };
    Ok(Adjusted {
        comparisons: spec
            .arms
            .others()
            .map(|(_, level)| compare(level))
            .collect(),
        nobs: fit
            .as_ref()
            .map_err(Clone::clone)
            .map(|fit| fit.frame.len()),
    })
}

/// The model's formula as R writes it; `name` writes a column's name.
fn formula_text(spec: &Spec, outcome: &str, name: impl Fn(&str) -> String) -> String {
    let terms: Vec<String> = [&spec.arms.variable]
        .into_iter()
        .chain(spec.covariates.iter().map(|c| &c.variable))
        .map(|column| name(column))
        .collect();
    format!("{} ~ {}", name(outcome), terms.join(" + "))
}

/// The formula of the comparisons adjusted for covariates, for people.
pub(super) fn formula_of(spec: &Spec, outcome: &str) -> String {
    formula_text(spec, outcome, in_formula)
}

fn fit(spec: &Spec, outcome: &str, data: &ModelData) -> Result<LinearFit, String> {
    let text = formula_text(spec, outcome, |name| format!("`{name}`"));
    let formula = Formula::parse(&text).map_err(|errors| joined(&errors))?;
    let options = LinearOptions {
        level: spec.conf_level,
        ..LinearOptions::default()
    };
    LinearFit::new(&formula, data, &options).map_err(|errors| joined(&errors))
}

fn joined<E: ToString>(errors: &[E]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

type Modelled = Result<ModelData, String>;

fn model_data(
    spec: &Spec,
    visit: &Visit,
    values: &[Option<f64>],
    frame: &Frame,
    rows: &[usize],
) -> Result<Modelled, Finding> {
    let mut columns = vec![
        (
            visit.outcome.variable.as_str(),
            ModelColumn::Numeric(pick(values, rows)),
        ),
        (
            spec.arms.variable.as_str(),
            arm_column(&spec.arms, visit, rows),
        ),
    ];
    for Covariate { variable, .. } in &spec.covariates {
        let column = column(frame, variable)?;
        let modelled = if let ColumnData::Number(values) = &column.data {
            ModelColumn::Numeric(pick(values, rows))
        } else {
            let levels = &column.field.levels;
            ModelColumn::Factor {
                codes: pick(&codes(column, levels)?, rows),
                levels: levels.iter().map(|l| l.value.clone()).collect(),
            }
        };
        columns.push((variable, modelled));
    }
    let mut data = ModelData::new(rows.len());
    for (name, column) in columns {
        if let Err(error) = data.insert(name, column) {
            return Ok(Err(error.to_string()));
        }
    }
    Ok(Ok(data))
}

fn arm_column(arms: &Arms, visit: &Visit, rows: &[usize]) -> ModelColumn {
    let code = |row: &usize| {
        visit
            .arms
            .iter()
            .position(|own| own.binary_search(row).is_ok())
    };
    ModelColumn::Factor {
        levels: arms.levels.iter().map(|l| l.value.clone()).collect(),
        codes: rows.iter().map(code).collect(),
    }
}

fn pick<T: Copy>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
    rows.iter()
        .map(|&row| values.get(row).copied().flatten())
        .collect()
}

/// Adjusts the P values of all comparisons together; gives how many there were.
pub(super) fn adjust_p(spec: &Spec, comparisons: &mut [&mut Comparison]) -> usize {
    let p: Vec<Option<f64>> = comparisons
        .iter()
        .map(|c| c.test.as_ref().ok().map(|t| t.p_value))
        .collect();
    if let Some((method, ..)) = spec.p_adjust.method()
        && let Ok(adjusted) = adjust(&p, method)
    {
        for (comparison, p) in comparisons.iter_mut().zip(adjusted) {
            comparison.p_adjusted = p;
        }
    }
    p.iter().flatten().count()
}
