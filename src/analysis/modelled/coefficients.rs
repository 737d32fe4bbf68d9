//! Writing down coefficients and tests of terms.

use super::{Fitted, Modelled};
use crate::analysis::{Number, Recorder};
use crate::statistic::StatId;
use crate::stats::design::CoefficientName;
use crate::stats::linear::{Coefficient, Estimate, FTest};

/// The ids of a coefficient's statistics.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct TermIds {
    pub name: CoefficientName,
    /// None where the data can't tell it.
    pub estimate: Option<StatId>,
    pub std_error: StatId,
    /// None where there are no limits.
    pub limits: Option<(StatId, StatId)>,
    pub p: StatId,
}

/// The limits of a coefficient: none where they are those of its test.
pub(in crate::analysis) type Limits = Option<(Number, Number)>;

/// Writes down a coefficient.
pub(in crate::analysis) fn record_coefficient(
    recorder: &mut Recorder,
    context: &str,
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
    let mut subject = recorder.of(context, &modelled.name).level(&name);
    for part in &coefficient.name.parts {
        if let Some(level) = &part.level {
            subject = subject.about(&part.variable, level);
        }
    }
    let mut subject = subject.measured(modelled.decimals);
    let value = number(|e| e.estimate);
    let has_estimate = exists(&value);
    let id = subject.add("estimate", value);
    let std_error = subject.add("std.error", number(|e| e.std_error));
    subject.add("df", df);
    subject.add("statistic", number(|e| e.statistic));
    let p = subject.add("p.value", number(|e| e.p_value));
    let low = subject.add("conf.low", low);
    let high = subject.add("conf.high", high);
    TermIds {
        name: coefficient.name.clone(),
        estimate: has_estimate.then_some(id),
        std_error,
        limits: has_limits.then_some((low, high)),
        p,
    }
}

/// Why a test by the normal distribution has no degrees of freedom.
pub(in crate::analysis) fn no_df() -> Number {
    Number::Missing("the normal distribution has no degrees of freedom".to_owned())
}

/// Writes down the type III F tests of a fit.
pub(in crate::analysis) fn record_f_tests(
    recorder: &mut Recorder,
    context: &str,
    modelled: &Modelled,
    fit: &dyn Fitted,
) {
    for (term, test) in type3(fit) {
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
            .of(&format!("{context}: type III F test"), &modelled.name)
            .level(&level);
        subject.add("statistic", number(|t| t.statistic));
        subject.add("df", number(|t| t.df));
        subject.add("df.residual", df_residual);
        subject.add("p.value", number(|t| t.p_value));
    }
}

/// The type III test of each term, or why there is none.
pub(in crate::analysis) fn type3(fit: &dyn Fitted) -> Vec<(String, Result<FTest, String>)> {
    match fit.type3() {
        Ok(tests) => tests.into_iter().map(|t| (t.term, Ok(t.test))).collect(),
        Err(error) => {
            let labels = fit.formula().term_labels().into_iter();
            labels.map(|term| (term, Err(error.to_string()))).collect()
        }
    }
}
