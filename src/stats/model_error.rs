//! Why a model can't be fitted, or a question to it not be answered.

use super::StatsError;
use super::formula::Span;
use super::mmrm::RepeatedError;
use std::fmt;

/// An error of a model frame, a design, a fit or a contrast.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ModelError {
    /// The data have no such column.
    UnknownColumn {
        /// The name.
        name: String,
        /// Where the formula names it; none for the column of weights.
        span: Option<Span>,
        /// The columns that there are.
        available: Vec<String>,
    },
    /// A column's length differs from the number of rows.
    ColumnLength {
        /// The column.
        name: String,
        /// Its length.
        found: usize,
        /// The number of rows.
        expected: usize,
    },
    /// A factor's code points to no level, or two levels have one name.
    BadFactor {
        /// The column.
        name: String,
    },
    /// A factor stands where a number is needed.
    NotNumeric {
        /// The column.
        name: String,
        /// Where the formula uses it.
        span: Option<Span>,
    },
    /// A number stands where a factor is needed.
    NotFactor {
        /// The variable.
        name: String,
    },
    /// A value is infinite or undefined, as `log(0)`.
    NotFinite {
        /// The variable, as the formula writes it.
        variable: String,
        /// The first such row, from 0.
        row: usize,
        /// Where the formula has it.
        span: Option<Span>,
    },
    /// `scale()` of a column without spread.
    NoSpread {
        /// The variable.
        variable: String,
        /// Where the formula has it.
        span: Span,
    },
    /// No row has a value for every variable.
    NoRows,
    /// Contrasts need two levels.
    OneLevel {
        /// The factor.
        factor: String,
        /// The level left, if any.
        level: Option<String>,
        /// Where the formula names it.
        span: Span,
    },
    /// The formula has no left-hand side.
    NoResponse,
    /// The outcome of a linear model is a factor.
    FactorResponse {
        /// The outcome.
        name: String,
        /// Where the formula names it.
        span: Span,
    },
    /// A linear model with a random-effect bar.
    RandomEffects {
        /// The bar.
        span: Span,
    },
    /// A mixed model without a random-effect bar.
    NoRandomEffects,
    /// A grouping factor with fewer than two levels.
    OneGroup {
        /// The grouping factor.
        group: String,
        /// Its level, if it has one.
        level: Option<String>,
        /// The bar.
        span: Span,
    },
    /// A grouping factor with a level for every row.
    GroupsAsRows {
        /// The grouping factor.
        group: String,
        /// Its levels.
        levels: usize,
        /// The rows.
        rows: usize,
        /// The bar.
        span: Span,
    },
    /// As many random effects of one bar as rows.
    EffectsAsRows {
        /// The grouping factor.
        group: String,
        /// Levels times effects of each.
        effects: usize,
        /// The rows.
        rows: usize,
        /// The bar.
        span: Span,
    },
    /// The same effect varies twice over the same factor.
    RepeatedEffect {
        /// The grouping factor.
        group: String,
        /// The effect.
        effect: String,
        /// The bar with its second appearance.
        span: Span,
    },
    /// A random effect of a column that is zero in every row.
    ZeroEffect {
        /// The effect.
        effect: String,
        /// The bar.
        span: Span,
    },
    /// Crossed grouping factors with more levels than a dense system is solved for.
    TooManyCrossed {
        /// The order of the system.
        order: usize,
    },
    /// An outcome that its distribution does not have.
    ImpossibleOutcome {
        /// The row, from 0.
        row: usize,
    },
    /// Quadrature over more than one random effect.
    Quadrature {
        /// How many there are.
        effects: usize,
    },
    /// A test that needs the restricted likelihood, of a fit by maximum likelihood.
    NeedsReml(&'static str),
    /// Two fits that can't be compared by their likelihoods, and why.
    NotComparable(&'static str),
    /// The outcome is the same in every row.
    ConstantResponse {
        /// The outcome.
        name: String,
    },
    /// The design would have more columns than can be fitted.
    TooManyColumns {
        /// How many it would have.
        columns: usize,
    },
    /// Neither intercept nor terms, or only columns of zeros.
    NoCoefficients,
    /// As many coefficients as rows: nothing left to estimate the error from.
    NoResidualDf {
        /// Rows with positive weight.
        rows: usize,
        /// Estimable coefficients.
        rank: usize,
    },
    /// All residuals are zero but for rounding: the outcome is a function of its predictors.
    PerfectFit,
    /// A variable has no finite value at a point of the reference grid, as `log(x)` at `x = 0`.
    UndefinedAt {
        /// The variable.
        variable: String,
    },
    /// A reference grid with more cells than can be worked through.
    GridTooLarge {
        /// How many it would have.
        cells: usize,
    },
    /// A weight below zero.
    NegativeWeight {
        /// The row, from 0.
        row: usize,
    },
    /// No such level.
    UnknownLevel {
        /// The factor.
        factor: String,
        /// What was asked for.
        level: String,
        /// The levels in use.
        available: Vec<String>,
    },
    /// The model has no such variable, coefficient or term.
    NotInModel {
        /// What was asked for.
        name: String,
        /// What there is.
        available: Vec<String>,
    },
    /// A combination of coefficients that the data can't tell.
    NotEstimable {
        /// The coefficients that depend on others.
        aliased: Vec<String>,
    },
    /// A test that has no meaning where coefficients are aliased.
    Aliased {
        /// The coefficients that depend on others.
        aliased: Vec<String>,
    },
    /// Nothing to test: no rows, or only zeros.
    EmptyContrast,
    /// A contrast's length differs from the number of coefficients.
    ContrastLength {
        /// Its length.
        found: usize,
        /// The number of coefficients.
        expected: usize,
    },
    /// Visits of subjects that can't be modelled.
    Repeated(RepeatedError),
    /// A confidence level outside 0 to 1.
    ConfidenceLevel(f64),
    /// A statistic that exact arithmetic would give is not to be had from floating point.
    Numerical(&'static str),
    /// A distribution that has no value for its parameters.
    Statistic(StatsError),
}

impl From<StatsError> for ModelError {
    fn from(error: StatsError) -> Self {
        Self::Statistic(error)
    }
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

impl fmt::Display for ModelError {
    #[allow(clippy::too_many_lines, reason = "one sentence a kind")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownColumn { name, .. } => write!(f, "the data have no column `{name}`"),
            Self::ColumnLength {
                name,
                found,
                expected,
            } => {
                write!(f, "column `{name}` has {found} values for {expected} rows")
            }
            Self::BadFactor { name } => {
                write!(f, "the levels and codes of `{name}` don't fit together")
            }
            Self::NotNumeric { name, .. } => {
                write!(f, "`{name}` has categories, where numbers are needed")
            }
            Self::NotFactor { name } => {
                write!(f, "`{name}` has numbers, where categories are needed")
            }
            Self::NotFinite { variable, row, .. } => {
                write!(
                    f,
                    "`{variable}` is infinite or undefined in row {}",
                    row + 1
                )
            }
            Self::NoSpread { variable, .. } => {
                write!(f, "`{variable}`: a column without spread can't be scaled")
            }
            Self::NoRows => write!(f, "no row has a value for every variable of the model"),
            Self::OneLevel {
                factor,
                level: Some(level),
                ..
            } => write!(
                f,
                "`{factor}` has only the level `{level}` in these rows; contrasts need 2 or more levels"
            ),
            Self::OneLevel {
                factor,
                level: None,
                ..
            } => {
                write!(
                    f,
                    "`{factor}` has no levels; contrasts need 2 or more levels"
                )
            }
            Self::NoResponse => write!(f, "the formula has no outcome left of `~`"),
            Self::FactorResponse { name, .. } => {
                write!(
                    f,
                    "the outcome `{name}` has categories; a linear model needs numbers"
                )
            }
            Self::RandomEffects { .. } => {
                write!(
                    f,
                    "a linear model has no random effects; a mixed model is needed"
                )
            }
            Self::NoRandomEffects => write!(f, "a mixed model needs a random effect"),
            Self::OneGroup {
                group,
                level: Some(level),
                ..
            } => write!(
                f,
                "the grouping factor `{group}` has only the level `{level}` in these rows"
            ),
            Self::OneGroup {
                group, level: None, ..
            } => write!(f, "the grouping factor `{group}` has no levels"),
            Self::GroupsAsRows {
                group,
                levels,
                rows,
                ..
            } => write!(
                f,
                "`{group}` has {levels} levels in {rows} rows: effects of the levels and of the rows can't be told apart"
            ),
            Self::EffectsAsRows {
                group,
                effects,
                rows,
                ..
            } => write!(
                f,
                "{effects} random effects of `{group}` for {rows} rows leave nothing to estimate the error from"
            ),
            Self::RepeatedEffect { group, effect, .. } => {
                write!(f, "`{effect}` varies over `{group}` already")
            }
            Self::ZeroEffect { effect, .. } => {
                write!(f, "the random effect `{effect}` is zero in every row")
            }
            Self::TooManyCrossed { order } => write!(
                f,
                "the crossed grouping factors need a dense system of order {order}: too large"
            ),
            Self::ImpossibleOutcome { row } => write!(
                f,
                "the outcome in row {} is none of the model's distribution",
                row + 1
            ),
            Self::Quadrature { effects } => write!(
                f,
                "quadrature integrates over one random effect; there are {effects}"
            ),
            Self::NeedsReml(what) => write!(f, "{what} needs a fit by REML"),
            Self::NotComparable(why) => {
                write!(f, "the likelihoods of these fits can't be compared: {why}")
            }
            Self::ConstantResponse { name } => {
                write!(f, "the outcome `{name}` is the same in every row")
            }
            Self::TooManyColumns { columns } => {
                write!(
                    f,
                    "the model would need {columns} coefficients for these rows: too many"
                )
            }
            Self::NoCoefficients => write!(f, "the model has nothing to estimate"),
            Self::NoResidualDf { rows, rank } => write!(
                f,
                "{rows} rows for {rank} coefficients leave no residual degrees of freedom"
            ),
            Self::PerfectFit => write!(
                f,
                "the model reproduces the outcome exactly: is a predictor a part or a copy of it?"
            ),
            Self::UndefinedAt { variable } => {
                write!(
                    f,
                    "`{variable}` has no finite value at a point of the reference grid"
                )
            }
            Self::GridTooLarge { cells } => {
                write!(f, "a reference grid of {cells} cells is too large")
            }
            Self::NegativeWeight { row } => write!(f, "the weight in row {} is negative", row + 1),
            Self::UnknownLevel {
                factor,
                level,
                available,
            } => write!(
                f,
                "`{factor}` has no level `{level}` in these rows; it has {}",
                listed(available)
            ),
            Self::NotInModel { name, available } => {
                write!(f, "the model has no `{name}`; it has {}", listed(available))
            }
            Self::NotEstimable { aliased } => write!(
                f,
                "these data can't tell this combination: {} depend on other coefficients",
                listed(aliased)
            ),
            Self::Aliased { aliased } => write!(
                f,
                "this test has no meaning while coefficients depend on others: {}",
                listed(aliased)
            ),
            Self::EmptyContrast => write!(f, "there is nothing to test"),
            Self::ContrastLength { found, expected } => {
                write!(
                    f,
                    "a contrast of {found} numbers for {expected} coefficients"
                )
            }
            Self::ConfidenceLevel(level) => {
                write!(f, "a confidence level lies between 0 and 1, not at {level}")
            }
            Self::Numerical(what) => write!(f, "{what} is lost to rounding"),
            Self::Repeated(error) => error.fmt(f),
            Self::Statistic(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ModelError {}

impl ModelError {
    /// Where in the formula's text the error lies, if it does.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::UnknownColumn { span, .. }
            | Self::NotNumeric { span, .. }
            | Self::NotFinite { span, .. } => *span,
            Self::NoSpread { span, .. }
            | Self::OneLevel { span, .. }
            | Self::FactorResponse { span, .. }
            | Self::RandomEffects { span }
            | Self::OneGroup { span, .. }
            | Self::GroupsAsRows { span, .. }
            | Self::EffectsAsRows { span, .. }
            | Self::RepeatedEffect { span, .. }
            | Self::ZeroEffect { span, .. } => Some(*span),
            _ => None,
        }
    }

    /// What was asked for and what there is, for a "did you mean".
    pub fn candidates(&self) -> Option<(&str, &[String])> {
        match self {
            Self::UnknownColumn {
                name, available, ..
            }
            | Self::NotInModel { name, available } => Some((name, available)),
            Self::UnknownLevel {
                level, available, ..
            } => Some((level, available)),
            Self::Repeated(RepeatedError::UnknownStructure { name, available }) => {
                Some((name, available))
            }
            _ => None,
        }
    }

    /// What to do instead, where there is something to say.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NotNumeric { .. } => Some("a factor stands in a formula by its bare name"),
            Self::NotFinite { .. } | Self::UndefinedAt { .. } => Some(
                "exclude such rows with a population, or derive a column that has a value there",
            ),
            Self::OneLevel { .. } => {
                Some("take the factor out of the formula, or widen the population")
            }
            Self::NoResponse => Some("write `outcome ~ terms`"),
            Self::FactorResponse { .. } => Some("derive a column with numbers, as 0 and 1"),
            Self::RandomEffects { .. } => Some("use a mixed model, or take the bar out"),
            Self::NoRandomEffects => Some("add one, as `(1 | participant)`"),
            Self::OneGroup { .. } => Some("take the bar out, or widen the population"),
            Self::GroupsAsRows { .. } => {
                Some("is the grouping factor the row number? name the column of participants")
            }
            Self::EffectsAsRows { .. } => Some("let fewer effects vary"),
            Self::ImpossibleOutcome { .. } => Some(
                "a logistic model takes 0 and 1, or shares with their numbers of trials as weights; a Poisson model counts",
            ),
            Self::Quadrature { .. } => Some("use Laplace's approximation, with one point"),
            Self::RepeatedEffect { .. } => Some("take one of the two out"),
            Self::NoResidualDf { .. } => {
                Some("take terms out: the model has a coefficient for every row")
            }
            Self::NotEstimable { .. } | Self::Aliased { .. } => {
                Some("take out terms that say the same, or interactions with empty cells")
            }
            Self::Repeated(error) => error.help(),
            Self::PerfectFit => Some("take out the predictor that makes up the outcome"),
            _ => None,
        }
    }
}
