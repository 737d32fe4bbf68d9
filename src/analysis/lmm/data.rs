//! From a frame to the columns of a mixed model, and from names to words.

use std::collections::BTreeSet;

use super::{Modelled, Models};
use crate::analysis::Finding;
use crate::analysis::column::column;
use crate::analysis::modelled::{model_column, reference_first};
use crate::dataset::{ColumnData, Frame};
use crate::stats::design::NamePart;
use crate::stats::model_data::{ModelColumn, ModelData};

/// The columns of an outcome's model.
pub(super) fn model_data(
    models: &Models,
    outcome: &Modelled,
    frame: &Frame,
) -> Result<ModelData, Finding> {
    let mut data = ModelData::new(frame.height());
    for name in models.columns(outcome) {
        let found = match &column(frame, name)?.data {
            ColumnData::Text(texts) => factor_of(texts),
            ColumnData::Date(days) => {
                let days = days.iter().map(|day| day.map(f64::from)).collect();
                ModelColumn::Numeric(days)
            }
            _ => {
                let arms = models.arms.as_ref().filter(|a| a.variable == name);
                let own = models.levels.iter().find(|(column, _)| column == name);
                let levels = arms
                    .map(reference_first)
                    .or_else(|| own.map(|(_, l)| l.clone()));
                model_column(frame, name, levels)?
            }
        };
        data.insert(name, found)
            .map_err(|e| super::refusal(&[e], "the model can't be fitted"))?;
    }
    Ok(data)
}

/// Texts that name groups: a level for each different one, in the order of their bytes.
fn factor_of(texts: &[Option<String>]) -> ModelColumn {
    let names: BTreeSet<&String> = texts.iter().flatten().collect();
    let levels: Vec<String> = names.into_iter().cloned().collect();
    let code = |text: &Option<String>| levels.binary_search(text.as_ref()?).ok();
    ModelColumn::Factor {
        codes: texts.iter().map(code).collect(),
        levels,
    }
}

impl Models {
    /// The columns of an outcome's model, each once: of the outcome, of the right-hand side, and of weights.
    pub fn columns<'a>(&'a self, outcome: &'a Modelled) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        let all = outcome
            .columns
            .iter()
            .chain(self.fields.iter().map(|f| &f.name))
            .chain(&self.weights);
        for name in all {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// The author's words for a name, if there are any.
    pub fn labelled(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(key, _)| key == name);
        found.map(|(_, words)| words.as_str())
    }

    /// What is printed for a column.
    pub fn column_words(&self, column: &str) -> String {
        let title = || Some(&self.fields.iter().find(|f| f.name == column)?.title);
        let own = self.labelled(column).map(str::to_owned);
        own.or_else(|| title().cloned())
            .unwrap_or_else(|| column.to_owned())
    }

    /// What is printed for a level of a column.
    pub fn level_words(&self, column: &str, level: &str) -> String {
        let arms = self.arms.as_ref().filter(|a| a.variable == column);
        let of_arms = arms.and_then(|a| a.levels.iter().find(|l| l.value == level));
        let of_field = || {
            let field = self.fields.iter().find(|f| f.name == column)?;
            field.levels.iter().find(|l| l.value == level)
        };
        of_arms
            .or_else(of_field)
            .map_or_else(|| level.to_owned(), |l| l.label.clone())
    }
}

/// What is printed for a coefficient: levels alone, as columns of numbers by their names.
pub(in super::super) fn words(models: &Models, parts: &[NamePart]) -> String {
    let written = crate::stats::design::CoefficientName {
        parts: parts.to_vec(),
    };
    if let Some(words) = models.labelled(&written.to_string()) {
        return words.to_owned();
    }
    if parts.is_empty() {
        return "Intercept".to_owned();
    }
    let word = |part: &NamePart| match &part.level {
        Some(level) => models.level_words(&part.variable, level),
        None => models.column_words(&part.variable),
    };
    let words: Vec<String> = parts.iter().map(word).collect();
    words.join(" × ")
}
