//! Forest plots: aligned text, boxes and arrows where the numbers put them, whatever the numbers are.

use proptest::prelude::*;
use trialbook::artefact::{
    Digits, ForestColumn, ForestEffect, ForestPlot, ForestRow, Form, Label, Measure, Scale,
};
use trialbook::figure::{FigureTheme, Item, forest};
use trialbook::statistic::StatId;

use super::support::drawing::{
    PlainNumbers, assert_inside, assert_texts_apart, extent, setting, texts, write_svg,
};

fn plot(scale: Scale, rows: Vec<ForestRow>) -> ForestPlot {
    ForestPlot {
        stub: Label::text("Subgroup"),
        columns: vec![],
        rows,
        scale,
        axis: "Difference in BDI-II score, Beat the Blues − usual care".to_owned(),
        effect: "Difference".to_owned(),
        conf_level: 0.95,
        favors_left: Some("Favors Beat the Blues".to_owned()),
        favors_right: Some("Favors usual care".to_owned()),
        limits: None,
        digits: Digits::Fixed(1),
        p_head: Some(Label::text("P").measure(Measure::PValue)),
        notes: vec![],
        abbreviations: vec![],
    }
}

fn effect(
    numbers: &mut PlainNumbers,
    name: &str,
    values: [f64; 3],
    weight: Option<f64>,
) -> ForestEffect {
    let mut put = |stat: &str, value: f64| {
        if value.is_nan() {
            StatId::from_parts(["none", stat])
        } else {
            numbers.put(&format!("forest/{name}/{stat}"), value)
        }
    };
    ForestEffect {
        estimate: put("estimate", values[0]),
        low: put("conf.low", values[1]),
        high: put("conf.high", values[2]),
        weight,
        diamond: false,
    }
}

fn row(label: &str, indent: u8, effect: Option<ForestEffect>) -> ForestRow {
    ForestRow {
        label: Label::text(label),
        indent,
        cells: vec![],
        effect,
        p: None,
    }
}

fn weight(values: [f64; 3]) -> Option<f64> {
    Some(1.0 / (values[2] - values[1]).powi(2))
}

fn subgroups() -> (ForestPlot, PlainNumbers) {
    let mut n = PlainNumbers::default();
    let groups: [(&str, &[(&str, [f64; 3], [f64; 4])]); 3] = [
        (
            "Visit",
            &[
                ("2 months", [-4.1, -6.9, -1.3], [16.3, 9.4, 20.2, 10.6]),
                ("3 months", [-4.6, -8.0, -1.2], [13.1, 8.8, 17.8, 10.1]),
                ("5 months", [-3.0, -6.9, 0.9], [11.2, 7.7, 13.7, 9.6]),
                ("8 months", [-2.9, -10.4, 4.6], [9.1, 7.0, 12.5, 8.8]),
            ],
        ),
        (
            "Drug",
            &[
                ("No", [-3.2, -7.1, 0.7], [15.3, 9.9, 18.2, 10.2]),
                ("Yes", [-5.3, -9.2, -1.4], [17.5, 9.1, 22.4, 11.6]),
            ],
        ),
        (
            "Length of current episode",
            &[
                ("<6 months", [-4.9, -8.5, -1.3], [15.0, 8.4, 20.1, 9.6]),
                ("≥6 months", [-3.1, -7.3, 1.1], [17.1, 9.9, 20.3, 11.6]),
            ],
        ),
    ];
    let mut rows = Vec::new();
    for (head, items) in groups {
        let mut first = row(head, 0, None);
        if head != "Visit" {
            first.p = Some(n.put(&format!("forest/{head}/p.value"), 0.44));
        }
        rows.push(first);
        for (label, values, cells) in items {
            let name = format!("{head} {label}");
            let mut item = row(
                label,
                1,
                Some(effect(&mut n, &name, *values, weight(*values))),
            );
            for (arm, pair) in cells.chunks(2).enumerate() {
                item.cells.push(Some(Form::MeanSd {
                    mean: n.put(&format!("forest/{name}/{arm}/mean"), pair[0]),
                    sd: n.put(&format!("forest/{name}/{arm}/sd"), pair[1]),
                }));
            }
            rows.push(item);
        }
    }
    let all = [-3.9, -5.9, -1.9];
    let mut pooled = row(
        "All participants",
        0,
        Some(effect(&mut n, "all", all, None)),
    );
    if let Some(effect) = &mut pooled.effect {
        effect.diamond = true;
    }
    pooled.cells = vec![None, None];
    pooled.p = Some(n.put("forest/all/p.value", 0.02));
    rows.push(pooled);
    let mut forest = plot(Scale::Difference, rows);
    forest.columns = ["Beat the Blues", "Usual care"]
        .map(|arm| ForestColumn {
            label: Label::text(arm).measure(Measure::MeanSd),
        })
        .to_vec();
    (forest, n)
}

fn ratios() -> (ForestPlot, PlainNumbers) {
    let mut n = PlainNumbers::default();
    let values = [
        ("Anderson et al, 2011", [0.62, 0.41, 0.94]),
        ("Brunner et al, 2014", [1.85, 0.31, 46.0]),
        (
            "Chen and coworkers in the multicentre collaboration on relapse, 2016",
            [0.71, 0.55, 0.92],
        ),
        ("Dvořák et al, 2018", [0.05, 0.001, 2.4]),
        ("Evans et al, 2020", [10.5, 6.0, 18.0]),
        ("Not estimable", [f64::NAN, f64::NAN, f64::NAN]),
    ];
    let mut rows: Vec<ForestRow> = values
        .iter()
        .map(|(label, v)| {
            let weight = Some(1.0 / (v[2] / v[1]).ln().powi(2));
            row(label, 0, Some(effect(&mut n, label, *v, weight)))
        })
        .collect();
    let mut pooled = row(
        "Pooled",
        0,
        Some(effect(&mut n, "pooled", [0.70, 0.56, 0.87], None)),
    );
    if let Some(effect) = &mut pooled.effect {
        effect.diamond = true;
    }
    rows.push(pooled);
    let mut forest = plot(Scale::Ratio, rows);
    forest.effect = "Odds ratio".to_owned();
    forest.axis = "Odds ratio of relapse".to_owned();
    forest.stub = Label::text("Source");
    forest.digits = Digits::Fixed(2);
    forest.limits = Some((0.1, 8.0));
    (forest, n)
}

/// The centres and sides of the boxes in the effects' colour, top to bottom.
fn boxes(scene: &trialbook::figure::Scene, theme: &FigureTheme) -> Vec<(f64, f64)> {
    let rects = scene.items.iter().filter_map(|item| match item {
        Item::Rect {
            at, width, fill, ..
        } if *fill == Some(theme.effect) => Some((at.x + width / 2.0, *width)),
        _ => None,
    });
    rects.collect()
}

#[test]
fn draws_subgroups_with_their_numbers() {
    let (plot, numbers) = subgroups();
    let theme = FigureTheme::default();
    let (scene, diagnostics) = forest(&plot, setting(&numbers, &theme));
    write_svg("forest-subgroups", &scene);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_inside(&scene);
    assert_texts_apart(&scene);
    assert_eq!(scene.width, 468.0);
    assert!(texts(&scene).contains(&"−4.1 (−6.9 to −1.3)".to_owned()));
    assert!(
        scene.alt.contains("Visit, 2 months: −4.1 (−6.9 to −1.3)"),
        "{}",
        scene.alt
    );
}

#[test]
fn the_areas_of_boxes_are_proportional_to_weights() {
    let (plot, numbers) = subgroups();
    let theme = FigureTheme::default();
    let (scene, _) = forest(&plot, setting(&numbers, &theme));
    let weights: Vec<f64> = plot
        .rows
        .iter()
        .filter_map(|row| row.effect.as_ref()?.weight)
        .collect();
    let drawn = boxes(&scene, &theme);
    assert_eq!(drawn.len(), weights.len());
    for ((_, side), weight) in drawn.iter().zip(&weights) {
        let (first_side, first) = (drawn[0].1, weights[0]);
        let ratio = (side / first_side).powi(2);
        assert!((ratio - weight / first).abs() < 1e-9);
    }
}

#[test]
fn the_estimates_align_on_their_decimal_points() {
    let (plot, numbers) = subgroups();
    let theme = FigureTheme::default();
    let (scene, _) = forest(&plot, setting(&numbers, &theme));
    let mut places = std::collections::BTreeSet::new();
    for item in &scene.items {
        let Item::Text { at, runs, size, .. } = item else {
            continue;
        };
        let text: String = runs.iter().map(|r| r.text.as_str()).collect();
        if let Some(point) = text.find('.').filter(|_| text.contains(" to ")) {
            let before = trialbook::figure::TextRun::plain(&text[..point]);
            let width = super::support::drawing::METRICS.width(&[before], *size);
            #[allow(clippy::cast_possible_truncation)]
            places.insert(((at.x + width) * 100.0).round() as i64);
        }
    }
    assert_eq!(places.len(), 1, "{places:?}");
}

#[test]
fn cuts_intervals_at_the_limits_with_arrows() {
    let (plot, numbers) = ratios();
    let theme = FigureTheme::default();
    let (scene, diagnostics) = forest(&plot, setting(&numbers, &theme));
    write_svg("forest-ratios", &scene);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_inside(&scene);
    assert_texts_apart(&scene);
    assert_eq!(
        boxes(&scene, &theme).len(),
        3,
        "estimates outside have no box"
    );
    let heads = scene.items.iter().filter(|item| {
        matches!(item, Item::Path { points, fill, .. } if points.len() == 3 && *fill == Some(theme.effect))
    });
    // Brunner at the right, Dvořák at the left, Evans at the right.
    assert_eq!(heads.count(), 3);
    for tick in ["0.1", "0.2", "0.5", "1", "2", "5"] {
        assert!(texts(&scene).contains(&tick.to_owned()), "{tick}");
    }
    assert!(texts(&scene).contains(&"NA".to_owned()));
}

#[test]
fn a_wild_interval_does_not_press_the_others_together() {
    let mut n = PlainNumbers::default();
    let mut rows: Vec<ForestRow> = (0..5)
        .map(|i| {
            row(
                &format!("Row {i}"),
                0,
                Some(effect(&mut n, &i.to_string(), [0.1, -0.5, 0.7], None)),
            )
        })
        .collect();
    rows.push(row(
        "Wild",
        0,
        Some(effect(&mut n, "wild", [0.2, -1e6, 1e6], None)),
    ));
    rows.push(row(
        "Infinite",
        0,
        Some(effect(
            &mut n,
            "inf",
            [0.3, f64::NEG_INFINITY, f64::INFINITY],
            None,
        )),
    ));
    let theme = FigureTheme::default();
    let (scene, _) = forest(&plot(Scale::Difference, rows), setting(&n, &theme));
    assert_inside(&scene);
    assert!(
        !texts(&scene)
            .iter()
            .any(|t| t.contains("1000000") && !t.contains("to"))
    );
    let lines = scene.items.iter().filter(|item| {
        let (left, top, right, bottom) = extent(item);
        matches!(item, Item::Path { .. }) && top == bottom && right - left > 20.0
    });
    assert!(lines.count() >= 7, "ordinary intervals stay visible");
}

#[test]
fn says_when_limits_leave_nothing_or_are_none() {
    let (mut plot, numbers) = subgroups();
    let theme = FigureTheme::default();
    let code = |plot: &ForestPlot| {
        let (scene, diagnostics) = forest(plot, setting(&numbers, &theme));
        assert_inside(&scene);
        diagnostics
            .iter()
            .map(|d| d.code.clone())
            .collect::<Vec<_>>()
    };
    plot.limits = Some((100.0, 200.0));
    assert_eq!(code(&plot), ["empty-axis"]);
    for limits in [
        (3.0, 3.0),
        (5.0, -5.0),
        (f64::NAN, 1.0),
        (0.0, f64::INFINITY),
    ] {
        plot.limits = Some(limits);
        assert_eq!(code(&plot), ["bad-limits"], "{limits:?}");
    }
    plot.scale = Scale::Ratio;
    plot.limits = Some((0.0, 2.0));
    assert_eq!(code(&plot), ["ratio-not-positive", "bad-limits"]);
}

#[test]
fn draws_no_rows_and_many() {
    let theme = FigureTheme::default();
    let mut n = PlainNumbers::default();
    let (empty, _) = forest(&plot(Scale::Difference, vec![]), setting(&n, &theme));
    assert_inside(&empty);
    assert_texts_apart(&empty);
    let rows = (0..200)
        .map(|i| {
            row(
                &format!("Row {i}"),
                0,
                Some(effect(&mut n, &i.to_string(), [1.0; 3], Some(1.0))),
            )
        })
        .collect();
    let (scene, _) = forest(&plot(Scale::Difference, rows), setting(&n, &theme));
    assert_inside(&scene);
    assert_texts_apart(&scene);
    assert!(scene.height > 2000.0);
    assert!(scene.alt.contains("And 140 more rows."));
}

#[test]
fn wraps_long_labels_and_grows_for_too_many_columns() {
    let (mut plot, numbers) = subgroups();
    let theme = FigureTheme::default();
    plot.rows[1].label = Label::text(
        "A label that goes on and on about what its participants have in common ".repeat(3),
    );
    let (scene, diagnostics) = forest(&plot, setting(&numbers, &theme));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_inside(&scene);
    assert_texts_apart(&scene);
    let columns = plot.columns.clone();
    for _ in 0..4 {
        plot.columns.extend(columns.clone());
    }
    let (scene, diagnostics) = forest(&plot, setting(&numbers, &theme));
    assert!(diagnostics.iter().any(|d| d.code == "figure-too-wide"));
    assert_inside(&scene);
    assert_texts_apart(&scene);
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -10.0..10.0_f64,
        1 => prop::num::f64::ANY,
        1 => Just(0.0),
        1 => Just(1e12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn stays_inside_for_any_numbers(
        values in prop::collection::vec([value(), value(), value()], 0..8),
        limits in prop::option::of((value(), value())),
        ratio in any::<bool>(),
        diamond in any::<bool>(),
    ) {
        let mut n = PlainNumbers::default();
        let rows = values.iter().enumerate().map(|(i, v)| {
            let mut effect = effect(&mut n, &i.to_string(), *v, Some(v[2]));
            effect.diamond = diamond;
            // Text of such numbers is the style's affair.
            let label = row(&format!("Row {i}"), 0, Some(effect));
            label
        }).collect();
        let mut plot = plot(if ratio { Scale::Ratio } else { Scale::Difference }, rows);
        plot.limits = limits;
        let theme = FigureTheme::default();
        let (scene, _) = forest(&plot, setting(&n, &theme));
        for item in &scene.items {
            let (left, top, right, bottom) = extent(item);
            prop_assert!(left.is_finite() && right.is_finite() && top.is_finite() && bottom.is_finite(), "{item:?}");
            if !matches!(item, Item::Text { .. }) {
                prop_assert!(left >= -0.01 && right <= scene.width + 0.01, "{item:?}");
                prop_assert!(top >= -0.01 && bottom <= scene.height + 0.01, "{item:?}");
            }
        }
    }
}
