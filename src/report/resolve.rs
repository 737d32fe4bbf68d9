//! Checks that labels, cross-references and citations fit together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ast::Inline;
use super::text::Findings;
use super::{References, Report, citation};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::reader::At;

/// Prefixes of labels that show something.
const SHOWN: [&str; 2] = ["tbl-", "fig-"];

/// Reports labels that are given twice.
pub fn labels(report: &Report, broken: &[At<String>], findings: &mut Findings) {
    let mut first: BTreeMap<&str, &Span> = BTreeMap::new();
    let mut all: Vec<&At<String>> = report.directives.iter().map(|d| &d.label).collect();
    all.extend(broken);
    all.sort_by_key(|l| l.span.range.start);
    for label in all.into_iter().filter(|l| !l.value.is_empty()) {
        let Some(earlier) = first.get(label.value.as_str()) else {
            first.insert(&label.value, &label.span);
            continue;
        };
        findings.push(|| {
            let message = format!("the label `{}` is given twice", label.value);
            Diagnostic::error("duplicate-label", message)
                .at(label.span.clone())
                .related((*earlier).clone(), "first here")
        });
    }
}

/// Reports cross-references that lead nowhere.
pub fn references(report: &Report, broken: &[At<String>], findings: &mut Findings) {
    let labels: BTreeSet<&str> = report
        .directives
        .iter()
        .map(|d| d.label.value.as_str())
        .chain(broken.iter().map(|l| l.value.as_str()))
        .filter(|l| !l.is_empty())
        .collect();
    let keys = report.bibliography.as_ref().map_or(&[][..], |b| &b.keys);
    for inline in report.inlines() {
        let Inline::Reference { label } = inline else {
            continue;
        };
        let known = labels.contains(label.value.as_str());
        if known && shows(&label.value) {
            continue;
        }
        findings.push(|| reference_error(label, known, &labels, keys));
    }
}

fn shows(label: &str) -> bool {
    SHOWN.iter().any(|prefix| label.starts_with(prefix))
}

fn reference_error(
    label: &At<String>,
    known: bool,
    labels: &BTreeSet<&str>,
    keys: &[String],
) -> Diagnostic {
    let name = &label.value;
    let error =
        |message: String| Diagnostic::error("unknown-reference", message).at(label.span.clone());
    if known {
        return error(format!("`{name}` shows no table or figure to refer to"))
            .help("labels of what is shown start with `tbl-` or `fig-`");
    }
    let cited = keys.iter().any(|k| k == name);
    let diagnostic = error(format!("no table or figure has the label `{name}`"));
    if cited {
        return diagnostic.help(format!("write `[@{name}]` to cite it"));
    }
    diagnostic
        .suggest(name, labels.iter().copied().filter(|l| shows(l)))
        .help(format!("write `\\@{name}` if it is no reference"))
}

/// Reads the bibliography, and reports citations that it has no entry for.
pub fn citations(
    report: &Report,
    source: Option<Arc<Source>>,
    findings: &mut Findings,
) -> Option<References> {
    let (keys, complete) = source.as_ref().map_or((Vec::new(), true), |source| {
        citation::keys(source, findings)
    });
    let mut cited: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut missing_file = false;
    for key in cited_keys(report) {
        let known = keys.binary_search(&key.value).is_ok();
        if known || !complete {
            if seen.insert(key.value.clone()) {
                cited.push(key.value.clone());
            }
        } else if source.is_some() {
            findings.push(|| unknown_key(key, &keys));
        } else if !std::mem::replace(&mut missing_file, true) {
            findings.push(|| {
                Diagnostic::error(
                    "missing-bibliography",
                    "there is no `references.bib` to cite from",
                )
                .at(key.span.clone())
                .help("put a BibTeX file of that name beside the report")
            });
        }
    }
    source.map(|source| References {
        source,
        keys,
        cited,
    })
}

fn cited_keys(report: &Report) -> impl Iterator<Item = &At<String>> {
    report
        .inlines()
        .into_iter()
        .flat_map(|inline| match inline {
            Inline::Cite { keys, .. } => keys.as_slice(),
            Inline::Quoted(quoted) => std::slice::from_ref(&quoted.key),
            _ => &[],
        })
}

fn unknown_key(key: &At<String>, keys: &[String]) -> Diagnostic {
    Diagnostic::error(
        "unknown-citation",
        format!("`references.bib` has no entry `{}`", key.value),
    )
    .at(key.span.clone())
    .suggest(&key.value, keys.iter().map(String::as_str))
}
