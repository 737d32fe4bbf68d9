//! Documents become PDFs: every block, the same bytes again, hostile text harmless, everything where it belongs.

mod sample;

use std::path::Path;

use trialbook::diagnostic::Diagnostics;
use trialbook::document::Document;
use trialbook::render::typst::{TypstProject, source};

fn project(document: &Document) -> Result<TypstProject, Diagnostics> {
    source(
        document,
        &sample::settings(),
        &sample::template(),
        &sample::fonts(),
    )
}

/// Writes the sample's folder and PDF to the folder that `RENDER_OUT` names, to be looked at.
#[test]
#[ignore = "writes files to be looked at"]
fn write_out() {
    let out = std::env::var("RENDER_OUT").unwrap();
    let project = project(&sample::rich()).map_err(show).unwrap();
    for (path, bytes) in &project.files {
        let path = Path::new(&out).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let pdf = trialbook::render::pdf(&project, &[], 1_795_392_000)
        .map_err(show)
        .unwrap();
    std::fs::write(Path::new(&out).join("report.pdf"), pdf).unwrap();
}

fn show(diagnostics: Diagnostics) -> String {
    diagnostics
        .iter()
        .map(|d| format!("{}: {} {:?}\n", d.code, d.message, d.help))
        .collect()
}
