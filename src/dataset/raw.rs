//! What a format's reader hands on: columns as the file has them, before a codebook gives them meaning.

use std::borrow::Cow;

use super::date;

/// The columns of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawTable {
    /// How many rows there are.
    pub height: usize,
    /// The columns, each as long as `height`; names are unique and not empty.
    pub columns: Vec<RawColumn>,
}

/// A column as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawColumn {
    /// Its name.
    pub name: String,
    /// Its values.
    pub data: RawData,
    /// What else the file says of it.
    pub notes: Notes,
}

/// What a file says of a column besides its values: the labels and missing-value codes of statistics programs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Notes {
    /// The column's own label, such as `Age at randomisation`.
    pub label: Option<String>,
    /// Labels of values, in the file's order; a value may be one of the `missing`, or a tag.
    pub labels: Vec<(RawValue, String)>,
    /// Values that mean a missing value; they are still among the data.
    pub missing: Vec<MissingRule>,
    /// Rows (from 0, ascending) whose missing value has a tag: `a` to `z`, or `_`, as in Stata and SAS. Their data are
    /// `None`.
    pub tags: Vec<(usize, char)>,
    /// How many decimals the file shows of a number.
    pub decimals: Option<u8>,
}

/// A value that a label or a missing-value code is of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RawValue {
    /// A number; of a column of days, days since 1970-01-01.
    Number(f64),
    /// A text, without the spaces that fill it up.
    Text(String),
    /// A tagged missing value.
    Tag(char),
}

/// Values that a file declares missing.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum MissingRule {
    /// This one.
    Value(RawValue),
    /// All numbers from the first to the second, both included; may be infinite.
    Range(f64, f64),
}

/// The values of a column as the file has them; `None` is a missing value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RawData {
    /// Cells whose type the file does not say.
    Untyped(Cells),
    /// Numbers, which may be NaN or infinite, and the most decimals that one of them has (at most 6).
    Number(Vec<Option<f64>>, u8),
    /// Texts. None is empty.
    Text(Vec<Option<String>>),
    /// Truth values.
    Boolean(Vec<Option<bool>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
    /// Seconds since 1970-01-01T00:00:00, and whether they are of universal time. They become days if all of a column
    /// are midnights of no stated zone, else texts.
    Moment(Vec<Option<i64>>, bool),
}

impl RawData {
    /// How many values there are, missing ones included.
    pub fn len(&self) -> usize {
        match self {
            Self::Untyped(v) => v.len(),
            Self::Number(v, _) => v.len(),
            Self::Text(v) => v.len(),
            Self::Boolean(v) => v.len(),
            Self::Date(v) => v.len(),
            Self::Moment(v, _) => v.len(),
        }
    }

    /// What the file has, for messages.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Untyped(_) | Self::Text(_) => "texts",
            Self::Number(..) => "numbers",
            Self::Boolean(_) => "truth values",
            Self::Date(_) => "days",
            Self::Moment(..) => "times",
        }
    }

    /// Every value as the text that the file has, or the shortest text of a number.
    pub fn texts(&self) -> Box<dyn Iterator<Item = Option<Cow<'_, str>>> + '_> {
        match self {
            Self::Untyped(v) => Box::new(v.iter().map(|c| c.map(Cow::Borrowed))),
            Self::Text(v) => Box::new(v.iter().map(|c| c.as_deref().map(Cow::Borrowed))),
            Self::Number(v, _) => Box::new(v.iter().map(|v| v.map(|v| Cow::Owned(v.to_string())))),
            Self::Boolean(v) => Box::new(v.iter().map(|v| v.map(|v| Cow::Owned(v.to_string())))),
            Self::Date(v) => Box::new(v.iter().map(|v| v.map(|v| Cow::Owned(date::iso(v))))),
            Self::Moment(v, zoned) => {
                let text = move |t: &i64| Some(Cow::Owned(date::iso_moment(*t, *zoned)?));
                Box::new(v.iter().map(move |v| v.as_ref().and_then(text)))
            }
        }
    }

    /// The days of moments that are all midnights of no stated zone.
    pub fn midnights(&self) -> Option<Vec<Option<i32>>> {
        let Self::Moment(seconds, false) = self else {
            return None;
        };
        let day = |t: &i64| {
            let midnight = t.rem_euclid(date::DAY_SECONDS) == 0;
            i32::try_from(t.div_euclid(date::DAY_SECONDS))
                .ok()
                .filter(|_| midnight)
        };
        let days = seconds.iter().map(|t| match t {
            None => Some(None),
            Some(t) => day(t).map(Some),
        });
        days.collect()
    }

    /// Moments as days or texts, other values as they are.
    pub fn settled(self) -> Self {
        if !matches!(self, Self::Moment(..)) {
            return self;
        }
        match self.midnights() {
            Some(days) => Self::Date(days),
            None => Self::Text(self.texts().map(|t| t.map(Cow::into_owned)).collect()),
        }
    }
}

/// Texts one after another in one allocation: there are many millions of them. A missing one is empty, and none else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// Adds a cell; an empty one is missing.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cells in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(self.ends.iter().copied());
        ranges.map(|(start, end)| self.text.get(start..end).filter(|c| !c.is_empty()))
    }
}

impl FromIterator<Option<String>> for Cells {
    fn from_iter<I: IntoIterator<Item = Option<String>>>(cells: I) -> Self {
        let mut made = Self::default();
        for cell in cells {
            made.push(cell.as_deref().unwrap_or(""));
        }
        made
    }
}

/// The most decimals that a [`Field`](super::Field) tells of.
pub(super) const MOST_DECIMALS: u8 = 6;

/// How many decimals a plain or scientific decimal text has, at most [`MOST_DECIMALS`]: `2.50` has 2, `1e-3` has 3.
pub(super) fn decimals(text: &str) -> u8 {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(0_i64)),
        None => (text, 0),
    };
    let written = mantissa
        .split_once('.')
        .map_or(0, |(_, d)| d.trim_end().len());
    let written = i64::try_from(written).unwrap_or(i64::MAX);
    let found = written
        .saturating_sub(exponent)
        .clamp(0, i64::from(MOST_DECIMALS));
    u8::try_from(found).unwrap_or(MOST_DECIMALS)
}

/// The most decimals of the shortest texts of some numbers, at most [`MOST_DECIMALS`].
pub(super) fn most_decimals(values: &[Option<f64>]) -> u8 {
    let mut most = 0;
    for value in values
        .iter()
        .flatten()
        .filter(|v| v.is_finite() && v.fract() != 0.0)
    {
        most = most.max(decimals(&value.to_string()));
        if most == MOST_DECIMALS {
            break;
        }
    }
    most
}

/// What is listed of many things that are wrong in the same way: the first five, and how many more there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Examples {
    shown: Vec<String>,
    count: usize,
}

impl Examples {
    const SHOWN: usize = 5;

    /// Adds one; its text is only made if it is shown.
    pub fn add(&mut self, text: impl FnOnce() -> String) {
        if self.shown.len() < Self::SHOWN {
            self.shown.push(text());
        }
        self.count += 1;
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// "first; second; and 3 more".
    pub fn text(&self) -> String {
        let text = self.shown.join("; ");
        if self.count > self.shown.len() {
            let more = self.count - self.shown.len();
            return format!("{text}; and {more} more");
        }
        text
    }
}

/// A value from the data as a message shows it: quoted, on one line, cut after 60 characters.
pub(super) fn shown(value: &str) -> String {
    let mut text: String = value
        .chars()
        .take(60)
        .flat_map(char::escape_debug)
        .collect();
    // Quotes are plain in data and would only be cluttered.
    text = text.replace("\\'", "'").replace("\\\"", "\"");
    if value.chars().nth(60).is_some() {
        text.push('…');
    }
    format!("`{text}`")
}
