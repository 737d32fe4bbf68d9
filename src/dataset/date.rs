//! Days of the Gregorian calendar as numbers, and from texts.

use crate::time::Day;

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar; none if there is no such day.
pub(super) fn days(year: i32, month: u32, day: u32) -> Option<i32> {
    if !(1..=9999).contains(&year) || !(1..=length(year, month)?).contains(&day) {
        return None;
    }
    // Years counted from March, so that the leap day is a year's last (Hinnant, chrono-compatible date algorithms).
    let shifted = year - i32::from(month <= 2);
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = i32::try_from((month + 9) % 12).ok()?;
    let day_of_year = (153 * month_from_march + 2) / 5 + i32::try_from(day).ok()? - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// The day, `YYYY-MM-DD`, that is that many days after 1970-01-01.
pub(super) fn iso(days: i32) -> String {
    Day::from_days(i64::from(days)).to_string()
}

/// How many seconds a day has.
pub(super) const DAY_SECONDS: i64 = 86_400;

/// `YYYY-MM-DDTHH:MM:SS`, with `Z` if `zoned`, of seconds since 1970-01-01; none beyond the days that there are.
pub(super) fn iso_moment(seconds: i64, zoned: bool) -> Option<String> {
    let day = i32::try_from(seconds.div_euclid(DAY_SECONDS)).ok()?;
    let second = seconds.rem_euclid(DAY_SECONDS);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let zone = if zoned { "Z" } else { "" };
    let day = iso(day);
    Some(format!("{day}T{hour:02}:{minute:02}:{second:02}{zone}"))
}

fn length(year: i32, month: u32) -> Option<u32> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => Some(28 + u32::from(leap)),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}

/// How a column writes its days: `%Y`, `%m` and `%d`, once each, and what stands between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DatePattern(String);

impl Default for DatePattern {
    fn default() -> Self {
        Self("%Y-%m-%d".to_owned())
    }
}

impl DatePattern {
    /// A pattern; none if it lacks one of its parts, has one twice, or has others.
    pub fn new(pattern: &str) -> Option<Self> {
        let once = |part: &str| pattern.matches(part).count() == 1;
        let parts = pattern.matches('%').count();
        (once("%Y") && once("%m") && once("%d") && parts == 3).then(|| Self(pattern.to_owned()))
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A day, as days since 1970-01-01, written so.
    pub fn write(&self, day: i32) -> String {
        let iso = iso(day);
        let mut parts = iso.split('-');
        let mut next = || parts.next().unwrap_or_default();
        let (year, month, day) = (next(), next(), next());
        self.0
            .replace("%Y", year)
            .replace("%m", month)
            .replace("%d", day)
    }

    /// The day that a text means: four digits for a year, one or two for a month and a day.
    pub fn parse(&self, text: &str) -> Option<i32> {
        let (mut year, mut month, mut day) = (0, 0, 0);
        let mut rest = text;
        let mut pattern = self.0.chars();
        while let Some(c) = pattern.next() {
            if c != '%' {
                rest = rest.strip_prefix(c)?;
                continue;
            }
            let part = pattern.next()?;
            let (number, after) = digits(rest, if part == 'Y' { 4..=4 } else { 1..=2 })?;
            rest = after;
            match part {
                'Y' => year = i32::try_from(number).ok()?,
                'm' => month = number,
                _ => day = number,
            }
        }
        rest.is_empty().then(|| days(year, month, day)).flatten()
    }
}

fn digits(text: &str, count: std::ops::RangeInclusive<usize>) -> Option<(u32, &str)> {
    let found = text
        .bytes()
        .take(*count.end())
        .take_while(u8::is_ascii_digit)
        .count();
    if !count.contains(&found) {
        return None;
    }
    let (number, rest) = text.split_at_checked(found)?;
    Some((number.parse().ok()?, rest))
}
