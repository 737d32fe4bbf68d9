//! Pure numerics: slices and matrices in, result structs out. Imports nothing of the crate.
//!
//! Every function takes finite numbers and says so with a [`StatsError`] where it gets others: missing values are
//! the caller's to drop and to count. A statistic that is undefined for its data is an error too, never NaN.

pub mod error;
pub mod summary;

pub use error::StatsError;
