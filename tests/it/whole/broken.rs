//! Broken projects: no panic, everything that is wrong said at its place, and nothing written.

mod data;
mod directives;
mod extremes;
mod manifests;
mod reports;

use std::fmt::Write as _;

use trialbook::diagnostic::Diagnostics;
use trialbook::project::{BuildOptions, RunLog};

use super::trial::{BASELINE, Trial, report, report_with, rows, shown};

/// What has no place in any text that an author wrote.
const WITHOUT_PLACE: [&str; 5] = [
    "no-report",
    "not-text",
    "outside",
    "unreadable-file",
    "write",
];

/// Broken projects with a sentence each about what is wrong with them.
struct Cases(Vec<(&'static str, Trial)>);

impl Cases {
    fn new() -> Self {
        Self(Vec::new())
    }

    /// A project.
    fn project(mut self, what: &'static str, trial: Trial) -> Self {
        self.0.push((what, trial));
        self
    }

    /// A report's whole text.
    fn text(self, what: &'static str, text: impl AsRef<[u8]>) -> Self {
        let trial = Trial::new();
        trial.write(super::trial::REPORT, text.as_ref());
        self.project(what, trial)
    }

    /// A report's body.
    fn body(self, what: &'static str, body: &str) -> Self {
        self.text(what, report(body))
    }

    /// A report with these tables in its front matter.
    fn front(self, what: &'static str, tables: &str, body: &str) -> Self {
        self.text(what, report_with(tables, body))
    }

    /// A report with one directive of that kind on the small trial, caption and data given.
    fn directive(self, what: &'static str, kind: &str, keys: &str) -> Self {
        self.body(what, &directive(kind, keys))
    }

    /// The small trial's rows changed.
    fn rows(self, what: &'static str, from: &str, to: &str) -> Self {
        let rows = rows();
        assert!(rows.contains(from), "{from}");
        self.project(
            what,
            Trial::new().with_data("trial", &rows.replace(from, to)),
        )
    }

    /// What is said about each, which must be an error; nothing may be written.
    fn errors(self) -> String {
        let mut all = String::new();
        for (what, trial) in self.0 {
            let found = said(&trial);
            assert!(found.has_errors(), "{what}: {}", shown(&found));
            assert!(!trial.path("build/small").exists(), "{what}");
            writeln!(all, "### {what}\n\n{}\n", shown(&found)).unwrap();
        }
        all
    }

    /// What `check` says about each, which must be no error.
    fn warnings(self) -> String {
        let mut all = String::new();
        for (what, trial) in self.0 {
            let found = trial.check();
            assert!(!found.has_errors(), "{what}: {}", shown(&found));
            assert!(!found.is_empty(), "{what}: nothing is said");
            writeln!(all, "### {what}\n\n{}\n", shown(&found)).unwrap();
        }
        all
    }
}

fn directive(kind: &str, keys: &str) -> String {
    let prefix = match kind {
        "consort" | "forest" | "trajectory" => "fig-",
        _ => "tbl-",
    };
    format!("```{{{kind} #{prefix}it}}\ndata = \"trial@1.0.0\"\ncaption = \"It\"\n{keys}\n```\n")
}

/// All that a build says, which is no less than what `check` says.
fn said(trial: &Trial) -> Diagnostics {
    let (project, mut all) = trial.try_open();
    if let Some(project) = project {
        let checked = project.check("small");
        let prepared = project.prepare("small");
        let options = BuildOptions {
            time: None,
            run_log: RunLog {
                started: None,
                system: String::new(),
                architecture: String::new(),
                processor: None,
                threads: 1,
                user: None,
            },
        };
        let built = project.build(&prepared, &options, &|_| {}).diagnostics;
        for diagnostic in checked.iter().filter(|d| d.is_error()) {
            let repeated = built
                .iter()
                .any(|d| d.code == diagnostic.code && d.span == diagnostic.span);
            assert!(repeated, "only `check` says: {}", diagnostic.render(false));
        }
        all.extend(built);
    }
    for diagnostic in &all {
        let code = diagnostic.code.as_ref();
        let placed = diagnostic.span.is_some() || WITHOUT_PLACE.contains(&code);
        assert!(placed, "without a place: {}", diagnostic.render(false));
        let message = &diagnostic.message;
        assert!(
            !message.ends_with('.') && !message.contains('\n'),
            "{message}"
        );
    }
    all
}
