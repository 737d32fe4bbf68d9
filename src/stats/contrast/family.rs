//! The adjustment of a family of contrasts, with simultaneous intervals.

use nalgebra::DMatrix;

use super::super::StatsError;
use super::super::adjust::{Adjustment, adjust};
use super::super::distribution::StudentizedRange;
use super::super::distribution::{ChiSquared, Distribution, FisherF, Normal, StudentT};
use super::super::multivariate_t::{MaxT, Probability};

/// A contrast as a model estimates it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContrastEstimate {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: f64,
    /// The degrees of freedom of its t distribution; infinite for a normal one.
    pub df: f64,
}

/// How the P values of a family are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FamilyAdjustment {
    /// From the P values alone.
    PValues(Adjustment),
    /// All pairwise differences of so many means, by the studentised range: exact for independent means of equal
    /// variance (Tukey), conservative for unequal ones (Kramer 1956; Hayter 1984).
    Tukey {
        /// The number of means.
        means: u32,
    },
    /// Any contrast in the space that the family spans, by the F distribution (Scheffé 1953).
    Scheffe {
        /// The number of linearly independent contrasts.
        rank: u32,
    },
    /// Single step by the joint t distribution of the family (Hothorn, Bretz and Westfall 2008): Dunnett's test where
    /// all are compared with one. emmeans calls it `mvt`.
    SingleStep,
}

/// What the intervals of a family cover together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalMethod {
    /// Each at the level by itself. So it is without adjustment, and for false discovery rates, which have no
    /// simultaneous intervals.
    Individual,
    /// Bonferroni's, also for Holm's, Hochberg's and Hommel's tests, which have none of their own that are as simple.
    Bonferroni,
    /// Šidák's.
    Sidak,
    /// Those of the adjustment itself.
    Simultaneous,
}

/// An adjusted contrast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdjustedContrast {
    /// The adjusted P value, two-sided.
    pub p_value: f64,
    /// How far the P value may be off; 0 but for a lattice rule (see [`MaxT`]).
    pub p_error: f64,
    /// The lower limit.
    pub conf_low: f64,
    /// The upper limit.
    pub conf_high: f64,
}

/// A family of contrasts, adjusted.
#[derive(Debug, Clone, PartialEq)]
pub struct AdjustedFamily {
    /// One for each estimate, in order.
    pub contrasts: Vec<AdjustedContrast>,
    /// What the intervals cover.
    pub interval: IntervalMethod,
}

/// Adjusts a family of contrasts, with intervals of simultaneous confidence `level`. `covariance` is that of the
/// estimates; only [`FamilyAdjustment::SingleStep`] needs it. Estimates with different degrees of freedom are each
/// compared with the distribution of their own, as emmeans does (which cuts them to whole numbers for `mvt`).
pub fn adjust_family(
    estimates: &[ContrastEstimate],
    covariance: Option<&DMatrix<f64>>,
    adjustment: FamilyAdjustment,
    level: f64,
) -> Result<AdjustedFamily, StatsError> {
    StatsError::check_level(level)?;
    StatsError::check_count("a family of contrasts", "contrast", 1, estimates.len())?;
    for (index, estimate) in estimates.iter().enumerate() {
        let usable = estimate.estimate.is_finite()
            && estimate.std_error.is_finite()
            && estimate.std_error > 0.0;
        if !usable {
            return Err(StatsError::NotFinite {
                what: "the contrasts or their standard errors",
                index,
            });
        }
    }
    let count = estimates.len();
    let joint = match adjustment {
        FamilyAdjustment::SingleStep => Some(joint(estimates, covariance)?),
        _ => None,
    };
    check_family(adjustment, count)?;
    let individual = individual(estimates)?;
    let adjusted = match adjustment {
        FamilyAdjustment::PValues(method) => adjust(&individual, method)?,
        _ => Vec::new(),
    };
    let mut contrasts = Vec::with_capacity(count);
    // Most families have the same degrees of freedom throughout; a critical value is a search.
    let mut known: Option<(f64, f64)> = None;
    for (index, estimate) in estimates.iter().enumerate() {
        let from_p = adjusted.get(index).copied().flatten();
        let p = p_value(estimate, adjustment, from_p, joint.as_ref())?;
        let critical = match known {
            Some((df, critical)) if df == estimate.df => critical,
            _ => critical(estimate.df, adjustment, count, level, joint.as_ref())?,
        };
        known = Some((estimate.df, critical));
        contrasts.push(AdjustedContrast {
            p_value: p.value,
            p_error: p.error,
            conf_low: estimate.estimate - critical * estimate.std_error,
            conf_high: estimate.estimate + critical * estimate.std_error,
        });
    }
    Ok(AdjustedFamily {
        contrasts,
        interval: interval(adjustment),
    })
}

impl ContrastEstimate {
    fn statistic(&self) -> f64 {
        self.estimate / self.std_error
    }
}

/// The joint distribution of the family; its degrees of freedom are replaced by each estimate's own.
fn joint(
    estimates: &[ContrastEstimate],
    covariance: Option<&DMatrix<f64>>,
) -> Result<MaxT, StatsError> {
    let Some(covariance) = covariance else {
        return Err(StatsError::degenerate(
            "a single-step adjustment",
            "the covariance of the contrasts is not known",
        ));
    };
    if covariance.nrows() != estimates.len() {
        return Err(StatsError::SizeMismatch {
            what: "the covariance of the contrasts",
            have: covariance.nrows(),
            need: estimates.len(),
        });
    }
    let df = estimates.first().map_or(f64::INFINITY, |first| first.df);
    MaxT::of_covariance(covariance, df)
}

/// Tukey's method is for all pairwise differences, Scheffé's needs a dimension.
fn check_family(adjustment: FamilyAdjustment, count: usize) -> Result<(), StatsError> {
    match adjustment {
        FamilyAdjustment::Tukey { means } => {
            let means = means as usize;
            if means.saturating_mul(means.saturating_sub(1)) / 2 != count {
                return Err(StatsError::degenerate(
                    "Tukey's adjustment",
                    "the family is not that of all pairwise differences",
                ));
            }
        }
        FamilyAdjustment::Scheffe { rank } if rank == 0 || rank as usize > count => {
            return Err(StatsError::OutOfRange {
                what: "the number of independent contrasts",
                value: f64::from(rank),
                allowed: "from 1 to the number of contrasts",
            });
        }
        _ => {}
    }
    Ok(())
}

fn individual(estimates: &[ContrastEstimate]) -> Result<Vec<Option<f64>>, StatsError> {
    let p = |estimate: &ContrastEstimate| two_sided(estimate.statistic(), estimate.df).map(Some);
    estimates.iter().map(p).collect()
}

fn two_sided(t: f64, df: f64) -> Result<f64, StatsError> {
    if df == f64::INFINITY {
        return Ok(Normal.two_sided(t));
    }
    Ok(StudentT::new(df)?.two_sided(t))
}

/// The t or normal value exceeded with probability p on both sides together.
fn two_sided_quantile(p: f64, df: f64) -> Result<f64, StatsError> {
    if df == f64::INFINITY {
        return Normal.upper_quantile(0.5 * p);
    }
    StudentT::new(df)?.upper_quantile(0.5 * p)
}

fn p_value(
    estimate: &ContrastEstimate,
    adjustment: FamilyAdjustment,
    from_p: Option<f64>,
    joint: Option<&MaxT>,
) -> Result<Probability, StatsError> {
    let (t, df) = (estimate.statistic().abs(), estimate.df);
    let value = match adjustment {
        FamilyAdjustment::PValues(_) => from_p.unwrap_or(1.0),
        FamilyAdjustment::Tukey { means } => {
            StudentizedRange::new(means, df)?.upper(t * 2.0_f64.sqrt())
        }
        FamilyAdjustment::Scheffe { rank } => {
            let rank = f64::from(rank);
            if df == f64::INFINITY {
                ChiSquared::new(rank)?.upper(t * t)
            } else {
                FisherF::new(rank, df)?.upper(t * t / rank)
            }
        }
        FamilyAdjustment::SingleStep => {
            return joint.map_or(
                Err(StatsError::NoConvergence {
                    what: "a joint probability",
                }),
                |joint| {
                    let found = joint.with_df(df)?.upper(t)?;
                    let exact = joint.is_exact();
                    Ok(Probability {
                        error: if exact { 0.0 } else { found.error },
                        ..found
                    })
                },
            );
        }
    };
    Ok(Probability { value, error: 0.0 })
}

fn interval(adjustment: FamilyAdjustment) -> IntervalMethod {
    match adjustment {
        FamilyAdjustment::PValues(method) => match method {
            Adjustment::None | Adjustment::BenjaminiHochberg | Adjustment::BenjaminiYekutieli => {
                IntervalMethod::Individual
            }
            Adjustment::Bonferroni
            | Adjustment::Holm
            | Adjustment::Hochberg
            | Adjustment::Hommel => IntervalMethod::Bonferroni,
            Adjustment::Sidak => IntervalMethod::Sidak,
        },
        _ => IntervalMethod::Simultaneous,
    }
}

/// The half-width of an interval in standard errors.
fn critical(
    df: f64,
    adjustment: FamilyAdjustment,
    count: usize,
    level: f64,
    joint: Option<&MaxT>,
) -> Result<f64, StatsError> {
    let count = count as f64;
    match adjustment {
        FamilyAdjustment::PValues(_) => match interval(adjustment) {
            IntervalMethod::Bonferroni => two_sided_quantile((1.0 - level) / count, df),
            IntervalMethod::Sidak => two_sided_quantile(-(level.ln() / count).exp_m1(), df),
            IntervalMethod::Individual | IntervalMethod::Simultaneous => {
                two_sided_quantile(1.0 - level, df)
            }
        },
        FamilyAdjustment::Tukey { means } => {
            Ok(StudentizedRange::new(means, df)?.quantile(level)? / 2.0_f64.sqrt())
        }
        FamilyAdjustment::Scheffe { rank } => {
            let rank = f64::from(rank);
            if df == f64::INFINITY {
                Ok(ChiSquared::new(rank)?.quantile(level)?.sqrt())
            } else {
                Ok((rank * FisherF::new(rank, df)?.quantile(level)?).sqrt())
            }
        }
        FamilyAdjustment::SingleStep => joint.map_or(
            Err(StatsError::NoConvergence {
                what: "a joint probability",
            }),
            |joint| joint.with_df(df)?.critical(level),
        ),
    }
}
