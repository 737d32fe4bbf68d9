//! The variables of a system file: names, places in a case, formats, labels and missing values.

use std::collections::BTreeMap;
use std::ops::Range;

use super::extension::{Extensions, LongLabels, LongMissing};
use super::{Bytes, Charset};
use crate::dataset::format::bytes::trimmed;
use crate::dataset::format::column::Labels;

/// The smallest number but one, which SPSS calls LOWEST.
const LOWEST: f64 = -1.797_693_134_862_315_5e308;

/// All that a system file says before its cases.
#[derive(Debug)]
pub(super) struct Dictionary {
    /// How texts are encoded.
    pub charset: Charset,
    /// The variables, in the file's order.
    pub variables: Vec<Variable>,
    /// How many bytes a case has.
    pub width: usize,
    /// For each 8 bytes of a case, whether they are of a text.
    pub textual: Vec<bool>,
    /// The number that means nothing.
    pub system_missing: f64,
}

/// A variable.
#[derive(Debug)]
pub(super) struct Variable {
    /// Its name of up to 8 bytes, upper case.
    short: Vec<u8>,
    /// Its name.
    pub name: String,
    /// Where it begins in a case.
    pub offset: usize,
    /// What its values are.
    pub kind: Kind,
    /// Its print format: decimals, width and kind, a byte each.
    pub format: u32,
    /// Its label, not decoded.
    pub label: Option<Vec<u8>>,
    /// Values and their labels, not decoded; numbers are 8 bytes, little-endian.
    pub labels: Vec<(Vec<u8>, Vec<u8>)>,
    /// Values that mean a missing value, not decoded.
    pub missing: Vec<Vec<u8>>,
    /// A range of numbers that mean a missing value.
    pub missing_range: Option<(f64, f64)>,
}

/// What a variable's values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers of 8 bytes.
    Number,
    /// Texts, and the pieces of a case that they are joined of.
    Text(Vec<Range<usize>>),
}

/// A value-label record: values of 8 bytes with labels, and the numbers (from 1) of the 8 bytes of a case whose
/// variables have them.
type LabelSet = (Vec<([u8; 8], Vec<u8>)>, Vec<usize>);

impl Dictionary {
    /// Reads all records up to the first case.
    pub fn read(bytes: &mut Bytes<'_>) -> Result<Self, String> {
        let mut variables = Vec::new();
        let mut textual = Vec::new();
        let mut sets = Vec::new();
        let mut extensions = Extensions::default();
        loop {
            let at = bytes.at();
            match bytes.u32("a record's kind")? {
                2 => variable(bytes, &mut variables, &mut textual)?,
                3 => sets.push(label_set(bytes)?),
                6 => {
                    let lines = bytes.count("the number of lines of the document")?;
                    bytes.take(lines.saturating_mul(80), "the document")?;
                }
                7 => extensions.read(bytes)?,
                999 => {
                    bytes.u32("the end of the dictionary")?;
                    break;
                }
                other => {
                    return Err(format!(
                        "there is no record of kind {other}, as at byte {at}"
                    ));
                }
            }
        }
        let mut dictionary = Self {
            charset: extensions.charset(),
            variables,
            width: textual.len() * 8,
            textual,
            system_missing: extensions.system_missing,
        };
        dictionary.label(sets, bytes.is_big_endian())?;
        dictionary.join(&extensions.widths)?;
        dictionary.name(extensions.names)?;
        dictionary.long_texts(extensions.long_labels, extensions.long_missing)?;
        Ok(dictionary)
    }

    /// Gives the variables the labels of their values.
    fn label(&mut self, sets: Vec<LabelSet>, big_endian: bool) -> Result<(), String> {
        let mut given = Labels::default();
        for (labels, slots) in sets {
            let texts: usize = labels.iter().map(|(_, l)| l.len()).sum();
            given.count(
                texts.saturating_mul(slots.len()),
                labels.len().saturating_mul(slots.len()),
            )?;
            for slot in slots {
                let offset = slot
                    .checked_sub(1)
                    .map_or(usize::MAX, |s| s.saturating_mul(8));
                let place = self.variables.binary_search_by_key(&offset, |v| v.offset);
                let variable = place.ok().and_then(|i| self.variables.get_mut(i));
                let Some(variable) = variable else {
                    return Err(format!(
                        "value labels are given to element {slot}, where no variable begins"
                    ));
                };
                let bytes = |value: &[u8; 8]| match &variable.kind {
                    Kind::Number if big_endian => value.iter().rev().copied().collect(),
                    Kind::Number => value.to_vec(),
                    Kind::Text(pieces) => {
                        let width = pieces.iter().map(Range::len).sum::<usize>().min(8);
                        value.get(..width).unwrap_or(value).to_vec()
                    }
                };
                let labels: Vec<_> = labels
                    .iter()
                    .map(|(v, label)| (bytes(v), label.clone()))
                    .collect();
                variable.labels.extend(labels);
            }
        }
        Ok(())
    }

    /// Joins the pieces of texts longer than 255 bytes, each a variable of its own so far.
    fn join(&mut self, widths: &[(Vec<u8>, usize)]) -> Result<(), String> {
        let places = self.places(|v| v.short.clone());
        let mut pieces_of = vec![false; self.variables.len()];
        for (short, width) in widths {
            let name = String::from_utf8_lossy(short).into_owned();
            let Some(&first) = places.get(short) else {
                return Err(format!("the long text `{name}` is no variable"));
            };
            let count = width.div_ceil(252);
            if *width < 256 || count > self.variables.len() - first {
                return Err(format!(
                    "the long text `{name}` can't be {width} bytes wide"
                ));
            }
            let of = self.variables.get(first..first + count).unwrap_or_default();
            let pieces =
                pieces(of, *width).map_err(|why| format!("of the long text `{name}`, {why}"))?;
            for (joined, _) in pieces_of.iter_mut().skip(first + 1).zip(1..count) {
                if std::mem::replace(joined, true) {
                    return Err(format!("the long text `{name}` overlaps another one"));
                }
            }
            if let Some(variable) = self.variables.get_mut(first) {
                variable.kind = Kind::Text(pieces);
            }
        }
        let mut joined = pieces_of.into_iter();
        self.variables.retain(|_| joined.next() != Some(true));
        Ok(())
    }

    /// Gives the variables their long names.
    fn name(&mut self, names: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), String> {
        let names: BTreeMap<_, _> = names.into_iter().collect();
        for variable in &mut self.variables {
            let name = names.get(&variable.short).unwrap_or(&variable.short);
            variable.name = self.charset.text(name).ok_or_else(|| {
                let name = String::from_utf8_lossy(name);
                format!("the name `{name}` is no text in {}", self.charset.name())
            })?;
        }
        Ok(())
    }

    /// Gives texts longer than 8 bytes their labels and missing values. They are of the long or the short name.
    fn long_texts(&mut self, labels: LongLabels, missing: LongMissing) -> Result<(), String> {
        let longs = self.places(|v| v.name.to_lowercase());
        let shorts = self.places(|v| v.short.clone());
        let place = |name: &[u8]| {
            let text = self.charset.text(name).unwrap_or_default();
            let long = longs.get(&text.to_lowercase());
            let found = long
                .or_else(|| shorts.get(&name.to_ascii_uppercase()))
                .copied();
            found.ok_or_else(|| {
                format!("labels or missing values are given to `{text}`, which is no variable")
            })
        };
        let labels = labels.into_iter().map(|(name, l)| Ok((place(&name)?, l)));
        let labels: Vec<_> = labels.collect::<Result<_, String>>()?;
        let missing = missing.into_iter().map(|(name, m)| Ok((place(&name)?, m)));
        let missing: Vec<_> = missing.collect::<Result<_, String>>()?;
        for (place, labels) in labels {
            if let Some(variable) = self.variables.get_mut(place) {
                variable.labels.extend(labels);
            }
        }
        for (place, missing) in missing {
            if let Some(variable) = self.variables.get_mut(place) {
                variable.missing.extend(missing);
            }
        }
        Ok(())
    }

    /// Where the variables are by a name; of two with the same, the first.
    fn places<K: Ord>(&self, name: impl Fn(&Variable) -> K) -> BTreeMap<K, usize> {
        let all = self.variables.iter().enumerate().rev();
        all.map(|(place, variable)| (name(variable), place))
            .collect()
    }
}

/// The pieces of a case that a long text is joined of. Each variable but the last is 255 bytes wide, and all of these
/// count, though the number of variables is that of pieces of 252 bytes.
fn pieces(variables: &[Variable], width: usize) -> Result<Vec<Range<usize>>, String> {
    let (mut pieces, mut left) = (Vec::new(), width);
    for (number, variable) in variables.iter().enumerate() {
        let last = number + 1 == variables.len();
        let wide = if last { width - number * 252 } else { 255 };
        match &variable.kind {
            Kind::Text(ranges) if ranges.iter().map(Range::len).eq([wide]) => {
                let start = ranges.first().map_or(0, |r| r.start);
                let used = left.min(wide);
                pieces.push(start..start + used);
                left -= used;
            }
            _ => return Err(format!("piece {} is not {wide} bytes wide", number + 1)),
        }
    }
    Ok(pieces)
}

/// Reads a variable record, which may be the continuation of a text's.
fn variable(
    bytes: &mut Bytes<'_>,
    variables: &mut Vec<Variable>,
    textual: &mut Vec<bool>,
) -> Result<(), String> {
    let at = bytes.at();
    let what = "a variable";
    let width = bytes.i32(what)?;
    let has_label = bytes.u32(what)?;
    let missing = bytes.i32(what)?;
    let format = bytes.u32(what)?;
    bytes.u32(what)?;
    let short = trimmed(bytes.take(8, what)?).to_ascii_uppercase();
    let label = variable_label(bytes, has_label, at)?;
    let offset = textual.len() * 8;
    let kind = match width {
        0 => Kind::Number,
        1..=255 => {
            let width = usize::try_from(width).unwrap_or_default();
            Kind::Text(std::iter::once(offset..offset + width).collect())
        }
        -1 => return continued(at, missing, variables, textual),
        other => return Err(format!("the variable at byte {at} is {other} bytes wide")),
    };
    if let Some(last) = variables.last()
        && last.end() > offset
    {
        return Err(format!(
            "the text before the variable at byte {at} is not complete"
        ));
    }
    let mut variable = Variable {
        short,
        name: String::new(),
        offset,
        kind,
        format,
        label,
        labels: Vec::new(),
        missing: Vec::new(),
        missing_range: None,
    };
    textual.push(variable.kind != Kind::Number);
    missing_values(bytes, missing, &mut variable)?;
    variables.push(variable);
    Ok(())
}

fn variable_label(
    bytes: &mut Bytes<'_>,
    has_label: u32,
    at: usize,
) -> Result<Option<Vec<u8>>, String> {
    match has_label {
        0 => Ok(None),
        1 => {
            let length = bytes.count("the length of a variable's label")?;
            let padded = bytes.take(length.next_multiple_of(4), "a variable's label")?;
            Ok(padded.get(..length).map(<[u8]>::to_vec))
        }
        other => Err(format!("the variable at byte {at} has {other} labels")),
    }
}

impl Variable {
    /// Where a variable ends that was just read.
    fn end(&self) -> usize {
        match &self.kind {
            Kind::Number => self.offset + 8,
            Kind::Text(pieces) => pieces.last().map_or(0, |p| p.end),
        }
    }
}

/// The record of the next 8 bytes of a text.
fn continued(
    at: usize,
    missing: i32,
    variables: &[Variable],
    textual: &mut Vec<bool>,
) -> Result<(), String> {
    let open = variables
        .last()
        .is_some_and(|v| v.end() > textual.len() * 8);
    if !open || missing != 0 {
        return Err(format!("the record at byte {at} continues no text"));
    }
    textual.push(true);
    Ok(())
}

fn missing_values(
    bytes: &mut Bytes<'_>,
    count: i32,
    variable: &mut Variable,
) -> Result<(), String> {
    let what = "a missing value";
    let number = variable.kind == Kind::Number;
    let mut left = match count {
        0..=3 => count,
        -3 | -2 if number => {
            let (from, to) = (bytes.f64(what)?, bytes.f64(what)?);
            let from = if from <= LOWEST {
                f64::NEG_INFINITY
            } else {
                from
            };
            let to = if to >= f64::MAX { f64::INFINITY } else { to };
            variable.missing_range = Some((from, to));
            -2 - count
        }
        other => {
            let at = bytes.at();
            return Err(format!(
                "a variable has {other} missing values before byte {at}"
            ));
        }
    };
    while left > 0 {
        let value = eight(bytes, number, what)?;
        variable.missing.push(value.to_vec());
        left -= 1;
    }
    // As with labels: a short text's value is followed by what fills it up, which decoding trims.
    Ok(())
}

/// Eight bytes, those of a number made little-endian.
fn eight(bytes: &mut Bytes<'_>, number: bool, what: &str) -> Result<[u8; 8], String> {
    if number {
        return Ok(bytes.f64(what)?.to_le_bytes());
    }
    let found = bytes.take(8, what)?;
    found.try_into().map_err(|_| what.to_owned())
}

fn label_set(bytes: &mut Bytes<'_>) -> Result<LabelSet, String> {
    let what = "a value label";
    let count = bytes.count("the number of value labels")?;
    let mut labels = Vec::new();
    for _ in 0..count {
        let value = bytes.take(8, what)?;
        let length = usize::from(bytes.u8(what)?);
        let padded = bytes.take((length + 1).next_multiple_of(8) - 1, what)?;
        let label = padded.get(..length).unwrap_or_default();
        labels.push((
            <[u8; 8]>::try_from(value).unwrap_or_default(),
            label.to_vec(),
        ));
    }
    let at = bytes.at();
    if bytes.u32(what)? != 4 {
        return Err(format!(
            "value labels at byte {at} are not followed by their variables"
        ));
    }
    let count = bytes.count("the number of labelled variables")?;
    let mut slots = Vec::new();
    for _ in 0..count {
        slots.push(bytes.count("a labelled variable")?);
    }
    Ok((labels, slots))
}
