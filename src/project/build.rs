//! Building a report: making its outputs and putting them in their place.

use serde::Serialize;

use super::{BUILD, Made, Prepared, Project, output};
use crate::diagnostic::Diagnostics;
use crate::plan::store::LastBuild;
use crate::plan::{Event, Ran};
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
    /// The processor, as the system names it: another one may round the last bits of large sums otherwise.
    pub processor: Option<String>,
    /// How many steps could run at the same time.
    pub threads: usize,
    /// Who ran it, as the system names them.
    pub user: Option<String>,
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
    /// Builds a prepared report. Nothing is written where anything is wrong, in the manifest either; the last good
    /// outputs stay.
    pub fn build(
        &self,
        prepared: &Prepared<'_>,
        options: &BuildOptions,
        listen: &(dyn Fn(Event<'_>) + Sync),
    ) -> Built {
        let store = self.store();
        let Made {
            steps,
            outputs,
            mut diagnostics,
        } = self.make(prepared, &store, options.time, listen);
        let mut pdf = None;
        if let Some(outputs) = outputs {
            let folder = format!("{BUILD}/{}", prepared.name);
            let mut files = outputs.files;
            files.insert("run-log.json".to_owned(), json_lines(&options.run_log));
            match output::replace(&self.root.join(&folder), &files) {
                Ok(()) => {
                    pdf = Some(format!("{folder}/report.pdf"));
                    let kept = store.keep_last_build(&prepared.name, &last_build(prepared));
                    diagnostics.extend(kept.err());
                }
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        diagnostics.sort();
        Built {
            steps,
            pdf,
            diagnostics,
        }
    }
}

fn last_build(prepared: &Prepared<'_>) -> LastBuild {
    let steps = prepared.plan.steps.iter();
    LastBuild {
        steps: steps
            .map(|p| (p.step.label.clone(), p.components.clone()))
            .collect(),
    }
}

pub(super) fn json_lines(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
