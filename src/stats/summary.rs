//! Sums, means, standard deviations and quantiles.

use super::StatsError;

/// Sums in the given order, compensated (Neumaier 1974), so that the rounding error does not grow with the number of
/// values and cancellation between large values costs nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct CompensatedSum {
    sum: f64,
    compensation: f64,
}

impl CompensatedSum {
    /// Adds one value.
    pub fn add(&mut self, value: f64) {
        let total = self.sum + value;
        self.compensation += if self.sum.abs() >= value.abs() {
            (self.sum - total) + value
        } else {
            (value - total) + self.sum
        };
        self.sum = total;
    }

    /// The sum so far.
    pub fn value(self) -> f64 {
        if self.sum.is_finite() {
            self.sum + self.compensation
        } else {
            self.sum
        }
    }
}

impl FromIterator<f64> for CompensatedSum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sum = Self::default();
        for value in values {
            sum.add(value);
        }
        sum
    }
}

/// The compensated sum of an iterator of numbers, not checked for finiteness.
pub(super) fn compensated<I: IntoIterator<Item = f64>>(values: I) -> f64 {
    values.into_iter().collect::<CompensatedSum>().value()
}

/// The sum; 0 for no values.
pub fn sum(values: &[f64]) -> Result<f64, StatsError> {
    StatsError::check_finite("values", values)?;
    representable("sum", compensated(values.iter().copied()))
}

/// The arithmetic mean.
pub fn mean(values: &[f64]) -> Result<f64, StatsError> {
    StatsError::check_count("mean", "value", 1, values.len())?;
    StatsError::check_finite("values", values)?;
    // Exact for a constant column, where the division could round away from the value.
    if let Some(value) = constant(values) {
        return Ok(value);
    }
    representable(
        "mean",
        compensated(values.iter().copied()) / values.len() as f64,
    )
}

/// The variance with denominator n − 1, from deviations about the mean (two passes, with the correction of Chan, Golub
/// and `LeVeque` 1983 for the mean's own rounding).
pub fn variance(values: &[f64]) -> Result<f64, StatsError> {
    StatsError::check_count("variance", "values", 2, values.len())?;
    sum_of_squares(values).map(|squares| squares / (values.len() - 1) as f64)
}

/// The standard deviation with denominator n − 1.
pub fn sd(values: &[f64]) -> Result<f64, StatsError> {
    StatsError::check_count("sd", "values", 2, values.len())?;
    variance(values).map(f64::sqrt)
}

/// The standard error of the mean, sd/√n.
pub fn standard_error(values: &[f64]) -> Result<f64, StatsError> {
    StatsError::check_count("standard error", "values", 2, values.len())?;
    sd(values).map(|sd| sd / (values.len() as f64).sqrt())
}

/// The sum of squared deviations from the mean; exactly 0 for equal values.
pub(super) fn sum_of_squares(values: &[f64]) -> Result<f64, StatsError> {
    let centre = mean(values)?;
    if constant(values).is_some() {
        return Ok(0.0);
    }
    let squares = compensated(values.iter().map(|value| (value - centre).powi(2)));
    let drift = compensated(values.iter().map(|value| value - centre));
    representable(
        "sum of squares",
        squares - drift * drift / values.len() as f64,
    )
}

/// The smallest value.
pub fn min(values: &[f64]) -> Result<f64, StatsError> {
    StatsError::check_count("minimum", "value", 1, values.len())?;
    StatsError::check_finite("values", values)?;
    Ok(values.iter().copied().fold(f64::INFINITY, f64::min))
}

/// The largest value.
pub fn max(values: &[f64]) -> Result<f64, StatsError> {
    StatsError::check_count("maximum", "value", 1, values.len())?;
    StatsError::check_finite("values", values)?;
    Ok(values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// How a quantile is read off the sorted sample: the nine types of Hyndman and Fan (1996), numbered as in R.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum QuantileType {
    /// Type 1: inverse of the empirical distribution function.
    InverseEcdf,
    /// Type 2: as type 1, averaged at discontinuities (SAS, Stata).
    AveragedEcdf,
    /// Type 3: the nearest even order statistic.
    NearestEven,
    /// Type 4: linear interpolation of the empirical distribution function.
    LinearEcdf,
    /// Type 5: piecewise linear with knots at (k − ½)/n (Hazen).
    Hazen,
    /// Type 6: knots at k/(n + 1) (Weibull; SPSS, Minitab).
    Weibull,
    /// Type 7: knots at (k − 1)/(n − 1) (R, Excel, `NumPy`); the default.
    #[default]
    Linear,
    /// Type 8: approximately median-unbiased.
    MedianUnbiased,
    /// Type 9: approximately unbiased for normal data.
    NormalUnbiased,
}

impl QuantileType {
    /// The type of a number from 1 to 9, as R counts them.
    pub fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::InverseEcdf,
            2 => Self::AveragedEcdf,
            3 => Self::NearestEven,
            4 => Self::LinearEcdf,
            5 => Self::Hazen,
            6 => Self::Weibull,
            7 => Self::Linear,
            8 => Self::MedianUnbiased,
            9 => Self::NormalUnbiased,
            _ => return None,
        })
    }

    /// The number from 1 to 9, as R counts them.
    pub fn number(self) -> u8 {
        match self {
            Self::InverseEcdf => 1,
            Self::AveragedEcdf => 2,
            Self::NearestEven => 3,
            Self::LinearEcdf => 4,
            Self::Hazen => 5,
            Self::Weibull => 6,
            Self::Linear => 7,
            Self::MedianUnbiased => 8,
            Self::NormalUnbiased => 9,
        }
    }

    /// The position in the sorted sample, from 1, as the rank below (0 to n) and the weight of the value above it.
    fn position(self, n: f64, p: f64) -> (f64, f64) {
        // Positions that are whole numbers but for rounding count as whole, as in R.
        let fuzz = 4.0 * f64::EPSILON * (1.0 + n * p);
        let split = |position: f64| {
            let below = (position + fuzz).floor();
            let weight = position - below;
            (below, if weight.abs() <= fuzz { 0.0 } else { weight })
        };
        let interpolated = |a: f64, b: f64| split(a + p * (n + 1.0 - a - b));
        let third = 1.0 / 3.0;
        match self {
            Self::InverseEcdf => {
                let (below, weight) = split(n * p);
                (below, if weight > 0.0 { 1.0 } else { 0.0 })
            }
            Self::AveragedEcdf => {
                let (below, weight) = split(n * p);
                (below, if weight > 0.0 { 1.0 } else { 0.5 })
            }
            Self::NearestEven => {
                let (below, weight) = split(n * p - 0.5);
                let up = weight > 0.0 || below.rem_euclid(2.0) == 1.0;
                (below, if up { 1.0 } else { 0.0 })
            }
            Self::LinearEcdf => interpolated(0.0, 1.0),
            Self::Hazen => interpolated(0.5, 0.5),
            Self::Weibull => interpolated(0.0, 0.0),
            Self::Linear => interpolated(1.0, 1.0),
            Self::MedianUnbiased => interpolated(third, third),
            Self::NormalUnbiased => interpolated(0.375, 0.375),
        }
    }

    /// The quantile of a sorted sample that is not empty.
    fn of_sorted(self, sorted: &[f64], p: f64) -> f64 {
        let (below, weight) = self.position(sorted.len() as f64, p);
        let lower = order_statistic(sorted, below);
        let upper = order_statistic(sorted, below + 1.0);
        between(lower, upper, weight)
    }
}

/// The value between two order statistics; `weight` is the upper one's.
fn between(lower: f64, upper: f64, weight: f64) -> f64 {
    if weight == 0.0 || lower == upper {
        lower
    } else if weight == 1.0 {
        upper
    } else {
        (1.0 - weight) * lower + weight * upper
    }
}

/// The value of rank `rank` from 1; ranks beyond the sample give its ends.
fn order_statistic(sorted: &[f64], rank: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    // The rank is a whole number, and clamped before it is an index.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let index = (rank - 1.0).clamp(0.0, last as f64) as usize;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

/// The quantiles at several probabilities, sorting once.
pub fn quantiles(
    values: &[f64],
    probabilities: &[f64],
    kind: QuantileType,
) -> Result<Vec<f64>, StatsError> {
    StatsError::check_count("quantile", "value", 1, values.len())?;
    StatsError::check_finite("values", values)?;
    for &value in probabilities {
        if !(0.0..=1.0).contains(&value) {
            return Err(StatsError::OutOfRange {
                what: "probability",
                value,
                allowed: "from 0 to 1",
            });
        }
    }
    let sorted = sorted(values);
    let quantile = |p: &f64| kind.of_sorted(&sorted, *p);
    Ok(probabilities.iter().map(quantile).collect())
}

/// The quantiles of finite values at several probabilities by selection, without sorting or a copy: O(n) for each. The
/// values are left in another order. Equal to [`quantiles`], but for which of −0 and 0 it is.
pub fn quantiles_in_place(
    values: &mut [f64],
    probabilities: &[f64],
    kind: QuantileType,
) -> Result<Vec<f64>, StatsError> {
    StatsError::check_count("quantile", "value", 1, values.len())?;
    StatsError::check_finite("values", values)?;
    let n = values.len() as f64;
    let select = |values: &mut [f64], rank: f64| {
        let last = values.len() - 1;
        // The rank is a whole number, and clamped before it is an index.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let index = (rank - 1.0).clamp(0.0, last as f64) as usize;
        *values.select_nth_unstable_by(index, f64::total_cmp).1
    };
    let mut found = Vec::with_capacity(probabilities.len());
    for &value in probabilities {
        if !(0.0..=1.0).contains(&value) {
            return Err(StatsError::OutOfRange {
                what: "probability",
                value,
                allowed: "from 0 to 1",
            });
        }
        let (below, weight) = kind.position(n, value);
        let lower = select(values, below);
        found.push(if weight == 0.0 {
            lower
        } else {
            between(lower, select(values, below + 1.0), weight)
        });
    }
    Ok(found)
}

/// The quantile at one probability.
pub fn quantile(values: &[f64], probability: f64, kind: QuantileType) -> Result<f64, StatsError> {
    let found = quantiles(values, &[probability], kind)?;
    Ok(found.first().copied().unwrap_or(f64::NAN))
}

/// The median: the middle value, or the mean of the middle two.
pub fn median(values: &[f64]) -> Result<f64, StatsError> {
    StatsError::check_count("median", "value", 1, values.len())?;
    quantile(values, 0.5, QuantileType::AveragedEcdf)
}

/// Everything that a table of characteristics says of a numeric variable. A statistic that these values do not define
/// is the error that says why.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Number of values.
    pub n: usize,
    /// Number of missing values.
    pub n_missing: usize,
    /// Sum, 0 for no values.
    pub sum: Result<f64, StatsError>,
    /// Arithmetic mean.
    pub mean: Result<f64, StatsError>,
    /// Standard deviation with denominator n − 1.
    pub sd: Result<f64, StatsError>,
    /// Smallest value.
    pub min: Result<f64, StatsError>,
    /// First quartile.
    pub p25: Result<f64, StatsError>,
    /// Median.
    pub median: Result<f64, StatsError>,
    /// Third quartile.
    pub p75: Result<f64, StatsError>,
    /// Largest value.
    pub max: Result<f64, StatsError>,
    /// How the quartiles were read off.
    pub quantile_type: QuantileType,
}

impl Summary {
    /// Summarises the values that are present; `None` is a missing value. An infinite value or NaN is the error, its
    /// index counted among all values.
    pub fn of(values: &[Option<f64>], quantile_type: QuantileType) -> Result<Self, StatsError> {
        let not_finite = |value: &Option<f64>| value.is_some_and(|value| !value.is_finite());
        if let Some(index) = values.iter().position(not_finite) {
            return Err(StatsError::NotFinite {
                what: "values",
                index,
            });
        }
        let present: Vec<f64> = values.iter().copied().flatten().collect();
        Ok(Self {
            n: present.len(),
            n_missing: values.len() - present.len(),
            sum: sum(&present),
            mean: mean(&present),
            sd: sd(&present),
            min: min(&present),
            p25: quantile(&present, 0.25, quantile_type),
            median: median(&present),
            p75: quantile(&present, 0.75, quantile_type),
            max: max(&present),
            quantile_type,
        })
    }
}

/// The values in ascending order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The value that all values are, if they are all equal.
pub(super) fn constant(values: &[f64]) -> Option<f64> {
    let first = *values.first()?;
    values.iter().all(|value| *value == first).then_some(first)
}

fn representable(what: &'static str, value: f64) -> Result<f64, StatsError> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(StatsError::degenerate(
        what,
        "it exceeds the largest number that can be represented",
    ))
}
