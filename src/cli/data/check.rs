//! `data check`.

use clap::Args;

use crate::cli::ui::line;
use crate::diagnostic::Diagnostics;
use crate::project::Project;

/// Verifies datasets.
#[derive(Debug, Args)]
pub struct Check {
    /// Datasets, as `name` or `name@version` [default: all]
    datasets: Vec<String>,
}

impl Check {
    /// Opens every dataset and reports what does not hold.
    pub fn run(&self, project: &Project) -> Diagnostics {
        let (found, mut diagnostics) = project.select_datasets(&self.datasets);
        for dataset in found {
            match project.check_dataset(&dataset) {
                (Some(summary), found) => {
                    if !found.has_errors() {
                        line(&format!("{dataset}: {summary}"));
                    }
                    diagnostics.extend(found);
                }
                (None, found) => diagnostics.extend(found),
            }
        }
        diagnostics
    }
}
