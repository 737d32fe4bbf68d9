//! Datasets: opened, verified, typed, checked against their codebooks, and queried.

mod btheb;
