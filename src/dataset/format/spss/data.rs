//! The cases of a system file: plain, coded by bytes, or deflated.

use flate2::{Decompress, FlushDecompress, Status};

use super::Bytes;
use super::dictionary::Dictionary;
use super::header::{Header, Packing};
use crate::dataset::format::column::affordable;

/// Reads all cases, gives each to `each` with its numbers little-endian, and says how many there were.
pub(super) fn rows(
    header: &Header,
    dictionary: &Dictionary,
    bytes: Bytes<'_>,
    each: impl FnMut(&[u8]),
) -> Result<usize, String> {
    let (width, columns) = (dictionary.width, dictionary.variables.len());
    if width == 0 {
        return Ok(0);
    }
    affordable(header.cases.unwrap_or(0), width, columns)?;
    let mut cases = Cases {
        header,
        dictionary,
        each,
        count: 0,
    };
    let (start, big_endian) = (bytes.at(), bytes.is_big_endian());
    match header.packing {
        Packing::Plain => cases.plain(bytes)?,
        Packing::Codes => cases.coded(&mut Codes::new(bytes.rest(), start, big_endian))?,
        Packing::Deflated => {
            let inflated = inflated(bytes)?;
            cases.coded(&mut Codes::new(&inflated, start, big_endian))?;
        }
    }
    match header.cases {
        Some(wanted) if wanted != cases.count => Err(format!(
            "it should have {wanted} cases and has {}",
            cases.count
        )),
        _ => Ok(cases.count),
    }
}

struct Cases<'a, F> {
    header: &'a Header,
    dictionary: &'a Dictionary,
    each: F,
    count: usize,
}

impl<F: FnMut(&[u8])> Cases<'_, F> {
    fn plain(&mut self, mut bytes: Bytes<'_>) -> Result<(), String> {
        let width = self.dictionary.width;
        let mut case = vec![0; width];
        while !bytes.rest().is_empty() {
            let found = bytes.take(width, "a case");
            case.copy_from_slice(
                found.map_err(|why| format!("after {} cases, {why}", self.count))?,
            );
            if bytes.is_big_endian() {
                for (slot, textual) in case.chunks_exact_mut(8).zip(&self.dictionary.textual) {
                    if !textual {
                        slot.reverse();
                    }
                }
            }
            self.one(&case)?;
        }
        Ok(())
    }

    fn coded(&mut self, codes: &mut Codes<'_>) -> Result<(), String> {
        let mut case = vec![0; self.dictionary.width];
        loop {
            for (number, (slot, textual)) in case
                .chunks_exact_mut(8)
                .zip(&self.dictionary.textual)
                .enumerate()
            {
                let Some(code) = codes.next()? else {
                    if number == 0 {
                        return codes.over();
                    }
                    let at = codes.at();
                    return Err(format!("case {} is cut off at byte {at}", self.count + 1));
                };
                slot.copy_from_slice(&self.value(code, *textual, codes)?);
            }
            self.one(&case)?;
        }
    }

    /// The eight bytes that a code means.
    fn value(&self, code: u8, textual: bool, codes: &mut Codes<'_>) -> Result<[u8; 8], String> {
        Ok(match (code, textual) {
            (253, _) => codes.eight(textual)?,
            (254, true) => *b"        ",
            (255, false) => self.dictionary.system_missing.to_le_bytes(),
            (1..=251, false) => (f64::from(code) - self.header.bias).to_le_bytes(),
            _ => {
                let (at, case) = (codes.at(), self.count + 1);
                return Err(format!(
                    "the code {code} in case {case}, before byte {at}, is of the other type"
                ));
            }
        })
    }

    fn one(&mut self, case: &[u8]) -> Result<(), String> {
        self.count += 1;
        if self.header.cases.is_some_and(|c| self.count > c) {
            let wanted = self.count - 1;
            return Err(format!("it should have {wanted} cases and has more"));
        }
        if self.count.is_multiple_of(1024) {
            affordable(self.count, case.len(), self.dictionary.variables.len())?;
        }
        (self.each)(case);
        Ok(())
    }
}

/// Codes of a byte each, eight of which are followed by the values that have none.
struct Codes<'a> {
    bytes: Bytes<'a>,
    /// Where the bytes begin in the file, or the deflated ones do.
    start: usize,
    group: std::slice::Iter<'a, u8>,
    ended: bool,
}

impl<'a> Codes<'a> {
    fn new(bytes: &'a [u8], start: usize, big_endian: bool) -> Self {
        Self {
            bytes: Bytes::new(bytes).endian(big_endian),
            start,
            group: [].iter(),
            ended: false,
        }
    }

    /// The next code that is of a value; none at the end.
    fn next(&mut self) -> Result<Option<u8>, String> {
        loop {
            match self.group.next() {
                _ if self.ended => return Ok(None),
                Some(0) => {}
                Some(252) => self.ended = true,
                Some(code) => return Ok(Some(*code)),
                None if self.bytes.rest().is_empty() => self.ended = true,
                None => self.group = self.bytes.take(8, "the next eight codes")?.iter(),
            }
        }
    }

    /// The eight bytes of a value that has no code.
    fn eight(&mut self, textual: bool) -> Result<[u8; 8], String> {
        let what = "a value without a code";
        if textual {
            let found = self.bytes.take(8, what)?;
            return found.try_into().map_err(|_| what.to_owned());
        }
        Ok(self.bytes.f64(what)?.to_le_bytes())
    }

    /// Nothing but what fills up the last eight codes may follow the end.
    fn over(&mut self) -> Result<(), String> {
        let rest = self.bytes.rest();
        if rest.iter().all(|b| *b == 0) {
            return Ok(());
        }
        let (length, at) = (rest.len(), self.at());
        Err(format!(
            "{length} bytes follow the end of the cases at byte {at}"
        ))
    }

    fn at(&self) -> usize {
        self.start + self.bytes.at()
    }
}

/// The most bytes of codes; each stands for at most 8 of the cases.
const MOST_CODES: usize = 1 << 30;

/// The blocks of deflated codes, joined. Their list is at the file's end.
fn inflated(mut bytes: Bytes<'_>) -> Result<Vec<u8>, String> {
    let what = "the list of deflated blocks";
    let start = bytes.at();
    let place = |found: u64| usize::try_from(found).unwrap_or(usize::MAX);
    let header = place(bytes.u64(what)?);
    let list_at = place(bytes.u64(what)?);
    let list_length = place(bytes.u64(what)?);
    let first = bytes.at();
    let length = first + bytes.rest().len();
    if header != start || list_at < first || list_at.checked_add(list_length) != Some(length) {
        return Err(format!("the place of {what} at byte {start} is wrong"));
    }
    let deflated = bytes.take(list_at - first, "the deflated cases")?;
    bytes.u64(what)?;
    bytes.u64(what)?;
    bytes.u32(what)?;
    let count = bytes.count(what)?;
    if list_length != count.saturating_mul(24).saturating_add(24) {
        return Err(format!("{what} at byte {list_at} has no {count} blocks"));
    }
    let mut all = Vec::new();
    let mut next = first;
    for number in 1..=count {
        bytes.u64(what)?;
        let at = place(bytes.u64(what)?);
        let (plain, packed) = (bytes.count(what)?, bytes.count(what)?);
        let block = at.checked_sub(first).and_then(|from| {
            let rest = deflated.get(from..)?;
            rest.get(..packed)
        });
        let Some(block) = block.filter(|_| at == next) else {
            return Err(format!("deflated block {number} is not at byte {at}"));
        };
        next += packed;
        // Deflating saves at most a factor of 1032.
        if plain > packed.saturating_mul(1032) || plain > MOST_CODES - all.len() {
            return Err(format!("deflated block {number} would have {plain} bytes"));
        }
        inflate(block, plain, &mut all)
            .map_err(|why| format!("deflated block {number}, at byte {at}: {why}"))?;
    }
    if next != list_at {
        return Err(format!("bytes {next} to {list_at} belong to no block"));
    }
    Ok(all)
}

/// Adds what `block` is when inflated, which is `plain` bytes.
fn inflate(block: &[u8], plain: usize, all: &mut Vec<u8>) -> Result<(), String> {
    let from = all.len();
    all.resize(from + plain, 0);
    let room = all.get_mut(from..).unwrap_or_default();
    let mut inflater = Decompress::new(true);
    let ended = inflater
        .decompress(block, room, FlushDecompress::Finish)
        .map_err(|e| e.to_string())?;
    let (taken, came) = (inflater.total_in(), inflater.total_out());
    let same = |found: u64, length: usize| usize::try_from(found) == Ok(length);
    if ended == Status::StreamEnd && same(taken, block.len()) && same(came, plain) {
        return Ok(());
    }
    Err(format!("{plain} bytes were promised, and {came} came"))
}
