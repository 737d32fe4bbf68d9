//! How much is taken from a bundle before it is refused.

use crate::bundle::archive;

/// The most that is read, written and kept of something that nobody trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an archive.
    pub archive: u64,
    /// Files and folders together.
    pub entries: u64,
    /// Bytes of all files together, unpacked.
    pub total: u64,
    /// Bytes of the directory at an archive's end.
    pub directory: u64,
    /// How many times longer a file may be than its compressed form, if it is longer than [`Limits::small`].
    pub ratio: u64,
    /// Bytes of a file whose ratio is nobody's concern.
    pub small: u64,
    /// Bytes of a path.
    pub path: usize,
    /// Parts of a path.
    pub depth: usize,
    /// Bytes of a file that is read whole as text: a manifest, a report, a codebook.
    pub text: u64,
    /// Bytes of a record or of results, which are read whole too.
    pub json: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            archive: archive::MAX_BYTES,
            // The files, the folders that other tools make entries for, and the bag's own.
            entries: 2 * archive::MAX_FILES as u64,
            total: archive::MAX_BYTES,
            directory: 16 << 20,
            ratio: archive::MAX_RATIO,
            small: archive::SMALL,
            path: 512,
            depth: 24,
            text: 8 << 20,
            json: 64 << 20,
        }
    }
}
