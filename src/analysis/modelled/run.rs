//! Fitting all outcomes, and writing down.

use super::coefficients::TermIds;
use super::table::{Layout, Look, Shown, table};
use super::{Fitted, Fitting, Modelled, Models};
use crate::analysis::column::{column, known, row_use, some_rows};
use crate::analysis::{Finding, Inputs, ModelUse, Outcome, Recorder, RowUse};
use crate::artefact::Artefact;
use crate::dataset::Frame;
use crate::diagnostic::Severity;
use crate::statistic::StatId;

/// Writes down a fit; gives the ids of its coefficients.
pub(in crate::analysis) type Record<'a, Fit> =
    dyn Fn(&mut Recorder, &Modelled, &Fit) -> Vec<TermIds> + 'a;

/// What is done with models: how they are shown, and how their fits are written down.
pub(in crate::analysis) struct Task<'a, F: Fitting> {
    pub fitting: &'a F,
    pub layout: &'a Layout,
    pub look: Look,
    pub record: &'a Record<'a, F::Fit>,
}

/// Fits the model of every outcome. What can't be fitted is reported, all at once.
pub(in crate::analysis) fn run<F: Fitting>(
    task: &Task<'_, F>,
    inputs: &Inputs<'_>,
) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let models = task.fitting.models();
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let mut outcome = Outcome::default();
    let mut shown = Vec::new();
    for modelled in &models.outcomes {
        let fit = match task.fitting.fit(modelled, frame) {
            Ok(fit) => fit,
            Err(finding) => {
                outcome.findings.push(finding);
                continue;
            }
        };
        outcome.findings.extend(remarks(modelled, &fit));
        let own = task.fitting.remarks(modelled, &fit, frame)?;
        outcome.findings.extend(own);
        let terms = (task.record)(&mut recorder, modelled, &fit);
        let rows = rows_used(models, modelled, frame, &fit, inputs.label)?;
        outcome.rows.push(rows);
        outcome.models.push(ModelUse {
            stats: StatId::from_parts([inputs.label, &modelled.name]),
            method: format!("{}, {}", task.fitting.method(), task.look.intervals),
            formula: models.formula(modelled),
        });
        shown.push(Shown {
            outcome: modelled,
            fit: Box::new(fit),
            terms,
        });
    }
    if outcome.has_errors() {
        return Ok(errors_of(outcome));
    }
    if task.layout.shown {
        let method = task.fitting.method();
        let table = table(models, task.layout, &task.look, &method, &shown)?;
        outcome.artefact = Some(Artefact::Table(table));
    }
    outcome.statistics = recorder.finish();
    Ok(outcome)
}

/// Nothing but the errors of an outcome.
pub(in crate::analysis) fn errors_of(mut outcome: Outcome) -> Outcome {
    outcome.findings.retain(|f| f.severity == Severity::Error);
    Outcome {
        findings: outcome.findings,
        ..Outcome::default()
    }
}

/// What to know of a fit before its numbers are read.
fn remarks(modelled: &Modelled, fit: &dyn Fitted) -> Vec<Finding> {
    let mut remarks = Vec::new();
    let mut remark = |code: &str, message: String, help: &str| {
        let finding = Finding::warning(code, message).help(help);
        remarks.push(Finding {
            key: modelled.key.clone(),
            ..finding
        });
    };
    if fit.singular() {
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
pub(in crate::analysis) fn rows_used(
    models: &Models,
    modelled: &Modelled,
    frame: &Frame,
    fit: &dyn Fitted,
    label: &str,
) -> Result<RowUse, Finding> {
    let mut left_out: Vec<(String, Vec<usize>)> = Vec::new();
    let mut open = fit.frame().omitted.clone();
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
    Ok(row_use(stats, frame, &fit.frame().rows, left_out))
}
