//! The zip around the bag: the same bytes for the same files, whatever the system and the clock.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::time::BuildTime;

/// Writes files (by path) into a zip, all below the folder `top`, in order of path: deflated at a fixed level, mode
/// 0644, their time the injected one, which a zip keeps in steps of two seconds between 1980 and 2107.
pub fn write(
    top: &str,
    files: &BTreeMap<String, Vec<u8>>,
    time: BuildTime,
) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .unix_permissions(0o644)
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(6))
            .large_file(bytes.len() as u64 >= u64::from(u32::MAX))
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
