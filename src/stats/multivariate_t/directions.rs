//! The largest |t| of any correlated statistics, by a lattice rule over directions.

use std::f64::consts::PI;

use super::super::StatsError;
use super::super::distribution::{ChiSquared, Distribution, FisherF};
use super::lattice::{RULES, SHIFTS, mean_and_error, quantile};
use super::structure::Structure;

/// Points of the rule that stands for the distribution of the largest projection.
const POINTS: usize = 48;
/// The relative error that is aimed at, where the probability is about 0.05.
const TARGET: f64 = 1e-4;
/// What interpolation may leave of a probability's digits.
const INTERPOLATION: f64 = 1e-9;

/// With T = L Z/S, max |Tᵢ| = (|Z|/S) m(U), where m(u) = max |Lᵢ·u| and the direction U of Z is independent of |Z|. As
/// (|Z|/S)²/r has the F distribution with r (the rank) and `df` degrees of freedom, P(max |Tᵢ| > c) is the mean of
/// that distribution's tail at (c/m(U))²/r (Deák 1980; Genz and Bretz 2009). The mean over U is taken by a lattice rule
/// once; what it says of m is kept as a quadrature rule at the Chebyshev points of m's interval, one for each shift, so
/// that any c takes no more than a few dozen tails.
#[derive(Debug, Clone)]
pub(super) struct Directions {
    rank: f64,
    df: f64,
    /// The Chebyshev points in m.
    points: Vec<f64>,
    /// The weights of each shift.
    weights: Vec<Vec<f64>>,
}

impl Directions {
    /// `near` is a c whose probability is about 0.05: the rules grow until the error there is small.
    pub fn new(structure: &Structure, df: f64, near: f64) -> Result<Self, StatsError> {
        structure.check_rank()?;
        let mut found = None;
        for rule in RULES {
            let mut drawn = vec![0.0; structure.rank];
            let mut largest = Vec::new();
            rule.means(structure.rank, |draws| {
                for (z, draw) in drawn.iter_mut().zip(draws) {
                    *z = quantile(*draw);
                }
                largest.push(largest_projection(&structure.rows, &drawn));
                0.0
            });
            let directions = Self::of(&largest, structure.rank, df);
            let (value, error) = directions.upper(near)?;
            let enough = error <= TARGET * value;
            found = Some(directions);
            if enough {
                break;
            }
        }
        found.ok_or(StatsError::NoConvergence {
            what: "a joint probability",
        })
    }

    /// From the values of m, those of each shift together.
    fn of(largest: &[f64], rank: usize, df: f64) -> Self {
        let low = largest.iter().copied().fold(1.0, f64::min);
        let high = largest.iter().copied().fold(0.0, f64::max);
        let (middle, half) = (0.5 * (low + high), (0.5 * (high - low)).max(1e-9));
        let angle = |k: usize| PI * (k as f64 + 0.5) / POINTS as f64;
        let each = (largest.len() / SHIFTS as usize).max(1);
        let weights = largest.chunks(each).map(|chunk| {
            let moments = moments(chunk, middle, half);
            let weight = |k: usize| {
                let terms = moments.iter().enumerate();
                let sum: f64 = terms
                    .map(|(j, moment)| moment * (j as f64 * angle(k)).cos())
                    .sum();
                (2.0 * sum - 1.0) / POINTS as f64
            };
            (0..POINTS).map(weight).collect()
        });
        Self {
            rank: rank as f64,
            df,
            weights: weights.collect(),
            points: (0..POINTS)
                .map(|k| middle + half * angle(k).cos())
                .collect(),
        }
    }

    /// The same directions with other degrees of freedom.
    pub fn with_df(&self, df: f64) -> Self {
        Self { df, ..self.clone() }
    }

    /// P(max |Tᵢ| > c) and its error.
    pub fn upper(&self, c: f64) -> Result<(f64, f64), StatsError> {
        let mut tails = Vec::with_capacity(POINTS);
        for m in &self.points {
            tails.push(self.tail(c / m)?);
        }
        let mean = |weights: &Vec<f64>| weights.iter().zip(&tails).map(|(w, t)| w * t).sum();
        let means: Vec<f64> = self.weights.iter().map(mean).collect();
        let (value, error) = mean_and_error(&means);
        Ok((value, error + INTERPOLATION * value.abs()))
    }

    /// P(|Z|/S > distance).
    fn tail(&self, distance: f64) -> Result<f64, StatsError> {
        let square = distance * distance;
        if self.df.is_infinite() {
            Ok(ChiSquared::new(self.rank)?.upper(square))
        } else {
            Ok(FisherF::new(self.rank, self.df)?.upper(square / self.rank))
        }
    }
}

/// max |Lᵢ·z|/|z|.
fn largest_projection(rows: &[Vec<f64>], z: &[f64]) -> f64 {
    let length = z.iter().map(|z| z * z).sum::<f64>().sqrt();
    let project = |row: &Vec<f64>| row.iter().zip(z).map(|(a, z)| a * z).sum::<f64>().abs();
    let largest = rows.iter().map(project).fold(0.0, f64::max) / length;
    if largest.is_finite() { largest } else { 1.0 }
}

/// The means of the Chebyshev polynomials of (m − middle)/half.
fn moments(values: &[f64], middle: f64, half: f64) -> [f64; POINTS] {
    let mut sums = [0.0; POINTS];
    for value in values {
        let x = ((value - middle) / half).clamp(-1.0, 1.0);
        let (mut here, mut next) = (1.0, x);
        for sum in &mut sums {
            *sum += here;
            (here, next) = (next, 2.0 * x * next - here);
        }
    }
    sums.map(|sum| sum / values.len() as f64)
}
