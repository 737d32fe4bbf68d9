//! The one time inside all outputs: injected, never read from a clock.

use std::fmt;

use serde::Serialize;

/// Seconds since 1970-01-01T00:00:00Z; printed as ISO 8601 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BuildTime(i64);

/// Parts of a time in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
}

const DAY: i64 = 86_400;

impl BuildTime {
    /// A time between the years 1 and 9999, which PDF and ISO 8601 can print; none outside.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        (-62_135_596_800..=253_402_300_799)
            .contains(&seconds)
            .then_some(Self(seconds))
    }

    /// The time that is printed so: `2026-01-31T12:00:00Z`, and in no other way.
    pub fn parse(text: &str) -> Option<Self> {
        let part = |from: usize, to: usize| -> Option<i64> {
            let digits = text.get(from..to)?;
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse().ok())?
        };
        let (year, month) = (part(0, 4)?, part(5, 7)?);
        // Months before March belong to the year before; see `Day::from_days`.
        let shifted = year - i64::from(month <= 2);
        let day_of_year =
            (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + part(8, 10)? - 1;
        let year_of_era = shifted.rem_euclid(400);
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = shifted.div_euclid(400) * 146_097 + day_of_era - 719_468;
        let seconds = part(11, 13)? * 3600 + part(14, 16)? * 60 + part(17, 19)?;
        let time = Self::from_seconds(days * DAY + seconds)?;
        // What is no time, or written otherwise, does not come back.
        (time.to_string() == text).then_some(time)
    }

    /// Midnight (UTC) of a day, counted from 1970-01-01.
    pub fn from_days(days: i32) -> Self {
        Self(i64::from(days) * DAY)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Whole days since 1970-01-01.
    pub fn days(self) -> i32 {
        i32::try_from(self.0.div_euclid(DAY)).unwrap_or_default()
    }

    /// The parts in UTC.
    pub fn civil(self) -> Civil {
        let second_of_day = self.0.rem_euclid(DAY);
        let Day { year, month, day } = Day::from_days(self.0.div_euclid(DAY));
        let small = |v: i64| u8::try_from(v).unwrap_or_default();
        Civil {
            year,
            month,
            day,
            hour: small(second_of_day / 3600),
            minute: small(second_of_day / 60 % 60),
            second: small(second_of_day % 60),
        }
    }
}

/// A day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

impl Day {
    /// The day so many days after 1970-01-01 (after Hinnant 2013, "chrono-compatible low-level date algorithms").
    pub fn from_days(days: i64) -> Self {
        // Days are counted from 0000-03-01, so that the leap day comes last.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year: i32::try_from(year).unwrap_or_default(),
            month: u8::try_from(month).unwrap_or_default(),
            day: u8::try_from(day).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for BuildTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = self.civil();
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{BuildTime, Day};

    #[test]
    fn times_print_as_iso_8601() {
        let printed = |s: i64| BuildTime::from_seconds(s).map(|t| t.to_string());
        assert_eq!(printed(0).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(
            printed(951_827_696).as_deref(),
            Some("2000-02-29T12:34:56Z")
        );
        assert_eq!(printed(-1).as_deref(), Some("1969-12-31T23:59:59Z"));
        assert_eq!(printed(i64::MAX), None);
        for text in [
            "1970-01-01T00:00:00Z",
            "2000-02-29T12:34:56Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2026-03-01T00:00:01Z",
        ] {
            let read = BuildTime::parse(text).map(|t| t.to_string());
            assert_eq!(read.as_deref(), Some(text));
        }
        for wrong in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00Z ",
            "+026-01-01T00:00:00Z",
            "２０２６-01-01T00:00:00Z",
        ] {
            assert_eq!(BuildTime::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Day::from_days(11_016).to_string(), "2000-02-29");
        assert_eq!(
            BuildTime::from_days(19_723).to_string(),
            "2024-01-01T00:00:00Z"
        );
    }
}
