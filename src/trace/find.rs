//! From what somebody types to statistics: ids, paths as in prose, labels, and text as it is printed.

use std::collections::{BTreeMap, BTreeSet};

use super::Material;
use crate::diagnostic::Diagnostic;
use crate::document::{Showing, showings};
use crate::statistic::{ResultSet, StatId};

/// Longer names are not compared with others: nobody mistypes an id of that length.
const LONGEST: usize = 300;

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// One statistic.
    One(StatId),
    /// Statistics below a label or the beginning of an id, in the order of the results.
    Several(Vec<StatId>),
}

/// The statistics that a name leads to: an id, a path as inline values write it (with or without braces and filter), a
/// label, or the beginning of an id. An unknown name is an error with near ones.
pub fn by_name(results: &ResultSet, name: &str) -> Result<Found, Diagnostic> {
    let name = bare(name);
    let all = || results.iter().map(|s| s.key.id());
    if let Some(id) = all().find(|id| id.as_str() == name) {
        return Ok(Found::One(id));
    }
    let path = path(name).map(|parts| parts.join("."));
    let dotted = |id: &StatId| id.parts().join(".");
    if let Some(path) = &path {
        let same: Vec<StatId> = all().filter(|id| dotted(id) == *path).collect();
        match same.as_slice() {
            [] => {}
            [id] => return Ok(Found::One(id.clone())),
            _ => return Ok(Found::Several(same)),
        }
    }
    let begins = |id: &StatId| {
        let typed = name.trim_end_matches('/');
        let by_id = id.as_str().strip_prefix(typed);
        let by_path = path.as_ref().is_some_and(|path| begun(id, path));
        !typed.is_empty() && by_id.is_some_and(|rest| rest.starts_with('/')) || by_path
    };
    let below: Vec<StatId> = all().filter(begins).collect();
    if below.is_empty() {
        return Err(unknown(results, name));
    }
    Ok(Found::Several(below))
}

/// The names of all statistics, for looking up many: what [`by_name`] would find as one.
#[derive(Debug)]
pub struct Names {
    ids: BTreeMap<String, StatId>,
    /// By path; none where several read the same.
    paths: BTreeMap<String, Option<StatId>>,
}

impl Names {
    /// The names of these statistics.
    pub fn new(results: &ResultSet) -> Self {
        let mut names = Self {
            ids: BTreeMap::new(),
            paths: BTreeMap::new(),
        };
        for id in results.ids() {
            names.ids.insert(id.to_string(), id.clone());
            let path = id.parts().join(".");
            let several = names.paths.contains_key(&path);
            let entry = (!several).then(|| id.clone());
            names.paths.insert(path, entry);
        }
        names
    }

    /// The statistic of an id or path; none where there is not exactly one.
    pub fn find(&self, name: &str) -> Option<StatId> {
        let name = bare(name);
        if let Some(id) = self.ids.get(name) {
            return Some(id.clone());
        }
        self.paths.get(&path(name)?.join("."))?.clone()
    }
}

/// The label with which an id or path begins.
pub fn label_of(name: &str) -> &str {
    let name = bare(name);
    name.split(['/', '.', '[']).next().unwrap_or_default()
}

/// Whether the id has a beginning of whole parts that reads as that path.
fn begun(id: &StatId, path: &str) -> bool {
    let parts = id.parts();
    (1..parts.len()).any(|k| parts.get(..k).is_some_and(|p| p.join(".") == path))
}

/// The name without the braces and the filter of an inline value.
fn bare(name: &str) -> &str {
    let name = name.trim();
    let inside = name
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"));
    let name = inside.unwrap_or(name);
    let mut quote = None;
    for (i, c) in name.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '|') => return name.get(..i).unwrap_or(name).trim(),
            _ => {}
        }
    }
    name.trim()
}

/// The parts of a path such as `effects.stress["arm[CCT]"].estimate`; none where it can't be read as one.
fn path(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(inside) = rest.strip_prefix('[') {
            let (part, after) = quoted(inside.trim_start())?;
            parts.push(part);
            rest = after.trim_start().strip_prefix(']')?;
            continue;
        }
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        if part.is_empty() {
            return None;
        }
        parts.push(part.to_owned());
        rest = after;
    }
    Some(parts)
}

/// A text in quotes at the start, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut chars = text.char_indices();
    let (_, quote) = chars.next().filter(|(_, c)| matches!(c, '"' | '\''))?;
    let mut part = String::new();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => part.push(chars.next()?.1),
            c if c == quote => return Some((part, text.get(i + c.len_utf8()..)?)),
            c => part.push(c),
        }
    }
    None
}

fn unknown(results: &ResultSet, name: &str) -> Diagnostic {
    let message = if name.is_empty() {
        "no statistic is named".to_owned()
    } else {
        format!("there is no statistic `{}`", excerpt(name))
    };
    let diagnostic = Diagnostic::error("unknown-statistic", message);
    if name.len() > LONGEST {
        return diagnostic;
    }
    let labels: BTreeSet<&str> = results.iter().map(|s| s.key.label.as_str()).collect();
    let label = label_of(name);
    if !labels.contains(label) {
        return diagnostic.suggest(label, labels);
    }
    let ids: Vec<String> = results
        .iter()
        .filter(|s| s.key.label == label)
        .map(|s| s.id().to_string())
        .collect();
    diagnostic.suggest(name, ids.iter().map(String::as_str))
}

/// A text as a diagnostic shows it.
fn excerpt(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut short: String = text.chars().take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        short.push('…');
    }
    short
}

/// The statistics that are printed as that text, or as part of what is printed, in reading order and each once: the
/// main one of a quantity where its whole text is given, else those whose rounded values the text is. Signs that look
/// alike are taken for each other: a hyphen, a dash and a minus sign, all blanks. Nothing found is an error.
pub fn by_text(material: &Material<'_>, text: &str) -> Result<Vec<StatId>, Diagnostic> {
    let wanted = normal(text);
    if wanted.is_empty() {
        return Err(Diagnostic::error("empty-text", "no text is given")
            .help("write the number as it is printed, such as `--shown \"-2.99\"`"));
    }
    let all = showings(material.document);
    let mut found = Vec::new();
    for showing in &all {
        let Some(printing) = &showing.printing else {
            continue;
        };
        let printed = normal(&printing.text);
        if printed == wanted {
            found.extend(showing.stats.first().cloned());
        } else if within(&printed, &wanted) {
            found.extend(parts_of(material.results, showing, &wanted));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|id| seen.insert(id.clone()));
    if found.is_empty() {
        return Err(not_shown(&all, text, &wanted));
    }
    Ok(found)
}

fn not_shown(all: &[Showing], text: &str, wanted: &str) -> Diagnostic {
    let message = format!("the report shows no number as “{}”", excerpt(text.trim()));
    let diagnostic = Diagnostic::error("not-shown", message);
    if wanted.len() > LONGEST {
        return diagnostic;
    }
    let printed = all.iter().filter_map(|s| s.printing.as_ref());
    let printed: Vec<String> = printed.map(|p| p.text.clone()).collect();
    diagnostic.suggest(text.trim(), printed.iter().map(String::as_str))
}

/// A text without its blanks, with one sign for all dashes.
fn normal(text: &str) -> String {
    let sign = |c: char| match c {
        '\u{2212}' | '\u{2010}'..='\u{2015}' => '-',
        '\u{b7}' => '.',
        other => other,
    };
    let visible = |c: &char| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{2060}');
    text.chars().filter(visible).map(sign).collect()
}

/// Whether a text stands in another one by itself, and not within a longer number or word.
fn within(printed: &str, wanted: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '.';
    printed.match_indices(wanted).any(|(start, _)| {
        let before = printed.get(..start).unwrap_or_default();
        let after = printed.get(start + wanted.len()..).unwrap_or_default();
        let mut back = before.chars().rev();
        let clear_before = match back.next() {
            None => true,
            // Between two numbers it is a dash, else a minus sign that was not given.
            Some('-') => back.next().is_some_and(|c| c.is_ascii_digit()),
            // "2.9 to -5.2" without its blanks.
            Some(c) if c.is_alphabetic() => true,
            Some(c) => !joins(c),
        };
        let mut ahead = after.chars();
        let clear_after = match ahead.next() {
            None => true,
            Some('.') => !ahead.next().is_some_and(|c| c.is_ascii_digit()),
            Some(c) => !c.is_ascii_digit(),
        };
        clear_before && clear_after
    })
}

/// Those statistics of a quantity whose values, rounded as the text is, are the text; all where none is.
fn parts_of(results: &ResultSet, showing: &Showing, wanted: &str) -> Vec<StatId> {
    let number = wanted.trim_end_matches('%').parse::<f64>();
    let Some(number) = number.ok().filter(|n| n.is_finite()) else {
        return showing.stats.first().cloned().into_iter().collect();
    };
    let decimals = wanted
        .trim_end_matches('%')
        .rsplit_once('.')
        .map_or(0, |(_, d)| d.len());
    let half = 0.5 / 10_f64.powi(i32::try_from(decimals).unwrap_or(i32::MAX));
    let near = |value: f64| (value - number).abs() <= half * (1.0 + 1e-9);
    let agrees = |id: &&StatId| {
        let value = results.value(id);
        value.is_some_and(|v| near(v) || near(v * 100.0) && (0.0..=1.0).contains(&v))
    };
    let found: Vec<StatId> = showing.stats.iter().filter(agrees).cloned().collect();
    if found.is_empty() {
        showing.stats.clone()
    } else {
        found
    }
}
