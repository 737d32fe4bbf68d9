//! trialbook: literate, reproducible reports of clinical trials.
//!
//! The data takes one way through the house and never turns back:
//!
//! ```text
//! data-manifest.toml ─► Manifest ─► Dataset (hash verified, typed)
//! reports/X/report.md ─► Report (prose + Directives, every one with its byte span)
//!         Manifest + Report ─► Plan (Steps with Fingerprints, in order)
//!         Step ─► Analysis ─► Statistics          ← full-precision numbers, no formatting
//!         Statistics ─► Artefact (Table, ForestPlot, FlowDiagram, …)   ← still numbers
//!         Artefacts + JournalStyle ─► Document    ← the only place where a number becomes text
//!         Document ─► render: Typst and PDF
//!         everything ─► Provenance ─► Trace, Bundle
//! ```
//!
//! Invariants, tested in `tests/it/architecture.rs` as far as a test can:
//!
//! 1. `use crate::` edges go one way, in the order of ARCHITECTURE.md; [`stats`] imports nothing of the crate.
//! 2. A number is rounded in `style/number.rs` and nowhere else.
//! 3. Between stages go types, never JSON values or string-keyed maps.
//! 4. No clock, random state, environment or hash-map order reaches an output: time is injected, seeds are derived for
//!    each step from the report's seed and the step's label, maps are ordered.
//! 5. The core returns a value with [`diagnostic::Diagnostics`] and reports everything wrong at once; it does not
//!    print, exit or panic on input.
//! 6. A directive is one file in `analysis/` and one line in its registry; a journal is a folder in `templates/`.
//! 7. A [`plan::Step`] is a pure function of its serialised form and the bytes of its inputs.
//! 8. The only file access of a report is below the project root; nothing goes to the network but
//!    [`fetch`].

pub mod activity;
pub mod analysis;
pub mod artefact;
pub mod bundle;
pub mod claims;
pub mod cli;
pub mod dataset;
pub mod describe;
pub mod diagnostic;
pub mod diff;
pub mod document;
pub mod fetch;
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
pub mod trace;
pub mod verify;
