//! Reads `tests/reference/expected/<case>.toml` and `tests/reference/data/<case>.csv`, and compares.
//!
//! ```
//! let expected = Expected::load("t_test");
//! expected.number("welch.p", test.p_value);
//! expected.numbers("welch.interval", &[low, high]);
//! expected.finish();
//! ```
//!
//! The tolerance is `[tolerance]` `relative` and `absolute` (both 0 by default); a key, or everything below a dotted
//! prefix, may have its own under `[tolerance.of]`, where a reason is required:
//! `"welch.df" = { relative = 1e-9, reason = "R solves for it by uniroot" }`. A value passes if its distance is
//! within either. All differences of a case are collected and shown together by `finish`, which also fails for a
//! reference value that no assertion has read.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

use toml::{Table, Value};

/// The reference values of one case.
pub struct Expected {
    case: String,
    values: Table,
    read: RefCell<BTreeSet<String>>,
    differences: RefCell<Vec<String>>,
    finished: RefCell<bool>,
}

#[derive(Clone, Copy)]
struct Tolerance {
    relative: f64,
    absolute: f64,
}

impl Tolerance {
    fn accepts(self, expected: f64, actual: f64) -> bool {
        if expected.is_nan() || actual.is_nan() {
            return expected.is_nan() && actual.is_nan();
        }
        if expected == actual {
            return true;
        }
        let distance = (expected - actual).abs();
        distance.is_finite()
            && (distance <= self.absolute || distance <= self.relative * expected.abs())
    }
}

impl Expected {
    /// Reads the reference values of `case`.
    pub fn load(case: &str) -> Self {
        let path = reference(&format!("expected/{case}.toml"));
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let values: Table = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for key in ["package", "version", "call"] {
            let source = values.get("source").and_then(Value::as_table);
            assert!(
                source.is_some_and(|source| source.contains_key(key)),
                "{case}: [source] has no {key}"
            );
        }
        Self {
            case: case.to_owned(),
            values,
            read: RefCell::default(),
            differences: RefCell::default(),
            finished: RefCell::new(false),
        }
    }

    /// Whether there is anything at a dotted key.
    #[allow(dead_code)]
    pub fn has(&self, key: &str) -> bool {
        find(&self.values, key).is_some()
    }

    /// The reference number at a dotted key, which counts as read.
    pub fn get(&self, key: &str) -> f64 {
        self.note(key);
        float(self.lookup(key)).unwrap_or_else(|| panic!("{}: {key} is no number", self.case))
    }

    /// The reference numbers at a dotted key, which counts as read.
    pub fn list(&self, key: &str) -> Vec<f64> {
        self.note(key);
        self.array(key)
            .iter()
            .map(|value| float(value).unwrap_or_else(|| panic!("{}: {key} is no list", self.case)))
            .collect()
    }

    /// The reference strings at a dotted key, which counts as read.
    #[allow(dead_code)]
    pub fn strings(&self, key: &str) -> Vec<String> {
        self.note(key);
        let texts = self.array(key).iter().map(|value| value.as_str());
        texts
            .map(|text| {
                text.unwrap_or_else(|| panic!("{}: {key} is no list of strings", self.case))
                    .to_owned()
            })
            .collect()
    }

    /// The truth value at a dotted key, which counts as read.
    #[allow(dead_code)]
    pub fn flag(&self, key: &str) -> bool {
        self.note(key);
        let value = self.lookup(key).as_bool();
        value.unwrap_or_else(|| panic!("{}: {key} is neither true nor false", self.case))
    }

    /// The keys below a dotted key, or the tables of the file below "", in the order of the alphabet.
    #[allow(dead_code)]
    pub fn keys(&self, key: &str) -> Vec<String> {
        let table = match key {
            "" => Some(&self.values),
            _ => self.lookup(key).as_table(),
        };
        let table = table.unwrap_or_else(|| panic!("{}: {key} is no table", self.case));
        let header = |name: &str| key.is_empty() && matches!(name, "source" | "tolerance");
        let names = table.keys().filter(|name| !header(name));
        names.cloned().collect()
    }

    /// Compares one number.
    pub fn number(&self, key: &str, actual: f64) {
        let expected = self.get(key);
        self.compare(key, key, expected, actual);
    }

    /// Compares a list, whose length must agree.
    pub fn numbers(&self, key: &str, actual: &[f64]) {
        let expected = self.list(key);
        if expected.len() != actual.len() {
            self.differences.borrow_mut().push(format!(
                "{key}: {} values, not {}",
                actual.len(),
                expected.len()
            ));
            return;
        }
        for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
            self.compare(key, &format!("{key}[{index}]"), *expected, *actual);
        }
    }

    /// Fails with all differences, and with the reference values that nothing has read.
    pub fn finish(self) {
        self.finished.replace(true);
        let mut report = self.differences.borrow().clone();
        let mut all = Vec::new();
        leaves("", &self.values, &mut all);
        let read = self.read.borrow();
        let unread = all.iter().filter(|key| !read.contains(*key));
        report.extend(unread.map(|key| format!("{key}: never compared")));
        assert!(report.is_empty(), "{}:\n{}", self.case, report.join("\n"));
    }

    /// Fails with all differences, of a test that compares some of the case's values.
    pub fn finish_part(self) {
        self.finished.replace(true);
        let differences = self.differences.borrow();
        assert!(
            differences.is_empty(),
            "{}:\n{}",
            self.case,
            differences.join("\n")
        );
    }

    fn compare(&self, key: &str, place: &str, expected: f64, actual: f64) {
        let tolerance = self.tolerance(key);
        if !tolerance.accepts(expected, actual) {
            let relative = ((actual - expected) / expected).abs();
            self.differences.borrow_mut().push(format!(
                "{place}: {actual:?}, expected {expected:?} (relative {relative:.1e}, absolute {:.1e})",
                (actual - expected).abs()
            ));
        }
    }

    /// The tolerance of the longest matching prefix of `key`.
    fn tolerance(&self, key: &str) -> Tolerance {
        let Some(table) = self.values.get("tolerance").and_then(Value::as_table) else {
            return Tolerance {
                relative: 0.0,
                absolute: 0.0,
            };
        };
        let own = table.get("of").and_then(Value::as_table).and_then(|of| {
            let matching = of
                .iter()
                .filter(|(prefix, _)| key == *prefix || key.starts_with(&format!("{prefix}.")));
            matching.max_by_key(|(prefix, _)| prefix.len())
        });
        let table = own.map_or(table, |(prefix, value)| {
            let table = value.as_table().expect("a tolerance is a table");
            assert!(
                table.contains_key("reason"),
                "{}: the tolerance of {prefix} gives no reason",
                self.case
            );
            table
        });
        let part = |name| table.get(name).and_then(float).unwrap_or(0.0);
        Tolerance {
            relative: part("relative"),
            absolute: part("absolute"),
        }
    }

    fn note(&self, key: &str) {
        self.read.borrow_mut().insert(key.to_owned());
    }

    fn array(&self, key: &str) -> &[Value] {
        let array = self.lookup(key).as_array();
        array.unwrap_or_else(|| panic!("{}: {key} is no list", self.case))
    }

    /// Walks the dotted key; a key that itself contains a dot is found too, as the longest part that fits.
    fn lookup(&self, key: &str) -> &Value {
        find(&self.values, key).unwrap_or_else(|| panic!("{}: no key {key}", self.case))
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        assert!(
            std::thread::panicking() || *self.finished.borrow(),
            "{}: call finish(), or no difference is ever shown",
            self.case
        );
    }
}

fn find<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    if let Some(value) = table.get(key) {
        return Some(value);
    }
    key.match_indices('.').find_map(|(at, _)| {
        let inner = table.get(&key[..at])?.as_table()?;
        find(inner, &key[at + 1..])
    })
}

fn leaves(prefix: &str, table: &Table, found: &mut Vec<String>) {
    for (key, value) in table {
        if prefix.is_empty() && (key == "source" || key == "tolerance") {
            continue;
        }
        let path = match prefix {
            "" => key.clone(),
            _ => format!("{prefix}.{key}"),
        };
        match value {
            Value::Table(inner) => leaves(&path, inner, found),
            _ => found.push(path),
        }
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        _ => None,
    }
}

/// A file below `tests/reference/`.
pub fn reference(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/reference")
        .join(path)
}

/// The data of a case: comma-separated, the first line the names, nothing quoted, `NA` or an empty cell missing.
pub struct Data {
    case: String,
    columns: Vec<(String, Vec<Option<String>>)>,
}

impl Data {
    /// Reads `tests/reference/data/<case>.csv`.
    pub fn load(case: &str) -> Self {
        let path = reference(&format!("data/{case}.csv"));
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut lines = text.lines();
        let names = lines.next().expect("a line of names").split(',');
        let mut columns: Vec<_> = names.map(|name| (name.to_owned(), Vec::new())).collect();
        for line in lines {
            let cells: Vec<_> = line.split(',').collect();
            assert_eq!(cells.len(), columns.len(), "{case}: {line}");
            for (cell, (_, column)) in cells.iter().zip(&mut columns) {
                let missing = cell.is_empty() || *cell == "NA";
                column.push((!missing).then(|| (*cell).to_owned()));
            }
        }
        Self {
            case: case.to_owned(),
            columns,
        }
    }

    /// The names of all columns, in order.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    /// A column as text.
    pub fn texts(&self, name: &str) -> Vec<Option<String>> {
        let column = self.columns.iter().find(|(column, _)| column == name);
        let (_, cells) = column.unwrap_or_else(|| panic!("{}: no column {name}", self.case));
        cells.clone()
    }

    /// A column of numbers, some of which may be missing.
    pub fn numbers(&self, name: &str) -> Vec<Option<f64>> {
        let cells = self.texts(name).into_iter();
        cells
            .map(|cell| cell.map(|cell| cell.parse().expect("a number")))
            .collect()
    }

    /// The numbers of a column that are there.
    #[allow(dead_code)]
    pub fn present(&self, name: &str) -> Vec<f64> {
        self.numbers(name).into_iter().flatten().collect()
    }

    /// The numbers of a column that are there, in the rows whose column `by` is `level`.
    #[allow(dead_code)]
    pub fn present_where(&self, name: &str, by: &str, level: &str) -> Vec<f64> {
        let rows = self.numbers(name).into_iter().zip(self.texts(by));
        rows.filter(|(_, group)| group.as_deref() == Some(level))
            .filter_map(|(value, _)| value)
            .collect()
    }
}
