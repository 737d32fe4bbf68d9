//! polars SQL on a dataset: conditions, derived columns, queries.
//!
//! Whole columns of whole numbers are integers to SQL, other numbers are floating-point; `/` always divides exactly. A
//! category is its values (numbers, where the codebook lists numbers); a comparison with a text that is none of its
//! values is an error. A column whose name is no plain word stands in double quotes, a text in single quotes.

mod branches;
mod derive;
mod error;
mod expression;
mod lexer;
mod query;
mod stable;

pub use error::{SqlError, SqlPlace};
pub use expression::columns_used;
pub use query::QueryResult;
