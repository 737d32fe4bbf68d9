//! The command line: parses arguments, calls the library, prints.

mod build;
mod bundle;
mod check;
mod claims;
mod completions;
mod data;
mod directives;
mod new;
mod supervise;
mod trace;
mod ui;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use crate::diagnostic::{Diagnostics, Fault};
use crate::project::Project;
use supervise::{Limits, Watched, supervise};
use ui::Ui;

const EXAMPLES: &str = "\
Examples:
  trialbook new my-trial          start a report that builds
  trialbook check                 show everything that is wrong, without computing
  trialbook build                 build all reports into build/
  trialbook build my-trial --explain
  trialbook trace my-trial --shown -2.99
                                  follow a number back to the rows it came from
  trialbook claims my-trial       published values beside recomputed ones
  trialbook bundle my-trial       one archive for the journal
  trialbook verify my-trial       make it again from the data, and compare every number and byte
  trialbook data check            verify every dataset against its hash and codebook
  trialbook data fetch            get the files whose `source` the manifest names
  trialbook data describe trial --by arm
  trialbook data diff trial 1.0.0 1.1.0
                                  what changed from one version to the next

Exit status: 0 done; 1 something does not hold (a hash, a claim, a verification);
2 the input is wrong; 3 the machine failed (disk, permissions).";

/// Literate, reproducible reports of clinical trials: every number followed to the rows it came from.
#[derive(Debug, Parser)]
#[command(name = "trialbook", version, about, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
struct Global {
    /// The project: the folder with `data-manifest.toml` [default: the nearest one upwards]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    /// How diagnostics are printed on standard error
    #[arg(long, global = true, value_enum, default_value_t = MessageFormat::Human)]
    message_format: MessageFormat,
    /// When to use colours; `NO_COLOR` is respected
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MessageFormat {
    /// For people: the place, the line, what to write instead
    Human,
    /// For programs: one JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a report in reports/NAME that builds as it is
    New(new::New),
    /// Parses and resolves everything, runs no analysis, shows everything that is wrong
    Check(check::Check),
    /// Verifies the data, runs what is stale, writes the outputs to build/
    Build(build::Build),
    /// Makes one archive of a report for a journal: data, text, results, record
    Bundle(bundle::Bundle),
    /// Sets published values beside recomputed ones
    Claims(claims::Claims),
    /// Follows a number back to the rows it came from
    Trace(trace::Trace),
    /// Makes reports and bundles again from the data, and compares every number and every byte
    Verify(verify::Verify),
    /// Datasets: their versions, hashes and codebooks
    #[command(subcommand)]
    Data(data::Data),
    /// Lists the directives, or shows the manual of one
    Directives(directives::Directives),
    /// Prints a completion script for a shell
    Completions(completions::Completions),
}

impl Command {
    /// What the worker that does the command's work may use; none for a command that reads no files of others.
    fn limits(&self) -> Option<Limits> {
        match self {
            Self::Completions(_) | Self::Directives(_) | Self::New(_) => None,
            Self::Build(_)
            | Self::Bundle(_)
            | Self::Check(_)
            | Self::Claims(_)
            | Self::Data(_)
            | Self::Trace(_) => Some(Limits::default()),
            Self::Verify(command) => Some(command.limits()),
        }
    }
}

/// Runs the program with its arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Printing can only fail when nobody listens.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let ui = Ui::new(cli.global.message_format, cli.global.color);
    if let Some(limits) = cli.command.limits() {
        match supervise(&arguments, &limits) {
            Watched::Done(status) => return status,
            Watched::Died(diagnostic) => {
                let diagnostics = Diagnostics::from(diagnostic);
                ui.diagnostics(&diagnostics);
                return ExitCode::from(exit_status(&diagnostics));
            }
            Watched::Here => {}
        }
    }
    let diagnostics = match cli.command {
        Command::Completions(command) => command.run(),
        Command::Directives(command) => command.run(),
        Command::New(command) => with_project(&cli.global, |p| command.run(p)),
        Command::Check(command) => with_project(&cli.global, |p| command.run(p)),
        Command::Build(command) => with_project(&cli.global, |p| command.run(p, &ui)),
        Command::Claims(command) => with_project(&cli.global, |p| command.run(p, &ui)),
        Command::Bundle(command) => with_project(&cli.global, |p| command.run(p, &ui)),
        Command::Trace(command) => with_project(&cli.global, |p| command.run(p, &ui)),
        Command::Verify(command) => command.run(cli.global.root.as_deref(), &ui),
        Command::Data(command) => with_project(&cli.global, |p| command.run(p, &ui)),
    };
    ui.diagnostics(&diagnostics);
    ExitCode::from(exit_status(&diagnostics))
}

/// Opens the project and runs a command in it; what is wrong with the manifest is shown first.
fn with_project(global: &Global, command: impl FnOnce(&Project) -> Diagnostics) -> Diagnostics {
    let here = std::env::current_dir().unwrap_or_default();
    let (project, diagnostics) = Project::open(global.root.as_deref(), &here);
    let Some(project) = project else {
        return diagnostics;
    };
    let mut found = diagnostics;
    found.extend(command(&project));
    found
}

/// 0 without errors; else the gravest: the machine (3), the input (2), what does not hold (1).
fn exit_status(diagnostics: &Diagnostics) -> u8 {
    diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|d| match d.fault {
            Fault::Machine => 3,
            Fault::Input => 2,
            Fault::Broken => 1,
        })
        .max()
        .unwrap_or(0)
}
