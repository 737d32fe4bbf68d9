//! The keys that say what is modelled on which rows.

use super::Models;
use super::levels::reference_levels;
use super::outcomes::{NamedOutcomes, OutcomeField, named_outcomes, outcomes};
use super::sides::{Bars, Sides};
use crate::analysis::keys::{conf_level, digits};
use crate::analysis::{Rows, Scope};
use crate::reader::{At, TableReader};

/// The keys of all directives that fit models to many outcomes, not yet compared with the columns.
pub(in crate::analysis) struct ModelKeys {
    pub rows: Option<Rows>,
    pub formula: Option<At<String>>,
    named: NamedOutcomes,
    conf_level: f64,
    digits: Option<u8>,
    labels: Vec<(String, String)>,
    references: Vec<(At<String>, At<String>)>,
}

impl ModelKeys {
    /// Reads `data`, `population`, `formula`, `outcomes`, `[[group]]`, `conf_level`, `digits`, `labels`, `reference`.
    pub fn read(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Self {
        let rows = scope.rows(reader);
        let formula = reader.string("formula");
        let named = named_outcomes(reader);
        let labels = reader.optional_string_map("labels").unwrap_or_default();
        Self {
            rows,
            formula,
            named,
            conf_level: conf_level(reader),
            digits: digits(reader),
            labels: labels
                .into_iter()
                .map(|(k, v)| (k.value, v.value))
                .collect(),
            references: reader.optional_string_map("reference").unwrap_or_default(),
        }
    }

    /// Finds the columns of the formula and the outcomes.
    pub fn resolve(
        self,
        reader: &mut TableReader<'_>,
        scope: &Scope<'_>,
        bars: Bars,
        outcome: OutcomeField<'_>,
    ) -> Option<(Models, Rows)> {
        let (rows, formula) = (self.rows?, self.formula?);
        let sides = Sides::read(reader, &formula, bars)?;
        let fields = sides.fields(reader, scope, &rows);
        let outcomes = outcomes(reader, scope, &rows, &sides, (self.named, outcome));
        let (fields, (groups, outcomes)) = (fields?, outcomes?);
        let arms = scope.arms_among(reader, &rows, &fields)?;
        let levels = reference_levels(reader, &fields, arms.as_ref(), &self.references)?;
        let models = Models {
            right: sides.right.clone(),
            outcomes,
            groups,
            fields,
            arms,
            levels,
            beside: Vec::new(),
            conf_level: self.conf_level,
            digits: self.digits,
            labels: self.labels,
        };
        Some((models, rows))
    }
}
