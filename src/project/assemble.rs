//! Results, artefacts, style and fonts brought together into the document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Project;
use super::prepare::Loaded;
use crate::analysis::Outcome;
use crate::artefact::Artefact;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::document::{Document, Materials, assemble};
use crate::figure::{FigureTheme, FontSet, Metrics};
use crate::plan::Plan;
use crate::reader::Sink;
use crate::report::Report;
use crate::statistic::ResultSet;
use crate::style::{Fonts, JournalStyle};

/// A document with what else goes into the outputs.
#[derive(Debug)]
pub(super) struct Assembled {
    pub(super) document: Document,
    pub(super) results: ResultSet,
    pub(super) fonts: BTreeMap<String, Vec<u8>>,
}

impl Project {
    /// Numbers and artefacts into the document. Inline values of steps that have no result are not reported: what
    /// keeps them from having one is.
    pub(super) fn assemble(
        &self,
        loaded: &Loaded,
        plan: &Plan,
        style: &JournalStyle,
        outcomes: &BTreeMap<String, Arc<Outcome>>,
    ) -> (Option<Assembled>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let report = &loaded.report;
        let results = diagnostics.extend_with(collect(report, outcomes));
        let artefacts: BTreeMap<String, Artefact> = outcomes
            .iter()
            .filter_map(|(label, outcome)| Some((label.clone(), outcome.artefact.clone()?)))
            .collect();
        let sink = Sink::new();
        let theme = FigureTheme::read(style.figure.reader(&sink));
        diagnostics.extend(sink.into_inner());
        let Some(fonts) = diagnostics.ok(Fonts::load(&self.templates)) else {
            return (None, diagnostics);
        };
        let Some(family) = diagnostics.ok(fonts.family(&theme.font)) else {
            return (None, diagnostics);
        };
        let set = FontSet {
            regular: family.regular,
            bold: family.bold,
            italic: family.italic,
            bold_italic: family.bold_italic,
        };
        let Some(metrics) = diagnostics.ok(Metrics::new(&set)) else {
            return (None, diagnostics);
        };
        let banner = self.banner(plan);
        let materials = Materials {
            report,
            artefacts: &artefacts,
            results: &results,
            style,
            theme: &theme,
            metrics: &metrics,
            banner: banner.as_deref(),
        };
        let (document, found) = assemble(&materials);
        let silent = values_without_result(report, outcomes);
        let kept = found.into_iter().filter(|d| !concerns(d, &silent));
        diagnostics.extend(kept);
        let font_files = family
            .files
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
            .collect();
        let assembled = Assembled {
            document,
            results,
            fonts: font_files,
        };
        (Some(assembled), diagnostics)
    }

    /// What every page says where values are made up.
    fn banner(&self, plan: &Plan) -> Option<String> {
        let inputs = plan.steps.iter().flat_map(|p| &p.step.inputs);
        let read: BTreeSet<String> = inputs.map(|i| i.dataset().to_string()).collect();
        let simulated: Vec<String> = read
            .into_iter()
            .filter(|name| {
                let resolved = self.manifest.resolve(name, None);
                resolved.is_ok_and(|r| r.simulated().is_some())
            })
            .collect();
        let names = simulated.join(", ");
        (!simulated.is_empty())
            .then(|| format!("Simulated data: {names}. Not measured in patients."))
    }
}

/// All statistics in the order of the report's directives.
fn collect(report: &Report, outcomes: &BTreeMap<String, Arc<Outcome>>) -> (ResultSet, Diagnostics) {
    let mut results = ResultSet::new();
    let mut diagnostics = Diagnostics::new();
    let mut seen = BTreeSet::new();
    for directive in &report.directives {
        // That a label is given twice has been reported.
        let new = seen.insert(&directive.label.value);
        let Some(outcome) = outcomes.get(&directive.label.value).filter(|_| new) else {
            continue;
        };
        for statistic in &outcome.statistics {
            if let Err(id) = results.insert(statistic.clone()) {
                let message = format!("two numbers of this directive have the id `{id}`");
                diagnostics.push(
                    Diagnostic::error("duplicate-statistic", message)
                        .at(directive.label.span.clone())
                        .help("a row, visit or column of the directive is there twice"),
                );
            }
        }
    }
    (results, diagnostics)
}

/// The places of inline values whose directive exists and has no result.
fn values_without_result(
    report: &Report,
    outcomes: &BTreeMap<String, Arc<Outcome>>,
) -> Vec<std::ops::Range<usize>> {
    let failed = |label: &str| report.directive(label).is_some() && !outcomes.contains_key(label);
    report
        .values()
        .filter(|v| v.path.first().is_some_and(|label| failed(&label.value)))
        .map(|v| v.span.range.clone())
        .collect()
}

fn concerns(diagnostic: &Diagnostic, places: &[std::ops::Range<usize>]) -> bool {
    let Some(span) = &diagnostic.span else {
        return false;
    };
    diagnostic.severity == Severity::Error
        && places
            .iter()
            .any(|p| p.start <= span.range.start && span.range.end <= p.end)
}
