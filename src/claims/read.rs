//! `claims.toml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::judge::Few;
use super::{Against, Cell, Claim, Claims, Grid, Printed};
use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use crate::reader::{At, Sink, TableReader, parse};

impl Claims {
    /// Reads the claims. `sources` are the sorted keys of the report's bibliography. All mistakes are reported; what
    /// could be read is returned.
    pub fn parse(source: &Arc<Source>, sources: &[String]) -> (Self, Diagnostics) {
        let (entries, mut diagnostics) = parse(source, 0..source.text.len());
        let sink = Sink::new();
        let mut top = TableReader::new(source, &entries, 0..0, "claims.toml", &sink);
        let mut reading = Reading {
            sources,
            sink: &sink,
            all: Vec::new(),
            grids: Vec::new(),
        };
        let key = reading.source(&mut top, None);
        for table in top.tables("claim") {
            reading.claim(table, key.as_ref());
        }
        for table in top.tables("table") {
            reading.table(table, key.as_ref());
        }
        top.finish();
        let (mut all, grids) = (reading.all, reading.grids);
        all.sort_by_key(|c| c.span.range.start);
        diagnostics.extend(sink.into_inner());
        repeated(&all, &mut diagnostics);
        (Self { all, grids }, diagnostics)
    }
}

struct Reading<'a> {
    sources: &'a [String],
    sink: &'a Sink,
    all: Vec<Claim>,
    grids: Vec<Grid>,
}

/// What is told of a claim besides its text.
struct Telling {
    source: Option<String>,
    place: String,
    label: Option<String>,
    against: Against,
    misprint: Option<String>,
    cell: Option<Cell>,
}

/// What the cells of a `[[table]]` share.
struct Shared {
    place: String,
    source: Option<String>,
    prefix: Option<String>,
    columns: Vec<At<String>>,
}

impl Reading<'_> {
    /// The publication that a table names, else the one that holds for it.
    fn source(&self, table: &mut TableReader<'_>, outer: Option<&String>) -> Option<String> {
        let Some(key) = table.optional_string("source") else {
            return outer.cloned();
        };
        if self.sources.binary_search(&key.value).is_err() {
            let message = format!("`references.bib` has no entry `{}`", key.value);
            let diagnostic = Diagnostic::error("unknown-citation", message)
                .at(key.span.clone())
                .suggest(&key.value, self.sources.iter().map(String::as_str));
            table.report(diagnostic);
        }
        Some(key.value)
    }

    fn claim(&mut self, mut table: TableReader<'_>, source: Option<&String>) {
        let source = self.source(&mut table, source);
        let place = table.string("place");
        let label = table.optional_string("label");
        let text = table.string("text");
        let statistic = table.optional_string("statistic");
        let why = table.optional_string("not_computable");
        let misprint = table.optional_string("misprint");
        let against = match (statistic, why) {
            (Some(_), Some(why)) => {
                let message = "`statistic` and `not_computable` exclude each other";
                table.report(Diagnostic::error("conflict", message).at(why.span));
                None
            }
            (Some(name), None) => Some(Against::Statistic(name.value)),
            (None, Some(why)) => Some(Against::NotComputable(why.value)),
            (None, None) => {
                let known = table.has("statistic") || table.has("not_computable");
                if !known {
                    table.missing("statistic", "the id of the number that it should equal");
                }
                None
            }
        };
        if let (Some(place), Some(text), Some(against)) = (place, text, against) {
            let telling = Telling {
                source,
                place: place.value,
                label: label.map(|l| l.value),
                against,
                misprint: misprint.map(|m| m.value),
                cell: None,
            };
            self.push(text, telling);
        }
        table.finish();
    }

    fn push(&mut self, text: At<String>, telling: Telling) {
        let printed = match (Printed::parse(&text.value), &telling.against) {
            (Ok(printed), _) => Some(printed),
            (Err(_), Against::NotComputable(_)) => None,
            (Err(why), Against::Statistic(_)) => {
                let message = "this can't be read as a printed number";
                let help = format!("{why}; write it as -2.83, 1,234.5, .04, 35%, <.001 or p = .04");
                let diagnostic = Diagnostic::error("not-a-number", message);
                self.sink.push(diagnostic.at(text.span).help(help));
                return;
            }
        };
        self.all.push(Claim {
            source: telling.source,
            place: telling.place,
            label: telling.label,
            text: text.value,
            printed,
            against: telling.against,
            misprint: telling.misprint,
            cell: telling.cell,
            span: text.span,
        });
    }

    fn table(&mut self, mut table: TableReader<'_>, source: Option<&String>) {
        let source = self.source(&mut table, source);
        let place = table.string("place");
        let label = table.optional_string("label").map(|l| l.value);
        let prefix = table.optional_string("prefix").map(|p| p.value);
        let columns = table.optional_strings("columns");
        let heads = table.optional_strings("heads");
        for key in ["columns", "rows"].into_iter().filter(|k| !table.has(k)) {
            table.missing(key, "a list");
        }
        let columns = columns.unwrap_or_default();
        let rows = table.tables("rows");
        if let Some(heads) = heads.as_ref().filter(|h| h.len() != columns.len()) {
            let message = format!(
                "the table has {} heads, and {} columns",
                heads.len(),
                columns.len()
            );
            let at = heads
                .first()
                .map_or_else(|| table.span(), |h| h.span.clone());
            table.report(Diagnostic::error("wrong-length", message).at(at));
        }
        table.finish();
        let words = heads.as_ref().unwrap_or(&columns).iter();
        self.grids.push(Grid {
            label,
            prefix: prefix.clone().unwrap_or_default(),
            heads: words.map(|h| h.value.clone()).collect(),
            rows: Vec::new(),
        });
        let shared = Shared {
            place: place.map_or_else(String::new, |p| p.value),
            source,
            prefix,
            columns,
        };
        for row in rows {
            self.row(row, &shared);
        }
    }

    fn row(&mut self, mut row: TableReader<'_>, shared: &Shared) {
        let source = self.source(&mut row, shared.source.as_ref());
        let place = row.optional_string("place").map(|p| p.value);
        let place = place.unwrap_or_else(|| shared.place.clone());
        let name = row.optional_string("row").map(|r| r.value);
        let label = row.optional_string("label").map(|l| l.value);
        let texts = row.optional_strings("text");
        if !row.has("text") {
            row.missing("text", "a list of texts as printed, one for each column");
        }
        let misprints = remarks(&mut row, "misprint", &shared.columns);
        let missing = remarks(&mut row, "not_computable", &shared.columns);
        let span = row.span();
        row.finish();
        let texts = texts.unwrap_or_default();
        if !texts.is_empty() && !shared.columns.is_empty() && texts.len() != shared.columns.len() {
            let message = format!(
                "the row has {} texts, and the table {} columns",
                texts.len(),
                shared.columns.len()
            );
            let help = "write \"\" for a cell in which nothing is printed";
            let diagnostic = Diagnostic::error("wrong-length", message);
            self.sink.push(diagnostic.at(span).help(help));
            return;
        }
        let (grid, line) = self.line(label.or_else(|| name.clone()));
        for (i, (text, column)) in texts.into_iter().zip(&shared.columns).enumerate() {
            if text.value.trim().is_empty() {
                continue;
            }
            let parts = [shared.prefix.as_ref(), name.as_ref(), Some(&column.value)];
            let parts = parts.into_iter().flatten().map(|p| p.trim_matches('/'));
            let id: Vec<&str> = parts.filter(|p| !p.is_empty()).collect();
            let against = match missing.get(&i) {
                Some(why) => Against::NotComputable(why.clone()),
                None => Against::Statistic(id.join("/")),
            };
            let telling = Telling {
                source: source.clone(),
                place: place.clone(),
                label: None,
                against,
                misprint: misprints.get(&i).cloned(),
                cell: Some(Cell {
                    grid,
                    row: line,
                    column: i,
                }),
            };
            self.push(text, telling);
        }
    }

    /// Adds a row to the last grid; gives the number of both.
    fn line(&mut self, label: Option<String>) -> (usize, usize) {
        let grid = self.grids.len().saturating_sub(1);
        let Some(last) = self.grids.last_mut() else {
            return (grid, 0);
        };
        last.rows.push(label.unwrap_or_default());
        (grid, last.rows.len() - 1)
    }
}

/// What a row says of some of its cells, by their columns counted from 0.
fn remarks(
    row: &mut TableReader<'_>,
    key: &str,
    columns: &[At<String>],
) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    for (name, text) in row.optional_string_map(key).unwrap_or_default() {
        let by_name = columns.iter().position(|c| c.value == name.value);
        let number = name.value.parse::<usize>().ok();
        let by_number = number
            .and_then(|n| n.checked_sub(1))
            .filter(|n| *n < columns.len());
        let Some(column) = by_name.or(by_number) else {
            let message = format!("the table has no column `{}`", name.value);
            let diagnostic = Diagnostic::error("unknown-column", message)
                .at(name.span.clone())
                .suggest(&name.value, columns.iter().map(|c| c.value.as_str()));
            row.report(diagnostic);
            continue;
        };
        if found.insert(column, text.value).is_some() {
            let message = format!("`{key}` names that column twice");
            row.report(Diagnostic::error("repeated", message).at(name.span));
        }
    }
    found
}

/// Warns of claims that stand in the file twice: the same place and statistic.
fn repeated(all: &[Claim], diagnostics: &mut Diagnostics) {
    let mut first: BTreeMap<(Option<&str>, &str, &str), &Span> = BTreeMap::new();
    let mut few = Few::default();
    for claim in all {
        let Against::Statistic(name) = &claim.against else {
            continue;
        };
        let key = (claim.source.as_deref(), claim.place.as_str(), name.as_str());
        if let Some(before) = first.get(&key) {
            let message = format!("`{name}` is claimed twice at {}", claim.place);
            let warning = Diagnostic::warning("repeated-claim", message);
            few.push(
                warning
                    .at(claim.span.clone())
                    .related((*before).clone(), "first here"),
            );
        } else {
            first.insert(key, &claim.span);
        }
    }
    few.give(diagnostics, |n| {
        Diagnostic::warning("repeated-claim", format!("{n} more claims are repeated"))
    });
}
