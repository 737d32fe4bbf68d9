//! What several topics share.

pub mod expected;
pub mod models;
