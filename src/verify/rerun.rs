//! Making a report again and comparing.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::compare::{self, Sameness};
use super::outputs::{self, OutputState, RUN_LOG};
use super::printed::Reprints;
use super::record::{Program, Record};
use super::results::{self, Numbers};
use super::tree::Tree;
use super::{Limits, Options, Verdict, Verification, printed};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Document;
use crate::plan::Event;
use crate::plan::store::Store;
use crate::project::{Outputs, Project};
use crate::statistic::StatId;

/// The path of a build's record among its outputs.
pub(super) const RECORD: &str = "provenance/ro-crate-metadata.json";
const RESULTS: &str = "results.json";

/// The outputs of a build that are to be verified.
#[derive(Debug)]
pub(super) struct Recorded {
    /// The report's name.
    pub(super) report: String,
    /// The folder of the outputs.
    pub(super) outputs: Tree,
    pub(super) record: Record,
    numbers: Numbers,
    /// The kind of processor, if the run log is there and tells.
    architecture: Option<String>,
}

#[derive(Deserialize)]
struct RunLog {
    architecture: Option<String>,
}

impl Recorded {
    /// Reads the record and the results among a build's outputs. `shown` is the folder's path as it is shown.
    pub(super) fn read(
        report: &str,
        shown: &str,
        outputs: Tree,
        limits: &Limits,
    ) -> (Option<Self>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let bytes = |path: &str| {
            let found = outputs.bytes(path, limits.json)?;
            found.ok_or_else(|| {
                let message =
                    format!("there is no `{shown}/{path}`, without which nothing can be compared");
                Diagnostic::broken("missing-file", message)
            })
        };
        let record = diagnostics.ok(bytes(RECORD));
        let numbers = diagnostics.ok(bytes(RESULTS));
        let log = bytes(RUN_LOG).ok();
        let shown = format!("{shown}/{RECORD}");
        let record = record.and_then(|b| diagnostics.extend_with(Record::read(&shown, &b, limits)));
        let numbers = numbers.and_then(|b| diagnostics.ok(results::read(report, &b)));
        let architecture = log
            .and_then(|b| serde_json::from_slice::<RunLog>(&b).ok()?.architecture)
            .filter(|a| a.len() <= 64);
        let recorded = record.zip(numbers).map(|(record, numbers)| Self {
            report: report.to_owned(),
            outputs,
            record,
            numbers,
            architecture,
        });
        (recorded, diagnostics)
    }

    /// Makes the report again in `project` and compares; enters what came of it into `verification`.
    pub(super) fn verify(
        &self,
        project: &Project,
        options: &Options,
        listen: &(dyn Fn(Event<'_>) + Sync),
        verification: &mut Verification,
    ) -> Diagnostics {
        verification.report = Some(self.report.clone());
        verification.made_by = Some(self.record.program.clone());
        verification.made_on.clone_from(&self.architecture);
        verification.time = Some(self.record.time);
        match self.rerun(project, listen, verification) {
            Ok(()) => self.judge(options, verification),
            Err(diagnostics) => diagnostics,
        }
    }

    fn rerun(
        &self,
        project: &Project,
        listen: &(dyn Fn(Event<'_>) + Sync),
        verification: &mut Verification,
    ) -> Result<(), Diagnostics> {
        let prepared = project.prepare(&self.report);
        let time = Some(self.record.time);
        let made = project.make(&prepared, &Store::none(), time, listen);
        let Some(outputs) = made.outputs else {
            return Err(made.diagnostics);
        };
        let bytes = outputs.files.get(RESULTS).map_or(&[][..], Vec::as_slice);
        let numbers = results::read(&self.report, bytes)?;
        let changed = compare::changed(&self.numbers, &numbers);
        let reprints = reprints(&changed, &numbers, &outputs.document, &|values| {
            project.reprint(&prepared, &made.steps, values)
        });
        let Outputs { files, .. } = outputs;
        verification.numbers = Some(compare::compare(&self.numbers, &numbers, reprints.as_ref()));
        verification.files = outputs::compare(&self.outputs, &files)?;
        Ok(())
    }

    fn judge(&self, options: &Options, verification: &mut Verification) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let numbers = verification.numbers.as_ref();
        let different = numbers.map_or(0, |n| n.count(Sameness::Different));
        let alike = numbers.map_or(0, |n| n.count(Sameness::Printed));
        let changed: Vec<&str> = verification
            .files
            .iter()
            .filter(|f| f.state != OutputState::Identical)
            .map(|f| f.path.as_str())
            .collect();
        if different > 0 {
            let total = numbers.map_or(0, compare::Comparison::total);
            let verb = if different == 1 { "comes" } else { "come" };
            let message = format!("{different} of {total} numbers {verb} out different");
            diagnostics.push(Diagnostic::broken("numbers-differ", message));
        }
        let reason = self.reason(options);
        verification.verdict = if changed.is_empty() && different == 0 && alike == 0 {
            Verdict::Identical
        } else if different > 0 || reason.is_none() || options.strict {
            Verdict::Different
        } else {
            Verdict::Printed
        };
        if !changed.is_empty() {
            let message = format!(
                "{} of {} files come out different: {}",
                changed.len(),
                verification.files.len(),
                list(&changed)
            );
            let explained = reason.as_deref().filter(|_| different == 0);
            diagnostics.push(match explained {
                Some(reason) if !options.strict => Diagnostic::warning("files-differ", message).help(format!(
                    "{reason}: the numbers were verified as printed, what else these files say was not"
                )),
                Some(reason) => Diagnostic::broken("files-differ", message).help(reason.to_owned()),
                None => {
                    let moved = numbers.is_some_and(|n| n.differences.iter().any(|d| d.relative > 0.0));
                    Diagnostic::broken("files-differ", message).help(match (different, moved) {
                        (1.., _) => "the numbers in them differ",
                        (0, true) => {
                            "all printed numbers are the same: another processor may have other last bits"
                        }
                        (0, false) => "they were changed after they were made",
                    })
                }
            });
        }
        diagnostics
    }

    /// Why the bytes may differ although nothing was changed; none where they may not.
    fn reason(&self, options: &Options) -> Option<String> {
        let (made_by, running) = (&self.record.program, Program::running());
        if *made_by != running {
            return Some(if made_by.version == running.version {
                format!("another build of trialbook {} made it", running.version)
            } else {
                format!(
                    "trialbook {} made it, not {}",
                    made_by.version, running.version
                )
            });
        }
        let made_on = self.architecture.as_ref()?;
        let running = &options.architecture;
        (!running.is_empty() && made_on != running)
            .then(|| format!("it was made on another kind of processor ({made_on})"))
    }
}

/// Recorded values, by number.
type Values<'a> = BTreeMap<&'a StatId, Option<f64>>;

/// Where the recorded numbers would be printed otherwise than the recomputed ones; none where that can't be told. A
/// place may show several numbers: those that differ by next to nothing are tried each alone.
fn reprints(
    changed: &Values<'_>,
    numbers: &Numbers,
    document: &Document,
    print: &dyn Fn(&Values<'_>) -> Option<Document>,
) -> Option<Reprints> {
    /// How many are tried.
    const MOST: usize = 100;
    if changed.is_empty() {
        let shown = printed::all_shown(document).into_iter();
        return Some(shown.map(|id| (id, Vec::new())).collect());
    }
    let mut all = printed::compare(&print(changed)?, document)?;
    let slight = changed.iter().filter(|(id, old)| {
        let new = numbers.get(**id).and_then(|n| n.value);
        let places = all.get(**id).is_some_and(|p| !p.is_empty());
        places && compare::is_slight(**old, new)
    });
    let slight: Vec<&StatId> = slight.map(|(id, _)| *id).take(MOST).collect();
    for id in slight {
        let alone: Values<'_> = changed
            .get(id)
            .map(|value| (id, *value))
            .into_iter()
            .collect();
        let own = printed::compare(&print(&alone)?, document)?;
        all.insert(id.clone(), own.get(id).cloned().unwrap_or_default());
    }
    Some(all)
}

/// Names, not too many of them.
fn list(names: &[&str]) -> String {
    const MOST: usize = 8;
    let mut text = names
        .iter()
        .take(MOST)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MOST {
        text.push_str(", …");
    }
    text
}
