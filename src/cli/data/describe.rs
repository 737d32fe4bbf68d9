//! `data describe`.

use clap::{Args, ValueEnum};

use crate::cli::ui::line;
use crate::dataset::Dataset;
use crate::describe::{book, json, text};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::Resolved;
use crate::project::Project;

/// Shows the codebook of a dataset with what its values show.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trialbook data describe trial                    the newest version
  trialbook data describe trial@1.0.0 --by arm     within the levels of a category
  trialbook data describe trial --columns age,sex
  trialbook data describe trial --format json      full precision, schema trialbook-describe/1")]
pub struct Describe {
    /// The dataset, as `name@version`; as `name`, its newest version
    dataset: String,
    /// Columns, separated by commas [default: all]
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    columns: Vec<String>,
    /// A category or Boolean within whose levels the others are summarised, such as the arm
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

impl Describe {
    /// Prints the descriptions.
    pub fn run(&self, project: &Project) -> Diagnostics {
        let resolved = match version(project, &self.dataset) {
            Ok(resolved) => resolved,
            Err(diagnostic) => return diagnostic.into(),
        };
        let (dataset, mut diagnostics) = Dataset::open(project.root(), &resolved);
        let Some(dataset) = dataset else {
            return diagnostics;
        };
        match book(&dataset, &resolved, &self.columns, self.by.as_deref()) {
            Err(found) => diagnostics.extend(found),
            Ok(book) => {
                let printed = match self.format {
                    Format::Text => text(&book),
                    Format::Json => json(&book),
                };
                line(printed.trim_end_matches('\n'));
            }
        }
        diagnostics
    }
}

/// The version that `name@version` names, or the newest of `name`.
fn version<'a>(project: &'a Project, name: &str) -> Result<Resolved<'a>, Diagnostic> {
    let manifest = project.manifest();
    let newest = manifest.dataset(name).and_then(|dataset| {
        let version = dataset.versions.iter().max_by_key(|v| &v.version.value)?;
        Some(Resolved { dataset, version })
    });
    match newest {
        Some(resolved) => Ok(resolved),
        None => manifest.resolve(name, None),
    }
}
