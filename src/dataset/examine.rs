//! A table as a whole: what its columns are, how many rows it has, and whether its values keep the codebook.

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Diagnostics};

use super::check::{Check, Keys, Repeats, check_names};
use super::codebook::{Codebook, Constraints};
use super::frame::{ColumnData, Field};
use super::table::{Head, Piece, Table};
use super::typing::{Begun, Loading, Recipe, Survey, begin};

/// What a table holds.
#[derive(Debug)]
pub(super) struct Examined {
    /// How to make the values of each column.
    pub recipes: Vec<Recipe>,
    /// How many rows there are.
    pub height: usize,
}

/// Reads all of a table, the file at `path`. Nothing comes back if something is wrong with the file itself.
pub(super) fn examine(
    path: &str,
    table: &dyn Table,
    codebook: Option<&Codebook>,
) -> (Option<Examined>, Diagnostics) {
    let heads = table.heads();
    let mut notes: Vec<Diagnostics> = heads.iter().map(|_| Diagnostics::new()).collect();
    let (recipes, height) = match survey(table, codebook, &mut notes) {
        Ok(found) => found,
        Err(diagnostics) => return (None, diagnostics),
    };
    let mut examined = Examined {
        recipes,
        height: height.unwrap_or(0),
    };
    let mut found = Diagnostics::new();
    match check(table, codebook, &examined.recipes, height.is_none()) {
        Err(diagnostics) => return (None, diagnostics),
        Ok(checked) => {
            if height.is_none() {
                examined.height = checked.height;
            }
            for (index, column) in checked.columns {
                if let Some(notes) = notes.get_mut(index) {
                    notes.extend(column.typing);
                }
                found.extend(column.checks);
                if let Some(recipe) = examined.recipes.get_mut(index) {
                    let most = &mut recipe.field.decimals;
                    *most = most.map(|m| m.max(column.decimals));
                }
            }
            found.extend(checked.key);
        }
    }
    let mut diagnostics: Diagnostics = notes.into_iter().flatten().collect();
    if let Some(codebook) = codebook {
        let names = heads.iter().map(|h| h.name.as_str());
        check_names(path, names, codebook, &mut diagnostics);
    }
    diagnostics.extend(found);
    (Some(examined), diagnostics)
}

/// A recipe for each column, and the number of rows if they were read for that.
fn survey(
    table: &dyn Table,
    codebook: Option<&Codebook>,
    notes: &mut [Diagnostics],
) -> Result<(Vec<Recipe>, Option<usize>), Diagnostics> {
    let heads = table.heads();
    let mut known: Vec<Option<Recipe>> = Vec::with_capacity(heads.len());
    let mut open: Vec<(usize, Box<Survey<'_>>)> = Vec::new();
    for (index, head) in heads.iter().enumerate() {
        match begin(head, codebook) {
            Begun::Known(recipe) => known.push(Some(*recipe)),
            Begun::Open(survey) => {
                known.push(None);
                open.push((index, survey));
            }
        }
    }
    let mut height = None;
    if !open.is_empty() {
        let wanted: Vec<usize> = open.iter().map(|(index, _)| *index).collect();
        let found = table.each(&wanted, &mut |piece| {
            height = Some(piece.first + piece.height);
            let pairs = open.par_iter_mut().zip(&piece.columns);
            pairs.for_each(|((_, survey), raw)| survey.piece(raw, piece.first));
        });
        if found.has_errors() {
            return Err(found);
        }
    }
    for (index, survey) in open {
        if let (Some(place), Some(notes)) = (known.get_mut(index), notes.get_mut(index)) {
            *place = Some(survey.finish(notes));
        }
    }
    Ok((known.into_iter().flatten().collect(), height))
}

/// What the check of all rows found.
struct Checked {
    height: usize,
    columns: Vec<(usize, CheckedColumn)>,
    key: Diagnostics,
}

struct CheckedColumn {
    typing: Diagnostics,
    checks: Diagnostics,
    decimals: u8,
}

/// A column that is checked.
struct Checking<'a> {
    index: usize,
    loading: Loading<'a>,
    check: Option<Check<'a>>,
    unique: Option<Keys>,
    field: &'a Field,
}

/// The columns whose values the codebook says something about.
fn checkings<'a>(
    heads: &[Head],
    codebook: Option<&'a Codebook>,
    recipes: &'a [Recipe],
) -> Vec<Checking<'a>> {
    let keys = codebook.map_or(&[][..], |c| &c.primary_key);
    let columns = heads.iter().zip(recipes).enumerate();
    let columns = columns.filter_map(|(index, (head, recipe))| {
        let rule = codebook?.field(&head.name);
        let constrained = rule.filter(|r| r.constraints != Constraints::default());
        let typed = rule.is_some_and(|r| r.data_type.is_some() || r.categories.is_some());
        let is_key = keys.iter().any(|k| k.value == head.name);
        (constrained.is_some() || typed || is_key).then(|| Checking {
            index,
            loading: recipe.load(),
            check: constrained.map(|r| Check::new(&recipe.field, &r.constraints)),
            unique: constrained
                .filter(|r| r.constraints.unique.is_some())
                .map(|_| Keys::default()),
            field: &recipe.field,
        })
    });
    columns.collect()
}

impl Checking<'_> {
    fn piece(&mut self, raw: &super::raw::RawData, first: usize) {
        self.loading.clear(first);
        self.loading.piece(raw, first);
        let (data, first) = self.loading.made();
        if let Some(check) = &mut self.check {
            check.piece(data, first);
        }
        if let Some(unique) = &mut self.unique {
            unique.piece(&[(self.field, data)], first);
        }
    }
}

/// The parts of the primary key among some columns, if all are there.
fn key_parts<'a>(
    codebook: Option<&Codebook>,
    columns: &'a [Checking<'_>],
) -> Option<Vec<(&'a Field, &'a ColumnData)>> {
    let keys = codebook.map_or(&[][..], |c| &c.primary_key);
    let part = |key: &crate::reader::At<String>| {
        let column = columns.iter().find(|c| c.field.name == key.value)?;
        Some((column.field, column.loading.made().0))
    };
    let parts: Option<Vec<_>> = keys.iter().map(part).collect();
    parts.filter(|p| !p.is_empty())
}

fn check(
    table: &dyn Table,
    codebook: Option<&Codebook>,
    recipes: &[Recipe],
    count_rows: bool,
) -> Result<Checked, Diagnostics> {
    let mut columns = checkings(table.heads(), codebook, recipes);
    let mut checked = Checked {
        height: 0,
        columns: Vec::new(),
        key: Diagnostics::new(),
    };
    if columns.is_empty() && !count_rows {
        return Ok(checked);
    }
    let wanted: Vec<usize> = columns.iter().map(|c| c.index).collect();
    let mut key = Keys::default();
    let found = table.each(&wanted, &mut |piece| {
        checked.height = piece.first + piece.height;
        let pairs = columns.par_iter_mut().zip(&piece.columns);
        pairs.for_each(|(column, raw)| column.piece(raw, piece.first));
        if let Some(parts) = key_parts(codebook, &columns) {
            key.piece(&parts, piece.first);
        }
    });
    if found.has_errors() {
        return Err(found);
    }
    let has_key = key_parts(codebook, &columns).is_some();
    for column in &mut columns {
        let mut done = CheckedColumn {
            typing: Diagnostics::new(),
            checks: Diagnostics::new(),
            decimals: column.loading.decimals(),
        };
        column.loading.report(&mut done.typing);
        let unique = column.unique.take().map(|keys| {
            let field = [column.field];
            repeats(table, keys, recipes, &field)
        });
        if let Some(check) = &column.check {
            check.report(unique.as_ref(), &mut done.checks);
        }
        checked.columns.push((column.index, done));
    }
    if let Some(codebook) = codebook.filter(|_| has_key) {
        let named = |key: &crate::reader::At<String>| {
            let field = |r: &'_ Recipe| r.field.name == key.value;
            recipes.iter().find(|r| field(r)).map(|r| &r.field)
        };
        let fields: Vec<&Field> = codebook.primary_key.iter().filter_map(named).collect();
        let repeats = repeats(table, key, recipes, &fields);
        report_key(&repeats, codebook, &mut checked.key);
    }
    Ok(checked)
}

/// The keys of the named columns that are there more than once.
fn repeats(table: &dyn Table, keys: Keys, recipes: &[Recipe], fields: &[&Field]) -> Repeats {
    let mut repeats = keys.repeats();
    if !repeats.is_suspicious() {
        return repeats;
    }
    let place = |field: &&Field| recipes.iter().position(|r| r.field.name == field.name);
    let wanted: Vec<usize> = fields.iter().filter_map(place).collect();
    let mut loadings: Vec<Loading<'_>> = wanted
        .iter()
        .filter_map(|i| recipes.get(*i))
        .map(Recipe::load)
        .collect();
    // What the file has wrong was told before.
    table.each(&wanted, &mut |piece: &Piece<'_>| {
        for (loading, raw) in loadings.iter_mut().zip(&piece.columns) {
            loading.clear(piece.first);
            loading.piece(raw, piece.first);
        }
        let made = loadings.iter().map(|l| l.made().0);
        let parts: Vec<_> = fields.iter().copied().zip(made).collect();
        repeats.piece(&parts, piece.first);
    });
    repeats
}

fn report_key(repeats: &Repeats, codebook: &Codebook, found: &mut Diagnostics) {
    let Some(first) = codebook.primary_key.first() else {
        return;
    };
    let wrong = [
        (&repeats.double, "is there more than once"),
        (&repeats.missing, "has a missing part"),
    ];
    for (examples, what) in wrong.into_iter().filter(|(e, _)| !e.is_empty()) {
        let message = format!("the primary key {what}: {}", examples.text());
        found.push(Diagnostic::error("primary-key", message).at(first.span.clone()));
    }
}
