//! Directives: what each of them reads, computes and shows.
//!
//! One file in `analysis/` holds one directive. Its [`Analysis::prepare`] resolves what the author wrote against the
//! data's columns into a typed, serialisable spec; its [`Analysis::run`] is a pure function of that spec and the rows.
//! Adding a directive is one such file and one line in [`registry`].

mod arms;
mod column;
mod consort;
mod describe;
mod emmeans;
mod forest;
mod frequencies;
mod glmm;
mod inputs;
mod keys;
mod listing;
mod lmm;
mod measures;
mod missing_data;
mod mmrm;
mod model;
mod modelled;
mod notes;
mod other;
mod outcome;
mod outcomes;
mod people;
mod proportion_test;
mod query;
mod raw_values;
mod reasons;
mod record;
mod reliable_change;
mod scope;
mod strata;
mod table1;
mod trajectory;

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::diagnostic::Diagnostic;
use crate::reader::TableReader;
use crate::statistic::Statistic;
pub use arms::Arms;
pub use inputs::{InputSpec, Inputs};
pub use other::{OtherBody, OtherStep};
pub use outcome::{Finding, LeftOut, ModelUse, Outcome, RowSet, RowUse};
pub use record::{Number, Recorder};
pub use scope::{Datasets, Rows, Scope, Shared};

/// What a directive puts into the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// A table; its label begins with `tbl-`.
    Table,
    /// A figure; its label begins with `fig-`.
    Figure,
    /// Nothing, or a table if its label begins with `tbl-`, or, if it can draw one, a figure if it begins with `fig-`:
    /// what it computes is used by others.
    Optional,
}

/// A directive as its author writes it: the type-level half of an [`Entry`].
pub trait Analysis {
    /// What the author wrote, resolved: everything that the result depends on but the rows themselves.
    type Spec: Serialize + DeserializeOwned;
    /// The name in the fence.
    const NAME: &'static str;
    /// Raised whenever the same spec and rows give another outcome; part of the fingerprint.
    const VERSION: u32;
    /// What it puts into the document.
    const SHOWS: Shows;
    /// Its documentation in Markdown, with the sections: what it computes, Syntax, Example, What it refuses, Method.
    const DOC: &'static str;
    /// Whether it draws random numbers from the step's seed.
    const RANDOM: bool = false;

    /// Resolves the directive's keys. Everything wrong goes to the reader; `None` where no step can be made of it.
    /// `caption` and `notes` are the report's and already marked as known; unknown keys are reported by the caller.
    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Self::Spec>>;

    /// Computes. Pure: no clock, no files, no global state.
    fn run(spec: &Self::Spec, inputs: &Inputs<'_>) -> Outcome;
}

/// A resolved directive with what it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared<S> {
    /// The spec.
    pub spec: S,
    /// The rows it needs, in the order in which [`Inputs::frame`] numbers them.
    pub inputs: Vec<InputSpec>,
    /// The labels of other steps whose statistics it needs.
    pub upstream: Vec<String>,
}

/// A resolved directive whose spec is canonical JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedText {
    /// The spec as JSON.
    pub spec: String,
    /// The rows it needs.
    pub inputs: Vec<InputSpec>,
    /// The labels of other steps whose statistics it needs.
    pub upstream: Vec<String>,
}

/// A directive in the registry.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name in the fence.
    pub name: &'static str,
    /// The version of its method.
    pub version: u32,
    /// What it puts into the document.
    pub shows: Shows,
    /// Its documentation in Markdown.
    pub doc: &'static str,
    /// Whether it draws random numbers from the step's seed.
    pub random: bool,
    /// Resolves a directive.
    pub prepare: fn(&mut TableReader<'_>, &Scope<'_>) -> Option<PreparedText>,
    /// Runs a serialised spec.
    pub run: fn(&str, &Inputs<'_>) -> Outcome,
}

impl Entry {
    /// The entry of an analysis.
    pub const fn of<A: Analysis>() -> Self {
        Self {
            name: A::NAME,
            version: A::VERSION,
            shows: A::SHOWS,
            doc: A::DOC,
            random: A::RANDOM,
            prepare: prepare::<A>,
            run: run::<A>,
        }
    }
}

fn prepare<A: Analysis>(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<PreparedText> {
    let prepared = A::prepare(reader, scope)?;
    match serde_json::to_string(&prepared.spec) {
        Ok(spec) => Some(PreparedText {
            spec,
            inputs: prepared.inputs,
            upstream: prepared.upstream,
        }),
        Err(e) => {
            let message = format!("the directive `{}` can't be written down: {e}", A::NAME);
            reader.report(Diagnostic::error("internal", message).at(reader.span()));
            None
        }
    }
}

fn run<A: Analysis>(spec: &str, inputs: &Inputs<'_>) -> Outcome {
    match serde_json::from_str::<A::Spec>(spec) {
        Ok(spec) => distinct(A::run(&spec, inputs)),
        Err(e) => Outcome::failed(Finding::error(
            "internal",
            format!("the step of `{}` can't be read back: {e}", A::NAME),
        )),
    }
}

/// The outcome, unless two of its numbers have one name. Names of columns and levels could be chosen so that they do: a
/// column `arm=A` beside the arm `A` of `arm`.
fn distinct(outcome: Outcome) -> Outcome {
    let mut names = BTreeSet::new();
    let repeated = outcome
        .statistics
        .iter()
        .map(Statistic::id)
        .find(|id| !names.insert(id.clone()));
    match repeated {
        None => outcome,
        Some(id) => Outcome::failed(
            Finding::error("ambiguous-name", format!("two numbers would be named `{id}`"))
                .help("derive a column with another name in the front matter's `[derive]` and use that one"),
        ),
    }
}

/// All directives, by name.
pub fn registry() -> &'static [Entry] {
    const ENTRIES: &[Entry] = &[
        Entry::of::<consort::Consort>(),
        Entry::of::<emmeans::Emmeans>(),
        Entry::of::<forest::Forest>(),
        Entry::of::<frequencies::Frequencies>(),
        Entry::of::<glmm::Glmm>(),
        Entry::of::<listing::Listing>(),
        Entry::of::<lmm::Lmm>(),
        Entry::of::<measures::Measures>(),
        Entry::of::<missing_data::MissingData>(),
        Entry::of::<mmrm::Mmrm>(),
        Entry::of::<model::Model>(),
        Entry::of::<outcomes::Outcomes>(),
        Entry::of::<query::Query>(),
        Entry::of::<reliable_change::ReliableChange>(),
        Entry::of::<table1::Table1>(),
        Entry::of::<trajectory::Trajectory>(),
    ];
    ENTRIES
}

/// The directive of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    registry().iter().find(|e| e.name == name)
}
