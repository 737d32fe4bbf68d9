//! The data and fits of the `mmrm` cases.

use super::expected::Expected;
use super::mixed::{estimation, reference_data};
use trialbook::stats::formula::Formula;
use trialbook::stats::mmrm::{CovarianceKind, RepeatedFit, RepeatedOptions};
use trialbook::stats::model_data::ModelData;
use trialbook::stats::model_error::ModelError;

/// The fit that a table of the case describes, with Satterthwaite's degrees of freedom.
pub fn reference_fit(expected: &Expected, key: &str) -> RepeatedFit {
    let text = |name: &str| expected.strings(&format!("{key}.{name}")).remove(0);
    let named = |name: &str| Some(text(name)).filter(|name| !name.is_empty());
    let options = RepeatedOptions {
        group: named("group"),
        weights: named("weights"),
        covariance: CovarianceKind::from_name(&text("kind")).unwrap(),
        estimation: estimation(expected, key),
        ..RepeatedOptions::new(text("visit"), text("subject"))
    };
    let data = reference_data(expected, &text("data"));
    RepeatedFit::new(&Formula::parse(&text("formula")).unwrap(), &data, &options).unwrap()
}

/// A fit that may be refused.
pub fn try_repeated(
    formula: &str,
    data: &ModelData,
    options: &RepeatedOptions,
) -> Result<RepeatedFit, Vec<ModelError>> {
    RepeatedFit::new(&Formula::parse(formula).unwrap(), data, options)
}
