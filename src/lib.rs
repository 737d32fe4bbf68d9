//! trialbook: literate, reproducible reports of clinical trials.

pub mod analysis;
pub mod artefact;
pub mod cli;
pub mod dataset;
pub mod diagnostic;
pub mod document;
pub mod figure;
pub mod manifest;
pub mod plan;
pub mod program;
pub mod project;
pub mod provenance;
pub mod reader;
pub mod render;
pub mod report;
pub mod statistic;
pub mod stats;
pub mod style;
pub mod time;
