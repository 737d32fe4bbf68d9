//! Resolving the keys of `lmm`.

use super::{Df, Interval, LmmFits, Spec};
use crate::analysis::modelled::{Bars, Layout, ModelKeys};
use crate::analysis::{Prepared, Rows, Scope};
use crate::diagnostic::Diagnostic;
use crate::reader::TableReader;

const DF: [(&str, Df); 3] = [
    ("satterthwaite", Df::Satterthwaite),
    ("kenward-roger", Df::KenwardRoger),
    ("z", Df::Z),
];
const DRAWS: u64 = 1000;

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let interval = interval(reader);
    let tests = reader.optional_choice("tests", &[("type3", true), ("none", false)]);
    let layout = Layout::read(reader, scope);
    let (fits, rows) = fits(reader, scope)?;
    layout.check(reader, &fits.models);
    let inputs = vec![rows.input(fits.models.all_columns())];
    let spec = Spec {
        fits,
        interval,
        type3: tests.is_some_and(|t| t.value),
        layout,
    };
    Some(Prepared {
        spec,
        inputs,
        upstream: Vec::new(),
    })
}

fn interval(reader: &mut TableReader<'_>) -> Interval {
    let known = [
        ("wald", Interval::Wald),
        ("profile", Interval::Profile),
        ("bootstrap", Interval::Bootstrap { draws: DRAWS }),
    ];
    let chosen = reader.optional_choice("interval", &known);
    let draws = reader.optional_integer("draws", 100..=100_000);
    match (chosen.map(|c| c.value), draws) {
        (Some(Interval::Bootstrap { .. }), Some(draws)) => Interval::Bootstrap {
            draws: u64::try_from(draws.value).unwrap_or(DRAWS),
        },
        (chosen, Some(draws)) => {
            let message = "`draws` belongs to `interval = \"bootstrap\"`";
            reader.report(Diagnostic::error("no-effect", message).at(draws.span));
            chosen.unwrap_or(Interval::Wald)
        }
        (chosen, None) => chosen.unwrap_or(Interval::Wald),
    }
}

/// Reads the keys that say what is fitted to which rows.
pub(in super::super) fn fits(
    reader: &mut TableReader<'_>,
    scope: &Scope<'_>,
) -> Option<(LmmFits, Rows)> {
    let keys = ModelKeys::read(reader, scope);
    let estimation = reader.optional_choice("estimation", &[("REML", true), ("ML", false)]);
    let df = reader.optional_choice("df", &DF);
    let weights = reader.optional_string("weights");
    let reml = estimation.is_none_or(|e| e.value);
    if let Some(df) = &df
        && df.value == Df::KenwardRoger
        && !reml
    {
        let message = "Kenward and Roger's method needs a fit by REML";
        reader.report(Diagnostic::error("needs-reml", message).at(df.span.clone()));
    }
    let weights = match weights {
        Some(name) => Some(scope.number(reader, keys.rows.as_ref()?, &name)?.name),
        None => None,
    };
    let number = |reader: &TableReader<'_>, scope: &Scope<'_>, rows: &Rows, name: &_| {
        scope.number(reader, rows, name)
    };
    let (mut models, rows) = keys.resolve(reader, scope, Bars::Needed, &number)?;
    models.beside = weights.iter().cloned().collect();
    let fits = LmmFits {
        models,
        weights,
        reml,
        df: df.map_or(Df::Satterthwaite, |d| d.value),
    };
    Some((fits, rows))
}
