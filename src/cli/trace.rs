//! `trace REPORT ID`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ui::{Ui, line};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::project::{Content, Prepared, Project};
use crate::statistic::StatId;
use crate::trace::{Found, Material, by_name, by_text, list_json, list_text, rows_csv, text};
use crate::trace::{Trace as Traced, traces_json};

/// Follows a number back to the rows it came from.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trialbook trace my-trial tbl-baseline/age/mean
  trialbook trace my-trial 'effects.stress[\"arm[CCT]:time[post]\"].estimate'
  trialbook trace my-trial tbl-baseline            list the numbers of a directive
  trialbook trace my-trial --shown \"-2.99\"         the number as it is printed
  trialbook trace my-trial --shown \"-2.99\" --rows rows.csv

Only what is stale is computed, as `build` does it; nothing is written but the store of results
and the file that --rows names.")]
pub struct Trace {
    /// The report by name
    report: String,
    /// A statistic: its id in results.json, its path as in the text, or a label or beginning of an id, which lists
    /// what is below it
    #[arg(required_unless_present = "shown", conflicts_with = "shown")]
    id: Option<String>,
    /// The number as it is printed
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    shown: Option<String>,
    /// Trace all that is found instead of listing it
    #[arg(long)]
    all: bool,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the rows of one number as CSV, used and left out with the reason; `-` is standard output
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: schema trialbook-trace/1
    Json,
}

impl Trace {
    /// Prints the trace, or what there is to choose from.
    pub fn run(&self, project: &Project, ui: &Ui) -> Diagnostics {
        let (names, mut diagnostics) = project.select(std::slice::from_ref(&self.report));
        let Some(name) = names.first() else {
            return diagnostics;
        };
        let prepared = project.prepare(name);
        let progress = ui.progress(name, prepared.steps());
        let draft = project.draft(&prepared, &project.store(), None, &|event| {
            progress.note(event);
        });
        progress.finish();
        let Some(content) = draft.content else {
            diagnostics.extend(draft.diagnostics);
            return diagnostics;
        };
        // What is remarkable about the report is said by `build`.
        if let Err(diagnostic) = self.one(&prepared, &content) {
            diagnostics.push(diagnostic);
        }
        diagnostics
    }

    fn one(&self, prepared: &Prepared<'_>, content: &Content) -> Result<(), Diagnostic> {
        let material = content.material();
        let (ids, single) = self.find(&material)?;
        let whole = single || self.all;
        if let Some(file) = &self.rows {
            let [id] = ids.as_slice() else {
                return Err(several(&ids));
            };
            let trace = material.trace(id).ok_or_else(|| several(&ids))?;
            let csv = rows_csv(&trace, prepared.library())?;
            if file.as_os_str() == "-" {
                line(csv.trim_end_matches('\n'));
                return Ok(());
            }
            std::fs::write(file, csv).map_err(|e| {
                Diagnostic::machine("write", format!("can't write {}: {e}", file.display()))
            })?;
        }
        let printed = match (whole, self.format) {
            (false, Format::Text) => list_text(&material, &ids),
            (false, Format::Json) => list_json(&material, &ids),
            (true, format) => {
                let traces: Vec<Traced> = ids.iter().filter_map(|id| material.trace(id)).collect();
                match format {
                    Format::Json => traces_json(&material.record.report, &traces),
                    Format::Text => {
                        let texts: Vec<String> = traces.iter().map(text).collect();
                        texts.join("\n\n")
                    }
                }
            }
        };
        line(printed.trim_end_matches('\n'));
        Ok(())
    }

    /// The statistics that are asked for, and whether they are to be traced and not listed.
    fn find(&self, material: &Material<'_>) -> Result<(Vec<StatId>, bool), Diagnostic> {
        if let Some(shown) = &self.shown {
            let ids = by_text(material, shown)?;
            let single = ids.len() == 1;
            return Ok((ids, single));
        }
        let name = self.id.as_deref().unwrap_or_default();
        Ok(match by_name(material.results, name)? {
            Found::One(id) => (vec![id], true),
            Found::Several(ids) => (ids, false),
        })
    }
}

fn several(ids: &[StatId]) -> Diagnostic {
    let names: Vec<String> = ids.iter().take(8).map(|id| format!("`{id}`")).collect();
    let message = format!("rows are of one number, and {} are found", ids.len());
    Diagnostic::error("several-numbers", message)
        .help(format!("name one of them, such as {}", names.join(", ")))
}
