//! `build [REPORT…]`.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::Args;

use super::ui::{Ui, line};
use crate::dataset::ABSENT;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::{Ran, Reason, UNUSABLE};
use crate::project::{BuildOptions, Project, RunLog};
use crate::time::BuildTime;

/// Builds reports.
#[derive(Debug, Args)]
#[command(after_help = "\
Outputs, in build/REPORT/: report.pdf, report.typ with all it needs, results.json, results.csv,
the record in provenance/ (ro-crate-metadata.json, prov.json), and run-log.json, which alone tells when and where the build ran.
The time inside the outputs is SOURCE_DATE_EPOCH if set, else the report's date.")]
pub struct Build {
    /// Reports by name [default: all]
    reports: Vec<String>,
    /// Say of every step why it is fresh or stale
    #[arg(long)]
    explain: bool,
    /// How many steps run at the same time [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

impl Build {
    /// Builds the reports one after another; a report that fails does not keep the others from being built.
    pub fn run(&self, project: &Project, ui: &Ui) -> Diagnostics {
        let (names, mut diagnostics) = project.select(&self.reports);
        let time = match injected_time() {
            Ok(time) => time,
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                return diagnostics;
            }
        };
        let Some(pool) = diagnostics.ok(threads(self.jobs)) else {
            return diagnostics;
        };
        for name in names {
            let said = pool.install(|| self.one(project, &name, time, ui));
            diagnostics.extend(unless_waiting(said, &self.reports));
        }
        diagnostics
    }

    fn one(&self, project: &Project, name: &str, time: Option<BuildTime>, ui: &Ui) -> Diagnostics {
        let start = Instant::now();
        let prepared = project.prepare(name);
        let progress = ui.progress(name, prepared.steps());
        let options = BuildOptions {
            time,
            run_log: run_log(),
        };
        let built = project.build(&prepared, &options, &|event| progress.note(event));
        progress.finish();
        if self.explain {
            for ran in &built.steps {
                line(&format!("{name} #{}: {}", ran.label, explain(&ran.reason)));
            }
        }
        say_waiting(name, &built.diagnostics);
        if let Some(pdf) = &built.pdf {
            let seconds = tenths(start.elapsed().as_secs_f64());
            let what = what_ran(&built.steps);
            line(&format!("{name}: {what}; wrote {pdf} ({seconds} s)"));
        }
        built.diagnostics
    }
}

/// Says in a line each for which data a report waits, and how to get them.
pub(super) fn say_waiting(name: &str, diagnostics: &Diagnostics) {
    for waiting in diagnostics.iter().filter(|d| d.code == ABSENT) {
        let how = waiting.help.first().map(String::as_str).unwrap_or_default();
        line(&format!("{name}: waits: {}; {how}", waiting.message));
    }
}

/// What is wrong with a report: that it waits for data which not everybody has only where it was asked for by name.
pub(super) fn unless_waiting(
    diagnostics: Diagnostics,
    asked_for: &[String],
) -> impl Iterator<Item = Diagnostic> {
    let waits = diagnostics.iter().any(|d| d.code == ABSENT);
    let all = !waits || !asked_for.is_empty();
    let kept = move |d: &Diagnostic| all || (d.code != ABSENT && d.code != UNUSABLE);
    diagnostics.into_iter().filter(kept)
}

/// Threads for steps: so many, or one a processor.
pub(super) fn threads(jobs: Option<u16>) -> Result<rayon::ThreadPool, Diagnostic> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.map_or(0, usize::from))
        .build()
        .map_err(|e| Diagnostic::machine("threads", format!("can't start threads: {e}")))
}

/// Seconds, rounded to tenths.
pub(super) fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

fn what_ran(steps: &[Ran]) -> String {
    let fresh = steps.iter().filter(|r| r.reason == Reason::Fresh).count();
    match (steps.len() - fresh, fresh) {
        (0, 0) => "no analyses".to_owned(),
        (0, n) => format!("nothing to run, {n} of {n} analyses fresh"),
        (ran, fresh) => format!("ran {ran} of {} analyses, {fresh} fresh", ran + fresh),
    }
}

fn explain(reason: &Reason) -> String {
    match reason {
        Reason::Fresh => "fresh: nothing it depends on has changed".to_owned(),
        Reason::New => "ran: it was not there at the last build".to_owned(),
        Reason::Changed(what) => format!("ran: changed since the last build: {}", what.join(", ")),
        Reason::NotStored => "ran: nothing changed, but its result was not in the store".to_owned(),
        Reason::Blocked(label) => format!("not run: #{label}, on which it builds, failed"),
    }
}

/// The time from `SOURCE_DATE_EPOCH`, if that is set.
pub(super) fn injected_time() -> Result<Option<BuildTime>, Diagnostic> {
    let Some(value) = std::env::var_os("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    let time = value
        .to_str()
        .and_then(|text| text.trim().parse().ok())
        .and_then(BuildTime::from_seconds);
    match time {
        Some(time) => Ok(Some(time)),
        None => {
            let message = format!("SOURCE_DATE_EPOCH is `{}`", value.to_string_lossy());
            Err(Diagnostic::error("source-date-epoch", message)
                .help("set it to whole seconds since 1970, or unset it"))
        }
    }
}

/// What the clock and the machine say.
pub(super) fn run_log() -> RunLog {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(now.as_secs()).unwrap_or_default();
    RunLog {
        started: BuildTime::from_seconds(seconds).map(|t| t.to_string()),
        system: std::env::consts::OS.to_owned(),
        architecture: std::env::consts::ARCH.to_owned(),
        processor: processor(),
        threads: rayon::current_num_threads(),
        user: std::env::var("USER")
            .or_else(|_| std::env::var("USERNAME"))
            .ok(),
    }
}

/// The processor's name, where the system tells it as Linux does.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("model name"))?;
    let (_, name) = line.split_once(':')?;
    Some(name.trim().to_owned())
}
