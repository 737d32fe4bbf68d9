//! Numbers and pieces from the bytes of a binary file, each read checked.

/// Bytes read from a place on; nothing is read beyond their end. Errors say what was to be read, and the offset.
#[derive(Debug, Clone)]
pub(super) struct Bytes<'a> {
    all: &'a [u8],
    at: usize,
    big_endian: bool,
}

impl<'a> Bytes<'a> {
    /// From the first byte on, little-endian.
    pub fn new(all: &'a [u8]) -> Self {
        Self {
            all,
            at: 0,
            big_endian: false,
        }
    }

    /// The same bytes with the other or the same order of a number's bytes.
    #[must_use]
    pub fn endian(self, big_endian: bool) -> Self {
        Self { big_endian, ..self }
    }

    /// Whether numbers begin with their highest byte.
    pub fn is_big_endian(&self) -> bool {
        self.big_endian
    }

    /// How many bytes were read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The bytes that were not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.all.get(self.at..).unwrap_or_default()
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize, what: &str) -> Result<&'a [u8], String> {
        let Some(found) = self.rest().get(..count) else {
            let (at, length) = (self.at, self.rest().len());
            return Err(format!(
                "{what} needs {count} bytes from byte {at} on, and there are {length}"
            ));
        };
        self.at += count;
        Ok(found)
    }

    /// The next `N` bytes.
    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], String> {
        let found = self.take(N, what)?;
        let mut array: [u8; N] = found.try_into().unwrap_or([0; N]);
        if self.big_endian {
            array.reverse();
        }
        Ok(array)
    }

    /// A byte.
    pub fn u8(&mut self, what: &str) -> Result<u8, String> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    /// A whole number of two bytes.
    pub fn u16(&mut self, what: &str) -> Result<u16, String> {
        self.array(what).map(u16::from_le_bytes)
    }

    /// A whole number of four bytes.
    pub fn u32(&mut self, what: &str) -> Result<u32, String> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// A whole number of four bytes.
    pub fn i32(&mut self, what: &str) -> Result<i32, String> {
        self.array(what).map(i32::from_le_bytes)
    }

    /// A whole number of eight bytes.
    pub fn u64(&mut self, what: &str) -> Result<u64, String> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// A number of eight bytes.
    pub fn f64(&mut self, what: &str) -> Result<f64, String> {
        self.array(what).map(f64::from_le_bytes)
    }

    /// A count or length in four bytes, which must not be negative.
    pub fn count(&mut self, what: &str) -> Result<usize, String> {
        let at = self.at;
        let found = self.i32(what)?;
        usize::try_from(found).map_err(|_| format!("{what} is {found} at byte {at}"))
    }
}

/// Bytes without the spaces and NULs that fill them up at their end.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| !matches!(b, b' ' | 0));
    bytes.get(..end.map_or(0, |e| e + 1)).unwrap_or_default()
}
