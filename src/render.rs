//! Documents printed: one file an output format.
//!
//! [`results_json`] and [`results_csv`] write the numbers themselves.
//! [`typst::source`] writes a [`Document`](crate::document::Document) as a folder of Typst source that stands alone;
//! [`pdf`] runs the embedded engine over such a folder. Neither reads a file, asks the clock or uses the network.

mod engine;
mod pages;
mod pdf;
mod results_csv;
mod results_json;
pub mod typst;

pub use pages::{PlacedText, placed_texts};
pub use pdf::{Attachment, Relationship, pdf};
pub use results_csv::results_csv;
pub use results_json::{StatisticRecord, results_json};
