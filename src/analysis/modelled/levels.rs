//! The levels of columns whose reference the author says.

use crate::analysis::Arms;
use crate::dataset::{Field, Level};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

/// The levels of the columns whose reference the author says, that one first.
pub(super) fn reference_levels(
    reader: &TableReader<'_>,
    fields: &[Field],
    arms: Option<&Arms>,
    references: &[(At<String>, At<String>)],
) -> Option<Vec<(String, Vec<Level>)>> {
    let mut found = Vec::new();
    let mut sound = true;
    for (column, value) in references {
        let levels = levels_from(reader, fields, arms, column, value);
        sound &= levels.is_some();
        found.extend(levels.map(|levels| (column.value.clone(), levels)));
    }
    sound.then_some(found)
}

fn levels_from(
    reader: &TableReader<'_>,
    fields: &[Field],
    arms: Option<&Arms>,
    column: &At<String>,
    value: &At<String>,
) -> Option<Vec<Level>> {
    let Some(field) = fields.iter().find(|f| f.name == column.value) else {
        let message = format!("the formula has no `{}`", column.value);
        let names = fields.iter().map(|f| f.name.as_str());
        let diagnostic = Diagnostic::error("not-in-formula", message)
            .at(column.span.clone())
            .suggest(&column.value, names);
        reader.report(diagnostic);
        return None;
    };
    let place = level_place(reader, field, value)?;
    let mut levels = field.levels.clone();
    let reference = levels.remove(place);
    if let Some(arms) = arms.filter(|a| a.variable == field.name)
        && arms.reference_level().value != reference.value
    {
        let message = format!(
            "the front matter's `[arms]` has another reference, `{}`",
            arms.reference_level().value
        );
        reader.report(Diagnostic::error("two-references", message).at(value.span.clone()));
        return None;
    }
    levels.insert(0, reference);
    Some(levels)
}

/// The place of a level that the author names by its value or by its label.
pub(in crate::analysis) fn level_place(
    reader: &TableReader<'_>,
    field: &Field,
    value: &At<String>,
) -> Option<usize> {
    let by_value = field.levels.iter().position(|l| l.value == value.value);
    let labelled = |l: &&Level| l.label == value.value;
    let unique = field.levels.iter().filter(labelled).count() == 1;
    let by_label = || field.levels.iter().position(|l| l.label == value.value);
    let found = by_value.or_else(|| by_label().filter(|_| unique));
    if found.is_none() {
        let message = format!("`{}` has no level `{}`", field.name, value.value);
        let known = field.levels.iter().flat_map(|l| [&l.value, &l.label]);
        let diagnostic = Diagnostic::error("unknown-level", message)
            .at(value.span.clone())
            .suggest(&value.value, known.map(String::as_str));
        reader.report(diagnostic);
    }
    found
}
