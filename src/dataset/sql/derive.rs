//! Derived columns and populations.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use polars::prelude::{DataFrame, Expr, IntoLazy};

use super::super::Dataset;
use super::super::bridge::{self, Refused};
use super::super::frame::{Column, ColumnData, Field, Frame, Reasons, Schema};
use super::super::guard::guarded;
use super::super::raw::{Examples, MOST_DECIMALS, RawData};
use super::super::typing::{boolean_levels, category_or_text, example, kind};
use super::branches::order_levels;
use super::error::{SqlError, SqlPlace};
use super::expression::Expression;

impl Dataset {
    /// The schema with derived columns, `(name, SQL expression)`, after the file's own, and what is wrong with those
    /// that are not there.
    ///
    /// A derived column may use others, in any order. It is computed over all rows of the dataset, before any condition
    /// selects some. Numbers and durations (as days) give numbers, texts a category with sorted levels (texts if there
    /// are more than 50), or those of a `CASE` in the order of its branches, comparisons a Boolean, days a date; a name
    /// alone keeps title, unit and levels of its column.
    pub fn schema_with(&self, derive: &[(String, String)]) -> (Schema, Vec<SqlError>) {
        let mut session = Session::new(self, derive);
        let all: BTreeSet<&str> = derive.iter().map(|(name, _)| name.as_str()).collect();
        session.derive(&all, &BTreeSet::new());
        let fields = self.schema.fields.iter().cloned();
        let derived = derive.iter().filter_map(|(name, _)| session.derived(name));
        let schema = Schema {
            fields: fields.chain(derived.map(|c| c.field.clone())).collect(),
        };
        (schema, session.errors)
    }

    /// The named columns of the rows for which `condition` is true (not false, not NULL); all rows without one. Only
    /// the derived columns that these need are computed. No row may be left: an empty population is the caller's to
    /// judge.
    pub fn frame(
        &self,
        condition: Option<&str>,
        derive: &[(String, String)],
        columns: &[String],
    ) -> Result<Frame, Vec<SqlError>> {
        let mut session = Session::new(self, derive);
        let condition = condition.and_then(|sql| session.parse(SqlPlace::Condition, sql));
        let used = condition.iter().flat_map(|c| c.uses.iter());
        let used: BTreeSet<&str> = used.map(String::as_str).collect();
        let wanted: BTreeSet<&str> = columns
            .iter()
            .map(String::as_str)
            .chain(used.clone())
            .collect();
        session.derive(&wanted, &used);
        let rows = condition
            .as_ref()
            .map(|condition| session.rows(condition).unwrap_or_default());
        // The table was for SQL, and may be large.
        session.table = DataFrame::default();
        let mut found: Vec<Column> = Vec::with_capacity(columns.len());
        for (i, name) in columns.iter().enumerate() {
            let again = columns
                .get(i + 1..)
                .is_some_and(|later| later.contains(name));
            let whole = match rows {
                // Handed over, not copied, where nobody else holds it.
                None if !again => session.columns.remove(name).map(Arc::unwrap_or_clone),
                _ => None,
            };
            found.extend(whole.or_else(|| session.take(name, rows.as_deref())));
        }
        if !session.errors.is_empty() {
            return Err(session.errors);
        }
        let number = |row: usize| u64::try_from(row + 1).ok();
        Ok(Frame {
            dataset: self.id.clone(),
            rows: match rows {
                None => (0..self.height).filter_map(number).collect(),
                Some(rows) => rows.into_iter().filter_map(number).collect(),
            },
            columns: found,
        })
    }
}

/// A dataset with the derived columns that were computed so far.
pub(super) struct Session<'a> {
    dataset: &'a Dataset,
    derive: &'a [(String, String)],
    /// What SQL sees: columns of the file and the derived ones.
    pub table: DataFrame,
    /// The columns of the file that were needed so far.
    columns: BTreeMap<String, Arc<Column>>,
    derived: Vec<Column>,
    /// What is wrong.
    pub errors: Vec<SqlError>,
    failed: BTreeSet<String>,
}

impl<'a> Session<'a> {
    pub fn new(dataset: &'a Dataset, derive: &'a [(String, String)]) -> Self {
        let mut session = Self {
            dataset,
            derive,
            table: DataFrame::default(),
            columns: BTreeMap::new(),
            derived: Vec::new(),
            errors: Vec::new(),
            failed: BTreeSet::new(),
        };
        session.check_names();
        session
    }

    fn check_names(&mut self) {
        let mut seen = BTreeSet::new();
        for (name, sql) in self.derive {
            let place = SqlPlace::Derived(name.clone());
            let error = if self.dataset.schema.field(name).is_some() {
                let message = format!("there is a column `{name}` in the data already");
                SqlError::new(&place, sql, "duplicate-column", message)
            } else if !seen.insert(name.as_str()) {
                let message = format!("the derived column `{name}` is there twice");
                SqlError::new(&place, sql, "duplicate-column", message)
            } else if name.trim().is_empty() {
                SqlError::new(&place, sql, "bad-name", "a derived column needs a name")
            } else {
                continue;
            };
            self.errors
                .push(error.help("give the derived column a name of its own"));
            self.failed.insert(name.clone());
        }
    }

    /// All names that an expression can use.
    pub fn known(&self) -> Vec<&'a str> {
        let derived = self.derive.iter().map(|(name, _)| name.as_str());
        self.dataset.schema.names().chain(derived).collect()
    }

    /// The schema of the file.
    pub fn data(&self) -> &'a Schema {
        &self.dataset.schema
    }

    /// A computed derived column.
    pub fn derived(&self, name: &str) -> Option<&Column> {
        self.derived.iter().find(|c| c.field.name == name)
    }

    fn parse(&mut self, place: SqlPlace, sql: &str) -> Option<Expression> {
        match Expression::parse(place, sql, &self.known(), self.data()) {
            Ok(expression) => Some(expression),
            Err(errors) => {
                self.errors.extend(errors);
                None
            }
        }
    }

    /// Computes the derived columns among `wanted` and those that they use. The table then has the file's columns that
    /// these and `used`, other SQL, need.
    pub fn derive(&mut self, wanted: &BTreeSet<&str>, used: &BTreeSet<&str>) {
        let mut waiting = self.needed(wanted);
        self.bring(wanted, used, &waiting);
        while !waiting.is_empty() {
            let blocked = |e: &Expression| {
                let open = |name: &String| waiting.iter().any(|(other, _)| other == name);
                e.uses.iter().any(open)
            };
            let (later, ready): (Vec<_>, Vec<_>) =
                waiting.iter().cloned().partition(|(_, e)| blocked(e));
            if ready.is_empty() {
                self.report_cycles(&later);
                return;
            }
            for (name, expression) in ready {
                self.compute(&name, &expression);
            }
            waiting = later;
        }
    }

    fn needed(&mut self, wanted: &BTreeSet<&str>) -> Vec<(String, Expression)> {
        let mut open: Vec<String> = wanted.iter().map(|n| (*n).to_owned()).collect();
        let mut found: Vec<(String, Expression)> = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            let entry = self.derive.iter().find(|(n, _)| *n == name);
            let Some((_, sql)) = entry.filter(|_| seen.insert(name.clone())) else {
                continue;
            };
            if self.failed.contains(&name) {
                continue;
            }
            match self.parse(SqlPlace::Derived(name.clone()), sql) {
                Some(expression) => {
                    open.extend(expression.uses.iter().cloned());
                    found.push((name, expression));
                }
                None => {
                    self.failed.insert(name);
                }
            }
        }
        let place = |name: &str| self.derive.iter().position(|(n, _)| n == name);
        found.sort_by_key(|(name, _)| place(name));
        found
    }

    /// Reads the columns of the file that are needed, all in one go.
    fn bring(
        &mut self,
        wanted: &BTreeSet<&str>,
        used: &BTreeSet<&str>,
        waiting: &[(String, Expression)],
    ) {
        let derived = waiting.iter().flat_map(|(_, e)| e.uses.iter());
        let mut seen: BTreeSet<&str> = derived.map(String::as_str).chain(used.clone()).collect();
        seen.retain(|name| self.dataset.schema.field(name).is_some());
        // A table without columns has no rows to compute constants for.
        seen.extend(
            self.dataset
                .schema
                .names()
                .next()
                .filter(|_| seen.is_empty()),
        );
        let needed = |name: &&str| seen.contains(name) || wanted.contains(name);
        let names: Vec<&str> = self.dataset.schema.names().filter(needed).collect();
        let brought = self.dataset.store.columns(&names).and_then(|columns| {
            let of_sql: Vec<&Arc<Column>> = columns
                .iter()
                .filter(|c| seen.contains(c.field.name.as_str()))
                .collect();
            let table = self.dataset.store.table(&of_sql)?;
            Ok((columns, table))
        });
        match brought {
            Ok((columns, table)) => {
                let named = columns.into_iter().map(|c| (c.field.name.clone(), c));
                self.columns = named.collect();
                self.table = table;
            }
            Err(diagnostic) => {
                let name = self.dataset.id.to_string();
                let error = SqlError::new(
                    &SqlPlace::Column(name),
                    "",
                    "unreadable",
                    diagnostic.message,
                );
                self.errors.push(error);
            }
        }
    }

    fn report_cycles(&mut self, waiting: &[(String, Expression)]) {
        for (name, expression) in waiting {
            let chain = cycle(name, waiting);
            // Those that only use a cycle, and are not in it, are no mistake of their own.
            if let Some(chain) = chain {
                let message = format!("the derived column `{name}` depends on itself: {chain}");
                self.errors.push(expression.error("cyclic-derive", message));
            }
            self.failed.insert(name.clone());
        }
    }

    fn compute(&mut self, name: &str, expression: &Expression) {
        // What uses a column that failed is not reported again.
        if expression.uses.iter().any(|u| self.failed.contains(u)) {
            self.failed.insert(name.to_owned());
            return;
        }
        let computed = self
            .evaluate(expression, name)
            .and_then(|table| Ok((self.column(&table, name, expression)?, table)));
        match computed {
            Ok((column, table)) => {
                self.table = table;
                self.derived.push(column);
            }
            Err(error) => {
                self.errors.push(error);
                self.failed.insert(name.to_owned());
            }
        }
    }

    /// The table with the expression's values as a further column.
    fn evaluate(&self, expression: &Expression, name: &str) -> Result<DataFrame, SqlError> {
        let (table, expr) = (self.table.clone(), expression.expr.clone());
        let height = table.height();
        let table = guarded(move || table.lazy().with_columns([expr.alias(name)]).collect())
            .map_err(|why| {
                let message = format!("{} can't be computed: {why}", expression.place);
                expression.error("sql-failed", message)
            })?;
        if table.height() == height {
            Ok(table)
        } else {
            let message = format!("{} does not have one value for each row", expression.place);
            Err(expression.error("sql-shape", message))
        }
    }

    fn column(
        &self,
        table: &DataFrame,
        name: &str,
        expression: &Expression,
    ) -> Result<Column, SqlError> {
        let column = table
            .column(name)
            .map_err(|e| expression.error("sql-failed", e.to_string()))?;
        let raw = bridge::from_polars(column).map_err(|r| refusal(expression, r))?;
        if let Expr::Column(source) = &expression.expr
            && let Some(source) = self.named(source)
        {
            let mut copy = source.clone();
            name.clone_into(&mut copy.field.name);
            return Ok(copy);
        }
        let mut column = computed(name, raw).map_err(|wrong| {
            let message = format!(
                "{} has values that are no finite numbers: {}",
                expression.place,
                wrong.text()
            );
            expression
                .error("not-finite", message)
                .help("say what such a row should have: `CASE WHEN y <> 0 THEN x / y END` leaves it missing")
        })?;
        order_levels(&mut column, &expression.expr);
        Ok(column)
    }

    fn named(&self, name: &str) -> Option<&Column> {
        let own = self.columns.get(name).map(Arc::as_ref);
        own.or_else(|| self.derived(name))
    }

    /// The rows, from 0, for which a condition is true.
    fn rows(&mut self, condition: &Expression) -> Option<Vec<usize>> {
        if condition.uses.iter().any(|u| self.failed.contains(u)) {
            return None;
        }
        let mut name = "condition".to_owned();
        while self.table.column(&name).is_ok() {
            name.push('_');
        }
        let selected = self.evaluate(condition, &name).and_then(|table| {
            let raw = table
                .column(&name)
                .map_err(|e| Refused::Failed(e.to_string()));
            match raw.and_then(bridge::from_polars) {
                Ok(RawData::Boolean(values)) => Ok(values),
                Ok(other) => {
                    let found = match other {
                        RawData::Number(..) => "numbers",
                        RawData::Date(_) => "days",
                        _ => "texts",
                    };
                    let message = format!("{} gives {found}, not true or false", condition.place);
                    Err(condition
                        .error("not-a-condition", message)
                        .help("compare, as in `drug = 'Yes'`"))
                }
                Err(refused) => Err(refusal(condition, refused)),
            }
        });
        match selected {
            Ok(values) => {
                let rows = values.iter().enumerate().filter(|(_, v)| **v == Some(true));
                Some(rows.map(|(row, _)| row).collect())
            }
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// A column, all of it or some rows.
    fn take(&mut self, name: &str, rows: Option<&[usize]>) -> Option<Column> {
        if let Some(column) = self.named(name) {
            return Some(match rows {
                None => column.clone(),
                Some(rows) => Column {
                    field: column.field.clone(),
                    data: pick(&column.data, rows),
                    reasons: column.reasons.pick(rows),
                },
            });
        }
        if !self.derive.iter().any(|(n, _)| n == name) {
            let place = SqlPlace::Column(name.to_owned());
            let message = format!("`{}` has no column `{name}`", self.dataset.id);
            let error =
                SqlError::new(&place, "", "unknown-column", message).suggest(name, self.known());
            self.errors.push(error);
        }
        None
    }
}

fn refusal(expression: &Expression, refused: Refused) -> SqlError {
    let place = &expression.place;
    match refused {
        Refused::Type(found) => expression.error(
            "sql-type",
            format!("{place} gives values of the type {found}, which can't be used"),
        ),
        Refused::TooLarge(examples) => expression.error(
            "not-exact",
            format!(
                "{place} gives whole numbers beyond 2^53: {}",
                examples.text()
            ),
        ),
        Refused::Failed(why) => {
            expression.error("sql-failed", format!("{place} can't be computed: {why}"))
        }
    }
}

/// A computed column; the error lists values that are not finite.
pub(super) fn computed(name: &str, raw: RawData) -> Result<Column, Examples> {
    let (data, levels, decimals) = match raw {
        RawData::Number(values, _) => {
            check_finite(&values)?;
            let decimals = computed_decimals(&values);
            (ColumnData::Number(values), Vec::new(), decimals)
        }
        raw @ (RawData::Text(_) | RawData::Untyped(_) | RawData::Moment(..)) => {
            let cells = raw.texts().map(|t| t.map(Cow::into_owned)).collect();
            let (data, levels) = category_or_text(cells);
            (data, levels, None)
        }
        RawData::Boolean(values) => (ColumnData::Boolean(values), boolean_levels(), None),
        RawData::Date(values) => (ColumnData::Date(values), Vec::new(), None),
    };
    let field = Field {
        name: name.to_owned(),
        kind: kind(&data),
        title: name.to_owned(),
        unit: None,
        levels,
        decimals,
        labels: Vec::new(),
        missing: Vec::new(),
    };
    let reasons = Reasons::default();
    Ok(Column {
        field,
        data,
        reasons,
    })
}

fn check_finite(values: &[Option<f64>]) -> Result<(), Examples> {
    let mut wrong = Examples::default();
    for (row, value) in values.iter().enumerate() {
        if let Some(value) = value.filter(|v| !v.is_finite()) {
            wrong.add(|| example(row, &value.to_string()));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The decimals of computed numbers, in which 0.1 + 0.2 has one: the fewest that hold every value to a relative 1e-9;
/// none if six are not enough, as for thirds.
fn computed_decimals(values: &[Option<f64>]) -> Option<u8> {
    let fits = |digits: u8| {
        let scale = 10_f64.powi(i32::from(digits));
        values.iter().flatten().all(|v| {
            let scaled = v * scale;
            (scaled - scaled.round()).abs() <= 1e-9 * scaled.abs().max(1.0)
        })
    };
    (0..=MOST_DECIMALS).find(|digits| fits(*digits))
}

fn pick(data: &ColumnData, rows: &[usize]) -> ColumnData {
    fn of<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
        rows.iter()
            .map(|r| values.get(*r).cloned().flatten())
            .collect()
    }
    match data {
        ColumnData::Number(v) => ColumnData::Number(of(v, rows)),
        ColumnData::Category(v) => ColumnData::Category(of(v, rows)),
        ColumnData::Text(v) => ColumnData::Text(of(v, rows)),
        ColumnData::Boolean(v) => ColumnData::Boolean(of(v, rows)),
        ColumnData::Date(v) => ColumnData::Date(of(v, rows)),
    }
}

/// "a → b → a", if following what is used leads back to `name`.
fn cycle(name: &str, waiting: &[(String, Expression)]) -> Option<String> {
    let uses = |of: &str| {
        let entry = waiting.iter().find(|(n, _)| n == of);
        entry.map_or(&[][..], |(_, e)| e.uses.as_slice())
    };
    let mut paths: Vec<Vec<&str>> = vec![vec![name]];
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        for next in uses(path.last()?) {
            if next == name {
                let shown: Vec<_> = path
                    .iter()
                    .chain([&name])
                    .map(|n| format!("`{n}`"))
                    .collect();
                return Some(shown.join(" → "));
            }
            if seen.insert(next.as_str()) {
                let mut longer = path.clone();
                longer.push(next);
                paths.push(longer);
            }
        }
    }
    None
}
