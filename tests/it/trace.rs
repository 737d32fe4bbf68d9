//! Numbers followed back to their rows, by id, by path and by the text as printed.

mod appendix;
mod btheb;
mod commands;
mod small;

use std::collections::BTreeMap;

use trialbook::plan::store::Store;
use trialbook::project::{Content, Prepared, Project};
use trialbook::statistic::StatId;
use trialbook::trace::{Found, Trace, by_name};

/// A project's report with all its numbers; nothing is kept.
fn content(project: &Project, prepared: &Prepared<'_>) -> Content {
    let draft = project.draft(prepared, &Store::none(), None, &|_| {});
    let said: Vec<String> = draft.diagnostics.iter().map(|d| d.render(false)).collect();
    draft
        .content
        .unwrap_or_else(|| panic!("{}", said.join("\n")))
}

/// The trace of a number by id or path.
fn trace(content: &Content, name: &str) -> Trace {
    let material = content.material();
    match by_name(material.results, name) {
        Ok(Found::One(id)) => material.trace(&id).unwrap(),
        other => panic!("{name}: {other:?}"),
    }
}

fn id(text: &str) -> StatId {
    let parts: Vec<&str> = text.split('/').collect();
    StatId::from_parts(parts)
}

/// A text without what changes with every change of trialbook's source.
fn steady(text: &str, trace: &Trace) -> String {
    let mut steady = text.replace(&trace.source_digest, "SOURCE");
    for step in &trace.steps {
        let name = format!("FINGERPRINT OF {}", step.label);
        steady = steady.replace(step.fingerprint.as_str(), &name);
    }
    steady
}

/// A CSV without quotes as rows by their number, from 1, with values by column.
fn read(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = csv.lines().map(|line| line.split(',').map(str::to_owned));
    let heads: Vec<String> = lines.next().unwrap().collect();
    lines
        .map(|values| heads.iter().cloned().zip(values).collect())
        .collect()
}
