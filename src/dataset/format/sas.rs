//! What SAS's files have in common: what a display format says of numbers, and missing values.

use crate::dataset::raw::MOST_DECIMALS;

use super::moment::Meaning;

/// From 1970-01-01 to 1960-01-01, SAS's zero, in days.
const ZERO: i32 = -3653;

/// Formats of days ("SAS Formats and Informats: Reference", date category).
const DAYS: [&str; 31] = [
    "DATE", "DAY", "DOWNAME", "E8601DA", "B8601DA", "IS8601DA", "EURDFDD", "EURDFDE", "EURDFDN",
    "EURDFDWN", "EURDFMN", "EURDFMY", "EURDFWDX", "EURDFWKX", "JULDAY", "JULIAN", "MINGUO",
    "MONNAME", "MONTH", "MONYY", "NENGO", "QTR", "QTRR", "WEEKDATE", "WEEKDATX", "WEEKDAY",
    "WORDDATE", "WORDDATX", "YEAR", "YYMON", "HDATE",
];

/// Formats of days whose names may end with a letter for what stands between their parts; `WEEK` with that of a rule.
const SPACED: [&str; 8] = [
    "DDMMYY", "MMDDYY", "YYMMDD", "YYMM", "MMYY", "YYQ", "YYQR", "WEEK",
];

/// Formats of moments.
const MOMENTS: [&str; 21] = [
    "DATETIME", "DATEAMPM", "MDYAMPM", "E8601DT", "E8601DN", "E8601DX", "E8601DZ", "E8601LX",
    "B8601DT", "B8601DN", "B8601DX", "B8601DZ", "B8601LX", "IS8601DT", "IS8601DN", "EURDFDT",
    "DTDATE", "DTMONYY", "DTWKDATX", "DTYEAR", "DTYYQC",
];

/// Formats of times of day.
const TIMES: [&str; 14] = [
    "TIME", "TIMEAMPM", "HHMM", "HOUR", "MMSS", "TOD", "E8601TM", "E8601TX", "E8601TZ", "E8601LZ",
    "B8601TM", "B8601TZ", "B8601LZ", "IS8601TM",
];

/// What a format's name says that a number means. Names are compared as a whole: those of users' own formats may begin
/// like SAS's.
pub(super) fn meaning(format: &str) -> Meaning {
    let name = format.trim().to_ascii_uppercase();
    let spaced = name.strip_suffix(['B', 'C', 'D', 'N', 'P', 'S', 'U', 'V', 'W']);
    let day = DAYS.contains(&name.as_str())
        || SPACED.contains(&name.as_str())
        || spaced.is_some_and(|name| SPACED.contains(&name))
        || name.starts_with("NLDATE");
    if day {
        Meaning::Moment(ZERO, 86_400_000.0)
    } else if MOMENTS.contains(&name.as_str()) || name.starts_with("NLDATM") {
        Meaning::Moment(ZERO, 1000.0)
    } else if TIMES.contains(&name.as_str()) || name.starts_with("NLTIM") {
        Meaning::Clock(1000.0)
    } else {
        Meaning::Number
    }
}

/// The decimals of a format, which has a name, a width and decimals: those of `8.2`, `F8.2`, `COMMA8.2` and the like.
pub(super) fn decimals(format: &str, width: u16, decimals: u16) -> Option<u8> {
    const FIXED: [&str; 7] = ["", "F", "COMMA", "COMMAX", "DOLLAR", "EURO", "NLNUM"];
    let name = format.trim().to_ascii_uppercase();
    let fixed = width > 0 && FIXED.contains(&name.as_str());
    let decimals = u8::try_from(decimals).unwrap_or(MOST_DECIMALS);
    fixed.then_some(decimals.min(MOST_DECIMALS))
}

/// A missing value, which may have a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missing(pub Option<char>);

/// The missing value of the letter that SAS has for it: `.` has no tag.
pub(super) fn missing(letter: u8) -> Option<Missing> {
    match letter {
        b'.' => Some(Missing(None)),
        b'_' => Some(Missing(Some('_'))),
        b'A'..=b'Z' => Some(Missing(Some(letter.to_ascii_lowercase().into()))),
        _ => None,
    }
}
