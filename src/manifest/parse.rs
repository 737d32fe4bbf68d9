//! Reads a manifest's text and reports everything that is wrong with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use crate::reader::{self, At, Sink, TableReader, Value};

use super::{DatasetEntry, Manifest, Version, VersionEntry, terms};

/// See [`Manifest::parse`].
pub(super) fn manifest(source: &Arc<Source>) -> (Manifest, Diagnostics) {
    let whole = 0..source.text.len();
    let (entries, mut diagnostics) = reader::parse(source, whole.clone());
    let sink = Sink::new();
    let mut table = TableReader::new(source, &entries, whole, "the manifest", &sink);
    let project = table.optional_table("project").and_then(|mut project| {
        let name = project.string("name");
        project.finish();
        name
    });
    let datasets: Vec<_> = table
        .tables("dataset")
        .into_iter()
        .filter_map(dataset)
        .collect();
    table.finish();
    duplicates(
        datasets.iter().map(|d| (d.name.as_str(), &d.name.span)),
        "duplicate-dataset",
        |name| format!("the dataset `{name}` is there twice"),
        &sink,
    );
    diagnostics.extend(sink.into_inner());
    diagnostics.sort();
    let manifest = Manifest {
        source: Arc::clone(source),
        project,
        datasets,
    };
    (manifest, diagnostics)
}

fn dataset(mut table: TableReader<'_>) -> Option<DatasetEntry> {
    let name = table.string("name");
    if let Some(name) = &name {
        check_name(&table, name);
    }
    let title = table.optional_string("title").map(|t| t.value);
    let description = table.optional_string("description").map(|t| t.value);
    let homepage = table.optional_string("homepage");
    let homepage = url(&table, homepage, &WEB);
    let license = table.optional_string("license");
    let citation = table.optional_string("citation");
    let codebook = path(&mut table, "codebook");
    let terms = terms::read(&mut table);
    let versions: Vec<_> = table
        .tables("version")
        .into_iter()
        .filter_map(version)
        .collect();
    if let Some(name) = &name
        && !table.has("version")
    {
        let message = format!("the dataset `{}` has no version", name.value);
        let diagnostic = Diagnostic::error("no-version", message)
            .at(name.span.clone())
            .help("write a `[[dataset.version]]` table with version, path, sha256 and bytes");
        table.report(diagnostic);
    }
    check_versions(&table, &versions);
    let entry = name.map(|name| DatasetEntry {
        name,
        title,
        description,
        homepage: homepage.map(|h| h.value),
        license,
        citation,
        codebook,
        terms,
        versions,
    });
    if let Some(entry) = &entry {
        terms::check(&table, entry);
    }
    table.finish();
    entry
}

fn version(mut table: TableReader<'_>) -> Option<VersionEntry> {
    let version = table.string("version").and_then(|v| semver(&table, v));
    let file = path(&mut table, "path");
    if !table.has("path") {
        table.missing("path", "the file, relative to the project root");
    }
    let sha256 = table.string("sha256").and_then(|d| hex_digest(&table, d));
    let bytes = table.optional_integer("bytes", 0..=i64::MAX);
    if !table.has("bytes") {
        table.missing("bytes", "the file's length in bytes");
    }
    let codebook = path(&mut table, "codebook");
    let source = table.optional_string("source");
    let source = url(&table, source, &FETCHED);
    let released = day(&mut table, "released");
    let changes = table.optional_string("changes").map(|c| c.value);
    let terms = terms::read(&mut table);
    let span = table.span();
    table.finish();
    let bytes = bytes?;
    Some(VersionEntry {
        version: version?,
        path: file?,
        sha256: sha256?,
        bytes: At {
            value: u64::try_from(bytes.value).unwrap_or(0),
            span: bytes.span,
        },
        codebook,
        source,
        released,
        changes,
        terms,
        span,
    })
}

fn check_versions(table: &TableReader<'_>, versions: &[VersionEntry]) {
    let mut seen: BTreeMap<&str, &Span> = BTreeMap::new();
    for entry in versions {
        let (text, span) = (entry.version.as_str(), &entry.version.span);
        match seen.get(text) {
            Some(first) => {
                let message = format!("the version `{text}` is there twice");
                let diagnostic = Diagnostic::error("duplicate-version", message)
                    .at(span.clone())
                    .related((*first).clone(), "first here")
                    .help("a version's bytes never change: give other bytes another version");
                table.report(diagnostic);
            }
            None => {
                seen.insert(text, span);
            }
        }
    }
}

fn duplicates<'a>(
    names: impl Iterator<Item = (&'a str, &'a Span)>,
    code: &'static str,
    message: impl Fn(&str) -> String,
    sink: &Sink,
) {
    let mut seen: BTreeMap<&str, &Span> = BTreeMap::new();
    for (name, span) in names {
        if let Some(first) = seen.get(name) {
            let diagnostic = Diagnostic::error(code, message(name))
                .at(span.clone())
                .related((*first).clone(), "first here")
                .help(
                    "give each its own name, or make it another `[[dataset.version]]` of the first",
                );
            sink.push(diagnostic);
        } else {
            seen.insert(name, span);
        }
    }
}

fn check_name(table: &TableReader<'_>, name: &At<String>) {
    if let Err(diagnostic) = super::check_name(&name.value) {
        table.report(diagnostic.at(name.span.clone()));
    }
}

fn semver(table: &TableReader<'_>, text: At<String>) -> Option<At<Version>> {
    match Version::parse(&text.value) {
        Ok(value) => Some(At {
            value,
            span: text.span,
        }),
        Err(why) => {
            let message = format!("`{}` is not a version: {why}", text.value);
            let diagnostic = Diagnostic::error("bad-version", message)
                .at(text.span)
                .help("write major.minor.patch, such as `1.0.0`");
            table.report(diagnostic);
            None
        }
    }
}

fn hex_digest(table: &TableReader<'_>, text: At<String>) -> Option<At<String>> {
    let wrong = text.chars().find(|c| !c.is_ascii_hexdigit());
    let message = match wrong {
        Some(c) => format!(
            "a SHA-256 has hexadecimal digits only, not `{}`",
            c.escape_default()
        ),
        None if text.len() != 64 => {
            format!(
                "a SHA-256 has 64 hexadecimal digits; this has {}",
                text.len()
            )
        }
        None => {
            return Some(At {
                value: text.value.to_ascii_lowercase(),
                span: text.span,
            });
        }
    };
    let diagnostic = Diagnostic::error("bad-sha256", message)
        .at(text.span)
        .help("`sha256sum FILE` prints it");
    table.report(diagnostic);
    None
}

/// A path that stays below the project root, whatever the platform makes of it.
fn path(table: &mut TableReader<'_>, key: &str) -> Option<At<String>> {
    let text = table.optional_string(key)?;
    match path_mistake(&text.value) {
        None => Some(text),
        Some(why) => {
            let message = format!("`{key}` can't be `{}`: {why}", text.value.escape_debug());
            let diagnostic = Diagnostic::error("bad-path", message)
                .at(text.span)
                .help("write a path relative to the project root, with `/` between folders");
            table.report(diagnostic);
            None
        }
    }
}

pub(super) fn path_mistake(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':')
        && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.is_empty() {
        Some("it is empty")
    } else if path.starts_with('/') || drive {
        Some("it is absolute")
    } else if path.contains('\\') {
        Some("it has a backslash")
    } else if path.chars().any(char::is_control) {
        Some("it has a control character")
    } else if path.split('/').any(|part| part == "..") {
        Some("`..` could lead out of the project")
    } else if path.split('/').any(|part| part.is_empty() || part == ".") {
        Some("it has an empty part or a `.`")
    } else {
        None
    }
}

/// How addresses begin that people open.
const WEB: [&str; 2] = ["https://", "http://"];
/// How addresses begin that files are fetched from.
const FETCHED: [&str; 3] = ["https://", "http://", "file:///"];

/// An address that starts in one of those ways and has only characters that an address may have (RFC 3986). What holds
/// a password is reported without being shown, and left out.
fn url(table: &TableReader<'_>, url: Option<At<String>>, starts: &[&str]) -> Option<At<String>> {
    let url = url?;
    let allowed = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    let authority = url
        .split("://")
        .nth(1)
        .and_then(|r| r.split(['/', '?', '#']).next());
    if authority.is_some_and(|a| a.contains('@')) {
        let line = url.span.source.line_column(url.span.range.start).0;
        let message =
            format!("the address in line {line} of the manifest holds a user name or a password");
        let diagnostic = Diagnostic::error("secret-in-url", message).help(
            "take it out, and change the password: a manifest is there to be read by everyone",
        );
        table.report(diagnostic);
        return None;
    }
    let (message, help) = if !starts.iter().any(|s| url.starts_with(s)) {
        (
            format!("`{}` is not a web address", url.value),
            "write an address that starts with `https://`",
        )
    } else if let Some(c) = url.chars().find(|c| !allowed(*c)) {
        (
            format!("a web address can't have `{}`", c.escape_debug()),
            "write it percent-encoded, such as `%20` for a space",
        )
    } else {
        return Some(url);
    };
    let diagnostic = Diagnostic::error("bad-url", message)
        .at(url.span.clone())
        .help(help);
    table.report(diagnostic);
    Some(url)
}

/// A TOML date, or a text of the form `YYYY-MM-DD`.
fn day(table: &mut TableReader<'_>, key: &str) -> Option<At<String>> {
    let node = table.node(key)?;
    let span = table.node_span(node);
    let text = match &node.value {
        Value::Datetime(text) | Value::String(text) => text.clone(),
        other => other.describe().to_owned(),
    };
    if is_day(&text) {
        return Some(At { value: text, span });
    }
    let message = format!("`{key}` must be a day, not {text}");
    let diagnostic = Diagnostic::error("bad-date", message)
        .at(span)
        .help(format!("write `{key} = 2023-06-23`"));
    table.report(diagnostic);
    None
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let number = |part: &str, digits: usize| {
        let plain = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}
