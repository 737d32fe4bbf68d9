//! Stacked bars: segments as long as their parts, numbers that fit or stand over the bar, whatever the counts are.

use proptest::prelude::*;
use trialbook::artefact::{
    Bar, BarCell, BarGroup, BarPlot, BarSection, BarSegment, Form, Label, Measure,
};
use trialbook::diagnostic::Diagnostics;
use trialbook::figure::{FULL_WIDTH, FigureTheme, Item, Paint, Scene, bars};
use trialbook::statistic::StatId;

use super::support::drawing::{
    PlainNumbers, assert_inside, assert_texts_apart, extent, setting, texts, write_svg,
};

/// Arms with the counts of four categories.
type Arms<'a> = &'a [(&'a str, [u32; 4])];

fn bar(numbers: &mut PlainNumbers, place: &str, arm: &str, counts: [u32; 4]) -> Bar {
    let total: u32 = counts.iter().sum();
    let segments = counts.iter().enumerate().map(|(i, n)| {
        let p = if total == 0 {
            StatId::from_parts([place, "none"])
        } else {
            let percent = f64::from(*n) / f64::from(total);
            numbers.put(&format!("{place}/{arm}/{i}/p"), percent)
        };
        let n = numbers.put(&format!("{place}/{arm}/{i}/n"), f64::from(*n));
        let text = if total == 0 {
            Form::Percent {
                p: p.clone(),
                total: None,
            }
        } else {
            Form::Count { n: n.clone() }
        };
        BarSegment { n, p, text }
    });
    let segments = segments.collect();
    Bar {
        label: Label::text(arm),
        total: numbers.put(&format!("{place}/{arm}/N"), f64::from(total)),
        segments,
    }
}

fn group(numbers: &mut PlainNumbers, place: &str, label: Option<&str>, arms: Arms) -> BarGroup {
    let p = numbers.put(&format!("{place}/p.value"), 0.04);
    let statistic = numbers.put(&format!("{place}/statistic"), 7.98);
    let cell = |form| {
        Some(BarCell {
            form,
            marks: Label::default(),
        })
    };
    BarGroup {
        label: label.map(Label::text),
        cells: vec![
            cell(Form::Number { value: statistic }),
            cell(Form::PValue { p }),
        ],
        bars: arms
            .iter()
            .map(|(arm, counts)| bar(numbers, place, arm, *counts))
            .collect(),
    }
}

fn plot(sections: Vec<BarSection>) -> BarPlot {
    BarPlot {
        axis: "Participants, %".to_owned(),
        categories: ["Recovered", "Improved", "Unchanged", "Deteriorated"]
            .map(str::to_owned)
            .to_vec(),
        total: Label::text("No."),
        columns: vec![
            Label::text("χ² (df)"),
            Label::default().measure(Measure::PValue),
        ],
        sections,
        notes: vec![],
        abbreviations: vec![],
    }
}

fn one_visit(numbers: &mut PlainNumbers, measures: &[(&str, Arms)]) -> BarPlot {
    let section = |(label, arms): &(&str, Arms)| BarSection {
        label: Label::text(*label),
        groups: vec![group(numbers, label, None, arms)],
    };
    plot(measures.iter().map(section).collect())
}

fn draw(plot: &BarPlot, numbers: &PlainNumbers, name: &str) -> (Scene, Diagnostics) {
    let theme = FigureTheme::default();
    let (scene, diagnostics) = bars(plot, setting(numbers, &theme));
    write_svg(name, &scene);
    assert_inside(&scene);
    assert_texts_apart(&scene);
    (scene, diagnostics)
}

/// The segments in a category's colour: left end, top, length. Swatches of the legend have an edge.
fn segments(scene: &Scene, category: usize) -> Vec<(f64, f64, f64)> {
    let paint = FigureTheme::default().category(category);
    let found = scene.items.iter().filter_map(|item| match item {
        Item::Rect {
            at,
            width,
            fill: Some(fill),
            stroke: None,
            ..
        } if *fill == paint => Some((at.x, at.y, *width)),
        _ => None,
    });
    found.collect()
}

#[test]
fn segments_are_as_long_as_their_parts() {
    let mut numbers = PlainNumbers::default();
    let measures: [(&str, Arms); 2] = [
        ("Stress", &[("CCT", [7, 5, 5, 1]), ("WL", [2, 0, 12, 8])]),
        ("Anxiety", &[("CCT", [9, 6, 3, 0]), ("WL", [0, 0, 0, 22])]),
    ];
    let plot = one_visit(&mut numbers, &measures);
    let (scene, diagnostics) = draw(&plot, &numbers, "bars-two");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let deteriorated = segments(&scene, 3);
    let whole = deteriorated[2].2;
    for (arm, (_, arms)) in measures.iter().flat_map(|m| m.1).enumerate() {
        let total: u32 = arms.iter().sum();
        let mut left = deteriorated[2].0;
        for (category, n) in arms.iter().enumerate().filter(|(_, n)| **n > 0) {
            let part = whole * f64::from(*n) / f64::from(total);
            let found = segments(&scene, category);
            let same =
                |s: &&(f64, f64, f64)| (s.0 - left).abs() < 1e-6 && (s.2 - part).abs() < 1e-6;
            assert!(found.iter().any(|s| same(&s)), "bar {arm}, {category}");
            left += part;
        }
    }
    // Nothing is drawn of nobody.
    assert_eq!(
        [0, 1, 2, 3].map(|c| segments(&scene, c).len()),
        [3, 2, 3, 3]
    );
    for text in ["Stress", "CCT", "22", "Deteriorated", "0", "100", "χ² (df)"] {
        assert!(texts(&scene).contains(&text.to_owned()), "{text}");
    }
    let told = "Stress: CCT, n = 18: Recovered 7, Improved 5, Unchanged 5, Deteriorated 1; WL, n = 22: Recovered 2, \
                Improved 0, Unchanged 12, Deteriorated 8; χ² (df) 8.0; P value 0.0.";
    assert!(scene.alt.contains(told), "{}", scene.alt);
}

#[test]
fn numbers_of_narrow_segments_stand_over_the_bar() {
    let mut numbers = PlainNumbers::default();
    let plot = one_visit(
        &mut numbers,
        &[
            ("All at one end", &[("A", [997, 1001, 1002, 110_000])]),
            ("At the other", &[("A", [110_000, 1003, 1004, 1005])]),
            ("In between", &[("A", [50_000, 1006, 1007, 50_000])]),
        ],
    );
    let (scene, diagnostics) = draw(&plot, &numbers, "bars-narrow");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let bars: Vec<(f64, f64, f64)> = segments(&scene, 2);
    for n in [997, 1001, 1002, 1003, 1004, 1005, 1006, 1007] {
        let text = n.to_string();
        let found = scene.items.iter().find(|item| match item {
            Item::Text { runs, .. } => runs.iter().any(|r| r.text == text),
            _ => false,
        });
        let (_, _, _, bottom) = extent(found.unwrap_or_else(|| panic!("{n} is not printed")));
        let row = bars[if n < 1003 {
            0
        } else if n < 1006 {
            1
        } else {
            2
        }];
        assert!(
            bottom < row.1 && bottom > row.1 - 6.0,
            "{n} at {bottom}, {row:?}"
        );
    }
}

#[test]
fn an_arm_with_nobody_is_said_to_have_none() {
    let mut numbers = PlainNumbers::default();
    let measures: [(&str, Arms); 2] = [
        ("Stress", &[("CCT", [0; 4]), ("WL", [1, 0, 0, 0])]),
        ("Anxiety", &[("CCT", [0; 4]), ("WL", [0; 4])]),
    ];
    let plot = one_visit(&mut numbers, &measures);
    let (scene, diagnostics) = draw(&plot, &numbers, "bars-nobody");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let nobody = texts(&scene).iter().filter(|t| *t == "NA").count();
    assert_eq!(nobody, 3);
    let (scene, _) = draw(&self::plot(vec![]), &numbers, "bars-none");
    assert!(texts(&scene).contains(&"Recovered".to_owned()));
}

const LONG: &str = "Maslach Burnout Inventory, Student Survey: emotional exhaustion because of the demands of studying \
                    medicine during the COVID-19 pandemic, as reported by the students themselves";

#[test]
fn many_measures_with_long_labels_stay_on_a_page() {
    let arms: Arms = &[
        (
            "Compassion cultivation training delivered online",
            [7, 5, 5, 1],
        ),
        ("Waitlist", [2, 0, 12, 118]),
        (
            "Computerised cognitive behavioural therapy with weekly support",
            [0, 0, 3, 0],
        ),
    ];
    let names: Vec<String> = (0..12).map(|i| format!("{LONG} ({i})")).collect();
    for (count, arms) in [(10, &arms[..2]), (12, &arms[1..2]), (4, arms)] {
        let mut numbers = PlainNumbers::default();
        let names = names.iter().cycle().take(count);
        let sections = names.enumerate().map(|(i, name)| BarSection {
            label: Label::text(name),
            groups: vec![group(&mut numbers, &i.to_string(), None, arms)],
        });
        let plot = plot(sections.collect());
        let (scene, diagnostics) = draw(&plot, &numbers, &format!("bars-long-{count}"));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert!((scene.width - FULL_WIDTH).abs() < 0.01 && scene.height <= 570.0);
    }
}

#[test]
fn fifteen_measures_of_two_arms_have_room() {
    let arms: Arms = &[("CCT", [7, 5, 5, 1]), ("WL", [2, 0, 12, 8])];
    let names: Vec<String> = (0..15).map(|i| format!("Measure {i}")).collect();
    let measures: Vec<(&str, Arms)> = names.iter().map(|n| (n.as_str(), arms)).collect();
    let mut numbers = PlainNumbers::default();
    let plot = one_visit(&mut numbers, &measures);
    let (scene, diagnostics) = draw(&plot, &numbers, "bars-fifteen");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let full = FigureTheme::default().size;
    let sizes = scene.items.iter().filter_map(|item| match item {
        Item::Text { size, .. } => Some(*size),
        _ => None,
    });
    assert!(
        sizes.into_iter().all(|size| size >= full - 1e-9),
        "text shrank"
    );
}

#[test]
fn visits_of_four_arms_are_grouped_and_too_many_are_reported() {
    let arms: Arms = &[
        ("Waitlist", [2, 1, 12, 5]),
        ("CCT", [7, 5, 5, 1]),
        ("MBSR", [4, 8, 6, 3]),
        ("Both", [9, 8, 0, 0]),
    ];
    let with = |measures: usize| {
        let mut numbers = PlainNumbers::default();
        let sections = (0..measures).map(|i| BarSection {
            label: Label::text(format!("Measure {i}")),
            groups: ["After treatment", "Two months later"]
                .map(|visit| group(&mut numbers, &format!("{i}{visit}"), Some(visit), arms))
                .to_vec(),
        });
        let plot = plot(sections.collect());
        draw(&plot, &numbers, &format!("bars-visits-{measures}"))
    };
    let (scene, diagnostics) = with(3);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let shown = texts(&scene);
    assert_eq!(shown.iter().filter(|t| *t == "Two months later").count(), 3);
    assert_eq!(shown.iter().filter(|t| *t == "8.0").count(), 6);
    let (_, diagnostics) = with(15);
    let codes: Vec<&str> = diagnostics.iter().map(|d| d.code.as_ref()).collect();
    assert_eq!(codes, ["figure-too-tall"]);
}

#[test]
fn categories_differ_in_lightness_and_carry_legible_text() {
    let theme = FigureTheme::default();
    let lightness = |paint: Paint| {
        let y = paint.luminance();
        if y > 0.008_856 {
            116.0 * y.cbrt() - 16.0
        } else {
            903.3 * y
        }
    };
    for (i, one) in theme.ordered.iter().enumerate() {
        let best = one.contrast(theme.ink).max(one.contrast(Paint::WHITE));
        assert!(best >= 4.5, "{one:?}: {best}");
        for other in &theme.ordered[i + 1..] {
            let apart = (lightness(*one) - lightness(*other)).abs();
            assert!(apart >= 20.0, "{one:?} and {other:?}: {apart}");
        }
    }
    assert!((Paint::BLACK.contrast(Paint::WHITE) - 21.0).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is counted and however it is called, everything lies inside and nothing over another.
    #[test]
    fn any_counts_are_drawn(
        measures in prop::collection::vec(
            ("[a-zA-Z0-9 -]{0,60}", prop::collection::vec(("[a-zA-Z ]{0,40}", prop::array::uniform4(0..2000_u32)), 0..5)),
            0..8,
        ),
        several in any::<bool>(),
    ) {
        let mut numbers = PlainNumbers::default();
        let sections = measures.iter().enumerate().map(|(i, (label, arms))| {
            let arms: Vec<(&str, [u32; 4])> = arms.iter().map(|(a, n)| (a.as_str(), *n)).collect();
            let visits: &[Option<&str>] = if several { &[Some("post"), Some("late")] } else { &[None] };
            BarSection {
                label: Label::text(label),
                groups: visits
                    .iter()
                    .map(|v| group(&mut numbers, &format!("{i}{v:?}"), *v, &arms))
                    .collect(),
            }
        });
        let plot = plot(sections.collect());
        let (scene, _) = draw(&plot, &numbers, "bars-any");
        prop_assert!(scene.height > 0.0);
    }

    /// Numbers that are no parts of a whole do no harm.
    #[test]
    fn wrong_parts_stay_inside(parts in prop::array::uniform4(prop::num::f64::ANY)) {
        let mut numbers = PlainNumbers::default();
        let mut plot = one_visit(&mut numbers, &[("Stress", &[("CCT", [1, 1, 1, 1])])]);
        for (i, part) in parts.iter().enumerate() {
            plot.sections[0].groups[0].bars[0].segments[i].p = numbers.put(&format!("wrong/{i}"), *part);
        }
        draw(&plot, &numbers, "bars-wrong");
    }
}
