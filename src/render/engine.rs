//! The embedded Typst engine, shut in a world of the given files.

use std::collections::BTreeMap;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;

use super::typst::{MAIN, TypstProject};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// For how many compilations the engine remembers what it laid out.
const ROUNDS_REMEMBERED: usize = 3;

/// A world of nothing but the given files and fonts: no file system, network, packages, system fonts or clock.
pub(super) struct ClosedWorld {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: Source,
    files: BTreeMap<String, Bytes>,
    sources: BTreeMap<String, Source>,
    today: Option<Datetime>,
}

impl ClosedWorld {
    /// The world of a project. `appended` is Typst source that follows the main file, such as attachments, for which
    /// `extra` files stand ready.
    pub(super) fn new(
        project: &TypstProject,
        appended: &str,
        extra: &BTreeMap<String, Vec<u8>>,
        today: Option<Datetime>,
    ) -> Result<Self, Diagnostics> {
        let mut world = Self {
            library: LazyHash::new(Library::builder().build()),
            book: LazyHash::new(FontBook::new()),
            fonts: Vec::new(),
            main: Source::new(file_id(MAIN)?, String::new()),
            files: BTreeMap::new(),
            sources: BTreeMap::new(),
            today,
        };
        for (path, bytes) in project.files.iter().chain(extra) {
            world.add(path, bytes)?;
        }
        let main = world.sources.remove(MAIN);
        let main = main.ok_or_else(|| internal(format!("the project has no `{MAIN}`")))?;
        world.main = Source::new(main.id(), format!("{}{appended}", main.text()));
        world.book = LazyHash::new(FontBook::from_fonts(&world.fonts));
        Ok(world)
    }

    /// Puts another text in the place of the main file's.
    pub(super) fn replace_main(&mut self, text: &str) {
        self.main.replace(text);
    }

    fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), Diagnostics> {
        let id = file_id(path)?;
        let bytes = Bytes::new(bytes.to_vec());
        if path.starts_with("fonts/") {
            self.fonts.extend(Font::iter(bytes));
            return Ok(());
        }
        if std::path::Path::new(path).extension() == Some("typ".as_ref())
            && let Ok(text) = bytes.as_str()
        {
            self.sources
                .insert(path.to_owned(), Source::new(id, text.to_owned()));
        }
        self.files.insert(path.to_owned(), bytes);
        Ok(())
    }

    /// Lays the pages out.
    pub(super) fn pages(&self) -> Result<PagedDocument, Diagnostics> {
        let compiled = typst::compile::<PagedDocument>(self);
        // What was not used in the last few rounds is not needed again: a document's rounds follow each other.
        comemo::evict(ROUNDS_REMEMBERED);
        let warnings = compiled.warnings.iter().filter(|w| !is_unsettled(w));
        let warnings: Diagnostics = warnings.map(|w| self.diagnostic(w)).collect();
        match compiled.output {
            Ok(pages) if warnings.is_empty() => Ok(pages),
            Ok(_) => Err(warnings),
            Err(errors) => Err(self.diagnostics(&errors)),
        }
    }

    /// The engine's messages as diagnostics. All of them are errors: source that trialbook wrote gives no cause for
    /// warnings, such as a font that is missing.
    pub(super) fn diagnostics(&self, messages: &[SourceDiagnostic]) -> Diagnostics {
        messages.iter().map(|m| self.diagnostic(m)).collect()
    }

    fn diagnostic(&self, message: &SourceDiagnostic) -> Diagnostic {
        let mut diagnostic = Diagnostic::error("typst", message.message.as_str());
        let traced = message.trace.iter().map(|t| t.span.into());
        let place = std::iter::once(message.span)
            .chain(traced)
            .filter_map(|span| {
                let id = span.id()?;
                let range = self.range(span)?;
                Some((id, range))
            })
            // The place in the report says more than the one in a library function.
            .min_by_key(|(id, _)| *id != self.main.id());
        if let Some((id, range)) = place
            && let Ok(source) = self.source(id)
        {
            let line = source.lines().byte_to_line(range.start).unwrap_or(0) + 1;
            let text = source.text().get(range).unwrap_or_default();
            let text: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
            let path = id.get().vpath().get_without_slash().to_owned();
            diagnostic = diagnostic.help(format!("at {path}:{line}: {text}"));
        }
        for hint in &message.hints {
            diagnostic = diagnostic.help(hint.v.as_str());
        }
        diagnostic
    }
}

impl World for ClosedWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        let source = path_of(id).and_then(|path| self.sources.get(path));
        source.cloned().ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let file = path_of(id).and_then(|path| self.files.get(path));
        file.cloned().ok_or_else(|| missing(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

/// Whether the engine stopped before page numbers settled. The pages are the same every time all the same, and there is
/// nothing that an author could do.
fn is_unsettled(warning: &SourceDiagnostic) -> bool {
    let message = warning.message.as_str();
    ["did not converge", "did not stabilize"]
        .iter()
        .any(|m| message.contains(m))
}

/// The path of a file of the project; none for what belongs to a package.
fn path_of(id: FileId) -> Option<&'static str> {
    let path = id.get();
    matches!(path.root(), VirtualRoot::Project).then(|| path.vpath().get_without_slash())
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}

fn file_id(path: &str) -> Result<FileId, Diagnostics> {
    let path = VirtualPath::new(path)
        .map_err(|_| internal(format!("`{path}` can't be a file of the project")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// A mistake in trialbook rather than in a report.
pub(super) fn internal(message: String) -> Diagnostics {
    Diagnostic::error("internal-render", message)
        .help("this is a mistake in trialbook, please report it")
        .into()
}
