//! `check [REPORT…]`.

use clap::Args;

use super::build::{say_waiting, unless_waiting};
use super::ui::line;
use crate::diagnostic::Diagnostics;
use crate::project::Project;

/// Shows everything that is wrong, without running an analysis.
#[derive(Debug, Args)]
pub struct Check {
    /// Reports by name [default: all]
    reports: Vec<String>,
}

impl Check {
    /// Checks the reports.
    pub fn run(&self, project: &Project) -> Diagnostics {
        let (names, mut diagnostics) = project.select(&self.reports);
        for name in names {
            let found = project.check(&name);
            if !found.has_errors() {
                line(&format!("{name}: no errors"));
            }
            say_waiting(&name, &found);
            diagnostics.extend(unless_waiting(found, &self.reports));
        }
        diagnostics
    }
}
