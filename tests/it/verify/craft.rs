//! A writer of zips that lies where it is told to.

/// A file as an archive describes it, truly unless changed.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub packed: u32,
    pub bytes: u32,
    pub made_by: u16,
    pub attributes: u32,
    pub extra: Vec<u8>,
    pub comment: Vec<u8>,
    /// The compressed bytes.
    pub data: Vec<u8>,
    /// What follows the data.
    pub after: Vec<u8>,
    /// The entry as its own header describes it; as here, if none.
    pub local: Option<Box<Entry>>,
    /// Where the directory says that it begins; its place, if none.
    pub header: Option<u32>,
    /// Whether it has a place of its own, or only an entry in the directory.
    pub placed: bool,
}

impl Entry {
    /// A stored file.
    pub fn new(name: impl AsRef<[u8]>, data: &[u8]) -> Self {
        let length = u32::try_from(data.len()).unwrap();
        Self {
            name: name.as_ref().to_vec(),
            flags: if name.as_ref().is_ascii() { 0 } else { 1 << 11 },
            method: 0,
            crc: crc32(data),
            packed: length,
            bytes: length,
            made_by: 0x0314,
            attributes: if name.as_ref().ends_with(b"/") {
                0o040_755 << 16
            } else {
                0o100_644 << 16
            },
            extra: Vec::new(),
            comment: Vec::new(),
            data: data.to_vec(),
            after: Vec::new(),
            local: None,
            header: None,
            placed: true,
        }
    }

    /// A file of zeros, compressed. Of many zeros the checksum is wrong.
    pub fn zeros(name: &str, bytes: u32) -> Self {
        let mut entry = Self::new(name, &deflated_zeros(bytes));
        entry.method = 8;
        entry.bytes = bytes;
        if bytes <= 100_000 {
            entry.crc = crc32(&vec![0; bytes as usize]);
        }
        entry
    }

    /// The file, changed.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The file with another description in its own header.
    pub fn locally(mut self, change: impl FnOnce(&mut Self)) -> Self {
        let mut local = self.clone();
        change(&mut local);
        self.local = Some(Box::new(local));
        self
    }

    fn header(&self) -> Vec<u8> {
        let mut out = 0x0403_4b50_u32.to_le_bytes().to_vec();
        put(&mut out, &[20, self.flags, self.method, 0, 0x21]);
        put32(&mut out, &[self.crc, self.packed, self.bytes]);
        put(&mut out, &[length(&self.name), length(&self.extra)]);
        out.extend(&self.name);
        out.extend(&self.extra);
        out
    }

    fn listed(&self, at: u32) -> Vec<u8> {
        let mut out = 0x0201_4b50_u32.to_le_bytes().to_vec();
        put(
            &mut out,
            &[self.made_by, 20, self.flags, self.method, 0, 0x21],
        );
        put32(&mut out, &[self.crc, self.packed, self.bytes]);
        put(
            &mut out,
            &[
                length(&self.name),
                length(&self.extra),
                length(&self.comment),
                0,
                0,
            ],
        );
        put32(&mut out, &[self.attributes, self.header.unwrap_or(at)]);
        out.extend(&self.name);
        out.extend(&self.extra);
        out.extend(&self.comment);
        out
    }
}

/// An archive, true unless changed.
#[derive(Default)]
pub struct Zip {
    pub entries: Vec<Entry>,
    pub before: Vec<u8>,
    pub after: Vec<u8>,
    pub comment: Vec<u8>,
    /// How many entries the end says there are.
    pub count: Option<u16>,
    /// How often more the directory lists its last entry.
    pub repeated: usize,
}

impl Zip {
    /// An archive of those entries.
    pub fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self {
            entries: entries.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        let mut directory = Vec::new();
        for entry in &self.entries {
            let at = u32::try_from(out.len() - self.before.len()).unwrap();
            directory.extend(entry.listed(at));
            if entry.placed {
                out.extend(entry.local.as_deref().unwrap_or(entry).header());
                out.extend(&entry.data);
                out.extend(&entry.after);
            }
        }
        if let Some(last) = self.entries.last() {
            directory.extend(last.listed(0).repeat(self.repeated));
        }
        let count = self
            .count
            .unwrap_or(u16::try_from(self.entries.len()).unwrap());
        let start = u32::try_from(out.len() - self.before.len()).unwrap();
        let size = u32::try_from(directory.len()).unwrap();
        out.extend(directory);
        put32(&mut out, &[0x0605_4b50]);
        put(&mut out, &[0, 0, count, count]);
        put32(&mut out, &[size, start]);
        put(&mut out, &[length(&self.comment)]);
        out.extend(&self.comment);
        out.extend(&self.after);
        out
    }
}

fn length(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap()
}

fn put(out: &mut Vec<u8>, numbers: &[u16]) {
    out.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, numbers: &[u32]) {
    out.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
}

/// The checksum of a zip.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// Deflate of so many zeros: one block of fixed codes, in which each pair of a length of 258 and a distance of 1 takes
/// 13 bits. Not the best ratio that deflate has, but its kind.
fn deflated_zeros(bytes: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0b011, 3);
    // The literal 0 is 00110000, codes are written from their highest bit on.
    bits.code(0b0011_0000, 8);
    let mut left = bytes - 1;
    while left >= 258 {
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
        left -= 258;
    }
    for _ in 0..left {
        bits.code(0b0011_0000, 8);
    }
    bits.code(0, 7);
    bits.finish()
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u64, count: u32) {
        self.held |= value << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.held.to_le_bytes()[0]);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    fn code(&mut self, code: u32, count: u32) {
        self.put(u64::from(code.reverse_bits() >> (32 - count)), count);
    }

    fn finish(mut self) -> Vec<u8> {
        self.put(0, 7);
        self.out
    }
}
