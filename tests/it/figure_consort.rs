//! Flow diagrams: nothing overlaps, whatever stands in the boxes.

use proptest::prelude::*;
use trialbook::artefact::{Arm, ArmStage, FlowBox, FlowCount, FlowDiagram, Reason};
use trialbook::figure::consort::{BoxKind, Layout, PlacedBox, consort, layout};
use trialbook::figure::{Counts, FigureTheme, Point, StageHeads};

use super::support::drawing::{
    METRICS, PlainNumbers, assert_inside, assert_texts_apart, setting, texts, write_svg,
};

/// Makes counts with ids of their own.
#[derive(Default)]
struct Counter {
    numbers: PlainNumbers,
    next: usize,
}

impl Counter {
    fn id(&mut self, n: u32) -> trialbook::statistic::StatId {
        self.next += 1;
        self.numbers
            .put(&format!("flow/{}/n", self.next), f64::from(n))
    }

    fn count(&mut self, n: u32, text: &str, reasons: &[(u32, &str)]) -> FlowCount {
        FlowCount {
            text: text.to_owned(),
            n: Some(self.id(n)),
            reasons: reasons
                .iter()
                .map(|(n, text)| Reason {
                    text: (*text).to_owned(),
                    n: self.id(*n),
                })
                .collect(),
        }
    }

    fn arm(&mut self, name: &str, stages: &[&[(u32, &str, &[(u32, &str)])]]) -> Arm {
        let stages = stages
            .iter()
            .map(|lines| ArmStage {
                lines: lines
                    .iter()
                    .map(|(n, text, reasons)| self.count(*n, text, reasons))
                    .collect(),
            })
            .collect();
        Arm {
            name: name.to_owned(),
            stages,
        }
    }
}

fn stages() -> Vec<String> {
    ["Allocation", "Follow-up", "Analysis"]
        .map(str::to_owned)
        .to_vec()
}

fn two_arms() -> (FlowDiagram, PlainNumbers) {
    let mut c = Counter::default();
    let trunk = vec![
        FlowBox {
            lines: vec![c.count(274, "Patients assessed for eligibility", &[])],
            excluded: Some(c.count(
                174,
                "Excluded",
                &[
                    (91, "Did not meet inclusion criteria"),
                    (52, "Declined to participate"),
                    (0, "Other reasons"),
                ],
            )),
        },
        FlowBox {
            lines: vec![c.count(100, "Randomized", &[])],
            excluded: None,
        },
    ];
    let lost: &[(u32, &str)] = &[(7, "Withdrew"), (12, "Did not return the questionnaire")];
    let arms = vec![
        c.arm(
            "Beat the Blues",
            &[
                &[
                    (52, "Allocated to Beat the Blues", &[]),
                    (50, "Received the allocated intervention", &[]),
                    (2, "Did not receive it", &[(2, "Declined")]),
                ],
                &[(19, "Lost to follow-up", lost)],
                &[
                    (52, "Included in the primary analysis", &[]),
                    (0, "Excluded from the analysis", &[]),
                ],
            ],
        ),
        c.arm(
            "Usual care",
            &[
                &[(48, "Allocated to usual care", &[])],
                &[(0, "Lost to follow-up", &[])],
                &[(48, "Included in the primary analysis", &[])],
            ],
        ),
    ];
    let flow = FlowDiagram {
        trunk,
        arms,
        stages: stages(),
        trunk_stage: "Enrollment".to_owned(),
    };
    (flow, c.numbers)
}

fn five_arms() -> (FlowDiagram, PlainNumbers) {
    let mut c = Counter::default();
    let trunk = vec![FlowBox {
        lines: vec![c.count(1240, "Randomized", &[])],
        excluded: None,
    }];
    let names = [
        "Cognitive behavioural therapy by telephone",
        "Escitalopram, 10 mg/d",
        "Placebo",
        "Computerised therapy with weekly support",
        "Waiting list",
    ];
    let arms = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let allocated = format!("Allocated to {}", name.to_lowercase());
            let many: &[(u32, &str)] = &[
                (7, "Withdrew consent before the first visit"),
                (3, "Serious adverse event"),
                (12, "Moved away or could not be reached by telephone"),
                (1, "Electroencephalographically confirmed seizure"),
            ];
            let few: &[(u32, &str)] = &[(4, "Withdrew")];
            let reasons = if i % 2 == 0 { many } else { few };
            c.arm(
                name,
                &[
                    &[
                        (248, &allocated, &[]),
                        (240, "Received it", &[]),
                        (8, "Did not receive it", &[(8, "Never started")]),
                    ],
                    &[(23, "Lost to follow-up", reasons), (0, "Discontinued", &[])],
                    &[(225, "Analyzed", &[])],
                ],
            )
        })
        .collect();
    let flow = FlowDiagram {
        trunk,
        arms,
        stages: stages(),
        trunk_stage: "Enrollment".to_owned(),
    };
    (flow, c.numbers)
}

#[test]
fn draws_two_arms_as_jama_does() {
    let (flow, numbers) = two_arms();
    let theme = FigureTheme::default();
    let (scene, diagnostics) = consort(&flow, setting(&numbers, &theme));
    write_svg("consort-two", &scene);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_inside(&scene);
    assert_texts_apart(&scene);
    let words = texts(&scene);
    assert!(words.iter().any(|t| t == "Allocated to Beat the Blues"));
    assert!(words.iter().any(|t| t == "0"), "zero counts are printed");
    assert!(scene.alt.contains("100 Randomized"), "{}", scene.alt);
}

#[test]
fn draws_counts_behind_words_as_the_template_does() {
    let (flow, numbers) = two_arms();
    let theme = FigureTheme {
        counts: Counts::NEquals,
        heads: StageHeads::None,
        ..FigureTheme::default()
    };
    let (scene, _) = consort(&flow, setting(&numbers, &theme));
    write_svg("consort-template", &scene);
    let words = texts(&scene);
    assert!(
        words
            .iter()
            .any(|t| t == "Lost to follow-up (n\u{a0}=\u{a0}0)")
    );
}

#[test]
fn draws_five_arms_on_a_page() {
    let (flow, numbers) = five_arms();
    let theme = FigureTheme::default();
    let setting = setting(&numbers, &theme);
    let (scene, diagnostics) = consort(&flow, setting);
    write_svg("consort-five", &scene);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(scene.width, setting.width);
    assert_inside(&scene);
    assert_texts_apart(&scene);
    assert!(layout(&flow, setting).size >= theme.min_size);
}

#[test]
fn leaves_out_what_is_empty() {
    let theme = FigureTheme::default();
    let numbers = PlainNumbers::default();
    let empty = FlowDiagram {
        trunk: vec![],
        arms: vec![],
        stages: vec![],
        trunk_stage: String::new(),
    };
    let (scene, _) = consort(&empty, setting(&numbers, &theme));
    assert_inside(&scene);

    let (mut flow, numbers) = two_arms();
    flow.trunk.clear();
    for arm in &mut flow.arms {
        arm.stages[1].lines.clear();
    }
    let layout = layout(&flow, setting(&numbers, &theme));
    assert_sound(&layout);
    let heads = layout.boxes.iter().filter(|b| b.kind == BoxKind::Head);
    assert_eq!(heads.count(), 2, "a stage without boxes has no head");
    assert_eq!(layout.connectors.len(), 2, "arrows pass an empty stage");
}

#[test]
fn grows_wider_for_too_many_arms_and_says_so() {
    let (mut flow, numbers) = five_arms();
    for _ in 0..3 {
        let more = flow.arms.clone();
        flow.arms.extend(more);
    }
    let theme = FigureTheme::default();
    let layout = layout(&flow, setting(&numbers, &theme));
    assert_sound(&layout);
    assert!(
        layout
            .diagnostics
            .iter()
            .any(|d| d.code == "figure-too-wide")
    );
}

#[test]
fn a_count_without_value_is_printed_as_such() {
    let (flow, _) = two_arms();
    let theme = FigureTheme::default();
    let numbers = PlainNumbers::default();
    let (scene, _) = consort(&flow, setting(&numbers, &theme));
    assert!(texts(&scene).iter().any(|t| t == "NA"));
    assert_inside(&scene);
}

#[test]
fn reports_characters_that_the_font_lacks() {
    let (mut flow, numbers) = two_arms();
    flow.arms[0].stages[0].lines[0].text = "Allocated to 薬".to_owned();
    let theme = FigureTheme::default();
    let (_, diagnostics) = consort(&flow, setting(&numbers, &theme));
    let missing = diagnostics.iter().find(|d| d.code == "missing-glyph");
    assert!(missing.unwrap().message.contains('薬'));
}

fn overlap(a: &PlacedBox, b: &PlacedBox) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

fn on_edge(point: Point, placed: &PlacedBox) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
    let (right, bottom) = (placed.x + placed.width, placed.y + placed.height);
    let within_x = point.x >= placed.x - 1e-6 && point.x <= right + 1e-6;
    let within_y = point.y >= placed.y - 1e-6 && point.y <= bottom + 1e-6;
    ((close(point.y, placed.y) || close(point.y, bottom)) && within_x)
        || ((close(point.x, placed.x) || close(point.x, right)) && within_y)
}

/// The geometry that every flow must have.
fn assert_sound(layout: &Layout) {
    for (i, a) in layout.boxes.iter().enumerate() {
        assert!(a.x >= 0.0 && a.y >= 0.0, "outside: {a:?}");
        assert!(a.x + a.width <= layout.width + 1e-6, "outside: {a:?}");
        assert!(a.y + a.height <= layout.height + 1e-6, "outside: {a:?}");
        for b in &layout.boxes[i + 1..] {
            assert!(!overlap(a, b), "overlap: {a:?} and {b:?}");
        }
        assert_text_inside(layout, a);
    }
    for connector in &layout.connectors {
        let start = connector.points.first().unwrap();
        let tip = connector.points.last().unwrap();
        assert!(on_edge(*start, &layout.boxes[connector.from]));
        assert!(on_edge(*tip, &layout.boxes[connector.to]));
        for pair in connector.points.windows(2) {
            assert_passes_no_box(layout, pair[0], pair[1]);
        }
    }
    assert_stages_aligned(layout);
}

fn assert_text_inside(layout: &Layout, placed: &PlacedBox) {
    for (i, text) in placed.texts.iter().enumerate() {
        let (left, right) = text.extent();
        let measured = METRICS.width(&text.runs, layout.size);
        assert!((measured - (right - left)).abs() < 1e-6);
        let top = text.at.y - METRICS.ascent(layout.size);
        let bottom = text.at.y + METRICS.descent(layout.size);
        assert!(
            left >= placed.x && right <= placed.x + placed.width,
            "{text:?} in {placed:?}"
        );
        assert!(
            top >= placed.y && bottom <= placed.y + placed.height,
            "{text:?} in {placed:?}"
        );
        for other in &placed.texts[i + 1..] {
            let (other_left, other_right) = other.extent();
            let beside = right <= other_left + 1e-6 || other_right <= left + 1e-6;
            let line = METRICS.ascent(layout.size) + METRICS.descent(layout.size);
            let below = (other.at.y - text.at.y).abs() >= line - 1e-6;
            assert!(beside || below, "{text:?} over {other:?}");
        }
    }
}

fn assert_passes_no_box(layout: &Layout, from: Point, to: Point) {
    let line = PlacedBox {
        kind: BoxKind::Trunk,
        x: from.x.min(to.x),
        y: from.y.min(to.y),
        width: (from.x - to.x).abs(),
        height: (from.y - to.y).abs(),
        texts: vec![],
    };
    for placed in &layout.boxes {
        let inner = PlacedBox {
            x: placed.x + 1e-6,
            y: placed.y + 1e-6,
            width: placed.width - 2e-6,
            height: placed.height - 2e-6,
            ..placed.clone()
        };
        assert!(!overlap(&line, &inner), "an arrow crosses {placed:?}");
    }
}

fn assert_stages_aligned(layout: &Layout) {
    let arms = layout.boxes.iter().filter_map(|b| match b.kind {
        BoxKind::Arm { stage, .. } => Some((stage, b.y)),
        _ => None,
    });
    let mut tops = std::collections::BTreeMap::new();
    for (stage, y) in arms {
        assert_eq!(*tops.entry(stage).or_insert(y), y, "stage {stage}");
    }
}

/// Words of a label: ordinary ones, one that is longer than any box, and signs from everywhere.
fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Za-z]{1,12}( [a-z\\-/]{1,14}){0,12}",
        1 => "[a-z]{1,8} [a-z]{60,190}",
        1 => "\\PC{1,80}",
        1 => ".{1,40}",
    ]
}

fn flow_count() -> impl Strategy<Value = (String, u32, Vec<(String, u32)>)> {
    let n = prop_oneof![0_u32..200, 0_u32..2_000_000_000];
    let reasons = prop::collection::vec((label(), 0_u32..100_000), 0..=12);
    (label(), n, reasons)
}

type Lines = Vec<(String, u32, Vec<(String, u32)>)>;

fn random_flow() -> impl Strategy<Value = (Vec<(Lines, bool)>, Vec<Vec<Lines>>, bool)> {
    let lines = || prop::collection::vec(flow_count(), 0..=3);
    let trunk = prop::collection::vec((lines(), any::<bool>()), 0..=3);
    let arms = (2_usize..=5)
        .prop_flat_map(move |k| prop::collection::vec(prop::collection::vec(lines(), 3), k));
    (trunk, arms, any::<bool>())
}

fn build(trunk: &[(Lines, bool)], arms: &[Vec<Lines>]) -> (FlowDiagram, PlainNumbers) {
    let mut c = Counter::default();
    let mut counted = |lines: &Lines| -> Vec<FlowCount> {
        lines
            .iter()
            .map(|(text, n, reasons)| {
                let reasons: Vec<(u32, &str)> =
                    reasons.iter().map(|(t, n)| (*n, t.as_str())).collect();
                c.count(*n, text, &reasons)
            })
            .collect()
    };
    let trunk = trunk
        .iter()
        .map(|(lines, side)| {
            let lines = counted(lines);
            FlowBox {
                excluded: side.then(|| lines.last().cloned()).flatten(),
                lines,
            }
        })
        .collect();
    let arms = arms
        .iter()
        .map(|stages| Arm {
            name: "Arm".to_owned(),
            stages: stages
                .iter()
                .map(|lines| ArmStage {
                    lines: counted(lines),
                })
                .collect(),
        })
        .collect();
    let flow = FlowDiagram {
        trunk,
        arms,
        stages: stages(),
        trunk_stage: "Enrollment".to_owned(),
    };
    (flow, c.numbers)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn nothing_overlaps_in_any_flow((trunk, arms, first) in random_flow()) {
        let (flow, numbers) = build(&trunk, &arms);
        let theme = FigureTheme {
            counts: if first { Counts::First } else { Counts::NEquals },
            ..FigureTheme::default()
        };
        let setting = setting(&numbers, &theme);
        assert_sound(&layout(&flow, setting));
        let (scene, _) = consort(&flow, setting);
        assert_inside(&scene);
    }
}
