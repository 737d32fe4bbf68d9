//! What is printed, and where: diagnostics and progress on standard error, results on standard output.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clap::ColorChoice;
use indicatif::{ProgressBar, ProgressStyle};

use super::MessageFormat;
use crate::diagnostic::{Diagnostics, Severity};
use crate::plan::Event;

/// The terminal, or what stands in its place.
#[derive(Debug)]
pub struct Ui {
    format: MessageFormat,
    color: bool,
    progress: bool,
}

impl Ui {
    /// A user interface that prints diagnostics in that format and colours.
    pub fn new(format: MessageFormat, color: ColorChoice) -> Self {
        let terminal = io::stderr().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        Self {
            format,
            color: match color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => terminal && !no_color,
            },
            progress: terminal && format == MessageFormat::Human,
        }
    }

    /// Prints diagnostics on standard error, and for people how many there are.
    pub fn diagnostics(&self, diagnostics: &Diagnostics) {
        if diagnostics.is_empty() {
            return;
        }
        let mut err = io::stderr().lock();
        for diagnostic in diagnostics {
            // Nobody is left to tell if standard error is closed.
            let _ = match self.format {
                MessageFormat::Human => writeln!(err, "{}\n", diagnostic.render(self.color)),
                MessageFormat::Json => writeln!(err, "{}", diagnostic.to_json()),
            };
        }
        if self.format == MessageFormat::Human {
            let _ = writeln!(err, "{}", counts(diagnostics));
        }
    }

    /// A progress display for the steps of a report; shows nothing unless a person watches a terminal.
    pub fn progress(&self, report: &str, steps: usize) -> Progress {
        let bar = if self.progress {
            let bar = ProgressBar::new(steps as u64);
            let style = ProgressStyle::with_template(
                "{spinner} {prefix} [{bar:20}] {pos}/{len} {wide_msg}",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_prefix(report.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        } else {
            ProgressBar::hidden()
        };
        Progress {
            bar,
            running: Mutex::default(),
        }
    }

    /// A progress display for the bytes of a file; shows nothing unless a person watches a terminal.
    pub fn transfer(&self, name: &str, bytes: u64) -> Transfer {
        let bar = if self.progress {
            let bar = ProgressBar::new(bytes);
            let style = ProgressStyle::with_template(
                "{spinner} {prefix} [{bar:20}] {bytes}/{total_bytes} {bytes_per_sec} {wide_msg}",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_prefix(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        } else {
            ProgressBar::hidden()
        };
        Transfer { bar }
    }
}

fn counts(diagnostics: &Diagnostics) -> String {
    let kinds = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "note"),
    ];
    kinds
        .iter()
        .filter_map(|(severity, word)| {
            let n = diagnostics
                .iter()
                .filter(|d| d.severity == *severity)
                .count();
            let plural = if n == 1 { "" } else { "s" };
            (n > 0).then(|| format!("{n} {word}{plural}"))
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// The steps that run now.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    running: Mutex<Vec<String>>,
}

impl Progress {
    /// Takes note of an event.
    pub fn note(&self, event: Event<'_>) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started(label) => running.push(label.to_owned()),
            Event::Finished(label) => {
                running.retain(|l| l != label);
                self.bar.inc(1);
            }
        }
        self.bar.set_message(running.join(", "));
    }

    /// Takes the display away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A file that comes.
#[derive(Debug)]
pub struct Transfer {
    bar: ProgressBar,
}

impl Transfer {
    /// So many bytes are there.
    pub fn at(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    /// Says something beside the bar.
    pub fn say(&self, text: &str) {
        self.bar.set_message(text.to_owned());
    }

    /// Takes the display away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Prints a line of results on standard output.
pub fn line(text: &str) {
    // Nobody is left to tell if standard output is closed.
    let _ = writeln!(io::stdout().lock(), "{text}");
}
