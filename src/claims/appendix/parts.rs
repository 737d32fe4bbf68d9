//! All claims in tables: those of a `[[table]]` as a grid, the others as a list.

use super::{Draft, NAMELESS, View, head, name};
use crate::claims::{Against, Grid, Judged};
use crate::document::{ClaimsGroup, ClaimsPart, ClaimsRow, Inline, Tone, aligned};

/// A table of the appendix before its numbers are aligned.
struct Table {
    title: Option<String>,
    heads: Vec<String>,
    groups: Vec<Group>,
}

struct Group {
    /// What the rows are of; none if that is only the beginning of their ids.
    label: Option<String>,
    title: String,
    rows: Vec<Row>,
}

struct Row {
    label: Inline,
    cells: Vec<Draft>,
}

impl View<'_> {
    /// The tables: one for all grids with the same heads that follow each other, and one list of whatever places follow
    /// each other without grids.
    pub(super) fn parts(&self) -> Vec<ClaimsPart> {
        let mut tables: Vec<Table> = Vec::new();
        for place in &self.places {
            let heads = |judged: &Judged<'_>| self.grid(judged).map(|g| &g.heads);
            for alike in place.all.chunk_by(|a, b| heads(a) == heads(b)) {
                let title = self.title(place);
                if alike.first().is_some_and(|j| self.grid(j).is_some()) {
                    tables.push(self.grids(title, alike));
                    continue;
                }
                tables.push(Table {
                    title: Some(title.clone()),
                    heads: vec!["Printed".to_owned(), "Recomputed".to_owned()],
                    groups: vec![Group {
                        label: None,
                        title: String::new(),
                        rows: alike.iter().map(|j| self.list_row(j)).collect(),
                    }],
                });
            }
        }
        let tables = merged(tables).into_iter();
        tables.map(Table::finish).collect()
    }

    fn grid(&self, judged: &Judged<'_>) -> Option<&Grid> {
        self.claims.grids.get(judged.claim.cell?.grid)
    }

    /// Claims of tables with the same heads.
    fn grids(&self, title: String, all: &[&Judged<'_>]) -> Table {
        let place = |j: &Judged<'_>| j.claim.cell.map(|c| (c.grid, c.row));
        let number = |j: &Judged<'_>| place(j).map(|(grid, _)| grid);
        let heads = all.first().and_then(|j| self.grid(j)).map(|g| &g.heads);
        let heads: Vec<String> = heads
            .into_iter()
            .flatten()
            .map(|h| head(h).into())
            .collect();
        let groups = all.chunk_by(|a, b| number(a) == number(b)).map(|of_grid| {
            let rows = of_grid.chunk_by(|a, b| place(a) == place(b));
            let rows = rows.map(|row| self.grid_row(row, heads.len()));
            let grid = of_grid.first().and_then(|j| self.grid(j));
            Group {
                label: grid.and_then(|g| g.label.clone()),
                title: grid.map(group_title).unwrap_or_default(),
                rows: rows.collect(),
            }
        });
        Table {
            title: Some(title),
            groups: groups.collect(),
            heads,
        }
    }

    fn grid_row(&self, row: &[&Judged<'_>], columns: usize) -> Row {
        let mut cells = vec![(Vec::new(), None, Tone::Plain); columns];
        let mut label = "";
        for judged in row {
            let (Some(grid), Some(cell)) = (self.grid(judged), judged.claim.cell) else {
                continue;
            };
            label = grid.rows.get(cell.row).map_or("", String::as_str);
            if let Some(at) = cells.get_mut(cell.column) {
                *at = self.both(judged);
            }
        }
        Row {
            label: Inline::text(label),
            cells,
        }
    }

    fn list_row(&self, judged: &Judged<'_>) -> Row {
        let claim = judged.claim;
        let label = match (&claim.label, name(judged), &claim.against) {
            (Some(words), ..) => Inline::text(words),
            (None, None, Against::NotComputable(_)) => Inline::text(NAMELESS),
            (None, Some(name), _) => Inline::Code {
                text: name.to_owned(),
            },
            (None, None, Against::Statistic(name)) => Inline::Code { text: name.clone() },
        };
        Row {
            label,
            cells: vec![self.printed(judged, ""), self.recomputed(judged)],
        }
    }
}

/// Tables with the same heads that follow each other as one, in which their places head the rows.
fn merged(tables: Vec<Table>) -> Vec<Table> {
    let mut merged: Vec<Table> = Vec::new();
    for mut table in tables {
        match merged.last_mut().filter(|last| last.heads == table.heads) {
            Some(last) => {
                last.name_groups();
                table.name_groups();
                last.groups.append(&mut table.groups);
            }
            None => merged.push(table),
        }
    }
    merged
}

/// What the rows of a `[[table]]` are of: as the author has it, else what its ids begin with, but for the directive.
fn group_title(grid: &Grid) -> String {
    let inside = || grid.prefix.trim_matches('/').split_once('/');
    let label = grid.label.clone();
    label.unwrap_or_else(|| inside().map_or("", |(_, rest)| rest).to_owned())
}

impl Table {
    /// Puts the place from the head of the table to those of its groups.
    fn name_groups(&mut self) {
        let Some(place) = self.title.take() else {
            return;
        };
        let several = self.groups.len() > 1;
        for group in &mut self.groups {
            let own = group.label.clone();
            let own = own.or_else(|| several.then(|| group.title.clone()));
            group.title = match own.filter(|own| !own.is_empty()) {
                Some(own) => format!("{place}: {own}"),
                None => place.clone(),
            };
        }
    }

    fn finish(mut self) -> ClaimsPart {
        let mut columns: Vec<_> = (0..self.heads.len())
            .map(|column| {
                let rows = self.groups.iter_mut().flat_map(|group| &mut group.rows);
                let cells = rows.filter_map(|row| row.cells.get_mut(column));
                aligned(cells.map(std::mem::take).collect()).into_iter()
            })
            .collect();
        let mut row = |row: Row| ClaimsRow {
            label: row.label,
            cells: columns.iter_mut().filter_map(Iterator::next).collect(),
        };
        let groups = self.groups.into_iter().map(|group| ClaimsGroup {
            title: group.title,
            rows: group.rows.into_iter().map(&mut row).collect(),
        });
        ClaimsPart {
            title: self.title,
            groups: groups.collect(),
            heads: self.heads,
        }
    }
}
