//! A report read, its style loaded and its directives resolved, before anything is run.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::claims::{check_labels as check_claims, judged};
use super::{BUILD, Project, REPORTS, formulas};
use crate::analysis::Outcome;
use crate::claims::{self, Claims};
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::plan::store::Store;
use crate::plan::{self, Library, Plan};
use crate::report::Report;
use crate::style::JournalStyle;
use crate::time::BuildTime;

/// A report that is parsed and planned.
#[derive(Debug)]
pub struct Prepared<'a> {
    pub(super) name: String,
    pub(super) loaded: Option<Loaded>,
    pub(super) library: Library<'a>,
    pub(super) plan: Plan,
    pub(super) diagnostics: Diagnostics,
}

#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) report: Report,
    pub(super) style: Option<JournalStyle>,
    pub(super) bibliography: Option<Arc<Source>>,
    pub(super) claims: Option<(Arc<Source>, Claims)>,
}

impl Loaded {
    /// The report's own files: `report.md` first.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        let claims = self.claims.iter().map(|(source, _)| source);
        let bibliography = self.bibliography.iter();
        std::iter::once(&self.report.source)
            .chain(bibliography)
            .chain(claims)
    }
}

impl Prepared<'_> {
    /// Where the steps have their rows from.
    pub fn library(&self) -> &Library<'_> {
        &self.library
    }

    /// The time inside the outputs: that one, else the report's date.
    pub(super) fn time(&self, given: Option<BuildTime>) -> BuildTime {
        let date = self.loaded.as_ref().map(|l| &l.report.front.date);
        given.unwrap_or_else(|| BuildTime::from_days(date.map_or(0, |d| d.days_since_epoch())))
    }

    /// The published values that are listed beside the report; none where there is no `claims.toml`.
    pub fn claims(&self) -> Option<&Claims> {
        let claims = self.loaded.as_ref()?.claims.as_ref();
        claims.map(|(_, claims)| claims)
    }

    /// What was found wrong or remarkable so far.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.plan.steps.len()
    }
}

impl Project {
    /// The store of results.
    pub fn store(&self) -> Store {
        Store::new(self.root.join(BUILD).join(".store"))
    }

    /// Parses a report, loads its style and resolves its directives; runs nothing.
    pub fn prepare(&self, name: &str) -> Prepared<'_> {
        let library = Library::new(&self.root, &self.manifest);
        let mut diagnostics = Diagnostics::new();
        let loaded = diagnostics.extend_with(self.load(name));
        let mut plan = Plan::default();
        if let Some(loaded) = &loaded {
            formulas::check(&loaded.report, &mut diagnostics);
            let (planned, found) = plan::plan(&loaded.report, &library);
            diagnostics.extend(library.take_problems());
            diagnostics.extend(found);
            plan = planned;
        }
        diagnostics.sort();
        Prepared {
            name: name.to_owned(),
            loaded,
            library,
            plan,
            diagnostics,
        }
    }

    fn load(&self, name: &str) -> (Option<Loaded>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let path = format!("{REPORTS}/{name}/report.md");
        let source = diagnostics.ok(self.text(&path));
        let bibliography = diagnostics.ok(self.text(&format!("{REPORTS}/{name}/references.bib")));
        let Some(Some(source)) = source else {
            if !diagnostics.has_errors() {
                diagnostics.push(Diagnostic::error(
                    "no-report",
                    format!("there is no {path}"),
                ));
            }
            return (None, diagnostics);
        };
        let bibliography = bibliography.flatten();
        let (report, found) = Report::parse(name, source, bibliography.clone());
        diagnostics.extend(found);
        let at = &report.front.style.span;
        let (style, found) = self.templates.style(&report.front.style.value, Some(at));
        diagnostics.extend(found);
        let path = format!("{REPORTS}/{name}/{}", claims::FILE_NAME);
        let claims = diagnostics.ok(self.text(&path)).flatten().map(|source| {
            let keys = report.bibliography.as_ref().map_or(&[][..], |b| &b.keys);
            let claims = diagnostics.extend_with(Claims::parse(&source, keys));
            (source, claims)
        });
        let loaded = Loaded {
            report,
            style,
            bibliography,
            claims,
        };
        (Some(loaded), diagnostics)
    }

    /// Everything that is wrong with a report as far as it can be told without running an analysis. Inline values are
    /// followed to their statistics where the store holds the results of all steps, else to their labels.
    pub fn check(&self, name: &str) -> Diagnostics {
        let prepared = self.prepare(name);
        let mut diagnostics = prepared.diagnostics.clone();
        let Some(loaded) = &prepared.loaded else {
            return diagnostics;
        };
        let store = self.store();
        let outcomes: BTreeMap<String, Arc<Outcome>> = prepared
            .plan
            .steps
            .iter()
            .filter_map(|p| Some((p.step.label.clone(), Arc::new(store.get(&p.fingerprint)?))))
            .collect();
        let complete = outcomes.len() == loaded.report.directives.len();
        match &loaded.style {
            Some(style) if complete => {
                let assembled = diagnostics.extend_with(self.assemble(
                    loaded,
                    &prepared.plan,
                    style,
                    &outcomes,
                ));
                if let Some((assembled, claims)) = assembled.zip(prepared.claims()) {
                    diagnostics.extend(judged(claims, &assembled.results).1);
                }
            }
            _ => {
                check_labels(&loaded.report, &mut diagnostics);
                if let Some(claims) = prepared.claims() {
                    check_claims(claims, &loaded.report, &mut diagnostics);
                }
            }
        }
        diagnostics.sort();
        diagnostics
    }
}

/// Reports inline values whose label no directive has.
pub(super) fn check_labels(report: &Report, diagnostics: &mut Diagnostics) {
    for value in report.values() {
        let Some(label) = value.path.first() else {
            continue;
        };
        if report.directive(&label.value).is_none() {
            diagnostics.push(
                Diagnostic::error(
                    "unknown-label",
                    format!("there is no directive with the label `{}`", label.value),
                )
                .at(label.span.clone())
                .suggest(
                    &label.value,
                    report.directives.iter().map(|d| d.label.value.as_str()),
                ),
            );
        }
    }
}
