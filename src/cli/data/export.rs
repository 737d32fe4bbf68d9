//! `data export NAME@VERSION`.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::cli::ui::line;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::project::Project;

/// Prints a dataset's Frictionless descriptor.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trialbook data export cct@1.0.0 --output datapackage.json")]
pub struct Export {
    /// The dataset and its version, as reports name it
    reference: String,
    /// Writes to a file instead, which must not be there yet; it belongs into the project's folder, from where the
    /// paths in it are counted
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    /// Prints or writes the descriptor.
    pub fn run(&self, project: &Project) -> Diagnostics {
        let (text, mut diagnostics) = project.export(&self.reference);
        let Some(text) = text else {
            return diagnostics;
        };
        match &self.output {
            None => line(text.trim_end()),
            Some(path) => {
                let written = fs::File::create_new(path)
                    .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
                match written {
                    Ok(()) => line(&format!("wrote {}", path.display())),
                    Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                        let message = format!("`{}` is there already", path.display());
                        diagnostics.push(
                            Diagnostic::error("exists", message)
                                .help("choose another name, or move it away"),
                        );
                    }
                    Err(e) => {
                        let message = format!("`{}` can't be written: {e}", path.display());
                        diagnostics.push(Diagnostic::machine("write", message));
                    }
                }
            }
        }
        diagnostics
    }
}
