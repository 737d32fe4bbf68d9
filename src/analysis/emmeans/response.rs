//! Means and contrasts with the link undone.

use crate::analysis::glmm::Family;
use crate::stats::contrast::AdjustedContrast;
use crate::stats::linear::{Estimate, MeanContrast, MeanFamily};

/// The means on the scale of the outcome and the contrasts as ratios of odds or rates: estimates and limits are those of
/// the link, transformed; standard errors are by the delta method. Tests stay what they are.
pub(super) fn undo_link(families: &mut [MeanFamily], family: Family) {
    for one in families {
        for mean in &mut one.means {
            if let Ok(estimate) = &mut mean.estimate {
                undo(
                    estimate,
                    |eta| inverse(family, eta),
                    |mean| slope(family, mean),
                );
            }
        }
        one.contrasts.iter_mut().for_each(exponentiate);
    }
}

fn undo(estimate: &mut Estimate, inverse: impl Fn(f64) -> f64, slope: impl Fn(f64) -> f64) {
    estimate.estimate = inverse(estimate.estimate);
    estimate.std_error *= slope(estimate.estimate);
    estimate.conf_low = inverse(estimate.conf_low);
    estimate.conf_high = inverse(estimate.conf_high);
}

fn exponentiate(contrast: &mut MeanContrast) {
    if let Ok(estimate) = &mut contrast.estimate {
        undo(estimate, f64::exp, |ratio| ratio);
    }
    if let Ok(AdjustedContrast {
        conf_low,
        conf_high,
        ..
    }) = &mut contrast.adjusted
    {
        *conf_low = conf_low.exp();
        *conf_high = conf_high.exp();
    }
}

/// The mean at a value of the link.
fn inverse(family: Family, eta: f64) -> f64 {
    match family {
        Family::Binomial if eta >= 0.0 => 1.0 / (1.0 + (-eta).exp()),
        Family::Binomial => eta.exp() / (1.0 + eta.exp()),
        Family::Poisson => eta.exp(),
    }
}

/// How fast the mean grows with the link, at a mean.
fn slope(family: Family, mean: f64) -> f64 {
    match family {
        Family::Binomial => mean * (1.0 - mean),
        Family::Poisson => mean,
    }
}
