//! The columns that REDCap adds to the fields of the dictionary.

use super::column::{coded, pairs};
use super::dictionary::Entry;
use super::export::Seen;
use crate::dataset::codebook::{DataType, DraftField};
use crate::dataset::frame::Level;

/// What tells the rows of a record apart.
pub(super) const KEYS: [&str; 3] = [
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
];

/// The states of a form.
const STATES: [(&str, &str); 3] = [("0", "Incomplete"), ("1", "Unverified"), ("2", "Complete")];

/// The field of a column that REDCap adds; none if it is not one of those.
pub(super) fn field(entries: &[Entry], column: &Seen) -> Option<DraftField> {
    let name = column.name.as_str();
    let mut field = DraftField {
        name: name.to_owned(),
        ..DraftField::default()
    };
    let mut say = |data_type, title: &str, description: &str| {
        field.data_type = Some(data_type);
        field.title = Some(title.to_owned());
        field.description = Some(description.to_owned());
    };
    match name {
        "redcap_event_name" => say(
            DataType::String,
            "Event",
            "The event of a longitudinal project that the row is of.",
        ),
        "redcap_repeat_instrument" => say(
            DataType::String,
            "Repeated instrument",
            "The instrument that repeats, if the row is one of its instances.",
        ),
        "redcap_repeat_instance" => say(
            DataType::Integer,
            "Instance",
            "Which instance of the repeated instrument or event the row is.",
        ),
        "redcap_data_access_group" => say(
            DataType::String,
            "Data access group",
            "The group of users, often a site, that the record belongs to.",
        ),
        "redcap_survey_identifier" => say(
            DataType::String,
            "Survey identifier",
            "Who answered, if it is known. It identifies a person.",
        ),
        _ => return of_form(entries, column),
    }
    // Few names that come in the order of the visits, not of the alphabet.
    if KEYS.contains(&name) && field.data_type == Some(DataType::String) {
        field.categories = in_order(column);
    }
    Some(field)
}

/// The values in the order in which they come first.
fn in_order(column: &Seen) -> Vec<Level> {
    const MOST: usize = 200;
    let mut levels: Vec<Level> = Vec::new();
    for value in column.values() {
        if levels.iter().all(|l| l.value != value) {
            levels.push(Level {
                value: value.to_owned(),
                label: value.to_owned(),
            });
        }
        if levels.len() > MOST {
            return Vec::new();
        }
    }
    levels
}

/// `<form>_complete` and `<form>_timestamp`.
fn of_form(entries: &[Entry], column: &Seen) -> Option<DraftField> {
    let (form, kind) = column.name.rsplit_once('_')?;
    let is_form = entries.iter().any(|e| e.form == form);
    let words = form.replace('_', " ");
    match kind {
        "complete" if is_form => {
            let title = format!("Form complete: {words}");
            let mut field = coded(column, &pairs(&STATES));
            field.title = Some(title);
            Some(field)
        }
        "timestamp" if is_form => Some(DraftField {
            name: column.name.clone(),
            data_type: Some(DataType::String),
            title: Some(format!("Survey submitted: {words}")),
            description: Some("Date and time at which the survey was submitted.".to_owned()),
            ..DraftField::default()
        }),
        _ => None,
    }
}
