//! What a journal's style says about the page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::reader::{Sink, Value};
use crate::style::JournalStyle;

/// What a journal's style says about the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageSettings {
    /// The family of the running text.
    pub body_font: String,
    /// The family of heads, tables and figures.
    pub sans_font: String,
    /// The citation style, by its name among those that Typst has, such as `american-medical-association`.
    pub csl: String,
    /// Whether citations are raised numbers: these stand after a full stop or comma, without a blank before them.
    pub raised_citations: bool,
    /// What things are called.
    pub words: PageWords,
    /// Further values of the style's `[page]`, for its template, where `row-inset` is named `page.row_inset`.
    pub values: BTreeMap<String, PageValue>,
}

/// What a style calls things on its pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageWords {
    /// A table, in captions and references.
    pub table: String,
    /// A figure.
    pub figure: String,
    /// The head of the reference list.
    pub references: String,
    /// The head of the abstract.
    pub summary: String,
    /// The head of the provenance appendix.
    pub provenance: String,
    /// The head of the appendix of claims.
    pub claims: String,
}

/// A value for a page's template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PageValue {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Words.
    Text(String),
    /// Several.
    List(Vec<PageValue>),
}

impl PageSettings {
    /// The settings of a style: `body-font`, `sans-font` and `raised-citations` of its `[page]`, and all other keys as
    /// values for the template. A key whose value is no number, text, truth value or list is reported.
    pub fn of(style: &JournalStyle) -> (Self, Diagnostics) {
        let sink = Sink::new();
        let mut reader = style.page.reader(&sink);
        let body = reader.optional_string("body-font");
        let sans = reader.optional_string("sans-font");
        let raised = reader.optional_bool("raised-citations");
        let mut values = BTreeMap::new();
        for key in reader.keys() {
            if matches!(key, "body-font" | "sans-font" | "raised-citations") {
                continue;
            }
            let Some(node) = reader.node(key) else {
                continue;
            };
            if let Some(value) = page_value(&node.value) {
                // Template variables have no hyphens.
                values.insert(key.replace('-', "_"), value);
            } else {
                let message = format!(
                    "`{key}` can't be used on a page: it is {}",
                    node.value.describe()
                );
                let place = reader.node_span(node);
                reader.report(Diagnostic::error("wrong-type", message).at(place));
            }
        }
        reader.finish();
        let words = &style.rules.words;
        let settings = Self {
            body_font: body.map_or_else(|| "Libertinus Serif".to_owned(), |f| f.value),
            sans_font: sans.map_or_else(|| "Lato".to_owned(), |f| f.value),
            csl: style.citations.clone(),
            raised_citations: raised.is_some_and(|r| r.value),
            words: PageWords {
                table: words.table.clone(),
                figure: words.figure.clone(),
                references: words.references.clone(),
                summary: words.summary.clone(),
                provenance: words.provenance.clone(),
                claims: words.claims.clone(),
            },
            values,
        };
        (settings, sink.into_inner())
    }

    /// The values that the template never names: the author of a style would wonder why they change nothing.
    pub(super) fn unused(&self, template: &Source) -> Diagnostics {
        let unused = |key: &&String| !template.text.contains(&format!("page.{key}"));
        let report = |key: &String| {
            let message = format!(
                "`{}` of `[page]` is not used by {}",
                key.replace('_', "-"),
                template.path
            );
            Diagnostic::warning("unused-page-value", message)
        };
        self.values.keys().filter(unused).map(report).collect()
    }
}

fn page_value(value: &Value) -> Option<PageValue> {
    match value {
        Value::String(text) => Some(PageValue::Text(text.clone())),
        Value::Integer(i) => Some(PageValue::Integer(*i)),
        Value::Float(f) if f.is_finite() => Some(PageValue::Number(*f)),
        Value::Boolean(b) => Some(PageValue::Flag(*b)),
        Value::Array(items) => {
            let items: Option<Vec<PageValue>> =
                items.iter().map(|i| page_value(&i.value)).collect();
            items.map(PageValue::List)
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}
