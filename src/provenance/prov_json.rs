//! The record as W3C PROV, in the serialisation PROV-JSON (Huynh et al 2013, W3C member submission).
//!
//! Identifiers are those of the RO-Crate, relative to its root, under the prefix `here`: `here:#action-tbl-baseline` is
//! the action that the crate calls `#action-tbl-baseline`, `here:data/trial.csv` its file. The root has no address
//! before it is published, so it gets one that says nothing but the report's name (scheme `arcp`).

use serde_json::{Map, Value, json};

// The identifiers are the same in both forms.
use super::ro_crate as ids;
use super::{DatasetRecord, FileRecord, Provenance, StepRecord};

/// The document while it is put together: kinds of records with their records.
struct Document<'a> {
    record: &'a Provenance,
    kinds: Map<String, Value>,
    /// How many relations there are, for their identifiers.
    relations: usize,
}

impl Provenance {
    /// The record as PROV-JSON: UTF-8, indented, ending with a line break; the same record always gives the same bytes.
    pub fn to_prov_json(&self) -> String {
        let mut document = Document {
            record: self,
            kinds: Map::new(),
            relations: 0,
        };
        document.prefixes();
        document.agents();
        document.inputs();
        document.steps();
        document.run();
        let mut text = serde_json::to_string_pretty(&document.kinds).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The PROV identifiers of the authors.
    fn person_ids(&self) -> Vec<String> {
        let id = |(i, author): (usize, &crate::document::Author)| match &author.orcid {
            Some(orcid) => format!("orcid:{orcid}"),
            None => format!("here:#author-{}", i + 1),
        };
        self.authors.iter().enumerate().map(id).collect()
    }
}

impl Document<'_> {
    fn add(&mut self, kind: &str, id: &str, value: Value) {
        let kinds = self.kinds.entry(kind).or_insert_with(|| json!({}));
        if let Some(kinds) = kinds.as_object_mut() {
            kinds.insert(id.to_owned(), value);
        }
    }

    fn relate(&mut self, kind: &str, pairs: &[(&str, &str)]) {
        self.relations += 1;
        let id = format!("_:r{}", self.relations);
        let value: Map<String, Value> = pairs
            .iter()
            .map(|(key, value)| (format!("prov:{key}"), json!(value)))
            .collect();
        self.add(kind, &id, Value::Object(value));
    }

    fn prefixes(&mut self) {
        let here = format!("arcp://name,{}/", ids::uri(&self.record.report));
        for (prefix, address) in [
            ("here", here.as_str()),
            ("orcid", "https://orcid.org/"),
            ("schema", "https://schema.org/"),
        ] {
            self.add("prefix", prefix, json!(address));
        }
    }

    fn agents(&mut self) {
        let record = self.record;
        self.add(
            "agent",
            "here:#trialbook",
            json!({
                "prov:type": name("prov:SoftwareAgent"),
                "prov:label": format!("trialbook {}", record.version),
                "schema:softwareVersion": record.version,
                "schema:identifier": format!("sha256:{}", record.source_digest),
            }),
        );
        for (id, author) in record.person_ids().iter().zip(&record.authors) {
            let mut person = json!({"prov:type": name("prov:Person"), "prov:label": author.name});
            if let (Some(affiliation), Some(map)) = (&author.affiliation, person.as_object_mut()) {
                map.insert("schema:affiliation".to_owned(), json!(affiliation));
            }
            self.add("agent", id, person);
        }
        if let Some(first) = record.person_ids().first() {
            let pairs = [("delegate", "here:#trialbook"), ("responsible", first)];
            self.relate("actedOnBehalfOf", &pairs);
        }
    }

    fn file(&mut self, file: &FileRecord, kind: Option<&str>) {
        let mut value = json!({
            "prov:label": file.path,
            "schema:sha256": file.sha256,
            "schema:contentSize": file.bytes,
            "schema:encodingFormat": file.media_type,
        });
        if let (Some(kind), Some(map)) = (kind, value.as_object_mut()) {
            map.insert("prov:type".to_owned(), name(kind));
        }
        self.add("entity", &file_id(file), value);
    }

    /// What went in: datasets with their codebooks, the report's text as the plan, the manifest, templates.
    fn inputs(&mut self) {
        let record = self.record;
        for (i, source) in record.sources.iter().enumerate() {
            self.file(source, (i == 0).then_some("prov:Plan"));
            for author in record.person_ids() {
                let pairs = [("entity", file_id(source)), ("agent", author)];
                self.relate("wasAttributedTo", &borrowed(&pairs));
            }
        }
        self.file(&record.manifest, None);
        for template in &record.templates {
            self.file(template, None);
        }
        for dataset in &record.datasets {
            if let Some(codebook) = &dataset.codebook {
                self.file(codebook, None);
            }
            self.dataset(dataset);
        }
    }

    fn dataset(&mut self, dataset: &DatasetRecord) {
        let mut value = json!({
            "prov:label": format!("{} ({})", dataset.title, dataset.id),
            "schema:version": dataset.id.version,
            "schema:sha256": dataset.file.sha256,
            "schema:contentSize": dataset.file.bytes,
            "schema:encodingFormat": dataset.file.media_type,
        });
        if let Some(map) = value.as_object_mut() {
            for (key, stated) in [
                ("schema:license", &dataset.license),
                ("schema:conditionsOfAccess", &dataset.apply),
                ("schema:url", &dataset.source),
            ] {
                if let Some(stated) = stated {
                    map.insert(key.to_owned(), json!(stated));
                }
            }
            if dataset.simulated.is_some() {
                map.insert("schema:keywords".to_owned(), json!("simulated data"));
            }
        }
        self.add("entity", &entity_of(dataset), value);
    }

    fn steps(&mut self) {
        let record = self.record;
        for step in &record.steps {
            let (act, plan, result) = (activity(step), plan(step), result(step));
            let label = format!("{} #{}", step.step.directive, step.step.label);
            let times = self.times(&label);
            self.add("activity", &act, times);
            self.add(
                "entity",
                &plan,
                json!({"prov:type": name("prov:Plan"), "prov:label": label, "prov:value": step.text}),
            );
            self.add(
                "entity",
                &result,
                json!({
                    "prov:label": format!("The results of #{}", step.step.label),
                    "schema:identifier": format!("fingerprint:{}", step.fingerprint),
                }),
            );
            if let Some(report) = record.sources.first() {
                let pairs = [
                    ("generatedEntity", plan.clone()),
                    ("usedEntity", file_id(report)),
                ];
                self.relate("wasDerivedFrom", &borrowed(&pairs));
            }
            let pairs = [
                ("activity", act.clone()),
                ("agent", "here:#trialbook".to_owned()),
                ("plan", plan),
            ];
            self.relate("wasAssociatedWith", &borrowed(&pairs));
            self.made(&result, &act);
            self.step_inputs(step, &act, &result);
        }
    }

    fn step_inputs(&mut self, step: &StepRecord, act: &str, result_of: &str) {
        let record = self.record;
        let read = |d: &&DatasetRecord| step.step.inputs.iter().any(|i| i.dataset() == &d.id);
        let datasets: Vec<String> = record.datasets.iter().filter(read).map(entity_of).collect();
        let before: Vec<&StepRecord> = record
            .steps
            .iter()
            .filter(|s| step.step.upstream.contains(&s.step.label))
            .collect();
        let results: Vec<String> = before.iter().map(|s| result(s)).collect();
        for input in datasets.iter().chain(&results) {
            self.relate("used", &[("activity", act), ("entity", input)]);
            let pairs = [
                ("generatedEntity", result_of),
                ("usedEntity", input.as_str()),
                ("activity", act),
            ];
            self.relate("wasDerivedFrom", &pairs);
        }
        for earlier in before {
            let informant = activity(earlier);
            self.relate(
                "wasInformedBy",
                &[("informed", act), ("informant", &informant)],
            );
        }
    }

    /// The run: it uses what the steps came to, the texts and the templates, and makes the outputs.
    fn run(&mut self) {
        let record = self.record;
        let run = "here:#run";
        let times = self.times("The build of the report");
        self.add("activity", run, times);
        let plan = record.sources.first().map(file_id);
        let mut pairs = vec![("activity", run), ("agent", "here:#trialbook")];
        pairs.extend(plan.as_deref().map(|p| ("plan", p)));
        self.relate("wasAssociatedWith", &pairs);
        for author in record.person_ids() {
            self.relate(
                "wasAssociatedWith",
                &[("activity", run), ("agent", &author)],
            );
        }
        let texts = record
            .sources
            .iter()
            .chain([&record.manifest])
            .chain(&record.templates);
        let codebooks = record.datasets.iter().filter_map(|d| d.codebook.as_ref());
        let used: Vec<String> = texts
            .chain(codebooks)
            .map(file_id)
            .chain(record.datasets.iter().map(entity_of))
            .chain(record.steps.iter().map(result))
            .collect();
        for entity in &used {
            self.relate("used", &[("activity", run), ("entity", entity)]);
        }
        for step in &record.steps {
            let informant = activity(step);
            self.relate(
                "wasInformedBy",
                &[("informed", run), ("informant", &informant)],
            );
        }
        for output in &record.outputs {
            self.file(output, None);
            self.made(&file_id(output), run);
            for source in self.origins(output) {
                let pairs = [("generatedEntity", file_id(output)), ("usedEntity", source)];
                self.relate("wasDerivedFrom", &borrowed(&pairs));
            }
        }
    }

    /// What an output was made of: pages and results of all steps' results, the pages of the text as well; what is a
    /// copy of an input, of that.
    fn origins(&self, output: &FileRecord) -> Vec<String> {
        let record = self.record;
        let name = output.path.rsplit('/').next().unwrap_or_default();
        let mut origins = Vec::new();
        if matches!(name, "report.pdf" | "report.typ") {
            origins.extend(record.sources.iter().map(file_id));
        }
        if matches!(
            name,
            "report.pdf" | "report.typ" | "results.json" | "results.csv"
        ) {
            origins.extend(record.steps.iter().map(result));
        } else {
            let inputs = record.sources.iter().chain(&record.templates);
            origins.extend(inputs.filter(|i| i.sha256 == output.sha256).map(file_id));
        }
        origins
    }

    fn made(&mut self, entity: &str, activity: &str) {
        let time = self.record.time.clone();
        let pairs = [
            ("entity", entity),
            ("activity", activity),
            ("time", time.as_str()),
        ];
        self.relate("wasGeneratedBy", &pairs);
    }

    fn times(&self, label: &str) -> Value {
        json!({
            "prov:startTime": self.record.time,
            "prov:endTime": self.record.time,
            "prov:label": label,
        })
    }
}

fn borrowed<'a>(pairs: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    pairs
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect()
}

/// A value that is a name, not a text.
fn name(name: &str) -> Value {
    json!({"$": name, "type": "prov:QUALIFIED_NAME"})
}

fn file_id(file: &FileRecord) -> String {
    format!("here:{}", ids::uri(&file.path))
}

/// Datasets are known by the place that the manifest gives their files, whoever has them.
fn entity_of(dataset: &DatasetRecord) -> String {
    file_id(&dataset.file)
}

fn activity(step: &StepRecord) -> String {
    format!("here:{}", ids::action_id(step))
}

fn plan(step: &StepRecord) -> String {
    format!("here:{}", ids::step_id(step))
}

fn result(step: &StepRecord) -> String {
    format!("here:#results-{}", ids::uri(&step.step.label))
}
