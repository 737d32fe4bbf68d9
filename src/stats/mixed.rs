//! Linear mixed models by restricted or full maximum likelihood, with small-sample inference; logistic and Poisson mixed
//! models by Laplace's approximation, of one random effect also by adaptive Gauss–Hermite quadrature.
//!
//! The numbers are those of the R packages lme4 (Bates, Mächler, Bolker & Walker 2015, J Stat Softw 67(1)), lmerTest
//! (Kuznetsova, Brockhoff & Christensen 2017, J Stat Softw 82(13)) and pbkrtest (Halekoh & Højsgaard 2014, J Stat Softw
//! 59(9)); the code is our own. The criterion is profiled to a function of θ, the entries of the relative Cholesky
//! factors of the random effects' covariances, whose gradient is known in closed form. One grouping factor costs no
//! more than its patterns of visits; several are eliminated block by block.
//!
//! A fit that is singular, or whose fixed effects can't all be told from each other, says so
//! ([`MixedFit::singular`], [`MixedFit::aliased`]); an optimum that can't be found is an error.

pub(super) mod anova;
mod bootstrap;
mod components;
mod covariance;
mod criterion;
mod crossed;
mod crossed_factor;
mod crossed_sums;
pub(super) mod dense;
mod family;
mod fit;
mod glmm;
mod glmm_crossed;
mod glmm_inference;
mod glmm_likelihood;
mod glmm_offset;
mod glmm_rows;
mod held;
mod hermite;
mod inference;
pub(super) mod kenward_roger;
mod kernel;
mod kr_sums;
mod means;
mod modes;
pub(super) mod optimise;
mod options;
mod philox;
mod problem;
mod profile;
mod random;
mod ratio;
pub(super) mod rotated;
pub(super) mod satterthwaite;
mod search;
mod single;
mod small;
pub(super) mod units;

pub use anova::MixedTermTest;
pub use bootstrap::{BootstrapDraw, percentile_interval};
pub use components::TermComponents;
pub use family::Family;
pub use fit::MixedFit;
pub use glmm::{GlmmFit, GlmmOptions};
pub use modes::ConditionalModes;
pub use options::{DfMethod, Estimation, MixedOptions};
pub use profile::{ProfileInterval, ProfileParameter};
pub use ratio::RatioTest;
pub use search::Convergence;
