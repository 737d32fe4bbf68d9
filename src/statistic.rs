//! The analysis results data: every number that a report shows, once, at full precision.
//!
//! Modelled on the long-form records of CDISC's Analysis Results Standard and of R's cards: a [`Statistic`] is one
//! number with what it is of; tables, figures and sentences only refer to it by its [`StatId`].

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The identity of a statistic as text: `label/variable/level/group=level/…/stat`, absent parts left out.
///
/// A `/` inside a part is written `~1` and a `~` as `~0`, as in JSON pointers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatId(String);

impl StatId {
    /// The id made of `parts`, each escaped.
    pub fn from_parts<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let escaped: Vec<String> = parts
            .into_iter()
            .map(|p| p.replace('~', "~0").replace('/', "~1"))
            .collect();
        Self(escaped.join("/"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of another statistic of the same thing: the last part replaced by `stat`.
    #[must_use]
    pub fn sibling(&self, stat: &str) -> Self {
        let stem = self.0.rsplit_once('/').map_or("", |(stem, _)| stem);
        Self(format!("{stem}/{stat}"))
    }

    /// This id with the parts of another one after its own.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self(format!("{}/{}", self.0, other.0))
    }

    /// The parts, as they were before they were escaped.
    pub fn parts(&self) -> Vec<String> {
        let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
        self.0.split('/').map(unescaped).collect()
    }

    /// Whether the other id begins with the parts of this one, or is this one.
    pub fn begins(&self, other: &Self) -> bool {
        let rest = other.0.strip_prefix(&self.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The name of the statistic: the last part.
    pub fn stat(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, stat)| stat)
    }
}

impl fmt::Display for StatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A level of a variable that a statistic is within: an arm, a visit, a subgroup.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Group {
    /// The grouping variable, such as `arm`.
    pub variable: String,
    /// Its level as in the data, such as `CCT`.
    pub level: String,
}

impl Group {
    /// A group.
    pub fn new(variable: impl Into<String>, level: impl Into<String>) -> Self {
        Self {
            variable: variable.into(),
            level: level.into(),
        }
    }
}

/// What a number is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StatKey {
    /// The label of the directive, such as `tbl-baseline`.
    pub label: String,
    /// The outcome or summarised variable.
    pub variable: Option<String>,
    /// Its category, or the model's term.
    pub level: Option<String>,
    /// What it is within, outermost first.
    pub groups: Vec<Group>,
    /// Its name after cards and broom: `mean`, `std.error`, `p.value`, … (see the contract of results.json).
    pub stat: String,
}

impl StatKey {
    /// The id: the parts in the order label, variable, level, groups, stat.
    pub fn id(&self) -> StatId {
        let groups: Vec<String> = self
            .groups
            .iter()
            .map(|g| format!("{}={}", g.variable, g.level))
            .collect();
        let parts = [
            Some(&self.label),
            self.variable.as_ref(),
            self.level.as_ref(),
        ]
        .into_iter()
        .flatten()
        .chain(&groups)
        .chain([&self.stat])
        .map(String::as_str);
        StatId::from_parts(parts)
    }
}

/// One number, with what it is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistic {
    /// What it is of.
    pub key: StatKey,
    /// Levels that the term names but that are not part of the id, such as arm CCT of `arm[CCT]:time[post]`.
    pub about: Vec<Group>,
    /// The kind of analysis, such as `summary`, `lm`, `t.test`; of a test it holds the method.
    pub context: String,
    /// The population by its name in the report; none for all rows.
    pub population: Option<String>,
    /// The value; none where it does not exist, with the reason in `warnings`. Never NaN or infinite.
    pub value: Option<f64>,
    /// How many decimals the data have that this number shares its unit with; none where it has another unit.
    pub measured: Option<u8>,
    /// Why there is no value, or what to know of it.
    pub warnings: Vec<String>,
}

impl Statistic {
    /// The id.
    pub fn id(&self) -> StatId {
        self.key.id()
    }
}

impl<'a> IntoIterator for &'a ResultSet {
    type Item = &'a Statistic;
    type IntoIter = std::slice::Iter<'a, Statistic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Statistics in the order in which the report shows them, found by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResultSet {
    statistics: Vec<Statistic>,
    by_id: BTreeMap<StatId, usize>,
}

impl ResultSet {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statistic, unless one of that id is there: then that id is returned as an error.
    pub fn insert(&mut self, statistic: Statistic) -> Result<(), StatId> {
        let id = statistic.id();
        if self.by_id.contains_key(&id) {
            return Err(id);
        }
        self.by_id.insert(id, self.statistics.len());
        self.statistics.push(statistic);
        Ok(())
    }

    /// The statistic of an id.
    pub fn get(&self, id: &StatId) -> Option<&Statistic> {
        self.by_id.get(id).map(|&i| &self.statistics[i])
    }

    /// The value of an id; none where there is no such statistic or it has no value.
    pub fn value(&self, id: &StatId) -> Option<f64> {
        self.get(id).and_then(|s| s.value)
    }

    /// All of them, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Statistic> {
        self.statistics.iter()
    }

    /// All ids, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &StatId> {
        self.by_id.keys()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.statistics.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.statistics.is_empty()
    }
}
