//! What a format's reader is to the rest of the room: named columns whose values come in pieces, as often as they are
//! asked for, so that a file need not fit into memory.

use std::fmt::Debug;

use crate::diagnostic::Diagnostics;

use super::raw::{Notes, RawColumn, RawData, RawTable};

/// A column before its values are read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Head {
    /// Its name, unique and not empty.
    pub name: String,
    /// What else the file says of it.
    pub notes: Notes,
}

/// Some rows that follow each other.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// The first row, from 0.
    pub first: usize,
    /// How many rows there are.
    pub height: usize,
    /// The values of the wanted columns, in the order in which they were asked for.
    pub columns: Vec<&'a RawData>,
}

/// A verified file, opened.
pub(super) trait Table: Debug + Send + Sync {
    /// The columns, in the order of the file.
    fn heads(&self) -> &[Head];

    /// Hands all rows, piece after piece in their order, to `take`; of the columns only the `wanted`. What the file has
    /// wrong is told at the first reading of all; a later one can only fail if the file has changed since.
    fn each(&self, wanted: &[usize], take: &mut dyn FnMut(&Piece<'_>)) -> Diagnostics;
}

/// A table that a reader made whole.
#[derive(Debug)]
pub(super) struct Whole {
    height: usize,
    heads: Vec<Head>,
    columns: Vec<RawData>,
}

impl From<RawTable> for Whole {
    fn from(table: RawTable) -> Self {
        let parts = table.columns.into_iter().map(|column| {
            let RawColumn { name, data, notes } = column;
            (Head { name, notes }, data)
        });
        let (heads, columns) = parts.unzip();
        Self {
            height: table.height,
            heads,
            columns,
        }
    }
}

impl Table for Whole {
    fn heads(&self) -> &[Head] {
        &self.heads
    }

    fn each(&self, wanted: &[usize], take: &mut dyn FnMut(&Piece<'_>)) -> Diagnostics {
        let columns = wanted.iter().filter_map(|i| self.columns.get(*i));
        take(&Piece {
            first: 0,
            height: self.height,
            columns: columns.collect(),
        });
        Diagnostics::new()
    }
}
