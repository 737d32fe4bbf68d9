//! Files beside files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};

use serde::Serialize;

use super::tree::{Tree, unreadable};
use crate::diagnostic::Diagnostic;

/// What only the actual run knows: it is never compared.
pub(super) const RUN_LOG: &str = "run-log.json";

/// An output, compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputFile {
    /// Its path below `build/REPORT/`.
    pub path: String,
    /// How it compares.
    #[serde(flatten)]
    pub state: OutputState,
}

/// How an output compares with what came out again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum OutputState {
    /// Byte by byte the same.
    Identical,
    /// Not the same.
    Different {
        /// How long the recorded one is.
        recorded_bytes: u64,
        /// How long the one is that came out.
        recomputed_bytes: u64,
        /// The first byte that differs, counted from 0.
        first_difference: u64,
    },
    /// It came out, but is not recorded.
    NotRecorded,
    /// It is recorded, but did not come out.
    NotRecomputed,
}

/// Compares what is in a folder with what came out, in order of path.
pub(super) fn compare(
    recorded: &Tree,
    recomputed: &BTreeMap<String, Vec<u8>>,
) -> Result<Vec<OutputFile>, Diagnostic> {
    let paths: BTreeSet<&String> = recorded.files.keys().chain(recomputed.keys()).collect();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths.into_iter().filter(|p| *p != RUN_LOG) {
        let state = match (recorded.files.get(path), recomputed.get(path)) {
            (Some(_), None) => OutputState::NotRecomputed,
            (None, _) => OutputState::NotRecorded,
            (Some(length), Some(bytes)) => {
                let first = first_difference(recorded, path, bytes)
                    .map_err(|e| unreadable(&recorded.place(path), &e))?;
                match first {
                    None => OutputState::Identical,
                    Some(first_difference) => OutputState::Different {
                        recorded_bytes: *length,
                        recomputed_bytes: bytes.len() as u64,
                        first_difference,
                    },
                }
            }
        };
        let path = path.clone();
        files.push(OutputFile { path, state });
    }
    Ok(files)
}

/// The place of the first byte that differs; none if there is none.
fn first_difference(tree: &Tree, path: &str, bytes: &[u8]) -> io::Result<Option<u64>> {
    let mut file = File::open(tree.place(path))?;
    let mut buffer = vec![0; 64 << 10];
    let mut rest = bytes;
    let mut before = 0;
    loop {
        let count = file.read(&mut buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        let same = read.iter().zip(rest).take_while(|(a, b)| a == b).count();
        before += same as u64;
        if same < count || count == 0 {
            return Ok((same < count || same < rest.len()).then_some(before));
        }
        rest = rest.get(same..).unwrap_or_default();
    }
}
