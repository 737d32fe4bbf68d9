//! Documents printed: one file an output format.
//!
//! [`typst::source`] writes a [`Document`](crate::document::Document) as a folder of Typst source that stands alone;
//! [`pdf`] runs the embedded engine over such a folder. Neither reads a file, asks the clock or uses the network.

mod engine;
mod pages;
mod pdf;
pub mod typst;

pub use pages::{PlacedText, placed_texts};
pub use pdf::{Attachment, Relationship, pdf};
