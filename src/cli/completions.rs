//! `completions SHELL`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Cli;
use crate::diagnostic::Diagnostics;

/// Prints a completion script for a shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script on standard output.
    pub fn run(&self) -> Diagnostics {
        clap_complete::generate(
            self.shell,
            &mut Cli::command(),
            "trialbook",
            &mut std::io::stdout(),
        );
        Diagnostics::new()
    }
}
