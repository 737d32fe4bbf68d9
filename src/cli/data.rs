//! `data list` and `data check`.

use clap::{Args, Subcommand};

use super::ui::line;
use crate::diagnostic::Diagnostics;
use crate::project::Project;

/// Datasets: their versions, hashes and codebooks.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Lists the datasets of the manifest, a line for each version
    List(List),
    /// Verifies datasets: the file is there, its bytes have the hash, its values follow the codebook
    Check(CheckData),
}

/// Lists the datasets.
#[derive(Debug, Args)]
pub struct List {}

/// Verifies datasets.
#[derive(Debug, Args)]
pub struct CheckData {
    /// Datasets, as `name` or `name@version` [default: all]
    datasets: Vec<String>,
}

impl Data {
    /// Runs the subcommand.
    pub fn run(&self, project: &Project) -> Diagnostics {
        match self {
            Self::List(_) => list(project),
            Self::Check(command) => command.run(project),
        }
    }
}

fn list(project: &Project) -> Diagnostics {
    let rows: Vec<[String; 4]> = project
        .manifest()
        .all()
        .map(|found| {
            [
                found.reference(),
                format!(
                    "sha256:{}",
                    found.version.sha256.value.get(..12).unwrap_or_default()
                ),
                format!("{} bytes", found.version.bytes.value),
                found.dataset.title.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let width = |i: usize| rows.iter().map(|r| r[i].chars().count()).max().unwrap_or(0);
    let (first, third) = (width(0), width(2));
    for [reference, hash, bytes, title] in &rows {
        line(format!("{reference:<first$}  {hash}  {bytes:>third$}  {title}").trim_end());
    }
    Diagnostics::new()
}

impl CheckData {
    fn run(&self, project: &Project) -> Diagnostics {
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
