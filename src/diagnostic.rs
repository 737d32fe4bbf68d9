//! What is wrong with an input, where, and what to write instead.
//!
//! A [`Diagnostic`] never stops a stage: stages collect [`Diagnostics`] and return them beside whatever they could
//! make of the rest, so that an author sees everything at once.

mod render;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A text that diagnostics can point into: a report, a manifest, a codebook, a style.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path below the project root, with `/` between folders; what is shown to the author.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// A source shared by all spans that point into it.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            text: text.into(),
        })
    }

    /// The line and column (both from 1, the column in characters) of a byte offset; offsets past the end are the end.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}

/// A range of bytes of a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text that is pointed into.
    pub source: Arc<Source>,
    /// Bytes from the start of the text; always on character boundaries.
    pub range: Range<usize>,
}

impl Span {
    /// A span; the range is moved to the nearest character boundaries inside the text.
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Self {
        let text = &source.text;
        let clamp = |mut i: usize| {
            i = i.min(text.len());
            while !text.is_char_boundary(i) {
                i -= 1;
            }
            i
        };
        let start = clamp(range.start);
        let end = clamp(range.end).max(start);
        Self {
            source: Arc::clone(source),
            range: start..end,
        }
    }

    /// The text that is pointed at.
    pub fn text(&self) -> &str {
        &self.source.text[self.range.clone()]
    }

    /// A span inside this one, `inner` counted from this one's start.
    #[must_use]
    pub fn within(&self, inner: Range<usize>) -> Self {
        let start = self.range.start;
        Self::new(&self.source, start + inner.start..start + inner.end)
    }
}

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The output can't be made, or would be wrong.
    Error,
    /// The output is made; the author should look.
    Warning,
    /// Something that is good to know.
    Note,
}

/// What kind of thing failed, which decides the exit status of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// Something that was promised does not hold: a hash, a claim, a verification (exit status 1).
    Broken,
    /// The input is wrong (exit status 2).
    Input,
    /// The machine failed: disk, permissions (exit status 3).
    Machine,
}

/// One thing that is wrong, where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// What kind of thing failed.
    pub fault: Fault,
    /// A stable name for the kind of mistake, in kebab case, such as `unknown-column`.
    pub code: Cow<'static, str>,
    /// What is wrong, in one sentence without a full stop at its end.
    pub message: String,
    /// Where; none for what has no text (a missing file).
    pub span: Option<Span>,
    /// What stands under the marked text, if it should say more than the message.
    pub label: Option<String>,
    /// Further places that belong to it, each with what to say there.
    pub related: Vec<(Span, String)>,
    /// What to write or do instead; each a line of its own.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error in the input.
    pub fn error(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            fault: Fault::Input,
            code: code.into(),
            message: message.into(),
            span: None,
            label: None,
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning: the output is made all the same.
    pub fn warning(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// An error of the machine: a file that can't be read or written.
    pub fn machine(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            fault: Fault::Machine,
            ..Self::error(code, message)
        }
    }

    /// An error because something that was promised does not hold.
    pub fn broken(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            fault: Fault::Broken,
            ..Self::error(code, message)
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Says where, if it is known.
    #[must_use]
    pub fn maybe_at(mut self, span: Option<Span>) -> Self {
        self.span = span.or(self.span);
        self
    }

    /// Says what stands under the marked text.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push((span, text.into()));
        self
    }

    /// Adds a line of help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds "did you mean …" with the names nearest to `name`, or the list of what there is if it is short.
    #[must_use]
    pub fn suggest<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match suggestion(name, known) {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// "did you mean `x`?" for the known names nearest to `name`; where none is near, what there is, up to 12 names.
pub fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    let folded = name.to_lowercase();
    let mut near: Vec<(f64, &str)> = known
        .iter()
        .map(|k| (strsim::jaro_winkler(&folded, &k.to_lowercase()), *k))
        .filter(|(score, _)| *score >= 0.8)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.truncate(3);
    let quoted = |names: &mut dyn Iterator<Item = &str>| {
        names
            .map(|n| format!("`{n}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if !near.is_empty() {
        let names: Vec<&str> = near.into_iter().map(|(_, n)| n).collect();
        return Some(format!("did you mean {}?", quoted(&mut names.into_iter())));
    }
    match known.len() {
        0 => None,
        1..=12 => Some(format!("there is {}", quoted(&mut known.into_iter()))),
        more => Some(format!(
            "there are {more}, among them {}",
            quoted(&mut known.into_iter().take(8))
        )),
    }
}

/// Diagnostics as they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(others);
    }

    /// Takes the value of a result, or keeps its diagnostic.
    pub fn ok<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(diagnostic) => {
                self.push(diagnostic);
                None
            }
        }
    }

    /// Takes the value of a stage, and keeps the diagnostics that came with it.
    pub fn extend_with<T>(&mut self, (value, diagnostics): (T, Self)) -> T {
        self.extend(diagnostics);
        value
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, as they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Puts them in the order of their places (files by path, what has no place last), and drops exact repeats.
    pub fn sort(&mut self) {
        let place = |d: &Diagnostic| {
            d.span.as_ref().map_or((true, String::new(), 0), |s| {
                (false, s.source.path.clone(), s.range.start)
            })
        };
        self.0.sort_by_key(place);
        self.0.dedup();
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}
