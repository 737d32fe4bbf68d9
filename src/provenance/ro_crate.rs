//! The record as Workflow Run RO-Crate: a provenance run crate 0.5 (Leo et al 2024) that passes RO-Crate 1.2 as well.
//!
//! All paths are below the project root, so the crate's root is that folder, or the one into which a bundle unpacks.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{DatasetRecord, FileRecord, Provenance, StepRecord};
use crate::manifest::Access;
use crate::program;

const PROFILES: [(&str, &str, &str); 4] = [
    (
        "https://w3id.org/ro/wfrun/process/0.5",
        "Process Run Crate",
        "0.5",
    ),
    (
        "https://w3id.org/ro/wfrun/workflow/0.5",
        "Workflow Run Crate",
        "0.5",
    ),
    (
        "https://w3id.org/ro/wfrun/provenance/0.5",
        "Provenance Run Crate",
        "0.5",
    ),
    (
        "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
        "Workflow RO-Crate",
        "1.0",
    ),
];
const PARAMETER: &str = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE";
const HOME: &str = "https://crates.io/crates/trialbook";

impl Provenance {
    /// The record as `ro-crate-metadata.json`: UTF-8, indented, ending with a line break; the same record always gives
    /// the same bytes.
    pub fn to_ro_crate(&self) -> String {
        let crate_ = json!({
            "@context": [
                "https://w3id.org/ro/crate/1.2/context",
                "https://w3id.org/ro/terms/workflow-run/context",
            ],
            "@graph": self.graph(),
        });
        let mut text = serde_json::to_string_pretty(&crate_).unwrap_or_default();
        text.push('\n');
        text
    }

    fn graph(&self) -> Vec<Value> {
        let mut graph = vec![descriptor(), self.root()];
        graph.extend(PROFILES.iter().map(|(id, name, version)| {
            json!({"@id": id, "@type": ["CreativeWork", "Profile"], "name": name, "version": version})
        }));
        graph.extend(self.people());
        graph.extend(self.licenses());
        graph.push(self.workflow());
        graph.extend(self.software());
        graph.extend(self.parameters());
        graph.extend(self.file_entities());
        graph.extend(self.actions());
        graph
    }

    fn workflow_file(&self) -> Option<&FileRecord> {
        self.sources.first()
    }

    fn workflow_id(&self) -> String {
        self.workflow_file()
            .map_or_else(|| "#report".to_owned(), |f| uri(&f.path))
    }

    fn root(&self) -> Value {
        let absent = self.datasets.iter().filter(|d| !d.included);
        let elsewhere = absent
            .map(|d| self.dataset_id(d))
            .filter(|id| !id.starts_with('#'));
        let here = self.files().map(|f| uri(&f.path));
        let parts: Vec<Value> = here.chain(elsewhere).map(|id| reference(&id)).collect();
        let mentions: Vec<Value> = std::iter::once(reference("#run"))
            .chain(self.steps.iter().map(|s| reference(&action_id(s))))
            .collect();
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": self.title,
            "description": format!(
                "The report {} with the data, the analyses and the results that it was made of.", self.report
            ),
            "datePublished": self.time.get(..10).unwrap_or(&self.time),
            "license": {"@id": "#license"},
            "conformsTo": PROFILES.iter().map(|(id, _, _)| reference(id)).collect::<Vec<_>>(),
            "hasPart": parts,
            "mainEntity": reference(&self.workflow_id()),
            "mentions": mentions,
            "author": self.author_references(),
            "publisher": {"@id": "#publisher"},
        })
    }

    fn author_references(&self) -> Value {
        (0..self.authors.len())
            .map(|i| reference(&self.author_id(i)))
            .collect()
    }

    fn author_id(&self, i: usize) -> String {
        match self.authors.get(i).and_then(|a| a.orcid.as_ref()) {
            Some(orcid) => format!("https://orcid.org/{orcid}"),
            None => format!("#author-{}", i + 1),
        }
    }

    fn people(&self) -> Vec<Value> {
        let mut people = vec![
            json!({
                "@id": "#license",
                "@type": "CreativeWork",
                "name": "Licences of the parts",
                "description": "Each dataset has its own licence; the report is its authors'.",
            }),
            json!({
                "@id": "#publisher",
                "@type": "Organization",
                "name": "The authors of the report",
                "url": HOME,
            }),
        ];
        for (i, author) in self.authors.iter().enumerate() {
            let mut person = Map::new();
            person.insert("@id".to_owned(), json!(self.author_id(i)));
            person.insert("@type".to_owned(), json!("Person"));
            person.insert("name".to_owned(), json!(author.name));
            if let Some(affiliation) = &author.affiliation {
                let id = format!("#affiliation-{}", i + 1);
                person.insert("affiliation".to_owned(), reference(&id));
                people.push(json!({"@id": id, "@type": "Organization", "name": affiliation}));
            }
            people.push(Value::Object(person));
        }
        people
    }

    fn licenses(&self) -> Vec<Value> {
        let stated = self.datasets.iter().filter_map(|d| d.license.as_deref());
        let named: BTreeMap<String, &str> = stated.filter_map(|l| Some((spdx(l)?, l))).collect();
        named
            .into_iter()
            .map(|(id, name)| json!({"@id": id, "@type": "CreativeWork", "name": name}))
            .collect()
    }

    fn workflow(&self) -> Value {
        let inputs: Vec<Value> = (0..self.datasets.len())
            .map(|i| reference(&input_id(i)))
            .collect();
        let outputs: Vec<Value> = (0..self.outputs.len())
            .map(|i| reference(&output_id(i)))
            .collect();
        let steps: Vec<Value> = self.steps.iter().map(|s| reference(&step_id(s))).collect();
        let mut workflow = json!({
            "@id": self.workflow_id(),
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
            "name": self.title,
            "programmingLanguage": {"@id": "#language"},
            "input": inputs,
            "output": outputs,
            "hasPart": [{"@id": "#trialbook"}],
            "step": steps,
        });
        if let (Some(file), Some(map)) = (self.workflow_file(), workflow.as_object_mut()) {
            describe(map, file);
        }
        workflow
    }

    fn software(&self) -> Vec<Value> {
        vec![
            json!({
                "@id": "#language",
                "@type": "ComputerLanguage",
                "name": "trialbook's report language: Markdown with analysis directives",
                "identifier": {"@id": HOME},
                "url": {"@id": HOME},
                "version": self.version,
            }),
            // An entity of its own: the profile wants a tool's actions to be CreateActions only.
            json!({
                "@id": "#engine",
                "@type": "SoftwareApplication",
                "name": "trialbook's runner of steps",
                "url": HOME,
                "version": self.version,
            }),
            json!({
                "@id": "#trialbook",
                "@type": "SoftwareApplication",
                "name": "trialbook",
                "url": HOME,
                "version": self.version,
                "softwareVersion": self.version,
                "identifier": format!("sha256:{}", self.source_digest),
                "description": "The identifier is the SHA-256 over the program's own source files and lock file.",
            }),
        ]
    }

    fn parameters(&self) -> Vec<Value> {
        let parameter = |id: String, name: &str| {
            json!({
                "@id": id,
                "@type": "FormalParameter",
                "additionalType": "File",
                "name": name,
                "conformsTo": {"@id": PARAMETER},
            })
        };
        let inputs = self
            .datasets
            .iter()
            .enumerate()
            .map(|(i, d)| parameter(input_id(i), &d.id.to_string()));
        let outputs = self
            .outputs
            .iter()
            .enumerate()
            .map(|(i, o)| parameter(output_id(i), &o.path));
        inputs.chain(outputs).collect()
    }

    /// Every file that lies beside the record, once.
    pub fn files(&self) -> impl Iterator<Item = &FileRecord> {
        let codebooks = self.datasets.iter().filter_map(|d| d.codebook.as_ref());
        let mut seen = std::collections::BTreeSet::new();
        self.sources
            .iter()
            .chain(std::iter::once(&self.manifest))
            .chain(&self.templates)
            .chain(self.datasets.iter().filter(|d| d.included).map(|d| &d.file))
            .chain(codebooks)
            .chain(&self.outputs)
            .chain(&self.companions)
            .filter(move |f| seen.insert(f.path.clone()))
    }

    fn file_entities(&self) -> Vec<Value> {
        let workflow = self.workflow_id();
        self.files()
            .filter(|f| uri(&f.path) != workflow)
            .map(|file| self.file(file))
            .chain(self.absent_datasets())
            .collect()
    }

    /// Datasets whose files are not part of the crate: what they are, where they are, and how they can be had. A web
    /// address makes a data entity of its own; else it is a work that the crate knows by its digest alone.
    fn absent_datasets(&self) -> Vec<Value> {
        let absent = self.datasets.iter().enumerate();
        absent
            .filter(|(_, d)| !d.included)
            .map(|(i, dataset)| {
                let mut map = Map::new();
                let id = self.dataset_id(dataset);
                let kind = if id.starts_with('#') {
                    "CreativeWork"
                } else {
                    "File"
                };
                map.insert("@id".to_owned(), json!(id));
                map.insert("@type".to_owned(), json!(kind));
                describe(&mut map, &dataset.file);
                describe_dataset(&mut map, dataset);
                map.insert("exampleOfWork".to_owned(), reference(&input_id(i)));
                map.insert("alternateName".to_owned(), json!(dataset.file.path));
                Value::Object(map)
            })
            .collect()
    }

    fn file(&self, file: &FileRecord) -> Value {
        let mut map = Map::new();
        map.insert("@id".to_owned(), json!(uri(&file.path)));
        map.insert("@type".to_owned(), json!("File"));
        map.insert("name".to_owned(), json!(file.path));
        describe(&mut map, file);
        let described = self.datasets.iter().enumerate();
        if let Some((i, dataset)) = described
            .into_iter()
            .find(|(_, d)| d.file.path == file.path)
        {
            describe_dataset(&mut map, dataset);
            map.insert("exampleOfWork".to_owned(), reference(&input_id(i)));
        }
        if let Some(i) = self.outputs.iter().position(|o| o.path == file.path) {
            map.insert("exampleOfWork".to_owned(), reference(&output_id(i)));
        }
        Value::Object(map)
    }

    /// The identifier of a dataset's file: its path where it lies beside the record, else the address that everybody
    /// can fetch it from, if that is its alone, else a name of its own.
    fn dataset_id(&self, dataset: &DatasetRecord) -> String {
        let alone = |source: &String| {
            let others = self.datasets.iter().filter(|d| d.id != dataset.id);
            others
                .into_iter()
                .all(|d| d.source.as_ref() != Some(source))
        };
        match (&dataset.source, dataset.access) {
            _ if dataset.included => uri(&dataset.file.path),
            (Some(source), Access::External) if alone(source) => source.clone(),
            _ => format!("#dataset-{}", uri(&dataset.id.to_string())),
        }
    }

    fn actions(&self) -> Vec<Value> {
        let datasets: Vec<Value> = self
            .datasets
            .iter()
            .map(|d| reference(&self.dataset_id(d)))
            .collect();
        let sources: Vec<Value> = self
            .sources
            .iter()
            .chain(&self.templates)
            .map(|f| reference(&uri(&f.path)))
            .collect();
        let outputs: Vec<Value> = self
            .outputs
            .iter()
            .map(|o| reference(&uri(&o.path)))
            .collect();
        let controls: Vec<Value> = self
            .steps
            .iter()
            .map(|s| reference(&control_id(s)))
            .collect();
        let mut actions = vec![
            self.action(
                "#run",
                "The build of the report",
                &self.workflow_id(),
                &[datasets, sources].concat(),
                &outputs,
            ),
            json!({
                "@id": "#orchestration",
                "@type": "OrganizeAction",
                "name": "trialbook runs the report's steps",
                "instrument": {"@id": "#engine"},
                "object": controls,
                "result": {"@id": "#run"},
                "agent": self.agent(),
                "startTime": self.time,
                "endTime": self.time,
            }),
        ];
        for (position, step) in self.steps.iter().enumerate() {
            actions.extend(self.step(position, step));
        }
        actions
    }

    fn agent(&self) -> Value {
        if self.authors.is_empty() {
            reference("#publisher")
        } else {
            reference(&self.author_id(0))
        }
    }

    fn action(
        &self,
        id: &str,
        name: &str,
        instrument: &str,
        object: &[Value],
        result: &[Value],
    ) -> Value {
        json!({
            "@id": id,
            "@type": "CreateAction",
            "name": name,
            "instrument": reference(instrument),
            "object": object,
            "result": result,
            "agent": self.agent(),
            "startTime": self.time,
            "endTime": self.time,
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "description": "The times are the report's own, injected ones, so that a build can be repeated exactly.",
        })
    }

    fn step(&self, position: usize, record: &StepRecord) -> Vec<Value> {
        let step = &record.step;
        let mut objects: Vec<Value> = Vec::new();
        for input in &step.inputs {
            if let Some(dataset) = self.datasets.iter().find(|d| &d.id == input.dataset()) {
                let file = reference(&self.dataset_id(dataset));
                if !objects.contains(&file) {
                    objects.push(file);
                }
            }
        }
        let properties = [
            ("fingerprint", record.fingerprint.as_str().to_owned()),
            ("seed", step.seed.to_string()),
            ("method version", step.version.to_string()),
            ("spec", step.spec.clone()),
            (
                "inputs",
                serde_json::to_string(&step.inputs).unwrap_or_default(),
            ),
            ("upstream", step.upstream.join(" ")),
        ];
        let mut entities = Vec::new();
        for (name, value) in properties {
            let id = format!("{}-{}", action_id(record), name.replace(' ', "-"));
            objects.push(reference(&id));
            entities
                .push(json!({"@id": id, "@type": "PropertyValue", "name": name, "value": value}));
        }
        // A step's result is the part of the results file whose ids begin with its label.
        let results: Vec<Value> = self
            .outputs
            .iter()
            .filter(|o| o.path.ends_with("/results.json"))
            .map(|o| reference(&uri(&o.path)))
            .collect();
        let name = format!("The directive {} #{}", step.directive, step.label);
        entities.push(self.action(&action_id(record), &name, "#trialbook", &objects, &results));
        entities.push(json!({
            "@id": step_id(record),
            "@type": "HowToStep",
            "position": (position + 1).to_string(),
            "name": name,
            "text": record.text,
            "workExample": {"@id": "#trialbook"},
        }));
        entities.push(json!({
            "@id": control_id(record),
            "@type": "ControlAction",
            "name": format!("trialbook runs #{}", step.label),
            "instrument": reference(&step_id(record)),
            "object": reference(&action_id(record)),
        }));
        entities
    }
}

fn descriptor() -> Value {
    json!({
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": [
            {"@id": "https://w3id.org/ro/crate/1.1"},
            {"@id": "https://w3id.org/ro/crate/1.2"},
            {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
        ],
    })
}

fn describe(map: &mut Map<String, Value>, file: &FileRecord) {
    map.insert("encodingFormat".to_owned(), json!(file.media_type));
    map.insert("contentSize".to_owned(), json!(file.bytes.to_string()));
    map.insert("sha256".to_owned(), json!(file.sha256));
}

fn describe_dataset(map: &mut Map<String, Value>, dataset: &DatasetRecord) {
    map.insert(
        "name".to_owned(),
        json!(format!("{} ({})", dataset.title, dataset.id)),
    );
    map.insert("version".to_owned(), json!(dataset.id.version));
    if let Some(license) = &dataset.license {
        let value = match spdx(license) {
            Some(id) => reference(&id),
            None => json!(license),
        };
        map.insert("license".to_owned(), value);
    }
    if let Some(source) = &dataset.source {
        map.insert("isBasedOn".to_owned(), json!(source));
    }
    let terms = match dataset.access {
        Access::Open => None,
        Access::External => Some("To be fetched from its source.".to_owned()),
        Access::Restricted => Some(match &dataset.apply {
            Some(apply) => format!("Restricted. {apply}"),
            None => "Restricted.".to_owned(),
        }),
    };
    if let Some(terms) = terms {
        map.insert("conditionsOfAccess".to_owned(), json!(terms));
    }
    if let Some(simulated) = &dataset.simulated {
        let how = simulated.words();
        map.insert(
            "description".to_owned(),
            json!(format!("Simulated data. {how}")),
        );
        map.insert("keywords".to_owned(), json!("simulated data"));
    }
    if let Some(homepage) = &dataset.homepage {
        map.insert("url".to_owned(), json!(homepage));
    }
    if let Some(codebook) = &dataset.codebook {
        map.insert("subjectOf".to_owned(), reference(&uri(&codebook.path)));
    }
}

/// The address of a licence that is written as an SPDX identifier.
fn spdx(license: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    let sound = !license.is_empty() && license.chars().all(plain);
    sound.then(|| format!("https://spdx.org/licenses/{license}"))
}

fn reference(id: &str) -> Value {
    json!({"@id": id})
}

fn input_id(i: usize) -> String {
    format!("#input-{}", i + 1)
}

fn output_id(i: usize) -> String {
    format!("#output-{}", i + 1)
}

pub(super) fn action_id(record: &StepRecord) -> String {
    format!("#action-{}", uri(&record.step.label))
}

pub(super) fn step_id(record: &StepRecord) -> String {
    format!("#step-{}", uri(&record.step.label))
}

fn control_id(record: &StepRecord) -> String {
    format!("#control-{}", uri(&record.step.label))
}

/// A path as a relative URI: what RFC 3986 does not allow in a path is percent-encoded.
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for &byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push('%');
            uri.push_str(&program::hex(&[byte]).to_uppercase());
        }
    }
    uri
}
