//! What the axis of a forest plot spans.

use crate::artefact::{ForestPlot, Scale};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::figure::Numbers;
use crate::figure::axis::{along, are_ends, back};

/// An interval's limit farther from its estimate than this many median half-widths is cut with an arrow: one wild
/// interval must not press all others together.
const FAR: f64 = 4.0;

/// What an axis must show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Whether the ends are the author's, to be kept as they are.
    pub fixed: bool,
}

/// The value of no effect.
pub fn null(scale: Scale) -> f64 {
    match scale {
        Scale::Difference => 0.0,
        Scale::Ratio => 1.0,
    }
}

/// The author's limits if they can be, else what the effects need, no effect included.
pub fn choose(forest: &ForestPlot, numbers: &dyn Numbers) -> (Wanted, Diagnostics) {
    let effects = effects(forest, numbers);
    let mut diagnostics = Diagnostics::new();
    if forest.scale == Scale::Ratio && effects.iter().any(|e| e.estimate <= 0.0) {
        let message = "a ratio of zero or less has no place on a logarithmic axis";
        let diagnostic = Diagnostic::warning("ratio-not-positive", message)
            .help("say that the effects are differences, or leave the row out");
        diagnostics.push(diagnostic);
    }
    if let Some((low, high)) = forest.limits {
        if let Some(wanted) = fixed(forest.scale, low, high) {
            if !effects.is_empty() && !effects.iter().any(|e| e.meets(low, high)) {
                let message = format!("no effect lies between the axis's limits {low} and {high}");
                diagnostics.push(
                    Diagnostic::warning("empty-axis", message)
                        .help("widen `limits`, or leave them out"),
                );
            }
            return (wanted, diagnostics);
        }
        diagnostics.push(bad_limits(forest.scale, low, high));
    }
    (around(forest.scale, &effects), diagnostics)
}

fn fixed(scale: Scale, low: f64, high: f64) -> Option<Wanted> {
    are_ends(scale, low, high).then_some(Wanted {
        low,
        high,
        fixed: true,
    })
}

fn bad_limits(scale: Scale, low: f64, high: f64) -> Diagnostic {
    let message = format!("an axis can't go from {low} to {high}");
    let help = match scale {
        Scale::Difference => "write two different numbers, the lower one first",
        Scale::Ratio => "write two different numbers above 0, the lower one first",
    };
    Diagnostic::warning("bad-limits", message).help(help)
}

/// An effect's numbers; limits that don't exist lie at the estimate.
struct Effect {
    estimate: f64,
    low: f64,
    high: f64,
}

impl Effect {
    fn meets(&self, low: f64, high: f64) -> bool {
        self.low <= high && self.high >= low
    }
}

fn effects(forest: &ForestPlot, numbers: &dyn Numbers) -> Vec<Effect> {
    let value = |id| numbers.value(id).filter(|v: &f64| !v.is_nan());
    forest
        .rows
        .iter()
        .filter_map(|row| row.effect.as_ref())
        .filter_map(|effect| {
            let estimate = value(&effect.estimate).filter(|e| e.is_finite())?;
            Some(Effect {
                estimate,
                low: value(&effect.low).unwrap_or(estimate),
                high: value(&effect.high).unwrap_or(estimate),
            })
        })
        .collect()
}

/// From the lowest to the highest limit on the scale's measure, limits that lie very far cut.
fn around(scale: Scale, effects: &[Effect]) -> Wanted {
    let measures: Vec<[f64; 3]> = effects
        .iter()
        .map(|e| [e.low, e.estimate, e.high].map(|v| along(scale, v)))
        .filter(|[_, estimate, _]| estimate.is_finite())
        .collect();
    let halves = measures
        .iter()
        .flat_map(|[low, estimate, high]| [estimate - low, high - estimate])
        .filter(|half| half.is_finite() && *half >= 0.0)
        .collect();
    let reach = FAR * median(halves);
    let mut low = along(scale, null(scale));
    let mut high = low;
    for [lower, estimate, upper] in measures {
        low = low.min(estimate).min(lower.max(estimate - reach));
        high = high.max(estimate).max(upper.min(estimate + reach));
    }
    Wanted {
        low: back(scale, low),
        high: back(scale, high),
        fixed: false,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
