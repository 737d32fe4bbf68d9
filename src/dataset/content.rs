//! The bytes of a file that were verified: in memory where they are few, else read again piece by piece, each compared
//! with what it was when the whole was verified.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::digest::Digest;

/// How much of a large file is verified at once.
const BLOCK: usize = 1 << 20;

/// Verified bytes, as often as they are needed.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// All of them.
    Memory(Arc<[u8]>),
    /// A file that must stay as it is.
    File(Arc<Blocks>),
}

/// A large file, and the digest of each of its blocks.
#[derive(Debug)]
pub(super) struct Blocks {
    file: Mutex<File>,
    length: u64,
    digests: Vec<[u8; 32]>,
}

/// The message of bytes that are no longer what they were.
const CHANGED: &str = "the file was changed while it was read";

impl Content {
    /// Reads a whole file and takes its digest. It is kept in memory if it has at most `most` bytes; of others a digest
    /// of each block is kept. Not more than `longest` and one byte are read.
    pub fn read(file: File, most: u64, longest: u64) -> io::Result<(Self, u64, Digest)> {
        if file.metadata()?.len() <= most {
            let mut bytes = Vec::new();
            file.take(longest.saturating_add(1))
                .read_to_end(&mut bytes)?;
            let digest = super::digest::digest(&bytes);
            let length = bytes.len() as u64;
            return Ok((Self::Memory(bytes.into()), length, digest));
        }
        let mut blocks = Blocks {
            length: 0,
            digests: Vec::new(),
            file: Mutex::new(file.try_clone()?),
        };
        let mut whole = Sha256::new();
        let mut input = file.take(longest.saturating_add(1));
        let mut buffer = vec![0; 8 * BLOCK];
        loop {
            let filled = fill(&mut input, &mut buffer)?;
            let bytes = buffer.get(..filled).unwrap_or_default();
            // The digest of the whole takes its time; the blocks' are taken beside it.
            let ((), found) = rayon::join(
                || whole.update(bytes),
                || {
                    let digests = bytes.chunks(BLOCK).map(|b| Sha256::digest(b).into());
                    digests.collect::<Vec<[u8; 32]>>()
                },
            );
            blocks.digests.extend(found);
            blocks.length += filled as u64;
            if filled < buffer.len() {
                break;
            }
        }
        let length = blocks.length;
        let digest = Digest::from(<[u8; 32]>::from(whole.finalize()));
        Ok((Self::File(Arc::new(blocks)), length, digest))
    }

    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(blocks) => blocks.length,
        }
    }

    /// All bytes, where they are in memory.
    pub fn in_memory(&self) -> Option<&[u8]> {
        match self {
            Self::Memory(bytes) => Some(bytes),
            Self::File(_) => None,
        }
    }

    /// All bytes, whatever memory that takes.
    pub fn whole(&self) -> io::Result<Vec<u8>> {
        self.range(0..self.len())
    }

    /// Some of the bytes; an error if the file has no such range, or was changed.
    pub fn range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        if range.end > self.len() || range.start > range.end {
            let why = "a part is beyond the end of the file";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
        }
        let mut reader = self.reader();
        reader.at = range.start;
        let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads from the beginning.
    pub fn reader(&self) -> Reader {
        Reader {
            content: self.clone(),
            at: 0,
            block: Vec::new(),
            block_number: None,
        }
    }
}

/// Fills a buffer as far as there are bytes.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|r| !r.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

impl Blocks {
    /// The bytes of a block, which are what they were.
    fn block(&self, number: usize) -> io::Result<Vec<u8>> {
        let start = number as u64 * BLOCK as u64;
        let length = usize::try_from((self.length - start).min(BLOCK as u64));
        let mut bytes = vec![0; length.map_err(io::Error::other)?];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(start))?;
        let filled = fill(&mut *file, &mut bytes)?;
        let same: [u8; 32] = Sha256::digest(&bytes).into();
        if filled < bytes.len() || self.digests.get(number) != Some(&same) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, CHANGED));
        }
        Ok(bytes)
    }
}

/// Reads verified bytes in order.
#[derive(Debug)]
pub(super) struct Reader {
    content: Content,
    at: u64,
    block: Vec<u8>,
    block_number: Option<usize>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.content.len() {
            return Ok(0);
        }
        let rest = match &self.content {
            Content::Memory(bytes) => {
                let at = usize::try_from(self.at).map_err(io::Error::other)?;
                bytes.get(at..).unwrap_or_default()
            }
            Content::File(blocks) => {
                let number = usize::try_from(self.at / BLOCK as u64).map_err(io::Error::other)?;
                if self.block_number != Some(number) {
                    self.block = blocks.block(number)?;
                    self.block_number = Some(number);
                }
                let within = usize::try_from(self.at % BLOCK as u64).map_err(io::Error::other)?;
                self.block.get(within..).unwrap_or_default()
            }
        };
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl io::Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.content.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

    use super::{BLOCK, Content};

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn a_large_file_is_read_as_it_is() {
        let bytes: Vec<u8> = (0..9 * BLOCK + 17)
            .map(|i| i.to_le_bytes()[0] ^ 7)
            .collect();
        let file = file(&bytes);
        let (content, length, digest) =
            Content::read(file.reopen().unwrap(), 100, u64::MAX - 1).unwrap();
        assert_eq!(length, bytes.len() as u64);
        assert_eq!(digest, super::super::digest::digest(&bytes));
        assert!(content.in_memory().is_none());
        assert_eq!(content.whole().unwrap(), bytes);
        let middle = BLOCK as u64 - 3..2 * BLOCK as u64 + 5;
        assert_eq!(
            content.range(middle.clone()).unwrap(),
            &bytes[BLOCK - 3..2 * BLOCK + 5]
        );
        assert!(content.range(5..length + 1).is_err());
        let mut reader = content.reader();
        reader.seek(SeekFrom::End(-4)).unwrap();
        let mut last = Vec::new();
        reader.read_to_end(&mut last).unwrap();
        assert_eq!(last, &bytes[bytes.len() - 4..]);
    }

    #[test]
    fn a_change_after_the_verification_is_noticed() {
        let bytes = vec![b'x'; 3 * BLOCK];
        let mut file = file(&bytes);
        let (content, ..) = Content::read(file.reopen().unwrap(), 100, u64::MAX - 1).unwrap();
        file.seek(SeekFrom::Start(2 * BLOCK as u64 + 9)).unwrap();
        file.write_all(b"y").unwrap();
        file.flush().unwrap();
        assert!(content.range(0..2 * BLOCK as u64).is_ok());
        let error = content.whole().unwrap_err();
        assert!(error.to_string().contains("was changed"), "{error}");
        file.as_file().set_len(5).unwrap();
        assert!(content.range(0..10).is_err());
    }
}
