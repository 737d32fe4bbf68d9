//! CSV and TSV (RFC 4180), read whole and strictly: every cell is the text that the file has, and what is not
//! a rectangle of cells is refused with its line.
//!
//! UTF-8, with or without a byte order mark. Records end with LF, CR LF or CR; cells in double quotes may hold
//! delimiters, line ends and doubled quotes. An empty cell is a missing value, quoted or not. White space around a cell
//! belongs to it (numbers and missing-value codes are later read without it); around a header it does not.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};

use crate::dataset::raw::{Examples, Notes, RawColumn, RawData, RawTable, shown};

/// Reads `bytes`; `path` is for messages.
pub(super) fn read(path: &str, bytes: &[u8], delimiter: char) -> (Option<RawTable>, Diagnostics) {
    let text = match decode(path, bytes) {
        Ok(text) => text,
        Err(diagnostic) => return (None, diagnostic.into()),
    };
    let mut reading = Reading {
        path,
        text,
        diagnostics: Diagnostics::new(),
        source: None,
    };
    let table = reading.table(delimiter);
    let table = table.filter(|_| !reading.diagnostics.has_errors());
    (table, reading.diagnostics)
}

fn decode<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostic> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let message = format!("`{path}` is UTF-16, not UTF-8");
        return Err(Diagnostic::error("not-utf8", message).help("save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let line = |offset: usize| {
        let before = bytes.get(..offset).unwrap_or(bytes);
        before.split(|b| *b == b'\n').count()
    };
    if let Some(offset) = bytes.iter().position(|b| *b == 0) {
        let message = format!("`{path}` has a NUL byte in line {}", line(offset));
        return Err(Diagnostic::error("nul-byte", message)
            .help("it may be a binary file, or UTF-16; text tables are UTF-8"));
    }
    std::str::from_utf8(bytes).map_err(|e| {
        let message = format!("`{path}` is not UTF-8 in line {}", line(e.valid_up_to()));
        Diagnostic::error("not-utf8", message).help("save it as UTF-8 (it may be Latin-1)")
    })
}

/// One line of cells.
struct Record<'a> {
    cells: Vec<Cow<'a, str>>,
    /// The line on which it starts, from 1.
    line: usize,
    /// Its bytes, without the line end.
    start: usize,
    end: usize,
}

impl Record<'_> {
    fn is_blank(&self) -> bool {
        self.start == self.end
    }
}

struct Reading<'a> {
    path: &'a str,
    text: &'a str,
    diagnostics: Diagnostics,
    source: Option<Arc<Source>>,
}

impl Reading<'_> {
    /// The span of some bytes, where the file and they are small enough to be shown.
    fn span(&mut self, start: usize, end: usize) -> Option<Span> {
        const LARGEST_FILE: usize = 1 << 20;
        const LONGEST: usize = 400;
        let line_start = self.text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
        let line_end = self
            .text
            .get(end..)?
            .find('\n')
            .map_or(self.text.len(), |i| end + i);
        if self.text.len() > LARGEST_FILE || line_end - line_start > LONGEST {
            return None;
        }
        let source = self
            .source
            .get_or_insert_with(|| Source::new(self.path, self.text));
        Some(Span::new(source, start..end))
    }

    fn table(&mut self, delimiter: char) -> Option<RawTable> {
        let mut records = Records::new(self.text, delimiter);
        let header = match records.next() {
            None => return self.refuse("empty-file", "has no rows, not even a header", None),
            Some(Err(mistake)) => return self.mistake(&mistake),
            Some(Ok(record)) => record,
        };
        let names = self.names(&header)?;
        let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
        let mut ragged = Ragged::default();
        let mut pending_blank = Vec::new();
        for record in records {
            let record = match record {
                Err(mistake) => return self.mistake(&mistake),
                Ok(record) => record,
            };
            if record.is_blank() && names.len() > 1 {
                pending_blank.push(record);
                continue;
            }
            // Blank lines are only an error if rows follow.
            for blank in pending_blank.drain(..) {
                ragged.add(&blank);
            }
            if record.cells.len() == names.len() {
                for (column, cell) in columns.iter_mut().zip(record.cells) {
                    column.push((!cell.is_empty()).then(|| cell.into_owned()));
                }
            } else {
                ragged.add(&record);
            }
        }
        self.report_ragged(&ragged, names.len());
        let height = columns.first().map_or(0, Vec::len);
        if height == 0 && ragged.examples.is_empty() {
            return self.refuse("no-rows", "has a header but no rows", None);
        }
        let columns = names
            .into_iter()
            .zip(columns)
            .map(|(name, cells)| RawColumn {
                name,
                data: RawData::Untyped(cells),
                notes: Notes::default(),
            })
            .collect();
        Some(RawTable { height, columns })
    }

    fn names(&mut self, header: &Record<'_>) -> Option<Vec<String>> {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut empty = Examples::default();
        let mut double = Examples::default();
        for (i, cell) in header.cells.iter().enumerate() {
            let name = cell.trim();
            if name.is_empty() {
                empty.add(|| format!("column {}", i + 1));
            } else if let Some(first) = places.get(name) {
                double.add(|| format!("{} in columns {} and {}", shown(name), first + 1, i + 1));
            } else {
                places.insert(name, i);
            }
        }
        let place = self.span(header.start, header.end);
        if !empty.is_empty() {
            let message = format!(
                "the header of `{}` has no name for {}",
                self.path,
                empty.text()
            );
            let diagnostic = Diagnostic::error("empty-header", message)
                .maybe_at(place.clone())
                .help("the first line must name every column");
            self.diagnostics.push(diagnostic);
        }
        if !double.is_empty() {
            let message = format!(
                "the header of `{}` has a name twice: {}",
                self.path,
                double.text()
            );
            let diagnostic = Diagnostic::error("duplicate-header", message)
                .maybe_at(place)
                .help("give each column its own name");
            self.diagnostics.push(diagnostic);
        }
        let names = header.cells.iter().map(|c| c.trim().to_owned());
        (empty.is_empty() && double.is_empty()).then(|| names.collect())
    }

    fn report_ragged(&mut self, ragged: &Ragged, width: usize) {
        let Some((start, end)) = ragged.first else {
            return;
        };
        let message = format!(
            "`{}` has {width} columns, but not in every line: {}",
            self.path,
            ragged.examples.text()
        );
        let mut diagnostic =
            Diagnostic::error("ragged-rows", message).maybe_at(self.span(start, end));
        if width == 1 {
            diagnostic = diagnostic.help(DELIMITER_HELP);
        } else {
            diagnostic =
                diagnostic.help("a cell that holds a delimiter must stand in double quotes");
        }
        self.diagnostics.push(diagnostic);
    }

    fn refuse(&mut self, code: &'static str, what: &str, place: Option<Span>) -> Option<RawTable> {
        let message = format!("`{}` {what}", self.path);
        self.diagnostics
            .push(Diagnostic::error(code, message).maybe_at(place));
        None
    }

    fn mistake(&mut self, mistake: &Mistake) -> Option<RawTable> {
        let place = self.span(mistake.offset, mistake.offset + 1);
        let what = format!("{} in line {}", mistake.what, mistake.line);
        self.refuse("bad-quotes", &what, place);
        None
    }
}

const DELIMITER_HELP: &str = "if another character separates the cells, say so in the codebook: `[dialect]` with `delimiter = \";\"`";

#[derive(Default)]
struct Ragged {
    examples: Examples,
    first: Option<(usize, usize)>,
}

impl Ragged {
    fn add(&mut self, record: &Record<'_>) {
        self.first.get_or_insert((record.start, record.end));
        self.examples.add(|| {
            if record.is_blank() {
                format!("line {} is empty", record.line)
            } else {
                format!("line {} has {}", record.line, record.cells.len())
            }
        });
    }
}

/// Quotes that don't fit.
struct Mistake {
    what: &'static str,
    line: usize,
    offset: usize,
}

struct Records<'a> {
    text: &'a str,
    delimiter: char,
    at: usize,
    line: usize,
    failed: bool,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, delimiter: char) -> Self {
        Self {
            text,
            delimiter,
            at: 0,
            line: 1,
            failed: false,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn record(&mut self) -> Result<Record<'a>, Mistake> {
        let (start, line) = (self.at, self.line);
        let mut cells = Vec::new();
        loop {
            let cell = if self.rest().starts_with('"') {
                self.quoted()?
            } else {
                self.plain()?
            };
            cells.push(cell);
            if self.rest().starts_with(self.delimiter) {
                self.at += self.delimiter.len_utf8();
            } else {
                break;
            }
        }
        let end = self.at;
        self.line_end();
        Ok(Record {
            cells,
            line,
            start,
            end,
        })
    }

    fn line_end(&mut self) {
        let rest = self.rest();
        if rest.starts_with("\r\n") {
            self.at += 2;
        } else if rest.starts_with(['\n', '\r']) {
            self.at += 1;
        }
        self.line += 1;
    }

    fn plain(&mut self) -> Result<Cow<'a, str>, Mistake> {
        let rest = self.rest();
        let stop = [self.delimiter, '\n', '\r', '"'];
        let length = rest.find(stop).unwrap_or(rest.len());
        let (cell, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if after.starts_with('"') {
            return Err(Mistake {
                what: "has a quote inside a cell that does not start with one",
                line: self.line,
                offset: self.at + length,
            });
        }
        self.at += length;
        Ok(Cow::Borrowed(cell))
    }

    fn quoted(&mut self) -> Result<Cow<'a, str>, Mistake> {
        let (open, open_line) = (self.at, self.line);
        self.at += 1;
        let mut cell = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let Some(length) = rest.find('"') else {
                return Err(Mistake {
                    what: "has a quote that is never closed",
                    line: open_line,
                    offset: open,
                });
            };
            let part = rest.get(..length).unwrap_or("");
            self.line += line_ends(part);
            self.at += length + 1;
            if cell.is_empty() {
                cell = Cow::Borrowed(part);
            } else {
                cell.to_mut().push_str(part);
            }
            if !self.rest().starts_with('"') {
                break;
            }
            cell.to_mut().push('"');
            self.at += 1;
        }
        let after = self.rest();
        if after.is_empty() || after.starts_with([self.delimiter, '\n', '\r']) {
            return Ok(cell);
        }
        Err(Mistake {
            what: "has text after a closing quote",
            line: self.line,
            offset: self.at,
        })
    }
}

/// How many line ends a text has, CR LF counted once.
fn line_ends(text: &str) -> usize {
    let feeds = text.matches('\n').count();
    let returns = text.matches('\r').count();
    feeds + returns - text.matches("\r\n").count()
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Mistake>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.at >= self.text.len() {
            return None;
        }
        let record = self.record();
        self.failed = record.is_err();
        Some(record)
    }
}
