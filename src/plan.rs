//! From a report to steps: names resolved, steps in order, each with the fingerprint of all it depends on.

pub mod fingerprint;
mod library;
mod run;
pub mod store;

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::{self, Entry, InputSpec, OtherStep, Scope, Shared, Shows};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::reader::Sink;
use crate::report::{Directive, Report};
use fingerprint::{Component, Fingerprint, components, step_seed};
pub use library::{Library, UNUSABLE};
pub use run::{Event, Ran, Reason, run};

/// One unit of computation: a pure function of what stands here and of the bytes of its inputs.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// The directive's label.
    pub label: String,
    /// The directive's name.
    pub directive: String,
    /// The version of its method.
    pub version: u32,
    /// The resolved spec as JSON.
    pub spec: String,
    /// The rows it reads.
    pub inputs: Vec<InputSpec>,
    /// The labels of the steps it builds on.
    pub upstream: Vec<String>,
    /// Its own seed.
    pub seed: u64,
}

/// A step in its place in a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The step.
    pub step: Step,
    /// Index of its directive in the report.
    pub directive: usize,
    /// All that its result depends on.
    pub components: Vec<Component>,
    /// The digest of that.
    pub fingerprint: Fingerprint,
}

/// The steps of a report, each after those it builds on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Planned>,
}

impl Plan {
    /// The step of that label.
    pub fn step(&self, label: &str) -> Option<&Planned> {
        self.steps.iter().find(|p| p.step.label == label)
    }
}

/// Plans a report. Directives that can't be resolved are reported and left out, with those that build on them.
pub fn plan(report: &Report, library: &Library<'_>) -> (Plan, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let shared = Shared::from(&report.front);
    let others: BTreeMap<String, OtherStep> = report
        .directives
        .iter()
        .map(|d| {
            let range = d.kind.span.range.clone();
            let step = OtherStep::new(&d.kind.value);
            let step = step.with_body(&d.span.source, &d.entries, range);
            (d.label.value.clone(), step)
        })
        .collect();
    let mut used = BTreeSet::new();
    let mut open = Vec::new();
    let mut unresolved = false;
    for (index, directive) in report.directives.iter().enumerate() {
        let Some(entry) = entry_of(directive, &mut diagnostics) else {
            unresolved = true;
            continue;
        };
        check_caption(directive, &mut diagnostics);
        let scope = Scope::new(&directive.label.value, library, &shared, &others);
        let step = resolve(report, directive, entry, &scope, &mut diagnostics);
        used.extend(scope.used());
        match step {
            Some(step) => open.push((index, step)),
            None => unresolved = true,
        }
    }
    // What a directive with mistakes would have used is not known.
    if !unresolved {
        report_unused(&shared, &used, &mut diagnostics);
    }
    let plan = in_order(report, open, &mut diagnostics);
    (plan, diagnostics)
}

fn entry_of(directive: &Directive, diagnostics: &mut Diagnostics) -> Option<&'static Entry> {
    let name = &directive.kind.value;
    let Some(entry) = analysis::find(name) else {
        diagnostics.push(
            Diagnostic::error(
                "unknown-directive",
                format!("there is no directive `{name}`"),
            )
            .at(directive.kind.span.clone())
            .suggest(name, analysis::registry().iter().map(|e| e.name)),
        );
        return None;
    };
    let prefix = match entry.shows {
        Shows::Table => "tbl-",
        Shows::Figure => "fig-",
        Shows::Optional => return Some(entry),
    };
    let label = &directive.label.value;
    // A label that is not there has been reported.
    if !label.is_empty() && !label.starts_with(prefix) {
        let bare = label.trim_start_matches("tbl-").trim_start_matches("fig-");
        diagnostics.push(
            Diagnostic::error(
                "label-prefix",
                format!("the label of a `{name}` begins with `{prefix}`"),
            )
            .at(directive.label.span.clone())
            .help(format!("write `#{prefix}{bare}`")),
        );
    }
    Some(entry)
}

/// What a reader sees needs words that say what it is.
fn check_caption(directive: &Directive, diagnostics: &mut Diagnostics) {
    let label = &directive.label.value;
    let shown = label.starts_with("tbl-") || label.starts_with("fig-");
    if shown && directive.caption.is_empty() && directive.readable {
        diagnostics.push(
            Diagnostic::warning("no-caption", format!("`{label}` has no caption"))
                .at(directive.label.span.clone())
                .help("write `caption = \"…\"`"),
        );
    }
}

fn resolve(
    report: &Report,
    directive: &Directive,
    entry: &Entry,
    scope: &Scope<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Step> {
    let sink = Sink::new();
    let mut reader = directive.reader(&sink);
    let prepared = (entry.prepare)(&mut reader, scope);
    reader.finish();
    // Of a body that can't be read in full, what seems to be missing may only be unreadable.
    let said = |d: &Diagnostic| directive.readable || d.code != "missing-key";
    let found: Diagnostics = sink.into_inner().into_iter().filter(said).collect();
    let failed = found.has_errors() || !directive.readable;
    diagnostics.extend(found);
    let prepared = prepared.filter(|_| !failed)?;
    let label = directive.label.value.clone();
    Some(Step {
        directive: entry.name.to_owned(),
        version: entry.version,
        spec: prepared.spec,
        inputs: prepared.inputs,
        upstream: prepared.upstream,
        seed: step_seed(report.front.seed.value, &label),
        label,
    })
}

fn report_unused(
    shared: &Shared,
    used: &BTreeSet<(&'static str, String)>,
    diagnostics: &mut Diagnostics,
) {
    let tables = [
        ("population", "population", &shared.populations),
        ("derive", "derived column", &shared.derive),
    ];
    for (kind, words, names) in tables {
        for definition in names {
            let name = &definition.name;
            if !used.contains(&(kind, name.value.clone())) {
                diagnostics.push(
                    Diagnostic::warning(
                        "unused",
                        format!("the {words} `{}` is not used", name.value),
                    )
                    .at(name.span.clone())
                    .help("use it in a directive, or remove it"),
                );
            }
        }
    }
}

/// Each step after those it builds on, otherwise as in the report; circles are reported and left out.
fn in_order(report: &Report, mut open: Vec<(usize, Step)>, diagnostics: &mut Diagnostics) -> Plan {
    let mut plan = Plan::default();
    loop {
        let planned: BTreeMap<String, Fingerprint> = plan
            .steps
            .iter()
            .map(|p| (p.step.label.clone(), p.fingerprint.clone()))
            .collect();
        let Some(next) = open.iter().position(|(_, step)| {
            step.upstream
                .iter()
                .all(|label| planned.contains_key(label))
        }) else {
            break;
        };
        let (directive, step) = open.remove(next);
        let upstream: Vec<(String, Fingerprint)> = step
            .upstream
            .iter()
            .filter_map(|label| Some((label.clone(), planned.get(label)?.clone())))
            .collect();
        let components = components(&step, &upstream);
        plan.steps.push(Planned {
            fingerprint: Fingerprint::of(&components),
            components,
            step,
            directive,
        });
    }
    report_circles(report, &open, diagnostics);
    plan
}

fn report_circles(report: &Report, open: &[(usize, Step)], diagnostics: &mut Diagnostics) {
    let labels: Vec<&str> = open.iter().map(|(_, step)| step.label.as_str()).collect();
    for (directive, step) in open {
        // A step whose upstream was not resolved at all has had its diagnostic there.
        if !step.upstream.iter().all(|u| labels.contains(&u.as_str())) {
            continue;
        }
        diagnostics.push(
            Diagnostic::error(
                "circle",
                format!(
                    "`{}` builds on {}, which builds on it",
                    step.label,
                    step.upstream.join(", ")
                ),
            )
            .at(report.directives[*directive].label.span.clone()),
        );
    }
}
