//! One record of a CSV text: where its cells are.

/// A cell's bytes in the text, without the quotes around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub start: usize,
    pub end: usize,
    /// Whether it has doubled quotes.
    pub doubled: bool,
}

impl Cell {
    /// Its text, in which doubled quotes are still double.
    pub fn raw<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Quotes that don't fit.
#[derive(Debug)]
pub(super) struct Mistake {
    pub what: &'static str,
    /// The line it is in.
    pub line: usize,
    /// Its place in the text.
    pub offset: usize,
}

/// What there is at a place of a text.
#[derive(Debug)]
pub(super) enum Scan {
    /// A record.
    Record {
        /// Where its cells end.
        end: usize,
        /// Where the next record begins.
        next: usize,
        /// How many lines it takes.
        lines: usize,
    },
    /// The beginning of one: more text is needed.
    More,
    /// Something else.
    Mistake(Mistake),
}

/// Finds the cells of records.
#[derive(Debug)]
pub(super) struct Scanner {
    delimiter: String,
    /// The bytes at which a cell without quotes may end.
    stops: [bool; 256],
}

impl Scanner {
    pub fn new(delimiter: char) -> Self {
        let delimiter = delimiter.to_string();
        let mut stops = [false; 256];
        let first = delimiter.as_bytes().first().copied().unwrap_or(b',');
        for byte in [b'\n', b'\r', b'"', first] {
            if let Some(stop) = stops.get_mut(usize::from(byte)) {
                *stop = true;
            }
        }
        Self { delimiter, stops }
    }

    /// Looks for the record that begins at `at`, on the given line; `ended` says that nothing comes after the text. The
    /// record's cells are left in `cells`.
    pub fn record(
        &self,
        text: &str,
        at: usize,
        ended: bool,
        line: usize,
        cells: &mut Vec<Cell>,
    ) -> Scan {
        cells.clear();
        let bytes = text.as_bytes();
        let (mut at, mut lines) = (at, 0);
        loop {
            let cell = if bytes.get(at) == Some(&b'"') {
                self.quoted(text, at, ended, line + lines)
            } else {
                self.plain(text, at, ended, line + lines)
            };
            let (cell, after) = match cell {
                Ok(found) => found,
                Err(other) => return other,
            };
            if after > cell.end {
                lines += line_ends(cell.raw(text));
            }
            cells.push(cell);
            let rest = bytes.get(after..).unwrap_or_default();
            if rest.starts_with(self.delimiter.as_bytes()) {
                at = after + self.delimiter.len();
                continue;
            }
            let next = match rest {
                [b'\r', b'\n', ..] => after + 2,
                [b'\r'] if !ended => return Scan::More,
                [] => after,
                _ => after + 1,
            };
            return Scan::Record {
                end: after,
                next,
                lines: lines + 1,
            };
        }
    }

    /// The cell, and the place after it.
    fn plain(
        &self,
        text: &str,
        start: usize,
        ended: bool,
        line: usize,
    ) -> Result<(Cell, usize), Scan> {
        let bytes = text.as_bytes();
        let mut at = start;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let stop = |b: &u8| self.stops.get(usize::from(*b)).copied().unwrap_or(false);
            let Some(length) = rest.iter().position(stop) else {
                at = bytes.len();
                if !ended {
                    return Err(Scan::More);
                }
                break;
            };
            at += length;
            match bytes.get(at) {
                Some(b'"') => {
                    return Err(Scan::Mistake(Mistake {
                        what: "has a quote inside a cell that does not start with one",
                        line,
                        offset: at,
                    }));
                }
                Some(b'\n' | b'\r') => break,
                _ => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    if rest.starts_with(self.delimiter.as_bytes()) {
                        break;
                    }
                    at += 1;
                }
            }
        }
        let cell = Cell {
            start,
            end: at,
            doubled: false,
        };
        Ok((cell, at))
    }

    fn quoted(
        &self,
        text: &str,
        open: usize,
        ended: bool,
        line: usize,
    ) -> Result<(Cell, usize), Scan> {
        let mistake = |what, line, offset| Scan::Mistake(Mistake { what, line, offset });
        let mut doubled = false;
        let mut at = open + 1;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let Some(length) = rest.find('"') else {
                return Err(if ended {
                    mistake("has a quote that is never closed", line, open)
                } else {
                    Scan::More
                });
            };
            at += length;
            if text.as_bytes().get(at + 1) != Some(&b'"') {
                break;
            }
            doubled = true;
            at += 2;
        }
        let cell = Cell {
            start: open + 1,
            end: at,
            doubled,
        };
        let after = text.get(at + 1..).unwrap_or_default();
        if after.is_empty() && !ended {
            return Err(Scan::More);
        }
        if after.is_empty() || after.starts_with(['\n', '\r']) || after.starts_with(&self.delimiter)
        {
            return Ok((cell, at + 1));
        }
        let line = line + line_ends(cell.raw(text));
        Err(mistake("has text after a closing quote", line, at + 1))
    }
}

/// How many line ends a text has, CR LF counted once.
fn line_ends(text: &str) -> usize {
    let count = |byte| text.bytes().filter(|b| *b == byte).count();
    let returns = count(b'\r');
    let both = if returns == 0 {
        0
    } else {
        text.matches("\r\n").count()
    };
    count(b'\n') + returns - both
}
