//! Arrow IPC: files (.arrow, .feather of version 2) and streams (.arrows), told apart by their first bytes, plain or
//! compressed with LZ4 or Zstandard. The types of Parquet, dictionaries as texts; nested columns are refused.

mod lengths;

use std::io::Cursor;

use polars::prelude::{Column, DataFrame, IntoColumn, PolarsResult};
use polars_arrow::io::ipc::read::{
    FileReader, StreamReader, StreamState, read_file_metadata, read_stream_metadata,
};
use polars_arrow::record_batch::RecordBatch;

use crate::diagnostic::{Diagnostic, Diagnostics};

use crate::dataset::bridge::{self, Refused};
use crate::dataset::guard::guarded;
use crate::dataset::raw::{Notes, RawColumn, RawTable};

use super::columns::{check_names, refusal, series};

/// The code of a file that can't be read.
const CODE: &str = "bad-arrow";

/// How a file begins and ends; a stream begins with the mark of its first message.
const FILE: &[u8] = b"ARROW1";
const CONTINUATION: [u8; 4] = [0xff; 4];
/// How a stream ends: a message without length.
const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Reads `bytes`; `path` is for messages.
pub(super) fn read(path: &str, bytes: &[u8]) -> (Option<RawTable>, Diagnostics) {
    let refuse = |why: &str, help: &str| {
        let message = format!("`{path}` can't be read as Arrow IPC: {why}");
        let diagnostic = Diagnostic::error(CODE, message).help(help.to_owned());
        (None, Diagnostics::from(diagnostic))
    };
    let cut = "the file may be cut off, or not be Arrow IPC at all";
    let parsed = if bytes.starts_with(FILE) {
        if !bytes.ends_with(FILE) {
            return refuse("it does not end as it begins", cut);
        }
        guarded(|| {
            lengths::file(bytes)?;
            file(bytes).map_err(|e| e.to_string())
        })
    } else if bytes.starts_with(b"FEA1") {
        return refuse(
            "it is Feather of version 1",
            "write it anew as Feather 2, Parquet or CSV",
        );
    } else if bytes.starts_with(&CONTINUATION) {
        // A stream may end without a mark; but then nobody can tell whether all of it is there.
        if !bytes.ends_with(&END) {
            return refuse("the stream has no end mark, so that rows may be lost", cut);
        }
        guarded(|| {
            lengths::stream(bytes)?;
            stream(bytes).map_err(|e| e.to_string())
        })
    } else {
        return refuse("it does not begin as a file or a stream", cut);
    };
    match parsed {
        Ok(frame) => table(path, &frame),
        Err(why) => refuse(&why, cut),
    }
}

fn file(bytes: &[u8]) -> PolarsResult<DataFrame> {
    let mut cursor = Cursor::new(bytes);
    let metadata = read_file_metadata(&mut cursor)?;
    together(FileReader::new(cursor, metadata, None, None))
}

fn stream(bytes: &[u8]) -> PolarsResult<DataFrame> {
    let mut cursor = Cursor::new(bytes);
    let metadata = read_stream_metadata(&mut cursor)?;
    let states = StreamReader::new(cursor, metadata, None);
    // It waits where the bytes are at their end.
    together(states.map_while(|state| match state {
        Ok(StreamState::Some(batch)) => Some(Ok(batch)),
        Ok(StreamState::Waiting) => None,
        Err(error) => Some(Err(error)),
    }))
}

fn together(batches: impl Iterator<Item = PolarsResult<RecordBatch>>) -> PolarsResult<DataFrame> {
    let mut whole: Option<DataFrame> = None;
    for batch in batches {
        let part = frame(batch?)?;
        match &mut whole {
            None => whole = Some(part),
            Some(whole) => {
                whole.vstack_mut(&part)?;
            }
        }
    }
    Ok(whole.unwrap_or_default())
}

/// The columns of a batch.
fn frame(batch: RecordBatch) -> PolarsResult<DataFrame> {
    let height = batch.height();
    let (schema, arrays) = batch.into_schema_and_arrays();
    let columns = schema.iter_values().zip(arrays);
    let columns = columns.map(|(field, array)| Ok(series(field, vec![array])?.into_column()));
    DataFrame::new(height, columns.collect::<PolarsResult<Vec<Column>>>()?)
}

fn table(path: &str, frame: &DataFrame) -> (Option<RawTable>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let height = frame.height();
    if frame.width() == 0 || height == 0 {
        let message = format!("`{path}` has no rows");
        return (None, Diagnostic::error("no-rows", message).into());
    }
    diagnostics.extend(check_names(
        path,
        frame.columns().iter().map(|c| c.name().as_str()),
    ));
    let mut columns = Vec::with_capacity(frame.width());
    for column in frame.columns() {
        let name = column.name().to_string();
        match guarded(|| Ok::<_, String>(bridge::from_polars(column))) {
            Ok(Ok(data)) => columns.push(RawColumn {
                name,
                data,
                notes: Notes::default(),
            }),
            Ok(Err(refused)) => diagnostics.push(refusal(path, &name, CODE, refused)),
            Err(why) => diagnostics.push(refusal(path, &name, CODE, Refused::Failed(why))),
        }
    }
    let table = RawTable { height, columns };
    ((!diagnostics.has_errors()).then_some(table), diagnostics)
}
