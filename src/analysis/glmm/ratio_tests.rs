//! Likelihood-ratio tests of terms: the model against the one without the term.

use super::GlmmFits;
use super::data::model_data;
use crate::analysis::Finding;
use crate::analysis::modelled::{Modelled, parsed};
use crate::dataset::Frame;
use crate::stats::formula::{Formula, Span};
use crate::stats::mixed::{GlmmFit, RatioTest};
use crate::stats::model_data::{ModelColumn, ModelData};

/// A term's label, and its test or why there is none.
pub(super) type TermTest = (String, Result<RatioTest, String>);

/// The test of each term that no other contains, or why there is none.
pub(super) fn ratio_tests(
    fits: &GlmmFits,
    modelled: &Modelled,
    frame: &Frame,
    fit: &GlmmFit,
) -> Result<Vec<TermTest>, Finding> {
    let data = same_rows(model_data(fits, modelled, frame)?, modelled, fit)?;
    let mut tests = Vec::new();
    for (place, term) in fit.formula.terms.iter().enumerate() {
        let within = |other: &crate::stats::formula::Term| {
            other.variables.len() > term.variables.len()
                && term.variables.iter().all(|v| other.variables.contains(v))
        };
        if fit.formula.terms.iter().any(within) {
            continue;
        }
        let smaller = parsed(&without(&modelled.left, &fit.formula, place), &modelled.key)?;
        let test = GlmmFit::new(&smaller, &data, &fit.options)
            .map_err(|errors| {
                errors
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; ")
            })
            .and_then(|smaller| smaller.likelihood_ratio(fit).map_err(|e| e.to_string()));
        tests.push((fit.formula.term_label(term), test));
    }
    Ok(tests)
}

/// The data with the outcome unknown in the rows that the larger model leaves out: a term that is dropped must not bring
/// rows back.
fn same_rows(
    mut data: ModelData,
    modelled: &Modelled,
    fit: &GlmmFit,
) -> Result<ModelData, Finding> {
    let Some(ModelColumn::Numeric(values)) = data.column(&modelled.name) else {
        return Ok(data);
    };
    let mut values = values.clone();
    for &row in &fit.frame.omitted {
        if let Some(value) = values.get_mut(row) {
            *value = None;
        }
    }
    data.insert(&modelled.name, ModelColumn::Numeric(values))
        .map_err(|e| Finding::error("internal", e.to_string()))?;
    Ok(data)
}

/// The formula without one of its terms.
fn without(left: &str, formula: &Formula, place: usize) -> String {
    let mut parts = vec![if formula.intercept { "1" } else { "0" }.to_owned()];
    let labels = formula.term_labels().into_iter().enumerate();
    parts.extend(labels.filter(|(i, _)| *i != place).map(|(_, label)| label));
    let mut bars: Vec<Span> = Vec::new();
    for random in &formula.random {
        if !bars.contains(&random.span) {
            bars.push(random.span);
        }
    }
    let text = |span: &Span| Some(format!("({})", formula.text.get(span.start..span.end)?));
    parts.extend(bars.iter().filter_map(text));
    format!("{left} ~ {}", parts.join(" + "))
}
