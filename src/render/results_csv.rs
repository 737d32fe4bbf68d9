//! `results.csv`: the analysis results data, flat, with the column names of R's cards.

use crate::statistic::{ResultSet, Statistic};

/// The file's bytes: UTF-8, comma-separated, a header line, lines ending with a line feed. There are as many pairs of
/// group columns as the deepest statistic needs, at least one. A missing value is an empty field.
pub fn results_csv(results: &ResultSet) -> Vec<u8> {
    let depth = results
        .iter()
        .map(|s| s.key.groups.len() + s.about.len())
        .max()
        .unwrap_or(0)
        .max(1);
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail.
    let _ = writer.write_record(header(depth));
    for statistic in results {
        let _ = writer.write_record(record(statistic, depth));
    }
    writer.into_inner().unwrap_or_default()
}

fn header(depth: usize) -> Vec<String> {
    let groups = (1..=depth).flat_map(|i| [format!("group{i}"), format!("group{i}_level")]);
    let after = [
        "variable",
        "variable_level",
        "context",
        "stat_name",
        "stat",
        "population",
        "id",
        "warning",
    ];
    groups.chain(after.map(str::to_owned)).collect()
}

fn record(statistic: &Statistic, depth: usize) -> Vec<String> {
    let key = &statistic.key;
    let mut fields: Vec<String> = key
        .groups
        .iter()
        .chain(&statistic.about)
        .flat_map(|g| [g.variable.clone(), g.level.clone()])
        .collect();
    fields.resize(2 * depth, String::new());
    fields.extend([
        key.variable.clone().unwrap_or_default(),
        key.level.clone().unwrap_or_default(),
        statistic.context.clone(),
        key.stat.clone(),
        statistic.value.map(|v| v.to_string()).unwrap_or_default(),
        statistic.population.clone().unwrap_or_default(),
        statistic.id().to_string(),
        statistic.warnings.join("; "),
    ]);
    fields
}
