//! Traces as text for people.

use std::fmt::Write as _;

use super::{InputTrace, Material, Reads, RowTrace, StepTrace, Trace};
use crate::analysis::RowSet;
use crate::document::{Showing, showings};
use crate::statistic::StatId;
use crate::style::StyleRule;
use crate::style::number::full;

/// Where the words of a line begin.
const INDENT: usize = 13;
/// How many ranges of rows are shown; JSON has all of them.
const RANGES: usize = 8;

/// Named lines, aligned.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A line; of a text with several, the others stand below the first.
    fn add(&mut self, name: &str, text: &str) {
        let mut name = name;
        for line in text.lines() {
            let line = format!("{name:INDENT$}{line}");
            self.0.push_str(line.trim_end());
            self.0.push('\n');
            name = "";
        }
    }

    /// Lines of one name.
    fn all(&mut self, name: &str, texts: &[String]) {
        self.add(name, &texts.join("\n"));
    }
}

/// A whole trace, ending with a line break.
pub fn text(trace: &Trace) -> String {
    let mut lines = Lines::default();
    let statistic = &trace.statistic;
    let _ = write!(lines.0, "{}\n\n", trace.id());
    let value = statistic.value.map_or_else(|| "none".to_owned(), full);
    lines.add("value", &value);
    lines.all("warning", &statistic.warnings);
    lines.all("remark", &trace.remarks);
    lines.add("kind", &kind(trace));
    shown(&mut lines, &trace.shown);
    for rows in &trace.rows {
        lines.all("rows", &row_lines(rows));
    }
    if trace.rows.is_empty() {
        lines.add("rows", "none: the number is not computed from rows of data");
    }
    if let Some(model) = &trace.model {
        lines.add("model", &format!("{}\n{}", model.formula, model.method));
    }
    for (i, step) in trace.steps.iter().enumerate() {
        lines.0.push('\n');
        step_lines(&mut lines, step, i == 0);
    }
    lines.0.push('\n');
    let source = format!("{}\nsource {}", trace.version, trace.source_digest);
    lines.add("trialbook", &source);
    lines.0
}

fn kind(trace: &Trace) -> String {
    let statistic = &trace.statistic;
    let mut words = format!("{} ({})", statistic.key.stat, statistic.context);
    if let Some(variable) = &statistic.key.variable {
        let _ = write!(words, " of {variable}");
    }
    if let Some(level) = &statistic.key.level {
        let _ = write!(words, ", {level}");
    }
    for group in statistic.key.groups.iter().chain(&statistic.about) {
        let _ = write!(words, ", {} = {}", group.variable, group.level);
    }
    words
}

fn shown(lines: &mut Lines, shown: &[Showing]) {
    if shown.is_empty() {
        lines.add("shown", "nowhere");
    }
    let places: Vec<String> = shown.iter().map(one_shown).collect();
    lines.all("shown", &places);
    let mut rules: Vec<&StyleRule> = Vec::new();
    for printing in shown.iter().filter_map(|s| s.printing.as_ref()) {
        if !rules.contains(&&printing.rule) {
            rules.push(&printing.rule);
        }
    }
    for rule in rules {
        lines.all("printed by", &rule_lines(rule));
    }
}

fn one_shown(showing: &Showing) -> String {
    match &showing.printing {
        Some(printing) => format!("“{}” in {}", printing.text, showing.place),
        None => format!("drawn in {}", showing.place),
    }
}

fn rule_lines(rule: &StyleRule) -> Vec<String> {
    let mut lines = vec![format!("{} of the style {}", rule.form, rule.style)];
    for used in &rule.patterns {
        lines.push(format!("  {} = \"{}\"", used.key, used.pattern));
    }
    for used in &rule.decimals {
        let plural = if used.decimals == 1 { "" } else { "s" };
        lines.push(format!(
            "  {}: {} decimal{plural} ({})",
            used.of.join(", "),
            used.decimals,
            used.rule
        ));
    }
    lines
}

fn row_lines(rows: &RowTrace) -> Vec<String> {
    let mut lines = Vec::with_capacity(rows.left_out.len() + 1);
    if rows.queried {
        lines.push(format!(
            "{} of {} given to the query, whose SQL says which of them count",
            rows.used.len(),
            rows.dataset
        ));
        return lines;
    }
    let used = rows.used.len();
    lines.push(format!(
        "{used} of {} used{}",
        rows.dataset,
        ranges(&rows.used)
    ));
    for left_out in &rows.left_out {
        lines.push(format!(
            "{} left out, {}{}",
            left_out.rows.len(),
            left_out.reason,
            ranges(&left_out.rows)
        ));
    }
    lines
}

/// The first rows of a set as `: 1-4, 6, …`.
fn ranges(rows: &RowSet) -> String {
    let mut words: Vec<String> = rows
        .0
        .iter()
        .take(RANGES)
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        })
        .collect();
    if words.is_empty() {
        return String::new();
    }
    if rows.0.len() > RANGES {
        words.push("…".to_owned());
    }
    format!(": {}", words.join(", "))
}

fn step_lines(lines: &mut Lines, step: &StepTrace, own: bool) {
    let name = if own { "step" } else { "builds on" };
    let directive = format!("{} (method {})", step.directive, step.method);
    let place = format!("{}:{}", step.file, step.line);
    lines.add(name, &format!("{}, {directive}\n{place}", step.label));
    for input in &step.inputs {
        input_lines(lines, input);
    }
    if !step.builds_on.is_empty() {
        lines.add("upstream", &step.builds_on.join(", "));
    }
    let seed = if step.random {
        step.seed.to_string()
    } else {
        format!(
            "{}, not used: the method draws no random numbers",
            step.seed
        )
    };
    lines.add("seed", &seed);
    lines.add("fingerprint", step.fingerprint.as_str());
    if own {
        let parts: Vec<String> = step
            .components
            .iter()
            .map(|c| format!("{}: {}", c.name, short(&c.value)))
            .collect();
        lines.all("  made of", &parts);
    }
}

fn input_lines(lines: &mut Lines, input: &InputTrace) {
    let file = &input.file;
    let mut data = vec![
        format!("{}, {}, {} rows", input.dataset, input.title, input.rows),
        format!("{}, {} bytes", file.path, file.bytes),
        format!("sha256 {}", file.sha256),
    ];
    if let Some(codebook) = &input.codebook {
        data.push(format!("codebook {}", codebook.path));
        data.push(format!("sha256 {}", codebook.sha256));
    }
    lines.all("data", &data);
    match &input.reads {
        Reads::Rows {
            population,
            condition,
            derived,
            columns,
        } => {
            let whom = match (population, condition) {
                (Some(name), Some(condition)) => format!("{name}: {condition}"),
                (Some(name), None) => name.clone(),
                (None, _) => "all rows".to_owned(),
            };
            lines.add("population", &whom);
            let derived = derived.iter().map(|(name, sql)| format!("{name} = {sql}"));
            lines.all("derived", &derived.collect::<Vec<_>>());
            lines.add("columns", &columns.join(", "));
        }
        Reads::Query { sql } => lines.add("query", sql),
    }
}

/// A long value's beginning, on one line.
fn short(value: &str) -> String {
    const SHOWN: usize = 64;
    let line = value.replace(['\n', '\r'], " ");
    if line.chars().count() <= SHOWN {
        return line;
    }
    let mut short: String = line.chars().take(SHOWN).collect();
    short.push('…');
    short
}

/// Statistics, each with its value and where it is shown.
pub fn list_text(material: &Material<'_>, ids: &[StatId]) -> String {
    let all = showings(material.document);
    let mut out = String::new();
    for id in ids {
        let value = material.results.value(id);
        let value = value.map_or_else(|| "none".to_owned(), full);
        let _ = writeln!(out, "{id} = {value}");
        for showing in all.iter().filter(|s| s.stats.contains(id)) {
            let _ = writeln!(out, "  {}", one_shown(showing));
        }
    }
    out
}
