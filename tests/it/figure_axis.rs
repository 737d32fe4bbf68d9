//! Axes: ticks at round numbers, never too many, for any range; and a theme read from a style.

use proptest::prelude::*;
use trialbook::artefact::Scale;
use trialbook::diagnostic::Source;
use trialbook::figure::wrap::{plain_text, wrap};
use trialbook::figure::{AxisRange, Counts, FigureTheme, Paint, TextRun};
use trialbook::reader::{Sink, TableReader, parse};

use super::support::drawing::METRICS;

fn values(range: &AxisRange) -> Vec<f64> {
    range.ticks.iter().map(|t| t.value).collect()
}

#[test]
fn differences_have_round_ticks() {
    let range = AxisRange::around(Scale::Difference, -10.4, 4.6, 8);
    assert_eq!(values(&range), [-15.0, -10.0, -5.0, 0.0, 5.0]);
    let range = AxisRange::around(Scale::Difference, 0.0, 0.31, 8);
    assert_eq!(values(&range), [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
    assert!(range.ticks.iter().all(|t| t.decimals == 2));
    let range = AxisRange::exactly(Scale::Difference, -3.0, 3.0, 8).unwrap();
    assert_eq!(values(&range), [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]);
}

#[test]
fn ratios_have_ticks_that_readers_know() {
    let range = AxisRange::around(Scale::Ratio, 0.3, 3.5, 8);
    assert_eq!(values(&range), [0.25, 0.5, 1.0, 2.0, 4.0]);
    let decimals: Vec<u8> = range.ticks.iter().map(|t| t.decimals).collect();
    assert_eq!(decimals, [2, 1, 0, 0, 0]);
    let range = AxisRange::around(Scale::Ratio, 0.8, 1.3, 8);
    assert_eq!(values(&range), [0.8, 0.9, 1.0, 1.1, 1.2, 1.3]);
    let range = AxisRange::around(Scale::Ratio, 0.001, 900.0, 8);
    assert_eq!(values(&range), [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]);
}

#[test]
fn refuses_ends_that_are_none() {
    let nan = f64::NAN;
    for (low, high) in [
        (1.0, 1.0),
        (2.0, 1.0),
        (nan, 1.0),
        (0.0, nan),
        (0.0, f64::INFINITY),
        (1e15, 1e15 + 1.0),
    ] {
        assert_eq!(
            AxisRange::exactly(Scale::Difference, low, high, 8),
            None,
            "{low} {high}"
        );
    }
    assert_eq!(AxisRange::exactly(Scale::Ratio, 0.0, 1.0, 8), None);
}

proptest! {
    #[test]
    fn any_range_has_few_ticks_in_order(
        low in prop::num::f64::NORMAL, high in prop::num::f64::NORMAL, most in 0_usize..10, ratio in any::<bool>(),
    ) {
        let scale = if ratio { Scale::Ratio } else { Scale::Difference };
        let range = AxisRange::around(scale, low, high, most);
        prop_assert!(range.low < range.high);
        prop_assert!(!range.ticks.is_empty() && range.ticks.len() <= most.max(3));
        prop_assert!(range.ticks.windows(2).all(|pair| pair[0].value < pair[1].value));
        for tick in &range.ticks {
            prop_assert!((-1e-9..=1.0 + 1e-9).contains(&range.part(tick.value)));
        }
    }

    #[test]
    fn lines_are_never_wider_than_asked(text in "\\PC{0,120}", width in 12.0..200.0_f64) {
        let runs = [TextRun::plain(text.clone())];
        let wrapped = wrap(&METRICS, &runs, 7.5, width);
        for line in &wrapped.lines {
            prop_assert!(METRICS.width(line, 7.5) <= width + 1e-3);
        }
        if !wrapped.cut {
            let letters = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let set: String = wrapped.lines.iter().map(|l| plain_text(l)).collect();
            prop_assert_eq!(letters(&set), letters(&text));
        }
    }
}

#[test]
fn kerning_and_advances_come_from_the_font() {
    let width = |text: &str| METRICS.width(&[TextRun::plain(text)], 1000.0);
    // Lato Regular 2.007: every digit 1160 of 2000 units, as is the minus sign.
    assert!((width("0") - 580.0).abs() < 1e-9);
    assert!((width("−1234567890") - 11.0 * 580.0).abs() < 1e-9);
    assert!(width("AV") < width("A") + width("V"), "kerned");
    assert!(
        (width("薬") - 1000.0).abs() < 1e-9,
        "a missing glyph has a safe width"
    );
}

fn theme(text: &str) -> (FigureTheme, Vec<String>) {
    let source = Source::new("style.toml", text);
    let (entries, diagnostics) = parse(&source, 0..text.len());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let sink = Sink::new();
    let reader = TableReader::new(&source, &entries, 0..text.len(), "`[figure]`", &sink);
    let theme = FigureTheme::read(reader);
    let codes = sink.into_inner().into_iter().map(|d| d.code.to_string());
    (theme, codes.collect())
}

#[test]
fn a_theme_keeps_defaults_and_reports_mistakes() {
    let (read, codes) = theme("counts = \"n-equals\"\nsize = 7\npalette = [\"#102030\"]\n");
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!(read.counts, Counts::NEquals);
    assert_eq!(read.paint(3), Paint(0x10, 0x20, 0x30));
    assert_eq!(read.line, FigureTheme::default().line);
    let (_, codes) = theme("ink = \"blue\"\nsize = 70\nsizes = 3\ncounts = \"last\"\n");
    assert_eq!(
        codes,
        [
            "out-of-range",
            "unknown-colour",
            "unknown-choice",
            "unknown-key"
        ]
    );
}
