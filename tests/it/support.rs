//! What several topics share.

pub mod directive;
pub mod drawing;
pub mod expected;
pub mod mixed;
pub mod models;
pub mod project;
pub mod repeated;
pub mod watched;
