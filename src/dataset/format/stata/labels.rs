//! The sets of labels of values, which follow the rows.

use std::collections::BTreeMap;

use crate::dataset::raw::RawValue;

use super::header::Header;
use super::{Bytes, Cell, Charset, cut, whole};

/// Values and their labels.
pub(super) type Set = Vec<(RawValue, String)>;

/// Reads all sets, by name; of two with the same, the first.
pub(super) fn read<'a>(
    header: &Header<'a>,
    bytes: &mut Bytes<'a>,
    charset: &Charset,
) -> Result<BTreeMap<&'a [u8], Set>, String> {
    let mut sets = BTreeMap::new();
    header.tag(bytes, "<value_labels>")?;
    let more = |bytes: &Bytes<'_>| match header.release {
        117.. => bytes.rest().starts_with(b"<lbl>"),
        _ => !bytes.rest().is_empty(),
    };
    while more(bytes) {
        let at = bytes.at();
        header.tag(bytes, "<lbl>")?;
        let (name, set) = match header.release {
            108.. => set(header, bytes, charset),
            _ => old_set(bytes, charset),
        }
        .map_err(|why| format!("in the labels at byte {at}, {why}"))?;
        header.tag(bytes, "</lbl>")?;
        sets.entry(name).or_insert(set);
    }
    header.tag(bytes, "</value_labels>")?;
    Ok(sets)
}

fn set<'a>(
    header: &Header<'a>,
    bytes: &mut Bytes<'a>,
    charset: &Charset,
) -> Result<(&'a [u8], Set), String> {
    let what = "a set of labels";
    let length = bytes.count(what)?;
    let name = cut(bytes.take(header.name_width(), what)?);
    bytes.take(3, what)?;
    let table = bytes.take(length, what)?;
    let mut table = Bytes::new(table).endian(header.big_endian);
    let (count, text_length) = (table.count(what)?, table.count(what)?);
    let numbers = |table: &mut Bytes<'_>| -> Result<Vec<i32>, String> {
        let piece = table.take(count.saturating_mul(4), what)?;
        let mut piece = Bytes::new(piece).endian(header.big_endian);
        (0..count).map(|_| piece.i32(what)).collect()
    };
    let (places, values) = (numbers(&mut table)?, numbers(&mut table)?);
    let texts = table.take(text_length, what)?;
    let mut set = Vec::with_capacity(count);
    let mut taken = 0;
    for (place, value) in places.into_iter().zip(values) {
        let text = usize::try_from(place).ok().and_then(|p| texts.get(p..));
        let Some(text) = text.map(cut) else {
            return Err(format!("a label is at {place} of {text_length} bytes"));
        };
        // Each label has bytes of its own.
        taken += text.len();
        if taken > text_length {
            return Err("labels overlap".to_owned());
        }
        set.extend(entry(
            value.into(),
            i32::MAX.into(),
            text,
            charset,
            header.release,
        )?);
    }
    Ok((name, set))
}

/// A set of the releases before 108: numbers of two bytes, and labels of eight.
fn old_set<'a>(bytes: &mut Bytes<'a>, charset: &Charset) -> Result<(&'a [u8], Set), String> {
    let what = "a set of labels";
    let count = usize::from(bytes.u16(what)?);
    let name = cut(bytes.take(9, what)?);
    bytes.take(1, what)?;
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        values.push(bytes.u16(what)?.cast_signed());
    }
    let mut set = Vec::with_capacity(count);
    for value in values {
        let text = cut(bytes.take(8, what)?);
        set.extend(entry(value.into(), i16::MAX.into(), text, charset, 104)?);
    }
    Ok((name, set))
}

/// A value with its label; none for the missing value without a tag, which has none in Stata.
fn entry(
    value: i64,
    most: i64,
    text: &[u8],
    charset: &Charset,
    release: u32,
) -> Result<Option<(RawValue, String)>, String> {
    let wrong = || {
        let shown = String::from_utf8_lossy(text).into_owned();
        format!("`{shown}` is no text in {}", charset.name())
    };
    let label = charset.text(text).ok_or_else(wrong)?;
    let value = match whole(value, most, release >= 113) {
        Cell::Number(number) => RawValue::Number(number),
        Cell::Missing(Some(tag)) => RawValue::Tag(tag),
        Cell::Missing(None) => return Ok(None),
    };
    Ok(Some((value, label)))
}
