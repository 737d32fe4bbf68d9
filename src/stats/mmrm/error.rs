//! What repeated measures can't be, besides what any model refuses.

use std::fmt;

/// Why the visits of the subjects can't be modelled.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RepeatedError {
    /// A subject has two rows for one visit.
    DuplicateVisit {
        /// The subject.
        subject: String,
        /// The visit.
        visit: String,
        /// The second row, from 0.
        row: usize,
    },
    /// The column of visits has numbers where the covariance structure needs categories.
    VisitsAreNumbers {
        /// The column.
        column: String,
    },
    /// A subject has rows in two groups, each of which has a covariance matrix of its own.
    TwoGroups {
        /// The subject.
        subject: String,
        /// The groups.
        groups: [String; 2],
    },
    /// One column is named for two of the parts visit, subject and group.
    SameColumn {
        /// The column.
        column: String,
    },
    /// No subject has two visits.
    NoRepeats {
        /// The group that has none, where groups differ in their covariance.
        group: Option<String>,
    },
    /// Two visits that no subject has both, of which an unstructured covariance matrix needs the covariance.
    NeverTogether {
        /// The visits.
        visits: [String; 2],
        /// The group, where groups differ in their covariance.
        group: Option<String>,
    },
    /// A visit that no row of a group has, where each visit has a variance of its own.
    VisitWithoutRows {
        /// The visit.
        visit: String,
        /// The group.
        group: String,
    },
    /// More visits or parameters than can be fitted.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The likelihood grows without bound, or up to the edge of what is a covariance matrix.
    Singular {
        /// Why.
        reason: String,
    },
    /// Kenward and Roger's correction leaves a coefficient without variance.
    NoVariance,
    /// No covariance structure has this name.
    UnknownStructure {
        /// What was asked for.
        name: String,
        /// All names.
        available: Vec<String>,
    },
    /// A method of inference that another choice rules out.
    Incompatible(&'static str),
}

fn within(group: Option<&String>) -> String {
    group.map_or_else(String::new, |group| format!(" of group `{group}`"))
}

impl fmt::Display for RepeatedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateVisit {
                subject,
                visit,
                row,
            } => write!(
                f,
                "subject `{subject}` has visit `{visit}` twice (the second in row {})",
                row + 1
            ),
            Self::VisitsAreNumbers { column } => {
                write!(
                    f,
                    "the visits `{column}` are numbers, where categories are needed"
                )
            }
            Self::TwoGroups { subject, groups } => write!(
                f,
                "subject `{subject}` is in the groups `{}` and `{}`",
                groups[0], groups[1]
            ),
            Self::SameColumn { column } => {
                write!(f, "`{column}` can't be two of visit, subject and group")
            }
            Self::NoRepeats { group } => write!(
                f,
                "no subject{} has two visits: there is nothing repeated",
                within(group.as_ref())
            ),
            Self::NeverTogether { visits, group } => write!(
                f,
                "no subject{} has both visits `{}` and `{}`: their covariance is unknown",
                within(group.as_ref()),
                visits[0],
                visits[1]
            ),
            Self::VisitWithoutRows { visit, group } => {
                write!(f, "group `{group}` has no row for visit `{visit}`")
            }
            Self::TooMany { what, count, limit } => {
                write!(f, "{count} {what} are too many; up to {limit} are fitted")
            }
            Self::Singular { reason } => write!(
                f,
                "the covariance matrix of the visits can't be estimated: {reason}"
            ),
            Self::NoVariance => f.write_str(
                "Kenward and Roger's correction leaves a negative variance: there are too few subjects for it",
            ),
            Self::UnknownStructure { name, .. } => {
                write!(f, "there is no covariance structure `{name}`")
            }
            Self::Incompatible(why) => f.write_str(why),
        }
    }
}

impl RepeatedError {
    /// What to do instead, where there is something to say.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::DuplicateVisit { .. } => {
                Some("keep one row a subject and visit, with a population or a derived column")
            }
            Self::VisitsAreNumbers { .. } => Some(
                "make the column a category, or take the spatial exponential structure, which needs numbers",
            ),
            Self::TwoGroups { .. } => Some("group by something that does not change, as the arm"),
            Self::NoRepeats { .. } => Some("a linear model fits independent rows"),
            Self::NeverTogether { .. } | Self::VisitWithoutRows { .. } | Self::TooMany { .. } => {
                Some("take a structure with fewer parameters")
            }
            Self::Singular { .. } => Some(
                "take a structure with fewer parameters, or fewer coefficients for the visits concerned",
            ),
            Self::NoVariance => Some(
                "take Satterthwaite's degrees of freedom, or a structure with fewer parameters",
            ),
            _ => None,
        }
    }
}
