//! Trajectories: points and intervals where the numbers put them, and counts that stand below their visits.

use proptest::prelude::*;
use trialbook::artefact::{Label, LinePlot, LinePoint, LineSeries};
use trialbook::figure::{FigureTheme, Item, Scene, trajectory};
use trialbook::statistic::StatId;

use super::support::drawing::{
    PlainNumbers, assert_inside, assert_texts_apart, extent, setting, texts, write_svg,
};

type Visit = (f64, [f64; 3], f64);

fn line_plot(arms: &[(&str, &[Visit])], numbers: &mut PlainNumbers) -> LinePlot {
    let series = arms.iter().map(|(name, visits)| LineSeries {
        name: (*name).to_owned(),
        points: visits
            .iter()
            .map(|(x, [mean, low, high], n)| {
                let mut put = |stat: &str, value: f64| {
                    if value.is_nan() {
                        StatId::from_parts(["none", stat])
                    } else {
                        numbers.put(&format!("line/{name}/{x}/{stat}"), value)
                    }
                };
                LinePoint {
                    x: *x,
                    y: put("mean", *mean),
                    low: Some(put("conf.low", *low)),
                    high: Some(put("conf.high", *high)),
                    n: put("n", *n),
                }
            })
            .collect(),
    });
    LinePlot {
        x: "Months since randomization".to_owned(),
        y: "BDI-II score, mean (95% CI)".to_owned(),
        ticks: [
            (0.0, "Baseline"),
            (2.0, "2"),
            (3.0, "3"),
            (5.0, "5"),
            (8.0, "8"),
        ]
        .map(|(x, label)| (x, label.to_owned()))
        .to_vec(),
        series: series.collect(),
        limits: None,
        conf_level: 0.95,
        counts: Some(Label::text("No. of participants")),
        notes: vec![],
        abbreviations: vec![],
    }
}

const USUAL: &[Visit] = &[
    (0.0, [23.9, 20.7, 27.1], 48.0),
    (2.0, [19.5, 16.2, 22.8], 45.0),
    (3.0, [17.5, 13.8, 21.2], 36.0),
    (5.0, [14.2, 10.2, 18.2], 29.0),
    (8.0, [12.4, 8.5, 16.3], 25.0),
];
const BEAT: &[Visit] = &[
    (0.0, [23.5, 20.6, 26.4], 52.0),
    (2.0, [14.7, 11.9, 17.5], 52.0),
    (3.0, [12.1, 9.0, 15.2], 37.0),
    (5.0, [9.1, 6.1, 12.1], 29.0),
    (8.0, [8.5, 5.3, 11.7], 27.0),
];

/// The middles of the discs: the points of the first series.
fn discs(scene: &Scene) -> Vec<(f64, f64)> {
    let discs = scene.items.iter().filter_map(|item| match item {
        Item::Circle { at, .. } => Some((at.x, at.y)),
        _ => None,
    });
    discs.collect()
}

#[test]
fn draws_two_arms_over_real_time() {
    let mut numbers = PlainNumbers::default();
    let plot = line_plot(
        &[("Usual care", USUAL), ("Beat the Blues", BEAT)],
        &mut numbers,
    );
    let theme = FigureTheme::default();
    let (scene, diagnostics) = trajectory(&plot, setting(&numbers, &theme));
    write_svg("trajectory-two", &scene);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_inside(&scene);
    assert_texts_apart(&scene);
    // The first disc is the legend's.
    let points = &discs(&scene)[1..];
    let months = [0.0, 2.0, 3.0, 5.0, 8.0];
    assert_eq!(points.len(), months.len());
    let per_month = (points[4].0 - points[0].0) / 8.0;
    for ((x, _), month) in points.iter().zip(months) {
        assert!(
            (x - points[0].0 - month * per_month).abs() < 1e-9,
            "month {month}"
        );
    }
    assert!(
        points.windows(2).all(|pair| pair[0].1 < pair[1].1),
        "scores fall"
    );
    for text in [
        "No. of participants",
        "48",
        "27",
        "Months since randomization",
        "30",
        "0",
    ] {
        assert!(texts(&scene).contains(&text.to_owned()), "{text}");
    }
    assert!(
        scene
            .alt
            .contains("Usual care: Baseline 23.9 (20.7 to 27.1), n = 48; 2 19.5"),
        "{}",
        scene.alt
    );
}

#[test]
fn draws_four_arms_that_differ_without_colour() {
    let mut numbers = PlainNumbers::default();
    let shifted = |by: f64| -> Vec<Visit> {
        let shift = |(x, v, n): &Visit| (*x, v.map(|v| v + by * x / 4.0), *n);
        USUAL.iter().map(shift).collect()
    };
    let (a, b, c) = (shifted(-3.0), shifted(-1.5), shifted(2.0));
    let arms: [(&str, &[Visit]); 4] = [
        ("Waiting list", USUAL),
        ("Computerised therapy with weekly support", &a),
        ("Escitalopram", &b),
        ("Placebo", &c),
    ];
    let plot = line_plot(&arms, &mut numbers);
    let theme = FigureTheme {
        grid: true,
        ..FigureTheme::default()
    };
    let (scene, _) = trajectory(&plot, setting(&numbers, &theme));
    write_svg("trajectory-four", &scene);
    assert_inside(&scene);
    assert_texts_apart(&scene);
    let mut looks: Vec<_> = (0..4)
        .map(|i| (format!("{:?}", theme.marker(i)), theme.dash(i)))
        .collect();
    looks.dedup();
    assert_eq!(looks.len(), 4);
}

#[test]
fn missing_values_break_nothing() {
    let mut numbers = PlainNumbers::default();
    let nan = f64::NAN;
    let gaps: &[Visit] = &[
        (0.0, [23.9, nan, nan], 48.0),
        (2.0, [nan, nan, nan], nan),
        (3.0, [17.5, 13.8, nan], 36.0),
        (f64::INFINITY, [17.5, 13.8, 18.0], 36.0),
    ];
    let mut plot = line_plot(&[("Usual care", gaps), ("Nobody", &[])], &mut numbers);
    let theme = FigureTheme::default();
    let (scene, _) = trajectory(&plot, setting(&numbers, &theme));
    assert_inside(&scene);
    assert_texts_apart(&scene);
    assert_eq!(discs(&scene).len(), 3, "two points and the legend");
    plot.series.clear();
    plot.ticks.clear();
    plot.counts = None;
    assert_inside(&trajectory(&plot, setting(&numbers, &theme)).0);
}

#[test]
fn cuts_at_the_authors_limits_and_refuses_bad_ones() {
    let mut numbers = PlainNumbers::default();
    let mut plot = line_plot(
        &[("Usual care", USUAL), ("Beat the Blues", BEAT)],
        &mut numbers,
    );
    let theme = FigureTheme::default();
    plot.limits = Some((10.0, 20.0));
    let (scene, diagnostics) = trajectory(&plot, setting(&numbers, &theme));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_inside(&scene);
    assert_eq!(discs(&scene).len(), 5, "the baseline lies above the limits");
    plot.limits = Some((20.0, 10.0));
    let (_, diagnostics) = trajectory(&plot, setting(&numbers, &theme));
    assert!(diagnostics.iter().any(|d| d.code == "bad-limits"));
}

#[test]
fn labels_of_close_visits_keep_apart() {
    let mut numbers = PlainNumbers::default();
    let days: Vec<Visit> = (0..40)
        .map(|i| (f64::from(i), [10.0, 9.0, 11.0], 100.0))
        .collect();
    let mut plot = line_plot(&[("Usual care", &days)], &mut numbers);
    plot.ticks = days
        .iter()
        .map(|d| (d.0, format!("Day {} of treatment", d.0)))
        .collect();
    let theme = FigureTheme::default();
    let (scene, _) = trajectory(&plot, setting(&numbers, &theme));
    write_svg("trajectory-close", &scene);
    assert_inside(&scene);
    assert_texts_apart(&scene);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn stays_inside_for_any_numbers(
        visits in prop::collection::vec((prop::num::f64::ANY, [-50.0..50.0_f64, -50.0..50.0_f64, -50.0..50.0_f64], 0.0..500.0_f64), 0..6),
        limits in prop::option::of((-20.0..20.0_f64, -20.0..20.0_f64)),
    ) {
        let mut numbers = PlainNumbers::default();
        let mut plot = line_plot(&[("Usual care", USUAL), ("Any", &visits)], &mut numbers);
        plot.limits = limits;
        let theme = FigureTheme::default();
        let (scene, _) = trajectory(&plot, setting(&numbers, &theme));
        for item in &scene.items {
            let (left, top, right, bottom) = extent(item);
            prop_assert!(left >= -0.01 && right <= scene.width + 0.01, "{item:?}");
            prop_assert!(top >= -0.01 && bottom <= scene.height + 0.01, "{item:?}");
        }
    }
}
