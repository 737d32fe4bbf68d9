//! Verification: what was changed is found and named, what nobody trusts is refused within bounds.

mod archives;
mod craft;
mod hostile;
mod in_place;
mod sealed;
mod tamper;

use trialbook::diagnostic::Diagnostics;

use super::whole::trial;

/// The codes of all errors, in order.
fn codes(diagnostics: &Diagnostics) -> Vec<String> {
    let errors = diagnostics.iter().filter(|d| d.is_error());
    errors.map(|d| d.code.to_string()).collect()
}
