//! Finds and reads the front matter.

use std::ops::Range;
use std::sync::Arc;

use super::orcid::{NoOrcid, orcid};
use super::{Arms, Author, Date, Definition, FrontMatter, sharing};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::reader::{self, At, Sink, TableReader, Value};
use crate::report::text::Findings;

/// Reads the front matter and says where the body starts.
pub fn read(source: &Arc<Source>, findings: &mut Findings) -> (FrontMatter, usize) {
    let text = &source.text;
    // A mark that some editors put before the text.
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut lines = text[start..].split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    if first.trim_end() != "+++" {
        findings.push(|| missing(source, start, first));
        return (FrontMatter::empty(source), start);
    }
    let from = start + first.len();
    let mut at = from;
    for line in lines {
        if line.trim_end() == "+++" {
            return (values(source, from..at, findings), at + line.len());
        }
        at += line.len();
    }
    findings.push(|| {
        Diagnostic::error("unclosed-front-matter", "the front matter is never closed")
            .at(Span::new(source, start..start + 3))
            .help("end it with a line `+++`")
    });
    (FrontMatter::empty(source), text.len())
}

fn missing(source: &Arc<Source>, start: usize, first: &str) -> Diagnostic {
    let line = Span::new(source, start..start + first.trim_end().len());
    let diagnostic = Diagnostic::error("missing-front-matter", "the report has no front matter");
    let diagnostic = match first.trim() {
        "---" => diagnostic.help("front matter is TOML between lines `+++`, not YAML between lines `---`"),
        "+++" => diagnostic.help("`+++` must be at the start of the line"),
        _ => diagnostic.help("begin the first line with `+++`, write `title = \"…\"` and `date = 2026-01-31`, and end with `+++`"),
    };
    diagnostic.at(line)
}

fn values(source: &Arc<Source>, range: Range<usize>, findings: &mut Findings) -> FrontMatter {
    let (entries, problems) = reader::parse(source, range.clone());
    let readable = !problems.has_errors();
    findings.extend(problems);
    let sink = Sink::new();
    let opening = range.start.saturating_sub(4)..range.start;
    let place = source.text.get(opening).and_then(|o| o.find("+++"));
    let opening = place.map_or(range.start, |i| range.start.saturating_sub(4) + i);
    let table = TableReader::new(
        source,
        &entries,
        opening..opening + 3,
        "the front matter",
        &sink,
    );
    let mut front = FrontMatter::empty(source);
    front.span = Span::new(source, range);
    Reading { table, readable }.fill(&mut front);
    findings.extend(sink.into_inner());
    front
}

struct Reading<'a> {
    table: TableReader<'a>,
    /// Whether all of it could be read; if not, nothing is reported as missing.
    readable: bool,
}

impl Reading<'_> {
    fn fill(mut self, front: &mut FrontMatter) {
        self.required(front);
        let table = &mut self.table;
        front.running_title = some_text(table, "running_title");
        front.authors = table
            .tables("authors")
            .into_iter()
            .filter_map(author)
            .collect();
        if let Some(style) = some_text(table, "style") {
            front.style = style;
        }
        if let Some(lang) = table.optional_string("lang") {
            check_lang(table, &lang);
            front.lang = lang;
        }
        if let Some(seed) = table.optional_integer("seed", 0..=i64::MAX) {
            front.seed = At {
                value: seed.value.unsigned_abs(),
                span: seed.span,
            };
        }
        front.keywords = table.optional_strings("keywords").unwrap_or_default();
        for keyword in front.keywords.iter().filter(|k| k.value.trim().is_empty()) {
            table.report(empty("keyword", &keyword.span));
        }
        front.populations = definitions(table, "populations");
        front.derive = definitions(table, "derive");
        front.arms = table.optional_table("arms").and_then(arms);
        if let Some(table) = table.optional_table("sharing") {
            front.sharing = sharing::read(table);
        }
        if let Some(provenance) = table.optional_bool("provenance") {
            front.provenance = provenance.value;
        }
        if let Some(claims) = table.optional_bool("claims") {
            front.claims = claims.value;
        }
        self.table.finish();
    }

    fn required(&mut self, front: &mut FrontMatter) {
        let title = some_text(&mut self.table, "title");
        if self.readable && !self.table.has("title") {
            self.table.missing("title", "a text");
        }
        if let Some(title) = title {
            front.title = title;
        }
        match self.table.node("date") {
            Some(node) => {
                let span = self.table.node_span(node);
                match date(&node.value, span) {
                    Ok(date) => front.date = date,
                    // What is no TOML has been reported, and reads as nothing.
                    Err(_) if !self.readable && is_nothing(&node.value) => {}
                    Err(diagnostic) => self.table.report(diagnostic),
                }
            }
            None if self.readable => self.table.missing("date", "a date such as 2026-01-31"),
            None => {}
        }
    }
}

/// A text that is not empty, if the key is there.
pub(super) fn some_text(table: &mut TableReader<'_>, key: &str) -> Option<At<String>> {
    let text = table.optional_string(key)?;
    if text.value.trim().is_empty() {
        // A value that could not be read has no quotes either.
        if !text.span.range.is_empty() {
            table.report(empty(key, &text.span));
        }
        return None;
    }
    Some(text)
}

fn empty(what: &str, span: &Span) -> Diagnostic {
    Diagnostic::error("empty-text", format!("`{what}` is empty")).at(span.clone())
}

fn is_nothing(value: &Value) -> bool {
    matches!(value, Value::String(text) | Value::Datetime(text) if text.is_empty())
}

fn date(value: &Value, span: Span) -> Result<At<Date>, Diagnostic> {
    let (written, quoted) = match value {
        Value::Datetime(written) => (written, false),
        Value::String(written) => (written, true),
        other => {
            let message = format!("`date` must be a date, not {}", other.describe());
            return Err(Diagnostic::error("wrong-type", message)
                .at(span)
                .help("write `date = 2026-01-31`"));
        }
    };
    let day = parse_date(written);
    if let (Some(value), false) = (day, quoted) {
        return Ok(At { value, span });
    }
    let message = format!("`{written}` is not a date as TOML writes it");
    let diagnostic = Diagnostic::error("bad-date", message).at(span);
    Err(match day {
        Some(day) => diagnostic.help(format!("write `date = {day}`, without quotes")),
        None if written.len() == 10 => diagnostic.help("there is no such day"),
        None => diagnostic.help("write the day alone, without quotes: `date = 2026-01-31`"),
    })
}

fn parse_date(written: &str) -> Option<Date> {
    let mut parts = written.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let shape = (year.len(), month.len(), day.len()) == (4, 2, 2);
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    date.filter(|_| shape)
}

/// A language with at most a region, as Typst and PDF take them.
fn check_lang(table: &TableReader<'_>, lang: &At<String>) {
    let (language, region) = match lang.value.split_once('-') {
        Some((language, region)) => (language, Some(region)),
        None => (lang.value.as_str(), None),
    };
    let language =
        (2..=3).contains(&language.len()) && language.chars().all(|c| c.is_ascii_lowercase());
    let region = region.is_none_or(|r| r.len() == 2 && r.chars().all(|c| c.is_ascii_uppercase()));
    if !language || !region {
        let message = format!("`{}` is not a language", lang.value);
        table.report(
            Diagnostic::error("bad-lang", message)
                .at(lang.span.clone())
                .help(
                    "write a language, and after a hyphen a country if it matters: `en-US`, `de`",
                ),
        );
    }
}

fn author(mut table: TableReader<'_>) -> Option<Author> {
    let name = some_text(&mut table, "name");
    if !table.has("name") {
        table.missing("name", "a text");
    }
    let orcid = table
        .optional_string("orcid")
        .and_then(|o| checked_orcid(&table, o));
    let degrees = some_text(&mut table, "degrees");
    let affiliation = some_text(&mut table, "affiliation");
    let email = table
        .optional_string("email")
        .and_then(|e| checked_email(&table, e));
    let corresponding = table.optional_bool("corresponding");
    if let Some(at) = corresponding
        .as_ref()
        .filter(|c| c.value && !table.has("email"))
    {
        let message = "a corresponding author needs an `email`";
        table.report(Diagnostic::error("missing-key", message).at(at.span.clone()));
    }
    table.finish();
    Some(Author {
        name: name?,
        orcid,
        degrees,
        affiliation,
        email,
        corresponding: corresponding.is_some_and(|c| c.value),
    })
}

fn checked_orcid(table: &TableReader<'_>, written: At<String>) -> Option<At<String>> {
    let diagnostic = match orcid(&written.value) {
        Ok(id) => {
            let value = id.to_owned();
            return Some(At {
                value,
                span: written.span,
            });
        }
        Err(NoOrcid::Format) => Diagnostic::error(
            "bad-orcid",
            format!("`{}` is not an ORCID iD", written.value),
        )
        .help("an iD is four groups of four digits, such as `0000-0002-1825-0097`"),
        Err(NoOrcid::CheckDigit(digit)) => Diagnostic::error(
            "bad-orcid",
            format!("the check digit of `{}` does not fit", written.value),
        )
        .help(format!(
            "by the other digits the last one would be `{digit}`: one of them is mistyped"
        )),
    };
    table.report(diagnostic.at(written.span));
    None
}

fn checked_email(table: &TableReader<'_>, written: At<String>) -> Option<At<String>> {
    let whole = !written
        .value
        .contains(|c: char| c.is_whitespace() || c.is_control());
    let parts = written.value.split_once('@');
    let sound = parts.is_some_and(|(user, host)| {
        !user.is_empty() && !host.contains('@') && host.split('.').all(|part| !part.is_empty())
    });
    if whole && sound {
        return Some(written);
    }
    let message = format!("`{}` is not a mail address", written.value);
    table.report(Diagnostic::error("bad-email", message).at(written.span));
    None
}

/// Names with SQL; names are what formulas, filters and SQL can hold without quotes.
fn definitions(table: &mut TableReader<'_>, key: &str) -> Vec<Definition> {
    let pairs = table.optional_string_map(key).unwrap_or_default();
    let mut definitions = Vec::with_capacity(pairs.len());
    for (name, sql) in pairs {
        let character = |c: char| c.is_alphanumeric() || c == '_';
        let sound =
            name.value.starts_with(char::is_alphabetic) && name.value.chars().all(character);
        if !sound {
            let message = format!("`{}` can't be a name in `[{key}]`", name.value);
            table.report(
                Diagnostic::error("bad-name", message)
                    .at(name.span.clone())
                    .help("a name starts with a letter and goes on with letters, digits and `_`"),
            );
        }
        if sql.value.trim().is_empty() {
            table.report(empty(&name.value, &sql.span));
        } else if sound {
            definitions.push(Definition { name, sql });
        }
    }
    definitions
}

fn arms(mut table: TableReader<'_>) -> Option<Arms> {
    let variable = some_text(&mut table, "variable");
    if !table.has("variable") {
        table.missing("variable", "the column that holds the arm");
    }
    let reference = level(&mut table, "reference");
    let labels = table.optional_string_map("labels").unwrap_or_default();
    for (_, label) in labels.iter().filter(|(_, l)| l.value.trim().is_empty()) {
        table.report(empty("label", &label.span));
    }
    let order = levels(&mut table, "order");
    for (i, level) in order.iter().enumerate() {
        if let Some(first) = order[..i].iter().find(|l| l.value == level.value) {
            let message = format!("`order` names the arm `{}` twice", level.value);
            table.report(
                Diagnostic::error("duplicate-name", message)
                    .at(level.span.clone())
                    .related(first.span.clone(), "first here"),
            );
        }
    }
    if !order.is_empty() {
        let named = reference
            .iter()
            .chain(labels.iter().map(|(level, _)| level));
        for level in named.filter(|n| order.iter().all(|o| o.value != n.value)) {
            let message = format!("`order` does not name the arm `{}`", level.value);
            table.report(
                Diagnostic::error("unknown-level", message)
                    .at(level.span.clone())
                    .suggest(&level.value, order.iter().map(|o| o.value.as_str())),
            );
        }
    }
    let span = table.span();
    table.finish();
    Some(Arms {
        span,
        variable: variable?,
        reference,
        labels,
        order,
    })
}

/// A level as text: data that code the arms as numbers are named by the number.
fn level(table: &mut TableReader<'_>, key: &str) -> Option<At<String>> {
    match table.node(key) {
        Some(node) => match &node.value {
            Value::Integer(i) => Some(At {
                value: i.to_string(),
                span: table.node_span(node),
            }),
            _ => some_text(table, key),
        },
        None => None,
    }
}

fn levels(table: &mut TableReader<'_>, key: &str) -> Vec<At<String>> {
    let Some(node) = table.node(key) else {
        return Vec::new();
    };
    let Value::Array(items) = &node.value else {
        return table.optional_strings(key).unwrap_or_default();
    };
    if !items.iter().any(|i| matches!(i.value, Value::Integer(_))) {
        return table.optional_strings(key).unwrap_or_default();
    }
    let mut levels = Vec::with_capacity(items.len());
    for item in items {
        let span = table.node_span(item);
        match &item.value {
            Value::Integer(i) => levels.push(At {
                value: i.to_string(),
                span,
            }),
            Value::String(s) => levels.push(At {
                value: s.clone(),
                span,
            }),
            other => {
                let message = format!("`{key}` must be a text in quotes, not {}", other.describe());
                table.report(Diagnostic::error("wrong-type", message).at(span));
            }
        }
    }
    levels
}
