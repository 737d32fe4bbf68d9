//! On what terms a dataset can be had: who may have its file, how to apply, whether it is made up.
//!
//! `access`, `apply` and `simulated` stand in a dataset's table for all its versions, or in a version's own table.

use crate::diagnostic::{Diagnostic, Span};
use crate::reader::{At, TableReader, Value};

use super::{DatasetEntry, Resolved, VersionEntry};

/// Who may have a dataset's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Everybody: it may go into a bundle.
    #[default]
    Open,
    /// Those whose application was granted: it never goes into a bundle.
    Restricted,
    /// Everybody, from its source: it goes into a bundle only on request.
    External,
}

const ACCESS: [(&str, Access); 3] = [
    ("open", Access::Open),
    ("restricted", Access::Restricted),
    ("external", Access::External),
];

impl Access {
    /// The word that the manifest uses.
    pub fn word(self) -> &'static str {
        ACCESS
            .iter()
            .find(|(_, access)| *access == self)
            .map_or("open", |(word, _)| word)
    }
}

/// That a dataset's values were made up.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Simulated {
    /// How or why, in the manifest's words.
    pub how: Option<String>,
}

impl Simulated {
    /// How or why, in a sentence.
    pub fn words(&self) -> &str {
        self.how.as_deref().unwrap_or("The values are made up.")
    }
}

/// What a table of the manifest says about access; what it leaves out is the dataset's, else open and not made up.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Terms {
    /// Who may have the file.
    pub access: Option<At<Access>>,
    /// How to apply for a restricted file.
    pub apply: Option<At<String>>,
    /// Whether the values are made up; none within is an outspoken no.
    pub simulated: Option<At<Option<Simulated>>>,
}

impl Resolved<'_> {
    /// Who may have the file.
    pub fn access(&self) -> Access {
        access(self.dataset, self.version).map_or(Access::Open, |a| a.value)
    }

    /// How to apply for the file, if that is stated.
    pub fn apply(&self) -> Option<&str> {
        let own = self.version.terms.apply.as_ref();
        own.or(self.dataset.terms.apply.as_ref())
            .map(|a| a.value.as_str())
    }

    /// That the values are made up, if they are.
    pub fn simulated(&self) -> Option<&Simulated> {
        let own = self.version.terms.simulated.as_ref();
        own.or(self.dataset.terms.simulated.as_ref())
            .and_then(|s| s.value.as_ref())
    }
}

fn access<'a>(dataset: &'a DatasetEntry, version: &'a VersionEntry) -> Option<&'a At<Access>> {
    let own = version.terms.access.as_ref();
    own.or(dataset.terms.access.as_ref())
}

/// Takes the keys from a dataset's or a version's table.
pub(super) fn read(table: &mut TableReader<'_>) -> Terms {
    Terms {
        access: table.optional_choice("access", &ACCESS),
        apply: table
            .optional_string("apply")
            .and_then(|text| not_empty(table, "apply", text)),
        simulated: simulated(table),
    }
}

fn simulated(table: &mut TableReader<'_>) -> Option<At<Option<Simulated>>> {
    let node = table.node("simulated")?;
    let span = table.node_span(node);
    let value = match &node.value {
        Value::Boolean(made_up) => made_up.then(Simulated::default),
        Value::String(how) => {
            let how = At {
                value: how.clone(),
                span: span.clone(),
            };
            let how = Some(not_empty(table, "simulated", how)?.value);
            Some(Simulated { how })
        }
        other => {
            let message = format!(
                "`simulated` must be true or a text, not {}",
                other.describe()
            );
            let diagnostic = Diagnostic::error("wrong-type", message)
                .at(span)
                .help("write `simulated = true`, or say how: `simulated = \"drawn from …\"`");
            table.report(diagnostic);
            return None;
        }
    };
    Some(At { value, span })
}

fn not_empty(table: &TableReader<'_>, key: &str, text: At<String>) -> Option<At<String>> {
    if text.value.trim().is_empty() {
        let message = format!("`{key}` is empty");
        table.report(Diagnostic::error("empty-text", message).at(text.span));
        return None;
    }
    Some(text)
}

/// Reports versions whose terms don't say what a reader needs to get the file. One diagnostic a place.
pub(super) fn check(table: &TableReader<'_>, dataset: &DatasetEntry) {
    let mut said: Vec<Span> = Vec::new();
    for version in &dataset.versions {
        let resolved = Resolved { dataset, version };
        let Some(access) = access(dataset, version).filter(|a| !said.contains(&a.span)) else {
            continue;
        };
        let name = resolved.reference();
        let diagnostic = match access.value {
            Access::Restricted if resolved.apply().is_none() && !table.has("apply") => {
                Diagnostic::error("no-apply", format!("`{name}` is restricted, but nothing says how to apply for it"))
                    .help("write `apply = \"…\"`: whom to ask, where, and what they will want to know")
            }
            Access::External if version.source.is_none() && dataset.homepage.is_none() => {
                Diagnostic::error("no-source", format!("`{name}` is external, but nothing says where it is"))
                    .help("write `source = \"https://…\"` into the version, or `homepage = \"https://…\"` into the dataset")
            }
            _ => continue,
        };
        said.push(access.span.clone());
        table.report(diagnostic.at(access.span.clone()));
    }
    let unneeded = dataset.terms.apply.as_ref().filter(|_| {
        let open = |version| Resolved { dataset, version }.access() == Access::Open;
        dataset.versions.iter().all(open)
    });
    if let Some(apply) = unneeded {
        let message = "`apply` says how to apply for data that are open";
        let diagnostic = Diagnostic::warning("unused-apply", message)
            .at(apply.span.clone())
            .help("write `access = \"restricted\"` if they must not be passed on");
        table.report(diagnostic);
    }
}
