//! From a frame to what models are fitted to; and what is common to directives that fit one model to many outcomes.

mod coefficients;
mod components;
mod fitted;
mod keys;
mod levels;
mod models;
mod outcomes;
mod refusal;
mod run;
mod sides;
mod table;

use super::column::{codes, column, numbers};
use super::{Arms, Finding};
use crate::dataset::{ColumnData, Frame, Level};
use crate::stats::formula::Formula;
use crate::stats::model_data::{ModelColumn, ModelData};
use crate::stats::model_error::ModelError;
pub(super) use coefficients::{Limits, TermIds, no_df, record_coefficient, record_f_tests, type3};
pub(super) use components::{record_components, record_groups};
pub(super) use fitted::{Fitted, Fitting};
pub(super) use keys::ModelKeys;
pub(super) use levels::level_place;
pub(super) use models::{Modelled, Models, criterion_words};
pub(super) use refusal::{parsed, refusal, refused_fit};
pub(super) use run::{Task, errors_of, rows_used, run};
pub(super) use sides::Bars;
pub(super) use table::{Layout, Look};

/// The frame's columns of those names as a model's columns. Categories become factors with the codebook's first level
/// as reference; the arm's column has the arms' own order and reference.
pub(super) fn model_data(
    frame: &Frame,
    names: &[String],
    arms: Option<&Arms>,
) -> Result<ModelData, Finding> {
    let mut data = ModelData::new(frame.height());
    for name in names {
        let levels = arms.filter(|a| &a.variable == name).map(reference_first);
        let column = model_column(frame, name, levels)?;
        data.insert(name, column).map_err(|e| refused(&[e]))?;
    }
    Ok(data)
}

/// The arms' levels, the reference first.
pub(super) fn reference_first(arms: &Arms) -> Vec<Level> {
    std::iter::once(arms.reference_level())
        .chain(arms.others().map(|(_, level)| level))
        .cloned()
        .collect()
}

/// A column of a frame as a model's column, with those levels instead of its own if given.
pub(super) fn model_column(
    frame: &Frame,
    name: &str,
    levels: Option<Vec<Level>>,
) -> Result<ModelColumn, Finding> {
    let column = column(frame, name)?;
    match &column.data {
        ColumnData::Number(_) => Ok(ModelColumn::Numeric(numbers(column)?.to_vec())),
        ColumnData::Category(_) | ColumnData::Boolean(_) => {
            let levels = levels.unwrap_or_else(|| column.field.levels.clone());
            Ok(ModelColumn::Factor {
                codes: codes(column, &levels)?,
                levels: levels.into_iter().map(|l| l.value).collect(),
            })
        }
        ColumnData::Text(_) | ColumnData::Date(_) => Err(Finding::error(
            "wrong-kind",
            format!("`{name}` can't enter a model: it holds neither numbers nor categories"),
        )),
    }
}

/// A column's name as a formula writes it.
pub(super) fn in_formula(name: &str) -> String {
    let plain = name
        .chars()
        .all(|c| c.is_alphanumeric() || c == '.' || c == '_')
        && name.chars().next().is_some_and(char::is_alphabetic);
    if plain {
        name.to_owned()
    } else {
        format!("`{name}`")
    }
}

/// The formula of an outcome on those terms, as R writes it.
pub(super) fn formula(outcome: &str, terms: &[String]) -> Result<Formula, Finding> {
    let text = format!("{} ~ {}", in_formula(outcome), terms.join(" + "));
    Formula::parse(&text).map_err(|errors| {
        let why: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Finding::error(
            "formula",
            format!("the model `{text}` can't be written: {}", why.join("; ")),
        )
    })
}

/// What a model's errors say to the author.
pub(super) fn refused(errors: &[ModelError]) -> Finding {
    let why: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Finding::error(
        "model",
        format!("the model can't be fitted: {}", why.join("; ")),
    )
}
