//! The cells of one sheet, as calamine reads them one by one.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::moment::Moment;
use crate::dataset::raw::{Examples, shown};
use crate::diagnostic::Diagnostic;

/// A sheet that was chosen.
pub(super) struct Sheet {
    pub name: String,
    /// Cells with a value, each place once.
    pub cells: Vec<Cell>,
    pub merged: Vec<Area>,
    pub is_1904: bool,
    /// Cells whose formula has no result.
    pub uncomputed: Examples,
}

/// A cell with its place, counted from 0.
pub(super) struct Cell {
    pub row: u32,
    pub column: u32,
    pub value: Value,
}

/// Merged cells: row and column of the first and the last.
pub(super) struct Area {
    pub first: (u32, u32),
    pub last: (u32, u32),
}

impl Area {
    pub fn text(&self) -> String {
        let (first, last) = (self.first, self.last);
        format!("{}:{}", address(first.0, first.1), address(last.0, last.1))
    }
}

/// What a cell holds.
pub(super) enum Value {
    Number(f64),
    Text(String),
    Truth(bool),
    /// A day or a time as a number.
    Serial(f64),
    Moment(Moment),
    /// Days that passed.
    Elapsed(f64),
    Error(String),
}

impl Value {
    /// The value as a text; `cell` rather than in a header.
    pub fn shown(&self, cell: bool) -> String {
        match self {
            Self::Number(n) | Self::Elapsed(n) | Self::Serial(n) => n.to_string(),
            Self::Text(text) if cell => text.clone(),
            // A header of two lines is one name.
            Self::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Truth(true) => "TRUE".to_owned(),
            Self::Truth(false) => "FALSE".to_owned(),
            Self::Moment(moment) => moment.shown(),
            Self::Error(error) => error.clone(),
        }
    }
}

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads a workbook's sheet: the `wanted` one, else the only one that has data.
pub(super) fn load(path: &str, bytes: &[u8], wanted: Option<&str>) -> Result<Sheet, Diagnostic> {
    let failed = |e: XlsxError| unreadable(path, &e.to_string());
    let mut book = Book::new(Cursor::new(bytes)).map_err(failed)?;
    let name = match wanted {
        Some(name) => named(path, &book, name)?,
        None => only_with_data(path, &mut book)?,
    };
    let is_1904 = book.has_1904_epoch();
    let mut cells = Vec::new();
    let mut uncomputed = Examples::default();
    let mut reader = book.worksheet_cells_reader(&name).map_err(failed)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(failed)? {
        let (row, column) = cell.pos;
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(unreadable(path, "a cell is outside of any sheet"));
        }
        match value(cell.value) {
            Some(value) => cells.push(Cell { row, column, value }),
            None if cell.formula.is_some() => uncomputed.add(|| address(row, column)),
            None => {}
        }
    }
    drop(reader);
    cells.sort_by_key(|c| (c.row, c.column));
    let double = cells
        .windows(2)
        .find(|pair| matches!(pair, [a, b] if (a.row, a.column) == (b.row, b.column)));
    if let Some([cell, _]) = double {
        let why = format!("cell {} is there twice", address(cell.row, cell.column));
        return Err(unreadable(path, &why));
    }
    let merged = book.merge_cells_by_sheet_name(&name).map_err(failed)?;
    let merged = merged.into_iter().map(|d| Area {
        first: d.start,
        last: d.end,
    });
    Ok(Sheet {
        name,
        cells,
        merged: merged.collect(),
        is_1904,
        uncomputed,
    })
}

const MOST_ROWS: u32 = 1 << 20;
const MOST_COLUMNS: u32 = 1 << 14;

fn value(data: DataRef<'_>) -> Option<Value> {
    let text = |text: String| (!text.is_empty()).then_some(Value::Text(text));
    match Data::from(data) {
        Data::Empty => None,
        #[allow(clippy::cast_precision_loss)] // Excel itself has f64 only.
        Data::Int(i) => Some(Value::Number(i as f64)),
        Data::Float(n) => Some(Value::Number(n)),
        Data::Bool(truth) => Some(Value::Truth(truth)),
        Data::DateTime(when) if when.is_duration() => Some(Value::Elapsed(when.as_f64())),
        Data::DateTime(when) => Some(Value::Serial(when.as_f64())),
        Data::DateTimeIso(iso) => match Moment::of_iso(&iso) {
            Some(moment) => Some(Value::Moment(moment)),
            None => text(iso),
        },
        Data::String(found) | Data::DurationIso(found) => text(found),
        Data::Error(error) => Some(Value::Error(error.to_string())),
    }
}

fn named(path: &str, book: &Book<'_>, name: &str) -> Result<String, Diagnostic> {
    let sheets = || {
        let tables = book.sheets_metadata().iter();
        tables.filter(|s| s.typ == SheetType::WorkSheet)
    };
    if let Some(sheet) = sheets().find(|s| s.name == name) {
        return Ok(sheet.name.clone());
    }
    let message = format!("`{path}` has no sheet {}", shown(name));
    let mut diagnostic = Diagnostic::error("unknown-sheet", message)
        .suggest(name, sheets().map(|s| s.name.as_str()));
    if diagnostic.help.is_empty() {
        diagnostic = diagnostic.help(format!("its sheets are {}", list(book)));
    }
    Err(diagnostic)
}

fn only_with_data(path: &str, book: &mut Book<'_>) -> Result<String, Diagnostic> {
    let tables = book.sheets_metadata().iter();
    let names: Vec<String> = tables
        .filter(|s| s.typ == SheetType::WorkSheet)
        .map(|s| s.name.clone())
        .collect();
    let mut found = Vec::new();
    for name in names {
        if has_data(book, &name).map_err(|e| unreadable(path, &e.to_string()))? {
            found.push(name);
        }
    }
    match found.as_slice() {
        [] => {
            let message = format!("`{path}` has no values in any sheet");
            Err(Diagnostic::error("empty-file", message))
        }
        [only] => Ok(only.clone()),
        [first, ..] => {
            let message = format!("`{path}` has data in {} sheets", found.len());
            let help = format!(
                "say which one is meant: in the codebook, `[dialect]` with `sheet = \"{}\"`, or to `data add` by --sheet",
                first.escape_debug()
            );
            let sheets = format!("its sheets are {}", list(book));
            Err(Diagnostic::error("several-sheets", message)
                .help(sheets)
                .help(help))
        }
    }
}

fn has_data(book: &mut Book<'_>, name: &str) -> Result<bool, XlsxError> {
    let mut reader = book.worksheet_cells_reader(name)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        if value(cell.value).is_some() || cell.formula.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The sheets with what is special about them.
fn list(book: &Book<'_>) -> String {
    let text = |sheet: &calamine::Sheet| {
        let name = shown(&sheet.name);
        match (sheet.typ, sheet.visible) {
            (SheetType::WorkSheet, SheetVisible::Visible) => name,
            (SheetType::WorkSheet, _) => format!("{name} (hidden)"),
            _ => format!("{name} (no table)"),
        }
    };
    let mut sheets = Examples::default();
    for sheet in book.sheets_metadata() {
        sheets.add(|| text(sheet));
    }
    sheets.text()
}

/// The name of a cell, such as `AB12`, of its row and column counted from 0.
pub(super) fn address(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    let column: String = letters.iter().rev().collect();
    format!("{column}{}", row + 1)
}

/// The diagnostic of a file that is no workbook.
pub(super) fn unreadable(path: &str, why: &str) -> Diagnostic {
    let message = format!("`{path}` can't be read as an Excel workbook: {why}");
    Diagnostic::error("bad-xlsx", message)
        .help("the file may be cut off, or not be a workbook at all")
}
