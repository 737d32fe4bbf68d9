//! What a model's errors say to the author.

use super::Modelled;
use crate::analysis::Finding;
use crate::dataset::Frame;
use crate::reader::KeyPath;
use crate::stats::formula::Formula;
use crate::stats::mmrm::RepeatedError;
use crate::stats::model_error::ModelError;

/// As many errors of one model are told; of two rows for a visit there may be thousands.
const TOLD: usize = 5;

/// What a model's errors say to the author.
pub(in crate::analysis) fn refusal(errors: &[ModelError], what: &str) -> Finding {
    let mut why: Vec<String> = errors.iter().take(TOLD).map(ToString::to_string).collect();
    if errors.len() > TOLD {
        why.push(format!("and {} more of the kind", errors.len() - TOLD));
    }
    let finding = Finding::error("model", format!("{what}: {}", why.join("; ")));
    let mut helps: Vec<&str> = errors.iter().filter_map(ModelError::help).collect();
    helps.dedup();
    helps.into_iter().fold(finding, Finding::help)
}

/// The refusal of an outcome's model, its rows numbered as in the dataset.
pub(in crate::analysis) fn refused_fit(
    errors: Vec<ModelError>,
    formula: &str,
    modelled: &Modelled,
    frame: &Frame,
) -> Finding {
    let errors: Vec<ModelError> = errors.into_iter().map(|e| in_dataset(e, frame)).collect();
    let finding = refusal(&errors, &format!("the model `{formula}` can't be fitted"));
    Finding {
        key: modelled.key.clone(),
        ..finding
    }
}

/// A formula that was sound when it was read; an error names the outcome.
pub(in crate::analysis) fn parsed(text: &str, key: &KeyPath) -> Result<Formula, Finding> {
    Formula::parse(text).map_err(|errors| {
        let why: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let finding = Finding::error("formula", format!("`{text}`: {}", why.join("; ")));
        Finding {
            key: key.clone(),
            ..finding
        }
    })
}

/// The error with the dataset's row number, less one, in place of the frame's.
fn in_dataset(mut error: ModelError, frame: &Frame) -> ModelError {
    let (ModelError::NotFinite { row, .. }
    | ModelError::ImpossibleOutcome { row }
    | ModelError::NegativeWeight { row }
    | ModelError::Repeated(RepeatedError::DuplicateVisit { row, .. })) = &mut error
    else {
        return error;
    };
    let number = frame.rows.get(*row).and_then(|n| usize::try_from(*n).ok());
    *row = number.map_or(*row, |n| n.saturating_sub(1));
    error
}
