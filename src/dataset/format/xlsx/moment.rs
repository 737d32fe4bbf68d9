//! Days and times as spreadsheets count them.

use crate::dataset::date;

/// A day, a time of day, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Days since 1970-01-01; none where the number only tells a time.
    day: Option<i32>,
    /// Milliseconds since midnight.
    milliseconds: u32,
    /// Whether the number is less than one, which a time alone is.
    below_one: bool,
}

const MILLISECONDS: i64 = 86_400_000;
/// 1899-12-30, from which days after February 1900 count.
const EPOCH_1900: i64 = -25_569;
/// 1904-01-01, the day 0 of that system.
const EPOCH_1904: i64 = -24_107;
/// 9999-12-31, the last day.
const LAST: i64 = 2_932_896;

impl Moment {
    /// The moment of a serial number; the error says why there is none.
    pub fn of(serial: f64, is_1904: bool) -> Result<Self, &'static str> {
        if !serial.is_finite() || !(0.0..1e7).contains(&serial) {
            return Err("outside of the calendar");
        }
        #[allow(clippy::cast_possible_truncation)] // below 1e15
        let milliseconds = (serial * MILLISECONDS as f64).round() as i64;
        let count = milliseconds.div_euclid(MILLISECONDS);
        let day = match (is_1904, count) {
            (true, _) => Some(count + EPOCH_1904),
            (false, 0) => None,
            // The day that the 1900 system has and the calendar has not.
            (false, 60) => return Err("1900-02-29, which never was"),
            (false, 1..60) => Some(count + EPOCH_1900 + 1),
            (false, _) => Some(count + EPOCH_1900),
        };
        if day.is_some_and(|d| d > LAST) {
            return Err("outside of the calendar");
        }
        Ok(Self {
            day: day.and_then(|d| i32::try_from(d).ok()),
            milliseconds: u32::try_from(milliseconds.rem_euclid(MILLISECONDS)).unwrap_or(0),
            below_one: count == 0,
        })
    }

    /// The moment of an ISO 8601 text, `2023-06-23` or `2023-06-23T12:30:00`.
    pub fn of_iso(text: &str) -> Option<Self> {
        let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
        let day = date::DatePattern::default().parse(day)?;
        let mut parts = time.trim_end_matches('Z').split(':');
        let mut next = || parts.next()?.parse::<f64>().ok();
        let (hours, minutes) = (next()?, next()?);
        let seconds = hours * 3600.0 + minutes * 60.0 + next().unwrap_or(0.0);
        if !(0.0..86_400.0).contains(&seconds) {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // below 86,400,000
        let milliseconds = (seconds * 1000.0).round() as u32;
        Some(Self {
            day: Some(day),
            milliseconds,
            below_one: false,
        })
    }

    /// The day, if there is one.
    pub fn day(self) -> Option<i32> {
        self.day
    }

    /// Whether it tells a day.
    pub fn has_day(self) -> bool {
        self.day.is_some()
    }

    /// Whether it is a midnight.
    pub fn is_midnight(self) -> bool {
        self.milliseconds == 0
    }

    /// Whether it may be a time alone.
    pub fn may_be_time(self) -> bool {
        self.below_one
    }

    /// The time of day, `HH:MM:SS`, with milliseconds where there are some.
    pub fn time(self) -> String {
        let (seconds, rest) = (self.milliseconds / 1000, self.milliseconds % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let time = format!("{hour:02}:{minute:02}:{second:02}");
        match rest {
            0 => time,
            _ => format!("{time}.{rest:03}"),
        }
    }

    /// Day and time, or what there is of them.
    pub fn iso(self) -> String {
        match self.day {
            Some(day) => format!("{}T{}", date::iso(day), self.time()),
            None => self.time(),
        }
    }

    /// As a person would write it: without a time at midnight, without a day where only a time is meant.
    pub fn shown(self) -> String {
        match self.day {
            Some(day) if self.milliseconds == 0 => date::iso(day),
            _ if self.below_one => self.time(),
            _ => self.iso(),
        }
    }
}
