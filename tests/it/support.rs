//! What several topics share.

pub mod expected;
