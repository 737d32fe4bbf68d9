//! Fitting and writing down.

use super::{Df, MmrmFits, Spec, Vcov};
use crate::analysis::column::{codes, column};
use crate::analysis::modelled::{
    self, Fitting, Look, Modelled, Task, TermIds, model_column, parsed, record_coefficient,
    record_f_tests, refused_fit,
};
use crate::analysis::{Finding, Inputs, Number, Outcome, Recorder};
use crate::dataset::{ColumnData, Frame};
use crate::stats::mixed::Estimation;
use crate::stats::mmrm::{
    CoefficientCovariance, CovarianceKind, Information, RepeatedDf, RepeatedError, RepeatedFit,
    RepeatedOptions, VisitCovariance,
};
use crate::stats::model_error::ModelError;

/// Stands for the visits in the order of time, where the formula has another reference; no column has such a name.
const IN_ORDER: &str = "\u{1}visits in order";

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let task = Task {
        fitting: &spec.fits,
        layout: &spec.layout,
        look: Look::default(),
        record: &|recorder, modelled, fit| record(recorder, spec, modelled, fit),
    };
    modelled::run(&task, inputs)
}

/// Fits the model of an outcome.
pub(super) fn fit(
    fits: &MmrmFits,
    modelled: &Modelled,
    frame: &Frame,
) -> Result<RepeatedFit, Finding> {
    let text = fits.models.formula(modelled);
    let formula = parsed(&text, &modelled.key)?;
    let refused = |errors: Vec<ModelError>| {
        let key = errors.first().and_then(key_of);
        let finding = refused_fit(errors, &text, modelled, frame);
        match key {
            Some(key) => finding.at([key.into()]),
            None => finding,
        }
    };
    let mut options = options(fits).map_err(|e| refused(vec![e]))?;
    let mut data = fits.models.data(modelled, frame)?;
    // A reference stands first among the levels, but visits have the order of time.
    if fits
        .models
        .levels
        .iter()
        .any(|(name, _)| *name == fits.visit)
    {
        let visits = model_column(frame, &fits.visit, None)?;
        data.insert(IN_ORDER, visits)
            .map_err(|e| refused(vec![e]))?;
        IN_ORDER.clone_into(&mut options.visit);
    }
    RepeatedFit::new(&formula, &data, &options).map_err(refused)
}

fn options(fits: &MmrmFits) -> Result<RepeatedOptions, ModelError> {
    Ok(RepeatedOptions {
        group: fits.covariance_by.clone(),
        covariance: CovarianceKind::from_name(&fits.covariance)?,
        estimation: if fits.reml {
            Estimation::Reml
        } else {
            Estimation::Ml
        },
        df: match fits.df {
            Df::Satterthwaite => RepeatedDf::Satterthwaite,
            Df::KenwardRoger => RepeatedDf::KenwardRoger,
            Df::KenwardRogerLinear => RepeatedDf::KenwardRogerLinear,
            Df::BetweenWithin => RepeatedDf::BetweenWithin,
            Df::Residual => RepeatedDf::Residual,
            Df::Z => RepeatedDf::Asymptotic,
        },
        information: if fits.expected {
            Information::Expected
        } else {
            Information::Observed
        },
        coefficient_covariance: match fits.vcov {
            Vcov::Model => CoefficientCovariance::Model,
            Vcov::Empirical => CoefficientCovariance::Empirical,
            Vcov::BiasReduced => CoefficientCovariance::BiasReduced,
            Vcov::Jackknife => CoefficientCovariance::Jackknife,
        },
        weights: fits.weights.clone(),
        level: fits.models.conf_level,
        ..RepeatedOptions::new(&fits.visit, &fits.subject)
    })
}

/// The key that an error is about; none where it is about the model of the outcome.
fn key_of(error: &ModelError) -> Option<&'static str> {
    let ModelError::Repeated(error) = error else {
        return None;
    };
    Some(match error {
        RepeatedError::DuplicateVisit { .. } => "visit",
        RepeatedError::TwoGroups { .. } => "covariance_by",
        RepeatedError::NoRepeats { .. } => "subject",
        RepeatedError::NeverTogether { .. }
        | RepeatedError::VisitWithoutRows { .. }
        | RepeatedError::TooMany { .. }
        | RepeatedError::Singular { .. } => "covariance",
        RepeatedError::NoVariance => "df",
        _ => return None,
    })
}

/// Visits that have rows, but none with values: they are no part of the model.
pub(super) fn remarks(
    fits: &MmrmFits,
    modelled: &Modelled,
    fit: &RepeatedFit,
    frame: &Frame,
) -> Result<Vec<Finding>, Finding> {
    let visits = column(frame, &fits.visit)?;
    if matches!(visits.data, ColumnData::Number(_)) {
        return Ok(Vec::new());
    }
    let levels = &visits.field.levels;
    let codes = codes(visits, levels)?;
    let without: Vec<&str> = levels
        .iter()
        .enumerate()
        .filter(|(code, _)| codes.contains(&Some(*code)))
        .map(|(_, level)| level.value.as_str())
        .filter(|level| !fit.visits.iter().any(|visit| visit == level))
        .collect();
    if without.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!(
        "the model of `{}` has no visit `{}`: no row there has all values",
        modelled.name,
        without.join("`, `")
    );
    let finding = Finding::warning("visit-without-rows", message)
        .help("if that is meant, leave such rows out with a `population`");
    Ok(vec![Finding {
        key: modelled.key.clone(),
        ..finding
    }])
}

/// Writes down a fit; gives the ids of its coefficients.
fn record(
    recorder: &mut Recorder,
    spec: &Spec,
    modelled: &Modelled,
    fit: &RepeatedFit,
) -> Vec<TermIds> {
    let coefficients = fit.coefficients.iter();
    let terms = coefficients
        .map(|c| record_coefficient(recorder, MmrmFits::CONTEXT, modelled, c, None))
        .collect();
    let mut subject = recorder
        .of(MmrmFits::CONTEXT, &modelled.name)
        .measured(modelled.decimals);
    subject.add("nobs", fit.nobs);
    subject.add("ngroups", fit.subjects);
    subject.add("logLik", fit.log_lik);
    subject.add("criterion", fit.criterion);
    subject.add("AIC", fit.aic);
    subject.add("BIC", fit.bic);
    for covariance in &fit.covariances {
        record_covariance(recorder, &spec.fits, modelled, &fit.visits, covariance);
    }
    if spec.type3 {
        record_f_tests(recorder, MmrmFits::CONTEXT, modelled, fit);
    }
    terms
}

/// Standard deviations and correlations of the visits.
fn record_covariance(
    recorder: &mut Recorder,
    fits: &MmrmFits,
    modelled: &Modelled,
    visits: &[String],
    covariance: &VisitCovariance,
) {
    let mut subject = recorder.of(MmrmFits::CONTEXT, &modelled.name);
    if let (Some(column), Some(level)) = (&fits.covariance_by, &covariance.group) {
        subject = subject.within(column, level);
    }
    let mut subject = subject.measured(modelled.decimals);
    let entry = |i: usize, j: usize| covariance.matrix.get((i, j)).copied().unwrap_or(f64::NAN);
    let sd = |i: usize| entry(i, i).sqrt();
    for (i, visit) in visits.iter().enumerate() {
        subject.add(&format!("sd__{visit}"), sd(i));
    }
    for (second, b) in visits.iter().enumerate() {
        for (first, a) in visits.iter().enumerate().take(second) {
            let correlation = entry(first, second) / (sd(first) * sd(second));
            subject.add(&format!("cor__{a}.{b}"), Number::from(correlation));
        }
    }
}
