//! What a codebook demands of values, in words.

use crate::dataset::codebook::{DataType, FieldRule};
use crate::dataset::{Field, Kind};
use crate::style::number::full;
use crate::time::Day;

/// How many allowed values are listed.
const LISTED: usize = 8;

/// The type that the codebook declares, else the kind of the values.
pub fn kind(field: &Field, rule: Option<&FieldRule>) -> &'static str {
    let declared = rule.and_then(|r| r.data_type.as_ref()).map(|t| t.value);
    match (field.kind, declared) {
        (Kind::Number, Some(DataType::Integer)) => "whole number",
        (Kind::Number, _) => "number",
        (Kind::Category, Some(DataType::Integer | DataType::Number)) => "category of numbers",
        (Kind::Category, _) => "category",
        (Kind::Text, _) => "text",
        (Kind::Boolean, _) => "true or false",
        (Kind::Date, _) => "day",
    }
}

/// What the values of a column must satisfy, each demand in words.
pub fn rules(rule: &FieldRule) -> Vec<String> {
    let date = rule.data_type.as_ref().map(|t| t.value) == Some(DataType::Date);
    let bound = |value: f64| {
        if date {
            // Days are whole numbers far below 2^31.
            #[allow(clippy::cast_possible_truncation)]
            return Day::from_days(value as i64).to_string();
        }
        full(value).trim_end_matches(".0").to_owned()
    };
    let constraints = &rule.constraints;
    let mut words = Vec::new();
    if constraints.required.is_some() {
        words.push("required".to_owned());
    }
    if constraints.unique.is_some() {
        words.push("unique".to_owned());
    }
    let least = constraints.minimum.as_ref().map(|m| bound(m.value));
    let most = constraints.maximum.as_ref().map(|m| bound(m.value));
    match (least, most) {
        (Some(least), Some(most)) => words.push(format!("from {least} to {most}")),
        (Some(least), None) => words.push(format!("at least {least}")),
        (None, Some(most)) => words.push(format!("at most {most}")),
        (None, None) => {}
    }
    if let Some(members) = &constraints.members {
        let listed: Vec<&str> = members
            .value
            .iter()
            .take(LISTED)
            .map(String::as_str)
            .collect();
        let more = match members.value.len().saturating_sub(LISTED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        words.push(format!("one of {}{more}", listed.join(", ")));
    }
    if let Some(pattern) = &constraints.pattern {
        words.push(format!("matches {}", pattern.value));
    }
    words
}
