//! Reads a `style.toml`. Every rule must be there: a style has no hidden defaults.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::number::{MOST_DECIMALS, Notation};
use super::pattern::Pattern;
use super::rules::{
    Band, BandDigits, DecimalRules, FormPatterns, Limits, Marks, MeasureWords, NoteRules,
    PPatterns, PRules, Rules, StatDecimals, Words,
};
use super::{JournalStyle, Section};
use crate::artefact::Measure;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::reader::{At, Sink, TableReader, Value, parse};

/// Names of the measures in a style file.
const MEASURES: [(&str, Measure); 14] = [
    ("count-percent", Measure::CountPercent),
    ("count-of-percent", Measure::CountOfPercent),
    ("count-of", Measure::CountOf),
    ("count", Measure::Count),
    ("mean-sd", Measure::MeanSd),
    ("median-iqr", Measure::MedianIqr),
    ("range", Measure::Range),
    ("estimate-ci", Measure::EstimateCi),
    ("estimate-se", Measure::EstimateSe),
    ("interval", Measure::Interval),
    ("p-value", Measure::PValue),
    ("p-adjusted", Measure::PAdjusted),
    ("p-interaction", Measure::PInteraction),
    ("smd", Measure::Smd),
];

/// Reads a style; none where anything of it is wrong.
pub(super) fn load(name: &str, source: &Arc<Source>) -> (Option<JournalStyle>, Diagnostics) {
    let range = 0..source.text.len();
    let (entries, mut diagnostics) = parse(source, range.clone());
    let sink = Sink::new();
    let mut root = TableReader::new(
        source,
        &entries,
        range,
        format!("the style `{name}`"),
        &sink,
    );
    let style = read(name, source, &mut root);
    root.finish();
    diagnostics.extend(sink.into_inner());
    let style = style.filter(|_| !diagnostics.has_errors());
    (style, diagnostics)
}

fn read(name: &str, source: &Arc<Source>, root: &mut TableReader) -> Option<JournalStyle> {
    let head = section(root, "style", |table| {
        Some((
            text(table, "title"),
            text(table, "lang"),
            text(table, "citations"),
        ))
    });
    let figure = free(source, root, "figure");
    let page = free(source, root, "page");
    let rules = rules(root);
    let (title, lang, citations) = head?;
    Some(JournalStyle {
        name: name.to_owned(),
        title,
        lang,
        citations,
        rules: rules?,
        figure,
        page,
    })
}

fn rules(root: &mut TableReader) -> Option<Rules> {
    // Every section is read before any is missed, so that all mistakes are reported together.
    let notation = section(root, "numbers", |t| Some(notation(t)));
    let p = section(root, "p", p_rules);
    let interval = section(root, "interval", |t| Some(limits(t)));
    let range = section(root, "range", |t| Some(limits(t)));
    let percent = section(root, "percent", |table| bands(table, false));
    let decimals = section(root, "decimals", |t| Some(decimal_rules(t)));
    let table = section(root, "table", |t| Some(forms(t)));
    let prose = section(root, "prose", |t| Some(forms(t)));
    let measures = section(root, "measures", |t| Some(measures(t)));
    let notes = section(root, "notes", note_rules);
    let words = section(root, "words", |t| Some(words(t)));
    Some(Rules {
        notation: notation?,
        p: p?,
        interval: interval?,
        range: range?,
        percent: percent?,
        decimals: decimals?,
        table: table?,
        prose: prose?,
        measures: measures?,
        notes: notes?,
        words: words?,
    })
}

/// A table that must be there, read and finished.
fn section<T>(
    parent: &mut TableReader,
    key: &str,
    read: impl FnOnce(&mut TableReader) -> Option<T>,
) -> Option<T> {
    if !parent.has(key) {
        parent.missing(key, "a table");
        return None;
    }
    let mut table = parent.optional_table(key)?;
    let value = read(&mut table);
    table.finish();
    value
}

/// A table whose keys are others' business.
fn free(source: &Arc<Source>, root: &mut TableReader, key: &str) -> Section {
    let table = root.node(key).and_then(|node| match &node.value {
        Value::Table(entries) => Some((entries.clone(), node.range.clone())),
        other => {
            let message = format!("`{key}` must be a table, not {}", other.describe());
            root.report(Diagnostic::error("wrong-type", message).at(root.node_span(node)));
            None
        }
    });
    let (entries, range) = table.unwrap_or_default();
    Section {
        name: key.to_owned(),
        source: Arc::clone(source),
        entries,
        range,
    }
}

fn text(table: &mut TableReader, key: &str) -> String {
    table.string(key).map(|t| t.value).unwrap_or_default()
}

fn count(table: &mut TableReader, key: &str, most: u8) -> u8 {
    if !table.has(key) {
        table.missing(key, "a whole number");
    }
    let found = table.optional_integer(key, 0..=i64::from(most));
    found.and_then(|n| u8::try_from(n.value).ok()).unwrap_or(0)
}

fn decimals(table: &mut TableReader, key: &str) -> u8 {
    count(table, key, MOST_DECIMALS)
}

fn flag(table: &mut TableReader, key: &str) -> bool {
    if !table.has(key) {
        table.missing(key, "true or false");
    }
    table.optional_bool(key).is_some_and(|b| b.value)
}

/// A pattern that must be there; slots that end in `!` must stand in it.
fn pattern(table: &mut TableReader, key: &str, slots: &[&str]) -> Pattern {
    let Some(written) = table.string(key) else {
        return Pattern::default();
    };
    let names: Vec<&str> = slots.iter().map(|s| s.trim_end_matches('!')).collect();
    let parsed = match Pattern::parse(&written, &names) {
        Ok(pattern) => pattern,
        Err(why) => {
            let message = format!("`{key}` is no pattern: {why}");
            table.report(Diagnostic::error("wrong-pattern", message).at(written.span));
            return Pattern::default();
        }
    };
    let needed = slots.iter().filter_map(|s| s.strip_suffix('!'));
    for slot in needed.filter(|s| !parsed.slots().contains(s)) {
        let message = format!("`{key}` must say where `{{{slot}}}` stands");
        table.report(Diagnostic::error("wrong-pattern", message).at(written.span.clone()));
    }
    parsed
}

fn notation(table: &mut TableReader) -> Notation {
    Notation {
        point: text(table, "point"),
        minus: text(table, "minus"),
        group: text(table, "group"),
        group_from: usize::from(count(table, "group-from", 255)).max(1),
    }
}

fn p_rules(table: &mut TableReader) -> Option<PRules> {
    let leading_zero = flag(table, "leading-zero");
    let floor = probability(table, "floor");
    let cap = probability(table, "cap");
    let sides = table.optional_numbers("sides");
    let bands = bands(table, true);
    let prose = section(table, "prose", |t| Some(p_patterns(t)));
    let cells = section(table, "table", |t| Some(p_patterns(t)));
    Some(PRules {
        leading_zero,
        floor: floor?,
        cap: cap?,
        sides: sides?.into_iter().map(|s| s.value).collect(),
        bands: bands?,
        prose: prose?,
        table: cells?,
    })
}

fn probability(table: &mut TableReader, key: &str) -> Option<f64> {
    if !table.has(key) {
        table.missing(key, "a number from 0 to 1");
    }
    let At { value, span } = table.optional_number(key)?;
    if (0.0..=1.0).contains(&value) {
        return Some(value);
    }
    let message = format!("`{key}` must be from 0 to 1; it is {value}");
    table.report(Diagnostic::error("out-of-range", message).at(span));
    None
}

fn p_patterns(table: &mut TableReader) -> PPatterns {
    PPatterns {
        equal: pattern(table, "equal", &["p!"]),
        below: pattern(table, "below", &["p!"]),
        above: pattern(table, "above", &["p!"]),
    }
}

/// `[[digits]]`: each but the last says below what it holds.
fn bands(table: &mut TableReader, significant: bool) -> Option<Vec<Band>> {
    let readers = table.tables("digits");
    let count = readers.len();
    let mut bands = Vec::with_capacity(count);
    for (i, mut reader) in readers.into_iter().enumerate() {
        let below = reader.optional_number("below").map(|b| b.value);
        if below.is_none() && i + 1 < count {
            reader.missing("below", "a number; only the last can go without it");
        }
        let digits = if significant && reader.has("significant") {
            BandDigits::Significant(self::count(&mut reader, "significant", 6).max(1))
        } else {
            BandDigits::Decimals(decimals(&mut reader, "decimals"))
        };
        reader.finish();
        bands.push(Band {
            below: below.unwrap_or(f64::INFINITY),
            digits,
        });
    }
    let open = bands.last().is_some_and(|b| b.below.is_infinite());
    let rising = bands
        .windows(2)
        .all(|w| matches!(w, [a, b] if a.below < b.below));
    if open && rising {
        return Some(bands);
    }
    let message = "`[[digits]]` needs bands with rising `below`, and a last one without it";
    table.report(Diagnostic::error("wrong-bands", message).at(table.span()));
    None
}

fn limits(table: &mut TableReader) -> Limits {
    let slots = ["low!", "high!"];
    Limits {
        signed: pattern(table, "signed", &slots),
        unsigned: pattern(table, "unsigned", &slots),
    }
}

fn decimal_rules(table: &mut TableReader) -> DecimalRules {
    let mut stats = BTreeMap::new();
    for mut reader in table.tables("stat") {
        let rule = StatDecimals {
            decimals: decimals(&mut reader, "decimals"),
            trim: reader.optional_bool("trim").is_some_and(|t| t.value),
        };
        let names = reader.optional_strings("names").unwrap_or_default();
        stats.extend(names.into_iter().map(|n| (n.value, rule)));
        reader.finish();
    }
    DecimalRules {
        mean: decimals(table, "mean"),
        sd: decimals(table, "sd"),
        median: decimals(table, "median"),
        median_most: decimals(table, "median-most"),
        range: decimals(table, "range"),
        estimate: decimals(table, "estimate"),
        most: decimals(table, "most"),
        other: decimals(table, "other"),
        significant: decimals(table, "significant"),
        smd: decimals(table, "smd"),
        stats,
    }
}

fn forms(table: &mut TableReader) -> FormPatterns {
    FormPatterns {
        count_of: pattern(table, "count-of", &["n!", "total!"]),
        count_percent: pattern(table, "count-percent", &["n!", "p!"]),
        count_of_percent: pattern(table, "count-of-percent", &["n!", "total!", "p!"]),
        percent: pattern(table, "percent", &["p!"]),
        mean_sd: pattern(table, "mean-sd", &["mean!", "sd!"]),
        median_iqr: pattern(table, "median-iqr", &["median!", "range!"]),
        estimate_ci: pattern(table, "estimate-ci", &["estimate!", "interval!", "level"]),
        estimate_se: pattern(table, "estimate-se", &["estimate!", "se!"]),
        interval: pattern(table, "interval", &["interval!", "level"]),
        test_statistic: pattern(table, "test-statistic", &["statistic!", "df!"]),
    }
}

fn measures(table: &mut TableReader) -> BTreeMap<Measure, MeasureWords> {
    let mut words = BTreeMap::new();
    for (key, measure) in MEASURES {
        let level: &[&str] = match measure {
            Measure::EstimateCi | Measure::Interval => &["level"],
            _ => &[],
        };
        let read = section(table, key, |t| {
            Some(MeasureWords {
                after: pattern(t, "after", level),
                alone: pattern(t, "alone", level),
            })
        });
        words.extend(read.map(|w| (measure, w)));
    }
    words
}

fn note_rules(table: &mut TableReader) -> Option<NoteRules> {
    let marks = marks(table);
    let abbreviations = pattern(table, "abbreviations", &["list!"]);
    let one_abbreviation = pattern(table, "one-abbreviation", &["list!"]);
    let abbreviation = pattern(table, "abbreviation", &["short!", "long!"]);
    let separator = text(table, "separator");
    let known = table.optional_string_map("known").unwrap_or_default();
    Some(NoteRules {
        marks: marks?,
        abbreviations,
        one_abbreviation,
        abbreviation,
        separator,
        known: known
            .into_iter()
            .map(|(short, long)| (short.value, long.value))
            .collect(),
    })
}

/// `marks = "letters"`, or a list of signs.
fn marks(table: &mut TableReader) -> Option<Marks> {
    let is_list = |v: &Value| matches!(v, Value::Array(_));
    if table.node("marks").is_some_and(|n| is_list(&n.value)) {
        let symbols = table.optional_strings("marks")?;
        let symbols: Vec<String> = symbols.into_iter().map(|s| s.value).collect();
        if !symbols.is_empty() && symbols.iter().all(|s| !s.is_empty()) {
            return Some(Marks::Symbols(symbols));
        }
        let message = "`marks` needs at least one sign, none of them empty";
        table.report(Diagnostic::error("wrong-marks", message).at(table.span()));
        return None;
    }
    if !table.has("marks") {
        table.missing("marks", "\"letters\" or a list of signs");
    }
    let choice = table.optional_choice("marks", &[("letters", Marks::Letters)])?;
    Some(choice.value)
}

fn words(table: &mut TableReader) -> Words {
    Words {
        not_available: text(table, "not-available"),
        reference_ratio: text(table, "reference-ratio"),
        reference_difference: text(table, "reference-difference"),
        characteristic: text(table, "characteristic"),
        favors: pattern(table, "favors", &["arm!"]),
        interval: pattern(table, "interval", &["level!"]),
        n: pattern(table, "n", &["n!"]),
        unit: pattern(table, "unit", &["unit!"]),
        table: text(table, "table"),
        figure: text(table, "figure"),
        references: text(table, "references"),
        summary: text(table, "abstract"),
        provenance: table
            .optional_string("provenance")
            .map_or_else(|| "Provenance".to_owned(), |w| w.value),
        claims: table
            .optional_string("claims")
            .map_or_else(|| "Published values".to_owned(), |w| w.value),
    }
}
