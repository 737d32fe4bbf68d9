//! A report's outputs in memory: what `build` writes and `verify` compares.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::assemble::Assembled;
use super::claims::set_beside;
use super::prepare::{Loaded, Prepared, check_labels};
use super::{BUILD, Project};
use crate::analysis::Outcome;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::document::Document;
use crate::plan::store::Store;
use crate::plan::{self, Event, Ran};
use crate::provenance::{FileRecord, Provenance};
use crate::render::typst::PageSettings;
use crate::render::{self, Attachment, Relationship};
use crate::statistic::ResultSet;
use crate::style::JournalStyle;
use crate::time::BuildTime;
use crate::trace::{Material, appendix};

/// What a report becomes.
#[derive(Debug)]
pub struct Outputs {
    /// The files by their path below `build/REPORT/`. The run log is not among them.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The document that the PDF shows.
    pub document: Document,
    /// Every number at full precision.
    pub results: ResultSet,
    /// What it was made of, with the digests of all files but the record's own.
    pub record: Provenance,
}

/// What making a report's outputs came to.
#[derive(Debug)]
pub struct Made {
    /// What happened to each step.
    pub steps: Vec<Ran>,
    /// The outputs; none where anything is wrong.
    pub outputs: Option<Outputs>,
    /// All that is wrong or remarkable.
    pub diagnostics: Diagnostics,
}

/// What a report's steps came to, before pages are printed: what `trace` looks at.
#[derive(Debug)]
pub struct Draft {
    /// What happened to each step.
    pub steps: Vec<Ran>,
    /// The numbers in their document; none where anything is wrong.
    pub content: Option<Content>,
    /// All that is wrong or remarkable.
    pub diagnostics: Diagnostics,
}

/// A document with the numbers in it and what they were made of.
#[derive(Debug)]
pub struct Content {
    /// The document.
    pub document: Document,
    /// Every number at full precision.
    pub results: ResultSet,
    /// What they were made of; no outputs yet.
    pub record: Provenance,
    /// What each step gave, by label.
    pub outcomes: BTreeMap<String, Arc<Outcome>>,
    /// The fonts' files by name.
    pub(super) fonts: BTreeMap<String, Vec<u8>>,
}

impl Content {
    /// What traces are made of.
    pub fn material(&self) -> Material<'_> {
        Material {
            document: &self.document,
            results: &self.results,
            record: &self.record,
            outcomes: &self.outcomes,
        }
    }
}

impl Project {
    /// Runs what `store` does not hold and makes the outputs, which nothing is written of. There are none where
    /// anything is wrong, in the manifest either. `time` is the time inside the outputs; the report's date if not given.
    pub fn make(
        &self,
        prepared: &Prepared<'_>,
        store: &Store,
        time: Option<BuildTime>,
        listen: &(dyn Fn(Event<'_>) + Sync),
    ) -> Made {
        let Draft {
            steps,
            content,
            mut diagnostics,
        } = self.draft(prepared, store, time, listen);
        let outputs = content.and_then(|content| {
            let loaded = prepared.loaded.as_ref()?;
            let style = loaded.style.as_ref()?;
            let content = diagnostics.extend_with(set_beside(loaded, style, content));
            if diagnostics.has_errors() {
                return None;
            }
            let time = prepared.time(time);
            diagnostics.extend_with(self.outputs(&prepared.name, style, content, time))
        });
        diagnostics.sort();
        Made {
            steps,
            outputs,
            diagnostics,
        }
    }

    /// Runs what `store` does not hold and brings the numbers into their document.
    pub fn draft(
        &self,
        prepared: &Prepared<'_>,
        store: &Store,
        time: Option<BuildTime>,
        listen: &(dyn Fn(Event<'_>) + Sync),
    ) -> Draft {
        let mut diagnostics = prepared.diagnostics.clone();
        let mut draft = Draft {
            steps: Vec::new(),
            content: None,
            diagnostics: Diagnostics::new(),
        };
        if let Some(loaded) = &prepared.loaded {
            let (report, library) = (&loaded.report, &prepared.library);
            let ran = plan::run(report, &prepared.plan, library, store, listen);
            draft.steps = diagnostics.extend_with(ran);
            let outcomes = sound_outcomes(&draft.steps);
            if let Some(style) = &loaded.style {
                let assembled = diagnostics.extend_with(self.assemble(
                    loaded,
                    &prepared.plan,
                    style,
                    &outcomes,
                ));
                if self.sound && !diagnostics.has_errors() {
                    let time = prepared.time(time);
                    draft.content = assembled
                        .map(|a| self.content(prepared, (loaded, style), a, outcomes, time));
                }
            } else {
                check_labels(report, &mut diagnostics);
            }
        }
        diagnostics.sort();
        draft.diagnostics = diagnostics;
        draft
    }

    fn content(
        &self,
        prepared: &Prepared<'_>,
        (loaded, style): (&Loaded, &JournalStyle),
        assembled: Assembled,
        outcomes: BTreeMap<String, Arc<Outcome>>,
        time: BuildTime,
    ) -> Content {
        let mut document = assembled.document;
        document.date = time.days();
        let mut content = Content {
            record: self.provenance(prepared, loaded, style, &document, time),
            document,
            results: assembled.results,
            outcomes,
            fonts: assembled.fonts,
        };
        if loaded.report.front.provenance {
            content.document.appendix = Some(appendix(&content.material()));
        }
        content
    }

    fn outputs(
        &self,
        name: &str,
        style: &JournalStyle,
        content: Content,
        time: BuildTime,
    ) -> (Option<Outputs>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let Content {
            document,
            results,
            mut record,
            fonts,
            ..
        } = content;
        let template = match self.template(&format!("{}/page.typ", style.name)) {
            Ok(template) => template,
            Err(diagnostic) => return (None, diagnostic.into()),
        };
        let settings = diagnostics.extend_with(PageSettings::of(style));
        let typst = match render::typst::source(&document, &settings, &template, &fonts) {
            Ok(typst) => typst,
            Err(found) => return (None, found),
        };
        let results_json = render::results_json(name, &results);
        let results_csv = render::results_csv(&results);
        let mut files: BTreeMap<String, Vec<u8>> = typst.files.clone();
        files.insert("results.json".to_owned(), results_json.clone());
        files.insert("results.csv".to_owned(), results_csv.clone());
        record.outputs = records(name, &files);
        let attachments = attachments(&record, results_json, results_csv);
        let pdf = match render::pdf(&typst, &attachments, time.seconds()) {
            Ok(pdf) => pdf,
            Err(found) => return (None, found),
        };
        files.insert("report.pdf".to_owned(), pdf);
        // The record inside the PDF can't hold the PDF's own digest; the one beside it does.
        record.outputs = records(name, &files);
        files.insert(
            "provenance/prov.json".to_owned(),
            record.to_prov_json().into_bytes(),
        );
        record.outputs = records(name, &files);
        files.insert(
            "provenance/ro-crate-metadata.json".to_owned(),
            record.to_ro_crate().into_bytes(),
        );
        let outputs = Outputs {
            files,
            document,
            results,
            record,
        };
        (Some(outputs), diagnostics)
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
}

fn records(report: &str, files: &BTreeMap<String, Vec<u8>>) -> Vec<FileRecord> {
    files
        .iter()
        .map(|(path, bytes)| FileRecord::of(format!("{BUILD}/{report}/{path}"), bytes))
        .collect()
}

/// The results of the steps that have one, by label.
pub(super) fn sound_outcomes(steps: &[Ran]) -> BTreeMap<String, Arc<Outcome>> {
    let sound = |ran: &Ran| {
        let outcome = ran.outcome.clone().filter(|o| !o.has_errors())?;
        Some((ran.label.clone(), outcome))
    };
    steps.iter().filter_map(sound).collect()
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
