//! What the readers of SPSS, Stata and SAS hand on, value by value against R's haven: `generate/formats.R`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::charset::Charset;
use super::column::Problems;
use super::moment::Meaning;
use crate::dataset::raw::{MissingRule, Notes, RawColumn, RawData, RawTable, RawValue};
use crate::diagnostic::Diagnostics;
use crate::time::BuildTime;

fn reference(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/reference")
        .join(folder)
}

fn read(path: &str, bytes: &[u8]) -> (Option<RawTable>, Diagnostics) {
    let read = match path.rsplit('.').next() {
        Some("sav" | "zsav") => super::spss::read,
        Some("dta") => super::stata::read,
        Some("xpt") => super::xport::read,
        _ => super::sas7bdat::read,
    };
    read(path, bytes)
}

fn said(diagnostics: &Diagnostics) -> String {
    let said: Vec<_> = diagnostics
        .iter()
        .map(|d| format!("{}: {}", d.code, d.message))
        .collect();
    said.join("\n")
}

fn table(path: &Path) -> RawTable {
    let bytes = std::fs::read(path).unwrap();
    let (table, diagnostics) = read(path.to_str().unwrap(), &bytes);
    assert!(diagnostics.is_empty(), "{}", said(&diagnostics));
    table.unwrap()
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_str()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{text}")))
}

/// A number as haven has it, and as we do: in seconds or days, or as it is.
fn shown(kind: &str, value: f64) -> String {
    #[allow(clippy::cast_possible_truncation)]
    let whole = value.floor() as i64;
    match kind {
        "datetime" => BuildTime::from_seconds(whole)
            .unwrap()
            .to_string()
            .trim_end_matches('Z')
            .to_owned(),
        "time" => format!(
            "{:02}:{:02}:{:02}",
            whole / 3600,
            whole / 60 % 60,
            whole % 60
        ),
        // Parts of years since 1960, which haven leaves as they are.
        "week" => part(whole, 52, 'w'),
        "month" => part(whole, 12, 'm'),
        "quarter" => part(whole, 4, 'q'),
        "half" => part(whole, 2, 'h'),
        _ => value.to_string(),
    }
}

fn part(since: i64, parts: i64, letter: char) -> String {
    let (year, part) = (1960 + since.div_euclid(parts), since.rem_euclid(parts) + 1);
    format!("{year}{letter}{part}")
}

fn same_values(column: &RawColumn, kind: &str, wanted: &[Value], at: &str) {
    let numbers: Vec<Option<f64>> = match &column.data {
        RawData::Number(values, _) => values.clone(),
        RawData::Date(days) if kind == "datetime" => days
            .iter()
            .map(|d| d.map(|d| f64::from(d) * 86_400.0))
            .collect(),
        RawData::Date(days) => days.iter().map(|d| d.map(f64::from)).collect(),
        RawData::Text(texts) => {
            assert_eq!(texts.len(), wanted.len(), "{at}");
            for (row, (found, wanted)) in texts.iter().zip(wanted).enumerate() {
                let wanted = match kind {
                    "text" => wanted.as_str().map(str::to_owned),
                    _ => number(wanted).map(|v| shown(kind, v)),
                };
                assert_eq!(*found, wanted, "{at}, row {}", row + 1);
            }
            return;
        }
        other => panic!("{at}: {other:?}"),
    };
    assert_ne!(kind, "text", "{at}");
    assert_eq!(numbers.len(), wanted.len(), "{at}");
    for (row, (found, wanted)) in numbers.iter().zip(wanted).enumerate() {
        let (found, wanted) = (found.map(f64::to_bits), number(wanted).map(f64::to_bits));
        assert_eq!(found, wanted, "{at}, row {}", row + 1);
    }
}

fn same_notes(column: &RawColumn, wanted: &Value, at: &str) {
    assert_eq!(
        column.notes.label.as_deref(),
        wanted["label"].as_str(),
        "{at}"
    );
    let tags: Vec<(usize, String)> = column
        .notes
        .tags
        .iter()
        .map(|(row, tag)| (*row, tag.to_string()))
        .collect();
    let wanted_tags: Vec<(usize, String)> = wanted["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| {
            (
                usize::try_from(t[0].as_u64().unwrap()).unwrap(),
                t[1].as_str().unwrap().to_lowercase(),
            )
        })
        .collect();
    assert_eq!(tags, wanted_tags, "{at}");
    let labels: Vec<(RawValue, String)> = wanted["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| {
            let text = l["value"].as_str().unwrap();
            let value = match (l["tag"].as_bool(), wanted["kind"].as_str()) {
                (Some(true), _) => RawValue::Tag(text.chars().next().unwrap()),
                (_, Some("text")) => RawValue::Text(text.to_owned()),
                _ => RawValue::Number(text.parse().unwrap()),
            };
            (value, l["label"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(column.notes.labels, labels, "{at}");
    let value = |v: &Value| match wanted["kind"].as_str() {
        Some("text") => RawValue::Text(v.as_str().unwrap().to_owned()),
        _ => RawValue::Number(number(v).unwrap()),
    };
    let mut missing = Vec::new();
    if let [from, to] = wanted["na_range"].as_array().unwrap().as_slice() {
        missing.push(MissingRule::Range(
            number(from).unwrap(),
            number(to).unwrap(),
        ));
    }
    let values = wanted["na_values"].as_array().unwrap();
    missing.extend(values.iter().map(|v| MissingRule::Value(value(v))));
    assert_eq!(column.notes.missing, missing, "{at}");
}

/// Compares a file with what haven reads from it.
pub(super) fn same_as_haven(file: &Path, expected: &Path) {
    let table = table(file);
    let expected: Value = serde_json::from_slice(&std::fs::read(expected).unwrap()).unwrap();
    assert_eq!(table.height as u64, expected["rows"].as_u64().unwrap());
    let columns = expected["columns"].as_array().unwrap();
    assert_eq!(table.columns.len(), columns.len());
    for (column, wanted) in table.columns.iter().zip(columns) {
        let at = format!("{}: {}", file.display(), column.name);
        assert_eq!(column.name, wanted["name"].as_str().unwrap(), "{at}");
        let values = wanted["values"].as_array().unwrap();
        let kind = match column.name.as_str() {
            part @ ("week" | "month" | "quarter" | "half") => part,
            _ => wanted["kind"].as_str().unwrap(),
        };
        same_values(column, kind, values, &at);
        same_notes(column, wanted, &at);
    }
}

fn all_same(prefix: &str, count: usize) {
    let mut found = 0;
    for entry in std::fs::read_dir(reference("data/formats")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with(prefix) {
            same_as_haven(
                &path,
                &reference("expected/formats").join(format!("{name}.json")),
            );
            found += 1;
        }
    }
    assert_eq!(found, count);
}

/// Files of 5,000 rows, whose values follow from their number.
fn many(name: &str) {
    let table = table(&reference("data/formats").join(name));
    assert_eq!(table.height, 5000);
    let [i, x, t] = table.columns.as_slice() else {
        panic!("{name}")
    };
    let rows = 0..5000_u32;
    let numbers = |values: Vec<Option<f64>>, decimals| RawData::Number(values, decimals);
    assert_eq!(
        i.data,
        numbers(rows.clone().map(|i| Some(f64::from(i))).collect(), 0)
    );
    let real = |i: u32| (!i.is_multiple_of(11)).then(|| f64::from(i * 7919 % 1009) / 8.0);
    assert_eq!(x.data, numbers(rows.clone().map(real).collect(), 3));
    assert_eq!(
        t.data,
        RawData::Text(rows.map(|i| Some(format!("t{}", i * 31 % 97))).collect())
    );
}

#[test]
fn spss_files_read_as_haven_reads_them() {
    all_same("spss-", 3);
    many("many.sav");
    many("many.zsav");
}

#[test]
fn stata_files_read_as_haven_reads_them() {
    all_same("stata-", 7);
    many("many.dta");
}

#[test]
fn sas_files_read_as_haven_reads_them() {
    all_same("sas", 3);
    many("many.xpt");
    many("many.sas7bdat");
}

/// What another program wrote (the crate `dta` 0.6), in releases and an order of bytes that haven does not write.
#[test]
fn stata_files_of_all_releases_read_alike() {
    for release in [104, 108, 112, 117, 119] {
        let table = table(&reference(&format!(
            "data/formats/big-endian-{release}.dta"
        )));
        assert_eq!(table.height, 3);
        let data: Vec<&RawData> = table.columns.iter().map(|c| &c.data).collect();
        let numbers = |values: [f64; 2], decimals| {
            RawData::Number([Some(values[0]), Some(values[1]), None].into(), decimals)
        };
        let texts = |texts: [&str; 3]| {
            let texts = texts.map(|t| (!t.is_empty()).then(|| t.to_owned()));
            RawData::Text(texts.into())
        };
        assert_eq!(*data[0], numbers([-5.0, 100.0], 0), "{release}");
        assert_eq!(*data[1], numbers([-1234.0, 32740.0], 0), "{release}");
        assert_eq!(
            *data[2],
            RawData::Date(vec![Some(8692), Some(-7306), None]),
            "{release}"
        );
        assert_eq!(
            *data[3],
            numbers([f64::from(0.1_f32), f64::from(-1.5e30_f32)], 1),
            "{release}"
        );
        assert_eq!(
            *data[4],
            numbers([std::f64::consts::PI, -1e300], 6),
            "{release}"
        );
        assert_eq!(*data[5], texts(["café", "", "ninechars"]), "{release}");
        if release >= 117 {
            assert_eq!(
                *data[6],
                texts(["long text 0", "long text 1", "long text 2"])
            );
        }
        let tags: Vec<char> = table
            .columns
            .iter()
            .flat_map(|c| &c.notes.tags)
            .map(|(_, t)| *t)
            .collect();
        let wanted = if release < 113 {
            vec![]
        } else {
            vec!['c', 'a', 'z', 'y']
        };
        assert_eq!(tags, wanted, "{release}");
    }
}

#[test]
fn big_endian_spss_files_read_alike() {
    for name in ["plain", "codes"] {
        let table = table(&reference(&format!("data/formats/big-endian-{name}.sav")));
        let [score, visit, site] = table.columns.as_slice() else {
            panic!("{name}")
        };
        assert_eq!(
            score.data,
            RawData::Number(vec![Some(1.0), Some(2.5), Some(-1.0), None], 1)
        );
        assert_eq!(score.notes.label.as_deref(), Some("The score"));
        assert_eq!(score.notes.decimals, Some(2));
        assert_eq!(
            score.notes.missing,
            [MissingRule::Value(RawValue::Number(-1.0))]
        );
        let labels =
            [(1.0, "low"), (2.5, "high")].map(|(v, l)| (RawValue::Number(v), l.to_owned()));
        assert_eq!(score.notes.labels, labels);
        assert_eq!(
            visit.data,
            RawData::Date(vec![Some(19_000), Some(-5), None, Some(0)])
        );
        let texts = [Some("A"), Some("B"), None, Some("ż")].map(|t| t.map(str::to_owned));
        assert_eq!(site.data, RawData::Text(texts.into()));
        assert_eq!(
            site.notes.labels,
            [(RawValue::Text("A".to_owned()), "Aarhus".to_owned())]
        );
    }
}

/// A transport file with one number, DAY, and these bytes for its rows.
fn transport(rows: &[[u8; 8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = |kind: &str, digits: &str| {
        format!("HEADER RECORD*******{kind:<8}HEADER RECORD!!!!!!!{digits:0<30}  ").into_bytes()
    };
    bytes.extend(header("LIBRARY", ""));
    bytes.extend([b' '; 160]);
    bytes.extend(header("MEMBER", "000000000000000001600000000140"));
    bytes.extend(header("DSCRPTR", ""));
    bytes.extend([b' '; 160]);
    bytes.extend(header("NAMESTR", "0000000001"));
    bytes.extend([0, 1, 0, 0, 0, 8, 0, 1]);
    bytes.extend(format!("{:<8}{:<40}{:<8}", "DAY", "Day of visit", "YYMMDD").into_bytes());
    bytes.extend([0, 10, 0, 0]);
    bytes.resize(bytes.len().next_multiple_of(80) + 80, 0);
    bytes.truncate(640 + 160);
    bytes.extend(header("OBS", ""));
    bytes.extend(rows.iter().flatten());
    bytes.resize(bytes.len().next_multiple_of(80), b' ');
    bytes
}

#[test]
fn transport_files_have_days_and_special_missing_values() {
    let number = |first: u8, second: u8| [first, second, 0, 0, 0, 0, 0, 0];
    // 0x41 is the exponent of 16: 0x41 10… is 1, 0xc1 20… is -2.
    let rows = [
        number(0x41, 0x10),
        number(0xc1, 0x20),
        number(b'_', 0),
        number(b'.', 0),
        number(b'Q', 0),
        number(0, 0),
    ];
    let (table, diagnostics) = read("x.xpt", &transport(&rows));
    let table = table.unwrap_or_else(|| panic!("{}", said(&diagnostics)));
    let [day] = table.columns.as_slice() else {
        panic!("one column")
    };
    let days = [Some(-3652), Some(-3655), None, None, None, Some(-3653)];
    assert_eq!(day.data, RawData::Date(days.into()));
    assert_eq!(day.notes.tags, [(2, '_'), (4, 'q')]);
    assert_eq!(
        (day.name.as_str(), day.notes.label.as_deref()),
        ("DAY", Some("Day of visit"))
    );
    let (table, diagnostics) = read("x.xpt", &transport(&[number(b'!', 0)]));
    assert!(
        table.is_none() && said(&diagnostics).contains("row 1"),
        "{}",
        said(&diagnostics)
    );
}

#[test]
fn compressed_sas_files_read_alike() {
    let plain = table(&reference("data/formats/sas.sas7bdat"));
    for name in ["rle", "rdc"] {
        let packed = table(&reference(&format!(
            "data/formats/compressed-{name}.sas7bdat"
        )));
        assert_eq!(packed, plain, "{name}");
    }
}

fn data(values: &[f64], meaning: Meaning, notes: &mut Notes) -> (RawData, Problems) {
    let mut problems = Problems::default();
    let values = values.iter().map(|v| Some(*v)).collect();
    let data = super::moment::data(values, meaning, notes, &mut problems);
    (data, problems)
}

fn texts(values: &[f64], meaning: Meaning) -> Vec<String> {
    let (found, problems) = data(values, meaning, &mut Notes::default());
    assert!(problems.no_day.is_empty());
    match found {
        RawData::Text(texts) => texts.into_iter().map(Option::unwrap).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn moments_and_times_are_shown_as_their_programs_mean_them() {
    // The last second of 2016 was a leap second, which is shown as the one that follows it.
    let leap = 1_798_848_026_000.0;
    let found = texts(&[leap - 1000.0, leap, leap + 1000.0], Meaning::LeapMoment);
    assert_eq!(
        found,
        [
            "2016-12-31T23:59:59",
            "2017-01-01T00:00:00",
            "2017-01-01T00:00:00"
        ]
    );
    let found = texts(&[0.0, 500.0, -1000.0], Meaning::Moment(-3653, 1.0));
    assert_eq!(
        found,
        [
            "1960-01-01T00:00:00",
            "1960-01-01T00:00:00.500",
            "1959-12-31T23:59:59"
        ]
    );
    // A tenth of a day is no whole number of milliseconds in binary.
    let found = texts(&[0.1, 0.3], Meaning::Moment(-3653, 86_400_000.0));
    assert_eq!(found, ["1960-01-01T02:24:00", "1960-01-01T07:12:00"]);
    let found = texts(&[0.0, 86_399.0, 90_000.0, -61.0], Meaning::Clock(1000.0));
    assert_eq!(found, ["00:00:00", "23:59:59", "25:00:00", "-00:01:01"]);
}

#[test]
fn labels_and_codes_of_days_are_days() {
    let spss = Meaning::Moment(-141_428, 1000.0);
    let day = |days: f64| (days + 141_428.0) * 86_400.0;
    let notes = Notes {
        labels: vec![(RawValue::Number(day(3.0)), "start".to_owned())],
        missing: vec![
            MissingRule::Value(RawValue::Number(99.0)),
            MissingRule::Range(f64::NEG_INFINITY, day(-7.0)),
        ],
        ..Notes::default()
    };
    let mut of_days = notes.clone();
    let (found, _) = data(&[day(3.0), 99.0, day(5.0)], spss, &mut of_days);
    assert_eq!(found, RawData::Date(vec![Some(3), Some(-141_428), Some(5)]));
    assert_eq!(
        of_days.labels,
        [(RawValue::Number(3.0), "start".to_owned())]
    );
    let rules = [
        MissingRule::Value(RawValue::Number(-141_428.0)),
        MissingRule::Range(f64::NEG_INFINITY, -7.0),
    ];
    assert_eq!(of_days.missing, rules);
    // With times, all are texts, and ranges the values in them.
    let mut of_texts = notes;
    let values = [day(3.0), day(5.5), day(-7.0), day(-9.0)];
    let (found, _) = data(&values, spss, &mut of_texts);
    assert!(matches!(found, RawData::Text(_)));
    let text = |t: &str| RawValue::Text(format!("{t}T00:00:00"));
    assert_eq!(of_texts.labels, [(text("1970-01-04"), "start".to_owned())]);
    let rules = ["1969-12-23", "1969-12-25"].map(|t| MissingRule::Value(text(t)));
    assert_eq!(of_texts.missing, rules);
    let (_, problems) = data(&[1.0, 1e300], spss, &mut Notes::default());
    assert!(problems.no_day.text().starts_with("row 2: "));
}

#[test]
fn texts_are_decoded_as_declared_or_not_at_all() {
    let western = Charset::named("ISO_8859_1");
    assert_eq!(western.text(b"caf\xe9  \0").as_deref(), Some("café"));
    assert_eq!(Charset::page(1250).text(b"\xb9").as_deref(), Some("ą"));
    assert_eq!(Charset::named("cp1251").text(b"\xcf").as_deref(), Some("П"));
    assert_eq!(Charset::UTF8.text(b"caf\xe9"), None);
    for unknown in [
        Charset::page(437),
        Charset::named("utf-16le"),
        Charset::named("klingon"),
    ] {
        assert_eq!(unknown.text(b"plain").as_deref(), Some("plain"));
        assert_eq!(unknown.text(b"caf\x82"), None, "{}", unknown.name());
    }
    // A label that was cut in the midst of a character.
    let label = "é".repeat(60).into_bytes();
    assert_eq!(Charset::UTF8.label(&label[..119]), Some("é".repeat(59)));
    assert_eq!(Charset::UTF8.label(b"\xc3"), None);
}
