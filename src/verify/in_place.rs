//! A report in place: its outputs in `build/` against the data and sources beside them.

use super::changed_data;
use super::rerun::Recorded;
use super::tree::Tree;
use super::{Options, Verification};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::Event;
use crate::program;
use crate::project::Project;

/// Verifies a report that was built: its outputs are what its record says, and come out again from the data.
pub fn verify_report(
    project: &Project,
    report: &str,
    options: &Options,
    listen: &(dyn Fn(Event<'_>) + Sync),
) -> (Verification, Diagnostics) {
    let mut verification = Verification::new(report);
    verification.report = Some(report.to_owned());
    let folder = format!("build/{report}");
    let place = project.root().join(&folder);
    if !place.is_dir() {
        let message = format!("`{report}` has not been built: there is no {folder}");
        let diagnostic = Diagnostic::error("not-built", message)
            .help(format!("`trialbook build {report}` builds it"));
        return (verification, diagnostic.into());
    }
    let mut diagnostics = Diagnostics::new();
    let outputs = diagnostics.ok(Tree::read(&place, &options.limits));
    let recorded = outputs.and_then(|outputs| {
        diagnostics.extend_with(Recorded::read(report, &folder, outputs, &options.limits))
    });
    let Some(recorded) = recorded else {
        return (verification, diagnostics);
    };
    let held = digests(project, &recorded, options, &mut diagnostics);
    verification.checked.push(format!(
        "{held} of {} files are those of its record",
        recorded.record.files.len()
    ));
    diagnostics.extend(recorded.verify(project, options, listen, &mut verification));
    if verification.numbers.is_none() {
        let read = |path: &str| project.bytes(path, options.limits.total);
        let made = changed_data::compare(&recorded, &read, options, listen, &mut verification);
        diagnostics.extend(made.unwrap_or_else(|d| Some(d.into())).unwrap_or_default());
    }
    (verification, diagnostics)
}

/// How many of the record's files are as it says; the others are reported.
fn digests(
    project: &Project,
    recorded: &Recorded,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> usize {
    let mut held = 0;
    for (path, promise) in &recorded.record.files {
        let found = match project.bytes(path, options.limits.total) {
            Ok(Some(bytes)) => Some(program::sha256(&bytes)),
            Ok(None) => None,
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                continue;
            }
        };
        if found.as_ref() == Some(&promise.sha256) {
            held += 1;
            continue;
        }
        // A style that comes with the program has no file in the project.
        if found.is_none() && path.starts_with("templates/") {
            held += 1;
            continue;
        }
        let message = match found {
            Some(_) => format!("{path} is not the file that the record of the build names"),
            None => format!("{path}, which the record of the build names, is not there"),
        };
        diagnostics.push(Diagnostic::broken("changed-file", message).help(format!(
            "it was changed after the build: `trialbook build {}` builds the report again",
            recorded.report
        )));
    }
    held
}
