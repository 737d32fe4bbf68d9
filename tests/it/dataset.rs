//! Datasets: opened, verified, typed, checked against their codebooks, and queried.

mod btheb;
mod codebook;
mod hostile;
mod large;
mod open;
mod parquet;
mod sql;
mod text;
