//! The lengths that a file's messages state, compared with what is there, before a reader makes room for them.

use std::io::Cursor;

use polars_arrow::io::ipc::format::ipc::planus::ReadAsRoot;
use polars_arrow::io::ipc::format::ipc::{MessageHeaderRef, MessageRef, RecordBatchRef};
use polars_arrow::io::ipc::read::read_file_metadata;

/// How many times longer than its packed form a buffer may become, if it is longer than [`SMALL`].
const MOST_RATIO: usize = 1000;
const SMALL: usize = 64 << 20;
/// How many rows a part may have without bits to show for them, as columns without any value have.
const MOST_EMPTY: usize = 10_000_000;

type Result<T> = std::result::Result<T, String>;

/// Checks all parts that the footer of a file names.
pub(super) fn file(bytes: &[u8]) -> Result<()> {
    let metadata = read_file_metadata(&mut Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let dictionaries = metadata.dictionaries.iter().flatten();
    for block in dictionaries.chain(&metadata.blocks) {
        let at = usize::try_from(block.offset).map_err(|_| WRONG)?;
        let length = usize::try_from(block.meta_data_length).map_err(|_| WRONG)?;
        let Some((message, _)) = message(bytes, at)? else {
            return Err(WRONG.to_owned());
        };
        check(&message, bytes, at.checked_add(length).ok_or(WRONG)?)?;
    }
    Ok(())
}

const WRONG: &str = "its parts are not where it says";

/// Checks the messages of a stream one after another.
pub(super) fn stream(bytes: &[u8]) -> Result<()> {
    let mut at = 0;
    while let Some((message, start)) = message(bytes, at)? {
        let body = check(&message, bytes, start)?;
        at = start.checked_add(body).ok_or(WRONG)?;
    }
    Ok(())
}

/// The message at that place, and where its body begins; none at the end.
fn message(bytes: &[u8], at: usize) -> Result<Option<(MessageRef<'_>, usize)>> {
    let four = |at: usize| bytes.get(at..).and_then(|b| b.first_chunk::<4>());
    let Some(mut head) = four(at) else {
        return Ok(None);
    };
    let mut start = at + 4;
    if *head == super::CONTINUATION {
        head = four(start).ok_or(WRONG)?;
        start += 4;
    }
    let length = usize::try_from(i32::from_le_bytes(*head)).map_err(|_| WRONG)?;
    if length == 0 {
        return Ok(None);
    }
    let metadata = bytes.get(start..).and_then(|b| b.get(..length));
    let message = MessageRef::read_as_root(metadata.ok_or(WRONG)?).map_err(|e| e.to_string())?;
    Ok(Some((message, start + length)))
}

/// Checks one message, whose body begins at `start`; gives the body's length.
fn check(message: &MessageRef<'_>, bytes: &[u8], start: usize) -> Result<usize> {
    let failed = |e| format!("a part of it can't be understood: {e}");
    let length = message.body_length().map_err(failed)?;
    let length = usize::try_from(length).map_err(|_| WRONG)?;
    let body = bytes.get(start..).and_then(|b| b.get(..length));
    let body = body.ok_or(WRONG)?;
    match message.header().map_err(failed)? {
        Some(MessageHeaderRef::RecordBatch(batch)) => check_batch(batch, body)?,
        Some(MessageHeaderRef::DictionaryBatch(dictionary)) => {
            if let Some(batch) = dictionary.data().map_err(failed)? {
                check_batch(batch, body)?;
            }
        }
        _ => {}
    }
    Ok(length)
}

fn check_batch(batch: RecordBatchRef<'_>, body: &[u8]) -> Result<()> {
    let failed = |e| format!("a part of it can't be understood: {e}");
    let packed = batch.compression().map_err(failed)?.is_some();
    let mut total = 0_usize;
    for buffer in batch.buffers().map_err(failed)?.into_iter().flatten() {
        let offset = usize::try_from(buffer.offset()).map_err(|_| WRONG)?;
        let length = usize::try_from(buffer.length()).map_err(|_| WRONG)?;
        let part = body.get(offset..).and_then(|b| b.get(..length));
        let part = part.ok_or(WRONG)?;
        let room = match part.first_chunk::<8>().filter(|_| packed) {
            // A negative length says that the buffer is not packed.
            Some(stated) => usize::try_from(i64::from_le_bytes(*stated)).unwrap_or(length),
            None => length,
        };
        if room > SMALL && room / MOST_RATIO > length {
            return Err("a part of it is packed too tightly".to_owned());
        }
        total = total.saturating_add(room);
    }
    let most = total.saturating_mul(8).max(MOST_EMPTY);
    let fits = |rows: i64| usize::try_from(rows).is_ok_and(|rows| rows <= most);
    let mut lengths = vec![batch.length().map_err(failed)?];
    for node in batch.nodes().map_err(failed)?.into_iter().flatten() {
        lengths.push(node.length());
        lengths.push(node.null_count());
    }
    if lengths.into_iter().all(fits) {
        Ok(())
    } else {
        Err("a part of it says that it has more rows than it has room for".to_owned())
    }
}
