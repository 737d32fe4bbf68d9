//! What changed in what is said of columns.

use super::Side;
use crate::dataset::{Field, Level};
use crate::describe;

/// What changed about a column that both versions have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChange {
    /// The column.
    pub column: String,
    /// What about it, in a word: `type`, `title`, `description`, `unit`, `levels`, `labels`, `missing codes`, `rules`.
    pub what: &'static str,
    /// What it was.
    pub from: Vec<String>,
    /// What it is.
    pub to: Vec<String>,
}

/// The columns of both versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnChanges {
    /// How many the first has.
    pub from: usize,
    /// How many the second has.
    pub to: usize,
    /// Names that only the second has, with their types in words.
    pub added: Vec<(String, &'static str)>,
    /// Names that only the first has, with their types in words.
    pub removed: Vec<(String, &'static str)>,
    /// Columns that both have, in the order of the second, if it is another order.
    pub reordered: Option<Vec<String>>,
    /// What changed about columns that both have, in the order of the first.
    pub changed: Vec<ColumnChange>,
}

impl ColumnChanges {
    /// Compares what is said of columns.
    pub(super) fn of(first: Side<'_>, second: Side<'_>) -> Self {
        let (a, b) = (first.dataset.schema(), second.dataset.schema());
        let only =
            |side: Side<'_>, other: &crate::dataset::Schema| -> Vec<(String, &'static str)> {
                let fields = side.dataset.schema().fields.iter();
                fields
                    .filter(|f| other.field(&f.name).is_none())
                    .map(|f| (f.name.clone(), kind(side, f)))
                    .collect()
            };
        let common: Vec<&str> = a.names().filter(|n| b.field(n).is_some()).collect();
        let there: Vec<&str> = b.names().filter(|n| a.field(n).is_some()).collect();
        let mut changed = Vec::new();
        for name in &common {
            if let (Some(from), Some(to)) = (a.field(name), b.field(name)) {
                compare(first, from, second, to, &mut changed);
            }
        }
        Self {
            from: a.fields.len(),
            to: b.fields.len(),
            added: only(second, a),
            removed: only(first, b),
            reordered: (common != there).then(|| there.into_iter().map(str::to_owned).collect()),
            changed,
        }
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.reordered.is_none()
            && self.changed.is_empty()
    }
}

fn kind(side: Side<'_>, field: &Field) -> &'static str {
    let rule = side.dataset.codebook().and_then(|c| c.field(&field.name));
    describe::kind(field, rule)
}

fn compare(
    first: Side<'_>,
    from: &Field,
    second: Side<'_>,
    to: &Field,
    changed: &mut Vec<ColumnChange>,
) {
    let mut note = |what: &'static str, a: Vec<String>, b: Vec<String>| {
        if a != b {
            changed.push(ColumnChange {
                column: from.name.clone(),
                what,
                from: a,
                to: b,
            });
        }
    };
    let rule = |side: Side<'_>| {
        let codebook = side.dataset.codebook();
        codebook.and_then(|c| c.field(&from.name)).cloned()
    };
    let (before, after) = (rule(first), rule(second));
    let one = |text: &str| vec![text.to_owned()];
    let maybe = |text: Option<&String>| text.into_iter().cloned().collect::<Vec<_>>();
    note("type", one(kind(first, from)), one(kind(second, to)));
    note("title", one(&from.title), one(&to.title));
    note(
        "description",
        maybe(before.as_ref().and_then(|r| r.description.as_ref())),
        maybe(after.as_ref().and_then(|r| r.description.as_ref())),
    );
    note("unit", maybe(from.unit.as_ref()), maybe(to.unit.as_ref()));
    note("levels", levels(&from.levels), levels(&to.levels));
    note("labels", levels(&from.labels), levels(&to.labels));
    note("missing codes", levels(&from.missing), levels(&to.missing));
    note(
        "rules",
        before.as_ref().map(describe::rules).unwrap_or_default(),
        after.as_ref().map(describe::rules).unwrap_or_default(),
    );
}

/// Levels as `value` or `value = label`.
fn levels(levels: &[Level]) -> Vec<String> {
    let text = |level: &Level| {
        if level.label.is_empty() || level.label == level.value {
            level.value.clone()
        } else {
            format!("{} = {}", level.value, level.label)
        }
    };
    levels.iter().map(text).collect()
}
