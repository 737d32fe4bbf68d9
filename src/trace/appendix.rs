//! The appendix of a document that says where its numbers come from.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{InputTrace, Material, Reads, RowTrace, StepTrace};
use crate::analysis::{LeftOut, ModelUse, Outcome};
use crate::document::{Appendix, AppendixStep, AppendixValue, Block, Inline, Place};
use crate::document::{Showing, showings};
use crate::provenance::StepRecord;
use crate::statistic::{ResultSet, StatId};
use crate::style::number::full;

/// How many digits of a digest are printed; the record has all of them.
const DIGITS: usize = 12;

/// The appendix of a document: an entry for each step, and one for each number of its text.
pub fn appendix(material: &Material<'_>) -> Appendix {
    let all = showings(material.document);
    let mut drawn = BTreeSet::new();
    labels(&material.document.summary, &mut drawn);
    labels(&material.document.body, &mut drawn);
    let mut records: Vec<&StepRecord> = material.record.steps.iter().collect();
    records.sort_by_key(|r| r.line);
    let steps = records.into_iter().map(|record| {
        let label = &record.step.label;
        let trace = material.step_trace(record);
        AppendixStep {
            label: label.clone(),
            directive: trace.directive.clone(),
            line: trace.line,
            drawn: drawn.contains(label.as_str()),
            data: data(&trace),
            rows: material
                .outcomes
                .get(label)
                .map_or_else(Vec::new, |o| rows(material, label, o)),
            result: result(material, &trace, &all),
        }
    });
    Appendix {
        about: about(material),
        steps: steps.collect(),
        values: values(material.results, &all),
    }
}

fn about(material: &Material<'_>) -> Vec<Inline> {
    let record = material.record;
    let words = Inline::text;
    let mut about = vec![
        words(
            "Every number in the text, and the caption of every table and figure, links to its entry here, and the \
             entry back to the page. Values are given at full precision, as in ",
        ),
        code("results.json"),
        words(
            ", which is attached to this document together with the record of the build (RO-Crate). Rows are \
               numbered from 1; ",
        ),
        code(&format!("trialbook trace {} ID", record.report)),
        words(" lists those of any number. Made by trialbook "),
        words(&record.version),
        words(" (source "),
        code(short(&record.source_digest)),
        words(")"),
    ];
    if let Some(source) = record.sources.first() {
        about.push(words(" from "));
        about.push(code(&source.path));
        about.push(words(" ("));
        about.push(code(short(&source.sha256)));
        about.push(words(")"));
    }
    about.push(words(". Digests are the first digits of SHA-256."));
    about
}

fn code(text: &str) -> Inline {
    Inline::Code {
        text: text.to_owned(),
    }
}

fn short(digest: &str) -> &str {
    digest.get(..DIGITS).unwrap_or(digest)
}

/// The labels of tables and figures, wherever they stand.
fn labels<'d>(blocks: &'d [Block], found: &mut BTreeSet<&'d str>) {
    for block in blocks {
        match block {
            Block::Results { label, .. } | Block::Figure { label, .. } => {
                found.insert(label);
            }
            Block::Quote { content } => labels(content, found),
            Block::List { items, .. } => items.iter().for_each(|item| labels(item, found)),
            _ => {}
        }
    }
}

/// A line about a step.
type Line = Vec<Inline>;

fn data(step: &StepTrace) -> Vec<Line> {
    let inputs = || step.inputs.iter();
    let mut lines = unique(inputs().map(dataset));
    lines.extend(unique(inputs().filter_map(population)));
    lines.extend(unique(inputs().flat_map(derived)));
    lines.extend(inputs().filter_map(query));
    lines
}

fn result(material: &Material<'_>, step: &StepTrace, all: &[Showing]) -> Vec<Line> {
    let outcome = material.outcomes.get(&step.label);
    let mut lines: Vec<Line> = outcome
        .map(|outcome| vec![Inline::text(numbers(outcome, all))])
        .into_iter()
        .collect();
    for label in &step.builds_on {
        lines.push(vec![Inline::text("builds on "), code(label)]);
    }
    if step.random {
        lines.push(vec![Inline::text("seed "), code(&step.seed.to_string())]);
    }
    lines.push(vec![code(short(step.fingerprint.as_str()))]);
    lines
}

fn unique(lines: impl Iterator<Item = Line>) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    for line in lines {
        if !found.contains(&line) {
            found.push(line);
        }
    }
    found
}

fn dataset(input: &InputTrace) -> Vec<Inline> {
    vec![
        Inline::text(&input.dataset),
        Inline::text(" ("),
        code(short(&input.file.sha256)),
        Inline::text(")"),
    ]
}

fn population(input: &InputTrace) -> Option<Vec<Inline>> {
    let Reads::Rows {
        population,
        condition,
        ..
    } = &input.reads
    else {
        return None;
    };
    Some(match (population, condition) {
        (Some(name), Some(condition)) => vec![Inline::text(format!("{name}: ")), code(condition)],
        (Some(name), None) => vec![Inline::text(name)],
        (None, _) => vec![Inline::text("all rows")],
    })
}

fn derived(input: &InputTrace) -> Vec<Vec<Inline>> {
    match &input.reads {
        Reads::Rows { derived, .. } => derived
            .iter()
            .map(|(name, sql)| vec![Inline::text(format!("{name} = ")), code(sql)])
            .collect(),
        Reads::Query { .. } => Vec::new(),
    }
}

fn query(input: &InputTrace) -> Option<Vec<Inline>> {
    match &input.reads {
        Reads::Query { sql } => {
            let words: Vec<&str> = sql.split_whitespace().collect();
            Some(vec![code(&words.join(" "))])
        }
        Reads::Rows { .. } => None,
    }
}

/// Which rows a step's numbers come from, and the models: each set once, with the numbers that it is of. Those of single numbers and of
/// arms are left to `trace`.
fn rows(material: &Material<'_>, label: &str, outcome: &Outcome) -> Vec<Vec<Inline>> {
    let mut sets: Vec<(RowTrace, Vec<String>)> = Vec::new();
    for used in &outcome.rows {
        if !used.groups.is_empty() || material.results.get(&used.stats).is_some() {
            continue;
        }
        let Some(trace) = material.row_trace(label, used) else {
            continue;
        };
        let name = used.stats.parts().into_iter().skip(1).collect::<Vec<_>>();
        let name = name.join(", ");
        match sets.iter_mut().find(|(known, _)| *known == trace) {
            Some((_, names)) => names.push(name),
            None => sets.push((trace, vec![name])),
        }
    }
    let mut lines: Vec<Line> = sets
        .into_iter()
        .map(|(trace, names)| row_line(&trace, &names))
        .collect();
    lines.extend(models(&outcome.models));
    lines
}

fn row_line(trace: &RowTrace, names: &[String]) -> Vec<Inline> {
    let mut words = String::new();
    // A name covers the longer ones that begin with it; no name at all covers every number.
    let covered = |name: &String| {
        names.iter().any(|other| {
            let rest = name.strip_prefix(other.as_str());
            rest.is_some_and(|rest| rest.starts_with(", ") || rest.starts_with('='))
        })
    };
    let shown: Vec<&str> = names
        .iter()
        .filter(|name| !covered(name))
        .map(String::as_str)
        .collect();
    if !shown.contains(&"") {
        words.push_str(&shown.join("; "));
        words.push_str(": ");
    }
    if trace.queried {
        let _ = write!(words, "{} given to the query", trace.used.len());
        return vec![Inline::text(words)];
    }
    let _ = write!(words, "{} used", trace.used.len());
    for LeftOut { reason, rows } in &trace.left_out {
        let _ = write!(words, "; {} left out, {reason}", rows.len());
    }
    vec![Inline::text(words)]
}

/// The models with the numbers that were estimated in them.
fn models(models: &[ModelUse]) -> Vec<Vec<Inline>> {
    let mut lines: Vec<Vec<Inline>> = Vec::new();
    let mut methods = BTreeSet::new();
    for model in models {
        let line = vec![code(&model.formula)];
        if !lines.contains(&line) {
            lines.push(line);
        }
        methods.insert(model.method.as_str());
    }
    let words: Vec<&str> = methods.into_iter().collect();
    if !words.is_empty() {
        lines.push(vec![Inline::text(words.join("; "))]);
    }
    lines
}

fn numbers(outcome: &Outcome, all: &[Showing]) -> String {
    let shown: BTreeSet<&StatId> = all.iter().flat_map(|s| &s.stats).collect();
    let own = outcome.statistics.iter().map(|s| s.key.id());
    let count = own.filter(|id| shown.contains(id)).count();
    format!("{count} of {} numbers shown", outcome.statistics.len())
}

/// The numbers of the text, each text of the same statistics once.
fn values(results: &ResultSet, all: &[Showing]) -> Vec<AppendixValue> {
    let mut seen = BTreeSet::new();
    let mut values = Vec::new();
    for showing in all {
        let in_text = matches!(
            showing.place,
            Place::Abstract | Place::Text { .. } | Place::Caption { .. }
        );
        let Some(printing) = showing.printing.as_ref().filter(|_| in_text) else {
            continue;
        };
        if showing.content.is_empty() || !seen.insert((&showing.stats, &printing.text)) {
            continue;
        }
        let Some(step) = showing.stats.first().and_then(|id| results.get(id)) else {
            continue;
        };
        let number = |id: &StatId| results.value(id).map_or_else(|| "none".to_owned(), full);
        values.push(AppendixValue {
            content: showing.content.clone(),
            text: printing.text.clone(),
            stats: showing.stats.clone(),
            numbers: showing.stats.iter().map(number).collect(),
            step: step.key.label.clone(),
        });
    }
    values
}
