//! `data diff`.

use clap::Args;

use super::describe::Format;
use crate::cli::ui::line;
use crate::dataset::Dataset;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::diff::{Key, diff, json, text};
use crate::project::Project;

/// Shows what changed from one version of a dataset to another.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trialbook data diff trial 1.0.0 1.1.0              rows matched by the codebooks' primaryKey
  trialbook data diff trial 1.0.0 1.1.0 --key id,visit
  trialbook data diff trial 1.0.0 1.1.0 --key row    the first row with the first, and so on
  trialbook data diff trial 1.0.0 1.1.0 --format json --limit 0

Exit status: 0 if nothing changed, 1 if something did.")]
pub struct Diff {
    /// The dataset
    dataset: String,
    /// The version before
    from: String,
    /// The version after
    to: String,
    /// The columns whose values together tell rows apart, or `row` [default: the codebooks' primaryKey]
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    key: Vec<String>,
    /// How many changed cells, added rows and removed rows are shown of each; 0 shows all
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: usize,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Diff {
    /// Prints what changed.
    pub fn run(&self, project: &Project) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let mut open = |version: &str| -> Option<Dataset> {
            let reference = format!("{}@{version}", self.dataset);
            let resolved = diagnostics.ok(project.manifest().resolve(&reference, None))?;
            diagnostics.extend_with(Dataset::open(project.root(), &resolved))
        };
        let (Some(first), Some(second)) = (open(&self.from), open(&self.to)) else {
            diagnostics.sort();
            return diagnostics;
        };
        if let Err(found) = self.compare(&first, &second) {
            diagnostics.extend(found);
        }
        diagnostics
    }

    fn compare(&self, first: &Dataset, second: &Dataset) -> Result<(), Diagnostics> {
        let both = |name: &str| {
            [first, second]
                .iter()
                .all(|d| d.schema().field(name).is_some())
        };
        let key = match self.key.as_slice() {
            [] => Key::of(first, second)?,
            // A column of that name is meant by its name.
            [row] if row == "row" && !both("row") => Key::Row,
            names => Key::Columns(names.to_vec()),
        };
        let limit = (self.limit > 0).then_some(self.limit);
        let found = diff(first, second, &key, limit)?;
        let printed = match self.format {
            Format::Text => text(&found),
            Format::Json => json(&found),
        };
        line(printed.trim_end_matches('\n'));
        if found.is_empty() {
            return Ok(());
        }
        let message = format!("{} and {} differ", found.from, found.to);
        Err(Diagnostic::broken("differ", message).into())
    }
}
