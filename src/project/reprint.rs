//! What a report would print if some of its numbers were others.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::make::sound_outcomes;
use super::{Prepared, Project};
use crate::document::Document;
use crate::plan::Ran;
use crate::statistic::StatId;

impl Project {
    /// The document of steps that were run, with other values in the place of some numbers: so that it can be told
    /// whether a difference between two builds is one that a reader sees. None where it can't be made.
    pub fn reprint(
        &self,
        prepared: &Prepared<'_>,
        steps: &[Ran],
        values: &BTreeMap<&StatId, Option<f64>>,
    ) -> Option<Document> {
        let loaded = prepared.loaded.as_ref()?;
        let mut outcomes = sound_outcomes(steps);
        for outcome in outcomes.values_mut() {
            for statistic in &mut Arc::make_mut(outcome).statistics {
                if let Some(value) = values.get(&statistic.id()) {
                    statistic.value = *value;
                }
            }
        }
        let (assembled, diagnostics) =
            self.assemble(loaded, &prepared.plan, loaded.style.as_ref()?, &outcomes);
        assembled
            .filter(|_| !diagnostics.has_errors())
            .map(|a| a.document)
    }
}
