//! SAS datasets, `.sas7bdat`. The crate `sas7bdat` knows pages, descriptions of columns and both compressions; values
//! are taken from its rows' bytes here, so that tags are kept, and bytes that are no text are refused, not replaced.

use std::ops::ControlFlow;

use sas7bdat::{ColumnMeta, Dataset, DatasetMetadata, Endianness, Error};

use crate::diagnostic::Diagnostics;

use crate::dataset::guard::guarded;
use crate::dataset::raw::{Notes, RawTable};

use super::charset::Charset;
use super::column::{self, Reading};
use super::sas;

/// The most bytes that a row may have: SAS has at most 32,767 variables of some hundred bytes in practice.
const MOST_WIDTH: usize = 1 << 28;

/// Reads `bytes`; `path` is for messages.
pub(super) fn read(path: &str, bytes: &[u8]) -> (Option<RawTable>, Diagnostics) {
    match guarded(|| table(path, bytes)) {
        Ok(found) => found,
        Err(why) => {
            let diagnostic = column::unreadable(path, "SAS", "bad-sas7bdat", &why);
            (None, diagnostic.into())
        }
    }
}

fn table(path: &str, bytes: &[u8]) -> Result<(Option<RawTable>, Diagnostics), String> {
    let dataset = Dataset::from_bytes(bytes.to_vec()).map_err(|e| e.to_string())?;
    let metadata = dataset.metadata();
    checked(metadata, bytes.len(), dataset.columns().len())?;
    let charset = metadata.encoding.as_deref();
    let charset = charset.map_or_else(|| Charset::Unknown("none".to_owned()), Charset::named);
    let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let (width, places) = (size(metadata.row_len), dataset.columns());
    let mut columns = Vec::with_capacity(places.len());
    for place in places {
        let end = size(place.offset).saturating_add(size(place.physical_width));
        let numeric = place.logical_type.is_numeric();
        if end > width || place.physical_width == 0 || numeric && place.physical_width > 8 {
            let name = &place.name;
            return Err(format!(
                "the column `{name}` is at bytes {} to {end} of {width}",
                place.offset
            ));
        }
        columns.push(reading(place)?);
    }
    let big_endian = metadata.endianness == Endianness::Big;
    let mut rows = 0;
    let scanned = dataset.scan().visit_raw_rows(|row| {
        rows += 1;
        for (place, column) in places.iter().zip(&mut columns) {
            let (from, length) = (size(place.offset), size(place.physical_width));
            let Some(value) = row.bytes.get(from..from + length) else {
                return Err(Error::unsupported(format!(
                    "row {rows} is shorter than {width} bytes"
                )));
            };
            add(column, place, value, big_endian, &charset);
        }
        Ok(ControlFlow::Continue(()))
    });
    scanned.map_err(|e| format!("after row {rows}, {e}"))?;
    let wanted = metadata
        .row_count
        .saturating_sub(metadata.deleted_row_count);
    if u64::try_from(rows) != Ok(wanted) {
        return Err(format!("it should have {wanted} rows and has {rows}"));
    }
    Ok(column::finished(path, rows, columns, &charset))
}

/// Refuses sizes that no file of that length can have.
fn checked(metadata: &DatasetMetadata, length: usize, columns: usize) -> Result<(), String> {
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let (rows, width) = (size(metadata.row_count), size(metadata.row_len.into()));
    let pages = size(metadata.page_count).saturating_mul(size(metadata.page_size.into()));
    if pages > length {
        return Err(format!(
            "its pages should have {pages} bytes, and it has {length}"
        ));
    }
    // A compressed row takes some bytes, and its place 12 more.
    if width > MOST_WIDTH || rows > length {
        return Err(format!(
            "it should have {rows} rows of {width} bytes, and has {length} bytes"
        ));
    }
    column::affordable(rows, width, columns)
}

fn reading(place: &ColumnMeta) -> Result<Reading, String> {
    let text = |text: &str| {
        if text.contains('\u{fffd}') {
            return Err(format!("`{text}` is no text in the file's encoding"));
        }
        Ok(text.to_owned())
    };
    let name = text(&place.name)?;
    let mut notes = Notes {
        label: place.label.as_deref().map(text).transpose()?,
        ..Notes::default()
    };
    notes.label = notes.label.filter(|l| !l.is_empty());
    if !place.logical_type.is_numeric() {
        return Ok(Reading::texts(name, notes));
    }
    let format = place.format.as_deref().unwrap_or_default();
    notes.decimals = sas::decimals(format, place.format_width, place.format_digits);
    Ok(Reading::numbers(name, sas::meaning(format), notes))
}

fn add(
    column: &mut Reading,
    place: &ColumnMeta,
    value: &[u8],
    big_endian: bool,
    charset: &Charset,
) {
    if !place.logical_type.is_numeric() {
        return column.text(value, charset);
    }
    // A number shorter than eight bytes has lost its lowest ones.
    let mut bytes = [0; 8];
    if big_endian {
        bytes
            .iter_mut()
            .zip(value)
            .for_each(|(to, from)| *to = *from);
    } else {
        bytes
            .iter_mut()
            .zip(value.iter().rev())
            .for_each(|(to, from)| *to = *from);
    }
    let bits = u64::from_be_bytes(bytes);
    let number = f64::from_bits(bits);
    if !number.is_nan() {
        return column.number(Some(number));
    }
    column.missing(tag(bits));
}

/// The tag of a missing value: its letter, or its number with `_` at 0, `.` at 1 and `A` at 2, inverted.
fn tag(bits: u64) -> Option<char> {
    let [_, _, code, ..] = bits.to_be_bytes();
    match !code {
        0 => Some('_'),
        number @ 2..=27 => Some(char::from(b'a' + number - 2)),
        letter => sas::missing(letter)?.0,
    }
}
