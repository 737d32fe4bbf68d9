//! Files of every format, read from any bytes: `cargo install cargo-fuzz`, then for one format
//!
//! ```text
//! cargo +nightly fuzz run --fuzz-dir tests/fuzz csv FOLDER -- -max_total_time=3600 -rss_limit_mb=4096
//! ```
//!
//! FOLDER has files to begin with, such as those in `tests/reference/data/formats`. On a stable toolchain add `-s none`.
//! The bounded fuzz tests that run with all others are in `tests/it/dataset/hostile*.rs`.

use trialbook::dataset::{Dataset, DatasetId};

/// Reads `bytes` as the content of a file of that name, and uses what comes of it.
pub fn read(path: &str, bytes: &[u8]) {
    let id = DatasetId {
        name: "x".to_owned(),
        version: "1.0.0".to_owned(),
    };
    let (dataset, diagnostics) = Dataset::from_bytes(id, path, bytes, None);
    assert_eq!(dataset.is_none(), diagnostics.has_errors());
    let Some(dataset) = dataset else { return };
    let names: Vec<String> = dataset
        .schema()
        .names()
        .take(50)
        .map(str::to_owned)
        .collect();
    let frame = dataset.frame(Some("1 = 1"), &[], &names);
    assert_eq!(frame.map(|f| f.height()), Ok(dataset.height()));
}
