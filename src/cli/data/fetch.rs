//! `data fetch`.

use clap::Args;

use crate::cli::ui::{Ui, line};
use crate::diagnostic::Diagnostics;
use crate::fetch::{Event, Fetched, Limits, fetch, select};
use crate::project::Project;

/// Gets files of datasets from the sources that the manifest names.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trialbook data fetch                 all that have a `source` in the manifest
  trialbook data fetch trial           all versions of a dataset that have one
  trialbook data fetch trial@1.0.0

A file is put in its place once its length and SHA-256 are those of the manifest, and never in the
place of another. What an interrupted download leaves in data/.fetch is taken up again.
Proxies are those of the variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.")]
pub struct Fetch {
    /// Datasets, as `name` or `name@version` [default: all that have a source]
    datasets: Vec<String>,
}

impl Fetch {
    /// Fetches one file after the other; what goes wrong with one does not stop the next.
    pub fn run(&self, project: &Project, ui: &Ui) -> Diagnostics {
        let (wanted, mut diagnostics) = select(project.manifest(), &self.datasets);
        if wanted.is_empty() && diagnostics.is_empty() {
            line("no version in the manifest has a `source`");
        }
        for resolved in wanted {
            let name = resolved.reference();
            let entry = resolved.version;
            let bar = ui.transfer(&name, entry.bytes.value);
            let note = |event: Event<'_>| match event {
                Event::Waiting => bar.say("waiting for another trialbook that fetches it"),
                Event::Begun { have } => {
                    bar.at(have);
                    bar.say("");
                }
                Event::Received { have } => bar.at(have),
                Event::Again { why } => bar.say(why),
            };
            let fetched = fetch(project.root(), &resolved, &Limits::default(), &note);
            bar.finish();
            match diagnostics.ok(fetched) {
                Some(Fetched::There) => line(&format!("{name}: is there, {}", entry.path.value)),
                Some(Fetched::Put { resumed }) => {
                    let bytes = entry.bytes.value;
                    let digest = entry.sha256.value.get(..12).unwrap_or_default();
                    let resumed = match resumed {
                        0 => String::new(),
                        n => format!(" ({n} of them from an earlier attempt)"),
                    };
                    line(&format!(
                        "{name}: fetched, {bytes} bytes{resumed}, sha256 {digest} verified, {}",
                        entry.path.value
                    ));
                }
                None => {}
            }
        }
        diagnostics
    }
}
