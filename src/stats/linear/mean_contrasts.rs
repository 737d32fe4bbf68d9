//! Contrasts of marginal means, adjusted within each combination of `by`.

use super::super::adjust::Adjustment;
use super::super::contrast::{
    AdjustedContrast, Contrast, ContrastEstimate, ContrastKind, ContrastName, FamilyAdjustment,
    IntervalMethod, adjust_family, generate, rank,
};
use super::super::model_error::ModelError;
use super::estimate::Estimate;
use super::means::{FixedEffects, GridValue, MarginalMean, MeansRequest, marginal_means};

/// How the contrasts within a combination of `by` are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeansAdjustment {
    /// From the P values alone.
    PValues(Adjustment),
    /// By the studentised range: all pairwise differences only.
    Tukey,
    /// By the F distribution of the space that the contrasts span.
    Scheffe,
    /// By the joint t distribution of the contrasts: Dunnett's where all are compared with one.
    SingleStep,
}

/// A contrast of marginal means.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanContrast {
    /// Column and value for each column of `by`.
    pub by: Vec<(String, GridValue)>,
    /// What it is of: places in [`MeanFamily::means`].
    pub name: ContrastName,
    /// The combination of coefficients.
    pub weights: Vec<f64>,
    /// The contrast by itself, or why the data can't tell it.
    pub estimate: Result<Estimate, ModelError>,
    /// The contrast within its family. One that can't be estimated is no member of it.
    pub adjusted: Result<AdjustedContrast, ModelError>,
}

/// The contrasts within one combination of `by`, which are adjusted together.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanFamily {
    /// The means.
    pub means: Vec<MarginalMean>,
    /// Their contrasts.
    pub contrasts: Vec<MeanContrast>,
    /// What the adjusted intervals cover; none if there was nothing to adjust.
    pub interval: Option<IntervalMethod>,
}

/// Contrasts of the marginal means of any model.
pub(in super::super) fn mean_contrasts(
    model: &dyn FixedEffects,
    request: &MeansRequest,
    kind: &ContrastKind,
    adjustment: MeansAdjustment,
) -> Result<Vec<MeanFamily>, ModelError> {
    let means = marginal_means(model, request)?;
    let families = means.chunk_by(|a, b| a.by == b.by);
    families
        .map(|means| family(model, means, kind, adjustment))
        .collect()
}

fn family(
    model: &dyn FixedEffects,
    means: &[MarginalMean],
    kind: &ContrastKind,
    adjustment: MeansAdjustment,
) -> Result<MeanFamily, ModelError> {
    let generated = generate(kind, means.len())?;
    let mut contrasts: Vec<MeanContrast> = Vec::with_capacity(generated.len());
    for contrast in &generated {
        let weights = combined(means, contrast);
        let estimate = model.contrast(&weights);
        let adjusted = match &estimate {
            Ok(_) => Err(ModelError::EmptyContrast),
            Err(error) => Err(error.clone()),
        };
        contrasts.push(MeanContrast {
            by: means
                .first()
                .map(|mean| mean.by.clone())
                .unwrap_or_default(),
            name: contrast.name.clone(),
            weights,
            estimate,
            adjusted,
        });
    }
    let interval = adjust_contrasts(model, &mut contrasts, means.len(), &generated, adjustment)?;
    Ok(MeanFamily {
        means: means.to_vec(),
        contrasts,
        interval,
    })
}

/// The contrast's weights of coefficients.
fn combined(means: &[MarginalMean], contrast: &Contrast) -> Vec<f64> {
    let size = means.first().map_or(0, |mean| mean.weights.len());
    let mut total = vec![0.0; size];
    for (mean, weight) in means.iter().zip(&contrast.weights) {
        for (total, value) in total.iter_mut().zip(&mean.weights) {
            *total += weight * value;
        }
    }
    total
}

/// Fills in `adjusted` where there is an estimate.
fn adjust_contrasts(
    model: &dyn FixedEffects,
    contrasts: &mut [MeanContrast],
    means: usize,
    generated: &[Contrast],
    adjustment: MeansAdjustment,
) -> Result<Option<IntervalMethod>, ModelError> {
    let present: Vec<(&MeanContrast, Estimate)> = contrasts
        .iter()
        .filter_map(|contrast| Some((contrast, *contrast.estimate.as_ref().ok()?)))
        .collect();
    if present.is_empty() {
        return Ok(None);
    }
    let members: Vec<ContrastEstimate> = present
        .iter()
        .map(|(_, estimate)| ContrastEstimate {
            estimate: estimate.estimate,
            std_error: estimate.std_error,
            df: estimate.df,
        })
        .collect();
    let covariance = match adjustment {
        MeansAdjustment::SingleStep => {
            let rows: Vec<Vec<f64>> = present.iter().map(|(c, _)| c.weights.clone()).collect();
            Some(model.contrast_covariance(&rows)?)
        }
        _ => None,
    };
    let kept: Vec<Contrast> = contrasts
        .iter()
        .zip(generated)
        .filter(|(contrast, _)| contrast.estimate.is_ok())
        .map(|(_, generated)| generated.clone())
        .collect();
    let size = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let method = match adjustment {
        MeansAdjustment::PValues(method) => FamilyAdjustment::PValues(method),
        MeansAdjustment::Tukey => FamilyAdjustment::Tukey { means: size(means) },
        MeansAdjustment::Scheffe => FamilyAdjustment::Scheffe {
            rank: size(rank(&kept)),
        },
        MeansAdjustment::SingleStep => FamilyAdjustment::SingleStep,
    };
    let family = adjust_family(&members, covariance.as_ref(), method, model.level())?;
    let slots = contrasts.iter_mut().filter(|c| c.estimate.is_ok());
    for (slot, adjusted) in slots.zip(family.contrasts) {
        slot.adjusted = Ok(adjusted);
    }
    Ok(Some(family.interval))
}
