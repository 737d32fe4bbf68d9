//! What a step's result depends on, as one digest.
//!
//! | enters the fingerprint | because |
//! |---|---|
//! | the digest of trialbook's source and lock file | another program may compute otherwise |
//! | the directive's name and the version of its method | it says what is computed |
//! | the label | it is part of the statistics' ids |
//! | the resolved spec | it says what the author asked for |
//! | each input: dataset, its SHA-256, population, condition, derived columns, columns | the rows |
//! | the step's seed | random draws |
//! | the fingerprints of the steps it builds on | their results are its input |
//!
//! What does not enter: where the directive stands, its caption and notes, the prose, the style, the time, the machine.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Step;
use crate::program;

/// A SHA-256 in hexadecimal that names a step's result.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The digest as text: 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The fingerprint of a list of components.
    pub fn of(components: &[Component]) -> Self {
        let mut text = String::from("trialbook-fingerprint/1\n");
        for component in components {
            // One line a component, quoted by JSON's rules, so that no text can pass for another component.
            text.push_str(&quoted(&component.name));
            text.push(' ');
            text.push_str(&quoted(&component.value));
            text.push('\n');
        }
        Self(program::sha256(text.as_bytes()))
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing that a result depends on, with its name in words, so that `--explain` can say which one changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// What it is, such as "the dataset btheb@1.0.0".
    pub name: String,
    /// Its value, or a digest of it.
    pub value: String,
}

impl Component {
    fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// All that a step's result depends on; `upstream` holds the fingerprints of the steps it builds on, in its order.
pub fn components(step: &Step, upstream: &[(String, Fingerprint)]) -> Vec<Component> {
    let mut components = vec![
        Component::new("trialbook itself", program::source_digest()),
        Component::new(
            "the method of the directive",
            format!("{} {}", step.directive, step.version),
        ),
        Component::new("the label", &step.label),
        Component::new("the directive's keys", &step.spec),
        Component::new("the seed", step.seed.to_string()),
    ];
    for (i, input) in step.inputs.iter().enumerate() {
        let sha256 = match input {
            super::InputSpec::Frame { sha256, .. } | super::InputSpec::Query { sha256, .. } => {
                sha256
            }
        };
        components.push(Component::new(
            format!("the dataset {} (input {i})", input.dataset()),
            sha256,
        ));
        components.push(Component::new(
            format!("the rows and columns of input {i}"),
            rows(input),
        ));
    }
    for (label, fingerprint) in upstream {
        components.push(Component::new(
            format!("the results of `{label}`"),
            fingerprint.as_str(),
        ));
    }
    components
}

/// Which rows and columns an input names, as JSON; the digest of their dataset is a component of its own.
fn rows(input: &super::InputSpec) -> String {
    let mut rows = serde_json::to_value(input).unwrap_or_default();
    if let Some(keys) = rows.as_object_mut() {
        keys.remove("sha256");
    }
    rows.to_string()
}

/// The seed of a step: the first 8 bytes of the SHA-256 of the report's seed and the step's label, so that adding one
/// analysis never changes the draws of another.
pub fn step_seed(report_seed: u64, label: &str) -> u64 {
    let digest = program::sha256(format!("trialbook-seed/1\n{report_seed}\n{label}").as_bytes());
    u64::from_str_radix(&digest[..16], 16).unwrap_or(report_seed)
}
