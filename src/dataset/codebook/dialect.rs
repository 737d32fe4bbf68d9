//! How a file must be read, where its bytes alone don't say.

use crate::diagnostic::Diagnostic;
use crate::reader::TableReader;

/// What a codebook says about the form of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dialect {
    /// The character between the cells of a text table, if it is not the format's own.
    pub delimiter: Option<char>,
    /// The encoding of a text table; UTF-8 where it says none.
    pub encoding: Option<Encoding>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
}

/// An encoding of texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// UTF-16, whose byte order mark says which one.
    Utf16,
    /// ISO 8859-1.
    Latin1,
    /// Windows-1252.
    Windows1252,
}

impl Encoding {
    /// Every name that a codebook may give, in lower case; the first of an encoding is the one that is written.
    const NAMES: [(&str, Self); 11] = [
        ("utf-8", Self::Utf8),
        ("utf8", Self::Utf8),
        ("utf-16", Self::Utf16),
        ("utf16", Self::Utf16),
        ("iso-8859-1", Self::Latin1),
        ("iso8859-1", Self::Latin1),
        ("latin-1", Self::Latin1),
        ("latin1", Self::Latin1),
        ("windows-1252", Self::Windows1252),
        ("windows1252", Self::Windows1252),
        ("cp1252", Self::Windows1252),
    ];

    /// The encoding of that name, upper or lower case.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        let found = Self::NAMES
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, encoding)| *encoding)
    }

    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, encoding)| *encoding == self);
        found.map_or("utf-8", |(name, _)| name)
    }
}

/// Reads `[dialect]`.
pub(super) fn read(mut table: TableReader<'_>) -> Dialect {
    let dialect = Dialect {
        delimiter: delimiter(&mut table),
        encoding: encoding(&mut table),
        sheet: sheet(&mut table),
    };
    table.finish();
    dialect
}

fn delimiter(table: &mut TableReader<'_>) -> Option<char> {
    let text = table.optional_string("delimiter")?;
    let found = usable_delimiter(&text.value);
    if found.is_none() {
        let diagnostic = Diagnostic::error("bad-delimiter", "`delimiter` must be one character")
            .at(text.span)
            .help("write `delimiter = \";\"`; a quote or a line end can't separate cells");
        table.report(diagnostic);
    }
    found
}

/// The character that a text is, if it can separate cells.
pub(super) fn usable_delimiter(text: &str) -> Option<char> {
    let mut chars = text.chars();
    let only = chars.next().filter(|_| chars.next().is_none());
    only.filter(|c| !matches!(c, '"' | '\n' | '\r' | '\0'))
}

fn encoding(table: &mut TableReader<'_>) -> Option<Encoding> {
    let text = table.optional_string("encoding")?;
    let found = Encoding::of(&text.value);
    if found.is_none() {
        let message = format!("`encoding` can't be `{}`", text.value.escape_debug());
        let names = Encoding::NAMES.iter().map(|(name, _)| *name);
        let diagnostic = Diagnostic::error("unknown-choice", message)
            .at(text.span)
            .suggest(&text.value.to_lowercase(), names)
            .help("write \"utf-8\", \"utf-16\", \"iso-8859-1\" or \"windows-1252\"");
        table.report(diagnostic);
    }
    found
}

fn sheet(table: &mut TableReader<'_>) -> Option<String> {
    let text = table.optional_string("sheet")?;
    if text.value.is_empty() {
        let diagnostic = Diagnostic::error("bad-sheet", "`sheet` is empty")
            .at(text.span)
            .help("write the sheet's name, as its tab shows it");
        table.report(diagnostic);
        return None;
    }
    Some(text.value)
}
