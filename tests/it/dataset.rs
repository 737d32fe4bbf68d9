//! Datasets: opened, verified, typed, checked against their codebooks, and queried.

mod arrow;
mod btheb;
mod codebook;
mod draft;
mod formats;
mod hostile;
mod hostile_formats;
mod large;
mod open;
mod parquet;
mod sql;
mod text;
pub mod xlsx;
