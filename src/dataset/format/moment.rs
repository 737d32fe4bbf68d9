//! What the numbers of a statistics program's column mean: numbers, days, moments, times of day, periods.

use crate::dataset::date;
use crate::dataset::raw::{MissingRule, Notes, RawData, RawValue, most_decimals};

use super::column::Problems;

/// What the numbers of a column mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// Numbers.
    Number,
    /// Numbers that were stored in four bytes: the shortest text of such a number is shorter.
    Single,
    /// Days or moments: days from 1970-01-01 to the program's zero, and the length of its unit in milliseconds.
    Moment(i32, f64),
    /// Moments in milliseconds since 1960 that count leap seconds.
    LeapMoment,
    /// Times of day or durations in units of so many milliseconds.
    Clock(f64),
    /// Parts of years since 1960: how many parts a year has, and the letter before a part's number.
    Part(i32, char),
}

const DAY: i64 = 86_400_000;
/// 0001-01-01 to 9999-12-31, in days since 1970-01-01.
const YEARS: std::ops::Range<i64> = -719_162..2_932_897;

/// Makes a column's data of its numbers; labels and missing values in `notes` are changed alike.
pub(super) fn data(
    values: Vec<Option<f64>>,
    meaning: Meaning,
    notes: &mut Notes,
    problems: &mut Problems,
) -> RawData {
    match meaning {
        Meaning::Number => {
            let most = most_decimals(&values);
            RawData::Number(values, most)
        }
        Meaning::Single => {
            #[allow(clippy::cast_possible_truncation)] // they were singles
            let short = |v: &Option<f64>| v.map(|v| (v as f32).to_string().parse().unwrap_or(v));
            let most = most_decimals(&values.iter().map(short).collect::<Vec<_>>());
            RawData::Number(values, most)
        }
        Meaning::Moment(..) | Meaning::LeapMoment => moments(&values, meaning, notes, problems),
        Meaning::Clock(unit) => texts(&values, notes, problems, |v| clock(v * unit)),
        Meaning::Part(parts, letter) => texts(&values, notes, problems, |v| {
            let whole = within(v, 1e7)?;
            let (year, part) = (
                1960 + whole.div_euclid(parts.into()),
                whole.rem_euclid(parts.into()) + 1,
            );
            (1..=9999)
                .contains(&year)
                .then(|| format!("{year:04}{letter}{part}"))
        }),
    }
}

/// The whole number at or below a number that is not too large.
#[allow(clippy::cast_possible_truncation)] // not too large
fn within(value: f64, most: f64) -> Option<i64> {
    (value.abs() <= most).then(|| value.floor() as i64)
}

/// Milliseconds since 1970, of a moment in the years 1 to 9999.
fn milliseconds(value: f64, meaning: Meaning) -> Option<i64> {
    let found = match meaning {
        Meaning::Moment(zero, unit) => {
            // Rounded, so that 8639.999999 (the product of a fraction of a day) is no second short.
            within((value * unit).round(), 1e15)? + i64::from(zero) * DAY
        }
        _ => {
            let counted = within(value.round(), 1e15)?;
            counted - leap_seconds(counted) * 1000 - 3653 * DAY
        }
    };
    YEARS.contains(&found.div_euclid(DAY)).then_some(found)
}

/// How many leap seconds were before so many milliseconds since 1960, which count them.
fn leap_seconds(counted: i64) -> i64 {
    // The days, since 1960, that began after a leap second: those of 1972-07-01 to 2017-01-01 (IERS Bulletin C).
    const AFTER: [i64; 27] = [
        4565, 4749, 5114, 5479, 5844, 6210, 6575, 6940, 7305, 7852, 8217, 8582, 9313, 10227, 10958,
        11323, 11870, 12235, 12600, 13149, 13696, 14245, 16802, 17898, 19175, 20270, 20820,
    ];
    AFTER
        .iter()
        .zip(1..)
        // The leap second itself counts to the day that it ends.
        .take_while(|(day, before)| counted >= *day * DAY + before * 1000)
        .map(|(_, before)| before)
        .last()
        .unwrap_or(0)
}

/// Days if all are at midnight, else ISO texts.
fn moments(
    values: &[Option<f64>],
    meaning: Meaning,
    notes: &mut Notes,
    problems: &mut Problems,
) -> RawData {
    let floor = |v: f64| milliseconds(v, meaning).map(|m| m.div_euclid(DAY));
    let declared = |v: f64| notes.missing.iter().any(|rule| holds(rule, v));
    let midnight =
        |v: f64| declared(v) || milliseconds(v, meaning).is_none_or(|m| m.rem_euclid(DAY) == 0);
    if !values.iter().flatten().all(|v| midnight(*v)) {
        return texts(values, notes, problems, |v| iso(milliseconds(v, meaning)?));
    }
    let mut days = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let day = value.map(|v| floor(v).and_then(|d| i32::try_from(d).ok()).ok_or(v));
        days.push(match day {
            Some(Err(wrong)) => {
                problems.no_day.add(|| format!("row {}: {wrong}", row + 1));
                None
            }
            Some(Ok(day)) => Some(day),
            None => None,
        });
    }
    #[allow(clippy::cast_precision_loss)] // days
    let number = |v: f64| floor(v).map_or(v, |d| d as f64);
    let value = |v: &mut RawValue| {
        if let RawValue::Number(v) = v {
            *v = number(*v);
        }
    };
    notes.labels.iter_mut().for_each(|(v, _)| value(v));
    for rule in &mut notes.missing {
        match rule {
            MissingRule::Value(v) => value(v),
            MissingRule::Range(from, to) => (*from, *to) = (number(*from), number(*to)),
        }
    }
    RawData::Date(days)
}

/// A column whose values are shown as texts. Ranges of missing values become the texts of the values in them.
fn texts(
    values: &[Option<f64>],
    notes: &mut Notes,
    problems: &mut Problems,
    show: impl Fn(f64) -> Option<String>,
) -> RawData {
    let mut shown = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let text = value.and_then(&show);
        if let (Some(wrong), None) = (value, &text) {
            problems.no_day.add(|| format!("row {}: {wrong}", row + 1));
        }
        shown.push(text);
    }
    let as_text = |v: &RawValue| match v {
        RawValue::Number(v) => show(*v).map(RawValue::Text),
        other => Some(other.clone()),
    };
    let rules = std::mem::take(&mut notes.missing);
    let mut codes: Vec<String> = values
        .iter()
        .flatten()
        .filter(|v| rules.iter().any(|rule| holds(rule, **v)))
        .filter_map(|v| show(*v))
        .collect();
    codes.sort_unstable();
    codes.dedup();
    let rule = |code| MissingRule::Value(RawValue::Text(code));
    notes.missing = codes.into_iter().map(rule).collect();
    let labels = std::mem::take(&mut notes.labels);
    let label = |(v, label): (RawValue, String)| Some((as_text(&v)?, label));
    notes.labels = labels.into_iter().filter_map(label).collect();
    RawData::Text(shown)
}

fn holds(rule: &MissingRule, value: f64) -> bool {
    match rule {
        MissingRule::Value(RawValue::Number(v)) => *v == value,
        MissingRule::Value(_) => false,
        MissingRule::Range(from, to) => (*from..=*to).contains(&value),
    }
}

/// `YYYY-MM-DDTHH:MM:SS`, with milliseconds where there are some.
fn iso(milliseconds: i64) -> Option<String> {
    let day = date::iso(i32::try_from(milliseconds.div_euclid(DAY)).ok()?);
    Some(format!("{day}T{}", time(milliseconds.rem_euclid(DAY))))
}

/// `HH:MM:SS`, beyond 24 hours too.
fn clock(milliseconds: f64) -> Option<String> {
    let whole = within(milliseconds.round(), 1e15)?;
    let sign = if whole < 0 { "-" } else { "" };
    Some(format!("{sign}{}", time(whole.abs())))
}

fn time(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match milliseconds % 1000 {
        0 => format!("{hour:02}:{minute:02}:{second:02}"),
        part => format!("{hour:02}:{minute:02}:{second:02}.{part:03}"),
    }
}
