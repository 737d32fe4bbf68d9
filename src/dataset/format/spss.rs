//! SPSS system files, `.sav` and `.zsav`, after the public description of the format that the PSPP project keeps
//! ("System File Format", PSPP Developers Guide, 2.0). Strict: what the file claims must be there, in full.
//!
//! User-missing values stay in the data and are declared; the system-missing value is none.

mod data;
mod dictionary;
mod extension;
mod header;

use crate::diagnostic::Diagnostics;

use crate::dataset::guard::guarded;
use crate::dataset::raw::{MOST_DECIMALS, MissingRule, Notes, RawTable, RawValue};

use super::bytes::Bytes;
use super::charset::Charset;
use super::column::{self, Reading};
use super::moment::Meaning;
use dictionary::{Dictionary, Kind, Variable};

/// Reads `bytes`; `path` is for messages.
pub(super) fn read(path: &str, bytes: &[u8]) -> (Option<RawTable>, Diagnostics) {
    match guarded(|| table(path, bytes)) {
        Ok(found) => found,
        Err(why) => (
            None,
            column::unreadable(path, "SPSS", "bad-sav", &why).into(),
        ),
    }
}

fn table(path: &str, bytes: &[u8]) -> Result<(Option<RawTable>, Diagnostics), String> {
    let mut bytes = Bytes::new(bytes);
    let header = header::read(&mut bytes)?;
    let dictionary = Dictionary::read(&mut bytes)?;
    let mut columns = columns(&dictionary)?;
    let charset = &dictionary.charset;
    let sysmis = dictionary.system_missing;
    let height = data::rows(&header, &dictionary, bytes, |row| {
        for (variable, column) in dictionary.variables.iter().zip(&mut columns) {
            add(variable, column, row, sysmis, charset);
        }
    })?;
    Ok(column::finished(path, height, columns, charset))
}

/// Adds a row's value to a column. The row is little-endian and as long as the dictionary says.
fn add(variable: &Variable, column: &mut Reading, row: &[u8], sysmis: f64, charset: &Charset) {
    match &variable.kind {
        Kind::Number => {
            let number = Bytes::new(row.get(variable.offset..).unwrap_or_default()).f64("a number");
            let number = number.unwrap_or(sysmis);
            // The lowest number is the system-missing value, whatever the file says of it.
            let missing = number == sysmis || number == -f64::MAX || number.is_nan();
            column.number((!missing).then_some(number));
        }
        Kind::Text(pieces) => match pieces.as_slice() {
            [piece] => column.text(row.get(piece.clone()).unwrap_or_default(), charset),
            many => {
                let joined: Vec<&[u8]> = many.iter().filter_map(|p| row.get(p.clone())).collect();
                column.text(&joined.concat(), charset);
            }
        },
    }
}

fn columns(dictionary: &Dictionary) -> Result<Vec<Reading>, String> {
    dictionary
        .variables
        .iter()
        .map(|variable| {
            let notes = notes(variable, &dictionary.charset)?;
            let name = variable.name.clone();
            Ok(match variable.kind {
                Kind::Number => Reading::numbers(name, meaning(variable.format), notes),
                Kind::Text(_) => Reading::texts(name, notes),
            })
        })
        .collect()
}

fn notes(variable: &Variable, charset: &Charset) -> Result<Notes, String> {
    let text = |bytes: &[u8]| {
        let name = &variable.name;
        let wrong = || format!("a label of `{name}` is no text in {}", charset.name());
        charset.label(bytes).ok_or_else(wrong)
    };
    let label = variable.label.as_deref().map(text).transpose()?;
    let value = |bytes: &[u8]| -> Result<RawValue, String> {
        Ok(match variable.kind {
            Kind::Number => RawValue::Number(Bytes::new(bytes).f64("a labelled value")?),
            Kind::Text(_) => RawValue::Text(text(bytes)?),
        })
    };
    let mut labels = Vec::with_capacity(variable.labels.len());
    for (of, label) in &variable.labels {
        labels.push((value(of)?, text(label)?));
    }
    let mut missing = Vec::new();
    if let Some((from, to)) = variable.missing_range {
        missing.push(MissingRule::Range(from, to));
    }
    for one in &variable.missing {
        missing.push(MissingRule::Value(value(one)?));
    }
    Ok(Notes {
        label: label.filter(|l| !l.is_empty()),
        labels,
        missing,
        tags: Vec::new(),
        decimals: decimals(variable),
    })
}

/// What the kind of a print format says that a number means.
fn meaning(format: u32) -> Meaning {
    /// From 1970-01-01 to 1582-10-14, SPSS's zero, in days.
    const ZERO: i32 = -141_428;
    match format_kind(format) {
        // DATE, DATETIME, ADATE, JDATE, MOYR, QYR, WKYR, EDATE, SDATE, YMDHMS.
        20 | 22..=24 | 28..=30 | 38..=39 | 41 => Meaning::Moment(ZERO, 1000.0),
        // TIME, DTIME, MTIME.
        21 | 25 | 40 => Meaning::Clock(1000.0),
        _ => Meaning::Number,
    }
}

/// The decimals of the formats that have some: COMMA, DOLLAR, F, PCT, DOT, CCA to CCE.
fn decimals(variable: &Variable) -> Option<u8> {
    let [decimals, ..] = variable.format.to_le_bytes();
    let shown = matches!(format_kind(variable.format), 3..=5 | 31..=37);
    (shown && variable.kind == Kind::Number).then_some(decimals.min(MOST_DECIMALS))
}

fn format_kind(format: u32) -> u32 {
    format >> 16 & 0xff
}
