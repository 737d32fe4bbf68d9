//! Fitting and writing down.

use super::data::{LOG_EXPOSURE, model_data};
use super::ratio_tests::ratio_tests;
use super::{Family, GlmmFits, Spec, Tests};
use crate::analysis::modelled::{
    self, Fitting, Look, Modelled, Task, TermIds, parsed, record_coefficient, record_components,
    record_groups, refused_fit, type3,
};
use crate::analysis::{Finding, Inputs, Number, Outcome, Recorder};
use crate::dataset::Frame;
use crate::stats::linear::{Coefficient, FTest};
use crate::stats::mixed::{self, GlmmFit, GlmmOptions, RatioTest};
use crate::stats::model_error::ModelError;

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let ratio = spec.fits.family.ratio();
    let look = if spec.exponentiate {
        Look {
            ratio: true,
            head: ratio,
            head_ci: ratio,
            ..Look::default()
        }
    } else {
        Look::default()
    };
    let frame = inputs.frame(0);
    let task = Task {
        fitting: &spec.fits,
        layout: &spec.layout,
        look,
        record: &|recorder, modelled, fit| record(recorder, spec, modelled, fit, frame),
    };
    modelled::run(&task, inputs)
}

/// Fits the model of an outcome.
pub(super) fn fit(fits: &GlmmFits, modelled: &Modelled, frame: &Frame) -> Result<GlmmFit, Finding> {
    let text = fits.models.formula(modelled);
    let formula = parsed(&text, &modelled.key)?;
    let options = GlmmOptions {
        trials: fits.trials.clone(),
        offset: fits.exposure.as_ref().map(|_| LOG_EXPOSURE.to_owned()),
        points: fits.points,
        level: fits.models.conf_level,
        ..GlmmOptions::of(match fits.family {
            Family::Binomial => mixed::Family::Binomial,
            Family::Poisson => mixed::Family::Poisson,
        })
    };
    let data = model_data(fits, modelled, frame)?;
    GlmmFit::new(&formula, &data, &options).map_err(|errors| {
        let quadrature = |e: &ModelError| matches!(e, ModelError::Quadrature { .. });
        let of_points = errors.iter().any(quadrature);
        let finding = refused_fit(errors, &text, modelled, frame);
        if of_points {
            finding.at(["nagq".into()])
        } else {
            finding
        }
    })
}

/// Writes down a fit; gives the ids of its coefficients.
fn record(
    recorder: &mut Recorder,
    spec: &Spec,
    modelled: &Modelled,
    fit: &GlmmFit,
    frame: Option<&Frame>,
) -> Vec<TermIds> {
    let context = match (spec.exponentiate, spec.fits.family) {
        (false, _) => GlmmFits::CONTEXT.to_owned(),
        (true, family) => format!("{}: {}", GlmmFits::CONTEXT, family.ratio().to_lowercase()),
    };
    let mut terms = Vec::with_capacity(fit.coefficients.len());
    for coefficient in &fit.coefficients {
        let mut shown = coefficient.clone();
        if spec.exponentiate {
            exponentiate(&mut shown);
        }
        terms.push(record_coefficient(
            recorder, &context, modelled, &shown, None,
        ));
    }
    record_model(recorder, modelled, fit);
    record_components(recorder, GlmmFits::CONTEXT, modelled, &fit.components);
    match (spec.tests, frame) {
        (Tests::Type3, _) => record_wald_tests(recorder, modelled, fit),
        (Tests::LikelihoodRatio, Some(frame)) => {
            record_ratio_tests(recorder, &spec.fits, modelled, fit, frame);
        }
        _ => {}
    }
    terms
}

/// Estimate and limits as ratios; the standard error stays that of the logarithm.
fn exponentiate(coefficient: &mut Coefficient) {
    if let Some(estimate) = &mut coefficient.estimate {
        for value in [
            &mut estimate.estimate,
            &mut estimate.conf_low,
            &mut estimate.conf_high,
        ] {
            *value = value.exp();
        }
    }
}

fn record_model(recorder: &mut Recorder, modelled: &Modelled, fit: &GlmmFit) {
    let mut subject = recorder.of(GlmmFits::CONTEXT, &modelled.name);
    subject.add("nobs", fit.nobs);
    if let [(_, levels)] = fit.groups.as_slice() {
        subject.add("ngroups", *levels);
    }
    subject.add("logLik", fit.log_lik);
    subject.add("criterion", fit.criterion);
    subject.add("AIC", fit.aic);
    subject.add("BIC", fit.bic);
    subject.add("singular", usize::from(fit.singular));
    record_groups(recorder, GlmmFits::CONTEXT, modelled, &fit.groups);
}

/// Wald's χ² test of each term.
fn record_wald_tests(recorder: &mut Recorder, modelled: &Modelled, fit: &GlmmFit) {
    for (term, test) in type3(fit) {
        let number = |pick: fn(&FTest) -> f64| match &test {
            Ok(test) => Number::from(pick(test)),
            Err(reason) => Number::Missing(reason.clone()),
        };
        let mut subject = recorder
            .of("glmm: type III Wald test", &modelled.name)
            .level(&format!("type3: {term}"));
        subject.add("statistic", number(|t| t.statistic * t.df));
        subject.add("df", number(|t| t.df));
        subject.add("p.value", number(|t| t.p_value));
    }
}

fn record_ratio_tests(
    recorder: &mut Recorder,
    fits: &GlmmFits,
    modelled: &Modelled,
    fit: &GlmmFit,
    frame: &Frame,
) {
    let tests = ratio_tests(fits, modelled, frame, fit).unwrap_or_else(|finding| {
        let labels = fit.formula.term_labels().into_iter();
        labels
            .map(|term| (term, Err(finding.message.clone())))
            .collect()
    });
    for (term, test) in tests {
        let number = |pick: fn(&RatioTest) -> f64| match &test {
            Ok(test) => Number::from(pick(test)),
            Err(reason) => Number::Missing(reason.clone()),
        };
        let mut subject = recorder
            .of("glmm: likelihood-ratio test", &modelled.name)
            .level(&format!("lrt: {term}"));
        subject.add("statistic", number(|t| t.statistic));
        subject.add("df", number(|t| t.df));
        subject.add("p.value", number(|t| t.p_value));
    }
}
