//! The zip around the bag: the same bytes for the same files, whatever the system and the clock.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::time::BuildTime;

/// The most files of a bundle.
pub const MAX_FILES: usize = 20_000;
/// The most bytes of a bundle, packed or not.
pub const MAX_BYTES: u64 = 2 << 30;
/// How many times longer a file may be than its compressed form, if it is longer than [`SMALL`]: what is beyond that
/// could as well be made to fill disks.
pub const MAX_RATIO: u64 = 200;
/// Bytes of a file whose ratio is nobody's concern.
pub const SMALL: u64 = 4 << 20;

/// Why files are too much for a bundle; none where they aren't.
pub fn too_much(files: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let bytes: u64 = files.values().map(|b| b.len() as u64).sum();
    if files.len() > MAX_FILES {
        return Some(format!(
            "it would hold {} files, and a bundle holds at most {MAX_FILES}",
            files.len()
        ));
    }
    // Packed files have headers, which count too.
    let most = MAX_BYTES - MAX_BYTES / 64;
    (bytes > most)
        .then(|| format!("it would hold {bytes} bytes, and a bundle holds at most {most}"))
}

/// Deflated, unless that made the file so short that it looked like one made to fill disks.
fn method(bytes: &[u8]) -> Result<CompressionMethod, zip::result::ZipError> {
    if bytes.len() as u64 <= SMALL {
        return Ok(CompressionMethod::Deflated);
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL));
    zip.start_file("x", deflated)?;
    zip.write_all(bytes)?;
    // Half of what is allowed, so that the headers in it make no difference.
    let packed = zip.finish()?.into_inner().len() as u64;
    Ok(match bytes.len() as u64 / packed.max(1) {
        0..100 => CompressionMethod::Deflated,
        _ => CompressionMethod::Stored,
    })
}

/// The level of compression.
const LEVEL: i64 = 6;

/// Writes files (by path) into a zip, all below the folder `top`, in order of path: deflated at a fixed level (stored
/// where that packs too well to be trusted), mode 0644, their time the injected one, which a zip keeps in steps of two seconds between 1980 and 2107.
pub fn write(
    top: &str,
    files: &BTreeMap<String, Vec<u8>>,
    time: BuildTime,
) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        let method = method(bytes)?;
        let level = (method == CompressionMethod::Deflated).then_some(LEVEL);
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .unix_permissions(0o644)
            .compression_method(method)
            .compression_level(level)
            .last_modified_time(dos_time(time));
        zip.start_file(format!("{top}/{path}"), options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn dos_time(time: BuildTime) -> DateTime {
    let civil = time.civil();
    let year = u16::try_from(civil.year).unwrap_or_default();
    let within = DateTime::from_date_and_time(
        year,
        civil.month,
        civil.day,
        civil.hour,
        civil.minute,
        civil.second,
    );
    let edge = || match year {
        2108.. => DateTime::from_date_and_time(2107, 12, 31, 23, 59, 58),
        _ => DateTime::from_date_and_time(1980, 1, 1, 0, 0, 0),
    };
    within.or_else(|_| edge()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Cursor;

    use zip::CompressionMethod;

    use super::{MAX_FILES, SMALL, too_much, write};
    use crate::time::BuildTime;

    #[test]
    fn what_packs_too_well_is_stored() {
        let size = usize::try_from(SMALL).unwrap();
        let files = BTreeMap::from([
            ("a".to_owned(), vec![0; size + 1]),
            ("b".to_owned(), vec![0; size]),
        ]);
        let zip = write("x", &files, BuildTime::from_days(20_000)).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        let mut method = |name: &str| zip.by_name(name).unwrap().compression();
        assert_eq!(method("x/a"), CompressionMethod::Stored);
        assert_eq!(method("x/b"), CompressionMethod::Deflated);
    }

    #[test]
    fn too_many_files_are_too_much() {
        let many = |n: usize| (0..n).map(|i| (i.to_string(), Vec::new())).collect();
        assert_eq!(too_much(&many(MAX_FILES)), None);
        assert!(too_much(&many(MAX_FILES + 1)).is_some());
    }
}
