//! Pure numerics: slices and matrices in, result structs out. Imports nothing of the crate.
//!
//! Every function takes finite numbers and says so with a [`StatsError`] where it gets others: missing values are
//! the caller's to drop and to count. A statistic that is undefined for its data is an error too, never NaN.
//!
//! Models take data with missing values ([`model_data`]) and a formula ([`formula`]); their [`model_frame`] says which
//! rows remain.

pub mod adjust;
pub mod anova;
pub mod contingency;
pub mod contrast;
pub mod design;
pub mod distribution;
pub mod effect_size;
pub mod error;
pub mod formula;
pub mod interval;
pub mod linear;
pub mod missingness;
pub mod mixed;
pub mod mmrm;
pub mod model_data;
pub mod model_error;
pub mod model_frame;
pub mod multivariate_t;
pub mod rank_test;
pub mod reliability;
pub mod reliable_change;
mod root;
mod special;
pub mod standardised;
pub mod summary;
pub mod t_test;
pub mod transform;

pub use error::StatsError;
