//! Multivariate t and normal probabilities: the largest of several correlated |t| statistics, and rectangles.
//!
//! With correlation matrix R of rank r and `df` degrees of freedom, T = Z/S with Z normal and S the common estimate of
//! the standard deviation, 1 if `df` is infinite. Which method [`MaxT`] takes depends on R:
//!
//! - rank 1, all tests the same: Student's t;
//! - rank 2, as all comparisons among three means: one integral over the direction of Z, exact to about 1e-13;
//! - ρᵢⱼ = λᵢλⱼ, as comparisons of independent means with one control (Dunnett 1955, 1964): trapezoidal sums over the
//!   shared component and S, exact to about 1e-13;
//! - otherwise a randomly shifted lattice rule over the directions of Z, to about 1e-5 of the probability.
//!
//! [`rectangle`] takes any limits, by a randomly shifted lattice rule on Genz's transformation (Genz 1992; Genz and Bretz
//! 2002). The error of a lattice rule is estimated and reported. The shifts come from a fixed sequence: the same question
//! has the same answer.
//!
//! These are probabilities of the distribution itself. What emmeans calls `dunnettx` is an approximation of another
//! kind, and not here.

mod directions;
mod lattice;
mod max_t;
mod plane;
mod product;
mod rectangle;
mod scale_table;
mod structure;

pub use max_t::MaxT;
pub use rectangle::rectangle;

/// A probability with a bound of its error: three standard errors of a lattice rule, or what is left of the digits of an
/// exact method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probability {
    /// The probability.
    pub value: f64,
    /// How far it may be off.
    pub error: f64,
}

impl Probability {
    /// A value whose digits are right but for the last few.
    fn exact(value: f64) -> Self {
        let value = value.clamp(0.0, 1.0);
        Self {
            value,
            error: 1e-12 * value,
        }
    }
}
