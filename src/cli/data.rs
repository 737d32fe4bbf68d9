//! `data`: one file a subcommand.

mod check;
mod list;

use clap::Subcommand;

use crate::diagnostic::Diagnostics;
use crate::project::Project;

/// Datasets: their versions, hashes and codebooks.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Lists the datasets of the manifest, a line for each version
    List(list::List),
    /// Verifies datasets: the file is there, its bytes have the hash, its values follow the codebook
    Check(check::Check),
}

impl Data {
    /// Runs the subcommand.
    pub fn run(&self, project: &Project) -> Diagnostics {
        match self {
            Self::List(command) => command.run(project),
            Self::Check(command) => command.run(project),
        }
    }
}
