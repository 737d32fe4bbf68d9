//! Whether values are missing completely at random.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use super::StatsError;
use super::distribution::{ChiSquared, Distribution};

const WHAT: &str = "Little's test";
/// More columns than this are not tested together.
const MAX_COLUMNS: usize = 200;
/// The iteration ends when no mean or covariance of the standardised columns moves by more.
const SETTLED: f64 = 1e-12;
const MAX_STEPS: usize = 20_000;

/// Which covariance the distances between the patterns' means are measured by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CovarianceKind {
    /// The maximum-likelihood estimate Σ̂.
    #[default]
    MaximumLikelihood,
    /// n Σ̂/(n − 1), for n rows with any value.
    Unbiased,
}

/// Little's test that values are missing completely at random.
#[derive(Debug, Clone, PartialEq)]
pub struct McarTest {
    /// d², chi-squared with `df` degrees of freedom if they are, in large samples.
    pub statistic: f64,
    /// The numbers of columns observed in each pattern, added up, less the number of columns.
    pub df: f64,
    /// P(χ² ≥ statistic).
    pub p_value: f64,
    /// Distinct patterns of missing values among the rows used.
    pub patterns: usize,
    /// Rows with at least one value; rows without any say nothing and are left out.
    pub rows: usize,
    /// The maximum-likelihood means.
    pub means: Vec<f64>,
    /// The maximum-likelihood covariance matrix.
    pub covariance: DMatrix<f64>,
}

/// Little's (1988) test for columns of equal length: the weighted sum of squared distances between the means of each
/// pattern of missing values and the means that maximum likelihood for multivariate normal data gives all rows, by the
/// EM algorithm (Dempster, Laird and Rubin 1977; Orchard and Woodbury 1972).
pub fn little_mcar(
    columns: &[Vec<Option<f64>>],
    kind: CovarianceKind,
) -> Result<McarTest, StatsError> {
    let scales = check(columns)?;
    let patterns = patterns(columns, &scales);
    if patterns.len() < 2 {
        return Err(StatsError::degenerate(
            WHAT,
            "all rows have the same pattern of missing values",
        ));
    }
    let rows: f64 = patterns.iter().map(|pattern| pattern.count).sum();
    let estimate = maximum_likelihood(&patterns, columns.len(), rows)?;
    let factor = match kind {
        CovarianceKind::MaximumLikelihood => 1.0,
        CovarianceKind::Unbiased => (rows - 1.0) / rows,
    };
    let mut statistic = 0.0;
    for pattern in &patterns {
        let difference = &pattern.mean - estimate.mean_of(&pattern.observed);
        let solved = estimate
            .covariance_of(&pattern.observed)?
            .solve(&difference);
        statistic += factor * pattern.count * difference.dot(&solved);
    }
    let observed: usize = patterns.iter().map(|pattern| pattern.observed.len()).sum();
    let df = observed.saturating_sub(columns.len()) as f64;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    Ok(McarTest {
        statistic,
        df,
        p_value: ChiSquared::new(df)?.upper(statistic),
        patterns: patterns.len(),
        rows: rows as usize,
        means: estimate.raw_means(&scales),
        covariance: estimate.raw_covariance(&scales),
    })
}

/// The centre and spread of a column's values.
struct Scale {
    mean: f64,
    spread: f64,
}

/// The rows with the same columns observed, standardised.
struct Pattern {
    observed: Vec<usize>,
    missing: Vec<usize>,
    count: f64,
    /// The mean of the observed columns.
    mean: DVector<f64>,
    /// Sums of squares and products about that mean.
    squares: DMatrix<f64>,
}

/// The parameters of a multivariate normal distribution.
struct Normal {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

fn check(columns: &[Vec<Option<f64>>]) -> Result<Vec<Scale>, StatsError> {
    StatsError::check_count(WHAT, "columns", 2, columns.len())?;
    if columns.len() > MAX_COLUMNS {
        return Err(StatsError::TooLarge {
            what: WHAT,
            reason: format!(
                "there are {} columns, more than {MAX_COLUMNS}",
                columns.len()
            ),
        });
    }
    let length = columns.first().map_or(0, Vec::len);
    columns
        .iter()
        .map(|column| {
            if column.len() != length {
                return Err(StatsError::SizeMismatch {
                    what: "a column",
                    have: column.len(),
                    need: length,
                });
            }
            let values: Vec<f64> = column.iter().copied().flatten().collect();
            StatsError::check_finite("a column", &values)?;
            StatsError::check_count(WHAT, "values in each column", 2, values.len())?;
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
            let spread = (squares / n).sqrt();
            if spread.is_finite() && spread > 1e-12 * mean.abs() {
                Ok(Scale { mean, spread })
            } else {
                Err(StatsError::degenerate(WHAT, "a column does not vary"))
            }
        })
        .collect()
}

fn patterns(columns: &[Vec<Option<f64>>], scales: &[Scale]) -> Vec<Pattern> {
    let length = columns.first().map_or(0, Vec::len);
    let mut grouped: BTreeMap<Vec<usize>, Vec<DVector<f64>>> = BTreeMap::new();
    for row in 0..length {
        let (mut observed, mut values) = (Vec::new(), Vec::new());
        for (index, (column, scale)) in columns.iter().zip(scales).enumerate() {
            if let Some(value) = column.get(row).copied().flatten() {
                observed.push(index);
                values.push((value - scale.mean) / scale.spread);
            }
        }
        if !observed.is_empty() {
            let rows = grouped.entry(observed).or_default();
            rows.push(DVector::from_vec(values));
        }
    }
    let pattern = |(observed, rows): (Vec<usize>, Vec<DVector<f64>>)| {
        let count = rows.len() as f64;
        let size = observed.len();
        let zero = DVector::zeros(size);
        let mean = rows.iter().fold(zero, |sum, row| sum + row) / count;
        let mut squares = DMatrix::zeros(size, size);
        for row in &rows {
            let centred = row - &mean;
            squares += &centred * centred.transpose();
        }
        Pattern {
            missing: (0..columns.len())
                .filter(|i| !observed.contains(i))
                .collect(),
            observed,
            count,
            mean,
            squares,
        }
    };
    grouped.into_iter().map(pattern).collect()
}

/// The EM algorithm from independent standardised columns.
fn maximum_likelihood(patterns: &[Pattern], size: usize, rows: f64) -> Result<Normal, StatsError> {
    let mut now = Normal {
        mean: DVector::zeros(size),
        covariance: DMatrix::identity(size, size),
    };
    for _ in 0..MAX_STEPS {
        let next = now.step(patterns, rows)?;
        let moved = (&next.mean - &now.mean)
            .amax()
            .max((&next.covariance - &now.covariance).amax());
        now = next;
        if moved <= SETTLED {
            return Ok(now);
        }
        if !moved.is_finite() {
            break;
        }
    }
    Err(StatsError::NoConvergence {
        what: "the EM algorithm of Little's test",
    })
}

impl Normal {
    fn mean_of(&self, columns: &[usize]) -> DVector<f64> {
        self.mean.select_rows(columns)
    }

    fn part(&self, rows: &[usize], columns: &[usize]) -> DMatrix<f64> {
        self.covariance.select_rows(rows).select_columns(columns)
    }

    /// The factor of the covariance of some columns.
    fn covariance_of(
        &self,
        columns: &[usize],
    ) -> Result<nalgebra::Cholesky<f64, nalgebra::Dyn>, StatsError> {
        let part = self.part(columns, columns);
        let factor = part.cholesky().filter(|factor| {
            // Standardised columns: a remaining variance this small is rounding.
            factor.l_dirty().diagonal().iter().all(|d| d * d > 1e-10)
        });
        factor.ok_or_else(|| {
            StatsError::degenerate(
                WHAT,
                "a column is a combination of others, or too few rows have it",
            )
        })
    }

    /// One step: what the rows are expected to be, given what is observed of them, and the moments of that.
    fn step(&self, patterns: &[Pattern], rows: f64) -> Result<Self, StatsError> {
        let size = self.mean.len();
        let mut means = Vec::with_capacity(patterns.len());
        let mut products = DMatrix::zeros(size, size);
        for pattern in patterns {
            let (observed, missing) = (&pattern.observed, &pattern.missing);
            let factor = self.covariance_of(observed)?;
            let across = self.part(observed, missing);
            // Coefficients of the missing on the observed, observed by missing.
            let slopes = factor.solve(&across);
            let left = self.part(missing, missing) - slopes.transpose() * &across;
            let shift = slopes.transpose() * (&pattern.mean - self.mean_of(observed));
            let expected = self.mean_of(missing) + shift;
            let mut mean = DVector::zeros(size);
            fill(&mut mean, observed, &pattern.mean);
            fill(&mut mean, missing, &expected);
            let mixed = &pattern.squares * &slopes;
            let own = slopes.transpose() * &mixed + left * pattern.count;
            add(&mut products, observed, observed, &pattern.squares);
            add(&mut products, observed, missing, &mixed);
            add(&mut products, missing, observed, &mixed.transpose());
            add(&mut products, missing, missing, &own);
            means.push((pattern.count, mean));
        }
        let zero = DVector::zeros(size);
        let mean = means.iter().fold(zero, |sum, (n, mean)| sum + mean * *n) / rows;
        for (count, own) in &means {
            let centred = own - &mean;
            products += &centred * centred.transpose() * *count;
        }
        Ok(Self {
            mean,
            covariance: products / rows,
        })
    }

    fn raw_means(&self, scales: &[Scale]) -> Vec<f64> {
        let pairs = self.mean.iter().zip(scales);
        pairs
            .map(|(z, scale)| scale.mean + scale.spread * z)
            .collect()
    }

    fn raw_covariance(&self, scales: &[Scale]) -> DMatrix<f64> {
        let spread = DVector::from_iterator(scales.len(), scales.iter().map(|s| s.spread));
        DMatrix::from_fn(scales.len(), scales.len(), |i, j| {
            self.covariance[(i, j)] * spread[i] * spread[j]
        })
    }
}

/// Puts values at places.
fn fill(target: &mut DVector<f64>, places: &[usize], values: &DVector<f64>) {
    for (&place, value) in places.iter().zip(values.iter()) {
        target[place] = *value;
    }
}

/// Adds a block at rows and columns.
fn add(target: &mut DMatrix<f64>, rows: &[usize], columns: &[usize], block: &DMatrix<f64>) {
    for (j, &column) in columns.iter().enumerate() {
        for (i, &row) in rows.iter().enumerate() {
            target[(row, column)] += block[(i, j)];
        }
    }
}
