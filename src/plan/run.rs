//! Runs the stale steps of a plan and takes the fresh ones from the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::fingerprint::Component;
use super::store::{LastBuild, Store};
use super::{Library, Plan, Planned};
use crate::activity;
use crate::analysis::{self, Finding, InputSpec, Inputs, Outcome, RowUse};
use crate::dataset::DatasetId;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::report::Report;
use crate::statistic::StatId;

/// Why a step was run, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nothing it depends on has changed: its result came from the store.
    Fresh,
    /// There was no such step before.
    New,
    /// These things changed.
    Changed(Vec<String>),
    /// Nothing changed, but its result was not in the store.
    NotStored,
    /// It could not be run, because a step it builds on failed.
    Blocked(String),
}

/// What happened to a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// The label.
    pub label: String,
    /// Why it was run, or not.
    pub reason: Reason,
    /// Its result; none where it was blocked.
    pub outcome: Option<Arc<Outcome>>,
}

/// What a caller is told while steps run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A step starts.
    Started(&'a str),
    /// A step is done.
    Finished(&'a str),
}

/// Runs a plan: steps that don't build on each other at the same time, in the current thread pool. The result does not
/// depend on how many threads there are. The steps come in the plan's order.
pub fn run(
    report: &Report,
    plan: &Plan,
    library: &Library<'_>,
    store: &Store,
    listen: &(dyn Fn(Event<'_>) + Sync),
) -> (Vec<Ran>, Diagnostics) {
    let last = store.last_build(&report.name);
    let mut diagnostics = Diagnostics::new();
    let mut done: BTreeMap<String, Ran> = BTreeMap::new();
    let mut open: Vec<&Planned> = plan.steps.iter().collect();
    while !open.is_empty() {
        let (ready, later): (Vec<&Planned>, Vec<&Planned>) = open
            .into_iter()
            .partition(|p| p.step.upstream.iter().all(|u| done.contains_key(u)));
        if ready.is_empty() {
            break;
        }
        let ran: Vec<(Ran, Diagnostics)> = ready
            .par_iter()
            .map(|planned| {
                let context = Context {
                    library,
                    store,
                    last: &last,
                    done: &done,
                    listen,
                };
                context.step(planned)
            })
            .collect();
        // In the plan's order, whichever was done first.
        for (ran, found) in ran {
            diagnostics.extend(found);
            done.insert(ran.label.clone(), ran);
        }
        open = later;
    }
    let mut all = Vec::with_capacity(plan.steps.len());
    for planned in &plan.steps {
        let Some(ran) = done.remove(&planned.step.label) else {
            continue;
        };
        if let Some(outcome) = &ran.outcome {
            let placed = outcome.findings.iter().map(|f| place(report, planned, f));
            diagnostics.extend(placed);
        }
        all.push(ran);
    }
    diagnostics.sort();
    (all, diagnostics)
}

struct Context<'a> {
    library: &'a Library<'a>,
    store: &'a Store,
    last: &'a LastBuild,
    done: &'a BTreeMap<String, Ran>,
    listen: &'a (dyn Fn(Event<'_>) + Sync),
}

impl Context<'_> {
    fn step(&self, planned: &Planned) -> (Ran, Diagnostics) {
        let label = planned.step.label.clone();
        let mut diagnostics = Diagnostics::new();
        if let Some(outcome) = self.store.get(&planned.fingerprint) {
            let reason = Reason::Fresh;
            let outcome = Some(Arc::new(outcome));
            return (
                Ran {
                    label,
                    reason,
                    outcome,
                },
                diagnostics,
            );
        }
        let reason = why(self.last.steps.get(&label), &planned.components);
        let mut upstream = BTreeMap::new();
        for name in &planned.step.upstream {
            match self.done.get(name).and_then(|r| r.outcome.clone()) {
                Some(outcome) if !outcome.has_errors() => {
                    upstream.insert(name.clone(), outcome);
                }
                _ => {
                    let reason = Reason::Blocked(name.clone());
                    let outcome = None;
                    return (
                        Ran {
                            label,
                            reason,
                            outcome,
                        },
                        diagnostics,
                    );
                }
            }
        }
        (self.listen)(Event::Started(&label));
        let outcome = self.compute(planned, upstream);
        (self.listen)(Event::Finished(&label));
        // An error may go away without anything that the fingerprint holds: it is not kept.
        if !outcome.has_errors()
            && let Err(diagnostic) = self.store.put(&planned.fingerprint, &outcome)
        {
            diagnostics.push(diagnostic);
        }
        let outcome = Some(Arc::new(outcome));
        (
            Ran {
                label,
                reason,
                outcome,
            },
            diagnostics,
        )
    }

    fn compute(&self, planned: &Planned, upstream: BTreeMap<String, Arc<Outcome>>) -> Outcome {
        let step = &planned.step;
        let _running = activity::begin(format!("running #{}", step.label));
        let Some(entry) = analysis::find(&step.directive) else {
            return Outcome::failed(Finding::error(
                "unknown-directive",
                format!("there is no directive `{}`", step.directive),
            ));
        };
        let mut frames = Vec::with_capacity(step.inputs.len());
        let mut queried = Vec::new();
        for (i, input) in step.inputs.iter().enumerate() {
            match self.library.frame(input) {
                Ok(frame) => frames.push(frame),
                Err(message) => return Outcome::failed(Finding::error("rows", message)),
            }
            if let InputSpec::Query { dataset, .. } = input {
                queried.push(self.queried(&step.label, i, dataset));
            }
        }
        let inputs = Inputs {
            label: &step.label,
            population: step.inputs.first().and_then(|i| i.population()),
            seed: step.seed,
            frames,
            upstream,
        };
        let mut outcome = (entry.run)(&step.spec, &inputs);
        if !outcome.has_errors() {
            outcome.rows.extend(queried);
        }
        outcome
    }

    /// The rows that a query was given: all of the dataset. Which of them count is what its SQL says.
    fn queried(&self, label: &str, input: usize, dataset: &DatasetId) -> RowUse {
        RowUse {
            stats: StatId::from_parts([label]),
            groups: Vec::new(),
            input,
            used: (1..=self.library.height(dataset)).collect(),
            left_out: Vec::new(),
        }
    }
}

/// What changed since the step was last run.
fn why(last: Option<&Vec<Component>>, now: &[Component]) -> Reason {
    let Some(last) = last else { return Reason::New };
    let mut changed: Vec<String> = now
        .iter()
        .filter(|c| !last.contains(c))
        .map(|c| c.name.clone())
        .collect();
    changed.extend(
        last.iter()
            .filter(|l| !now.iter().any(|c| c.name == l.name))
            .map(|l| format!("{} (no longer used)", l.name)),
    );
    if changed.is_empty() {
        Reason::NotStored
    } else {
        Reason::Changed(changed)
    }
}

/// A finding at its place in the report.
fn place(report: &Report, planned: &Planned, finding: &Finding) -> Diagnostic {
    let directive = &report.directives[planned.directive];
    let range = finding
        .key
        .find(&directive.entries)
        .unwrap_or_else(|| directive.label.span.range.clone());
    Diagnostic {
        severity: finding.severity,
        help: finding.help.clone(),
        ..Diagnostic::error(finding.code.clone(), finding.message.clone())
    }
    .at(Span::new(&report.source, range))
}
