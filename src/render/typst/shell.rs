//! The shell of the page: a Tera template that becomes `page.typ`.
//!
//! Whatever the template prints is a Typst literal: strings are escaped as string literals even without a filter, and
//! the filter `typst` writes strings, numbers, arrays and maps as such. So no text can become code.

use std::sync::Arc;

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, Value};

use super::{PageSettings, PageValue, PageWords};
use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use crate::document::{Author, Document};
use crate::time::Day;

/// What a shell's template can name.
#[derive(Serialize)]
struct Variables<'a> {
    /// The report's name.
    name: &'a str,
    title: &'a str,
    running_title: &'a str,
    authors: &'a [Author],
    keywords: &'a [String],
    banner: Option<&'a str>,
    lang: &'a str,
    region: Option<&'a str>,
    date: Day,
    fonts: Fonts<'a>,
    csl: &'a str,
    raised_citations: bool,
    words: &'a PageWords,
    page: &'a std::collections::BTreeMap<String, PageValue>,
}

#[derive(Serialize)]
struct Fonts<'a> {
    body: &'a str,
    sans: &'a str,
    mono: &'a str,
    math: &'a str,
}

/// Prints the shell for a document.
pub(super) fn print(
    document: &Document,
    settings: &PageSettings,
    template: &Arc<Source>,
) -> Result<String, Diagnostics> {
    let (lang, region) = language(&document.lang);
    let variables = Variables {
        name: &document.name,
        title: &document.title,
        running_title: &document.running_title,
        authors: &document.authors,
        keywords: &document.keywords,
        banner: document.banner.as_deref(),
        lang,
        region,
        date: Day::from_days(i64::from(document.date)),
        fonts: Fonts {
            body: &settings.body_font,
            sans: &settings.sans_font,
            mono: super::MONO_FONT,
            math: super::MATH_FONT,
        },
        csl: &settings.csl,
        raised_citations: settings.raised_citations,
        words: &settings.words,
        page: &settings.values,
    };
    let printed = || {
        let mut tera = Tera::new();
        tera.set_escape_fn(|text, out| out.write_all(literal(&Value::from(text)).as_bytes()));
        tera.autoescape_on([""]);
        tera.register_filter("typst", |value: &Value, _: Kwargs, _: &State| {
            Value::safe_string(&literal(value))
        });
        tera.add_raw_template(&template.path, &template.text)?;
        tera.render(&template.path, &Context::from_serialize(&variables)?)
    };
    printed().map_err(|e| Diagnostics::from(problem(&e, template)))
}

/// The language and region of a BCP 47 tag; Typst has a place for no more.
fn language(tag: &str) -> (&str, Option<&str>) {
    let mut parts = tag.split('-');
    let is_letters = |s: &&str| s.chars().all(|c| c.is_ascii_alphabetic());
    let lang = parts.next().filter(|s| (2..=3).contains(&s.len()));
    let region = parts.find(|s| s.len() == 2).filter(is_letters);
    (lang.filter(is_letters).unwrap_or("en"), region)
}

fn problem(error: &tera::Error, template: &Arc<Source>) -> Diagnostic {
    use tera::ErrorKind::{RenderingError, SyntaxError};
    match error.kind() {
        SyntaxError(report) | RenderingError(report) if report.filename() == template.path => {
            Diagnostic::error("page-template", report.message())
                .at(Span::new(template, report.span().range.clone()))
        }
        _ => Diagnostic::error("page-template", format!("{}: {error}", template.path)),
    }
}

/// A value as a literal of Typst's code. Maps are written in the order of their keys.
fn literal(value: &Value) -> String {
    let mut out = String::new();
    write_literal(&mut out, value);
    out
}

fn write_literal(out: &mut String, value: &Value) {
    use std::fmt::Write as _;
    if let Some(text) = value.as_str() {
        write_string(out, text);
    } else if let Some(flag) = value.as_bool() {
        let _ = write!(out, "{flag}");
    } else if let Some(number) = value.as_i64() {
        let _ = write!(out, "{number}");
    } else if let Some(number) = value.as_f64().filter(|n| n.is_finite()) {
        let _ = write!(out, "{number:?}");
    } else if let Some(items) = value.as_array() {
        out.push('(');
        for item in items {
            write_literal(out, item);
            out.push_str(", ");
        }
        out.push(')');
    } else if let Some(map) = value.as_map() {
        let mut entries: Vec<(String, &Value)> =
            map.iter().map(|(k, v)| (k.to_string(), v)).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        out.push_str("(: ");
        if !entries.is_empty() {
            out.truncate(out.len() - 2);
        }
        for (key, item) in entries {
            write_string(out, &key);
            out.push_str(": ");
            write_literal(out, item);
            out.push_str(", ");
        }
        out.push(')');
    } else {
        out.push_str("none");
    }
}

fn write_string(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() => out.push(c),
            c => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_literals() {
        let value = Value::from_serializable(&serde_json::json!({
            "b": ["x\"y\\", 1, 2.5, null, true], "a": {}, "#c": "\u{202e}$"
        }));
        assert_eq!(
            literal(&value),
            r##"("#c": "\u{202e}$", "a": (: ), "b": ("x\"y\\", 1, 2.5, none, true, ), )"##
        );
    }
}
