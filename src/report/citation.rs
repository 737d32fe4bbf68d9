//! Citations `[@key; @other]` and the bibliography that they name.

use std::ops::Range;
use std::sync::Arc;

use hayagriva::io::{BibLaTeXError, from_biblatex_str};

use super::ast::Inline;
use super::text::{Findings, Text};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::reader::At;

/// Reads `[@key; @other]`, which stands at `range` of the text, brackets included.
pub fn parse(text: &Text<'_>, range: &Range<usize>) -> Result<Inline, Diagnostic> {
    let span = text.span(range.clone());
    let mut at = range.start + 1;
    let mut keys = Vec::new();
    let inner = text.content.get(at..range.end - 1).unwrap_or_default();
    for part in inner.split(';') {
        let lead = part.len() - part.trim_start_matches(blank).len();
        let written = part.trim_matches(blank);
        let place = text.span(at + lead..at + lead + written.len());
        keys.push(key(written, place)?);
        at += part.len() + 1;
    }
    Ok(Inline::Cite { keys, span })
}

/// A blank, or the `>` of a quotation around a citation that goes over two lines.
fn blank(c: char) -> bool {
    c.is_whitespace() || c == '>'
}

fn key(written: &str, place: Span) -> Result<At<String>, Diagnostic> {
    let error = |message: String, span: Span| {
        Err(Diagnostic::error("citation-syntax", message)
            .at(span)
            .help("write `[@key]`, or `[@key; @other]` for several"))
    };
    let Some(name) = written.strip_prefix('@') else {
        let message = match written {
            "" => "a key is missing here".to_owned(),
            other => format!("`{other}` is no key; a key starts with `@`"),
        };
        return error(message, place);
    };
    let end = name.find(|c: char| !key_character(c)).unwrap_or(name.len());
    if end == 0 {
        return error("a key is missing after `@`".to_owned(), place);
    }
    if end < name.len() {
        let rest = place.within(1 + end..written.len());
        let message = format!("`{}` can't follow a key", name[end..].trim());
        return error(message, rest).map_err(|d| {
            d.help("a page or table of the source belongs in the sentence, before the bracket")
        });
    }
    Ok(At {
        value: name.to_owned(),
        span: place,
    })
}

fn key_character(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !",;{}()[]\"'#%~\\=@".contains(c)
}

/// The keys of a bibliography, sorted, and whether all of it could be read.
pub fn keys(bibliography: &Arc<Source>, findings: &mut Findings) -> (Vec<String>, bool) {
    let (mut keys, complete) = match from_biblatex_str(&bibliography.text) {
        Ok(library) => (library.keys().map(str::to_owned).collect(), true),
        Err(errors) => {
            for error in &errors {
                findings.push(|| bibliography_error(bibliography, error));
            }
            (Vec::new(), false)
        }
    };
    keys.sort_unstable();
    (keys, complete)
}

fn bibliography_error(source: &Arc<Source>, error: &BibLaTeXError) -> Diagnostic {
    let (range, message) = match error {
        BibLaTeXError::Parse(e) => (e.span.clone(), format!("this is not BibTeX: {}", e.kind)),
        BibLaTeXError::Type(e) => (
            e.span.clone(),
            format!("this field can't be understood: {}", e.kind),
        ),
    };
    Diagnostic::error("bibliography", message).at(Span::new(source, range))
}
