//! What comes before the rows of a dataset: its release, size, and variables.

use super::Bytes;

/// All that a dataset says before its rows.
#[derive(Debug)]
pub(super) struct Header<'a> {
    /// The release of the format, 104 to 119.
    pub release: u32,
    /// Whether numbers begin with their highest byte.
    pub big_endian: bool,
    /// How many rows there are.
    pub rows: usize,
    /// The variables, in the file's order.
    pub variables: Vec<Variable<'a>>,
}

/// A variable. Its texts are not decoded, and have what fills them up.
#[derive(Debug)]
pub(super) struct Variable<'a> {
    /// What its values are.
    pub kind: Kind,
    /// Its name.
    pub name: &'a [u8],
    /// Its display format.
    pub format: &'a [u8],
    /// The name of the set of its values' labels.
    pub labels: &'a [u8],
    /// Its label.
    pub label: &'a [u8],
}

/// What a variable's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number of one byte.
    Byte,
    /// A whole number of two bytes.
    Int,
    /// A whole number of four bytes.
    Long,
    /// A number of four bytes.
    Single,
    /// A number of eight bytes.
    Double,
    /// A text of so many bytes.
    Text(usize),
    /// A text that stands elsewhere.
    LongText,
}

impl Kind {
    /// How many bytes of a row a value takes.
    pub fn width(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Int => 2,
            Self::Long | Self::Single => 4,
            Self::Double | Self::LongText => 8,
            Self::Text(width) => width,
        }
    }

    fn of(code: u16, release: u32) -> Option<Self> {
        let number = match (release, code) {
            (117.., 65_526..=65_530) => Some(65_530 - code),
            (111..117, 251..=255) => Some(code - 251),
            (..111, _) => (0..)
                .zip(*b"bilfd")
                .find(|(_, l)| u16::from(*l) == code)
                .map(|(n, _)| n),
            _ => None,
        };
        Some(match (number, release, code) {
            (Some(0), ..) => Self::Byte,
            (Some(1), ..) => Self::Int,
            (Some(2), ..) => Self::Long,
            (Some(3), ..) => Self::Single,
            (Some(4), ..) => Self::Double,
            (_, 117.., 32_768) => Self::LongText,
            (_, 117.., 1..=2045) | (_, 111..117, 1..=244) => Self::Text(code.into()),
            (_, ..111, 0x80..=0xcf) => Self::Text(usize::from(code) - 0x7f),
            _ => return None,
        })
    }
}

impl<'a> Header<'a> {
    /// Reads all up to the rows, and sets the order of the bytes of `bytes`.
    pub fn read(bytes: &mut Bytes<'a>) -> Result<Self, String> {
        let (mut header, count) = if bytes.rest().starts_with(b"<stata_dta>") {
            Self::tagged(bytes)?
        } else {
            Self::plain(bytes)?
        };
        header.variables(bytes, count)?;
        header.characteristics(bytes)?;
        Ok(header)
    }

    /// How many bytes a row has.
    pub fn width(&self) -> usize {
        self.variables.iter().map(|v| v.kind.width()).sum()
    }

    /// How many bytes a name has.
    pub fn name_width(&self) -> usize {
        match self.release {
            118.. => 129,
            110.. => 33,
            _ => 9,
        }
    }

    /// Reads a tag, where the release has tags.
    pub fn tag(&self, bytes: &mut Bytes<'a>, tag: &str) -> Result<(), String> {
        if self.release >= 117 {
            expect(bytes, tag)?;
        }
        Ok(())
    }

    /// The header of the releases up to 115.
    fn plain(bytes: &mut Bytes<'a>) -> Result<(Self, usize), String> {
        let what = "the header";
        let release = bytes.u8(what)?.into();
        if !(104..=116).contains(&release) {
            return Err("it is no Stata dataset of the releases 104 to 119".to_owned());
        }
        let big_endian = match bytes.u8(what)? {
            1 => true,
            2 => false,
            other => return Err(format!("its byte order is {other}, not 1 or 2")),
        };
        *bytes = bytes.clone().endian(big_endian);
        bytes.take(2, what)?;
        let count = bytes.u16(what)?.into();
        let rows = bytes.count("the number of rows")?;
        bytes.take(if release < 108 { 32 } else { 81 }, what)?;
        bytes.take(if release < 105 { 0 } else { 18 }, what)?;
        let header = Self {
            release,
            big_endian,
            rows,
            variables: Vec::new(),
        };
        Ok((header, count))
    }

    /// The header of the releases from 117 on.
    fn tagged(bytes: &mut Bytes<'a>) -> Result<(Self, usize), String> {
        let what = "the header";
        expect(bytes, "<stata_dta><header><release>")?;
        let release = match bytes.take(3, what)? {
            b"117" => 117,
            b"118" => 118,
            b"119" => 119,
            _ => return Err("its release is not one of 117 to 119".to_owned()),
        };
        expect(bytes, "</release><byteorder>")?;
        let big_endian = match bytes.take(3, what)? {
            b"MSF" => true,
            b"LSF" => false,
            _ => return Err("its byte order is not MSF or LSF".to_owned()),
        };
        *bytes = bytes.clone().endian(big_endian);
        expect(bytes, "</byteorder><K>")?;
        let count = match release {
            119 => bytes.count("the number of variables")?,
            _ => bytes.u16(what)?.into(),
        };
        expect(bytes, "</K><N>")?;
        let rows = match release {
            117 => bytes.u32(what)?.into(),
            _ => bytes.u64(what)?,
        };
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        expect(bytes, "</N><label>")?;
        let length = match release {
            117 => bytes.u8(what)?.into(),
            _ => bytes.u16(what)?,
        };
        bytes.take(length.into(), what)?;
        expect(bytes, "</label><timestamp>")?;
        let length = bytes.u8(what)?;
        bytes.take(length.into(), what)?;
        expect(bytes, "</timestamp></header><map>")?;
        // All is read in order: where the parts begin need not be known.
        bytes.take(14 * 8, "the map")?;
        expect(bytes, "</map>")?;
        let header = Self {
            release,
            big_endian,
            rows,
            variables: Vec::new(),
        };
        Ok((header, count))
    }

    fn variables(&mut self, bytes: &mut Bytes<'a>, count: usize) -> Result<(), String> {
        let formats = match self.release {
            118.. => 57,
            114.. => 49,
            105.. => 12,
            _ => 7,
        };
        let labels = match self.release {
            118.. => 321,
            108.. => 81,
            _ => 32,
        };
        let (codes, sort) = match self.release {
            119.. => (2, 4),
            117.. => (2, 2),
            _ => (1, 2),
        };
        let name = self.name_width();
        let codes_at = bytes.at();
        let mut codes = self.list(bytes, count, codes, "variable_types")?;
        let mut names = self.list(bytes, count, name, "varnames")?;
        let _order = self.list(bytes, count + 1, sort, "sortlist")?;
        let mut formats = self.list(bytes, count, formats, "formats")?;
        let mut sets = self.list(bytes, count, name, "value_label_names")?;
        let mut labels = self.list(bytes, count, labels, "variable_labels")?;
        for _ in 0..count {
            let code = match codes.next().unwrap_or_default() {
                [code] => u16::from(*code),
                code => Bytes::new(code).endian(self.big_endian).u16("a type")?,
            };
            let Some(kind) = Kind::of(code, self.release) else {
                return Err(format!("there is no type {code}, as after byte {codes_at}"));
            };
            self.variables.push(Variable {
                kind,
                name: names.next().unwrap_or_default(),
                format: formats.next().unwrap_or_default(),
                labels: sets.next().unwrap_or_default(),
                label: labels.next().unwrap_or_default(),
            });
        }
        Ok(())
    }

    /// Pieces of the same width.
    fn list(
        &self,
        bytes: &mut Bytes<'a>,
        count: usize,
        width: usize,
        tag: &str,
    ) -> Result<std::slice::ChunksExact<'a, u8>, String> {
        self.tag(bytes, &format!("<{tag}>"))?;
        let all = bytes.take(count.saturating_mul(width), tag)?;
        self.tag(bytes, &format!("</{tag}>"))?;
        Ok(all.chunks_exact(width))
    }

    /// Notes and the like, which are passed over.
    fn characteristics(&self, bytes: &mut Bytes<'a>) -> Result<(), String> {
        let what = "a characteristic";
        self.tag(bytes, "<characteristics>")?;
        match self.release {
            117.. => {
                while bytes.rest().starts_with(b"<ch>") {
                    bytes.take(4, what)?;
                    let length = bytes.count(what)?;
                    bytes.take(length, what)?;
                    expect(bytes, "</ch>")?;
                }
            }
            105.. => loop {
                let kind = bytes.u8(what)?;
                let length = match self.release {
                    110.. => bytes.count(what)?,
                    _ => bytes.u16(what)?.into(),
                };
                match (kind, length) {
                    (0, 0) => break,
                    _ => bytes.take(length, what)?,
                };
            },
            _ => {}
        }
        self.tag(bytes, "</characteristics>")
    }
}

fn expect(bytes: &mut Bytes<'_>, tag: &str) -> Result<(), String> {
    let at = bytes.at();
    if bytes.take(tag.len(), tag)? == tag.as_bytes() {
        return Ok(());
    }
    Err(format!("`{tag}` is not at byte {at}"))
}
