//! The datasets of a project, each opened once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::analysis::{Datasets, InputSpec};
use crate::dataset::{Dataset, DatasetId, Frame, Keep, Schema, SqlError};
use crate::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::manifest::Manifest;
use crate::reader::At;

/// A dataset, or what kind of thing kept it from being opened.
type Opened = Result<Arc<Dataset>, Fault>;

/// The code of the diagnostic that a directive's dataset can't be used, after what is wrong with it was said.
pub const UNUSABLE: &str = "unusable-dataset";

/// Opens datasets when they are first named, and keeps them and the rows taken from them.
#[derive(Debug)]
pub struct Library<'a> {
    root: &'a Path,
    manifest: &'a Manifest,
    opened: Mutex<BTreeMap<String, Opened>>,
    frames: Mutex<BTreeMap<InputSpec, Arc<Frame>>>,
    problems: Mutex<Diagnostics>,
}

impl<'a> Library<'a> {
    /// The datasets of a manifest; their paths are below `root`.
    pub fn new(root: &'a Path, manifest: &'a Manifest) -> Self {
        Self {
            root,
            manifest,
            opened: Mutex::default(),
            frames: Mutex::default(),
            problems: Mutex::default(),
        }
    }

    /// What is wrong with the datasets that were opened since the last call.
    pub fn take_problems(&self) -> Diagnostics {
        std::mem::take(&mut *self.problems.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The datasets that were opened, by name and version.
    pub fn opened(&self) -> Vec<Arc<Dataset>> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened
            .values()
            .filter_map(|o| o.as_ref().ok().cloned())
            .collect()
    }

    /// The dataset that `name@version` names.
    pub fn open(&self, name: &At<String>) -> Result<Arc<Dataset>, Diagnostic> {
        let resolved = self
            .manifest
            .resolve(&name.value, Some(name.span.clone()))?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let found = opened.entry(resolved.reference()).or_insert_with(|| {
            let (dataset, diagnostics) = Dataset::open(self.root, &resolved);
            let fault = diagnostics
                .iter()
                .filter(|d| d.is_error())
                .map(|d| d.fault)
                .max()
                .unwrap_or(Fault::Input);
            self.problems
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(diagnostics);
            dataset.map(Arc::new).ok_or(fault)
        });
        found.clone().map_err(|fault| {
            let message = format!("the dataset `{}` can't be used", name.value);
            Diagnostic {
                fault,
                ..Diagnostic::error(UNUSABLE, message)
            }
            .at(name.span.clone())
            .help("what is wrong with it is said above")
        })
    }

    /// How many rows a dataset has that was opened; 0 for others.
    pub fn height(&self, id: &DatasetId) -> u64 {
        self.dataset(id).map_or(0, |d| d.height() as u64)
    }

    /// A dataset that was opened.
    pub fn dataset(&self, id: &DatasetId) -> Option<Arc<Dataset>> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened
            .get(&id.to_string())
            .and_then(|o| o.as_ref().ok().cloned())
    }

    /// The rows that an input names.
    pub fn frame(&self, input: &InputSpec) -> Result<Arc<Frame>, String> {
        if let Some(frame) = self
            .frames
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(input)
        {
            return Ok(Arc::clone(frame));
        }
        let dataset = self
            .dataset(input.dataset())
            .ok_or_else(|| format!("the dataset `{}` is not open", input.dataset()))?;
        let frame = match input {
            InputSpec::Frame {
                condition,
                derive,
                columns,
                ..
            } => dataset
                .frame(condition.as_deref(), derive, columns)
                .map_err(|errors| messages(&errors))?,
            InputSpec::Query { sql, .. } => {
                let answer = dataset
                    .query(sql, &[])
                    .map_err(|errors| messages(&errors))?;
                Frame {
                    dataset: dataset.id().clone(),
                    rows: (1..=answer.height as u64).collect(),
                    columns: answer.columns,
                }
            }
        };
        let frame = Arc::new(frame);
        // Rows of large data are gone when the step that needs them is done.
        if frame.height().saturating_mul(frame.columns.len() + 1) > Keep::default().values {
            return Ok(frame);
        }
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(frames.entry(input.clone()).or_insert(frame)))
    }
}

fn messages(errors: &[SqlError]) -> String {
    errors
        .iter()
        .map(|e| e.message.clone())
        .collect::<Vec<_>>()
        .join("; ")
}

/// The first error as a diagnostic at the expression, the others as help.
fn diagnostic(errors: &[SqlError], expression: &At<String>) -> Diagnostic {
    let mut all = errors
        .iter()
        .map(|e| e.diagnostic(Some(expression.span.clone())));
    let first = all.next().unwrap_or_else(|| {
        Diagnostic::error("sql", "this can't be evaluated").at(expression.span.clone())
    });
    all.fold(first, |diagnostic, other| {
        diagnostic.help(format!("also: {}", other.message))
    })
}

impl Datasets for Library<'_> {
    fn resolve(&self, name: &At<String>) -> Result<(DatasetId, String), Diagnostic> {
        let dataset = self.open(name)?;
        Ok((dataset.id().clone(), dataset.sha256().to_string()))
    }

    fn schema(
        &self,
        dataset: &DatasetId,
        derive: &[(String, String)],
    ) -> (Schema, Vec<(String, String)>) {
        let Some(dataset) = self.dataset(dataset) else {
            return Default::default();
        };
        let (schema, errors) = dataset.schema_with(derive);
        let failed = derive
            .iter()
            .filter(|(name, _)| schema.field(name).is_none())
            .map(|(name, _)| {
                let why: Vec<String> = errors
                    .iter()
                    .filter(|e| e.place == crate::dataset::SqlPlace::Derived(name.clone()))
                    .map(|e| e.message.clone())
                    .collect();
                (name.clone(), why.join("; "))
            })
            .collect();
        (schema, failed)
    }

    fn check_condition(
        &self,
        dataset: &DatasetId,
        derive: &[(String, String)],
        condition: &At<String>,
    ) -> Result<(), Diagnostic> {
        let Some(dataset) = self.dataset(dataset) else {
            return Ok(());
        };
        match dataset.frame(Some(&condition.value), derive, &[]) {
            Ok(_) => Ok(()),
            Err(errors) => Err(diagnostic(&errors, condition)),
        }
    }

    fn query_schema(&self, dataset: &DatasetId, sql: &At<String>) -> Result<Schema, Diagnostic> {
        let Some(dataset) = self.dataset(dataset) else {
            return Ok(Schema::default());
        };
        match dataset.query(&sql.value, &[]) {
            Ok(answer) => Ok(Schema {
                fields: answer.columns.into_iter().map(|c| c.field).collect(),
            }),
            Err(errors) => Err(diagnostic(&errors, sql)),
        }
    }
}
