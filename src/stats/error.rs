//! Why a statistic cannot be had.

use std::fmt;

/// Why a statistic cannot be had. Its text is written for a reader of results: it names what was asked for, what that
/// needs and what there is, without a full stop, so that it can stand in a list of warnings.
#[derive(Debug, Clone, PartialEq)]
pub enum StatsError {
    /// Fewer values, groups or categories than the statistic needs.
    TooFew {
        /// The statistic, as the reader knows it (`sd`, `Welch t-test`).
        what: &'static str,
        /// What is counted (`values`, `groups`; singular where one is enough).
        of: &'static str,
        /// How many it needs.
        need: usize,
        /// How many there are.
        have: usize,
    },
    /// A value is infinite or not a number.
    NotFinite {
        /// What the value is one of (`x`, `weights`).
        what: &'static str,
        /// Its position, from 0.
        index: usize,
    },
    /// Slices or matrices whose sizes must agree do not.
    SizeMismatch {
        /// What has the wrong size.
        what: &'static str,
        /// Its size.
        have: usize,
        /// The size that it must have.
        need: usize,
    },
    /// A parameter outside its range.
    OutOfRange {
        /// The parameter.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it must be, as in "must be {allowed}".
        allowed: &'static str,
    },
    /// The statistic has no value for these data, though there are enough of them.
    Degenerate {
        /// The statistic.
        what: &'static str,
        /// Why, as a clause (`all values are equal`).
        reason: String,
    },
    /// An exact computation that would take too long.
    TooLarge {
        /// The computation.
        what: &'static str,
        /// What exceeds which bound, as a clause.
        reason: String,
    },
    /// An iteration that did not settle.
    NoConvergence {
        /// The computation.
        what: &'static str,
    },
}

impl fmt::Display for StatsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew {
                what,
                of,
                need,
                have,
            } => {
                let verb = if *have == 1 { "is" } else { "are" };
                write!(f, "{what} needs at least {need} {of}; there {verb} {have}")
            }
            Self::NotFinite { what, index } => {
                write!(f, "value {} of {what} is not a finite number", index + 1)
            }
            Self::SizeMismatch { what, have, need } => {
                write!(f, "{what} has {have} values where {need} are needed")
            }
            Self::OutOfRange {
                what,
                value,
                allowed,
            } => write!(f, "{what} is {value}, but must be {allowed}"),
            Self::Degenerate { what, reason } => write!(f, "{what} is undefined: {reason}"),
            Self::TooLarge { what, reason } => {
                write!(f, "{what} is too large to compute: {reason}")
            }
            Self::NoConvergence { what } => write!(f, "{what} did not converge"),
        }
    }
}

impl std::error::Error for StatsError {}

impl StatsError {
    /// A [`StatsError::Degenerate`].
    pub fn degenerate(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Degenerate {
            what,
            reason: reason.into(),
        }
    }

    /// Accepts a slice of finite values.
    pub fn check_finite(what: &'static str, values: &[f64]) -> Result<(), Self> {
        match values.iter().position(|value| !value.is_finite()) {
            Some(index) => Err(Self::NotFinite { what, index }),
            None => Ok(()),
        }
    }

    /// Accepts `have` if there are at least `need`.
    pub fn check_count(
        what: &'static str,
        of: &'static str,
        need: usize,
        have: usize,
    ) -> Result<(), Self> {
        if have < need {
            return Err(Self::TooFew {
                what,
                of,
                need,
                have,
            });
        }
        Ok(())
    }

    /// Accepts a confidence level strictly between 0 and 1.
    pub fn check_level(level: f64) -> Result<(), Self> {
        if level > 0.0 && level < 1.0 {
            return Ok(());
        }
        Err(Self::OutOfRange {
            what: "confidence level",
            value: level,
            allowed: "between 0 and 1",
        })
    }
}
