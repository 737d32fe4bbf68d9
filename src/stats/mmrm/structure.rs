//! The covariance structures as a table.

use super::super::model_error::ModelError;
use super::error::RepeatedError;

/// How the covariance of two visits depends on which they are.
///
/// An `H` structure has a variance for each visit; the others have one for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CovarianceKind {
    /// Any covariance matrix.
    #[default]
    Unstructured,
    /// One correlation for all pairs of visits.
    CompoundSymmetry,
    /// The same with a variance for each visit.
    CompoundSymmetryH,
    /// ρ to the power of the number of visits between.
    Autoregressive,
    /// The same with a variance for each visit.
    AutoregressiveH,
    /// A correlation for each distance in visits.
    Toeplitz,
    /// The same with a variance for each visit.
    ToeplitzH,
    /// The product of the correlations of neighbours between the two visits (Gabriel 1962).
    Antedependence,
    /// The same with a variance for each visit.
    AntedependenceH,
    /// ρ to the power of the difference in time, 0 < ρ < 1; visits are numbers.
    SpatialExponential,
}

/// What a correlation parameter κ, any number, means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// The entries below the diagonal of the unit triangle U of Σ = D U Uᵀ D.
    Triangle,
    /// ρ = κ / √(1 + κ²).
    Sphere,
    /// ρ = (1 + a) logistic(κ) − a with a = 1 / (visits − 1), the range of a compound symmetry.
    Bounded,
    /// ρ = logistic(κ).
    Positive,
}

/// A row of the table of structures.
pub(super) struct StructureRow {
    pub kind: CovarianceKind,
    /// The name in the R package mmrm.
    pub name: &'static str,
    /// What a reader calls it.
    pub title: &'static str,
    /// Whether each visit has a log standard deviation of its own among the parameters, which come first. In an
    /// unstructured matrix they are the logarithms of D.
    pub heterogeneous: bool,
    /// The number of correlation parameters of so many visits.
    pub correlations: fn(usize) -> usize,
    pub link: Link,
}

const fn one(_: usize) -> usize {
    1
}

const fn gaps(visits: usize) -> usize {
    visits.saturating_sub(1)
}

const fn pairs(visits: usize) -> usize {
    visits * visits.saturating_sub(1) / 2
}

const fn row(
    kind: CovarianceKind,
    name: &'static str,
    title: &'static str,
    heterogeneous: bool,
    correlations: fn(usize) -> usize,
    link: Link,
) -> StructureRow {
    StructureRow {
        kind,
        name,
        title,
        heterogeneous,
        correlations,
        link,
    }
}

/// All structures; the parameters are those of mmrm, on which Kenward and Roger's second derivatives depend.
#[rustfmt::skip]
const TABLE: [StructureRow; 10] = {
    use CovarianceKind as K;
    use Link as L;
    [
        row(K::Unstructured,       "us",     "unstructured",                        true,  pairs, L::Triangle),
        row(K::CompoundSymmetry,   "cs",     "compound symmetry",                   false, one,   L::Bounded),
        row(K::CompoundSymmetryH,  "csh",    "heterogeneous compound symmetry",     true,  one,   L::Bounded),
        row(K::Autoregressive,     "ar1",    "first-order autoregressive",          false, one,   L::Sphere),
        row(K::AutoregressiveH,    "ar1h",   "heterogeneous autoregressive",        true,  one,   L::Sphere),
        row(K::Toeplitz,           "toep",   "Toeplitz",                            false, gaps,  L::Sphere),
        row(K::ToeplitzH,          "toeph",  "heterogeneous Toeplitz",              true,  gaps,  L::Sphere),
        row(K::Antedependence,     "ad",     "first-order ante-dependence",         false, gaps,  L::Sphere),
        row(K::AntedependenceH,    "adh",    "heterogeneous ante-dependence",       true,  gaps,  L::Sphere),
        row(K::SpatialExponential, "sp_exp", "spatial exponential",                 false, one,   L::Positive),
    ]
};

impl CovarianceKind {
    /// All kinds, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.kind)
    }

    /// The kind of that name: `us`, `cs`, `csh`, `ar1`, `ar1h`, `toep`, `toeph`, `ad`, `adh`, `sp_exp`.
    pub fn from_name(name: &str) -> Result<Self, ModelError> {
        let found = TABLE.iter().find(|row| row.name == name);
        found.map(|row| row.kind).ok_or_else(|| {
            ModelError::Repeated(RepeatedError::UnknownStructure {
                name: name.to_owned(),
                available: TABLE.iter().map(|row| row.name.to_owned()).collect(),
            })
        })
    }

    /// Its short name, as in the R package mmrm.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Its name in words.
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// Whether each visit has a variance of its own.
    pub fn is_heterogeneous(self) -> bool {
        self.row().heterogeneous
    }

    /// The number of parameters for so many visits.
    pub fn parameters(self, visits: usize) -> usize {
        let row = self.row();
        let variances = if row.heterogeneous { visits } else { 1 };
        variances + (row.correlations)(visits)
    }

    pub(super) fn row(self) -> &'static StructureRow {
        // The table has a row for each kind; a test goes through all.
        TABLE
            .iter()
            .find(|row| row.kind == self)
            .unwrap_or(&TABLE[0])
    }
}
