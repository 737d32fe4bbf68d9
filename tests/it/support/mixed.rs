//! The data and fits of the `mixed_*` cases.

use super::expected::{Data, Expected};
use super::models::factor;
use trialbook::stats::formula::Formula;
use trialbook::stats::mixed::{DfMethod, Estimation, MixedFit, MixedOptions};
use trialbook::stats::model_data::{ModelColumn, ModelData};
use trialbook::stats::model_error::ModelError;

/// The data set of that name; the case says which columns are factors, with their levels, under `levels`.
pub fn reference_data(expected: &Expected, name: &str) -> ModelData {
    let file = Data::load(&format!("mixed_{name}"));
    let factors = expected.keys(&format!("levels.{name}"));
    let mut data: Option<ModelData> = None;
    for column in file.names() {
        let values = if factors.contains(&column) {
            let levels = expected.strings(&format!("levels.{name}.{column}"));
            let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
            let texts = file.texts(&column);
            let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            factor(&levels, &texts)
        } else {
            ModelColumn::Numeric(file.numbers(&column))
        };
        let data = data.get_or_insert_with(|| ModelData::new(values.len()));
        data.insert(column, values).unwrap();
    }
    data.unwrap()
}

/// The fit that a table of the case describes.
pub fn reference_fit(expected: &Expected, key: &str, df: DfMethod) -> MixedFit {
    let text = |name: &str| expected.strings(&format!("{key}.{name}")).remove(0);
    let weights = text("weights");
    let options = MixedOptions {
        estimation: estimation(expected, key),
        df,
        weights: (!weights.is_empty()).then_some(weights),
        ..MixedOptions::default()
    };
    let data = reference_data(expected, &text("data"));
    MixedFit::new(&Formula::parse(&text("formula")).unwrap(), &data, &options).unwrap()
}

/// REML or ML, as a table of the case says.
pub fn estimation(expected: &Expected, key: &str) -> Estimation {
    if expected.flag(&format!("{key}.reml")) {
        Estimation::Reml
    } else {
        Estimation::Ml
    }
}

/// A fit with the default options.
pub fn try_fit(formula: &str, data: &ModelData) -> Result<MixedFit, Vec<ModelError>> {
    let formula = Formula::parse(formula).unwrap();
    MixedFit::new(&formula, data, &MixedOptions::default())
}

/// A fit with the default options that has to succeed.
pub fn fit(formula: &str, data: &ModelData) -> MixedFit {
    try_fit(formula, data).unwrap()
}
