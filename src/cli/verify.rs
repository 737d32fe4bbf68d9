//! `verify [REPORT or BUNDLE…]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::supervise::Limits;
use super::ui::{Ui, line};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::project::Project;
use crate::verify::{Options, Verification, is_bag, verify_bundle, verify_report};

/// Verifies bundles and reports.
#[derive(Debug, Args)]
#[command(after_help = "\
A REPORT is a report of this project that was built: its outputs in build/REPORT/ are compared. A BUNDLE is a zip
that `trialbook bundle` wrote, or the folder into which it was unpacked; a folder that has the name of a report as
well is written ./NAME, the report reports/NAME.

Nothing in a bundle is trusted: its archive and names are checked before anything is unpacked, every file is
compared with its digest, and the report is made again from its inputs alone in a temporary folder, within limits of
memory and time. Numbers are identical (the same bits), the same at printed precision (every place prints the same),
or different.

Exit status: 0 all is identical, or made by another trialbook or kind of processor and the same at printed precision
(not with --strict); 1 something does not hold; 2 it is no bundle, or refused; 3 the machine failed.")]
pub struct Verify {
    /// Reports by name, bundles by path [default: all reports]
    #[arg(value_name = "REPORT or BUNDLE")]
    targets: Vec<String>,
    /// Ask for the same bytes also where another trialbook or kind of processor made them
    #[arg(long)]
    strict: bool,
    /// The file of a dataset that a bundle leaves out
    #[arg(long, value_name = "NAME@VERSION=FILE", value_parser = data)]
    data: Vec<(String, PathBuf)>,
    /// How the outcome is printed on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How much memory the work may use, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4096, value_parser = clap::value_parser!(u64).range(64..=1 << 24))]
    max_memory: u64,
    /// How long the work may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1800, value_parser = clap::value_parser!(u64).range(1..=1 << 24))]
    max_time: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: one JSON object a line, of the schema trialbook-verify/1
    Json,
}

fn data(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((reference, file)) if reference.contains('@') && !file.is_empty() => {
            Ok((reference.to_owned(), PathBuf::from(file)))
        }
        _ => Err("write NAME@VERSION=FILE, such as trial@1.0.0=trial.csv".to_owned()),
    }
}

/// What is to be verified.
enum Target {
    Report(String),
    Bundle(PathBuf),
}

impl Verify {
    /// What the worker may use.
    pub fn limits(&self) -> Limits {
        Limits {
            memory: Some(self.max_memory << 20),
            time: Some(Duration::from_secs(self.max_time)),
        }
    }

    /// Verifies one after another; what fails does not keep the others from being verified.
    pub fn run(&self, root: Option<&Path>, ui: &Ui) -> Diagnostics {
        let here = std::env::current_dir().unwrap_or_default();
        let (project, found) = Project::open(root, &here);
        let (targets, mut diagnostics) = self.decide(project.as_ref(), &found);
        if targets.iter().any(|(_, t)| matches!(t, Target::Report(_))) {
            diagnostics.extend(found);
        }
        let options = Options {
            strict: self.strict,
            data: self.data.iter().cloned().collect::<BTreeMap<_, _>>(),
            architecture: std::env::consts::ARCH.to_owned(),
            ..Options::default()
        };
        for (name, target) in targets {
            let progress = ui.progress(&name, 0);
            let listen = |event: crate::plan::Event<'_>| progress.note(event);
            let (verification, found) = match (&target, &project) {
                (Target::Bundle(path), _) => verify_bundle(path, &name, &options, &listen),
                (Target::Report(report), Some(project)) => {
                    verify_report(project, report, &options, &listen)
                }
                (Target::Report(_), None) => continue,
            };
            progress.finish();
            self.print(&verification, &found);
            diagnostics.extend(found);
        }
        diagnostics
    }

    fn print(&self, verification: &Verification, diagnostics: &Diagnostics) {
        line(&match self.format {
            Format::Text => verification.to_text(),
            Format::Json => verification.to_json(diagnostics),
        });
    }

    /// What each argument names.
    fn decide(
        &self,
        project: Option<&Project>,
        no_project: &Diagnostics,
    ) -> (Vec<(String, Target)>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        if self.targets.is_empty() {
            let Some(project) = project else {
                return (Vec::new(), no_project.clone());
            };
            let all = diagnostics.extend_with(project.select(&[]));
            let all = all
                .into_iter()
                .map(|name| (name.clone(), Target::Report(name)));
            return (all.collect(), diagnostics);
        }
        let decided = self.targets.iter().filter_map(|name| {
            let target = diagnostics.ok(one(name, project, no_project))?;
            Some((name.clone(), target))
        });
        (decided.collect(), diagnostics)
    }
}

fn one(
    name: &str,
    project: Option<&Project>,
    no_project: &Diagnostics,
) -> Result<Target, Diagnostic> {
    let path = Path::new(name);
    let report = project.and_then(|p| p.select(&[name.to_owned()]).0.pop());
    if path.is_file() {
        return Ok(Target::Bundle(path.to_owned()));
    }
    let bag = path.is_dir() && is_bag(path);
    match report {
        Some(report) if !bag || name.starts_with("reports/") => return Ok(Target::Report(report)),
        Some(_) => {
            let message =
                format!("`{name}` is a report of this project, and a folder with a bundle");
            return Err(Diagnostic::error("ambiguous", message)
                .help(format!("write `reports/{name}` or `./{name}`")));
        }
        None if path.is_dir() => return Ok(Target::Bundle(path.to_owned())),
        None => {}
    }
    let message = format!("there is no report and no file `{name}`");
    let diagnostic = Diagnostic::error("unknown-report", message);
    Err(match project {
        Some(project) => diagnostic.suggest(name, project.reports().iter().map(String::as_str)),
        None => no_project
            .iter()
            .fold(diagnostic, |d, other| d.help(other.message.clone())),
    })
}
