//! What the authors say about sharing the data: the five parts that the ICMJE asks for (Taichman et al 2017).
//!
//! ```toml
//! [sharing]
//! available = "yes"         # will individual participant data be available (with data dictionaries)? yes, no, undecided
//! data = "…"                # what data in particular
//! documents = "…"           # what other documents: protocol, analysis plan, …
//! when = "…"                # from when, and until when
//! with_whom = "…"           # who may have them,
//! purpose = "…"             # for what kinds of analyses,
//! mechanism = "…"           # and how
//! ```
//!
//! All keys may be left out; what is left out is shown as not stated, and never filled in.

use super::read::some_text;
use crate::reader::{At, TableReader};

/// Whether individual participant data will be available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Available {
    /// They will.
    Yes,
    /// They won't.
    No,
    /// That is not decided yet.
    Undecided,
}

/// The authors' statement on sharing the data, part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Whether individual participant data will be available.
    pub available: Option<At<Available>>,
    /// What data in particular.
    pub data: Option<At<String>>,
    /// What other documents.
    pub documents: Option<At<String>>,
    /// From when, and until when.
    pub when: Option<At<String>>,
    /// Who may have them.
    pub with_whom: Option<At<String>>,
    /// For what kinds of analyses.
    pub purpose: Option<At<String>>,
    /// How they are got.
    pub mechanism: Option<At<String>>,
}

/// Takes the table's keys.
pub(super) fn read(mut table: TableReader<'_>) -> Sharing {
    let choices = [
        ("yes", Available::Yes),
        ("no", Available::No),
        ("undecided", Available::Undecided),
    ];
    let sharing = Sharing {
        available: table.optional_choice("available", &choices),
        data: some_text(&mut table, "data"),
        documents: some_text(&mut table, "documents"),
        when: some_text(&mut table, "when"),
        with_whom: some_text(&mut table, "with_whom"),
        purpose: some_text(&mut table, "purpose"),
        mechanism: some_text(&mut table, "mechanism"),
    };
    table.finish();
    sharing
}
