//! The weights of contrasts.

use nalgebra::DMatrix;

use super::super::StatsError;

/// More means than this are not contrasted.
const MAX_MEANS: usize = 1000;
/// The highest degree of a polynomial contrast, and the most means: beyond, whole-number weights overflow.
const MAX_DEGREE: usize = 6;
const MAX_TREND: usize = 200;
/// The sum of a contrast's weights, relative to the largest, that counts as rounding.
const ROUNDING: f64 = 1e-10;

/// Which contrasts of k means.
#[derive(Debug, Clone, PartialEq)]
pub enum ContrastKind {
    /// Each mean less each later one.
    Pairwise,
    /// Each mean less each earlier one.
    ReversePairwise,
    /// Each other mean less the one at this place: Dunnett's comparisons with a control.
    Against(usize),
    /// Each mean less the one before it.
    Consecutive,
    /// Each mean less the mean of all.
    FromAverage,
    /// Each mean less the mean of the others.
    FromOthers,
    /// Trends over equally spaced means up to this degree (at most 6, and less than k): orthogonal polynomials in the
    /// smallest whole numbers.
    Polynomial(usize),
    /// Weights of one's own, with a name each.
    Custom(Vec<(String, Vec<f64>)>),
}

/// What a contrast is of.
#[derive(Debug, Clone, PartialEq)]
pub enum ContrastName {
    /// The mean at the first place less that at the second.
    Difference(usize, usize),
    /// The mean at this place less the average of all.
    FromAverage(usize),
    /// The mean at this place less the average of the others.
    FromOthers(usize),
    /// The trend of this degree: 1 linear, 2 quadratic, and so on.
    Trend(usize),
    /// An author's own.
    Custom(String),
}

/// A contrast: Σ weightᵢ meanᵢ.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// What it is of.
    pub name: ContrastName,
    /// One weight a mean; they add up to 0.
    pub weights: Vec<f64>,
}

/// The contrasts of `means` means.
pub fn generate(kind: &ContrastKind, means: usize) -> Result<Vec<Contrast>, StatsError> {
    StatsError::check_count("a contrast", "means", 2, means)?;
    if means > MAX_MEANS {
        return Err(StatsError::TooLarge {
            what: "the family of contrasts",
            reason: format!("there are {means} means, more than {MAX_MEANS}"),
        });
    }
    let difference = |(left, right)| Contrast {
        name: ContrastName::Difference(left, right),
        weights: (0..means)
            .map(|i| f64::from(u8::from(i == left)) - f64::from(u8::from(i == right)))
            .collect(),
    };
    let later = |i: usize| (i + 1..means).map(move |j| (i, j));
    let earlier = |i: usize| (0..i).map(move |j| (i, j));
    Ok(match kind {
        ContrastKind::Pairwise => (0..means).flat_map(later).map(difference).collect(),
        ContrastKind::ReversePairwise => (0..means).flat_map(earlier).map(difference).collect(),
        ContrastKind::Against(reference) => {
            if *reference >= means {
                return Err(StatsError::OutOfRange {
                    what: "the place of the reference",
                    value: *reference as f64,
                    allowed: "less than the number of means",
                });
            }
            let others = (0..means).filter(|i| i != reference);
            others.map(|i| difference((i, *reference))).collect()
        }
        ContrastKind::Consecutive => (1..means).map(|i| difference((i, i - 1))).collect(),
        ContrastKind::FromAverage => (0..means)
            .map(|i| Contrast {
                name: ContrastName::FromAverage(i),
                weights: from_rest(means, i, means as f64, 1.0 - (means as f64).recip()),
            })
            .collect(),
        ContrastKind::FromOthers => (0..means)
            .map(|i| Contrast {
                name: ContrastName::FromOthers(i),
                weights: from_rest(means, i, means as f64 - 1.0, 1.0),
            })
            .collect(),
        ContrastKind::Polynomial(degree) => trends(means, *degree)?,
        ContrastKind::Custom(contrasts) => custom(contrasts, means)?,
    })
}

/// How many of the contrasts are linearly independent: what Scheffé's adjustment needs.
pub fn rank(contrasts: &[Contrast]) -> usize {
    let means = contrasts.iter().map(|c| c.weights.len()).max().unwrap_or(0);
    let rows = DMatrix::from_fn(contrasts.len(), means, |i, j| {
        let row = contrasts
            .get(i)
            .map(|c| c.weights.as_slice())
            .unwrap_or_default();
        let length = row.iter().map(|w| w * w).sum::<f64>().sqrt();
        row.get(j).map_or(0.0, |weight| weight / length)
    });
    if rows.is_empty() || rows.iter().any(|value| !value.is_finite()) {
        return 0;
    }
    rows.rank(1e-9)
}

/// `own` at one place and −1/divisor at all others.
fn from_rest(means: usize, place: usize, divisor: f64, own: f64) -> Vec<f64> {
    let weight = |i| if i == place { own } else { -divisor.recip() };
    (0..means).map(weight).collect()
}

/// The discrete Chebyshev polynomials t(x) = Σⱼ (−1)^(d+j) C(d+j, j) C(k−1−j, d−j) C(x, j), over their common divisor.
fn trends(means: usize, degree: usize) -> Result<Vec<Contrast>, StatsError> {
    if !(1..=MAX_DEGREE).contains(&degree) || degree >= means || means > MAX_TREND {
        return Err(StatsError::OutOfRange {
            what: "the degree of a trend",
            value: degree as f64,
            allowed: "from 1 to 6, and less than the number of means, of which there are at most 200",
        });
    }
    let trend = |d: usize| {
        let value = |x: usize| -> i128 {
            (0..=d)
                .map(|j| {
                    let sign = if (d + j).is_multiple_of(2) { 1 } else { -1 };
                    sign * choose(d + j, j) * choose(means - 1 - j, d - j) * choose(x, j)
                })
                .sum()
        };
        let values: Vec<i128> = (0..means).map(value).collect();
        let divisor = values.iter().copied().fold(0, greatest_common_divisor);
        Contrast {
            name: ContrastName::Trend(d),
            weights: values.iter().map(|v| (v / divisor.max(1)) as f64).collect(),
        }
    };
    Ok((1..=degree).map(trend).collect())
}

/// The binomial coefficient; 0 for k > n.
fn choose(n: usize, k: usize) -> i128 {
    if k > n {
        return 0;
    }
    // Each partial product is a binomial coefficient itself.
    (0..k).fold(1, |product, i| product * (n - i) as i128 / (i + 1) as i128)
}

fn greatest_common_divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn custom(contrasts: &[(String, Vec<f64>)], means: usize) -> Result<Vec<Contrast>, StatsError> {
    StatsError::check_count("a family of contrasts", "contrast", 1, contrasts.len())?;
    let mut found = Vec::with_capacity(contrasts.len());
    for (name, weights) in contrasts {
        if weights.len() != means {
            return Err(StatsError::SizeMismatch {
                what: "a contrast",
                have: weights.len(),
                need: means,
            });
        }
        StatsError::check_finite("a contrast's weights", weights)?;
        let largest = weights.iter().fold(0.0_f64, |a, w| a.max(w.abs()));
        let sum: f64 = weights.iter().sum();
        if largest == 0.0 {
            return Err(StatsError::degenerate(
                "a contrast",
                "all its weights are 0",
            ));
        }
        if sum.abs() > ROUNDING * largest {
            return Err(StatsError::degenerate(
                "a contrast",
                "its weights don't add up to 0",
            ));
        }
        found.push(Contrast {
            name: ContrastName::Custom(name.clone()),
            weights: weights.clone(),
        });
    }
    Ok(found)
}
