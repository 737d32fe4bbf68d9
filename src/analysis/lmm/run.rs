//! Fitting and writing down.

use super::data::model_data;
use super::table::{Shown, TermIds, table};
use super::{Df, Interval, Modelled, Models, Spec};
use crate::analysis::column::{column, known, row_use, some_rows};
use crate::analysis::{Finding, Inputs, ModelUse, Number, Outcome, Recorder, RowUse};
use crate::artefact::Artefact;
use crate::dataset::Frame;
use crate::statistic::StatId;
use crate::stats::design::CoefficientName;
use crate::stats::formula::Formula;
use crate::stats::linear::{Coefficient, Estimate, FTest};
use crate::stats::mixed::{
    DfMethod, Estimation, MixedFit, MixedOptions, ProfileParameter, percentile_interval,
};
use crate::stats::model_error::ModelError;

/// The least share of bootstrap draws that must succeed for their quantiles to mean anything.
const ENOUGH_DRAWS: f64 = 0.9;

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let mut outcome = Outcome::default();
    let mut shown = Vec::new();
    for modelled in &spec.models.outcomes {
        let fitted = fit(&spec.models, modelled, frame);
        let fit = match fitted {
            Ok(fit) => fit,
            Err(finding) => {
                outcome.findings.push(finding);
                continue;
            }
        };
        outcome.findings.extend(remarks(modelled, &fit));
        let terms = record(&mut recorder, spec, modelled, &fit, inputs.seed);
        let stats = StatId::from_parts([inputs.label, &modelled.name]);
        let rows = rows_used(&spec.models, modelled, frame, &fit, inputs.label)?;
        outcome.rows.push(rows);
        outcome.models.push(ModelUse {
            stats,
            method: format!("{}, {}", spec.models.method(), spec.interval.words()),
            formula: spec.models.formula(modelled),
        });
        shown.push(Shown {
            outcome: modelled,
            fit,
            terms,
        });
    }
    if outcome.has_errors() {
        outcome
            .findings
            .retain(|f| f.severity == crate::diagnostic::Severity::Error);
        return Ok(Outcome {
            findings: outcome.findings,
            ..Outcome::default()
        });
    }
    if spec.shown {
        outcome.artefact = Some(Artefact::Table(table(spec, &shown)?));
    }
    outcome.statistics = recorder.finish();
    Ok(outcome)
}

/// Fits the model of an outcome.
pub(in super::super) fn fit(
    models: &Models,
    modelled: &Modelled,
    frame: &Frame,
) -> Result<MixedFit, Finding> {
    let text = models.formula(modelled);
    let refused = |errors: &[ModelError]| {
        let what = format!("the model `{text}` can't be fitted");
        let finding = refusal(errors, &what);
        Finding {
            key: modelled.key.clone(),
            ..finding
        }
    };
    let formula = Formula::parse(&text).map_err(|errors| {
        let why: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let finding = Finding::error("formula", format!("`{text}`: {}", why.join("; ")));
        Finding {
            key: modelled.key.clone(),
            ..finding
        }
    })?;
    let options = MixedOptions {
        estimation: if models.reml {
            Estimation::Reml
        } else {
            Estimation::Ml
        },
        df: match models.df {
            Df::Satterthwaite => DfMethod::Satterthwaite,
            Df::KenwardRoger => DfMethod::KenwardRoger,
            Df::Z => DfMethod::Wald,
        },
        weights: models.weights.clone(),
        level: models.conf_level,
        ..MixedOptions::default()
    };
    let data = model_data(models, modelled, frame)?;
    MixedFit::new(&formula, &data, &options).map_err(|errors| refused(&errors))
}

/// What a model's errors say to the author.
pub(in super::super) fn refusal(errors: &[ModelError], what: &str) -> Finding {
    let why: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let finding = Finding::error("model", format!("{what}: {}", why.join("; ")));
    let mut helps: Vec<&str> = errors.iter().filter_map(ModelError::help).collect();
    helps.dedup();
    helps.into_iter().fold(finding, Finding::help)
}

/// What to know of a fit before its numbers are read.
fn remarks(modelled: &Modelled, fit: &MixedFit) -> Vec<Finding> {
    let mut remarks = Vec::new();
    let mut remark = |code: &str, message: String, help: &str| {
        let finding = Finding::warning(code, message).help(help);
        remarks.push(Finding {
            key: modelled.key.clone(),
            ..finding
        });
    };
    if fit.singular {
        let message = format!(
            "the model of `{}` is singular: a variance is estimated as zero, or random effects as functions of each \
             other",
            modelled.name
        );
        remark(
            "singular",
            message,
            "read the tests and intervals with that in mind, or give it fewer random effects",
        );
    }
    let aliased = fit.aliased();
    if !aliased.is_empty() {
        let message = format!(
            "in the model of `{}`, the data can't tell apart and so don't estimate: {}",
            modelled.name,
            aliased.join(", ")
        );
        remark(
            "aliased",
            message,
            "take one of what depends on each other out of the formula",
        );
    }
    remarks
}

/// The rows of an outcome's model; others are left out for the first column that has no value there.
pub(in super::super) fn rows_used(
    models: &Models,
    modelled: &Modelled,
    frame: &Frame,
    fit: &MixedFit,
    label: &str,
) -> Result<RowUse, Finding> {
    let mut left_out: Vec<(String, Vec<usize>)> = Vec::new();
    let mut open = fit.frame.omitted.clone();
    for name in models.columns(modelled) {
        let known = known(&column(frame, name)?.data);
        let (there, missing) = open
            .into_iter()
            .partition(|&row| known.get(row).copied().unwrap_or(false));
        open = there;
        left_out.push((format!("{name} is missing"), missing));
    }
    left_out.push(("a value of the formula is missing".to_owned(), open));
    let stats = [label, modelled.name.as_str()];
    Ok(row_use(stats, frame, &fit.frame.rows, left_out))
}

/// Writes down a fit; gives the ids of its coefficients.
fn record(
    recorder: &mut Recorder,
    spec: &Spec,
    modelled: &Modelled,
    fit: &MixedFit,
    seed: u64,
) -> Vec<TermIds> {
    let limits = limits(spec, fit, seed);
    let terms = fit
        .coefficients
        .iter()
        .map(|c| {
            let own = limits(&c.name);
            record_coefficient(recorder, modelled, c, own)
        })
        .collect();
    record_model(recorder, modelled, fit);
    record_components(recorder, modelled, fit);
    if spec.type3 {
        record_tests(recorder, modelled, fit);
    }
    terms
}

/// The limits of a coefficient: none where they are those of its test.
type Limits = Option<(Number, Number)>;

impl Interval {
    /// How limits are found, in words.
    pub(super) fn words(self) -> String {
        match self {
            Self::Wald => "Wald intervals".to_owned(),
            Self::Profile => "profile-likelihood intervals".to_owned(),
            Self::Bootstrap { draws } => {
                format!("percentile intervals of {draws} parametric bootstrap draws")
            }
        }
    }
}

fn limits(spec: &Spec, fit: &MixedFit, seed: u64) -> Box<dyn Fn(&CoefficientName) -> Limits> {
    let level = spec.models.conf_level;
    match spec.interval {
        Interval::Wald => Box::new(|_| None),
        Interval::Profile => profile_limits(fit, level),
        Interval::Bootstrap { draws } => bootstrap_limits(fit, level, seed, draws),
    }
}

fn none_because(reason: String) -> Box<dyn Fn(&CoefficientName) -> Limits> {
    Box::new(move |_| {
        let missing = Number::Missing(reason.clone());
        Some((missing.clone(), missing))
    })
}

fn profile_limits(fit: &MixedFit, level: f64) -> Box<dyn Fn(&CoefficientName) -> Limits> {
    let intervals = match fit.profile_coefficients(level) {
        Ok(intervals) => intervals,
        Err(error) => return none_because(format!("the likelihood's profile: {error}")),
    };
    Box::new(move |name| {
        let found = intervals
            .iter()
            .find(|i| i.parameter == ProfileParameter::Coefficient(name.clone()))?;
        let limit = |value: f64| {
            if value.is_finite() {
                Number::Value(value)
            } else {
                Number::Missing("the likelihood sets no limit here".to_owned())
            }
        };
        Some((limit(found.low), limit(found.high)))
    })
}

fn bootstrap_limits(
    fit: &MixedFit,
    level: f64,
    seed: u64,
    draws: u64,
) -> Box<dyn Fn(&CoefficientName) -> Limits> {
    let results = match fit.bootstrap(seed, 0..draws) {
        Ok(results) => results,
        Err(error) => return none_because(format!("the bootstrap: {error}")),
    };
    let kept: Vec<Vec<f64>> = results
        .into_iter()
        .filter_map(|draw| Some(draw.ok()?.coefficients))
        .collect();
    let failed = draws.saturating_sub(kept.len() as u64);
    if (kept.len() as f64) < ENOUGH_DRAWS * draws as f64 {
        return none_because(format!(
            "{failed} of {draws} bootstrap draws could not be fitted"
        ));
    }
    let intervals: Vec<(CoefficientName, Limits)> = fit
        .estimable
        .iter()
        .enumerate()
        .filter_map(|(position, &column)| {
            let name = fit.design.names.get(column)?.clone();
            let values: Vec<f64> = kept
                .iter()
                .filter_map(|d| d.get(position).copied())
                .collect();
            let noted = |value: f64| {
                if failed == 0 {
                    return Number::from(value);
                }
                let note = format!("{failed} of {draws} bootstrap draws could not be fitted");
                Number::Noted(value, note)
            };
            let limits = match percentile_interval(&values, level) {
                Ok((low, high)) => (noted(low), noted(high)),
                Err(e) => (
                    Number::Missing(e.to_string()),
                    Number::Missing(e.to_string()),
                ),
            };
            Some((name, Some(limits)))
        })
        .collect();
    Box::new(move |name| {
        let found = intervals.iter().find(|(own, _)| own == name)?;
        found.1.clone()
    })
}

fn record_coefficient(
    recorder: &mut Recorder,
    modelled: &Modelled,
    coefficient: &Coefficient,
    limits: Limits,
) -> TermIds {
    let name = coefficient.name.to_string();
    let estimate = coefficient.estimate;
    let missing = || {
        Number::Missing(format!(
            "the data can't tell `{name}` from other coefficients"
        ))
    };
    let number =
        |pick: fn(&Estimate) -> f64| estimate.as_ref().map_or_else(missing, |e| pick(e).into());
    let df = match estimate {
        Some(e) if e.df.is_infinite() => no_df(),
        Some(e) => e.df.into(),
        None => missing(),
    };
    let (low, high) = match limits.filter(|_| estimate.is_some()) {
        Some(limits) => limits,
        None => (number(|e| e.conf_low), number(|e| e.conf_high)),
    };
    let exists = |number: &Number| !matches!(number, Number::Missing(_));
    let has_limits = exists(&low) && exists(&high);
    let mut subject = recorder.of("lmm", &modelled.name).level(&name);
    for part in &coefficient.name.parts {
        if let Some(level) = &part.level {
            subject = subject.about(&part.variable, level);
        }
    }
    let mut subject = subject.measured(modelled.decimals);
    let id = subject.add("estimate", number(|e| e.estimate));
    let std_error = subject.add("std.error", number(|e| e.std_error));
    subject.add("df", df);
    subject.add("statistic", number(|e| e.statistic));
    let p = subject.add("p.value", number(|e| e.p_value));
    let low = subject.add("conf.low", low);
    let high = subject.add("conf.high", high);
    TermIds {
        name: coefficient.name.clone(),
        estimate: estimate.is_some().then_some(id),
        std_error,
        limits: has_limits.then_some((low, high)),
        p,
    }
}

/// Why a test by the normal distribution has no degrees of freedom.
pub(in super::super) fn no_df() -> Number {
    Number::Missing("the normal distribution has no degrees of freedom".to_owned())
}

fn record_model(recorder: &mut Recorder, modelled: &Modelled, fit: &MixedFit) {
    let mut subject = recorder
        .of("lmm", &modelled.name)
        .measured(modelled.decimals);
    subject.add("nobs", fit.nobs);
    if let [(_, levels)] = fit.groups.as_slice() {
        subject.add("ngroups", *levels);
    }
    subject.add("sigma", fit.sigma);
    subject.add("logLik", fit.log_lik);
    subject.add("criterion", fit.criterion);
    subject.add("AIC", fit.aic);
    subject.add("BIC", fit.bic);
    subject.add("singular", usize::from(fit.singular));
    for (group, levels) in &fit.groups {
        if fit.groups.len() > 1 {
            let mut subject = recorder.of("lmm", &modelled.name).within("group", group);
            subject.add("ngroups", *levels);
        }
    }
}

fn record_components(recorder: &mut Recorder, modelled: &Modelled, fit: &MixedFit) {
    for term in &fit.components {
        let mut subject = recorder
            .of("lmm", &modelled.name)
            .within("group", &term.group)
            .measured(modelled.decimals);
        for (name, sd) in term.names.iter().zip(&term.sd) {
            subject.add(&format!("sd__{name}"), *sd);
        }
        for (second, row) in term.correlations.iter().enumerate() {
            for (first, correlation) in row.iter().enumerate().take(second) {
                let (Some(a), Some(b)) = (term.names.get(first), term.names.get(second)) else {
                    continue;
                };
                let number = correlation.map_or_else(
                    || Number::Missing("one of the two effects has no variance".to_owned()),
                    Number::from,
                );
                subject.add(&format!("cor__{a}.{b}"), number);
            }
        }
    }
}

fn record_tests(recorder: &mut Recorder, modelled: &Modelled, fit: &MixedFit) {
    let tests: Vec<(String, Result<FTest, String>)> = match fit.type3() {
        Ok(tests) => tests.into_iter().map(|t| (t.term, Ok(t.test))).collect(),
        Err(error) => {
            let labels = fit.formula.term_labels().into_iter();
            labels.map(|term| (term, Err(error.to_string()))).collect()
        }
    };
    for (term, test) in tests {
        let number = |pick: fn(&FTest) -> f64| match &test {
            Ok(test) => Number::from(pick(test)),
            Err(reason) => Number::Missing(reason.clone()),
        };
        let df_residual = match &test {
            Ok(test) if test.df_residual.is_infinite() => no_df(),
            _ => number(|t| t.df_residual),
        };
        let level = format!("type3: {term}");
        let mut subject = recorder
            .of("lmm: type III F test", &modelled.name)
            .level(&level);
        subject.add("statistic", number(|t| t.statistic));
        subject.add("df", number(|t| t.df));
        subject.add("df.residual", df_residual);
        subject.add("p.value", number(|t| t.p_value));
    }
}
