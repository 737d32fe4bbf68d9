//! Means and contrasts, and writing them down.

use super::response::undo_link;
use super::table::{Item, Shown, table};
use super::{Adjust, Contrasts, Fits, Spec, Value, Weights};
use crate::analysis::column::some_rows;
use crate::analysis::modelled::{Fitted, Fitting, Modelled, errors_of, no_df, refusal, rows_used};
use crate::analysis::{Finding, Inputs, ModelUse, Number, Outcome, Recorder};
use crate::artefact::Artefact;
use crate::reader::KeyPath;
use crate::statistic::StatId;
use crate::stats::adjust::Adjustment;
use crate::stats::contrast::{AdjustedContrast, ContrastKind, ContrastName};
use crate::stats::design::{CoefficientName, NamePart};
use crate::stats::linear::{
    AtValues, Estimate, GridValue, MarginalMean, MeanContrast, MeanFamily, MeanWeights,
    MeansAdjustment, MeansRequest,
};
use crate::stats::model_error::ModelError;

/// A column with its value, for each of several columns.
type Cell = [(String, GridValue)];

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    match &spec.fits {
        Fits::Lmm(fits) => run_of(spec, fits, inputs),
        Fits::Mmrm(fits) => run_of(spec, fits, inputs),
        Fits::Glmm(fits) => run_of(spec, fits, inputs),
    }
}

fn run_of<F: Fitting>(spec: &Spec, fits: &F, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let mut outcome = Outcome::default();
    let mut shown = Vec::new();
    for modelled in &fits.models().outcomes {
        let here = |finding: Finding| Finding {
            key: KeyPath(vec!["from".into()]),
            ..finding
        };
        let families = fits
            .fit(modelled, frame)
            .map_err(here)
            .and_then(|fit| Ok((families(spec, &fit)?, fit)));
        let (mut families, fit) = match families {
            Ok(found) => found,
            Err(finding) => {
                outcome.findings.push(finding);
                continue;
            }
        };
        if let Some(family) = spec.undone() {
            undo_link(&mut families, family);
        }
        let rows = rows_used(fits.models(), modelled, frame, &fit, inputs.label)?;
        outcome.rows.push(rows);
        outcome.models.push(ModelUse {
            stats: StatId::from_parts([inputs.label, &modelled.name]),
            method: format!("marginal means of a {}", fits.method()),
            formula: fits.models().formula(modelled),
        });
        for family in &families {
            let items = record(&mut recorder, spec, modelled, family);
            let by = family.means.first().map(|m| m.by.as_slice());
            shown.push(Shown {
                outcome: modelled,
                by: by.map(|by| by_words(spec, by)).unwrap_or_default(),
                items,
            });
        }
    }
    if outcome.has_errors() {
        return Ok(errors_of(outcome));
    }
    if spec.shown {
        outcome.artefact = Some(Artefact::Table(table(spec, &shown)?));
    }
    outcome.statistics = recorder.finish();
    Ok(outcome)
}

fn families(spec: &Spec, fit: &dyn Fitted) -> Result<Vec<MeanFamily>, Finding> {
    let value = |value: &Value| match value {
        Value::Level(level) => GridValue::Level(level.clone()),
        Value::Number(number) => GridValue::Number(*number),
    };
    let request = MeansRequest {
        of: spec.of.clone(),
        by: spec.by.clone(),
        at: spec
            .at
            .iter()
            .map(|(column, values)| AtValues {
                column: column.clone(),
                values: values.iter().map(value).collect(),
            })
            .collect(),
        weights: match spec.weights {
            Weights::Equal => MeanWeights::Equal,
            Weights::Proportional => MeanWeights::Proportional,
            Weights::Cells => MeanWeights::Cells,
        },
    };
    let refused = |error: ModelError| refusal(&[error], "these means can't be had");
    let means = fit.marginal_means(&request).map_err(refused)?;
    let Some(contrasts) = &spec.contrasts else {
        let families = means.chunk_by(|a, b| a.by == b.by);
        let family = |means: &[MarginalMean]| MeanFamily {
            means: means.to_vec(),
            contrasts: Vec::new(),
            interval: None,
        };
        return Ok(families.map(family).collect());
    };
    let first: Vec<&MarginalMean> = means
        .iter()
        .take_while(|m| means.first().is_some_and(|f| f.by == m.by))
        .collect();
    let kind = contrast_kind(contrasts, &first)?;
    let refused = |error: ModelError| {
        refusal(&[error], "these contrasts can't be had").at(["contrasts".into()])
    };
    fit.mean_contrasts(&request, &kind, method(spec.adjust))
        .map_err(refused)
}

fn contrast_kind(contrasts: &Contrasts, means: &[&MarginalMean]) -> Result<ContrastKind, Finding> {
    Ok(match contrasts {
        Contrasts::Pairwise => ContrastKind::Pairwise,
        Contrasts::ReversePairwise => ContrastKind::ReversePairwise,
        Contrasts::Reference(None) => ContrastKind::Against(0),
        Contrasts::Reference(Some(level)) => {
            let is = |m: &&MarginalMean| {
                m.of.first()
                    .is_some_and(|(_, v)| *v == GridValue::Level(level.clone()))
            };
            let Some(place) = means.iter().position(is) else {
                let message = format!("there is no mean of the level `{level}`");
                return Err(Finding::error("unknown-level", message).at(["reference".into()]));
            };
            ContrastKind::Against(place)
        }
        Contrasts::Consecutive => ContrastKind::Consecutive,
        Contrasts::Average => ContrastKind::FromAverage,
        Contrasts::Others => ContrastKind::FromOthers,
        Contrasts::Polynomial(degree) => {
            let most = means.len().saturating_sub(1).min(6);
            ContrastKind::Polynomial(degree.unwrap_or(most))
        }
        Contrasts::Custom(own) => ContrastKind::Custom(own.clone()),
    })
}

fn method(adjust: Adjust) -> MeansAdjustment {
    let of_p = MeansAdjustment::PValues;
    match adjust {
        Adjust::None => of_p(Adjustment::None),
        Adjust::Tukey => MeansAdjustment::Tukey,
        Adjust::Scheffe => MeansAdjustment::Scheffe,
        Adjust::Mvt => MeansAdjustment::SingleStep,
        Adjust::Sidak => of_p(Adjustment::Sidak),
        Adjust::Holm => of_p(Adjustment::Holm),
        Adjust::Hochberg => of_p(Adjustment::Hochberg),
        Adjust::Hommel => of_p(Adjustment::Hommel),
        Adjust::Bonferroni => of_p(Adjustment::Bonferroni),
        Adjust::Bh => of_p(Adjustment::BenjaminiHochberg),
        Adjust::By => of_p(Adjustment::BenjaminiYekutieli),
    }
}

/// Writes down a family; gives what a table shows of it: its contrasts, or its means where there are none.
fn record(
    recorder: &mut Recorder,
    spec: &Spec,
    modelled: &Modelled,
    family: &MeanFamily,
) -> Vec<Item> {
    let mut items = Vec::new();
    for mean in &family.means {
        let level = cell_name(&mean.of);
        let mut subject = subject(
            recorder,
            &context(spec, "emmeans"),
            modelled,
            &level,
            &mean.by,
        );
        let number = |pick| picked(&mean.estimate, pick);
        let estimate = subject.add("estimate", number(|e| e.estimate));
        subject.add("std.error", number(|e| e.std_error));
        subject.add("df", df(&mean.estimate));
        let low = subject.add("conf.low", number(|e| e.conf_low));
        let high = subject.add("conf.high", number(|e| e.conf_high));
        if family.contrasts.is_empty() && spec.contrasts.is_none() {
            items.push(Item {
                words: cell_words(spec, &mean.of),
                name: level,
                estimate: mean.estimate.is_ok().then_some([estimate, low, high]),
                p: None,
            });
        }
    }
    for contrast in &family.contrasts {
        items.push(record_contrast(recorder, spec, modelled, family, contrast));
    }
    items
}

fn record_contrast(
    recorder: &mut Recorder,
    spec: &Spec,
    modelled: &Modelled,
    family: &MeanFamily,
    contrast: &MeanContrast,
) -> Item {
    let kind = if spec.undone().is_some() {
        "emmeans: ratio"
    } else {
        "emmeans: contrast"
    };
    let context = match spec.adjust {
        Adjust::None => kind.to_owned(),
        adjust => format!("{kind}, {}", adjust.words(spec.contrasts.as_ref())),
    };
    let (minus, minus_words) = match spec.undone() {
        Some(_) => (" / ", " / "),
        None => (" - ", " \u{2212} "),
    };
    let level = contrast_name(&contrast.name, &family.means, minus, cell_name);
    let mut subject = subject(recorder, &context, modelled, &level, &contrast.by);
    let number = |pick| picked(&contrast.estimate, pick);
    let adjusted = |pick: fn(&AdjustedContrast) -> f64| match &contrast.adjusted {
        Ok(adjusted) => Number::from(pick(adjusted)),
        Err(error) => Number::Missing(error.to_string()),
    };
    let estimate = subject.add("estimate", number(|e| e.estimate));
    subject.add("std.error", number(|e| e.std_error));
    subject.add("df", df(&contrast.estimate));
    subject.add("statistic", number(|e| e.statistic));
    let mut p = subject.add("p.value", number(|e| e.p_value));
    if spec.adjust != Adjust::None {
        let integrated = contrast.adjusted.as_ref().is_ok_and(|a| a.p_error > 0.0);
        let value = match adjusted(|a| a.p_value) {
            Number::Value(value) if integrated => {
                Number::Noted(value, "by numerical integration".to_owned())
            }
            value => value,
        };
        p = subject.add("p.adjusted", value);
    }
    let low = subject.add("conf.low", adjusted(|a| a.conf_low));
    let high = subject.add("conf.high", adjusted(|a| a.conf_high));
    let exists = contrast.estimate.is_ok() && contrast.adjusted.is_ok();
    let words = |cell: &Cell| cell_words(spec, cell);
    Item {
        name: level,
        words: contrast_name(&contrast.name, &family.means, minus_words, words),
        estimate: exists.then_some([estimate, low, high]),
        p: exists.then_some(p),
    }
}

/// The context of means, which says whether the link is undone.
fn context(spec: &Spec, kind: &str) -> String {
    match spec.undone() {
        Some(family) => format!("{kind}: {}", family.response().to_lowercase()),
        None => kind.to_owned(),
    }
}

fn subject<'r>(
    recorder: &'r mut Recorder,
    context: &str,
    modelled: &Modelled,
    level: &str,
    by: &Cell,
) -> crate::analysis::record::Subject<'r> {
    let mut subject = recorder.of(context, &modelled.name).level(level);
    for (column, value) in by {
        subject = subject.within(column, &value_name(value));
    }
    subject.measured(modelled.decimals)
}

fn picked(estimate: &Result<Estimate, ModelError>, pick: fn(&Estimate) -> f64) -> Number {
    match estimate {
        Ok(estimate) => pick(estimate).into(),
        Err(error) => Number::Missing(error.to_string()),
    }
}

fn df(estimate: &Result<Estimate, ModelError>) -> Number {
    match estimate {
        Ok(estimate) if estimate.df.is_infinite() => no_df(),
        _ => picked(estimate, |e| e.df),
    }
}

fn value_name(value: &GridValue) -> String {
    match value {
        GridValue::Level(level) => level.clone(),
        GridValue::Number(number) => (number + 0.0).to_string(),
    }
}

fn parts(cell: &Cell) -> Vec<NamePart> {
    let part = |(column, value): &(String, GridValue)| NamePart {
        variable: column.clone(),
        level: Some(value_name(value)),
    };
    cell.iter().map(part).collect()
}

/// A cell as ids name it: `Group[1]:Time[2]`.
fn cell_name(cell: &Cell) -> String {
    CoefficientName { parts: parts(cell) }.to_string()
}

fn cell_words(spec: &Spec, cell: &Cell) -> String {
    spec.models().words(&parts(cell))
}

fn by_words(spec: &Spec, by: &Cell) -> String {
    if by.is_empty() {
        return String::new();
    }
    cell_words(spec, by)
}

fn contrast_name(
    name: &ContrastName,
    means: &[MarginalMean],
    minus: &str,
    word: impl Fn(&Cell) -> String,
) -> String {
    let of = |place: usize| means.get(place).map(|m| word(&m.of)).unwrap_or_default();
    match name {
        ContrastName::Difference(left, right) => format!("{}{minus}{}", of(*left), of(*right)),
        ContrastName::FromAverage(place) => format!("{}{minus}average", of(*place)),
        ContrastName::FromOthers(place) => format!("{}{minus}others", of(*place)),
        ContrastName::Trend(1) => "linear".to_owned(),
        ContrastName::Trend(2) => "quadratic".to_owned(),
        ContrastName::Trend(3) => "cubic".to_owned(),
        ContrastName::Trend(4) => "quartic".to_owned(),
        ContrastName::Trend(degree) => format!("degree {degree}"),
        ContrastName::Custom(name) => name.clone(),
    }
}
