//! `new NAME`.

use clap::Args;

use super::ui::line;
use crate::diagnostic::Diagnostics;
use crate::project::Project;

/// Starts a report.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trialbook new my-trial && trialbook build my-trial")]
pub struct New {
    /// The report's name: lower-case letters, digits and hyphens
    name: String,
}

impl New {
    /// Writes the scaffold and names its files.
    pub fn run(&self, project: &Project) -> Diagnostics {
        match project.scaffold(&self.name) {
            Ok(files) => {
                for file in files {
                    line(&format!("wrote {file}"));
                }
                Diagnostics::new()
            }
            Err(diagnostics) => diagnostics,
        }
    }
}
