//! Apache Parquet, by polars' decoder, a part of a row group at a time. Text, numbers, truth values, days and times;
//! nested columns are refused.

use std::collections::BTreeMap;
use std::io::Cursor;

use polars::prelude::{IntoColumn, PolarsError, PolarsResult, Series};
use polars_buffer::Buffer;
use polars_parquet::read::{
    BasicDecompressor, FileMetadata, Filter, PageReader, RowGroupMetadata, column_iter_to_arrays,
    infer_schema, read_metadata,
};

use crate::dataset::bridge::{self, Refused};
use crate::dataset::content::Content;
use crate::dataset::guard::guarded;
use crate::dataset::raw::{Notes, RawData};
use crate::dataset::table::{Head, Piece, Table};
use crate::diagnostic::{Diagnostic, Diagnostics};

use super::columns::{check_names, refusal, series};

/// How many rows are handed on at once, at most.
const PIECE_ROWS: usize = 1 << 19;

/// The largest page that is decoded, in bytes; writers make pages of a few megabytes.
const LARGEST_PAGE: usize = 1 << 30;

/// A Parquet file.
pub(super) struct Parquet {
    path: String,
    content: Content,
    metadata: FileMetadata,
    heads: Vec<Head>,
}

impl std::fmt::Debug for Parquet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parquet")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Opens a file: reads what it says about itself. `path` is for messages.
pub(super) fn open(path: &str, content: Content) -> (Option<Parquet>, Diagnostics) {
    let opened = guarded(|| {
        let metadata = read_metadata(&mut content.reader())?;
        let schema = infer_schema(&metadata)?;
        let names: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
        PolarsResult::Ok((metadata, names))
    });
    let (metadata, names) = match opened {
        Ok(opened) => opened,
        Err(why) => return (None, unreadable(path, &why).into()),
    };
    let height: usize = heights(&metadata).sum();
    if names.is_empty() || height == 0 {
        let message = format!("`{path}` has no rows");
        return (None, Diagnostic::error("no-rows", message).into());
    }
    // Every row takes memory, whatever the file has of it.
    if u32::try_from(height).is_err() {
        let message = format!("`{path}` says that it has {height} rows, more than can be used");
        return (None, Diagnostic::error("bad-parquet", message).into());
    }
    let diagnostics = check_names(path, names.iter().map(String::as_str));
    if diagnostics.has_errors() {
        return (None, diagnostics);
    }
    let head = |name| Head {
        name,
        notes: Notes::default(),
    };
    let parquet = Parquet {
        path: path.to_owned(),
        heads: names.into_iter().map(head).collect(),
        content,
        metadata,
    };
    (Some(parquet), diagnostics)
}

fn heights(metadata: &FileMetadata) -> impl Iterator<Item = usize> + '_ {
    metadata.row_groups.iter().map(RowGroupMetadata::num_rows)
}

fn unreadable(path: &str, why: &str) -> Diagnostic {
    let message = format!("`{path}` can't be read as Parquet: {why}");
    Diagnostic::error("bad-parquet", message)
        .help("the file may be cut off, or not be Parquet at all")
}

impl Table for Parquet {
    fn heads(&self) -> &[Head] {
        &self.heads
    }

    fn each(&self, wanted: &[usize], take: &mut dyn FnMut(&Piece<'_>)) -> Diagnostics {
        let mut refused: BTreeMap<usize, Refused> = BTreeMap::new();
        let mut before = 0;
        for group in &self.metadata.row_groups {
            let mut start = 0;
            while start < group.num_rows() {
                let end = (start + PIECE_ROWS).min(group.num_rows());
                let found = match self.piece(group, start..end, before, wanted) {
                    Ok(found) => found,
                    Err(diagnostic) => return diagnostic.into(),
                };
                let mut columns = Vec::with_capacity(found.len());
                for (index, column) in wanted.iter().zip(found) {
                    match column {
                        Ok(data) => columns.push(data),
                        Err(why) => {
                            refused.entry(*index).or_insert(why);
                        }
                    }
                }
                // A column that can't be used makes the rest useless: only what else is wrong is of interest.
                if refused.is_empty() {
                    take(&Piece {
                        first: before + start,
                        height: end - start,
                        columns: columns.iter().collect(),
                    });
                }
                start = end;
            }
            before += group.num_rows();
        }
        let refusals = refused.into_iter().map(|(index, why)| {
            let name = self.heads.get(index).map_or("", |h| h.name.as_str());
            refusal(&self.path, name, "bad-parquet", why)
        });
        refusals.collect()
    }
}

impl Parquet {
    /// The wanted columns of some rows of a group; `before` is how many rows come before the group.
    fn piece(
        &self,
        group: &RowGroupMetadata,
        rows: std::ops::Range<usize>,
        before: usize,
        wanted: &[usize],
    ) -> Result<Vec<Result<RawData, Refused>>, Diagnostic> {
        let read = |index: &usize| -> PolarsResult<Result<RawData, Refused>> {
            let name = self.heads.get(*index).map_or("", |h| h.name.as_str());
            let column = self.decode(group, name, &rows)?.into_column();
            Ok(bridge::from_polars_piece(&column, before + rows.start))
        };
        let found = guarded(|| {
            use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};
            wanted
                .par_iter()
                .map(read)
                .collect::<PolarsResult<Vec<_>>>()
        });
        found.map_err(|why| unreadable(&self.path, &why))
    }

    fn decode(
        &self,
        group: &RowGroupMetadata,
        name: &str,
        rows: &std::ops::Range<usize>,
    ) -> PolarsResult<Series> {
        let wrong = |what: &str| PolarsError::ComputeError(format!("`{name}` {what}").into());
        let schema = infer_schema(&self.metadata)?;
        let field = schema.get(name).ok_or_else(|| wrong("is not there"))?;
        let parts = group
            .columns_under_root_iter(name)
            .ok_or_else(|| wrong("is missing in a row group"))?;
        let mut columns = Vec::with_capacity(parts.len());
        let mut types = Vec::with_capacity(parts.len());
        for part in parts {
            let bytes = self.content.range(part.byte_range())?;
            let bytes = Cursor::new(Buffer::from(bytes));
            let pages = PageReader::new(bytes, part, Vec::new(), LARGEST_PAGE);
            columns.push(BasicDecompressor::new(pages, Vec::new()));
            types.push(&part.descriptor().descriptor.primitive_type);
        }
        let filter = Filter::new_ranged(rows.start, rows.end);
        let (arrays, _) = column_iter_to_arrays(columns, types, field.clone(), Some(filter))?;
        let series = series(field, arrays)?;
        if series.len() == rows.len() {
            Ok(series)
        } else {
            Err(wrong("does not have a value for each row"))
        }
    }
}
