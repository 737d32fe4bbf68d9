//! Records of kind 7: what later versions of SPSS added to the dictionary.

use super::{Bytes, Charset};
use crate::dataset::format::bytes::trimmed;

/// Values and their labels, for variables by name; not decoded.
pub(super) type LongLabels = Vec<(Vec<u8>, Vec<(Vec<u8>, Vec<u8>)>)>;
/// Missing values, for variables by name; not decoded.
pub(super) type LongMissing = Vec<(Vec<u8>, Vec<Vec<u8>>)>;

/// What the extension records say that reading needs.
#[derive(Debug)]
pub(super) struct Extensions {
    /// The name of the encoding.
    encoding: Option<String>,
    /// The code page.
    page: Option<i32>,
    /// The number that means nothing.
    pub system_missing: f64,
    /// Names of up to 8 bytes, upper case, and the names that stand for them.
    pub names: Vec<(Vec<u8>, Vec<u8>)>,
    /// Texts longer than 255 bytes by their short names, and how long they are.
    pub widths: Vec<(Vec<u8>, usize)>,
    /// Labels of values of texts longer than 8 bytes.
    pub long_labels: LongLabels,
    /// Missing values of texts longer than 8 bytes.
    pub long_missing: LongMissing,
}

impl Default for Extensions {
    fn default() -> Self {
        Self {
            encoding: None,
            page: None,
            system_missing: -f64::MAX,
            names: Vec::new(),
            widths: Vec::new(),
            long_labels: Vec::new(),
            long_missing: Vec::new(),
        }
    }
}

impl Extensions {
    /// How texts are encoded: by name, else by code page, else as old versions on Windows did.
    pub fn charset(&self) -> Charset {
        match (&self.encoding, self.page) {
            (Some(name), _) => Charset::named(name),
            // 2 and 3 are 7-bit and "8-bit" ASCII, which say no more.
            (None, None | Some(2 | 3)) => Charset::WESTERN,
            (None, Some(page)) => Charset::page(page),
        }
    }

    /// Reads an extension record, whose kind was read.
    pub fn read(&mut self, bytes: &mut Bytes<'_>) -> Result<(), String> {
        let what = "an extension record";
        let at = bytes.at();
        let kind = bytes.u32(what)?;
        let (size, count) = (bytes.count(what)?, bytes.count(what)?);
        let big_endian = bytes.is_big_endian();
        let content = bytes.take(size.saturating_mul(count), what)?;
        let mut inner = Bytes::new(content).endian(big_endian);
        let found = match kind {
            3 => self.integers(&mut inner),
            4 => self.numbers(&mut inner),
            13 => {
                self.names = pairs(content);
                Ok(())
            }
            14 => self.widths(content),
            20 => {
                self.encoding = Some(String::from_utf8_lossy(trimmed(content)).into_owned());
                Ok(())
            }
            21 => self.labels(&mut inner),
            22 => self.missing(&mut inner),
            _ => Ok(()),
        };
        found.map_err(|why| format!("in the extension record of kind {kind} at byte {at}, {why}"))
    }

    fn integers(&mut self, bytes: &mut Bytes<'_>) -> Result<(), String> {
        let what = "a number";
        bytes.take(7 * 4, what)?;
        self.page = Some(bytes.i32(what)?);
        Ok(())
    }

    fn numbers(&mut self, bytes: &mut Bytes<'_>) -> Result<(), String> {
        let found = bytes.f64("the system-missing value")?;
        // Some programs have NaN for it, which is missing in any case.
        if found.is_nan() {
            return Ok(());
        }
        // It is the lowest number; a value that data may have is damage, and must not make them missing.
        if found > -1e300 {
            return Err(format!("the system-missing value is {found}"));
        }
        self.system_missing = found;
        Ok(())
    }

    fn widths(&mut self, content: &[u8]) -> Result<(), String> {
        for (name, width) in pairs(content) {
            let digits = std::str::from_utf8(trimmed(&width)).ok();
            let Some(width) = digits.and_then(|d| d.trim().parse().ok()) else {
                let name = String::from_utf8_lossy(&name);
                return Err(format!("the width of `{name}` is no number"));
            };
            if width > 32_767 {
                return Err(format!("a text is {width} bytes wide"));
            }
            // Some programs name texts here that are not long.
            if width > 255 {
                self.widths.push((name, width));
            }
        }
        Ok(())
    }

    fn labels(&mut self, bytes: &mut Bytes<'_>) -> Result<(), String> {
        let what = "a label of a long text";
        while !bytes.rest().is_empty() {
            let name = piece(bytes, what)?;
            bytes.u32(what)?;
            let mut labels = Vec::new();
            for _ in 0..bytes.count(what)? {
                let value = piece(bytes, what)?;
                labels.push((value, piece(bytes, what)?));
            }
            self.long_labels.push((name, labels));
        }
        Ok(())
    }

    fn missing(&mut self, bytes: &mut Bytes<'_>) -> Result<(), String> {
        let what = "a missing value of a long text";
        while !bytes.rest().is_empty() {
            let name = piece(bytes, what)?;
            let count = bytes.u8(what)?;
            let length = bytes.count(what)?;
            let mut values = Vec::new();
            for number in 0..count {
                // Some programs repeat the length, 8, before every value.
                let repeated = bytes.clone().count(what).ok();
                if number > 0 && repeated == Some(length) && length == 8 {
                    bytes.u32(what)?;
                }
                values.push(trimmed(bytes.take(length, what)?).to_vec());
            }
            self.long_missing.push((name, values));
        }
        Ok(())
    }
}

/// Bytes whose count is before them.
fn piece(bytes: &mut Bytes<'_>, what: &str) -> Result<Vec<u8>, String> {
    let length = bytes.count(what)?;
    Ok(trimmed(bytes.take(length, what)?).to_vec())
}

/// `SHORT=value` pairs between tabs.
fn pairs(content: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pair = |pair: &[u8]| {
        let at = pair.iter().position(|b| *b == b'=')?;
        let (name, value) = (pair.get(..at)?, pair.get(at + 1..)?);
        let name = name.trim_ascii().to_ascii_uppercase();
        Some((name, trimmed(value).to_vec()))
    };
    content.split(|b| *b == b'\t').filter_map(pair).collect()
}
