//! CSV and TSV (RFC 4180), read strictly, in pieces: every cell is the text that the file has, and what is not a
//! rectangle of cells is refused with its line.
//!
//! Records end with LF, CR LF or CR; cells in double quotes may hold delimiters, line ends and doubled quotes. An empty
//! cell is a missing value, quoted or not. White space around a cell belongs to it (numbers and missing-value codes are
//! later read without it); around a header it does not.

mod header;
mod record;

use std::sync::mpsc::sync_channel;

use crate::dataset::codebook::{Dialect, Encoding};
use crate::dataset::content::Content;
use crate::dataset::raw::{Cells, Examples, RawData};
use crate::dataset::table::{Head, Piece, Table};
use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};

use super::text::Feed;
use record::{Cell, Mistake, Scan, Scanner};

/// No record of a table of data is as long as this, in bytes: what is has a quote too many, or is no table.
const LONGEST_RECORD: usize = 64 << 20;

/// How many rows are handed on at once, at most.
const PIECE_ROWS: usize = 1 << 16;

/// How many bytes of text are handed on at once, about.
const PIECE_BYTES: usize = 4 << 20;

/// A CSV file.
#[derive(Debug)]
pub(super) struct Csv {
    path: String,
    content: Content,
    encoding: Option<Encoding>,
    delimiter: char,
    heads: Vec<Head>,
}

/// Opens a file: reads its header. `path` is for messages, `delimiter` the one of the format.
pub(super) fn open(
    path: &str,
    content: Content,
    dialect: &Dialect,
    delimiter: char,
) -> (Option<Csv>, Diagnostics) {
    let mut csv = Csv {
        path: path.to_owned(),
        content,
        encoding: dialect.encoding,
        delimiter: dialect.delimiter.unwrap_or(delimiter),
        heads: Vec::new(),
    };
    match csv.header() {
        Ok(heads) => {
            csv.heads = heads;
            (Some(csv), Diagnostics::new())
        }
        Err(diagnostics) => (None, diagnostics),
    }
}

impl Table for Csv {
    fn heads(&self) -> &[Head] {
        &self.heads
    }

    fn each(&self, wanted: &[usize], take: &mut dyn FnMut(&Piece<'_>)) -> Diagnostics {
        if self.content.len() < PIECE_BYTES as u64 {
            return self.rows(wanted, &mut |piece| {
                piece.give(take);
                true
            });
        }
        // One thread parses while this one takes what was parsed.
        std::thread::scope(|scope| {
            let (sender, pieces) = sync_channel(2);
            let parser = scope.spawn(move || {
                // A taker that is gone has failed, which says why.
                self.rows(wanted, &mut |piece| sender.send(piece).is_ok())
            });
            for piece in pieces {
                piece.give(take);
            }
            parser.join().unwrap_or_else(|_| {
                let message = format!("reading `{}` failed within the program", self.path);
                Diagnostic::error("bad-csv", message).into()
            })
        })
    }
}

/// Rows of wanted columns.
struct Owned {
    first: usize,
    height: usize,
    columns: Vec<RawData>,
}

impl Owned {
    fn give(&self, take: &mut dyn FnMut(&Piece<'_>)) {
        take(&Piece {
            first: self.first,
            height: self.height,
            columns: self.columns.iter().collect(),
        });
    }
}

/// Where the reading is.
struct Cursor<'a> {
    feed: Feed<'a>,
    /// How many bytes of the text were dropped.
    dropped: usize,
    /// The next record's place in the text that is there.
    at: usize,
    /// The next record's line, from 1.
    line: usize,
    cells: Vec<Cell>,
}

/// A record that was found.
#[derive(Debug, Clone, Copy)]
struct Record {
    /// Its place in the whole text, without the line end.
    start: usize,
    end: usize,
    line: usize,
}

impl Record {
    fn is_blank(&self) -> bool {
        self.start == self.end
    }
}

enum Failure {
    Quotes(Mistake),
    Other(Diagnostic),
}

impl<'a> Cursor<'a> {
    fn new(csv: &'a Csv) -> Result<Self, Diagnostic> {
        Ok(Self {
            feed: Feed::new(&csv.path, &csv.content, csv.encoding)?,
            dropped: 0,
            at: 0,
            line: 1,
            cells: Vec::new(),
        })
    }

    /// The next record, whose cells are then in `cells`; none at the end.
    fn next(&mut self, scanner: &Scanner) -> Result<Option<Record>, Failure> {
        loop {
            if self.feed.ended && self.at >= self.feed.text.len() {
                return Ok(None);
            }
            let (text, ended) = (&self.feed.text, self.feed.ended);
            match scanner.record(text, self.at, ended, self.line, &mut self.cells) {
                Scan::Record { end, next, lines } => {
                    let record = Record {
                        start: self.dropped + self.at,
                        end: self.dropped + end,
                        line: self.line,
                    };
                    self.at = next;
                    self.line += lines;
                    return Ok(Some(record));
                }
                Scan::Mistake(mut mistake) => {
                    mistake.offset += self.dropped;
                    return Err(Failure::Quotes(mistake));
                }
                Scan::More => self.more()?,
            }
        }
    }

    fn more(&mut self) -> Result<(), Failure> {
        if self.feed.text.len() - self.at > LONGEST_RECORD {
            let message = format!(
                "line {} is longer than {} MiB",
                self.line,
                LONGEST_RECORD >> 20
            );
            let diagnostic = Diagnostic::error("long-line", message)
                .help("a quote may be open there, or the file is no table");
            return Err(Failure::Other(diagnostic));
        }
        let used = self.at;
        self.feed.more(used).map_err(Failure::Other)?;
        self.dropped += used;
        self.at = 0;
        Ok(())
    }

    /// The text of a cell of the last record.
    fn cell(&self, cell: &Cell) -> &str {
        cell.raw(&self.feed.text)
    }
}

impl Csv {
    fn rows(&self, wanted: &[usize], give: &mut dyn FnMut(Owned) -> bool) -> Diagnostics {
        let mut rows = Rows {
            csv: self,
            diagnostics: Diagnostics::new(),
            ragged: Ragged::default(),
            columns: vec![Cells::default(); wanted.len()],
            first: 0,
            height: 0,
            bytes: 0,
        };
        if let Err(diagnostic) = rows.read(wanted, give) {
            rows.diagnostics.push(diagnostic);
            return rows.diagnostics;
        }
        rows.finish(give)
    }

    /// The span of some bytes of the text, where the file and they are small enough to be shown.
    fn span(&self, start: usize, end: usize) -> Option<Span> {
        const LARGEST_FILE: u64 = 1 << 20;
        const LONGEST: usize = 400;
        if self.content.len() > LARGEST_FILE {
            return None;
        }
        let mut feed = Feed::new(&self.path, &self.content, self.encoding).ok()?;
        let mut text = std::mem::take(&mut feed.text);
        while !feed.ended {
            feed.more(0).ok()?;
            text.push_str(&std::mem::take(&mut feed.text));
        }
        let line_start = text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
        let line_end = text.get(end..)?.find('\n').map_or(text.len(), |i| end + i);
        if line_end - line_start > LONGEST {
            return None;
        }
        Some(Span::new(
            &Source::new(self.path.as_str(), text),
            start..end,
        ))
    }

    fn failure(&self, failure: Failure) -> Diagnostic {
        match failure {
            Failure::Other(diagnostic) if diagnostic.message.starts_with("line ") => Diagnostic {
                message: format!("in `{}`, {}", self.path, diagnostic.message),
                ..diagnostic
            },
            Failure::Other(diagnostic) => diagnostic,
            Failure::Quotes(mistake) => {
                let place = self.span(mistake.offset, mistake.offset + 1);
                let message = format!("`{}` {} in line {}", self.path, mistake.what, mistake.line);
                Diagnostic::error("bad-quotes", message).maybe_at(place)
            }
        }
    }
}

/// The reading of all rows.
struct Rows<'a> {
    csv: &'a Csv,
    diagnostics: Diagnostics,
    ragged: Ragged,
    columns: Vec<Cells>,
    first: usize,
    height: usize,
    bytes: usize,
}

impl Rows<'_> {
    fn read(
        &mut self,
        wanted: &[usize],
        give: &mut dyn FnMut(Owned) -> bool,
    ) -> Result<(), Diagnostic> {
        let csv = self.csv;
        let scanner = Scanner::new(csv.delimiter);
        let mut cursor = Cursor::new(csv)?;
        let failure = |f| csv.failure(f);
        cursor.next(&scanner).map_err(failure)?;
        let width = csv.heads.len();
        let mut blanks: Vec<Record> = Vec::new();
        while let Some(record) = cursor.next(&scanner).map_err(failure)? {
            if record.is_blank() && width > 1 {
                // Only an error if rows follow; a few are enough to tell of.
                if blanks.len() < PIECE_ROWS {
                    blanks.push(record);
                }
                continue;
            }
            for blank in blanks.drain(..) {
                self.ragged.add(&blank, 0);
            }
            if cursor.cells.len() != width {
                self.ragged.add(&record, cursor.cells.len());
                continue;
            }
            self.keep(&cursor, wanted);
            self.bytes += record.end - record.start + 1;
            if (self.height >= PIECE_ROWS || self.bytes >= PIECE_BYTES) && !self.flush(give) {
                break;
            }
        }
        Ok(())
    }

    fn keep(&mut self, cursor: &Cursor<'_>, wanted: &[usize]) {
        self.height += 1;
        for (column, index) in self.columns.iter_mut().zip(wanted) {
            let Some(cell) = cursor.cells.get(*index) else {
                continue;
            };
            let text = cursor.cell(cell);
            if cell.doubled {
                column.push(&text.replace("\"\"", "\""));
            } else {
                column.push(text);
            }
        }
    }

    fn flush(&mut self, give: &mut dyn FnMut(Owned) -> bool) -> bool {
        let columns = self.columns.iter_mut();
        let columns = columns.map(|c| RawData::Untyped(std::mem::take(c)));
        let piece = Owned {
            first: self.first,
            height: self.height,
            columns: columns.collect(),
        };
        self.first += self.height;
        (self.height, self.bytes) = (0, 0);
        give(piece)
    }

    fn finish(mut self, give: &mut dyn FnMut(Owned) -> bool) -> Diagnostics {
        let rows = self.first + self.height;
        if self.height > 0 {
            self.flush(give);
        }
        if let Some(diagnostic) = self.csv.ragged(&self.ragged) {
            self.diagnostics.push(diagnostic);
        } else if rows == 0 {
            let message = format!("`{}` has a header but no rows", self.csv.path);
            self.diagnostics.push(Diagnostic::error("no-rows", message));
        }
        self.diagnostics
    }
}

const DELIMITER_HELP: &str = "if another character separates the cells, say so in the codebook: `[dialect]` with `delimiter = \";\"`";

/// Lines that have another number of cells than the header.
#[derive(Default)]
struct Ragged {
    examples: Examples,
    first: Option<(usize, usize)>,
}

impl Ragged {
    fn add(&mut self, record: &Record, cells: usize) {
        self.first.get_or_insert((record.start, record.end));
        self.examples.add(|| {
            if record.is_blank() {
                format!("line {} is empty", record.line)
            } else {
                format!("line {} has {cells}", record.line)
            }
        });
    }
}

impl Csv {
    fn ragged(&self, ragged: &Ragged) -> Option<Diagnostic> {
        let (start, end) = ragged.first?;
        let width = self.heads.len();
        let message = format!(
            "`{}` has {width} columns, but not in every line: {}",
            self.path,
            ragged.examples.text()
        );
        let help = if width == 1 {
            DELIMITER_HELP
        } else {
            "a cell that holds a delimiter must stand in double quotes"
        };
        let diagnostic = Diagnostic::error("ragged-rows", message).help(help);
        Some(diagnostic.maybe_at(self.span(start, end)))
    }
}
