//! The report language: what a report means, and what every mistake in one is answered with.

mod limits;
mod meaning;
mod mistakes;

use std::fmt::Write as _;
use std::sync::Arc;

use trialbook::diagnostic::{Diagnostics, Source};
use trialbook::report::Report;

const BIB: &str = "@article{kiser2024, title = {A trial}, author = {Kiser, A}, date = {2024}, journaltitle = {J}}\n\
@article{proudfoot2003, title = {Beating the blues}, author = {Proudfoot, J}, date = {2003}, journaltitle = {J}}\n";

/// A report of that body, with front matter.
fn with_front(body: &str) -> String {
    format!("+++\ntitle = \"T\"\ndate = 2026-01-31\n+++\n{body}")
}

fn parse(text: &str) -> (Report, Diagnostics) {
    let source = Source::new("reports/r/report.md", text);
    let bib = Source::new("reports/r/references.bib", BIB);
    Report::parse("r", source, Some(bib))
}

fn parse_with_bib(text: &str, bib: Option<&str>) -> (Report, Diagnostics) {
    let source = Source::new("reports/r/report.md", text);
    let bib: Option<Arc<Source>> = bib.map(|b| Source::new("reports/r/references.bib", b));
    Report::parse("r", source, bib)
}

fn shown(diagnostics: &Diagnostics) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        writeln!(text, "{}\n", diagnostic.render(false)).unwrap();
    }
    text
}

/// The body, which must be without mistakes.
fn sound(body: &str) -> Report {
    let (report, diagnostics) = parse(&with_front(body));
    assert!(diagnostics.is_empty(), "{}", shown(&diagnostics));
    report
}

/// All that is said about a body.
fn said(body: &str) -> String {
    shown(&parse(&with_front(body)).1)
}

/// The codes of all that is said about a body.
fn codes(body: &str) -> Vec<String> {
    let (_, diagnostics) = parse(&with_front(body));
    diagnostics.iter().map(|d| d.code.to_string()).collect()
}
