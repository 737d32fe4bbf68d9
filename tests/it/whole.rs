//! The whole program, in small projects of their own: what it does, what it says, and with which status it ends.

mod broken;
mod commands;
mod determinism;
mod exit_status;
mod fingerprints;
mod literal;
pub mod trial;
