//! Published values beside recomputed ones: `claims.toml`, verdicts at every edge, and the command.

use std::fmt::Write as _;
use std::sync::Arc;

use trialbook::claims::{Agreement, Claims, Printed, Verdict, judge};
use trialbook::diagnostic::{Diagnostics, Source};
use trialbook::statistic::{ResultSet, StatKey, Statistic};

use super::whole::trial::{BASELINE, Trial, report, shown};

const FILE: &str = "reports/small/claims.toml";

fn parse(text: &str) -> (Claims, Diagnostics) {
    let source = Source::new("claims.toml", text);
    Claims::parse(&source, &["rojas2023".to_owned(), "smith2020".to_owned()])
}

fn agreement(text: &str, value: f64) -> Agreement {
    let printed = Printed::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    printed.agreement(value)
}

/// Values that a text agrees with, that it misses by one unit, and that it contradicts.
fn edges(text: &str, same: &[f64], last: &[f64], other: &[f64]) {
    let kinds = [
        (same, Agreement::Same),
        (last, Agreement::LastDigit),
        (other, Agreement::Other),
    ];
    for (values, wanted) in kinds {
        for value in values {
            assert_eq!(agreement(text, *value), wanted, "{text} of {value}");
        }
    }
}

#[test]
fn the_last_printed_digit_is_the_precision() {
    edges(
        "-2.83",
        &[-2.83, -2.8257, -2.825, -2.835, -2.834_999],
        &[-2.824_999, -2.835_001, -2.82, -2.84, -2.815, -2.845],
        &[
            2.83,
            -2.814_9,
            -2.845_1,
            0.0,
            -283.0,
            f64::NAN,
            f64::INFINITY,
        ],
    );
    edges("0", &[0.0, -0.0, 0.5, -0.5], &[0.6, -1.5], &[1.6, -1.6]);
    edges(
        "-0.00",
        &[0.0, -0.005, -0.003, 0.005],
        &[-0.006, 0.015],
        &[-0.016],
    );
    edges("12", &[11.5, 12.5], &[11.4, 13.5], &[13.6, 1.2]);
    // A tie stays one whatever the last bits are.
    edges("0.15", &[0.1 + 0.045, 0.145, 0.155], &[0.156], &[0.2]);
    edges("2.68", &[2.675], &[2.67], &[2.66]);
    edges("2.67", &[2.675], &[2.68], &[2.69]);
}

#[test]
fn a_text_is_read_as_it_is_printed() {
    edges("\u{2212}2.83", &[-2.83], &[-2.84], &[2.83]);
    edges("- 2\u{b7}83", &[-2.83], &[], &[2.83]);
    edges("+1.5", &[1.5], &[1.6], &[-1.5]);
    edges("1,234.5", &[1234.5, 1234.45], &[1234.6], &[1.2345, 1234.7]);
    edges("225 265", &[225_265.0], &[225_266.0], &[225_267.0]);
    edges(".05", &[0.05, 0.045, 0.055], &[0.056, 0.065], &[0.066, 5.0]);
    edges("p = .04", &[0.04, 0.044], &[0.046], &[0.4]);
    edges("P=.04", &[0.04], &[0.05], &[]);
    edges("35%", &[0.35, 0.345, 0.355], &[0.36, 0.365], &[35.0, 0.366]);
    edges("12.5 %", &[0.125, 0.1255], &[0.1256], &[0.127]);
    edges("-3%", &[-0.03], &[-0.04], &[0.03]);
}

#[test]
fn scientific_notation_has_the_precision_of_its_mantissa() {
    edges(
        "1.2e-5",
        &[1.2e-5, 1.25e-5, 1.15e-5],
        &[1.3e-5],
        &[1.4e-5, 1.2],
    );
    edges("1.2 × 10−5", &[1.2e-5], &[], &[1.2e5]);
    edges("1.2×10⁻⁵", &[1.2e-5], &[], &[1.2e5]);
    edges(
        "1.2 x 10^5",
        &[120_000.0, 124_999.0],
        &[126_000.0],
        &[140_000.0],
    );
    edges("-4E+3", &[-4000.0, -4500.0], &[-4501.0], &[4000.0]);
    // One unit of its only digit is nothing.
    edges("1e400", &[], &[f64::MAX, 0.0], &[f64::NAN]);
    edges("1e-400", &[], &[], &[f64::MIN_POSITIVE, 1.0]);
    edges("0e-400", &[0.0], &[], &[5e-324]);
}

#[test]
fn bounds_are_to_be_kept() {
    edges(
        "<.001",
        &[0.000_999, 0.0, 1e-300],
        &[0.001, 0.0015],
        &[0.001_51, 0.5],
    );
    edges("p < .001", &[0.000_5], &[0.001_2], &[0.002]);
    edges("≤.05", &[0.05, 0.01], &[0.051], &[0.06]);
    edges("> .99", &[0.995, 1.0], &[0.99, 0.985], &[0.98]);
    edges(">=10", &[10.0, 11.0], &[9.5], &[9.4]);
    edges("<1%", &[0.009], &[0.01, 0.015], &[0.016]);
    edges("<-2", &[-2.1], &[-2.0, -1.5], &[-1.4, 2.0]);
}

#[test]
fn many_digits_are_compared_as_they_are() {
    edges(
        "0.1234567890123456",
        &[0.123_456_789_012_345_6],
        &[],
        &[0.123_456_789_012_349],
    );
    edges("100000000000000000000", &[1e20], &[], &[1e19, 1.1e20]);
    edges("1.000000000000000000000000000", &[1.0], &[], &[1.000_001]);
}

#[test]
fn what_is_no_number_is_refused() {
    let long = "1".repeat(31);
    let longer = "1".repeat(100_000);
    let texts = [
        "",
        " ",
        "-",
        "abc",
        "1.",
        ".",
        "1,23",
        "1,2345",
        ",123",
        "1,234,5",
        "1 2",
        "p .04",
        "p",
        "--1",
        "1.2.3",
        "1e",
        "1e999",
        "1e99999999999",
        "1×5",
        "1.2 (0.3)",
        "1/2",
        "NaN",
        "inf",
        "<",
        "%",
        "0x10",
        "1'23",
        "٣",
        "1.２",
        &long,
        &longer,
    ];
    for text in texts {
        assert!(Printed::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_recomputed_number_is_written_like_the_printed_one() {
    let like = |text: &str, value: f64| Printed::parse(text).unwrap().like(value);
    assert_eq!(like("-2.83", -2.8257), "\u{2212}2.83");
    assert_eq!(like("-0.00", -0.003), "0.00");
    assert_eq!(like(".05", 0.0467), ".05");
    assert_eq!(like("0.05", 0.0467), "0.05");
    assert_eq!(like("1,234.5", 9876.54), "9,876.5");
    assert_eq!(like("35%", 0.3636), "36%");
    assert_eq!(like("1.2e-5", 1.337e-5), "1.3e-5");
    // A bound that is kept is shown where the digits would not say so.
    assert_eq!(like("p < .001", 0.000_4), "<.001");
    assert_eq!(like("<.001", 0.000_9), "<.001");
    assert_eq!(like("<0.05", 0.04), "0.04");
    assert_eq!(like("<.001", 0.002), ".002");
    assert_eq!(like("<10", 0.2), "<10");
    assert_eq!(like("1e400", f64::MAX), "0e400");
    assert!(like("1e-400", f64::MAX).len() < 1500);
}

fn results(values: &[(&str, Option<f64>)]) -> ResultSet {
    let mut results = ResultSet::new();
    for (level, value) in values {
        let key = StatKey {
            label: "effects".into(),
            variable: Some("stress".into()),
            level: Some((*level).into()),
            groups: Vec::new(),
            stat: "estimate".into(),
        };
        let statistic = Statistic {
            key,
            about: Vec::new(),
            context: "lm".into(),
            population: None,
            value: *value,
            measured: None,
            warnings: if value.is_none() {
                vec!["the fit is singular".into()]
            } else {
                Vec::new()
            },
        };
        results.insert(statistic).unwrap();
    }
    results
}

const GOOD: &str = r#"source = "rojas2023"
[[claim]]
place = "Abstract"
text = "-2.83"
statistic = "effects/stress/arm[CCT]/estimate"
[[claim]]
place = "Abstract"
text = "2.83"
statistic = 'effects.stress["arm[CCT]"].estimate'
misprint = "wrong sign"
[[claim]]
source = "smith2020"
place = "Results"
text = "n/a"
not_computable = "items are not public"
[[table]]
place = "Fig 2"
prefix = "effects/stress"
columns = ["estimate", "x/estimate"]
rows = [
  { row = "arm[CCT]", text = ["-2.9", ""], misprint = { 1 = "rounded twice" } },
  { row = "gone", text = ["1", "2"], not_computable = { "x/estimate" = "why" }, place = "Fig 2b" },
]
"#;

#[test]
fn claims_are_judged_in_the_order_of_the_file() {
    let (claims, diagnostics) = parse(GOOD);
    assert!(diagnostics.is_empty(), "{}", shown(&diagnostics));
    let results = results(&[("arm[CCT]", Some(-2.8257)), ("gone", None)]);
    let (judgement, diagnostics) = judge(&claims, &results);
    assert!(diagnostics.is_empty(), "{}", shown(&diagnostics));
    let verdicts: Vec<(Verdict, &str)> = judgement
        .all
        .iter()
        .map(|j| (j.verdict, j.note.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        verdicts,
        [
            (Verdict::Reproduced, ""),
            (Verdict::Contradicted, "known misprint: wrong sign"),
            (Verdict::NotComputable, "items are not public"),
            (Verdict::LastDigit, "known misprint: rounded twice"),
            (Verdict::NotComputable, "the fit is singular"),
            (Verdict::NotComputable, "why"),
        ]
    );
    let sources: Vec<_> = claims.all.iter().map(|c| c.source.as_deref()).collect();
    assert_eq!(sources[0], Some("rojas2023"));
    assert_eq!(sources[2], Some("smith2020"));
    let counts = judgement.counts();
    assert_eq!(
        (counts.claims, counts.known_misprints, counts.not_computable),
        (6, 2, 3)
    );
    let places: Vec<String> = judgement.by_place().into_iter().map(|(p, _)| p).collect();
    assert_eq!(places, ["Abstract", "Results", "Fig 2", "Fig 2b"]);
}

#[test]
fn misprints_signs_and_unknown_names_are_told() {
    let text = GOOD.replace("text = \"2.83\"", "text = \"-2.83\"");
    let (claims, _) = parse(&text.replace("arm[CCT]/estimate", "arm[CTC]/estimate"));
    let results = results(&[("arm[CCT]", Some(-2.8257)), ("gone", Some(-1.0))]);
    let (judgement, diagnostics) = judge(&claims, &results);
    let said = shown(&diagnostics);
    assert!(
        said.contains("there is no statistic `effects/stress/arm[CTC]/estimate`"),
        "{said}"
    );
    assert!(said.contains("did you mean"), "{said}");
    assert!(
        said.contains("said to be a misprint and is reproduced"),
        "{said}"
    );
    assert!(
        said.contains("Fig 2b prints 1, and the data give −1"),
        "{said}"
    );
    assert_eq!(judgement.all[0].verdict, Verdict::NotComputable);
    let note = judgement.all[4].note.as_deref();
    assert_eq!(note, Some("the same number with the other sign"));
    assert!(judgement.all[4].fails());
}

#[test]
fn mistakes_are_all_told_with_their_places() {
    let (claims, diagnostics) = parse(
        r#"sauce = 1
source = "rojas2032"
[[claim]]
text = "x"
statistic = "a"
[[claim]]
place = 3
text = "1,2"
statistic = "a"
[[claim]]
place = "p"
text = "1"
[[claim]]
place = "p"
text = "1"
statistic = "a"
not_computable = "b"
[[claim]]
place = "p"
text = 1.2
statistic = "a"
[[claim]]
place = "p"
text = "1,2"
statistic = "a"
[[table]]
place = "Fig 1"
columns = ["estimate", "p.value"]
rows = [
  { row = "a", text = ["1"] },
  { row = "b", text = ["1", "zwei"], misprint = { estimat = "x", 3 = "y", 1 = "z", "estimate" = "twice" } },
]
[[table]]
rows = 3
"#,
    );
    let said = shown(&diagnostics);
    for text in [
        "has no key `sauce`",
        "no entry `rojas2032`",
        "did you mean `rojas2023`",
        "needs the key `place`",
        "`place` must be a text",
        "needs the key `statistic`",
        "exclude each other",
        "`text` must be a text",
        "groups of three digits",
        "1 texts, and the table 2 columns",
        "no column `estimat`",
        "no column `3`",
        "names that column twice",
        "can't be read as a printed number",
        "needs the key `columns`",
        "`rows` must be a list of tables",
        "claims.toml:24:8",
    ] {
        assert!(said.contains(text), "no {text} in {said}");
    }
    assert_eq!(claims.all.len(), 1, "{claims:?}");
}

#[test]
fn a_file_without_claims_or_without_toml_is_survived() {
    assert!(parse("").0.all.is_empty());
    assert!(parse("").1.is_empty());
    for text in [
        "[[claim",
        "claim = 1",
        "table = [1]",
        "claim = { place = 1 }",
        "\u{0}",
        "[[claim]]\nclaim = 1",
    ] {
        assert!(parse(text).1.has_errors(), "{text}");
    }
}

#[test]
fn a_hundred_thousand_claims_are_judged_and_few_diagnostics_shown() {
    let mut text = String::new();
    for i in 0..100_000 {
        let name = if i % 2 == 0 {
            "effects/stress/a/estimate".to_owned()
        } else {
            format!("effects/stress/b{i}")
        };
        writeln!(
            text,
            "[[claim]]\nplace = \"p\"\ntext = \"{i}\"\nstatistic = \"{name}\""
        )
        .unwrap();
    }
    let (claims, diagnostics) = parse(&text);
    assert_eq!(claims.all.len(), 100_000);
    assert_eq!(diagnostics.len(), 21);
    let (judgement, diagnostics) = judge(&claims, &results(&[("a", Some(4.0))]));
    assert_eq!(diagnostics.len(), 42);
    let counts = judgement.counts();
    assert_eq!(
        (
            counts.reproduced,
            counts.contradicted,
            counts.not_computable
        ),
        (1, 49_999, 50_000)
    );
    let json = trialbook::claims::json("small", &judgement, |_| true);
    assert!(json.contains("\"line\": 399999"), "{}", &json[..500]);
}

/// The small trial with that `claims.toml`; the mean age is 34.
fn trial(claims: &str) -> Trial {
    let trial = Trial::new().with_report(&report(
        &BASELINE.replace("[[row]]", "overall = true\n[[row]]"),
    ));
    trial.write(FILE, claims.as_bytes());
    trial
}

fn claim(text: &str, more: &str) -> String {
    format!(
        "[[claim]]\nplace = \"Table 1\"\ntext = \"{text}\"\nstatistic = \"tbl-baseline/age/mean\"\n{more}\n"
    )
}

#[test]
fn the_command_ends_with_one_where_a_claim_is_contradicted() {
    trial(&claim("34.0", ""))
        .run(&["claims", "small"])
        .with_status(0)
        .quietly()
        .printing("reproduced")
        .printing("1 claim: 1 reproduced");
    trial(&claim("33.0", ""))
        .run(&["claims", "small"])
        .with_status(1)
        .saying("Table 1 prints 33.0, and the data give 34.0")
        .printing("1 claim: 1 contradicted");
    trial(&claim("33.9", ""))
        .run(&["claims", "small"])
        .with_status(0)
        .printing("last digit");
    trial(&claim("33.0", "misprint = \"old data\""))
        .run(&["claims", "small"])
        .with_status(0)
        .quietly()
        .printing("known misprint: old data");
    trial(&claim("34.0", "misprint = \"old data\""))
        .run(&["claims", "small"])
        .with_status(0)
        .saying("said to be a misprint and is reproduced");
    trial(&claim("34.0", "").replace("/mean", "/maen"))
        .run(&["claims", "small"])
        .with_status(2)
        .saying("did you mean `tbl-baseline/age/mean`")
        .printing("not computable");
}

#[test]
fn claims_are_filtered_and_given_as_json() {
    let trial =
        trial(&(claim("34.0", "") + &claim("33.0", "misprint = \"x\"").replace("Table 1", "Text")));
    let ended = trial.run(&[
        "claims",
        "small",
        "--format",
        "json",
        "--only",
        "contradicted",
    ]);
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(json["schema"], "trialbook-claims/1");
    assert_eq!(json["counts"]["reproduced"], 1);
    assert_eq!(json["claims"].as_array().unwrap().len(), 1);
    let one = &json["claims"][0];
    assert_eq!(one["verdict"], "contradicted");
    assert_eq!(one["value"], 34.0);
    assert_eq!(one["recomputed"], "34.0");
    assert_eq!(one["statistic"], "tbl-baseline/age/mean");
    assert_eq!(one["line"], 8);
}

#[test]
fn a_report_without_claims_says_so_and_mistakes_end_with_two() {
    Trial::new()
        .run(&["claims", "small"])
        .with_status(2)
        .saying("there is no reports/small/claims.toml");
    trial("[[claim]]\nplace = 1\n")
        .run(&["claims", "small"])
        .with_status(2)
        .saying("`place` must be");
    trial("[[claim]]\nplace = 1\n")
        .run(&["check", "small"])
        .with_status(2)
        .saying("`place` must be");
    trial("")
        .run(&["claims", "small"])
        .with_status(0)
        .printing("0 claims");
}

#[test]
fn the_file_is_recorded_and_goes_into_the_bundle() {
    let trial = trial(&claim("34.0", ""));
    trial.run(&["build", "small"]).with_status(0);
    let record = trial.read("build/small/provenance/ro-crate-metadata.json");
    assert!(record.contains(FILE), "{record}");
    trial.run(&["bundle", "small"]).with_status(0);
    let bundle = trial
        .files("build")
        .into_iter()
        .find(|(p, _)| p.ends_with(".zip"));
    let bytes: Arc<[u8]> = bundle.unwrap().1;
    let name = FILE.as_bytes();
    assert!(bytes.windows(name.len()).any(|w| w == name));
    trial.run(&["verify", "small"]).with_status(0);
}
