//! `data list`.

use clap::Args;

use crate::cli::ui::line;
use crate::diagnostic::Diagnostics;
use crate::project::Project;

/// Lists the datasets.
#[derive(Debug, Args)]
pub struct List {}

/// Prints a line for each version.
pub fn run(project: &Project) -> Diagnostics {
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
