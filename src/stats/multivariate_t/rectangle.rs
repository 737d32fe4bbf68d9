//! Rectangle probabilities.

use nalgebra::DMatrix;

use super::super::StatsError;
use super::super::special::normal_tail::{normal_between, normal_upper};
use super::Probability;
use super::lattice::{RULES, mean_and_error, quantile};
use super::scale_table::ScaleTable;
use super::structure::Structure;

/// The error that is aimed at: so much absolute, or relative to the probability to be outside if that is more.
const TARGET: (f64, f64) = (2e-6, 1e-4);
/// A coefficient below this is rounding of 0.
const NONE: f64 = 1e-9;

/// P(lowᵢ < Tᵢ < highᵢ for all i) for a multivariate t with the given correlation matrix and degrees of freedom, which
/// may be infinite: then Tᵢ is normal. Limits may be infinite. The matrix may be singular, as that of all pairwise
/// differences is.
///
/// By Genz's (1992) transformation: the variables are drawn one after another, each within the limits that those
/// before leave it, and the product of the probabilities to be there is averaged over a lattice rule. A variable that
/// depends on others narrows the limits of the last of them. The rules grow until the error estimate is below 2e-6, or
/// 1e-4 of the probability to be outside, or the largest rule (786,252 points) has been used.
pub fn rectangle(
    correlation: &DMatrix<f64>,
    df: f64,
    low: &[f64],
    high: &[f64],
) -> Result<Probability, StatsError> {
    let structure = Structure::of(correlation)?;
    for limits in [low, high] {
        if limits.len() != structure.order.len() {
            return Err(StatsError::SizeMismatch {
                what: "the limits of a rectangle",
                have: limits.len(),
                need: structure.order.len(),
            });
        }
        if let Some(index) = limits.iter().position(|limit| limit.is_nan()) {
            return Err(StatsError::NotFinite {
                what: "the limits of a rectangle",
                index,
            });
        }
    }
    let transformation = Transformation::new(&structure, df)?;
    if low.iter().zip(high).any(|(low, high)| low >= high) {
        return Ok(Probability::exact(0.0));
    }
    let (mut outside, mut error) = (1.0, 1.0);
    for rule in RULES {
        let mut drawn = Vec::new();
        let means = rule.means(structure.rank, |draws| {
            transformation.missed(low, high, draws, &mut drawn)
        });
        (outside, error) = mean_and_error(&means);
        if error <= TARGET.0.max(TARGET.1 * outside) {
            break;
        }
    }
    Ok(Probability {
        value: (1.0 - outside).clamp(0.0, 1.0),
        error: error + 1e-12,
    })
}

struct Transformation {
    /// For each independent variable, the statistics that limit it.
    constraints: Vec<Vec<Constraint>>,
    scale: Option<ScaleTable>,
}

struct Constraint {
    /// Coefficients of the variables drawn before.
    before: Vec<f64>,
    /// The coefficient of this one.
    own: f64,
    /// The statistic's place in the limits.
    place: usize,
}

impl Transformation {
    fn new(structure: &Structure, df: f64) -> Result<Self, StatsError> {
        structure.check_rank()?;
        let mut constraints: Vec<Vec<Constraint>> =
            (0..structure.rank).map(|_| Vec::new()).collect();
        for (row, &place) in structure.rows.iter().zip(&structure.order) {
            let Some(last) = row.iter().rposition(|value| value.abs() > NONE) else {
                continue;
            };
            let (before, own) = row.split_at(last);
            if let (Some(list), Some(&own)) = (constraints.get_mut(last), own.first()) {
                let before = before.to_vec();
                list.push(Constraint { before, own, place });
            }
        }
        let scale = (df != f64::INFINITY).then(|| ScaleTable::new(df));
        Ok(Self {
            constraints,
            scale: scale.transpose()?,
        })
    }

    /// 1 − the product of the probabilities of one point. The first draw is for the scale if there is one; the last
    /// variable is not drawn, since nothing depends on it.
    fn missed(&self, low: &[f64], high: &[f64], draws: &[f64], drawn: &mut Vec<f64>) -> f64 {
        let mut draws = draws.iter().copied();
        let scale = match &self.scale {
            Some(table) => table.at(quantile(draws.next().unwrap_or(0.5))),
            None => 1.0,
        };
        drawn.clear();
        let mut log = 0.0;
        for constraints in &self.constraints {
            let (from, to) = limits(constraints, drawn, low, high, scale);
            let inside = normal_between(from, to);
            if inside <= 0.0 {
                return 1.0;
            }
            let outside = normal_upper(-from) + normal_upper(to);
            log += if outside < 0.5 {
                (-outside).ln_1p()
            } else {
                inside.ln()
            };
            if let Some(draw) = draws.next() {
                drawn.push(between(from, to, inside, draw));
            }
        }
        -log.exp_m1()
    }
}

/// Where all constraints on a variable hold, given those before.
fn limits(
    constraints: &[Constraint],
    drawn: &[f64],
    low: &[f64],
    high: &[f64],
    scale: f64,
) -> (f64, f64) {
    let (mut from, mut to) = (f64::NEG_INFINITY, f64::INFINITY);
    for constraint in constraints {
        let pairs = constraint.before.iter().zip(drawn);
        let centre: f64 = pairs.map(|(a, b)| a * b).sum();
        let limit = |limits: &[f64], none: f64| {
            let limit = limits.get(constraint.place).copied().unwrap_or(none);
            (limit * scale - centre) / constraint.own
        };
        let (a, b) = (limit(low, f64::NEG_INFINITY), limit(high, f64::INFINITY));
        from = from.max(a.min(b));
        to = to.min(a.max(b));
    }
    (from, to)
}

/// The standard normal value between two limits below which lies the share `draw` of what is there.
fn between(from: f64, to: f64, inside: f64, draw: f64) -> f64 {
    let value = if from > 0.0 {
        -quantile(normal_upper(to) + (1.0 - draw) * inside)
    } else {
        quantile(normal_upper(-from) + draw * inside)
    };
    value.max(from).min(to)
}
