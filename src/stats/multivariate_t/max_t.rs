//! The largest of several |t| statistics.

use nalgebra::DMatrix;

use super::super::StatsError;
use super::super::distribution::{Distribution, Normal, StudentT, Tail};
use super::super::root::{Point, from_log, invert_within};
use super::directions::Directions;
use super::structure::{Structure, correlation};
use super::{Probability, plane, product};

/// Degrees of freedom below this have tails too long to be summed.
const MIN_DF: f64 = 0.1;

/// The distribution of max |Tᵢ| of correlated t statistics: what a single-step adjustment compares each |t| with
/// (Hothorn, Bretz and Westfall 2008).
#[derive(Debug, Clone)]
pub struct MaxT {
    method: Method,
    df: f64,
    tests: usize,
}

#[derive(Debug, Clone)]
enum Method {
    Line,
    Plane(Vec<[f64; 2]>),
    Product(Vec<f64>),
    Directions(Directions),
}

impl MaxT {
    /// Of statistics with this correlation matrix, singular or not, and at least 0.1 degrees of freedom; infinitely
    /// many for normal statistics.
    pub fn new(correlation: &DMatrix<f64>, df: f64) -> Result<Self, StatsError> {
        check_df(df)?;
        let structure = Structure::of(correlation)?;
        Ok(Self {
            method: Method::of(&structure, df)?,
            df,
            tests: structure.order.len(),
        })
    }

    /// Of estimates with this covariance matrix, each over its standard error.
    pub fn of_covariance(covariance: &DMatrix<f64>, df: f64) -> Result<Self, StatsError> {
        Self::new(&correlation(covariance)?, df)
    }

    /// The same correlations with other degrees of freedom.
    pub fn with_df(&self, df: f64) -> Result<Self, StatsError> {
        check_df(df)?;
        let method = match &self.method {
            Method::Directions(directions) => Method::Directions(directions.with_df(df)),
            other => other.clone(),
        };
        Ok(Self {
            method,
            df,
            tests: self.tests,
        })
    }

    /// Whether probabilities are exact to about 1e-12, not estimated by a lattice rule.
    pub fn is_exact(&self) -> bool {
        !matches!(self.method, Method::Directions(_))
    }

    /// P(max |Tᵢ| > |t|): the adjusted P value of a statistic t. NaN gives NaN.
    pub fn upper(&self, t: f64) -> Result<Probability, StatsError> {
        let c = t.abs();
        if c.is_nan() || c == 0.0 || c.is_infinite() {
            return Ok(Probability::exact(if c == 0.0 { 1.0 } else { 1.0 / c }));
        }
        let single = two_sided(self.df, c);
        Ok(match &self.method {
            Method::Line => Probability::exact(single),
            Method::Plane(vectors) => Probability::exact(plane::upper(vectors, self.df, c)),
            Method::Product(loadings) => {
                Probability::exact(product::upper(loadings, self.df, c).probability)
            }
            Method::Directions(directions) => {
                let (value, error) = directions.upper(c)?;
                Probability {
                    value: value.clamp(single, (single * self.tests as f64).min(1.0)),
                    error,
                }
            }
        })
    }

    /// The half-width factor of simultaneous intervals: the c with P(max |Tᵢ| ≤ c) = `level`. By a lattice rule it has
    /// an error of its own: that of the probability over the density.
    pub fn critical(&self, level: f64) -> Result<f64, StatsError> {
        StatsError::check_level(level)?;
        let p = 1.0 - level;
        let start = bonferroni(self.df, self.tests, p)?.ln();
        // Errors can't leave the closure.
        let point = |log: f64| {
            self.point(log.exp()).unwrap_or(Point {
                probability: f64::NAN,
                slope: f64::NAN,
            })
        };
        let log = invert_within(1e-13, Tail::Upper, p, start, point)?;
        Ok(from_log(log))
    }

    /// P(max |Tᵢ| > c) and its derivative with respect to ln c.
    fn point(&self, c: f64) -> Result<Point, StatsError> {
        if let Method::Product(loadings) = &self.method {
            return Ok(product::upper(loadings, self.df, c));
        }
        let width: f64 = 1e-4;
        let upper = |factor: f64| self.upper(c * factor).map(|upper| upper.value);
        Ok(Point {
            probability: upper(1.0)?,
            slope: (upper((-width).exp())? - upper(width.exp())?) / (2.0 * width),
        })
    }
}

fn check_df(df: f64) -> Result<(), StatsError> {
    if df >= MIN_DF {
        return Ok(());
    }
    Err(StatsError::OutOfRange {
        what: "degrees of freedom",
        value: df,
        allowed: "at least 0.1",
    })
}

impl Method {
    fn of(structure: &Structure, df: f64) -> Result<Self, StatsError> {
        let part = |row: &Vec<f64>, index: usize| row.get(index).copied().unwrap_or(0.0);
        if structure.rank == 1 {
            return Ok(Self::Line);
        }
        if structure.rank == 2 {
            let rows = structure.rows.iter();
            let vectors = rows.map(|row| [part(row, 0), part(row, 1)]);
            return Ok(Self::Plane(vectors.collect()));
        }
        if let Some(loadings) = &structure.loadings {
            return Ok(Self::Product(loadings.clone()));
        }
        let near = bonferroni(df, structure.order.len(), 0.05)?;
        Directions::new(structure, df, near).map(Self::Directions)
    }
}

/// An upper bound of the critical value.
fn bonferroni(df: f64, tests: usize, p: f64) -> Result<f64, StatsError> {
    let each = 0.5 * p / tests as f64;
    if df.is_infinite() {
        Normal.upper_quantile(each)
    } else {
        StudentT::new(df)?.upper_quantile(each)
    }
}

fn two_sided(df: f64, t: f64) -> f64 {
    match StudentT::new(df) {
        Ok(student) => student.two_sided(t),
        Err(_) => Normal.two_sided(t),
    }
}
