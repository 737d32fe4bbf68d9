//! `directives [NAME]`.

use clap::Args;

use super::ui::Ui;
use crate::analysis;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Lists the directives, or shows the manual of one.
#[derive(Debug, Args)]
pub struct Directives {
    /// The directive whose manual is shown
    name: Option<String>,
}

impl Directives {
    /// Prints on standard output.
    pub fn run(&self, ui: &Ui) -> Diagnostics {
        let Some(name) = &self.name else {
            for entry in analysis::registry() {
                ui.line(&format!("{:<12} {}", entry.name, summary(entry.doc)));
            }
            return Diagnostics::new();
        };
        match analysis::find(name) {
            Some(entry) => {
                ui.line(entry.doc.trim());
                Diagnostics::new()
            }
            None => Diagnostic::error(
                "unknown-directive",
                format!("there is no directive `{name}`"),
            )
            .suggest(name, analysis::registry().iter().map(|e| e.name))
            .into(),
        }
    }
}

/// The first line of prose of a manual.
fn summary(doc: &str) -> &str {
    doc.lines()
        .map(str::trim)
        .find(|l| !l.is_empty() && !l.starts_with('#'))
        .unwrap_or_default()
}
