//! The record of what a report was made of.

use std::collections::BTreeSet;

use super::Project;
use super::prepare::{Loaded, Prepared};
use crate::analysis::InputSpec;
use crate::dataset::Dataset;
use crate::document::Document;
use crate::manifest::FILE_NAME;
use crate::plan::{Library, Plan};
use crate::program;
use crate::provenance::{self, DatasetRecord, FileRecord, Provenance};
use crate::reader::At;
use crate::style::JournalStyle;
use crate::time::BuildTime;

impl Project {
    /// The record, but for the outputs.
    pub(super) fn provenance(
        &self,
        prepared: &Prepared<'_>,
        loaded: &Loaded,
        style: &JournalStyle,
        document: &Document,
        time: BuildTime,
    ) -> Provenance {
        let report = &loaded.report;
        let sources = loaded
            .sources()
            .map(|s| FileRecord::of(&s.path, s.text.as_bytes()))
            .collect();
        let (rules, fonts) = (
            self.templates.files(&style.name),
            self.templates.files("fonts"),
        );
        let templates = rules
            .into_iter()
            .chain(fonts)
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
                let directive = report.directives.get(i).map(|d| &d.span);
                directive
                    .map(|span| {
                        let (line, _) = span.source.line_column(span.range.start);
                        (span.text().to_owned(), line)
                    })
                    .unwrap_or_default()
            }),
            outputs: Vec::new(),
            companions: Vec::new(),
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
            source: public(resolved.version.source.as_ref()),
            homepage: entry.homepage.clone(),
            access: resolved.access(),
            apply: resolved.apply().map(str::to_owned),
            simulated: resolved.simulated().cloned(),
            included: true,
            file: FileRecord::known(path, dataset.sha256().to_string(), dataset.bytes()),
            codebook,
            rows: dataset.height() as u64,
        })
    }
}

/// Where others can get a file; a place on the author's machine is none.
fn public(source: Option<&At<String>>) -> Option<String> {
    source
        .map(|s| s.value.clone())
        .filter(|s| !s.starts_with("file:"))
}
