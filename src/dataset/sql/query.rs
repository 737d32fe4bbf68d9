//! Whole queries.

use std::collections::BTreeSet;

use polars::prelude::{DataFrame, IntoLazy, LazyFrame};
use polars::sql::SQLContext;

use super::super::Dataset;
use super::super::bridge::{self, Refused};
use super::super::frame::{Column, ColumnData, Field, Kind, Reasons};
use super::super::guard::guarded;
use super::super::raw::RawData;
use super::derive::{Session, computed};
use super::error::{SqlError, SqlPlace};
use super::expression::{place_of, too_long, unknown_column, unknown_levels};
use super::lexer::{Token, tokens};
use super::stable::stable;

/// The rows that a query gives.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryResult {
    /// The columns, each as long as `height`. One that has the name and the kind of a column of the dataset keeps its
    /// title, unit and levels.
    pub columns: Vec<Column>,
    /// How many rows there are.
    pub height: usize,
}

impl QueryResult {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.field.name == name)
    }
}

impl Dataset {
    /// Runs one `SELECT` on the dataset, which is the table `self`, `data`, and its own name; there is no other. The
    /// derived columns that the query names are there as well (not in `*`, unless named elsewhere).
    ///
    /// Rows come in a stable order whether or not the query has an `ORDER BY`: groups, distinct rows and ties in the
    /// order in which the dataset first has them, joined rows in the order of the left, then the right table.
    pub fn query(
        &self,
        sql: &str,
        derive: &[(String, String)],
    ) -> Result<QueryResult, Vec<SqlError>> {
        let found = tokens(sql);
        if let Some(error) = too_long(&SqlPlace::Query, sql, &found) {
            return Err(vec![error]);
        }
        let mut errors = refuse_others(sql, &found);
        let mut session = Session::new(self, derive);
        errors.extend(unknown_levels(
            &SqlPlace::Query,
            sql,
            &found,
            session.data(),
        ));
        let named: BTreeSet<&str> = found.iter().filter_map(Token::name).collect();
        let used = if has_wildcard(&found) {
            self.schema.names().chain(named.clone()).collect()
        } else {
            named.clone()
        };
        session.derive(&named, &used);
        errors.append(&mut session.errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let table = session.table.clone();
        let result = guarded(|| self.run(sql, &table))
            .map_err(|why| vec![failure(sql, &found, &why, &session)])?;
        let columns = result.columns().iter();
        let columns: Result<Vec<_>, _> = columns.map(|c| self.result(c, &session)).collect();
        let columns = columns.map_err(|message| {
            vec![
                SqlError::new(&SqlPlace::Query, sql, "sql-type", message).range(Some(0..sql.len())),
            ]
        })?;
        Ok(QueryResult {
            columns,
            height: result.height(),
        })
    }

    fn run(&self, sql: &str, table: &DataFrame) -> polars::prelude::PolarsResult<DataFrame> {
        let mut context = SQLContext::new();
        for name in ["self", "data", self.id.name.as_str()] {
            context.register(name, table.clone().lazy());
        }
        let plan = context.execute(sql)?;
        LazyFrame::from(stable(&plan.logical_plan)?).collect()
    }

    fn result(
        &self,
        column: &polars::prelude::Column,
        session: &Session<'_>,
    ) -> Result<Column, String> {
        let name = column.name().as_str();
        let raw = bridge::from_polars(column).map_err(|refused| match refused {
            Refused::Type(found) => {
                format!("the query's column `{name}` has the type {found}, which can't be used")
            }
            Refused::TooLarge(wrong) => {
                format!(
                    "the query's column `{name}` has whole numbers beyond 2^53: {}",
                    wrong.text()
                )
            }
            Refused::Failed(why) => format!("the query's column `{name}` can't be read: {why}"),
        })?;
        let own = self.schema.field(name);
        let field = own.or_else(|| session.derived(name).map(|c| &c.field));
        if let Some(data) = field.and_then(|f| as_levels(f, &raw)) {
            let field = field.cloned().ok_or("no field")?;
            let reasons = Reasons::default();
            return Ok(Column {
                field,
                data,
                reasons,
            });
        }
        let mut column = computed(name, raw).map_err(|wrong| {
            format!(
                "the query's column `{name}` has values that are no finite numbers: {}",
                wrong.text()
            )
        })?;
        if let Some(field) = field.filter(|f| f.kind == column.field.kind) {
            column.field.title.clone_from(&field.title);
            column.field.unit.clone_from(&field.unit);
        }
        Ok(column)
    }
}

/// The values as indices into the levels of a category, if all are among them.
fn as_levels(field: &Field, raw: &RawData) -> Option<ColumnData> {
    if field.kind != Kind::Category {
        return None;
    }
    let index = |same: &dyn Fn(&str) -> bool| {
        let found = field.levels.iter().position(|l| same(&l.value))?;
        u32::try_from(found).ok()
    };
    let indices: Option<Vec<Option<u32>>> = match raw {
        RawData::Text(cells) => {
            let of = |cell: &Option<String>| match cell {
                None => Some(None),
                Some(cell) => index(&|value| value == cell).map(Some),
            };
            cells.iter().map(of).collect()
        }
        RawData::Number(values, _) => {
            let of = |number: &Option<f64>| match number {
                None => Some(None),
                Some(number) => {
                    let same = |value: &str| value.trim().parse() == Ok(*number);
                    index(&same).map(Some)
                }
            };
            values.iter().map(of).collect()
        }
        _ => None,
    };
    indices.map(ColumnData::Category)
}

/// Whether a query asks for columns that it does not name: `*` is one where no value comes before it, and after `(` only
/// if it is not all there is, as in `COUNT(*)`.
fn has_wildcard(found: &[Token]) -> bool {
    let before = |i: usize| i.checked_sub(1).and_then(|i| found.get(i));
    found.iter().enumerate().any(|(i, token)| {
        let counts =
            before(i).is_some_and(|t| t.is('(')) && found.get(i + 1).is_some_and(|t| t.is(')'));
        token.is_word("COLUMNS") || (token.is('*') && !counts)
    })
}

/// Everything but a single SELECT, and functions that read files.
fn refuse_others(sql: &str, found: &[Token]) -> Vec<SqlError> {
    let error = |code, message: &str| SqlError::new(&SqlPlace::Query, sql, code, message);
    let mut errors = Vec::new();
    let select = |t: &Token| t.is_word("SELECT") || t.is_word("WITH");
    if !found.first().is_some_and(select) {
        let message = "the query must start with SELECT or WITH: it can only read";
        errors.push(error("not-a-select", message).range(found.first().map(|t| t.range.clone())));
    }
    let end = found
        .iter()
        .position(|t| t.is(';'))
        .filter(|i| i + 1 < found.len());
    if let Some(next) = end.and_then(|i| found.get(i + 1)) {
        let message = "the query must be one statement, but something follows the semicolon";
        errors.push(error("several-statements", message).range(Some(next.range.clone())));
    }
    for pair in found.windows(2) {
        let [function, open] = pair else { continue };
        let name = function.name().unwrap_or_default().to_ascii_lowercase();
        let reads = name.starts_with("read_") || name.starts_with("scan_");
        if open.is('(') && reads {
            let message =
                format!("the query can't call `{name}`: it sees this dataset and nothing else");
            let help = "add the file to the manifest, and query it as a dataset of its own";
            errors.push(
                error("reads-files", &message)
                    .range(Some(function.range.clone()))
                    .help(help),
            );
        }
    }
    errors
}

/// The error of a query that polars refused, pointing at the first name of the text that its message quotes.
fn failure(sql: &str, found: &[Token], why: &str, session: &Session<'_>) -> SqlError {
    let known = session.known();
    let mut quoted = why.split(['"', '\'', '`']).skip(1).step_by(2);
    let name = quoted.find(|q| place_of(found, q).is_some());
    let missing = why.contains("unable to find column") || why.contains("not found");
    match name {
        Some(name) if missing && !known.contains(&name) && !why.contains("relation") => {
            unknown_column(&SqlPlace::Query, sql, found, name, &known, session.data())
        }
        _ => {
            let range = name
                .and_then(|n| place_of(found, n))
                .unwrap_or(0..sql.len());
            let message = format!("the query can't be run: {why}");
            SqlError::new(&SqlPlace::Query, sql, "sql-failed", message).range(Some(range))
        }
    }
}
