//! `data`: one file a subcommand.

mod add;
mod check;
mod describe;
mod diff;
mod export;
mod fetch;
mod list;

use clap::Subcommand;

use super::ui::Ui;
use crate::diagnostic::Diagnostics;
use crate::project::Project;

/// Datasets: their versions, hashes and codebooks.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Adds a file as a version of a dataset: hashed, copied to data/, described, entered into the manifest
    Add(Box<add::Add>),
    /// Lists the datasets of the manifest, a line for each version
    List(list::List),
    /// Verifies datasets: the file is there, its bytes have the hash, its values follow the codebook
    Check(check::Check),
    /// Shows a dataset's codebook with counts, missing values, summaries and distributions
    Describe(describe::Describe),
    /// Shows what changed from one version to another: rows, cells, columns, codebook
    Diff(diff::Diff),
    /// Prints the datapackage.json (Frictionless) of a version
    Export(export::Export),
    /// Gets files from the sources that the manifest names, and verifies them
    Fetch(fetch::Fetch),
}

impl Data {
    /// Runs the subcommand.
    pub fn run(&self, project: &Project, ui: &Ui) -> Diagnostics {
        match self {
            Self::Add(command) => command.run(project),
            Self::List(_) => list::run(project),
            Self::Check(command) => command.run(project),
            Self::Describe(command) => command.run(project),
            Self::Diff(command) => command.run(project),
            Self::Export(command) => command.run(project),
            Self::Fetch(command) => command.run(project, ui),
        }
    }
}
