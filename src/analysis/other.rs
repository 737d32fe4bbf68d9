//! Other directives of a report, as those that build on them see them.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Source;
use crate::reader::Entry;

/// Another directive of the report, by its label.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherStep {
    /// The directive's name, such as `outcomes`.
    pub directive: String,
    /// What stands in it, for directives that resolve it once more to build on it.
    pub body: Option<OtherBody>,
}

/// The body of another directive.
#[derive(Debug, Clone)]
pub struct OtherBody {
    /// The text that it stands in.
    pub source: Arc<Source>,
    /// Its keys.
    pub entries: Vec<Entry>,
    /// Where it is named, for messages about the whole.
    pub range: Range<usize>,
}

impl PartialEq for OtherBody {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source) && self.range == other.range
    }
}

impl OtherStep {
    /// A directive of that name, known by its statistics only.
    pub fn new(directive: impl Into<String>) -> Self {
        Self {
            directive: directive.into(),
            body: None,
        }
    }

    /// The same with what stands in it.
    #[must_use]
    pub fn with_body(
        mut self,
        source: &Arc<Source>,
        entries: &[Entry],
        range: Range<usize>,
    ) -> Self {
        self.body = Some(OtherBody {
            source: Arc::clone(source),
            entries: entries.to_vec(),
            range,
        });
        self
    }
}
