//! A small trial in a folder of its own, with everything that a report needs, to be spoiled by tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use tempfile::TempDir;
use trialbook::analysis::Outcome;
use trialbook::dataset::digest;
use trialbook::diagnostic::{Diagnostics, Source};
use trialbook::plan::store::{LastBuild, Store};
use trialbook::plan::{self, Library, Ran, Reason};
use trialbook::project::Project;
use trialbook::report::Report;

/// Where the only report of most tests stands.
pub const REPORT: &str = "reports/small/report.md";

const FRONT: &str = r#"+++
title = "A small trial"
date = 2026-01-31

[arms]
variable = "arm"
reference = "Control"
"#;

const CODEBOOK: &str = r#"[[fields]]
name = "id"
type = "integer"

[[fields]]
name = "arm"
type = "string"
categories = ["Control", "Active"]

[[fields]]
name = "sex"
type = "string"
categories = ["female", "male"]

[[fields]]
name = "age"
type = "integer"

[[fields]]
name = "pre"
type = "number"

[[fields]]
name = "post"
type = "number"
"#;

/// Rows of id, arm, sex, age, pre, post: 8 in the control arm and 8 in the active one, no two alike.
pub fn rows() -> String {
    let mut text = String::from("id,arm,sex,age,pre,post\n");
    for id in 1..=16_i32 {
        let arm = if id % 2 == 0 { "Active" } else { "Control" };
        let sex = if id % 3 == 0 { "male" } else { "female" };
        let (age, pre) = (17 + id * 2, 20 + (id * 7) % 11);
        let post = pre - 1 - (id * 5) % 7 - if id % 2 == 0 { 3 } else { 0 };
        writeln!(text, "{id},{arm},{sex},{age},{pre}.5,{post}").unwrap();
    }
    text
}

/// A report of that body, with the small trial's front matter.
pub fn report(body: &str) -> String {
    format!("{FRONT}+++\n\n{body}")
}

/// A report of that body, with more front matter before the arms and tables after them.
pub fn report_with(tables: &str, body: &str) -> String {
    format!("{FRONT}{tables}+++\n\n{body}")
}

/// A `table1` of the ages in `trial@1.0.0`.
pub const BASELINE: &str = "```{table1 #tbl-baseline}\ndata = \"trial@1.0.0\"\n\
caption = \"Characteristics at baseline\"\n[[row]]\nvariable = \"age\"\n```\n";

/// A project in a temporary folder.
pub struct Trial {
    root: TempDir,
    datasets: BTreeMap<String, String>,
}

impl Trial {
    /// The trial with the dataset `trial@1.0.0` and a report that shows one table.
    pub fn new() -> Self {
        let trial = Self {
            root: TempDir::new().unwrap(),
            datasets: BTreeMap::new(),
        };
        trial
            .with_data("trial", &rows())
            .with_report(&report(BASELINE))
    }

    /// The trial with that report in place of its own.
    pub fn with_report(self, text: &str) -> Self {
        self.write(REPORT, text.as_bytes());
        self
    }

    /// The trial with that dataset, version 1.0.0, a CSV in the trial's columns; the manifest promises its bytes.
    pub fn with_data(mut self, name: &str, csv: &str) -> Self {
        self.set_data(name, csv);
        self
    }

    /// The trial with the codebook of the dataset `trial` replaced.
    pub fn with_codebook(self, text: &str) -> Self {
        self.write("data/trial/codebook.toml", text.as_bytes());
        self
    }

    /// Puts a dataset in the place of another of its name, and its promise into the manifest.
    pub fn set_data(&mut self, name: &str, csv: &str) {
        self.write(&format!("data/{name}/data.csv"), csv.as_bytes());
        self.write(&format!("data/{name}/codebook.toml"), CODEBOOK.as_bytes());
        let entry = format!(
            "\n[[dataset]]\nname = \"{name}\"\ncodebook = \"data/{name}/codebook.toml\"\n\n[[dataset.version]]\n\
             version = \"1.0.0\"\npath = \"data/{name}/data.csv\"\nsha256 = \"{}\"\nbytes = {}\n",
            digest(csv.as_bytes()),
            csv.len()
        );
        self.datasets.insert(name.to_owned(), entry);
        let entries: String = self.datasets.values().map(String::as_str).collect();
        let text = format!("# A comment to be kept.\n[project]\nname = \"Small\"\n{entries}");
        self.write("data-manifest.toml", text.as_bytes());
    }

    /// The root folder.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// A path below the root.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Writes a file.
    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A file's text.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Changes a text file, in which `from` must stand.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from}");
        self.write(path, text.replace(from, to).as_bytes());
    }

    /// The project, about whose manifest there is nothing to say.
    pub fn open(&self) -> Project {
        let (project, diagnostics) = self.try_open();
        assert!(diagnostics.is_empty(), "{}", shown(&diagnostics));
        project.unwrap()
    }

    /// The project with what is said about its manifest.
    pub fn try_open(&self) -> (Option<Project>, Diagnostics) {
        Project::open(Some(self.root()), self.root())
    }

    /// Everything that `check` says about the manifest and the report.
    pub fn check(&self) -> Diagnostics {
        let (project, mut diagnostics) = self.try_open();
        if let Some(project) = project {
            diagnostics.extend(project.check("small"));
        }
        diagnostics
    }

    /// The program, to be run in the trial's folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trialbook"));
        command
            .args(arguments)
            .current_dir(self.root())
            .env_remove("SOURCE_DATE_EPOCH")
            .env_remove("NO_COLOR");
        command
    }

    /// Runs the program in the trial's folder.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(&self.command(arguments).output().unwrap())
    }

    /// Runs the steps of the report as a build does, without a document.
    fn ran(&self) -> Vec<Ran> {
        let project = self.open();
        let source = Source::new(REPORT, self.read(REPORT));
        let (parsed, diagnostics) = Report::parse("small", source, None);
        assert!(!diagnostics.has_errors(), "{}", shown(&diagnostics));
        let library = Library::new(self.root(), project.manifest());
        let (planned, diagnostics) = plan::plan(&parsed, &library);
        assert!(!diagnostics.has_errors(), "{}", shown(&diagnostics));
        let store = Store::new(self.path("build/.store"));
        let (ran, _) = plan::run(&parsed, &planned, &library, &store, &|_| {});
        let steps = planned.steps.iter();
        let last = LastBuild {
            steps: steps
                .map(|p| (p.step.label.clone(), p.components.clone()))
                .collect(),
        };
        store.keep_last_build("small", &last).unwrap();
        ran
    }

    /// Runs the steps; gives why each was run, by label.
    pub fn steps(&self) -> BTreeMap<String, Reason> {
        let ran = self.ran().into_iter();
        ran.map(|r| (r.label, r.reason)).collect()
    }

    /// Runs the steps; gives what came of each, by label.
    pub fn outcomes(&self) -> BTreeMap<String, Arc<Outcome>> {
        let ran = self.ran().into_iter();
        ran.filter_map(|r| Some((r.label, r.outcome?))).collect()
    }

    /// The labels of the steps that had to be run.
    pub fn stale(&self) -> Vec<String> {
        let fresh = |reason: &Reason| *reason == Reason::Fresh;
        let all = self.steps().into_iter();
        all.filter(|(_, r)| !fresh(r)).map(|(l, _)| l).collect()
    }

    /// All files below a folder of the trial, by their paths below it.
    pub fn files(&self, folder: &str) -> BTreeMap<String, Arc<[u8]>> {
        let mut found = BTreeMap::new();
        let top = self.path(folder);
        let mut open = vec![top.clone()];
        while let Some(folder) = open.pop() {
            let Ok(entries) = fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path
                        .strip_prefix(&top)
                        .unwrap()
                        .to_string_lossy()
                        .into_owned();
                    found.insert(name, fs::read(&path).unwrap().into());
                }
            }
        }
        found
    }
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ended {
    /// The status and streams of an output, which must be text.
    pub fn of(output: &Output) -> Self {
        Self {
            status: output.status.code().expect("an exit status, not a signal"),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// Asserts the exit status; a panic of the program would be 101.
    #[track_caller]
    pub fn with_status(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }

    /// Asserts that standard error holds a text.
    #[track_caller]
    pub fn saying(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no {text} in:\n{}", self.err);
        self
    }

    /// Asserts that standard output holds a text.
    #[track_caller]
    pub fn printing(self, text: &str) -> Self {
        assert!(self.out.contains(text), "no {text} in:\n{}", self.out);
        self
    }

    /// Asserts that standard error is empty.
    #[track_caller]
    pub fn quietly(self) -> Self {
        assert_eq!(self.err, "");
        self
    }
}

/// Diagnostics as a person reads them.
pub fn shown(diagnostics: &Diagnostics) -> String {
    super::super::support::project::rendered(diagnostics)
}
