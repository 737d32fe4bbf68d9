//! The structure of a zip that nobody trusts, read before anything of it is unpacked.
//!
//! Only the plain form is taken that `bundle` writes and ordinary tools write again: files follow each other from the
//! first byte on without gaps or overlaps, then the directory, then its end. Everything that two readers could
//! understand differently is refused: headers that disagree, duplicate names, zip64, comments, junk before or after,
//! names that are not UTF-8. (PKWARE, APPNOTE.TXT 6.3.10; overlaps: Fifield 2019, "A better zip bomb".)

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};

use super::Limits;
use super::name::{Kind, Names, quoted};
use crate::diagnostic::Diagnostic;

const END: u32 = 0x0605_4b50;
const END_LENGTH: usize = 22;
const CENTRAL: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;

/// Flags that say nothing of how a file is to be understood: compression levels, lengths after the data, UTF-8.
const HARMLESS: u16 = 0b1000_0000_1110;
const AFTER: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;

/// Extra fields that give a file another name, another size or a cipher.
const MEANINGFUL: [u16; 6] = [0x0001, 0x6375, 0x7075, 0x0017, 0x9901, 0x7855];

/// A file or folder of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its path, without a `/` at its end.
    pub(super) path: String,
    pub(super) kind: Kind,
    /// Bytes before and after compression.
    pub(super) bytes: u64,
    pub(super) packed: u64,
    /// Where its header begins, and its compressed bytes.
    pub(super) header: u64,
    pub(super) data: u64,
    flags: u16,
    method: u16,
    crc: u32,
    name: Vec<u8>,
}

/// Reads the structure of an archive; its entries are in the order of their places.
pub(super) fn entries(file: &mut File, limits: &Limits) -> Result<Vec<Entry>, Diagnostic> {
    let length = file.seek(SeekFrom::End(0)).map_err(|e| unreadable(&e))?;
    if length > limits.archive {
        let message = format!(
            "the archive has {length} bytes, more than the {} that are read",
            limits.archive
        );
        return Err(Diagnostic::error("too-large", message));
    }
    let end = End::read(file, length)?;
    if end.count > limits.entries {
        let message = format!(
            "the archive has {} entries, more than the {} that are read",
            end.count, limits.entries
        );
        return Err(Diagnostic::error("too-many-files", message));
    }
    if end.size > limits.directory {
        let message = format!(
            "the archive's directory has {} bytes, more than {}",
            end.size, limits.directory
        );
        return Err(Diagnostic::error("too-large", message));
    }
    let mut directory = vec![0; usize::try_from(end.size).unwrap_or(0)];
    read_at(file, end.offset, &mut directory)?;
    let mut entries = directory_entries(&directory, end.count)?;
    let mut names = Names::default();
    let mut total: u64 = 0;
    for entry in &entries {
        names.add(&entry.path, entry.kind, limits)?;
        total = total.saturating_add(entry.bytes);
        check_size(entry, total, limits)?;
    }
    entries.sort_by_key(|e| e.header);
    check_places(file, &mut entries, end.offset)?;
    Ok(entries)
}

fn check_size(entry: &Entry, total: u64, limits: &Limits) -> Result<(), Diagnostic> {
    if total > limits.total {
        let message = format!("the archive unpacks to more than {} bytes", limits.total);
        return Err(Diagnostic::error("too-large", message));
    }
    if entry.bytes > limits.small && entry.bytes / entry.packed.max(1) > limits.ratio {
        let message = format!(
            "{} has {} bytes packed into {}: such files are made to fill disks",
            quoted(&entry.path),
            entry.bytes,
            entry.packed
        );
        return Err(Diagnostic::error("zip-bomb", message));
    }
    Ok(())
}

/// The record at an archive's end.
struct End {
    count: u64,
    size: u64,
    offset: u64,
}

impl End {
    fn read(file: &mut File, length: u64) -> Result<Self, Diagnostic> {
        let start = length
            .checked_sub(END_LENGTH as u64)
            .ok_or_else(not_a_zip)?;
        let mut bytes = [0; END_LENGTH];
        read_at(file, start, &mut bytes)?;
        let mut fields = Fields(&bytes);
        if fields.u32() != END {
            return Err(if begins_as_zip(file) {
                refused(
                    "it does not end with the end of its directory: it is cut off, or something follows",
                )
            } else {
                not_a_zip()
            });
        }
        let disks = [fields.u16(), fields.u16()];
        let counts = [fields.u16(), fields.u16()];
        let (size, offset) = (fields.u32(), fields.u32());
        if fields.u16() != 0 {
            return Err(refused("it has a comment"));
        }
        if disks != [0, 0] || counts[0] != counts[1] {
            return Err(refused(
                "it is a part of an archive that is split over several",
            ));
        }
        if counts[0] == u16::MAX || size == u32::MAX || offset == u32::MAX {
            return Err(refused(
                "it is written in the form zip64, which no bundle needs",
            ));
        }
        let end = Self {
            count: u64::from(counts[0]),
            size: u64::from(size),
            offset: u64::from(offset),
        };
        if end.offset + end.size != start {
            return Err(refused(
                "its directory is not where its end says: something stands before or between",
            ));
        }
        Ok(end)
    }
}

fn directory_entries(directory: &[u8], count: u64) -> Result<Vec<Entry>, Diagnostic> {
    let mut fields = Fields(directory);
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(central(&mut fields)?);
    }
    if fields.0.is_empty() {
        Ok(entries)
    } else {
        Err(refused("its directory is longer than its entries"))
    }
}

/// An entry of the directory.
fn central(fields: &mut Fields<'_>) -> Result<Entry, Diagnostic> {
    if fields.0.len() < 46 || fields.u32() != CENTRAL {
        return Err(refused("its directory has fewer entries than its end says"));
    }
    let made_by = fields.u16();
    let _needed = fields.u16();
    let (flags, method) = (fields.u16(), fields.u16());
    let _time = fields.u32();
    let (crc, packed, bytes) = (fields.u32(), fields.u32(), fields.u32());
    let lengths = [fields.u16(), fields.u16(), fields.u16()];
    let disk = fields.u16();
    let _internal = fields.u16();
    let attributes = fields.u32();
    let header = fields.u32();
    let [Some(name), Some(extra), Some(comment)] = lengths.map(|n| fields.take(usize::from(n)))
    else {
        return Err(refused("an entry of its directory is cut off"));
    };
    let path = path_of(name, flags)?;
    let wrong = |why: &str| Err(refused(&format!("{} {why}", quoted(path))));
    if flags & !HARMLESS != 0 {
        return wrong(if flags & 1 == 1 {
            "is encrypted"
        } else {
            "has flags that no bundle needs"
        });
    }
    if method != 0 && method != 8 {
        return wrong("is compressed in a way that no bundle needs");
    }
    if [packed, bytes, header].contains(&u32::MAX) || disk != 0 {
        return wrong("has sizes or places in the form zip64, which no bundle needs");
    }
    if !comment.is_empty() {
        return wrong("has a comment");
    }
    check_extra(extra, path)?;
    let folder = path.ends_with('/');
    check_kind(made_by, attributes, folder, path)?;
    if folder && (bytes != 0 || packed > 2) {
        return wrong("is a folder with content");
    }
    if method == 0 && packed != bytes {
        return wrong("has two lengths, though it is not compressed");
    }
    Ok(Entry {
        path: path.strip_suffix('/').unwrap_or(path).to_owned(),
        kind: if folder { Kind::Folder } else { Kind::File },
        bytes: u64::from(bytes),
        packed: u64::from(packed),
        header: u64::from(header),
        data: 0,
        flags,
        method,
        crc,
        name: name.to_vec(),
    })
}

fn path_of(name: &[u8], flags: u16) -> Result<&str, Diagnostic> {
    let shown = || quoted(&String::from_utf8_lossy(name));
    match std::str::from_utf8(name) {
        Ok(path) if path.is_ascii() || flags & UTF8 != 0 => Ok(path),
        Ok(_) => Err(refused(&format!(
            "the name {} does not say that it is UTF-8",
            shown()
        ))),
        Err(_) => Err(refused(&format!("the name {} is not UTF-8", shown()))),
    }
}

/// The kind that the system says on which the archive was made: nothing but files and folders.
fn check_kind(made_by: u16, attributes: u32, folder: bool, path: &str) -> Result<(), Diagnostic> {
    const UNIX: [u16; 2] = [3, 19];
    let mode = if UNIX.contains(&(made_by >> 8)) {
        attributes >> 16
    } else {
        0
    };
    let what = match (mode & 0o170_000, folder) {
        (0 | 0o100_000, false) | (0 | 0o040_000, true) => return Ok(()),
        (0o120_000, _) => "a link",
        (0o040_000, false) | (0o100_000, true) => "a file and a folder",
        _ => "a device or something else that is neither file nor folder",
    };
    let message = format!("{} is {what}", quoted(path));
    Err(Diagnostic::error("not-a-file", message).help("a bundle has files and folders only"))
}

fn check_extra(extra: &[u8], path: &str) -> Result<(), Diagnostic> {
    let mut fields = Fields(extra);
    while !fields.0.is_empty() {
        let whole = fields.0.len() >= 4;
        let (id, length) = if whole {
            (fields.u16(), fields.u16())
        } else {
            (0, 0)
        };
        if !whole || fields.take(usize::from(length)).is_none() {
            return Err(refused(&format!(
                "{} has extra fields that are cut off",
                quoted(path)
            )));
        }
        if MEANINGFUL.contains(&id) {
            return Err(refused(&format!(
                "{} has an extra field that changes its name or size",
                quoted(path)
            )));
        }
    }
    Ok(())
}

/// Whether every file's own header agrees with the directory, and the files fill the place before it exactly.
fn check_places(file: &mut File, entries: &mut [Entry], directory: u64) -> Result<(), Diagnostic> {
    let mut expected = 0;
    let starts: Vec<u64> = entries
        .iter()
        .skip(1)
        .map(|e| e.header)
        .chain([directory])
        .collect();
    for (entry, next) in entries.iter_mut().zip(starts) {
        if entry.header != expected {
            let what = if entry.header < expected {
                "overlaps the one before it"
            } else {
                "has something before it"
            };
            return Err(refused(&format!("{} {what}", quoted(&entry.path))));
        }
        entry.data = local(file, entry, directory)?;
        let end = entry.data + entry.packed;
        expected = match next.checked_sub(end) {
            Some(after @ (12 | 16)) if entry.flags & AFTER != 0 => {
                check_descriptor(file, entry, end, after)?;
                next
            }
            _ => end,
        };
    }
    if expected == directory {
        Ok(())
    } else {
        Err(refused("its files don't end where its directory begins"))
    }
}

/// Compares a file's own header with the directory's entry; gives where its data begin.
fn local(file: &mut File, entry: &Entry, directory: u64) -> Result<u64, Diagnostic> {
    let disagree = || {
        refused(&format!(
            "{}: its header and the directory say different things",
            quoted(&entry.path)
        ))
    };
    let mut bytes = [0; 30];
    if entry.header + 30 > directory {
        return Err(disagree());
    }
    read_at(file, entry.header, &mut bytes)?;
    let mut fields = Fields(&bytes);
    let signature = fields.u32();
    let _needed = fields.u16();
    let (flags, method) = (fields.u16(), fields.u16());
    let _time = fields.u32();
    let sizes = [fields.u32(), fields.u32(), fields.u32()];
    let (name, extra) = (fields.u16(), fields.u16());
    let known = [u64::from(entry.crc), entry.packed, entry.bytes];
    let same_sizes = sizes.map(u64::from) == known || (flags & AFTER != 0 && sizes == [0; 3]);
    let same = signature == LOCAL && flags == entry.flags && method == entry.method && same_sizes;
    let data = entry.header + 30 + u64::from(name) + u64::from(extra);
    if !same || usize::from(name) != entry.name.len() || data + entry.packed > directory {
        return Err(disagree());
    }
    let mut rest = vec![0; usize::from(name) + usize::from(extra)];
    read_at(file, entry.header + 30, &mut rest)?;
    let (name, extra) = rest.split_at(usize::from(name));
    if name != entry.name {
        return Err(disagree());
    }
    check_extra(extra, &entry.path)?;
    Ok(data)
}

/// What follows the data of a file whose lengths were not known when its header was written.
fn check_descriptor(
    file: &mut File,
    entry: &Entry,
    at: u64,
    length: u64,
) -> Result<(), Diagnostic> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    read_at(file, at, &mut bytes)?;
    let mut fields = Fields(&bytes);
    let signed = length == 12 || fields.u32() == DESCRIPTOR;
    let sizes = [fields.u32(), fields.u32(), fields.u32()].map(u64::from);
    if signed && sizes == [u64::from(entry.crc), entry.packed, entry.bytes] {
        return Ok(());
    }
    Err(refused(&format!(
        "{}: what follows its data and the directory say different things",
        quoted(&entry.path)
    )))
}

/// Little-endian fields, read one after the other. Past the end they are 0: lengths are checked before.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> u16 {
        match self.take(2) {
            Some(&[a, b]) => u16::from_le_bytes([a, b]),
            _ => 0,
        }
    }

    fn u32(&mut self) -> u32 {
        u32::from(self.u16()) | u32::from(self.u16()) << 16
    }
}

fn begins_as_zip(file: &mut File) -> bool {
    let mut bytes = [0; 4];
    read_at(file, 0, &mut bytes).is_ok() && u32::from_le_bytes(bytes) == LOCAL
}

fn read_at(file: &mut File, at: u64, bytes: &mut [u8]) -> Result<(), Diagnostic> {
    file.seek(SeekFrom::Start(at)).map_err(|e| unreadable(&e))?;
    file.read_exact(bytes).map_err(|e| unreadable(&e))
}

fn unreadable(error: &io::Error) -> Diagnostic {
    Diagnostic::machine("unreadable", format!("the archive can't be read: {error}"))
}

fn not_a_zip() -> Diagnostic {
    Diagnostic::error("not-a-bundle", "it is not a zip")
}

fn refused(why: &str) -> Diagnostic {
    Diagnostic::error("unsafe-archive", format!("the archive is refused: {why}"))
        .help("`trialbook bundle` writes no such archive; unpack it with another tool at your own risk, and verify the folder")
}
