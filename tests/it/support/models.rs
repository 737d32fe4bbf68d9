//! The data of the `lm_*` cases as models take them.

use super::expected::{Data, Expected};
use trialbook::stats::formula::Formula;
use trialbook::stats::linear::{LinearFit, LinearOptions};
use trialbook::stats::model_data::{ModelColumn, ModelData};

/// A factor from texts.
pub fn factor(levels: &[&str], values: &[Option<&str>]) -> ModelColumn {
    let code = |value: &str| levels.iter().position(|level| *level == value).unwrap();
    ModelColumn::Factor {
        levels: levels.iter().map(|level| (*level).to_owned()).collect(),
        codes: values.iter().map(|value| value.map(code)).collect(),
    }
}

/// Numbers, none missing.
pub fn numeric(values: &[f64]) -> ModelColumn {
    ModelColumn::Numeric(values.iter().copied().map(Some).collect())
}

/// Columns with names.
pub fn data(columns: Vec<(&str, ModelColumn)>) -> ModelData {
    let mut data = ModelData::new(columns[0].1.len());
    for (name, column) in columns {
        data.insert(name, column).unwrap();
    }
    data
}

/// The data set of that name; the case says which columns are factors, with their levels, under `levels`.
pub fn reference_data(expected: &Expected, name: &str) -> ModelData {
    let file = if name == "btheb" {
        name.to_owned()
    } else {
        format!("lm_{name}")
    };
    let file = Data::load(&file);
    let has_factors = expected.keys("levels").iter().any(|other| other == name);
    let factors = if has_factors {
        expected.keys(&format!("levels.{name}"))
    } else {
        Vec::new()
    };
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

/// The fit of a formula with the default options.
pub fn fit(formula: &str, data: &ModelData) -> LinearFit {
    let formula = Formula::parse(formula).unwrap();
    LinearFit::new(&formula, data, &LinearOptions::default()).unwrap()
}

/// A coefficient's name as R writes it.
pub fn r_name(name: &trialbook::stats::design::CoefficientName) -> String {
    if name.parts.is_empty() {
        return name.to_string();
    }
    let part = |part: &trialbook::stats::design::NamePart| {
        format!("{}{}", part.variable, part.level.as_deref().unwrap_or(""))
    };
    name.parts.iter().map(part).collect::<Vec<_>>().join(":")
}
