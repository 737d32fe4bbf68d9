//! `directives [NAME]`.

use clap::Args;

use super::ui::line;
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
    pub fn run(&self) -> Diagnostics {
        let Some(name) = &self.name else {
            for entry in analysis::registry() {
                line(&format!("{:<12} {}", entry.name, summary(entry.doc)));
            }
            return Diagnostics::new();
        };
        match analysis::find(name) {
            Some(entry) => {
                line(entry.doc.trim());
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

/// The first sentence of a manual's prose, up to a colon.
fn summary(doc: &str) -> String {
    let prose: Vec<&str> = doc
        .lines()
        .map(str::trim)
        .skip_while(|l| l.is_empty() || l.starts_with('#'))
        .take_while(|l| !l.is_empty())
        .collect();
    let prose = prose.join(" ");
    let end = prose.find([':', '.']).unwrap_or(prose.len());
    prose[..end].to_owned()
}
