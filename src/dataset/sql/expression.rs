//! One SQL expression: parsed, and checked against the columns that there are.

use std::collections::BTreeSet;
use std::ops::Range;

use polars::prelude::Expr;
use polars::sql::{SQLContext, sql_expr};

use super::super::frame::{Kind, Schema};
use super::super::guard::guarded;
use super::error::{SqlError, SqlPlace};
use super::lexer::{self, Token, tokens};

/// More than anybody writes; deeper or longer expressions could exhaust the stack.
pub(super) const MOST_TOKENS: usize = 2000;

/// A parsed expression.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    /// Which one it is.
    pub place: SqlPlace,
    /// Its text.
    pub sql: String,
    /// polars' tree.
    pub expr: Expr,
    /// The columns it uses, in order, each once.
    pub uses: Vec<String>,
}

/// The columns of `schema` that an SQL expression or query uses, in the schema's order. Where the text can't be parsed
/// as an expression, every name that stands in it counts.
pub fn columns_used(sql: &str, schema: &Schema) -> Vec<String> {
    let found = tokens(sql);
    let parsed = (found.len() <= MOST_TOKENS)
        .then(|| guarded(|| sql_expr(sql)).ok())
        .flatten();
    let names: BTreeSet<String> = match parsed {
        Some(expr) => roots(&expr).into_iter().collect(),
        None => found
            .iter()
            .filter_map(|t| t.name().map(str::to_owned))
            .collect(),
    };
    schema
        .names()
        .filter(|n| names.contains(*n))
        .map(str::to_owned)
        .collect()
}

fn roots(expr: &Expr) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in expr.clone().meta().root_names() {
        if !names.iter().any(|n| n == name.as_str()) {
            names.push(name.to_string());
        }
    }
    names
}

impl Expression {
    /// Parses `sql` and checks the names in it: `known` are all columns there are, `data` those of the file, whose
    /// categories' values are known.
    pub fn parse(
        place: SqlPlace,
        sql: &str,
        known: &[&str],
        data: &Schema,
    ) -> Result<Self, Vec<SqlError>> {
        let found = tokens(sql);
        if let Some(error) = too_long(&place, sql, &found) {
            return Err(vec![error]);
        }
        if found.is_empty() {
            let message = format!("{place} is empty");
            return Err(vec![SqlError::new(&place, sql, "empty-sql", message)]);
        }
        let dotted = dotted_names(&place, sql, &found, known);
        if !dotted.is_empty() {
            return Err(dotted);
        }
        let expr = guarded(|| sql_expr(sql)).map_err(|why| vec![syntax(&place, sql, why)])?;
        let many = |e: &Expr| matches!(e, Expr::Selector(_) | Expr::SubPlan(..));
        if expr.into_iter().any(many) {
            let message =
                format!("{place} must be one value for each row, not several columns or a query");
            return Err(vec![
                SqlError::new(&place, sql, "sql-shape", message).range(Some(0..sql.len())),
            ]);
        }
        let uses = roots(&expr);
        let mut errors: Vec<SqlError> = uses
            .iter()
            .filter(|name| !known.contains(&name.as_str()))
            .map(|name| unknown_column(&place, sql, &found, name, known, data))
            .collect();
        errors.extend(unknown_levels(&place, sql, &found, data));
        if errors.is_empty() {
            Ok(Self {
                place,
                sql: sql.to_owned(),
                expr,
                uses,
            })
        } else {
            Err(errors)
        }
    }

    /// An error of this expression as a whole.
    pub fn error(&self, code: &'static str, message: impl Into<String>) -> SqlError {
        SqlError::new(&self.place, &self.sql, code, message).range(Some(0..self.sql.len()))
    }
}

/// The error of a text that is no expression. polars keeps the parser's words for queries only, so it is tried as one.
fn syntax(place: &SqlPlace, sql: &str, why: String) -> SqlError {
    let head = "SELECT ";
    let query = format!("{head}{sql}");
    let why = if why.starts_with("unable to parse") {
        let tried = guarded(|| SQLContext::new().execute(&query).map(|_| ()));
        tried.err().unwrap_or(why)
    } else {
        why
    };
    let (what, column) = match why.split_once(" at Line: 1, Column: ") {
        Some((what, column)) => (what, column.trim().parse::<usize>().ok()),
        None => (why.as_str(), None),
    };
    let what = what.strip_prefix("sql parser error: ").unwrap_or(what);
    let start = column.and_then(|c| query.char_indices().nth(c.checked_sub(1)?));
    let range = start
        .and_then(|(at, c)| {
            let at = at.checked_sub(head.len())?;
            Some(at..at + c.len_utf8())
        })
        .unwrap_or(0..sql.len());
    let message = format!("{place} is not an SQL expression: {what}");
    SqlError::new(place, sql, "sql-syntax", message).range(Some(range))
}

/// The error of a text with too many tokens.
pub(super) fn too_long(place: &SqlPlace, sql: &str, found: &[Token]) -> Option<SqlError> {
    (found.len() > MOST_TOKENS).then(|| {
        let message =
            format!("{place} is too long: it has more than {MOST_TOKENS} words and signs");
        SqlError::new(place, sql, "sql-too-long", message)
    })
}

/// The place of a name in the text.
pub(super) fn place_of(found: &[Token], name: &str) -> Option<Range<usize>> {
    found
        .iter()
        .find(|t| t.name() == Some(name))
        .map(|t| t.range.clone())
}

/// The error of a name that no column has.
pub(super) fn unknown_column(
    place: &SqlPlace,
    sql: &str,
    found: &[Token],
    name: &str,
    known: &[&str],
    data: &Schema,
) -> SqlError {
    let message = format!("{place} uses a column `{name}`, which there is not");
    let error = SqlError::new(place, sql, "unknown-column", message).range(place_of(found, name));
    let is_level = data
        .fields
        .iter()
        .any(|f| f.levels.iter().any(|l| l.value == name));
    if is_level {
        return error.help(format!("a text stands in single quotes: '{name}'"));
    }
    error.suggest(name, known.iter().copied())
}

/// `bdi.pre` without quotes, where there is a column of that name: SQL would take it as a column of a table `bdi`.
fn dotted_names(place: &SqlPlace, sql: &str, found: &[Token], known: &[&str]) -> Vec<SqlError> {
    let mut errors = Vec::new();
    for start in 0..found.len() {
        let is_word = |t: &Token| matches!(t.kind, lexer::Kind::Word(_));
        let before = start.checked_sub(1).and_then(|i| found.get(i));
        let Some(first) = found.get(start).filter(|t| is_word(t)) else {
            continue;
        };
        if before.is_some_and(|t| t.is('.')) {
            continue;
        }
        let mut end = first.range.end;
        // `.2m` lexes as a sign and a number, `.pre` as a sign and a word.
        for token in found.get(start + 1..).unwrap_or_default() {
            let glued = token.range.start == end;
            let part = token.is('.') || is_word(token) || token.kind == lexer::Kind::Number;
            if !(glued && part) {
                break;
            }
            end = token.range.end;
        }
        let name = sql.get(first.range.start..end).unwrap_or_default();
        if name.contains('.') && known.contains(&name) {
            let message = format!("{place} has the column `{name}` without quotes");
            let error = SqlError::new(place, sql, "unquoted-column", message)
                .range(Some(first.range.start..end))
                .help(format!(
                    "a name with a dot stands in double quotes: `\"{name}\"`"
                ))
                .help("in TOML, put single quotes around the whole: '\"a.b\" > 1'");
            errors.push(error);
        }
    }
    errors
}

/// Comparisons of a category with a text that is none of its values: `treatment = 'Btheb'`, `treatment IN ('A', 'B')`.
pub(super) fn unknown_levels(
    place: &SqlPlace,
    sql: &str,
    found: &[Token],
    data: &Schema,
) -> Vec<SqlError> {
    let mut errors = Vec::new();
    for (i, token) in found.iter().enumerate() {
        let field = token.name().and_then(|n| data.field(n));
        let Some(field) = field.filter(|f| f.kind == Kind::Category) else {
            continue;
        };
        let after = found.get(i + 1..).unwrap_or_default();
        let before = found.get(..i).unwrap_or_default();
        for (text, range) in compared_after(after)
            .into_iter()
            .chain(compared_before(before))
        {
            if field.levels.iter().any(|l| l.value == text) {
                continue;
            }
            let message = format!(
                "{place} compares `{}` with '{text}', which it never is",
                field.name
            );
            let error = SqlError::new(place, sql, "unknown-level", message)
                .range(Some(range))
                .suggest(&text, field.levels.iter().map(|l| l.value.as_str()));
            errors.push(error);
        }
    }
    errors
}

type Compared = Vec<(String, Range<usize>)>;

fn text(token: &Token) -> Option<(String, Range<usize>)> {
    match &token.kind {
        lexer::Kind::Text(text) => Some((text.clone(), token.range.clone())),
        _ => None,
    }
}

fn compared_after(after: &[Token]) -> Compared {
    let signs = after
        .iter()
        .take_while(|t| t.is('=') || t.is('<') || t.is('>') || t.is('!'));
    let signs: Vec<&Token> = signs.collect();
    if is_equality(&signs) {
        return after.get(signs.len()).and_then(text).into_iter().collect();
    }
    let negated = usize::from(after.first().is_some_and(|t| t.is_word("NOT")));
    let list = after.get(negated..).unwrap_or_default();
    let [first, open, items @ ..] = list else {
        return Vec::new();
    };
    if !(first.is_word("IN") && open.is('(')) {
        return Vec::new();
    }
    items
        .iter()
        .take_while(|t| !t.is(')'))
        .filter_map(text)
        .collect()
}

fn compared_before(before: &[Token]) -> Compared {
    let signs = before
        .iter()
        .rev()
        .take_while(|t| t.is('=') || t.is('<') || t.is('>') || t.is('!'));
    let signs: Vec<&Token> = signs.collect();
    if !is_equality(&signs) {
        return Vec::new();
    }
    let left = before
        .len()
        .checked_sub(signs.len() + 1)
        .and_then(|i| before.get(i));
    left.and_then(text).into_iter().collect()
}

/// `=`, `==`, `<>`, `!=`, in either direction.
fn is_equality(signs: &[&Token]) -> bool {
    match signs {
        [one] => one.is('='),
        [a, b] => {
            (a.is('=') || b.is('=') || (a.is('<') && b.is('>')) || (a.is('>') && b.is('<')))
                && !ordered(a, b)
        }
        _ => false,
    }
}

/// `<=` and `>=`.
fn ordered(a: &Token, b: &Token) -> bool {
    (a.is('=') || b.is('=')) && (a.is('<') || a.is('>') || b.is('<') || b.is('>'))
}
