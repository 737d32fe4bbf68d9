//! SAS transport files, `.xpt` of the versions 5, 8 and 9, after SAS's own descriptions ("The record layout of a data
//! set in SAS transport (XPORT) format", TS-140, and its extension for long names). One dataset a file.
//!
//! Missing values `.A` to `.Z` and `._` are none in the data, and have tags.

mod header;

use crate::diagnostic::Diagnostics;

use crate::dataset::guard::guarded;
use crate::dataset::raw::{Notes, RawTable};

use super::bytes::{Bytes, trimmed};
use super::charset::Charset;
use super::column::{self, Reading};
use super::sas::{self, Missing};
use header::{RECORD, Variable};

/// Reads `bytes`; `path` is for messages.
pub(super) fn read(path: &str, bytes: &[u8]) -> (Option<RawTable>, Diagnostics) {
    match guarded(|| table(path, bytes)) {
        Ok(found) => found,
        Err(why) => {
            let diagnostic = column::unreadable(path, "SAS transport", "bad-xpt", &why);
            (None, diagnostic.into())
        }
    }
}

type Found = Result<(Option<RawTable>, Diagnostics), String>;

fn table(path: &str, all: &[u8]) -> Found {
    let mut bytes = Bytes::new(all).endian(true);
    let variables = header::read(&mut bytes)?;
    // The file does not say how its texts are encoded. What is UTF-8 is hardly anything else.
    match decoded(path, &variables, &bytes, &Charset::UTF8) {
        Ok(found) if !found.1.has_errors() => Ok(found),
        _ => decoded(path, &variables, &bytes, &Charset::WESTERN),
    }
}

fn decoded(path: &str, variables: &[Variable], bytes: &Bytes<'_>, charset: &Charset) -> Found {
    let mut columns = Vec::with_capacity(variables.len());
    for variable in variables {
        columns.push(reading(variable, charset)?);
    }
    let width: usize = variables.iter().map(|v| v.width).sum();
    let (start, data) = (bytes.at(), bytes.rest());
    let rows = rows(data, start, width)?;
    column::affordable(rows, width, columns.len())?;
    if width > 0 {
        for (number, row) in data.chunks_exact(width).take(rows).enumerate() {
            let mut row = Bytes::new(row);
            for (variable, column) in variables.iter().zip(&mut columns) {
                let value = row.take(variable.width, "a value")?;
                if variable.textual {
                    column.text(value, charset);
                    continue;
                }
                match float(value) {
                    Some(Ok(number)) => column.number(Some(number)),
                    Some(Err(Missing(tag))) => column.missing(tag),
                    None => {
                        let (row, name) = (number + 1, &column.name);
                        return Err(format!(
                            "row {row}, column `{name}`: the bytes {value:x?} are no number"
                        ));
                    }
                }
            }
        }
    }
    Ok(column::finished(path, rows, columns, charset))
}

fn reading(variable: &Variable, charset: &Charset) -> Result<Reading, String> {
    let text = |bytes: &[u8]| {
        let wrong = || {
            let shown = String::from_utf8_lossy(trimmed(bytes)).into_owned();
            format!("`{shown}` is no text in {}", charset.name())
        };
        charset.label(bytes).ok_or_else(wrong)
    };
    let name = text(&variable.name)?;
    let mut notes = Notes {
        label: Some(text(&variable.label)?).filter(|l| !l.is_empty()),
        ..Notes::default()
    };
    if variable.textual {
        return Ok(Reading::texts(name, notes));
    }
    let format = String::from_utf8_lossy(trimmed(&variable.format)).into_owned();
    let (width, decimals) = variable.format_digits;
    notes.decimals = sas::decimals(&format, width, decimals);
    Ok(Reading::numbers(name, sas::meaning(&format), notes))
}

/// How many rows there are: the file does not say it, and its last record is filled up with spaces.
fn rows(data: &[u8], start: usize, width: usize) -> Result<usize, String> {
    let length = data.len();
    if !length.is_multiple_of(RECORD) {
        return Err(format!(
            "its rows from byte {start} on don't fill records of {RECORD} bytes"
        ));
    }
    if let Some(number) = data.chunks_exact(RECORD).position(header::begins_dataset) {
        let at = start + number * RECORD;
        return Err(format!(
            "it holds a second dataset, from byte {at} on; write each to a file of its own"
        ));
    }
    if width == 0 {
        return Ok(0);
    }
    let spaces = data
        .iter()
        .rev()
        .take(RECORD - 1)
        .take_while(|b| **b == b' ');
    let rows = (length - spaces.count()).div_ceil(width);
    let used = rows.saturating_mul(width);
    if used > length || length - used >= RECORD {
        return Err(format!(
            "its rows of {width} bytes are cut off at byte {}",
            start + length
        ));
    }
    Ok(rows)
}

/// A number in IBM's floating point, or the tag of a missing one; none for what is neither.
fn float(value: &[u8]) -> Option<Result<f64, Missing>> {
    let mut bytes = [0; 8];
    bytes.get_mut(..value.len())?.copy_from_slice(value);
    let bits = u64::from_be_bytes(bytes);
    let [first, ..] = bytes;
    let fraction = bits & 0x00ff_ffff_ffff_ffff;
    if fraction == 0 {
        return match first {
            0 => Some(Ok(0.0)),
            0x80 => Some(Ok(-0.0)),
            letter => sas::missing(letter).map(Err),
        };
    }
    let exponent = (i32::from(first & 0x7f) - 64) * 4 - 56;
    // One rounding, to 53 of the 56 bits; the power of two is exact.
    #[allow(clippy::cast_precision_loss)]
    let number = fraction as f64 * 2_f64.powi(exponent);
    Some(Ok(if first & 0x80 == 0 { number } else { -number }))
}
