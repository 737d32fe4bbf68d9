//! A document as a folder of Typst source that compiles on its own.
//!
//! - `report.typ`: the words, tables and figures, as calls of the functions in
//! - `blocks.typ`: how tables, figures and the like are laid out, the same for all styles;
//! - `claims.typ`: how published values are set beside recomputed ones, if they are;
//! - `page.typ`: the style's page, printed from its Tera template;
//! - `references.bib`, if anything is cited; `fonts/`: every font that is used.

mod appendix;
mod arrange;
mod body;
mod characters;
mod claims;
mod drawing;
mod inline;
mod math;
mod settings;
mod shell;
mod table;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::engine::ClosedWorld;
use crate::activity;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::document::Document;

pub use settings::{PageSettings, PageValue, PageWords};

/// The file that the engine begins with.
pub const MAIN: &str = "report.typ";

/// What keeps a formula in LaTeX's notation from being set, without its place; none if it can be.
pub fn formula_problem(tex: &str) -> Option<Diagnostic> {
    math::problem(tex)
}

/// The family for code, which the engine brings.
const MONO_FONT: &str = "DejaVu Sans Mono";
/// The family for formulas, which the engine brings.
const MATH_FONT: &str = "New Computer Modern Math";

/// A folder of Typst source with all that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypstProject {
    /// The files by their path in the folder, `/` between folders.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Writes a document as Typst source.
///
/// `template` is the style's `page.typ`; `fonts` are the style's fonts by file name, to which those of the engine for
/// text, code and formulas are added. Errors: characters that no font has, formulas that can't be read, labels or
/// citations that lead nowhere, a template that is wrong.
pub fn source(
    document: &Document,
    settings: &PageSettings,
    template: &Arc<Source>,
    fonts: &BTreeMap<String, Vec<u8>>,
) -> Result<TypstProject, Diagnostics> {
    let _filling = activity::begin(format!("filling the page template `{}`", template.path));
    let mut files = with_engine_fonts(fonts);
    let coverage = characters::Coverage::of(files.values().map(Vec::as_slice));
    let mut problems = settings.unused(template);
    check_heads(document, &coverage, &mut problems);
    match shell::print(document, settings, template) {
        Ok(page) => {
            files.insert("page.typ".into(), page.into_bytes());
        }
        Err(found) => problems.extend(found),
    }
    files.insert(
        "blocks.typ".into(),
        include_bytes!("typst/blocks.typ").into(),
    );
    if document.claims.is_some() {
        let layout = include_bytes!("typst/claims.typ");
        files.insert("claims.typ".into(), layout.into());
    }
    if let Some(bibliography) = &document.bibliography {
        let bibtex = bibliography.bibtex.clone().into_bytes();
        files.insert("references.bib".into(), bibtex);
    }
    let mut project = TypstProject { files };
    project.files.insert(MAIN.into(), Vec::new());
    let mut world = ClosedWorld::new(&project, "", &BTreeMap::new(), None)?;
    let mut floats = BTreeSet::new();
    loop {
        let body = body::Body::new(document, settings, &coverage, &floats);
        let labels = body.labels.clone();
        let (main, found) = body.report();
        problems.extend(found);
        if problems.has_errors() {
            return Err(problems);
        }
        world.replace_main(&main);
        project.files.insert(MAIN.into(), main.into_bytes());
        // Every round adds one, so the rounds end with the labels.
        match arrange::misplaced(&world, &labels, &floats)? {
            Some(label) => floats.insert(label),
            None => return Ok(project),
        };
    }
}

/// What the page's template prints is not written by the body's writer: its characters are checked here.
fn check_heads(document: &Document, coverage: &characters::Coverage, problems: &mut Diagnostics) {
    let mut writer = writer::Writer::new(coverage);
    writer
        .string(&document.title)
        .string(&document.running_title);
    for author in &document.authors {
        writer.string(&author.name);
        for text in [&author.degrees, &author.affiliation, &author.email] {
            writer.string(text.as_deref().unwrap_or_default());
        }
    }
    writer.string(document.banner.as_deref().unwrap_or_default());
    problems.extend(writer.finish().1);
}

/// The style's fonts and those of the engine for running text, code and formulas, as files in `fonts/`.
fn with_engine_fonts(fonts: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = fonts
        .iter()
        .map(|(name, bytes)| (format!("fonts/{name}"), bytes.clone()))
        .collect();
    for bytes in typst_assets::fonts() {
        let Some(name) = ttf_parser::Face::parse(bytes, 0)
            .ok()
            .and_then(|face| file_name(&face))
        else {
            continue;
        };
        files.entry(name).or_insert_with(|| bytes.to_vec());
    }
    files
}

/// The file of one of the engine's fonts, or none if reports don't use it.
fn file_name(face: &ttf_parser::Face<'_>) -> Option<String> {
    let name = |id| {
        face.names()
            .into_iter()
            .filter(|n| n.name_id == id)
            .find_map(|n| n.to_string())
    };
    let post_script = name(ttf_parser::name_id::POST_SCRIPT_NAME)?;
    let used = post_script.starts_with("LibertinusSerif")
        || matches!(
            post_script.as_str(),
            "DejaVuSansMono" | "DejaVuSansMono-Bold" | "NewCMMath-Book"
        );
    let extension = if face.tables().cff.is_some() {
        "otf"
    } else {
        "ttf"
    };
    used.then(|| format!("fonts/{post_script}.{extension}"))
}
