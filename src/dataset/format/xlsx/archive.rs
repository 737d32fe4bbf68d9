//! The zip that a workbook is: counted before anything in it is read.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::diagnostic::Diagnostic;

/// The most bytes that all parts of a workbook may unpack to.
const MOST: u64 = 2 << 30;
/// A part larger than this must not be compressed more than [`RATIO`] times.
const SMALL: u64 = 64 << 20;
const RATIO: u64 = 1000;
const MOST_PARTS: usize = 10_000;

/// Refuses a workbook that unpacks to too much, or to other sizes than it declares.
pub(super) fn check(path: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        let message = format!("`{path}` is encrypted, or a workbook of Excel before 2007");
        return Err(Diagnostic::error("bad-xlsx", message)
            .help("save it without a password as .xlsx, or better as CSV"));
    }
    let broken = |why: &dyn std::fmt::Display| super::cells::unreadable(path, &why.to_string());
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(&e))?;
    if zip.len() > MOST_PARTS {
        return Err(bomb(path, &format!("has {} parts", zip.len())));
    }
    let mut total: u64 = 0;
    for index in 0..zip.len() {
        let entry = zip.by_index(index).map_err(|e| broken(&e))?;
        let (declared, packed) = (entry.size(), entry.compressed_size());
        if declared > SMALL && declared / RATIO > packed {
            return Err(bomb(path, "has a part that is packed too tightly"));
        }
        if total.saturating_add(declared) > MOST {
            return Err(bomb(path, "would unpack to more than 2 GiB"));
        }
        // One byte more, so that a part that is longer than it says is noticed.
        let mut limited = entry.take(declared.saturating_add(1));
        let found = std::io::copy(&mut limited, &mut std::io::sink()).map_err(|e| broken(&e))?;
        if found != declared {
            return Err(broken(&"a part has another length than the archive says"));
        }
        total += found;
    }
    Ok(())
}

fn bomb(path: &str, what: &str) -> Diagnostic {
    Diagnostic::error("too-large", format!("`{path}` is refused: it {what}"))
        .help("if it is what it should be, save it as CSV or Parquet")
}
