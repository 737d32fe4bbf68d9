//! The same model of one or more outcomes: what it is made of, and the words for its parts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{model_column, reference_first, refusal};
use crate::analysis::column::column;
use crate::analysis::{Arms, Finding};
use crate::dataset::{ColumnData, Field, Frame, Level};
use crate::reader::KeyPath;
use crate::stats::design::{CoefficientName, NamePart};
use crate::stats::model_data::{ModelColumn, ModelData};

/// What is maximised, and the weights of the rows, in words.
pub(in crate::analysis) fn criterion_words(reml: bool, weights: Option<&str>) -> String {
    let criterion = if reml {
        "restricted maximum likelihood"
    } else {
        "maximum likelihood"
    };
    match weights {
        Some(column) => format!("{criterion} weighted by {column}"),
        None => criterion.to_owned(),
    }
}

/// The same model of one or more outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::analysis) struct Models {
    /// What stands right of the tilde.
    pub right: String,
    pub outcomes: Vec<Modelled>,
    /// The heads of groups of outcomes.
    pub groups: Vec<String>,
    /// The columns of the right-hand side, described.
    pub fields: Vec<Field>,
    /// The arms, where the formula names their column: their order and reference.
    pub arms: Option<Arms>,
    /// Columns whose reference the author says, with their levels, the reference first.
    pub levels: Vec<(String, Vec<Level>)>,
    /// Columns that the fit needs beside those of the formula, such as weights.
    pub beside: Vec<String>,
    pub conf_level: f64,
    pub digits: Option<u8>,
    pub labels: Vec<(String, String)>,
}

/// An outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::analysis) struct Modelled {
    /// What stands left of the tilde; also the variable of its statistics.
    pub name: String,
    /// The outcome as the formula writes it.
    pub left: String,
    /// The columns that it is made of.
    pub columns: Vec<String>,
    pub title: String,
    pub decimals: Option<u8>,
    /// Which of the groups it is in.
    pub group: Option<usize>,
    /// The path of keys to its name.
    pub key: KeyPath,
}

impl Models {
    /// The formula of an outcome.
    pub fn formula(&self, outcome: &Modelled) -> String {
        format!("{} ~ {}", outcome.left, self.right)
    }

    /// The columns of all outcomes' models.
    pub fn all_columns(&self) -> Vec<String> {
        let each = |outcome| self.columns(outcome).into_iter().map(str::to_owned);
        self.outcomes.iter().flat_map(each).collect()
    }

    /// The columns of an outcome's model, each once: of the outcome, of the right-hand side, and those beside.
    pub fn columns<'a>(&'a self, outcome: &'a Modelled) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        let all = outcome
            .columns
            .iter()
            .chain(self.fields.iter().map(|f| &f.name))
            .chain(&self.beside);
        for name in all {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// The columns of an outcome's model with their values.
    pub fn data(&self, outcome: &Modelled, frame: &Frame) -> Result<ModelData, Finding> {
        let mut data = ModelData::new(frame.height());
        for name in self.columns(outcome) {
            let found = match &column(frame, name)?.data {
                ColumnData::Text(texts) => factor_of(texts),
                ColumnData::Date(days) => {
                    let days = days.iter().map(|day| day.map(f64::from)).collect();
                    ModelColumn::Numeric(days)
                }
                _ => {
                    let arms = self.arms.as_ref().filter(|a| a.variable == name);
                    let own = self.levels.iter().find(|(column, _)| column == name);
                    let levels = arms
                        .map(reference_first)
                        .or_else(|| own.map(|(_, l)| l.clone()));
                    model_column(frame, name, levels)?
                }
            };
            data.insert(name, found)
                .map_err(|e| refusal(&[e], "the model can't be fitted"))?;
        }
        Ok(data)
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

    /// What is printed for a coefficient: levels alone, as columns of numbers by their names.
    pub fn words(&self, parts: &[NamePart]) -> String {
        let written = CoefficientName {
            parts: parts.to_vec(),
        };
        if let Some(words) = self.labelled(&written.to_string()) {
            return words.to_owned();
        }
        if parts.is_empty() {
            return "Intercept".to_owned();
        }
        let word = |part: &NamePart| match &part.level {
            Some(level) => self.level_words(&part.variable, level),
            None => self.column_words(&part.variable),
        };
        let words: Vec<String> = parts.iter().map(word).collect();
        words.join(" × ")
    }
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
