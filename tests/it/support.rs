//! What several topics share.

pub mod drawing;
pub mod expected;
pub mod models;
