//! What changed in what is said of columns.

use std::collections::BTreeMap;

use super::Side;
use crate::dataset::codebook::FieldRule;
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
        let (a, b) = (Known::of(first), Known::of(second));
        let only = |side: &Known<'_>, other: &Known<'_>| -> Vec<(String, &'static str)> {
            let fields = side.order.iter();
            fields
                .filter(|f| !other.fields.contains_key(f.name.as_str()))
                .map(|f| (f.name.clone(), side.kind(f)))
                .collect()
        };
        let shared = |side: &Known<'_>, other: &Known<'_>| -> Vec<String> {
            let names = side.order.iter().map(|f| &f.name);
            names
                .filter(|n| other.fields.contains_key(n.as_str()))
                .cloned()
                .collect()
        };
        let (common, there) = (shared(&a, &b), shared(&b, &a));
        let mut changed = Vec::new();
        for name in &common {
            compare(name, &a, &b, &mut changed);
        }
        Self {
            from: a.order.len(),
            to: b.order.len(),
            added: only(&b, &a),
            removed: only(&a, &b),
            reordered: (common != there).then_some(there),
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

/// What is known of the columns of a version, by their names.
struct Known<'a> {
    order: &'a [Field],
    fields: BTreeMap<&'a str, &'a Field>,
    rules: BTreeMap<&'a str, &'a FieldRule>,
}

impl<'a> Known<'a> {
    fn of(side: Side<'a>) -> Self {
        let order = &side.dataset.schema().fields;
        let rules = side.dataset.codebook().into_iter().flat_map(|c| &c.fields);
        Self {
            order,
            fields: order.iter().map(|f| (f.name.as_str(), f)).collect(),
            rules: rules.map(|r| (r.name.as_str(), r)).collect(),
        }
    }

    fn rule(&self, name: &str) -> Option<&'a FieldRule> {
        self.rules.get(name).copied()
    }

    fn kind(&self, field: &Field) -> &'static str {
        describe::kind(field, self.rule(&field.name))
    }
}

fn compare(name: &str, a: &Known<'_>, b: &Known<'_>, changed: &mut Vec<ColumnChange>) {
    let (Some(from), Some(to)) = (a.fields.get(name), b.fields.get(name)) else {
        return;
    };
    let mut note = |what: &'static str, a: Vec<String>, b: Vec<String>| {
        if a != b {
            changed.push(ColumnChange {
                column: name.to_owned(),
                what,
                from: a,
                to: b,
            });
        }
    };
    let (before, after) = (a.rule(name), b.rule(name));
    let one = |text: &str| vec![text.to_owned()];
    let maybe = |text: Option<&String>| text.into_iter().cloned().collect::<Vec<_>>();
    note("type", one(a.kind(from)), one(b.kind(to)));
    note("title", one(&from.title), one(&to.title));
    note(
        "description",
        maybe(before.and_then(|r| r.description.as_ref())),
        maybe(after.and_then(|r| r.description.as_ref())),
    );
    note("unit", maybe(from.unit.as_ref()), maybe(to.unit.as_ref()));
    note("levels", levels(&from.levels), levels(&to.levels));
    note("labels", levels(&from.labels), levels(&to.labels));
    note("missing codes", levels(&from.missing), levels(&to.missing));
    note(
        "rules",
        before.map(describe::rules).unwrap_or_default(),
        after.map(describe::rules).unwrap_or_default(),
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
