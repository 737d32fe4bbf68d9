//! Texts of any length (`strL`), which follow the rows; a row holds the variable and row that a text is filed under.

use std::collections::BTreeMap;

use super::Bytes;
use super::header::Header;

/// The most bytes that all rows together may take of long texts: many rows can have the same one.
const MOST_BYTES: usize = 2 << 30;

/// The long texts of a dataset.
#[derive(Debug)]
pub(super) struct LongTexts<'a> {
    /// How many bytes of a reference are the variable's.
    variable_width: usize,
    big_endian: bool,
    texts: BTreeMap<(u64, u64), &'a [u8]>,
    given: usize,
}

impl<'a> LongTexts<'a> {
    /// Reads all long texts, where the release has such.
    pub fn read(header: &Header<'a>, bytes: &mut Bytes<'a>) -> Result<Self, String> {
        let what = "a long text";
        let mut texts = BTreeMap::new();
        header.tag(bytes, "<strls>")?;
        while header.release >= 117 && bytes.rest().starts_with(b"GSO") {
            let at = bytes.at();
            bytes.take(3, what)?;
            let variable = bytes.u32(what)?.into();
            let row = match header.release {
                117 => bytes.u32(what)?.into(),
                _ => bytes.u64(what)?,
            };
            let kind = bytes.u8(what)?;
            if !matches!(kind, 129 | 130) {
                return Err(format!("the long text at byte {at} has the kind {kind}"));
            }
            let length = bytes.count(what)?;
            texts.insert((variable, row), bytes.take(length, what)?);
        }
        header.tag(bytes, "</strls>")?;
        Ok(Self {
            variable_width: match header.release {
                117 => 4,
                118 => 2,
                _ => 3,
            },
            big_endian: header.big_endian,
            texts,
            given: 0,
        })
    }

    /// The text that the next eight bytes of a row refer to.
    pub fn find(&mut self, bytes: &mut Bytes<'_>) -> Result<&'a [u8], String> {
        let reference = bytes.take(8, "a reference to a long text")?;
        // haven writes the references of release 119 as those of 118.
        let widths = [self.variable_width, 2];
        let key = |width| {
            let (variable, row) = reference.split_at_checked(width).unwrap_or_default();
            (self.number(variable), self.number(row))
        };
        if reference == [0; 8] {
            return Ok(&[]);
        }
        let Some(text) = widths.iter().find_map(|w| self.texts.get(&key(*w))) else {
            let (variable, row) = key(self.variable_width);
            return Err(format!(
                "there is no long text of variable {variable}, row {row}"
            ));
        };
        self.given += text.len();
        if self.given > MOST_BYTES {
            return Err(format!(
                "the long texts are more than {} GiB",
                MOST_BYTES >> 30
            ));
        }
        Ok(text)
    }

    fn number(&self, bytes: &[u8]) -> u64 {
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.big_endian {
            bytes.iter().fold(0, add)
        } else {
            bytes.iter().rev().fold(0, add)
        }
    }
}
