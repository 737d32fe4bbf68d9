//! What the rows of another directive's estimates are called.

use crate::analysis::Outcome;
use crate::artefact::{Artefact, Cell, RowKind, Table};
use crate::statistic::{Group, Statistic};

/// A label for each estimate. Where that is the same for several, what they are within, such as a visit, tells them apart.
pub(super) fn row_labels(
    upstream: &Outcome,
    estimates: &[&Statistic],
    labels: &[(String, String)],
) -> Vec<String> {
    let own: Vec<String> = estimates
        .iter()
        .map(|estimate| row_label(upstream, estimate, labels))
        .collect();
    let repeated = |name: &String| own.iter().filter(|n| *n == name).count() > 1;
    if !own.iter().any(repeated) || estimates.iter().all(|e| e.key.groups.is_empty()) {
        return own;
    }
    let one = own.iter().all(|name| Some(name) == own.first());
    let within = estimates
        .iter()
        .map(|estimate| within_label(upstream, estimate, labels));
    let both = |(name, within): (&String, String)| {
        if one {
            within
        } else {
            format!("{name}, {within}")
        }
    };
    own.iter().zip(within).map(both).collect()
}

/// The words of the author, else of the row of the other directive's table in which the estimate stands, else the
/// outcome's name.
fn row_label(upstream: &Outcome, estimate: &Statistic, labels: &[(String, String)]) -> String {
    let key = &estimate.key;
    let named = |name: &Option<String>| {
        let name = name.as_ref()?;
        labels
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, words)| words.clone())
    };
    let in_table = || {
        let (table, row) = place(upstream, estimate)?;
        Some(table.rows.get(row)?.label.text.clone())
    };
    named(&key.variable)
        .or_else(|| named(&key.level))
        .or_else(in_table)
        .or_else(|| key.variable.clone())
        .unwrap_or_default()
}

/// The words of what an estimate is within: the author's, else of the head over its row, else the level's name.
fn within_label(upstream: &Outcome, estimate: &Statistic, labels: &[(String, String)]) -> String {
    let groups = &estimate.key.groups;
    let named = |group: &Group| labels.iter().find(|(key, _)| *key == group.level);
    let head = || {
        let (table, row) = place(upstream, estimate)?;
        let own = table.rows.get(row)?;
        let mut above = table.rows.iter().take(row).rev();
        above
            .find(|r| r.kind == RowKind::Section && r.indent < own.indent)
            .map(|r| r.label.text.clone())
    };
    if !groups.iter().any(|g| named(g).is_some())
        && let Some(head) = head()
    {
        return head;
    }
    let words =
        |group: &Group| named(group).map_or_else(|| group.level.clone(), |(_, w)| w.clone());
    groups.iter().map(words).collect::<Vec<_>>().join(", ")
}

/// The row of the other directive's table that shows an estimate.
fn place<'a>(upstream: &'a Outcome, estimate: &Statistic) -> Option<(&'a Table, usize)> {
    let Some(Artefact::Table(table)) = &upstream.artefact else {
        return None;
    };
    let id = estimate.id();
    let shows = |cell: &Cell| match cell {
        Cell::Number { quantity, .. } => quantity.form.stats().contains(&&id),
        _ => false,
    };
    let row = table
        .rows
        .iter()
        .position(|row| row.cells.iter().any(shows))?;
    Some((table, row))
}
