//! Variance components: standard deviations and correlations of random effects.

use super::super::design::CoefficientName;
use super::covariance::Template;
use super::random::Random;
use nalgebra::DMatrix;

/// The distribution of the random effects of one term over the levels of its factor.
#[derive(Debug, Clone, PartialEq)]
pub struct TermComponents {
    /// The grouping factor.
    pub group: String,
    /// The effects.
    pub names: Vec<CoefficientName>,
    /// Their standard deviations, in the outcome's units by those of the effect's column.
    pub sd: Vec<f64>,
    /// Their covariance matrix.
    pub covariance: DMatrix<f64>,
    /// Their correlations; none where one of the two has no variance.
    pub correlations: Vec<Vec<Option<f64>>>,
}

/// The components of every term, from θ in computing units.
pub(super) fn components(
    template: &Template,
    random: &Random,
    theta: &[f64],
    sigma: f64,
) -> Vec<TermComponents> {
    let mut all = Vec::new();
    for (index, effects) in random.effects.iter().enumerate() {
        let factor = template.term_factor(index, theta) * sigma;
        let sd: Vec<f64> = factor.row_iter().map(|row| row.norm()).collect();
        let correlation = |a: usize, b: usize| {
            let product = sd[a] * sd[b];
            if a == b {
                return (product > 0.0).then_some(1.0);
            }
            // Each row's direction first: the product of tiny rows would vanish.
            let dot = (factor.row(a) / sd[a]).dot(&(factor.row(b) / sd[b]));
            (product > 0.0).then(|| dot.clamp(-1.0, 1.0))
        };
        let size = sd.len();
        let correlations = (0..size)
            .map(|a| (0..size).map(|b| correlation(a, b)).collect())
            .collect();
        let group = random.groupings.get(effects.grouping);
        all.push(TermComponents {
            group: group.map_or_else(String::new, |group| group.label.clone()),
            names: effects.names.clone(),
            covariance: &factor * factor.transpose(),
            correlations,
            sd,
        });
    }
    all
}
