//! `data check`.

use clap::Args;

use crate::cli::ui::line;
use crate::diagnostic::Diagnostics;
use crate::project::Project;

/// Verifies datasets.
#[derive(Debug, Args)]
#[command(after_help = "\
Without names, all versions are checked, and data/ is gone through for what the manifest does not
name: foreign files, names that differ by case, links that lead out, partial downloads.")]
pub struct Check {
    /// Datasets, as `name` or `name@version` [default: all]
    datasets: Vec<String>,
}

impl Check {
    /// Opens every dataset, in parallel, and reports what does not hold in the order of the manifest.
    pub fn run(&self, project: &Project) -> Diagnostics {
        let (found, mut diagnostics) = project.select_datasets(&self.datasets);
        for checked in project.check_datasets(&found) {
            if let Some(summary) = &checked.summary {
                line(&format!("{}: {summary}", checked.reference));
            }
            diagnostics.extend(checked.diagnostics);
        }
        if self.datasets.is_empty() {
            diagnostics.extend(project.survey());
        }
        diagnostics
    }
}
