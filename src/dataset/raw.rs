//! What a format's reader hands on: columns as the file has them, before a codebook gives them meaning.

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
    /// Cells whose type the file does not say. No cell is empty.
    Untyped(Vec<Option<String>>),
    /// Numbers, which may be NaN or infinite, and the most decimals that one of them has (at most 6).
    Number(Vec<Option<f64>>, u8),
    /// Texts. None is empty.
    Text(Vec<Option<String>>),
    /// Truth values.
    Boolean(Vec<Option<bool>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
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
