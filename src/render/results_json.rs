//! `results.json`: the analysis results data, schema `trialbook-results/1`.

use serde::Serialize;

use crate::statistic::{Group, ResultSet, StatId, Statistic};

#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    report: &'a str,
    statistics: Vec<StatisticRecord<'a>>,
}

/// A statistic as `results.json` has it.
#[derive(Debug, Serialize)]
pub struct StatisticRecord<'a> {
    id: StatId,
    label: &'a str,
    context: &'a str,
    population: Option<&'a str>,
    groups: Vec<&'a Group>,
    variable: Option<&'a str>,
    level: Option<&'a str>,
    stat: &'a str,
    value: Option<f64>,
    warnings: &'a [String],
}

impl<'a> StatisticRecord<'a> {
    /// The record of a statistic.
    pub fn new(statistic: &'a Statistic) -> Self {
        let key = &statistic.key;
        Self {
            id: statistic.id(),
            label: &key.label,
            context: &statistic.context,
            population: statistic.population.as_deref(),
            groups: key.groups.iter().chain(&statistic.about).collect(),
            variable: key.variable.as_deref(),
            level: key.level.as_deref(),
            stat: &key.stat,
            value: statistic.value,
            warnings: &statistic.warnings,
        }
    }
}

/// The file's bytes: UTF-8, indented, ending with a line break. Numbers have as many digits as give the same `f64`
/// again.
pub fn results_json(report: &str, results: &ResultSet) -> Vec<u8> {
    let file = File {
        schema: "trialbook-results/1",
        report,
        statistics: results.iter().map(StatisticRecord::new).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
