//! What comes before the rows of a transport file, in records of 80 bytes.

use super::Bytes;

/// How many bytes a record has.
pub(super) const RECORD: usize = 80;

/// A variable. Its texts are not decoded, and have what fills them up.
#[derive(Debug)]
pub(super) struct Variable {
    /// Whether its values are texts.
    pub textual: bool,
    /// How many bytes of a row a value takes.
    pub width: usize,
    /// Its name.
    pub name: Vec<u8>,
    /// Its label.
    pub label: Vec<u8>,
    /// The name of its display format.
    pub format: Vec<u8>,
    /// The format's width and decimals.
    pub format_digits: (u16, u16),
}

/// Whether a record begins a dataset.
pub(super) fn begins_dataset(record: &[u8]) -> bool {
    // Asked of every record of a file.
    record.starts_with(b"HEADER RECORD*******MEMB")
        && ["MEMBER", "MEMBV8"]
            .iter()
            .any(|kind| is_header(record, kind))
}

fn is_header(record: &[u8], kind: &str) -> bool {
    let begins = record.get(..48).unwrap_or_default();
    begins == format!("HEADER RECORD*******{kind:<8}HEADER RECORD!!!!!!!").as_bytes()
}

/// Reads all up to the rows.
pub(super) fn read(bytes: &mut Bytes<'_>) -> Result<Vec<Variable>, String> {
    let kinds = if is_header(bytes.rest().get(..RECORD).unwrap_or_default(), "LIBV8") {
        ["LIBV8", "MEMBV8", "DSCPTV8", "NAMSTV8", "OBSV8"]
    } else {
        ["LIBRARY", "MEMBER", "DSCRPTR", "NAMESTR", "OBS"]
    };
    let [library, member, descriptor, names, rows] = kinds;
    let what = "the header";
    header(bytes, library)?;
    bytes.take(2 * RECORD, what)?;
    let sizes = header(bytes, member)?;
    let size = match digits(sizes, 73..78)? {
        size @ (136 | 140) => size,
        other => {
            return Err(format!(
                "its variables are described in {other} bytes, not 140"
            ));
        }
    };
    header(bytes, descriptor)?;
    bytes.take(2 * RECORD, what)?;
    let count = digits(header(bytes, names)?, 53..58)?;
    let start = bytes.at();
    let mut variables = Vec::new();
    for _ in 0..count {
        let long = library == "LIBV8";
        variables.push(variable(bytes, size, long)?);
    }
    fill(bytes, start)?;
    for (kind, texts) in [("LABELV8", 3), ("LABELV9", 5)] {
        let next = bytes.rest().get(..RECORD).unwrap_or_default();
        if is_header(next, kind) {
            labels(bytes, kind, texts, &mut variables)?;
        }
    }
    header(bytes, rows)?;
    Ok(variables)
}

/// Reads a header record of a kind.
fn header<'a>(bytes: &mut Bytes<'a>, kind: &str) -> Result<&'a [u8], String> {
    let at = bytes.at();
    let record = bytes.take(RECORD, "a header")?;
    if is_header(record, kind) {
        return Ok(record);
    }
    Err(format!("there is no header `{kind}` at byte {at}"))
}

fn digits(record: &[u8], range: std::ops::Range<usize>) -> Result<usize, String> {
    let found = record.get(range).unwrap_or_default().trim_ascii();
    let text = std::str::from_utf8(found).unwrap_or_default();
    text.parse().map_err(|_| {
        let shown = String::from_utf8_lossy(found).into_owned();
        format!("`{shown}` in a header is no number")
    })
}

/// Passes over what fills up the last record of those that began at `start`.
fn fill(bytes: &mut Bytes<'_>, start: usize) -> Result<(), String> {
    let used = bytes.at() - start;
    let left = used.next_multiple_of(RECORD) - used;
    bytes.take(left, "the end of a record").map(|_| ())
}

fn variable(bytes: &mut Bytes<'_>, size: usize, long: bool) -> Result<Variable, String> {
    let what = "a variable";
    let at = bytes.at();
    let mut bytes = Bytes::new(bytes.take(size, what)?).endian(true);
    let kind = bytes.u16(what)?;
    bytes.u16(what)?;
    let width = usize::from(bytes.u16(what)?);
    bytes.u16(what)?;
    let textual = match (kind, width) {
        (1, 2..=8) => false,
        (2, 1..) => true,
        _ => {
            return Err(format!(
                "the variable at byte {at} has the type {kind} and {width} bytes"
            ));
        }
    };
    let short = bytes.take(8, what)?;
    let label = bytes.take(40, what)?.to_vec();
    let format = bytes.take(8, what)?.to_vec();
    let format_digits = (bytes.u16(what)?, bytes.u16(what)?);
    bytes.take(20, what)?;
    let name = match bytes.take(32, what)? {
        name if long && !name.trim_ascii().is_empty() && name != [0; 32] => name,
        _ => short,
    };
    Ok(Variable {
        textual,
        width,
        name: name.to_vec(),
        label,
        format,
        format_digits,
    })
}

/// Names and labels that are too long for a variable's description; with version 9, formats too.
fn labels(
    bytes: &mut Bytes<'_>,
    kind: &str,
    texts: usize,
    variables: &mut [Variable],
) -> Result<(), String> {
    let what = "a long label";
    let record = header(bytes, kind)?;
    let count = record.get(48..78).unwrap_or_default().trim_ascii();
    let count = match count.len() {
        // Six numbers of five digits, as in other headers.
        30 => digits(count, 0..5)?,
        length => digits(count, 0..length)?,
    };
    let start = bytes.at();
    for _ in 0..count {
        let at = bytes.at();
        let number = usize::from(bytes.u16(what)?);
        let mut lengths = Vec::new();
        for _ in 1..texts {
            lengths.push(usize::from(bytes.u16(what)?));
        }
        let mut pieces = lengths
            .into_iter()
            .map(|l| bytes.take(l, what).map(<[u8]>::to_vec));
        let mut piece = || pieces.next().unwrap_or_else(|| Ok(Vec::new()));
        let (name, label, format) = (piece()?, piece()?, piece()?);
        piece()?;
        let variable = number.checked_sub(1).and_then(|n| variables.get_mut(n));
        let Some(variable) = variable else {
            return Err(format!("the label at byte {at} is of variable {number}"));
        };
        for (to, from) in [(&mut variable.name, name), (&mut variable.label, label)] {
            if !from.is_empty() {
                *to = from;
            }
        }
        if !format.is_empty() {
            variable.format = format_name(format);
        }
    }
    fill(bytes, start)
}

/// The name in a long format such as `MYLONGFORMAT8.2`, whose digits the variable's description has.
fn format_name(mut format: Vec<u8>) -> Vec<u8> {
    let digit = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b' ' | 0);
    let digits = format.iter().rev().take_while(|b| digit(b)).count();
    format.truncate(format.len() - digits);
    format
}
