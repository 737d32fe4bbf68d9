//! Tests of association in tables of counts.

mod chi_squared;
mod fisher;
mod fisher_network;
mod mcnemar;
mod odds;
mod table;

pub use chi_squared::{ChiSquaredTest, chi_squared_test};
pub use fisher::{FisherTest, fisher_exact};
pub use mcnemar::{McNemarTest, mcnemar, mcnemar_exact};
pub use odds::{ConditionalOddsRatio, conditional_odds_ratio};
pub use table::ContingencyTable;
