//! Writing down statistics.

use crate::statistic::{Group, StatId, StatKey, Statistic};

/// A value, or the reason why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    /// The value, finite.
    Value(f64),
    /// The value with something to know of it.
    Noted(f64, String),
    /// There is none, because …
    Missing(String),
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        if value.is_finite() {
            Self::Value(value)
        } else {
            Self::Missing("the value is not finite".to_owned())
        }
    }
}

impl From<usize> for Number {
    fn from(count: usize) -> Self {
        Self::Value(count as f64)
    }
}

impl<T: Into<Number>, E: std::fmt::Display> From<Result<T, E>> for Number {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(value) => value.into(),
            Err(reason) => Self::Missing(reason.to_string()),
        }
    }
}

/// Writes down the statistics of one step. Say what they are of with the builder methods, then add numbers.
///
/// ```
/// # use trialbook::analysis::Recorder;
/// let mut recorder = Recorder::new("tbl-baseline", Some("randomised"));
/// let mean = recorder.of("summary", "age").within("arm", "CCT").measured(Some(0)).add("mean", 23.4);
/// assert_eq!(mean.as_str(), "tbl-baseline/age/arm=CCT/mean");
/// ```
#[derive(Debug, Clone)]
pub struct Recorder {
    label: String,
    population: Option<String>,
    statistics: Vec<Statistic>,
}

impl Recorder {
    /// A recorder for the step of that label on that population.
    pub fn new(label: &str, population: Option<&str>) -> Self {
        Self {
            label: label.to_owned(),
            population: population.map(str::to_owned),
            statistics: Vec::new(),
        }
    }

    /// Numbers of a variable, of a kind of analysis.
    pub fn of(&mut self, context: &str, variable: &str) -> Subject<'_> {
        self.subject(context, Some(variable))
    }

    /// Numbers of no variable, such as the size of an arm.
    pub fn overall(&mut self, context: &str) -> Subject<'_> {
        self.subject(context, None)
    }

    fn subject(&mut self, context: &str, variable: Option<&str>) -> Subject<'_> {
        Subject {
            key: StatKey {
                label: self.label.clone(),
                variable: variable.map(str::to_owned),
                level: None,
                groups: Vec::new(),
                stat: String::new(),
            },
            about: Vec::new(),
            context: context.to_owned(),
            measured: None,
            recorder: self,
        }
    }

    /// All that was written down, in order.
    pub fn finish(self) -> Vec<Statistic> {
        self.statistics
    }
}

/// What the next numbers are of.
#[derive(Debug)]
pub struct Subject<'a> {
    recorder: &'a mut Recorder,
    key: StatKey,
    about: Vec<Group>,
    context: String,
    measured: Option<u8>,
}

impl Subject<'_> {
    /// The category of the variable, or the model's term.
    #[must_use]
    pub fn level(mut self, level: &str) -> Self {
        self.key.level = Some(level.to_owned());
        self
    }

    /// Within a level of a grouping variable (part of the id).
    #[must_use]
    pub fn within(mut self, variable: &str, level: &str) -> Self {
        self.key.groups.push(Group::new(variable, level));
        self
    }

    /// A level that the term names (not part of the id).
    #[must_use]
    pub fn about(mut self, variable: &str, level: &str) -> Self {
        self.about.push(Group::new(variable, level));
        self
    }

    /// The decimals of the data, for numbers in the data's unit.
    #[must_use]
    pub fn measured(mut self, decimals: Option<u8>) -> Self {
        self.measured = decimals;
        self
    }

    /// Adds a number and gives its id. A number without the data's unit (`p`, `p.value`, counts) ignores `measured`.
    pub fn add(&mut self, stat: &str, number: impl Into<Number>) -> StatId {
        let (value, warnings) = match number.into() {
            Number::Value(v) if v.is_finite() => (Some(v), Vec::new()),
            Number::Noted(v, note) if v.is_finite() => (Some(v), vec![note]),
            Number::Value(_) | Number::Noted(..) => {
                (None, vec!["the value is not finite".to_owned()])
            }
            Number::Missing(reason) => (None, vec![reason]),
        };
        let mut key = self.key.clone();
        stat.clone_into(&mut key.stat);
        let id = key.id();
        self.recorder.statistics.push(Statistic {
            key,
            about: self.about.clone(),
            context: self.context.clone(),
            population: self.recorder.population.clone(),
            value,
            measured: if in_data_unit(stat) {
                self.measured
            } else {
                None
            },
            warnings,
        });
        id
    }
}

/// Whether a statistic of that name has the unit of the data.
fn in_data_unit(stat: &str) -> bool {
    matches!(
        stat,
        "mean"
            | "sd"
            | "median"
            | "p25"
            | "p75"
            | "min"
            | "max"
            | "estimate"
            | "std.error"
            | "conf.low"
            | "conf.high"
            | "sigma"
            | "value"
    )
}
