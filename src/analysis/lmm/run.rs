//! Fitting and writing down.

use super::{Df, Interval, LmmFits, Spec};
use crate::analysis::modelled::{
    self, Fitting, Limits, Look, Modelled, Task, TermIds, parsed, record_coefficient,
    record_components, record_f_tests, record_groups, refused_fit,
};
use crate::analysis::{Finding, Inputs, Number, Outcome, Recorder};
use crate::dataset::Frame;
use crate::stats::design::CoefficientName;
use crate::stats::mixed::{
    DfMethod, Estimation, MixedFit, MixedOptions, ProfileParameter, percentile_interval,
};

/// The least share of bootstrap draws that must succeed for their quantiles to mean anything.
const ENOUGH_DRAWS: f64 = 0.9;

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let task = Task {
        fitting: &spec.fits,
        layout: &spec.layout,
        look: Look {
            intervals: spec.interval.words(),
            ..Look::default()
        },
        record: &|recorder, modelled, fit| record(recorder, spec, modelled, fit, inputs.seed),
    };
    modelled::run(&task, inputs)
}

/// Fits the model of an outcome.
pub(super) fn fit(fits: &LmmFits, modelled: &Modelled, frame: &Frame) -> Result<MixedFit, Finding> {
    let text = fits.models.formula(modelled);
    let formula = parsed(&text, &modelled.key)?;
    let options = MixedOptions {
        estimation: if fits.reml {
            Estimation::Reml
        } else {
            Estimation::Ml
        },
        df: match fits.df {
            Df::Satterthwaite => DfMethod::Satterthwaite,
            Df::KenwardRoger => DfMethod::KenwardRoger,
            Df::Z => DfMethod::Wald,
        },
        weights: fits.weights.clone(),
        level: fits.models.conf_level,
        ..MixedOptions::default()
    };
    let data = fits.models.data(modelled, frame)?;
    MixedFit::new(&formula, &data, &options)
        .map_err(|errors| refused_fit(errors, &text, modelled, frame))
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
            record_coefficient(recorder, LmmFits::CONTEXT, modelled, c, own)
        })
        .collect();
    record_model(recorder, modelled, fit);
    record_components(recorder, LmmFits::CONTEXT, modelled, &fit.components);
    if spec.type3 {
        record_f_tests(recorder, LmmFits::CONTEXT, modelled, fit);
    }
    terms
}

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
    let level = spec.fits.models.conf_level;
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

fn record_model(recorder: &mut Recorder, modelled: &Modelled, fit: &MixedFit) {
    let mut subject = recorder
        .of(LmmFits::CONTEXT, &modelled.name)
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
    record_groups(recorder, LmmFits::CONTEXT, modelled, &fit.groups);
}
