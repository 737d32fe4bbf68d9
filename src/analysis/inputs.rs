//! What a step reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::dataset::{DatasetId, Frame};

/// Rows that a step needs, named so fully that the same name always means the same rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "input")]
pub enum InputSpec {
    /// A population of a dataset with derived columns.
    Frame {
        /// The dataset.
        dataset: DatasetId,
        /// The SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// The population's name; none for all rows.
        population: Option<String>,
        /// The population's condition in SQL; none for all rows.
        condition: Option<String>,
        /// Derived columns that are needed, each after those it uses, with their SQL expressions.
        derive: Vec<(String, String)>,
        /// The columns.
        columns: Vec<String>,
    },
    /// The answer to a query.
    Query {
        /// The dataset.
        dataset: DatasetId,
        /// The SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// One SELECT in polars SQL.
        sql: String,
    },
}

impl InputSpec {
    /// The dataset that it reads.
    pub fn dataset(&self) -> &DatasetId {
        match self {
            Self::Frame { dataset, .. } | Self::Query { dataset, .. } => dataset,
        }
    }

    /// The name of the population; none for all rows and for queries.
    pub fn population(&self) -> Option<&str> {
        match self {
            Self::Frame { population, .. } => population.as_deref(),
            Self::Query { .. } => None,
        }
    }
}

/// What a step is given when it runs.
#[derive(Debug, Clone)]
pub struct Inputs<'a> {
    /// The label of the directive, first part of its statistics' ids.
    pub label: &'a str,
    /// The name of the population, for the record; none for all rows.
    pub population: Option<&'a str>,
    /// The step's own seed, derived from the report's seed and the label.
    pub seed: u64,
    /// The rows, in the order of the step's input specs.
    pub frames: Vec<Arc<Frame>>,
    /// The outcomes of the steps that it named as upstream.
    pub upstream: BTreeMap<String, Arc<Outcome>>,
}

impl Inputs<'_> {
    /// The rows of the i-th input.
    pub fn frame(&self, i: usize) -> Option<&Frame> {
        self.frames.get(i).map(Arc::as_ref)
    }
}
