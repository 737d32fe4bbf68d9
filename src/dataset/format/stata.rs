//! Stata datasets, `.dta` of the releases 104 to 119 (Stata 4 to 18), after Stata's own description (`help dta`).
//! Strict: what the file claims must be there, in full.
//!
//! Missing values `.a` to `.z` are none in the data, and have tags.

mod header;
mod labels;
mod strings;

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};

use crate::dataset::guard::guarded;
use crate::dataset::raw::{Examples, MOST_DECIMALS, Notes, RawTable, shown};

use super::bytes::Bytes;
use super::charset::Charset;
use super::column::{self, Labels, Reading};
use super::moment::Meaning;
use header::{Header, Kind, Variable};
use strings::LongTexts;

/// Reads `bytes`; `path` is for messages.
pub(super) fn read(path: &str, bytes: &[u8]) -> (Option<RawTable>, Diagnostics) {
    match guarded(|| table(path, bytes)) {
        Ok(found) => found,
        Err(why) => (
            None,
            column::unreadable(path, "Stata", "bad-dta", &why).into(),
        ),
    }
}

type Found = Result<(Option<RawTable>, Diagnostics), String>;

fn table(path: &str, all: &[u8]) -> Found {
    let mut bytes = Bytes::new(all);
    let header = Header::read(&mut bytes)?;
    if header.release >= 118 {
        return decoded(path, &header, bytes, &Charset::UTF8);
    }
    // Before, texts were in the machine's encoding, which the file does not say. What is UTF-8 is hardly anything else.
    match decoded(path, &header, bytes.clone(), &Charset::UTF8) {
        Ok(found) if !found.1.has_errors() => Ok(found),
        _ => decoded(path, &header, bytes, &Charset::WESTERN),
    }
}

fn decoded<'a>(
    path: &str,
    header: &'a Header<'a>,
    mut bytes: Bytes<'a>,
    charset: &Charset,
) -> Found {
    let mut columns = Vec::with_capacity(header.variables.len());
    for variable in &header.variables {
        columns.push(reading(variable, charset)?);
    }
    let width = header.width();
    column::affordable(header.rows, width, columns.len())?;
    header.tag(&mut bytes, "<data>")?;
    let data = bytes.take(header.rows.saturating_mul(width), "the rows")?;
    header.tag(&mut bytes, "</data>")?;
    let texts = LongTexts::read(header, &mut bytes)?;
    let sets = labels::read(header, &mut bytes, charset)?;
    header.tag(&mut bytes, "</stata_dta>")?;
    if let [_, ..] = bytes.rest() {
        return Err(format!("bytes follow its end at byte {}", bytes.at()));
    }
    let without = label(header, &mut columns, &sets)?;
    let mut cells = Cells {
        header,
        charset,
        texts,
    };
    if width > 0 {
        for (row, bytes) in data.chunks_exact(width).enumerate() {
            let mut bytes = Bytes::new(bytes).endian(header.big_endian);
            for (variable, column) in header.variables.iter().zip(&mut columns) {
                cells
                    .add(variable, &mut bytes, column)
                    .map_err(|why| format!("row {}, column `{}`: {why}", row + 1, column.name))?;
            }
        }
    }
    let (table, mut diagnostics) = column::finished(path, header.rows, columns, charset);
    if !without.is_empty() {
        let message = format!(
            "the labels of values are not in `{path}` that these columns should have: {}",
            without.text()
        );
        let help = "the file may be cut off; give the labels in the codebook, or in Stata";
        diagnostics.push(Diagnostic::warning("no-labels", message).help(help));
    }
    Ok((table, diagnostics))
}

/// Gives the columns the labels of their values, and says which columns' are not there.
fn label(
    header: &Header<'_>,
    columns: &mut [Reading],
    sets: &BTreeMap<&[u8], labels::Set>,
) -> Result<Examples, String> {
    let mut given = Labels::default();
    let mut without = Examples::default();
    for (variable, column) in header.variables.iter().zip(columns) {
        let name = cut(variable.labels);
        match sets.get(name) {
            _ if name.is_empty() => {}
            Some(labels) => column.notes.labels = given.copy(labels)?,
            None => without.add(|| shown(&column.name)),
        }
    }
    Ok(without)
}

fn reading(variable: &Variable<'_>, charset: &Charset) -> Result<Reading, String> {
    let text = |bytes: &[u8]| {
        let wrong = || {
            let shown = String::from_utf8_lossy(cut(bytes)).into_owned();
            format!("`{shown}` is no text in {}", charset.name())
        };
        charset.label(cut(bytes)).ok_or_else(wrong)
    };
    let name = text(variable.name)?;
    let format = String::from_utf8_lossy(cut(variable.format)).into_owned();
    let notes = Notes {
        label: Some(text(variable.label)?).filter(|l| !l.is_empty()),
        decimals: decimals(&format),
        ..Notes::default()
    };
    Ok(match variable.kind {
        Kind::Text(_) | Kind::LongText => Reading::texts(
            name,
            Notes {
                decimals: None,
                ..notes
            },
        ),
        Kind::Single => Reading::numbers(name, meaning(&format, Meaning::Single), notes),
        _ => Reading::numbers(name, meaning(&format, Meaning::Number), notes),
    })
}

/// What the display format `%td…` and the like say that a number means; `plain`, if nothing.
fn meaning(format: &str, plain: Meaning) -> Meaning {
    /// From 1970-01-01 to 1960-01-01, in days.
    const ZERO: i32 = -3653;
    let format = format.trim_start_matches(['%', '-']);
    let mut letters = format.chars();
    match (letters.next(), letters.next()) {
        (Some('d'), _) | (Some('t'), Some('d')) => Meaning::Moment(ZERO, 86_400_000.0),
        (Some('t'), Some('c')) => Meaning::Moment(ZERO, 1.0),
        (Some('t'), Some('C')) => Meaning::LeapMoment,
        (Some('t'), Some('w')) => Meaning::Part(52, 'w'),
        (Some('t'), Some('m')) => Meaning::Part(12, 'm'),
        (Some('t'), Some('q')) => Meaning::Part(4, 'q'),
        (Some('t'), Some('h')) => Meaning::Part(2, 'h'),
        _ => plain,
    }
}

/// The decimals of a fixed format such as `%9.2f`; a general one shows as many as there are.
fn decimals(format: &str) -> Option<u8> {
    let (_, after) = format.strip_prefix('%')?.split_once(['.', ','])?;
    let digits = after.trim_end_matches('c').strip_suffix('f')?;
    let found: u8 = digits.parse().ok()?;
    Some(found.min(MOST_DECIMALS))
}

/// Bytes up to the first NUL.
fn cut(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| *b == 0).next().unwrap_or_default()
}

/// From the bytes of a row to the values of its columns.
struct Cells<'a> {
    header: &'a Header<'a>,
    charset: &'a Charset,
    texts: LongTexts<'a>,
}

impl Cells<'_> {
    /// Adds the next value of a row to its column.
    fn add(
        &mut self,
        variable: &Variable<'_>,
        bytes: &mut Bytes<'_>,
        column: &mut Reading,
    ) -> Result<(), String> {
        let what = "a value";
        let tagged = self.header.release >= 113;
        let found = match variable.kind {
            Kind::Byte => whole(bytes.u8(what)?.cast_signed().into(), i8::MAX.into(), tagged),
            Kind::Int => whole(
                bytes.u16(what)?.cast_signed().into(),
                i16::MAX.into(),
                tagged,
            ),
            Kind::Long => whole(bytes.i32(what)?.into(), i32::MAX.into(), tagged),
            Kind::Single => single(bytes.u32(what)?, tagged)?,
            Kind::Double => double(bytes.u64(what)?, self.header.release)?,
            Kind::Text(width) => {
                column.text(cut(bytes.take(width, what)?), self.charset);
                return Ok(());
            }
            Kind::LongText => {
                column.text(cut(self.texts.find(bytes)?), self.charset);
                return Ok(());
            }
        };
        match found {
            Cell::Number(number) => column.number(Some(number)),
            Cell::Missing(tag) => column.missing(tag),
        }
        Ok(())
    }
}

/// A number, or a missing one with its tag.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cell {
    Number(f64),
    Missing(Option<char>),
}

/// The missing value of a number from 0, `.`, to 26, `.z`.
fn missing(number: u64) -> Option<Cell> {
    let letter = u8::try_from(number).ok().filter(|n| *n <= 26)?;
    let tag = letter.checked_sub(1).map(|n| char::from(b'a' + n));
    Some(Cell::Missing(tag))
}

/// A whole number; the highest 27 of its type, or the highest one before release 113, are missing values.
fn whole(value: i64, most: i64, tagged: bool) -> Cell {
    let first = if tagged { most - 26 } else { most };
    let code = u64::try_from(value - first).ok().and_then(missing);
    #[allow(clippy::cast_precision_loss)] // of 32 bits
    code.unwrap_or(Cell::Number(value as f64))
}

fn single(bits: u32, tagged: bool) -> Result<Cell, String> {
    /// 2^127.
    const FIRST: u32 = 0x7f00_0000;
    let over = bits.checked_sub(FIRST).filter(|_| bits >> 31 == 0);
    match over {
        Some(0) => Some(Cell::Missing(None)),
        // Before, all from there on were missing.
        Some(_) if !tagged => Some(Cell::Missing(None)),
        Some(over) if over % 0x800 == 0 => missing((over / 0x800).into()),
        Some(_) => None,
        None => Some(Cell::Number(f32::from_bits(bits).into()))
            .filter(|_| f32::from_bits(bits).is_finite()),
    }
    .ok_or_else(|| format!("the bits {bits:#x} are no number"))
}

fn double(bits: u64, release: u32) -> Result<Cell, String> {
    /// 2^1023.
    const FIRST: u64 = 0x7fe0_0000_0000_0000;
    /// 2^333, in the first releases.
    const OLD: u64 = 0x54c0_0000_0000_0000;
    let over = bits.checked_sub(FIRST).filter(|_| bits >> 63 == 0);
    match over {
        None if release < 106 && bits == OLD => Some(Cell::Missing(None)),
        Some(0) => Some(Cell::Missing(None)),
        Some(_) if release < 113 => Some(Cell::Missing(None)),
        Some(over) if over % (1 << 40) == 0 => missing(over >> 40),
        Some(_) => None,
        None => {
            Some(Cell::Number(f64::from_bits(bits))).filter(|_| f64::from_bits(bits).is_finite())
        }
    }
    .ok_or_else(|| format!("the bits {bits:#x} are no number"))
}
