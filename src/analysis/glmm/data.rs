//! From a frame to the columns of a generalised mixed model.

use super::{Family, GlmmFits};
use crate::analysis::Finding;
use crate::analysis::modelled::{Modelled, refusal};
use crate::dataset::Frame;
use crate::stats::model_data::{ModelColumn, ModelData};

/// Stands for the logarithm of the exposure; no column has such a name.
pub(super) const LOG_EXPOSURE: &str = "\u{1}log exposure";

/// The columns of an outcome's model: the outcome as 0 and 1, as a share of trials, or as counts.
pub(super) fn model_data(
    fits: &GlmmFits,
    modelled: &Modelled,
    frame: &Frame,
) -> Result<ModelData, Finding> {
    let mut data = fits.models.data(modelled, frame)?;
    let insert = |data: &mut ModelData, name: &str, values: Vec<Option<f64>>| {
        data.insert(name, ModelColumn::Numeric(values))
            .map_err(|e| refusal(&[e], "the model can't be fitted"))
    };
    let outcome = outcome(fits, modelled, frame, &data)?;
    insert(&mut data, &modelled.name, outcome)?;
    if let Some(name) = &fits.exposure {
        let logs = log_exposure(name, &data, frame)?;
        insert(&mut data, LOG_EXPOSURE, logs)?;
    }
    Ok(data)
}

fn numbers<'a>(data: &'a ModelData, name: &str) -> &'a [Option<f64>] {
    match data.column(name) {
        Some(ModelColumn::Numeric(values)) => values,
        _ => &[],
    }
}

/// The number of a row in the dataset.
fn row_number(frame: &Frame, row: usize) -> u64 {
    frame.rows.get(row).copied().unwrap_or_default()
}

fn outcome(
    fits: &GlmmFits,
    modelled: &Modelled,
    frame: &Frame,
    data: &ModelData,
) -> Result<Vec<Option<f64>>, Finding> {
    let name = &modelled.name;
    let own = fits.events.iter().find(|(column, _)| column == name);
    if let (Some((_, event)), Some(ModelColumn::Factor { levels, codes })) =
        (own, data.column(name))
    {
        let event = levels.iter().position(|level| level == event);
        let is_event = |code: &Option<usize>| code.map(|c| f64::from(u8::from(Some(c) == event)));
        return Ok(codes.iter().map(is_event).collect());
    }
    let values = numbers(data, name);
    if let Some(trials) = &fits.trials {
        let shares = shares(name, values, (trials, numbers(data, trials)), frame);
        return shares.map_err(|f| keyed(f, modelled));
    }
    let (admits, wanted): (fn(f64) -> bool, _) = match fits.family {
        Family::Binomial => (is_binary, "neither 0 nor 1"),
        Family::Poisson => (is_count, "no count"),
    };
    for (row, value) in values.iter().enumerate() {
        if let Some(value) = value.filter(|v| !admits(*v)) {
            let number = row_number(frame, row);
            let message = format!("`{name}` is {value} in row {number}, which is {wanted}");
            let mut finding = Finding::error("impossible-outcome", message);
            if fits.family == Family::Binomial {
                finding =
                    finding.help("derive a column with 0 and 1, or name the column of `trials`");
            }
            return Err(keyed(finding, modelled));
        }
    }
    Ok(values.to_vec())
}

fn keyed(finding: Finding, modelled: &Modelled) -> Finding {
    Finding {
        key: modelled.key.clone(),
        ..finding
    }
}

fn is_binary(value: f64) -> bool {
    value.to_bits() == 0 || value.total_cmp(&-0.0).is_eq() || value.total_cmp(&1.0).is_eq()
}

fn is_count(value: f64) -> bool {
    (0.0..1e15).contains(&value) && value.fract().abs() < f64::EPSILON
}

/// Events as a share of trials; a row without trials has none.
fn shares(
    name: &str,
    events: &[Option<f64>],
    (column, trials): (&str, &[Option<f64>]),
    frame: &Frame,
) -> Result<Vec<Option<f64>>, Finding> {
    let mut shares = Vec::with_capacity(events.len());
    for (row, (&events, &trials)) in events.iter().zip(trials).enumerate() {
        let (Some(events), Some(trials)) = (events, trials) else {
            shares.push(None);
            continue;
        };
        if !(is_count(events) && is_count(trials) && events <= trials) {
            let number = row_number(frame, row);
            let message = format!(
                "row {number} has {events} events (`{name}`) in {trials} trials (`{column}`)"
            );
            let help =
                "with `trials` the outcome is the number of events, from 0 to the number of trials";
            return Err(Finding::error("impossible-outcome", message).help(help));
        }
        shares.push(Some(if trials > 0.0 { events / trials } else { 0.0 }));
    }
    Ok(shares)
}

fn log_exposure(name: &str, data: &ModelData, frame: &Frame) -> Result<Vec<Option<f64>>, Finding> {
    let values = numbers(data, name);
    let wrong = |value: &Option<f64>| value.is_some_and(|v| !(v > 0.0 && v.is_finite()));
    if let Some(row) = values.iter().position(wrong) {
        let value = values.get(row).copied().flatten().unwrap_or_default();
        let message = format!(
            "the exposure `{name}` is {value} in row {}; it must be positive",
            row_number(frame, row)
        );
        let finding = Finding::error("no-exposure", message)
            .help("leave rows without exposure out with a `population`");
        return Err(finding.at(["exposure".into()]));
    }
    Ok(values.iter().map(|v| v.map(f64::ln)).collect())
}
