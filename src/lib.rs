//! trialbook: literate, reproducible reports of clinical trials.

pub mod stats;
