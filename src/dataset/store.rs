//! The values of a dataset: kept, or read again from the verified file when they are needed.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::DataFrame;

use crate::activity;
use crate::diagnostic::Diagnostic;

use super::bridge;
use super::frame::Column;
use super::table::Table;
use super::typing::{Loading, Recipe};

/// Where the values are.
#[derive(Debug, Clone)]
pub(super) enum Store {
    /// In memory, and as SQL sees them.
    Kept {
        columns: Arc<BTreeMap<String, Arc<Column>>>,
        table: DataFrame,
    },
    /// In the file.
    Again(Arc<Again>),
}

/// A file that is read when its values are needed.
#[derive(Debug)]
pub(super) struct Again {
    path: String,
    table: Arc<dyn Table>,
    recipes: Vec<Recipe>,
    height: usize,
}

impl Store {
    /// The values of a table, kept if they are at most `most`.
    pub fn new(
        path: &str,
        table: Arc<dyn Table>,
        recipes: Vec<Recipe>,
        height: usize,
        most: usize,
    ) -> Result<Self, Diagnostic> {
        let values = height.saturating_mul(recipes.len());
        let again = Again {
            path: path.to_owned(),
            table,
            recipes,
            height,
        };
        if values > most {
            return Ok(Self::Again(Arc::new(again)));
        }
        let all: Vec<usize> = (0..again.recipes.len()).collect();
        let columns = again.read(&all)?;
        let pairs: Vec<_> = again.recipes.iter().zip(&columns).collect();
        let table = again.to_polars(&pairs)?;
        let named = columns
            .into_iter()
            .map(|c| (c.field.name.clone(), Arc::new(c)));
        Ok(Self::Kept {
            columns: Arc::new(named.collect()),
            table,
        })
    }

    /// The columns of these names, in their order; names that there are not are left out.
    pub fn columns(&self, names: &[&str]) -> Result<Vec<Arc<Column>>, Diagnostic> {
        match self {
            Self::Kept { columns, .. } => {
                let found = names.iter().filter_map(|n| columns.get(*n));
                Ok(found.cloned().collect())
            }
            Self::Again(again) => {
                let columns = again.read(&again.places(names))?;
                Ok(columns.into_iter().map(Arc::new).collect())
            }
        }
    }

    /// What SQL sees of these columns (at least), of which the values are given.
    pub fn table(&self, columns: &[&Arc<Column>]) -> Result<DataFrame, Diagnostic> {
        match self {
            Self::Kept { table, .. } => Ok(table.clone()),
            Self::Again(again) => {
                let names: Vec<&str> = columns.iter().map(|c| c.field.name.as_str()).collect();
                let recipes = again.places(&names).into_iter();
                let recipes = recipes.filter_map(|i| again.recipes.get(i));
                let values = columns.iter().map(AsRef::as_ref);
                again.to_polars(&recipes.zip(values).collect::<Vec<_>>())
            }
        }
    }
}

impl Again {
    fn places(&self, names: &[&str]) -> Vec<usize> {
        let place = |name: &&str| self.recipes.iter().position(|r| r.field.name == *name);
        names.iter().filter_map(place).collect()
    }

    /// The columns at these places.
    fn read(&self, wanted: &[usize]) -> Result<Vec<Column>, Diagnostic> {
        let _reading = activity::begin(format!("reading `{}`", self.path));
        let recipes = wanted.iter().filter_map(|i| self.recipes.get(*i));
        let mut loadings: Vec<Loading<'_>> = recipes.map(Recipe::load).collect();
        let found = self.table.each(wanted, &mut |piece| {
            use rayon::prelude::*;
            let pairs = loadings.par_iter_mut().zip(&piece.columns);
            pairs.for_each(|(loading, raw)| loading.piece(raw, piece.first));
        });
        match found.into_iter().find(Diagnostic::is_error) {
            Some(error) => Err(error),
            None => Ok(loadings.into_iter().map(Loading::column).collect()),
        }
    }

    fn to_polars(&self, columns: &[(&Recipe, &Column)]) -> Result<DataFrame, Diagnostic> {
        let typed = columns
            .iter()
            .map(|(r, column)| (*column, r.numeric_levels));
        bridge::to_polars(typed, self.height).map_err(|why| {
            let message = format!("`{}` can't be made a table: {why}", self.path);
            Diagnostic::error("bad-table", message)
        })
    }
}
