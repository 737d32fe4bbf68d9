//! Versions as in Semantic Versioning 2.0.0.

use std::cmp::Ordering;
use std::fmt;

/// A version, `major.minor.patch` with an optional `-pre.release` and `+build`.
///
/// Versions are equal if their texts are; they are ordered by precedence as Semantic Versioning 2.0.0 §11 has it, ties
/// (which differ in `+build` only) by text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Version {
    text: String,
    numbers: [u64; 3],
}

impl Version {
    /// Parses a version; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (core, build) = split(text, '+');
        let (core, pre) = split(core, '-');
        let mut numbers = [0; 3];
        let parts: Vec<&str> = core.split('.').collect();
        if parts.len() != 3 {
            return Err(format!(
                "it has {} of the 3 numbers of major.minor.patch",
                parts.len()
            ));
        }
        for (number, part) in numbers.iter_mut().zip(&parts) {
            *number = numeric(part).ok_or_else(|| format!("`{part}` is not a plain number"))?;
        }
        for identifier in pre.iter().flat_map(|p| p.split('.')) {
            check_identifier(identifier)?;
            let digits = identifier.bytes().all(|b| b.is_ascii_digit());
            if digits && identifier.len() > 1 && identifier.starts_with('0') {
                return Err(format!("`{identifier}` starts with a zero"));
            }
        }
        for identifier in build.iter().flat_map(|b| b.split('.')) {
            check_identifier(identifier)?;
        }
        Ok(Self {
            text: text.to_owned(),
            numbers,
        })
    }

    /// The version as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn pre_release(&self) -> Option<&str> {
        split(split(&self.text, '+').0, '-').1
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let pre = match (self.pre_release(), other.pre_release()) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => compare_pre(a, b),
        };
        self.numbers
            .cmp(&other.numbers)
            .then(pre)
            .then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at)
        .map_or((text, None), |(a, b)| (a, Some(b)))
}

fn numeric(text: &str) -> Option<u64> {
    let plain = !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

fn check_identifier(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("a part between dots is empty".to_owned());
    }
    match text
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && *c != '-')
    {
        Some(c) => Err(format!("it can't hold `{}`", c.escape_default())),
        None => Ok(()),
    }
}

/// Numbers before words, numbers by size, words by their bytes; fewer parts first.
fn compare_pre(a: &str, b: &str) -> Ordering {
    let mut left = a.split('.');
    let mut right = b.split('.');
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => match (numeric(x), numeric(y)) {
                (Some(m), Some(n)) => m.cmp(&n),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => x.cmp(y),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}
