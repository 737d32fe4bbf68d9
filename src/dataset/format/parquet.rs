//! Apache Parquet, by polars' reader. Text, numbers, truth values, days and times; nested columns are refused.

use std::collections::BTreeSet;
use std::io::Cursor;

use polars::prelude::{DataFrame, PolarsResult};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use crate::diagnostic::{Diagnostic, Diagnostics};

use crate::dataset::bridge::{self, Refused};
use crate::dataset::guard::guarded;
use crate::dataset::raw::{Notes, RawColumn, RawTable, shown};

/// Reads `bytes`; `path` is for messages.
pub(super) fn read(path: &str, bytes: &[u8]) -> (Option<RawTable>, Diagnostics) {
    let frame = match guarded(|| parse(bytes)) {
        Ok(frame) => frame,
        Err(why) => {
            let message = format!("`{path}` can't be read as Parquet: {why}");
            let diagnostic = Diagnostic::error("bad-parquet", message)
                .help("the file may be cut off, or not be Parquet at all");
            return (None, diagnostic.into());
        }
    };
    let mut diagnostics = Diagnostics::new();
    let height = frame.height();
    if frame.width() == 0 || height == 0 {
        let message = format!("`{path}` has no rows");
        return (None, Diagnostic::error("no-rows", message).into());
    }
    let mut names = BTreeSet::new();
    let mut columns = Vec::with_capacity(frame.width());
    for column in frame.columns() {
        let name = column.name().to_string();
        if name.trim().is_empty() || !names.insert(name.clone()) {
            let message = format!(
                "`{path}` has a column without a name of its own: {}",
                shown(&name)
            );
            diagnostics.push(Diagnostic::error("bad-header", message));
            continue;
        }
        match bridge::from_polars(column) {
            Ok(data) => columns.push(RawColumn {
                name,
                data,
                notes: Notes::default(),
            }),
            Err(refused) => diagnostics.push(refusal(path, &name, refused)),
        }
    }
    let table = RawTable { height, columns };
    ((!diagnostics.has_errors()).then_some(table), diagnostics)
}

fn refusal(path: &str, name: &str, refused: Refused) -> Diagnostic {
    let column = format!("the column {} of `{path}`", shown(name));
    match refused {
        Refused::Type(found) => Diagnostic::error(
            "unknown-type",
            format!("{column} has the type {found}, which can't be read"),
        )
        .help("store numbers, texts, truth values or dates, one value a cell"),
        Refused::TooLarge(examples) => {
            let message = format!(
                "{column} has whole numbers beyond 2^53, which can't be held exactly: {}",
                examples.text()
            );
            Diagnostic::error("not-exact", message).help("store what identifies something as text")
        }
        Refused::Failed(why) => {
            Diagnostic::error("bad-parquet", format!("{column} can't be read: {why}"))
        }
    }
}

fn parse(bytes: &[u8]) -> PolarsResult<DataFrame> {
    ParquetReader::new(Cursor::new(bytes)).finish()
}
