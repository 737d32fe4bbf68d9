//! `bundle REPORT`.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::build::{injected_time, run_log, tenths, threads};
use super::ui::{Ui, line};
use crate::diagnostic::Diagnostics;
use crate::manifest::Access;
use crate::project::{Archive, BuildOptions, BundleOptions, Project, write_bundle};

/// Makes the bundle of a report.
#[derive(Debug, Args)]
#[command(after_help = "\
The bundle is a zip with a BagIt bag, whose data/ is a project that makes the report again: its text, the
datasets that may be shared, templates, outputs, a README with the data availability statement, the record
of the run as RO-Crate, a Frictionless datapackage.json and a draft of codecheck.yml. The same input gives
the same bytes. Datasets with `access = \"restricted\"` in the manifest never go in.")]
pub struct Bundle {
    /// The report
    report: String,
    /// Where to write it [default: build/REPORT.bundle.zip]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Put in the log of this run: when and on what machine it ran
    #[arg(long)]
    with_run_log: bool,
    /// Put in the files of datasets that are external, if their licences permit it
    #[arg(long)]
    include_external: bool,
    /// Put in trialbook's own source, of which cargo builds this version again
    #[arg(long)]
    source: bool,
    /// How many steps run at the same time [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

impl Bundle {
    /// Makes the bundle and writes it.
    pub fn run(&self, project: &Project, ui: &Ui) -> Diagnostics {
        let start = Instant::now();
        let (names, mut diagnostics) = project.select(std::slice::from_ref(&self.report));
        let Some(name) = names.first() else {
            return diagnostics;
        };
        let Some(time) = diagnostics.ok(injected_time()) else {
            return diagnostics;
        };
        let Some(pool) = diagnostics.ok(threads(self.jobs)) else {
            return diagnostics;
        };
        let prepared = project.prepare(name);
        let progress = ui.progress(name, prepared.steps());
        let bundled = pool.install(|| {
            let options = BundleOptions {
                build: BuildOptions {
                    time,
                    run_log: run_log(),
                },
                with_run_log: self.with_run_log,
                include_external: self.include_external,
                source: self.source,
            };
            project.bundle(&prepared, &options, &|event| progress.note(event))
        });
        progress.finish();
        diagnostics.extend(bundled.diagnostics);
        if let Some(archive) = bundled.archive {
            let (path, called) = match &self.output {
                Some(path) => (path.clone(), path.display().to_string()),
                None => project.bundle_path(name),
            };
            if diagnostics.ok(write_bundle(&path, &archive.zip)).is_some() {
                let seconds = tenths(start.elapsed().as_secs_f64());
                say(name, &archive, &called, seconds);
            }
        }
        diagnostics
    }
}

fn say(name: &str, archive: &Archive, path: &str, seconds: f64) {
    line(&format!(
        "{name}: wrote {path} ({} files, {} bytes; {seconds} s)",
        archive.files,
        archive.zip.len()
    ));
    for (dataset, access) in &archive.left_out {
        line(&match access {
            Access::External => format!(
                "{name}: {dataset} is external and not in it; its digest and source are (--include-external puts it in)"
            ),
            _ => format!(
                "{name}: {dataset} is restricted and not in it; its digest and how to apply are"
            ),
        });
    }
    match archive.differing.as_slice() {
        [] => {}
        [path] => line(&format!(
            "{name}: {path} was built from something else; the bundle has it as it is now"
        )),
        [path, others @ ..] => line(&format!(
            "{name}: {path} and {} more were built from something else; the bundle has them as they are now",
            others.len()
        )),
    }
}
