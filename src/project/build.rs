//! Building a report: parse, plan, run what is stale, assemble, render, write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::{BUILD, Project, REPORTS, formulas, output};
use crate::analysis::{InputSpec, Outcome};
use crate::artefact::Artefact;
use crate::dataset::Dataset;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Source};
use crate::document::{Document, Materials, assemble};
use crate::figure::{FigureTheme, FontSet, Metrics};
use crate::manifest::FILE_NAME;
use crate::plan::store::{LastBuild, Store};
use crate::plan::{self, Event, Library, Plan, Ran};
use crate::program;
use crate::provenance::{self, DatasetRecord, FileRecord, Provenance};
use crate::reader::Sink;
use crate::render::typst::{PageSettings, TypstProject};
use crate::render::{self, Attachment, Relationship};
use crate::report::Report;
use crate::statistic::ResultSet;
use crate::style::{Fonts, JournalStyle};
use crate::time::BuildTime;

/// How a report is built.
#[derive(Debug, Clone)]
pub struct BuildOptions {
    /// The time inside the outputs; the report's date if not given.
    pub time: Option<BuildTime>,
    /// What is written to `run-log.json` and nowhere else.
    pub run_log: RunLog,
}

/// What the clock and the machine said: no other output holds it.
#[derive(Debug, Clone, Serialize)]
pub struct RunLog {
    /// When the build started, in UTC.
    pub started: Option<String>,
    /// The operating system.
    pub system: String,
    /// The processor's architecture.
    pub architecture: String,
    /// How many steps could run at the same time.
    pub threads: usize,
    /// Who ran it, as the system names them.
    pub user: Option<String>,
}

/// A report that is parsed and planned.
#[derive(Debug)]
pub struct Prepared<'a> {
    name: String,
    loaded: Option<Loaded>,
    library: Library<'a>,
    plan: Plan,
    diagnostics: Diagnostics,
}

#[derive(Debug)]
struct Loaded {
    report: Report,
    style: Option<JournalStyle>,
    bibliography: Option<Arc<Source>>,
}

impl Prepared<'_> {
    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.plan.steps.len()
    }
}

/// What a build did.
#[derive(Debug)]
pub struct Built {
    /// What happened to each step.
    pub steps: Vec<Ran>,
    /// The PDF's path below the root; none if nothing was written.
    pub pdf: Option<String>,
    /// All that is wrong or remarkable.
    pub diagnostics: Diagnostics,
}

impl Project {
    /// The store of results.
    fn store(&self) -> Store {
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
        let loaded = Loaded {
            report,
            style,
            bibliography,
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
                let assembled = self.assemble(loaded, style, &outcomes);
                diagnostics.extend(assembled.1);
            }
            _ => check_labels(&loaded.report, &mut diagnostics),
        }
        diagnostics.sort();
        diagnostics
    }

    /// Builds a prepared report. Nothing is written where anything is wrong, in the manifest either; the last good
    /// outputs stay.
    pub fn build(
        &self,
        prepared: &Prepared<'_>,
        options: &BuildOptions,
        listen: &(dyn Fn(Event<'_>) + Sync),
    ) -> Built {
        let mut diagnostics = prepared.diagnostics.clone();
        let Some(loaded) = &prepared.loaded else {
            return Built {
                steps: Vec::new(),
                pdf: None,
                diagnostics,
            };
        };
        let store = self.store();
        let (steps, found) = plan::run(
            &loaded.report,
            &prepared.plan,
            &prepared.library,
            &store,
            listen,
        );
        diagnostics.extend(found);
        let outcomes: BTreeMap<String, Arc<Outcome>> = steps
            .iter()
            .filter_map(|r| {
                Some((
                    r.label.clone(),
                    r.outcome.clone().filter(|o| !o.has_errors())?,
                ))
            })
            .collect();
        let mut pdf = None;
        if let Some(style) = &loaded.style {
            let (assembled, found) = self.assemble(loaded, style, &outcomes);
            diagnostics.extend(found);
            if self.sound
                && !diagnostics.has_errors()
                && let Some(assembled) = assembled
            {
                pdf = diagnostics
                    .extend_with(self.write(prepared, loaded, style, assembled, options));
            }
        } else {
            check_labels(&loaded.report, &mut diagnostics);
        }
        if pdf.is_some() {
            let last = LastBuild {
                steps: prepared
                    .plan
                    .steps
                    .iter()
                    .map(|p| (p.step.label.clone(), p.components.clone()))
                    .collect(),
            };
            diagnostics.extend(store.keep_last_build(&prepared.name, &last).err());
        }
        diagnostics.sort();
        Built {
            steps,
            pdf,
            diagnostics,
        }
    }

    /// Numbers and artefacts into the document. Inline values of steps that have no result are not reported: what
    /// keeps them from having one is.
    fn assemble(
        &self,
        loaded: &Loaded,
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
        let materials = Materials {
            report,
            artefacts: &artefacts,
            results: &results,
            style,
            theme: &theme,
            metrics: &metrics,
            banner: None,
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

    fn write(
        &self,
        prepared: &Prepared<'_>,
        loaded: &Loaded,
        style: &JournalStyle,
        assembled: Assembled,
        options: &BuildOptions,
    ) -> (Option<String>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let report = &loaded.report;
        let time = options
            .time
            .unwrap_or_else(|| BuildTime::from_days(report.front.date.days_since_epoch()));
        let mut document = assembled.document;
        document.date = time.days();
        let template_path = format!("{}/page.typ", style.name);
        let template = match self.template(&template_path) {
            Ok(template) => template,
            Err(diagnostic) => return (None, diagnostic.into()),
        };
        let settings = diagnostics.extend_with(PageSettings::of(style));
        let typst = match render::typst::source(&document, &settings, &template, &assembled.fonts) {
            Ok(typst) => typst,
            Err(found) => return (None, found),
        };
        let folder = format!("{BUILD}/{}", prepared.name);
        let results_json = render::results_json(&prepared.name, &assembled.results);
        let results_csv = render::results_csv(&assembled.results);
        let mut files: BTreeMap<String, Vec<u8>> = typst.files.clone();
        files.insert("results.json".to_owned(), results_json.clone());
        files.insert("results.csv".to_owned(), results_csv.clone());
        let records = |files: &BTreeMap<String, Vec<u8>>| -> Vec<FileRecord> {
            let record = |(path, bytes): (&String, &Vec<u8>)| {
                FileRecord::of(format!("{folder}/{path}"), bytes)
            };
            files.iter().map(record).collect()
        };
        let mut record = self.provenance(prepared, loaded, style, &document, time);
        record.outputs = records(&files);
        let attachments = attachments(&record, results_json, results_csv);
        let pdf = match render_pdf(&typst, &attachments, time) {
            Ok(pdf) => pdf,
            Err(found) => return (None, found),
        };
        files.insert("report.pdf".to_owned(), pdf);
        // The record inside the PDF can't hold the PDF's own digest; the one beside it does.
        record.outputs = records(&files);
        files.insert(
            "provenance/ro-crate-metadata.json".to_owned(),
            record.to_ro_crate().into_bytes(),
        );
        files.insert("run-log.json".to_owned(), json_lines(&options.run_log));
        if let Err(diagnostic) = output::replace(&self.root.join(&folder), &files) {
            diagnostics.push(diagnostic);
            return (None, diagnostics);
        }
        (Some(format!("{folder}/report.pdf")), diagnostics)
    }

    fn template(&self, path: &str) -> Result<Arc<Source>, Diagnostic> {
        let bytes = self
            .templates
            .read(path)
            .map_err(|e| {
                Diagnostic::machine(
                    "unreadable-file",
                    format!("can't read templates/{path}: {e}"),
                )
            })?
            .ok_or_else(|| {
                Diagnostic::error("no-template", format!("there is no templates/{path}"))
            })?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Diagnostic::error("not-text", format!("templates/{path} is not UTF-8 text"))
        })?;
        Ok(Source::new(format!("templates/{path}"), text))
    }

    fn provenance(
        &self,
        prepared: &Prepared<'_>,
        loaded: &Loaded,
        style: &JournalStyle,
        document: &Document,
        time: BuildTime,
    ) -> Provenance {
        let report = &loaded.report;
        let mut sources = vec![FileRecord::of(
            &report.source.path,
            report.source.text.as_bytes(),
        )];
        sources.extend(
            loaded
                .bibliography
                .iter()
                .map(|b| FileRecord::of(&b.path, b.text.as_bytes())),
        );
        let templates = self
            .templates
            .files(&style.name)
            .into_iter()
            .filter_map(|path| {
                let bytes = self.templates.read(&path).ok().flatten()?;
                Some(FileRecord::of(format!("templates/{path}"), &bytes))
            })
            .collect();
        let manifest = FileRecord::of(FILE_NAME, self.manifest.source.text.as_bytes());
        Provenance {
            report: prepared.name.clone(),
            title: document.title.clone(),
            authors: document.authors.clone(),
            time: time.to_string(),
            version: program::VERSION.to_owned(),
            source_digest: program::source_digest().to_owned(),
            sources,
            templates,
            manifest,
            datasets: self.dataset_records(&prepared.library, &prepared.plan),
            steps: provenance::steps(&prepared.plan, |i| {
                report
                    .directives
                    .get(i)
                    .map(|d| d.span.text().to_owned())
                    .unwrap_or_default()
            }),
            outputs: Vec::new(),
        }
    }

    /// The datasets that the plan's steps read.
    fn dataset_records(&self, library: &Library<'_>, plan: &Plan) -> Vec<DatasetRecord> {
        let read: BTreeSet<_> = plan
            .steps
            .iter()
            .flat_map(|p| &p.step.inputs)
            .map(InputSpec::dataset)
            .collect();
        library
            .opened()
            .iter()
            .filter(|d| read.contains(d.id()))
            .filter_map(|d| self.dataset_record(d))
            .collect()
    }

    fn dataset_record(&self, dataset: &Dataset) -> Option<DatasetRecord> {
        let resolved = self
            .manifest
            .resolve(&dataset.id().to_string(), None)
            .ok()?;
        let entry = resolved.dataset;
        let codebook = resolved
            .codebook()
            .and_then(|path| Some((path, self.text(&path.value).ok()??)))
            .map(|(path, text)| FileRecord::of(&path.value, text.text.as_bytes()));
        let path = resolved.version.path.value.clone();
        Some(DatasetRecord {
            id: dataset.id().clone(),
            title: entry
                .title
                .clone()
                .unwrap_or_else(|| entry.name.value.clone()),
            license: entry.license.as_ref().map(|l| l.value.clone()),
            source: resolved.version.source.as_ref().map(|s| s.value.clone()),
            file: FileRecord::known(path, dataset.sha256().to_string(), dataset.bytes()),
            codebook,
        })
    }
}

/// A document with what else goes into the outputs.
#[derive(Debug)]
struct Assembled {
    document: Document,
    results: ResultSet,
    fonts: BTreeMap<String, Vec<u8>>,
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

/// Reports inline values whose label no directive has.
fn check_labels(report: &Report, diagnostics: &mut Diagnostics) {
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

fn attachments(
    record: &Provenance,
    results_json: Vec<u8>,
    results_csv: Vec<u8>,
) -> Vec<Attachment> {
    let attachment = |path: &str, bytes, mime: &str, relationship, description: &str| Attachment {
        path: path.to_owned(),
        bytes,
        mime: mime.to_owned(),
        relationship,
        description: description.to_owned(),
    };
    vec![
        attachment(
            "ro-crate-metadata.json",
            record.to_ro_crate().into_bytes(),
            "application/ld+json",
            Relationship::Supplement,
            "The provenance record: data, analyses and outputs with their digests, as Workflow Run RO-Crate",
        ),
        attachment(
            "results.json",
            results_json,
            "application/json",
            Relationship::Data,
            "Every number of the report at full precision",
        ),
        attachment(
            "results.csv",
            results_csv,
            "text/csv",
            Relationship::Data,
            "Every number of the report at full precision, as a flat table",
        ),
    ]
}

fn render_pdf(
    typst: &TypstProject,
    attachments: &[Attachment],
    time: BuildTime,
) -> Result<Vec<u8>, Diagnostics> {
    render::pdf(typst, attachments, time.seconds())
}

fn json_lines(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
